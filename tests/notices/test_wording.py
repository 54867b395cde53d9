"""Half-width habits become full-width print; titles break where a reader would."""

from itertools import pairwise

import pytest

from notices.wording import BREAK_HERE, numeral, paragraphs, sentence, title_lines, zh


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("项目:已签约,未注册", "项目：已签约，未注册"),
        ("投资3,000万元(其中外资50%)", "投资3,000万元（其中外资50%）"),
        ("上午9:30开会", "上午9:30开会"),
        ("第2期(2026)已开工", "第2期（2026）已开工"),
        ("ABC (plan B), see note", "ABC (plan B), see note"),
        ('称"已开工".', "称“已开工”。"),
        ("已开工.未投产", "已开工。未投产"),
        ("项 目 名 称", "项目名称"),
        ("零宽\u200b\u202e控制\x07符", "零宽控制符"),
    ],
)
def test_marks_beside_chinese_become_full_width(typed, printed):
    assert zh(typed) == printed


def test_a_long_code_may_break_after_its_hyphens_and_a_short_one_stays_whole():
    assert zh("编号ZJ-2026-0412-011-A").split(BREAK_HERE) == ["编号ZJ-", "2026-", "0412-", "011-", "A"]
    assert zh("编号TJ-2025-0137,电话022-12345678") == "编号TJ-2025-0137，电话022-12345678"


@pytest.mark.parametrize(("number", "said"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (21, "二十一")])
def test_numbers_of_headings(number, said):
    assert numeral(number) == said


def test_sentences_are_closed_once():
    assert [sentence("完"), sentence("完。"), sentence("完；"), sentence("")] == ["完。", "完。", "完；", ""]
    assert paragraphs("一\n\n 二 \n") == ["一", "二"]


def test_a_short_title_is_one_line():
    assert title_lines(("关于", "海河实验室", "的提醒函")) == ["关于海河实验室的提醒函"]


def test_a_long_title_takes_a_shape_and_breaks_between_words():
    lines = title_lines(("关于", "天津经济技术开发区氢能重型卡车整车制造及核心零部件产业园一期项目", "的整改通知书"))
    assert all(len(line) <= 20 for line in lines)
    widths = [len(line) for line in lines]
    assert widths in (sorted(widths), sorted(widths, reverse=True)) or max(widths) == widths[1]
    assert not any(a[-1] + b[0] in {"制造", "项目", "整车", "开发"} for a, b in pairwise(lines))
    assert not any(line.startswith(("的", "，", "）")) for line in lines)


def test_nothing_of_a_title_is_lost_however_long():
    for length in (1, 19, 41, 66, 100):
        parts = ("关于", "甲" * length, "的整改通知书")
        assert "".join(title_lines(parts)) == "".join(parts)
        assert max(map(len, title_lines(parts))) <= 20
