"""One file a screen: its routes turn questions into views and posts into commands; found by discovery."""
