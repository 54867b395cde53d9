"""Who is called to a talk: a table of standings, each with the reasons and footnotes the rule must give."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from models.admonition import Judged, talk_list


@dataclass(frozen=True)
class Row:
    """A standing in figures: 内资 done of target in 万元, 外资 done of target in 万美元, combined score."""

    organ_id: int
    domestic_done: Decimal | None
    domestic_target: Decimal | None
    foreign_done: Decimal | None
    foreign_target: Decimal | None
    combined: Decimal | None


def row(organ_id, domestic, foreign, combined):
    """`domestic` and `foreign` as "done/target", "-" for what is not there."""
    figures = [None if text == "-" else Decimal(text) for pair in (domestic, foreign) for text in pair.split("/")]
    return Row(organ_id, *figures, None if combined == "-" else Decimal(combined))


def best(*organ_ids):
    """Others that reached everything, so that the last three are not in question."""
    return [row(each, "100/100", "10/10", f"9{each % 10}") for each in organ_ids]


def judged(one, *others):
    return next(each for each in talk_list([one, *others]) if each.organ_id == one.organ_id)


LAST = [row(7, "100/100", "10/10", "1"), row(8, "100/100", "10/10", "2"), row(9, "100/100", "10/10", "3")]
TABLE = {
    "both reached": (row(1, "100000/100000", "10/10", "95"), (), ()),
    "内资 missed": (
        row(1, "80000/100000", "10/10", "95"),
        ("内资完成80,000.00万元，为目标100,000.00万元的80.0%，少20,000.00万元",),
        (),
    ),
    "外资 missed": (
        row(1, "100/100", "1199.99/1200", "95"),
        ("外资完成1,199.99万美元，为目标1,200.00万美元的100.0%，少0.01万美元",),
        (),
    ),
    "nothing done": (row(1, "0/100", "10/10", "95"), ("内资完成0.00万元，为目标100.00万元的0.0%，少100.00万元",), ()),
    "withdrawn below a target of none": (
        row(1, "-5/0", "10/10", "95"),
        ("内资完成-5.00万元，为目标0.00万元，少5.00万元",),
        (),
    ),
    "a target of 0 is reached by 0": (row(1, "0/0", "10/10", "95"), (), ()),
    "no target is no missed target": (row(1, "80/-", "10/10", "95"), (), ("没有下达内资目标，不作为约谈事由",)),
    "an unknown figure is not judged": (row(1, "100/100", "-/10", "95"), (), ("外资完成数没有认定，未与目标比较",)),
    "no score, no place": (row(1, "100/100", "10/10", "-"), (), ("没有内外资综合得分，不参加综合排名",)),
}


@pytest.mark.parametrize("case", TABLE)
def test_a_missed_target_calls_and_a_missing_one_does_not(case):
    one, reasons, notes = TABLE[case]
    assert judged(one, *best(2, 3), *LAST) == Judged(1, reasons, notes)


def test_the_last_three_of_the_combined_score_are_called_with_their_place():
    called = [each for each in talk_list([*best(1, 2, 3), *LAST]) if each.called]
    assert [each.organ_id for each in called] == [7, 8, 9]
    assert called[0].reasons == ("内外资综合得分1.00分，列第6位，为后三位",)


def test_a_tie_on_the_boundary_takes_all_in():
    """9, 9, 11: two lower, and two that tie for the third place from below."""
    tied = [row(1, "100/100", "10/10", "60"), row(2, "100/100", "10/10", "60")]
    low = [row(3, "100/100", "10/10", "50"), row(4, "100/100", "10/10", "40")]
    called = {each.organ_id: each.reasons for each in talk_list([*best(5, 6), *tied, *low]) if each.called}
    assert called.keys() == {1, 2, 3, 4}
    assert called[1] == called[2] == ("内外资综合得分60.00分，列第3位，为后三位",)


def test_who_missed_both_and_is_last_has_three_reasons():
    assert len(judged(row(1, "1/2", "1/2", "0"), *best(2, 3, 4)).reasons) == 3
