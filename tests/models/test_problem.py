"""A problem as the papers tell it."""

from models.problem import LONGEST_TOLD, shortened, told


def test_the_rule_stays_whole_and_what_is_left_out_of_a_long_fact_shows():
    said = told("开工日期没有佐证。" * 40, "季检查表B2（默认值）")
    assert len(said) == LONGEST_TOLD
    assert said.endswith("…。依据：季检查表B2（默认值）")


def test_what_fits_is_told_as_it_is():
    assert told("没有凭证。", "季检查表B2") == "没有凭证。依据：季检查表B2"
    assert shortened("补齐凭证。") == "补齐凭证。"
    assert shortened("字" * 301) == "字" * 299 + "…"
