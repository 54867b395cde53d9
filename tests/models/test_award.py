"""What a referrer is awarded: each line can be computed again by hand, and says that its rate is a default."""

from decimal import Decimal

import pytest

from models.award import award_of, award_rules

TABLE = {
    "外资": (True, "1000", "10.00", "认定到位外资1,000.00万元×1%＝10.00万元（默认值，上限300.00万元）"),
    "内资": (False, "5000", "35.00", "认定完成投资5,000.00万元×0.7%＝35.00万元（默认值，上限300.00万元）"),
    "rounded to the cent": (False, "1.5", "0.01", "认定完成投资1.50万元×0.7%＝0.01万元（默认值，上限300.00万元）"),
    "at the cap": (True, "30000", "300.00", "认定到位外资30,000.00万元×1%＝300.00万元（默认值，上限300.00万元）"),
    "above the cap": (
        True, "30001", "300", "认定到位外资30,001.00万元×1%＝300.01万元，超过上限，取300.00万元（默认值）",
    ),
    "no rate of that day": (True, None, None, "认定到位外资没有当日汇率，未折算，奖励未计算"),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_an_award_is_one_line(case):
    foreign, base, amount, line = TABLE[case]
    found = award_of(foreign, None if base is None else Decimal(base))
    assert (found.amount, found.line) == (None if amount is None else Decimal(amount), line)


def test_every_rule_says_that_it_is_a_default():
    assert all(rule.source.startswith("默认值") for rule in award_rules().values())
