"""A clerk lays a ruler on the document: 文件 of GB/T 9704 and its seals, within one millimetre."""

from collections import defaultdict
from itertools import combinations, pairwise

import pytest

from notices.fonts import activate
from tests.notices.papers import (
    CHARACTER,
    LINE,
    MM,
    characters,
    joint,
    opened,
    rectification,
    seal_square,
    special_report,
)

WITHIN = 1.0


def printed(letter):
    activate()
    from notices.press import set_letter

    return set_letter(letter, draft=False)


@pytest.fixture(scope="module")
def paper():
    """A long document, so that there is a page of nothing but text."""
    return printed(
        special_report(number="津督报〔2026〕1号", situation="推" * 28 * 40, urgency="特急", copies=("市委办公室",))
    )


@pytest.fixture(scope="module")
def sheets(paper):
    return opened(paper.pdf)


@pytest.fixture(scope="module")
def together():
    """What three organs issue, sealed with 45 mm."""
    return printed(joint(seal_mm=45))


def said(chars, text):
    """The characters of a text that stands in one run."""
    at = "".join(char for char, *_ in chars).index(text)
    return chars[at : at + len(text)]


def red_rule(page) -> tuple[float, float, float, float]:
    [rule] = [
        each["rect"]
        for each in page.get_drawings()
        if each["fill"] and each["fill"][0] > 0.8 and each["rect"].width > 300 and each["rect"].height < 3
    ]
    return tuple(value / MM for value in rule)


def black_rules(page, x_mm: float, from_mm: float) -> list[tuple[float, float]]:
    """Top and bottom, in mm, of every black stroke across a narrow strip below a height."""
    import pymupdf

    dpi = 1200
    ink = page.get_pixmap(
        dpi=dpi, clip=pymupdf.Rect(x_mm * MM, from_mm * MM, (x_mm + 0.1) * MM, 270 * MM), colorspace="gray"
    )
    dark = [y for y in range(ink.height) if ink.samples[y * ink.stride] < 128]
    starts = [y for y in dark if y - 1 not in dark]
    ends = [next(y for y in range(start, ink.height + 1) if y not in dark) for start in starts]
    return [(from_mm + a * 25.4 / dpi, from_mm + b * 25.4 / dpi) for a, b in zip(starts, ends, strict=True)]


def test_the_corner_stands_at_the_upper_left_line_by_line(together):
    page = opened(together.pdf)[0]
    chars = characters(page)
    for place, text in enumerate(("000012", "机密★1年", "特急")):
        first = said(chars, text)[0]
        assert (first[1], first[2]) == (pytest.approx(28, abs=WITHIN), pytest.approx(37 + place * LINE, abs=WITHIN))


def test_the_mark_stands_35_millimetres_below_the_text_block_and_is_centred(sheets):
    mark = said(characters(sheets[0]), "市合作交流办文件")
    assert mark[0][2] == pytest.approx(37 + 35, abs=WITHIN)
    assert (mark[0][1] + mark[-1][1] + mark[-1][3]) / 2 == pytest.approx(28 + 156 / 2, abs=WITHIN)
    assert mark[0][3] <= 22


def test_number_and_signer_stand_two_lines_below_the_mark_and_one_character_in(sheets):
    chars = characters(sheets[0])
    mark, number, signer = (
        said(chars, "市合作交流办文件"),
        said(chars, "津督报〔2026〕1号"),
        said(chars, "签发人：周明远"),
    )
    assert number[0][2] - (mark[0][2] + mark[0][3]) == pytest.approx(2 * LINE, abs=WITHIN)
    assert number[0][1] == pytest.approx(28 + CHARACTER, abs=WITHIN)
    assert signer[-1][1] + signer[-1][3] == pytest.approx(184 - CHARACTER, abs=WITHIN)
    assert signer[0][2] == pytest.approx(number[0][2], abs=0.1)


def test_the_red_rule_is_as_long_as_the_lines_and_4_millimetres_below_the_number(sheets):
    left, top, right, _ = red_rule(sheets[0])
    number = said(characters(sheets[0]), "津督报〔2026〕1号")[0]
    assert (left, right) == (pytest.approx(28, abs=0.2), pytest.approx(184, abs=0.2))
    assert top - (number[2] + number[3]) == pytest.approx(4, abs=WITHIN)


def test_the_title_stands_two_lines_below_the_rule_and_who_it_is_for_one_below_the_title(sheets):
    chars, (*_, rule_bottom) = characters(sheets[0]), red_rule(sheets[0])
    title = [char for char in chars if char[3] == pytest.approx(7.761, abs=0.05)]
    assert title[0][2] - rule_bottom == pytest.approx(2 * LINE, abs=WITHIN)
    to = said(chars, "市政府主要领导：")[0]
    assert to[1] == pytest.approx(28, abs=WITHIN)
    assert to[2] - (title[-1][2] + title[-1][3]) == pytest.approx(LINE + 2 * 2.44, abs=WITHIN)


def test_a_full_page_has_22_lines_of_28_characters(sheets):
    lines = defaultdict(list)
    for char, left, top, size in characters(sheets[1]):
        if top < 262 and char == "推":
            lines[round(top, 1)].append((left, size))
    tops = sorted(lines)
    assert len(tops) == 22
    assert tops[0] == pytest.approx(37, abs=WITHIN)
    assert tops[-1] + CHARACTER == pytest.approx(262, abs=WITHIN)
    assert all(b - a == pytest.approx(LINE, abs=0.15) for a, b in pairwise(tops))
    assert {len(line) for line in lines.values()} == {28}


@pytest.mark.parametrize("place", [0, 1])
def test_pages_are_numbered_from_the_first_at_the_outer_edge(sheets, place):
    number = [char for char in characters(sheets[place]) if char[2] > 262 and char[0] != " "]
    assert "".join(char[0] for char in number) == f"—{place + 1}—"
    assert number[0][2] + number[0][3] / 2 == pytest.approx(262 + 7, abs=WITHIN)
    if place % 2:
        assert number[0][1] == pytest.approx(28 + CHARACTER, abs=WITHIN)
    else:
        assert number[-1][1] + number[-1][3] == pytest.approx(184 - CHARACTER, abs=WITHIN)


def test_the_colophon_ends_on_the_last_line_of_the_last_page_between_its_rules(together):
    page = opened(together.pdf)[-1]
    rules = black_rules(page, 100, 225)
    rules = [rule for rule in rules if rule[1] - rule[0] > 0.2 and rule[0] > 230]
    thick = [bottom - top for top, bottom in (rules[0], rules[-1])]
    assert rules[-1][1] == pytest.approx(262, abs=0.3)
    assert thick == [pytest.approx(0.35, abs=0.06)] * 2
    chars = characters(page)
    copied, by = said(chars, "抄送：")[0], said(chars, "市合作交流办综合处")[0]
    assert copied[1] == by[1] == pytest.approx(28 + 4.94, abs=WITHIN), "one 4号 character in"
    on = said(chars, "2026年11月25日印发")[-1]
    assert on[1] + on[3] == pytest.approx(184 - 4.94, abs=WITHIN)
    assert rules[0][1] < copied[2] < by[2] < rules[-1][0]


def test_a_seal_stands_over_its_organ_and_begins_within_a_line_of_the_text(paper):
    [place] = paper.seals
    page = opened(paper.pdf)[place.page]
    chars = characters(page)
    date = said(chars, "2026年11月24日")
    organ = [char for char in chars if char[2] == pytest.approx(date[0][2] - LINE, abs=0.2)]
    left, top, right, bottom = seal_square(place)
    for run in (date, organ):
        assert (run[0][1] + run[-1][1] + run[-1][3]) / 2 == pytest.approx((left + right) / 2, abs=WITHIN)
    block = (organ[0][2] + date[0][2] + CHARACTER) / 2
    assert block - (top + bottom) / 2 == pytest.approx(8, abs=WITHIN), "organ and date stand a little below its middle"
    assert top < organ[0][2]
    assert date[0][2] + CHARACTER < bottom, "the seal covers both"
    last = said(chars, "专此报告。")[0]
    assert 0 <= top - (last[2] + CHARACTER) <= LINE


def test_seals_of_three_organs_stand_on_their_names_and_none_touches_another(together):
    assert len(together.seals) == 3
    chars = characters(opened(together.pdf)[together.seals[0].page])
    squares = [seal_square(place, 45) for place in together.seals]
    for (left, top, right, bottom), organ in zip(
        squares, ("市合作交流办", "市发展和改革委员会", "市财政局"), strict=True
    ):
        name = said(chars, organ)
        assert (name[0][1] + name[-1][1] + name[-1][3]) / 2 == pytest.approx((left + right) / 2, abs=WITHIN)
        assert top < name[0][2] < bottom
        assert left >= 28
        assert right <= 184
    for one, other in combinations(squares, 2):
        assert ((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5 > 45
    date = said(chars, "2026年11月24日")[0]
    assert squares[-1][1] < date[2] < squares[-1][3] - CHARACTER
    said_above = said(chars, "同时作废，以本件为准。")[0]
    assert 0 <= squares[0][1] - (said_above[2] + CHARACTER) <= LINE


@pytest.mark.parametrize("across", [42, 45])
def test_a_drawn_circle_fills_the_place_of_the_seal(across):
    made = printed(rectification(demo=True, seal_mm=across))
    [place] = made.seals
    page = opened(made.pdf)[place.page]
    left, top, right, bottom = seal_square(place, across)
    [circle] = [each["rect"] for each in page.get_drawings() if each["type"] == "s" and each["rect"].width > 100]
    assert (circle.x0 / MM, circle.y0 / MM) == (pytest.approx(left, abs=WITHIN), pytest.approx(top, abs=WITHIN))
    assert (circle.x1 / MM, circle.y1 / MM) == (pytest.approx(right, abs=WITHIN), pytest.approx(bottom, abs=WITHIN))
