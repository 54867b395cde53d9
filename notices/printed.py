"""What comes off the press: the pages, and where on them each seal belongs."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class SealPlace:
    """署名 and 成文日期 of one organ on a page (counted from 0): the box its seal is centred on, mm from the upper left."""

    page: int
    left_mm: float
    top_mm: float
    width_mm: float
    height_mm: float


@dataclass(frozen=True)
class Printed:
    """A letter on paper: the PDF, and the places of its seals in the order of its signing organs."""

    pdf: bytes
    seals: tuple[SealPlace, ...] = ()


def packed(printed: Printed) -> bytes:
    """The printed letter as one run of bytes, to cross a pipe."""
    head = json.dumps([asdict(place) for place in printed.seals]).encode()
    return len(head).to_bytes(4, "big") + head + printed.pdf


def unpacked(content: bytes) -> Printed:
    """What was packed."""
    end = 4 + int.from_bytes(content[:4], "big")
    return Printed(content[end:], tuple(SealPlace(**place) for place in json.loads(content[4:end])))
