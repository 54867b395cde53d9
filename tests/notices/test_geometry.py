"""A clerk lays a ruler on the letter: 信函格式 of GB/T 9704, within one millimetre."""

import shutil
from collections import defaultdict
from itertools import pairwise

import pytest

from notices.fonts import folder
from notices.pool import RenderPool
from notices.render import render
from tests.notices.papers import CHARACTER, LINE, characters, long_letter, opened, rectification, red_rules, supervision

WITHIN = 1.0


@pytest.fixture(scope="module")
def sheets():
    return opened(render(long_letter()))


def test_the_paper_is_a4(sheets):
    assert (sheets[0].rect.width / 72 * 25.4, sheets[0].rect.height / 72 * 25.4) == pytest.approx((210, 297), abs=0.1)


def test_the_name_of_the_organ_stands_thirty_millimetres_from_the_top(sheets):
    letters = characters(sheets[0])[:6]
    assert "".join(char for char, *_ in letters) == "市合作交流办"
    assert min(top for _, _, top, _ in letters) == pytest.approx(30, abs=WITHIN)
    left, right = letters[0][1], letters[-1][1] + letters[-1][3]
    assert (left + right) / 2 == pytest.approx(105, abs=WITHIN)


def test_double_rules_of_170_millimetres_stand_under_the_name_and_20_from_the_foot(sheets):
    rules = red_rules(sheets[0])
    assert len(rules) == 4
    for left, _, right, _ in rules:
        assert (left, right) == (pytest.approx(20, abs=WITHIN), pytest.approx(190, abs=WITHIN))
        assert right - left == pytest.approx(170, abs=0.2)
    name_bottom = 30 + characters(sheets[0])[0][3]
    assert rules[0][1] - name_bottom == pytest.approx(4, abs=WITHIN)
    assert rules[3][3] == pytest.approx(277, abs=WITHIN)
    thick = [bottom - top for _, top, _, bottom in rules]
    assert thick[0] > 2 * thick[1], "上粗下细"
    assert thick[3] > 2 * thick[2], "上细下粗"


def test_only_the_first_page_has_rules_and_only_the_others_have_numbers(sheets):
    assert not red_rules(sheets[1])
    assert "— 1 —" not in sheets[0].get_text()
    number = [char for char in characters(sheets[1]) if char[2] > 262]
    assert "".join(char for char, *_ in number).strip() == "— 2 —"
    assert number[0][1] == pytest.approx(28 + CHARACTER, abs=WITHIN), "even pages: left, one character in"
    em_middle = number[0][2] + number[0][3] / 2
    assert em_middle == pytest.approx(262 + 7, abs=WITHIN), "the dash stands 7 mm under the text block"


def test_the_second_page_holds_22_lines_of_28_characters(sheets):
    lines = defaultdict(list)
    for char, left, top, size in characters(sheets[1]):
        if top < 262 and char == "推":
            lines[round(top, 1)].append((left, size))
    tops = sorted(lines)
    assert len(tops) == 22
    assert tops[0] == pytest.approx(37, abs=WITHIN)
    assert tops[-1] + CHARACTER == pytest.approx(262, abs=WITHIN)
    assert all(b - a == pytest.approx(LINE, abs=0.15) for a, b in pairwise(tops))
    for line in lines.values():
        assert len(line) == 28
        assert line[0][0] == pytest.approx(28, abs=0.3)
        assert line[-1][0] + line[-1][1] == pytest.approx(184, abs=0.3)


def test_mixed_lines_fill_the_measure_too():
    page = opened(render(rectification()))[0]
    lines = defaultdict(list)
    for char, left, top, size in characters(page):
        if abs(size - CHARACTER) < 0.1:
            lines[round(top, 1)].append((char, left))
    opening = next(line for line in lines.values() if "".join(c for c, _ in line).startswith("经检查"))
    last_char, last_left = opening[-1]
    assert last_left + CHARACTER == pytest.approx(184, abs=0.3), last_char


def test_no_line_begins_with_a_closing_mark():
    text = "\n".join(page.get_text() for page in opened(render(rectification())))
    assert not [line for line in text.splitlines() if line and line[0] in "，。、；：？！）》”"]


def test_the_seal_has_its_place_and_the_date_ends_four_characters_from_the_right():
    signed = next(page for page in opened(render(rectification())) if "签发：" in page.get_text())
    dates = [char for char in characters(signed) if char[0] == "日" and char[1] > 150]
    assert dates[-1][1] + dates[-1][3] == pytest.approx(184 - 4 * CHARACTER, abs=WITHIN)


def test_faces_carried_elsewhere_set_the_same_page(tmp_path, monkeypatch):
    shutil.copytree(folder(), tmp_path / "fonts")
    pool = RenderPool(1)
    here = pool.render(supervision())
    pool.close()
    monkeypatch.setenv("DUBAN_FONT_DIR", str(tmp_path / "fonts"))
    assert pool.render(supervision()) == here
    pool.close()
