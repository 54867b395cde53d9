"""Numbers as people type them: read exactly or not at all, so that no separator in a wrong place becomes another amount."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation

GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


def typed_number(text: object) -> Decimal | None:
    """The finite number a field holds, full-width digits and thousands separators understood; None for what is none.

    A comma that parts no thousands is refused: 7,12 means seven to one hand and seven hundred and twelve to another.
    """
    plain = unicodedata.normalize("NFKC", str(text)).strip()
    if "," in plain and not GROUPED.fullmatch(plain):
        return None
    try:
        number = Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
