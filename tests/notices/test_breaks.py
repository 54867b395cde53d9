"""However long the text, its signature never stands alone on a page, in either form, nor far below the text."""

import pytest

from notices.fonts import activate
from notices.letters import Section
from tests.notices.papers import (
    CHARACTER,
    LINE,
    characters,
    commendation,
    letter,
    opened,
    seal_square,
    special_report,
)

LINES = range(1, 47)


def as_letter(lines: int):
    return letter(body="动" * 26 + "动" * 28 * (lines - 1))


def as_document(lines: int):
    return special_report(suggestion="动" * 26 + "动" * 28 * (lines - 1), copies=("市委办公室",), printed_by="综合处")


def as_sections(lines: int):
    section = Section(heading="先进区", text="动" * 26 + "动" * 28 * (lines - 1))
    return commendation(sections=(section,), notes=(), copies=("市委办公室",), printed_by="综合处")


@pytest.mark.parametrize("paper", [as_letter, as_document, as_sections])
def test_text_of_1_to_46_lines_never_leaves_the_signature_alone(paper):
    activate()
    from notices.press import set_letter

    for lines in LINES:
        printed = set_letter(paper(lines), draft=False)
        [place] = printed.seals
        top = seal_square(place)[1]
        pages = opened(printed.pdf)
        chars = [char for char in characters(pages[place.page]) if char[3] == pytest.approx(CHARACTER, abs=0.1)]
        assert any(char[0] == "动" for char in chars), (
            f"{lines} lines: only a closing sentence stands with the signature"
        )
        date = next(y for char, x, y, _ in chars if char == "日" and x > 130 and y > top)
        above = max(y for _, _, y, _ in chars if y < top)
        assert -0.2 <= top - (above + CHARACTER) <= LINE, lines
        assert date + CHARACTER <= 272, lines
        assert place.page == len(pages) - 1
