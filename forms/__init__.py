"""What is asked: JSON Schema files and the one reader of answers."""
