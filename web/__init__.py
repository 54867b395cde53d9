"""A person as a door: Flask pages and the JSON API."""
