"""Reads one value of the ledger, typed or as people write it, and says in their words what is wrong with it."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from models.codes import credit_code, project_code
from models.ledger import LedgerField, chain_names
from models.saying import Saying
from models.stage import stages
from models.texts import N_

WAN_PER = {"元": Decimal("0.0001"), "万元": Decimal(1), "亿元": Decimal(10_000)}
EARLIEST, LATEST = date(1980, 1, 1), date(2100, 12, 31)
EXCEL_FIRST = date(1899, 12, 30)  # serial 0 as spreadsheets count
EXCEL_SERIALS = range(29_221, 73_416)  # 1980-01-01 to 2100-12-31
MOST_WAN = Decimal(30_000_000)  # 3,000 亿元: no single project of the city comes near; more is 万 written as 亿
LEAST_WAN = Decimal(100)  # a key project below 1 million yuan is 亿 written as 万
LONGEST = {"name": 100, "source_region": 60, "source": 2000, "fai_code": 30}
LONGEST_TEXT = 200
INDUSTRY = re.compile(r"[A-T]?[0-9]{2,4}|[A-T]")
AMOUNT = re.compile(r"(?P<number>-?[0-9][0-9,]*(\.[0-9]+)?|-?\.[0-9]+)\s*(?P<unit>亿元?|万元?|元)?")
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(\s+0{1,2}:00(:00)?)?")
STAGE_WORDS = {"在建": "build", "建设中": "build", "已开工": "start", "已签约": "sign", "已投产": "produce"}


class WrongValue(Saying):
    """填写有误。 Says what is wrong with a value and what to write instead."""


def read_value(field: LedgerField, raw: object, today: date, *, unit: str | None = None) -> object:
    """The value as the house keeps it (money: Decimal 万元), or None for a blank; raises Saying with the reason.

    `unit` is the unit a heading states for amounts: 元, 万元 or 亿元; "" when it states none.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if isinstance(raw, str) and raw.lstrip().startswith("="):
        raise WrongValue(N_("这里是公式“%(text)s”；请在表格中复制后选择性粘贴为“值”。"), text=raw.strip()[:40])
    reader = READERS.get(field.type)
    if reader is None:
        raise WrongValue(N_("“%(name)s”不能直接填写。"), name=field.name_zh)
    return reader(field, raw, today, field.unit if unit is None else unit)


def read_text(field: LedgerField, raw: object, _today: date, _unit: str) -> str:
    """Text without control characters, blanks at its ends or line breaks."""
    text = " ".join(_plain(raw).split())
    limit = LONGEST.get(field.name, LONGEST_TEXT)
    if len(text) > limit:
        raise WrongValue(N_("最多%(limit)s个字，现为%(count)s个字；请删减。"), limit=limit, count=len(text))
    if any(unicodedata.category(each) in ("Cc", "Cs", "Co") for each in text):
        raise WrongValue(N_("含有无法显示的字符；请重新录入。"))
    return text


def read_money(_field: LedgerField, raw: object, _today: date, unit: str) -> Decimal:
    """Decimal 万元; the unit written in the cell counts before the unit of the column."""
    number, unit = _amount(raw, unit)
    wan = number * WAN_PER[unit]
    if wan < 0:
        raise WrongValue(N_("金额不能是负数，现为“%(text)s”。"), text=str(raw))
    if wan * 1_000_000 != (wan * 1_000_000).to_integral_value():
        raise WrongValue(N_("金额最多精确到分，现为“%(text)s”。"), text=str(raw))
    return wan


def read_investment(field: LedgerField, raw: object, today: date, unit: str) -> Decimal:
    """An amount of a whole project: out of all proportion means 万 and 亿 were mistaken for one another."""
    wan = read_money(field, raw, today, unit)
    if wan > MOST_WAN:
        raise WrongValue(
            N_("折合%(yi)s亿元，疑似把万元填成了亿元；请核对单位，或在数字后写明“万元”。"), yi=shown(wan / 10_000)
        )
    if 0 < wan < LEAST_WAN:
        raise WrongValue(
            N_("折合仅%(wan)s万元，疑似把亿元填成了万元；请核对单位，或在数字后写明“亿元”。"), wan=shown(wan)
        )
    return wan


def read_day(_field: LedgerField, raw: object, _today: date, _unit: str) -> date:
    """A day in any of the usual spellings, or as a spreadsheet counts days."""
    day = _day(raw)
    if not EARLIEST <= day <= LATEST:
        raise WrongValue(N_("年份%(year)s不合常理；请核对。"), year=day.year)
    return day


def read_past_day(field: LedgerField, raw: object, today: date, unit: str) -> date:
    """A day on which something happened, so not after today."""
    day = read_day(field, raw, today, unit)
    if day > today:
        raise WrongValue(N_("%(name)s不能晚于今天，现为%(day)s；未发生的请填计划日期。"),
                         name=field.name_zh, day=day.isoformat())  # fmt: skip
    return day


def read_count(field: LedgerField, raw: object, _today: date, _unit: str) -> int:
    """A whole number from 0 up; the extensions of a permit are two at most."""
    text = _plain(raw).removesuffix(field.unit).removesuffix(".0").replace(",", "").strip()
    if not text.isdecimal() or not text.isascii():
        raise WrongValue(N_("请填整数，现为“%(text)s”。"), text=str(raw))
    limit = 2 if field.name == "permit_extensions" else 10_000_000
    if int(text) > limit:
        raise WrongValue(N_("最大为%(limit)s，现为%(text)s。"), limit=limit, text=text)
    return int(text)


def read_choice(field: LedgerField, raw: object, _today: date, _unit: str) -> str:
    """One of the field's own words; endings such as 协议 or 类 may be added or left out."""
    text = _plain(raw)
    for choice in field.choices:
        if text in (choice, choice.removesuffix("类"), f"{choice}协议", f"{choice}项目", f"{choice}制"):
            return choice
    raise WrongValue(N_("只能填%(choices)s，现为“%(text)s”。"), choices="、".join(field.choices), text=text[:40])


def read_stage(_field: LedgerField, raw: object, _today: date, _unit: str) -> str:
    """The code of a stage given by code, by name, or by name with a remark after it: 开工(2022-09)."""
    text = _plain(raw)
    for each in stages():
        if text == each.code or re.fullmatch(rf"{each.name_zh}(阶段|项目)?([(/→,，、;；:：\s-].*)?", text):
            return each.code
    if text in STAGE_WORDS:
        return STAGE_WORDS[text]
    names = "、".join(each.name_zh for each in stages())
    raise WrongValue(N_("未能识别阶段“%(text)s”，应为%(names)s之一。"), text=text[:40], names=names)


def read_chain(_field: LedgerField, raw: object, _today: date, _unit: str) -> str:
    """The name of one of the city's chains."""
    text = _plain(raw).removesuffix("产业链").removesuffix("链")
    if text not in chain_names():
        known = "、".join(dict.fromkeys(chain_names().values()))
        raise WrongValue(N_("没有“%(text)s”这条产业链；现有：%(known)s。"), text=text[:40], known=known)
    return chain_names()[text]


def read_industry(_field: LedgerField, raw: object, _today: date, _unit: str) -> str:
    """A class of GB/T 4754: a letter A to T, digits, or both."""
    code = _plain(raw).upper().removesuffix(".0").split(" ")[0]
    if not INDUSTRY.fullmatch(code):
        raise WrongValue(N_("行业代码为门类字母A至T加2至4位数字，如C3670，现为“%(text)s”。"), text=str(raw)[:40])
    return code


def shown(number: Decimal) -> str:
    """A decimal without needless zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


Reader = Callable[[LedgerField, object, date, str], object]
READERS: dict[str, Reader] = {
    "text": read_text,
    "money": lambda field, raw, today, unit: (read_investment if field.column else read_money)(field, raw, today, unit),
    "entries": read_money,
    "date": read_day,
    "past": read_past_day,
    "int": read_count,
    "choice": read_choice,
    "stage": read_stage,
    "chain": read_chain,
    "industry": read_industry,
    "uscc": lambda _field, raw, _today, _unit: credit_code(str(raw)),
    "fai": lambda _field, raw, _today, _unit: project_code(str(raw)),
}


def extra_value(field: LedgerField, value: object) -> object:
    """The value as the extras keep it: amounts as decimal text in the field's own unit, days as ISO text."""
    if isinstance(value, Decimal):
        return shown(value / WAN_PER[field.unit])
    return value.isoformat() if isinstance(value, date) else value


def _plain(raw: object) -> str:
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)  # a spreadsheet keeps 2022 as 2022.0
    return unicodedata.normalize("NFKC", str(raw)).strip()


def _amount(raw: object, unit: str) -> tuple[Decimal, str]:
    if isinstance(raw, bool):
        raise WrongValue(N_("金额应为数字，现为“%(text)s”。"), text=str(raw))
    if isinstance(raw, int | Decimal):
        return Decimal(raw), _unit_or_refuse(unit)
    if isinstance(raw, float):
        return Decimal(f"{raw:.15g}"), _unit_or_refuse(unit)  # a spreadsheet keeps fifteen digits; the rest is noise
    text = _plain(raw).removeprefix("人民币").removeprefix("¥").strip()
    if re.search("美元|美金|欧元|日元|港币|港元|USD|EUR", text, re.IGNORECASE):
        raise WrongValue(N_("“%(text)s”是外币；本列只填人民币，外币不自动折算。"), text=text[:40])
    found = AMOUNT.fullmatch(text)
    if found is None:
        raise WrongValue(N_("金额应为确定的数字，如3.2亿元或32000万元，现为“%(text)s”。"), text=text[:40])
    written = found["unit"]
    stated = {"亿": "亿元", "万": "万元"}.get(written, written) if written else unit
    try:
        return Decimal(found["number"].replace(",", "")), _unit_or_refuse(stated)
    except InvalidOperation as error:
        raise WrongValue(N_("金额应为数字，现为“%(text)s”。"), text=text[:40]) from error


def _unit_or_refuse(unit: str) -> str:
    if unit not in WAN_PER:
        raise WrongValue(N_("没有写明单位是万元还是亿元；请在表头或数字后写明，如“总投资(亿元)”。"))
    return unit


def _day(raw: object) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = _plain(raw)
    serial = re.fullmatch(r"(\d{5})(\.0*)?", text)
    if serial and int(serial[1]) in EXCEL_SERIALS:
        return EXCEL_FIRST + timedelta(days=int(serial[1]))
    found = DAY.fullmatch(text) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})(\.0)?", text)
    if found is None:
        raise WrongValue(N_("日期请写到日，如2026-03-31，现为“%(text)s”。"), text=text[:40])
    year, month, day = (int(found[place]) for place in (1, 2, 3))
    try:
        return date(year, month, day)
    except ValueError as error:
        raise WrongValue(N_("没有“%(text)s”这一天；请核对。"), text=text) from error
