"""Values as people write them in a ledger, and the words in which a wrong one is explained."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from models.ledger import contradictions, field_of_key, ledger_fields, missing_fields
from models.ledger_value import READERS, extra_value, read_value
from models.saying import Saying
from models.stage import reached, stages

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("raw", "unit", "wan"),
    [
        ("3.2", "亿元", "32000"),
        ("3.2亿", "万元", "32000"),
        ("３．２亿元", "", "32000"),
        ("32,000万元", "亿元", "32000"),
        ("人民币3.2亿元", "", "32000"),
        (3.2, "亿元", "32000"),
        (0.1 + 0.2, "亿元", "3000"),  # noise of a spreadsheet
        (26.45, "亿元", "264500"),
        (32000, "万元", "32000"),
        ("1234567.89元", "", "123.456789"),
        (Decimal(500), "万元", "500"),
    ],
)
def test_amounts_in_every_usual_spelling(raw: object, unit: str, wan: str) -> None:
    assert read_value(field_of_key("total_investment_yi"), raw, TODAY, unit=unit) == Decimal(wan)


@pytest.mark.parametrize(
    ("raw", "unit", "says"),
    [
        ("3.2", "", "没有写明单位"),
        ("32000", "亿元", "疑似把万元填成了亿元"),
        ("32000亿", "", "疑似把万元填成了亿元"),
        ("3.2", "万元", "疑似把亿元填成了万元"),
        ("约3.2亿元", "亿元", "确定的数字"),
        ("3-5亿", "亿元", "确定的数字"),
        ("500万美元", "万元", "外币"),
        ("-3", "亿元", "不能是负数"),
        ("3.2亿元 ", "亿元", None),
        ("=B2*2", "亿元", "公式"),
        (True, "亿元", "数字"),
        ("1234567.891元", "", "精确到分"),
        ("nan", "亿元", "确定的数字"),
        ("1e5", "亿元", "确定的数字"),
    ],
)
def test_amounts_that_nobody_can_be_sure_of(raw: object, unit: str, says: str | None) -> None:
    if says is None:
        assert read_value(field_of_key("total_investment_yi"), raw, TODAY, unit=unit) == Decimal(32000)
        return
    with pytest.raises(Saying) as refused:
        read_value(field_of_key("total_investment_yi"), raw, TODAY, unit=unit)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "raw",
    ["2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "20260301", "２０２６年３月１日", 46082, 46082.0, "46082",
     date(2026, 3, 1), datetime(2026, 3, 1, 8), "2026-03-01 00:00:00"],  # noqa: DTZ001
)  # fmt: skip
def test_days_in_every_usual_spelling(raw: object) -> None:
    assert read_value(field_of_key("signed_on"), raw, TODAY) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("key", "raw", "says"),
    [
        ("signed_on", "2026.13.1", "2026.13.1"),
        ("signed_on", "2026-02-30", "2026-02-30"),
        ("signed_on", "2026年3月", "写到日"),
        ("signed_on", "明年", "写到日"),
        ("signed_on", "2026-11-25", "不能晚于今天"),
        ("actual_start_on", date(2027, 1, 1), "不能晚于今天"),
        ("plan_start_on", "1926-01-01", "1926"),
        ("permit_extensions", "3", "最大为2"),
        ("jobs", "很多", "整数"),
        ("capital_nature", "合资", "内资、外资"),
        ("chain_id", "量子", "没有“量子”"),
        ("stage", "重点推进(stage not stated)", "未能识别阶段"),
        ("stage", "不开工", "未能识别阶段"),
        ("industry_code", "制造业", "行业代码"),
        ("name", "长" * 101, "最多100个字"),
        ("milestones", "x", "不能直接填写"),
        ("investor_uscc", 9.131000012345678e19, "科学记数法"),
    ],
)
def test_values_that_cannot_be(key: str, raw: object, says: str) -> None:
    with pytest.raises(Saying) as refused:
        read_value(field_of_key(key), raw, TODAY)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("key", "raw", "value"),
    [
        ("plan_start_on", "2027-01-01", date(2027, 1, 1)),
        ("capital_nature", "外资 ", "外资"),
        ("agreement_kind", "框架协议", "框架"),
        ("start_kind", "建安", "建安类"),
        ("stage", "开工(2022-09)", "start"),
        ("stage", "建设/计划加快建设", "build"),
        ("stage", "建设→2026Q1 计划投产; 2024年底开工", "build"),
        ("stage", "在建", "build"),
        ("stage", "produce", "produce"),
        ("chain_id", "信息技术应用创新（信创）", "信创"),
        ("chain_id", "生物医药产业链", "生物医药"),
        ("industry_code", "c3670", "C3670"),
        ("jobs", "1,200人", 1200),
        ("name", " 氢能\n产业园 ", "氢能 产业园"),
        ("published_year", 2022.0, "2022"),
        ("signed_on", "  ", None),
    ],
)
def test_values_read_as_the_house_keeps_them(key: str, raw: object, value: object) -> None:
    assert read_value(field_of_key(key), raw, TODAY) == value


def test_extras_keep_amounts_in_the_unit_their_key_names() -> None:
    field = field_of_key("exp_output_yi")
    assert extra_value(field, read_value(field, "12.5", TODAY)) == "12.5"
    assert read_value(field, extra_value(field, Decimal(125000)), TODAY) == Decimal(125000)


def test_each_stage_needs_what_the_stage_before_gathers() -> None:
    assert [field.key for field in missing_fields({})] == [
        "name",
        "district_code",
        "stage",
        "capital_nature",
        "source_region",
        "investor_name",
        "total_investment_yi",
    ]
    foreign = {field.key for field in missing_fields({"stage": "reserve", "capital_nature": "外资"})}
    domestic = {field.key for field in missing_fields({"stage": "reserve", "capital_nature": "内资"})}
    assert domestic - foreign == {"investor_uscc"}
    growing = [len(missing_fields({"stage": stage.code})) for stage in stages()]
    assert growing == sorted(growing) and growing[0] < growing[1] < growing[2]
    assert "fai_code" in {field.key for field in missing_fields({"stage": "approve"})}
    assert "fai_code" not in {field.key for field in missing_fields({"stage": "sign"})}


def test_stages_stand_in_their_order() -> None:
    assert [each.code for each in stages()] == ["reserve", "sign", "approve", "start", "build", "produce"]
    assert reached("start", "approve") and not reached("sign", "approve") and reached(None, "reserve")
    assert all(each.entry and each.exit and each.evidence and each.lead and each.name_en for each in stages())


def test_every_field_has_a_reader_or_is_kept_elsewhere() -> None:
    elsewhere = {"number", "organ", "officer", "table", "derived"}
    assert {field.type for field in ledger_fields()} == set(READERS) | elsewhere
    assert len({field.name for field in ledger_fields()}) == len(ledger_fields())
    assert all(field.name_en for field in ledger_fields())


def test_contradictions_are_named_where_they_show() -> None:
    values = {
        "fixed_asset": Decimal(5),
        "total_investment": Decimal(4),
        "actual_start_on": date(2026, 5, 1),
        "produced_on": date(2026, 4, 1),
    }
    assert set(contradictions(values)) == {"fixed_asset", "produced_on"}
    assert contradictions({"fixed_asset": Decimal(4), "total_investment": Decimal(4)}) == {}
