"""An operator as a door: commands of flask --app app."""
