"""Numbers in addresses and forms, no longer than a key of the database can be."""

from werkzeug.routing import IntegerConverter

from models.refusal import Invalid
from models.texts import N_

LONGEST = 18  # digits; what is longer is no number of anything here, and SQLite could not even compare it


class KeyConverter(IntegerConverter):
    """`<int:…>` of every route: an address with a longer number simply is not there."""

    regex = rf"\d{{1,{LONGEST}}}"


def number(text: str) -> int:
    """A whole number; raises ValueError, so that `args.get(name, type=number)` gives its default for anything else."""
    if not text.isdecimal() or len(text) > LONGEST:
        raise ValueError(text)
    return int(text)


def chosen(text: str, field: str) -> int:
    """The number a select of a form gave; raises Invalid at its field when nothing was chosen."""
    try:
        return number(text)
    except ValueError as error:
        raise Invalid(N_("填写有误"), fields={field: N_("请填写此项。")}) from error
