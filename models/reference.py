"""Reads the reference tables of data/ once; they are facts with sources, edited as files and never by the program."""

import csv
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "data"


@lru_cache
def reference_rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of data/<name>.csv in file order, every cell as text without surrounding blanks."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple({key: (cell or "").strip() for key, cell in row.items()} for row in csv.DictReader(file))
