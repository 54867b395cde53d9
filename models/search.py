"""Search in Chinese: one normalised column, and every word of a query must stand somewhere in it.

A substring is exact for one, two or more characters alike, where an index of character pairs is not; scanning the
column of 100,000 projects took 40 to 100 ms on either database, inside the target of 300 ms, so no index is kept.
"""

import unicodedata

from sqlalchemy import ColumnElement, and_, func, literal, true
from sqlalchemy.orm import InstrumentedAttribute, Session

LONGEST_QUERY = 100  # characters
MOST_WORDS = 8


def search_text(*parts: str | None) -> str:
    """What is kept to be searched: half-width, lower case, single blanks; parts on lines of their own."""
    return "\n".join(_normal(part) for part in parts if part)


def query_words(query: str) -> list[str]:
    """The words of a typed query, normalised as the column is; blanks and Chinese commas part them."""
    parted = _normal(query[:LONGEST_QUERY]).replace("，", " ").replace("、", " ").replace(",", " ")
    return list(dict.fromkeys(parted.split()))[:MOST_WORDS]


def found_by(session: Session, column: InstrumentedAttribute[str], query: str) -> ColumnElement[bool]:
    """The condition that every word of the query stands in the column; true for an empty query."""
    # LIKE would fold case again and read % and _ of the query as signs.
    where = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
    return and_(true(), *(where(column, literal(word)) > 0 for word in query_words(query)))


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
