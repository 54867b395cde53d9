"""版记 at the foot of the last side: beside text where there is room, else on the back of a sheet; notes may break."""

from itertools import pairwise, takewhile

import pytest

from notices.fonts import activate
from notices.letters import Annex, Section
from notices.parts import Column, Table
from tests.notices.papers import CHARACTER, LINE, broad, bulletin, characters, opened

SIGNED = 10  # lines: two of a note, the closing sentence, the annex below a free line, signature and date below two


def wide(rows: int) -> Annex:
    table = broad()
    return Annex(name="逐月到位资金", table=Table(table.columns, table.rows[:1] * rows, table.caption, wide=True))


def printed(**changes):
    activate()
    from notices.press import set_letter

    return opened(set_letter(bulletin(**changes), draft=False).pdf)


def text(page) -> str:
    return page.get_text().replace("\n", "").replace(" ", "").replace("\u200b", "")


def numbered(page) -> bool:
    return f"—{page.number + 1}—" in text(page)


def short(lines: int, annex: Annex) -> dict:
    """A bulletin whose text has so many lines more than its first page holds, and one annex."""
    return {"sections": (Section(heading="情况", text="动" * 26 + "动" * 28 * (lines - 1)),), "notes": (),
            "annexes": (annex,)}  # fmt: skip


def test_after_a_broad_annex_on_a_front_the_colophon_stands_on_its_back_and_no_page_is_empty():
    pages = printed(**short(8, wide(4)))
    assert [page.rect.width > page.rect.height for page in pages] == [False, False, True, False]
    assert "综合处" in text(pages[-1])
    assert all(numbered(page) for page in pages[1:])


def test_after_a_broad_annex_on_a_back_a_sheet_follows_with_the_colophon_on_its_back_and_no_numbers():
    pages = printed(**short(8, wide(20)))
    assert [page.rect.width > page.rect.height for page in pages] == [False, False, True, True, False, False]
    assert text(pages[-2]) == ""
    assert "抄送：市政府办公厅，市统计局。" in text(pages[-1])
    assert [numbered(page) for page in pages] == [True, True, True, True, False, False]


def test_after_an_upright_annex_with_room_the_colophon_shares_its_page():
    table = broad()
    narrow = Table(tuple(Column(each.heading, 22) for each in table.columns), table.rows, table.caption)
    pages = printed(**short(8, Annex(name="到位资金", table=narrow)))
    assert len(pages) == 3
    assert {"演示项目" in text(pages[-1]), "综合处" in text(pages[-1]), numbered(pages[-1])} == {True}


@pytest.mark.parametrize("rows", range(10, 40, 3))
def test_the_colophon_alone_is_always_on_a_back(rows):
    pages = printed(**short(8, wide(rows)))
    last = text(pages[-1])
    assert "综合处" in last
    assert "演示项目" not in last
    assert len(pages) % 2 == 0
    empty = [page.number for page in pages if not text(page)]
    assert empty == ([] if numbered(pages[-1]) else [len(pages) - 2])


@pytest.mark.parametrize("notes", [("数" * 28 * 6,) * 3, ("数" * 45,) * 9, ("数" * 45,) * 6 + ("数" * 12,)])
def test_notes_break_with_two_lines_on_each_side_and_leave_only_what_the_signature_needs(notes):
    for lines in range(2, 20):
        pages = printed(**short(lines, wide(4)) | {"notes": notes})
        upright = [page for page in pages if page.rect.width < page.rect.height and text(page)][:-1]
        for page, following in pairwise(upright):
            foot = max(y for _, _, y, size in characters(page) if size == pytest.approx(CHARACTER, abs=0.1))
            kept = SIGNED if following is upright[-1] else 2  # lines that go on together
            assert foot + CHARACTER > 262 - kept * LINE - 1, f"{lines} lines: page {page.number + 1} has room left"
            assert begun(following) != 1, f"{lines} lines: a single line of a note on page {following.number + 1}"


def begun(page) -> int:
    """How many lines of a note the page begins with."""
    lines: dict[int, str] = {}
    for char, _, y, size in characters(page):
        if size == pytest.approx(CHARACTER, abs=0.1):
            lines[round(y)] = lines.get(round(y), "") + char
    return len(list(takewhile(lambda line: "数" in line, (lines[y] for y in sorted(lines)))))
