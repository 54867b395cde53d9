"""Numbers in addresses and forms, no longer than a key of the database can be."""

from werkzeug.routing import IntegerConverter

LONGEST = 18  # digits; what is longer is no number of anything here, and SQLite could not even compare it


class KeyConverter(IntegerConverter):
    """`<int:…>` of every route: an address with a longer number simply is not there."""

    regex = rf"\d{{1,{LONGEST}}}"


def number(text: str) -> int:
    """A whole number; raises ValueError, so that `args.get(name, type=number)` gives its default for anything else."""
    if not text.isdecimal() or len(text) > LONGEST:
        raise ValueError(text)
    return int(text)


def chosen(text: str) -> int:
    """The number a select of a form gave; 0, which numbers nothing, when nothing was chosen: the command says so."""
    try:
        return number(text)
    except ValueError:
        return 0
