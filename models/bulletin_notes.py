"""通报的注: what "-" means and where, what was not counted and why, in the order in which lines are marked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from models import printed_numbers as printed
from models.bulletin_figures import MONTHS, Line, MoneyRow, Place
from models.clock import SHANGHAI
from models.currency import CURRENCIES

MARKS = "①②③④⑤⑥⑦⑧⑨⑩"
MARKED: dict[str, str] = {
    "no_target": "本年没有下达目标，不计算完成百分比，不参加排名，到位资金照常计入全市。",
    "zero_target": "本年目标为0，不能计算完成百分比，不参加排名。",
    "no_last_year": "上年同期没有数据，不计算同比。",
    "zero_last_year": "上年同期为0或者负数，不计算同比。",
    "no_total": "全市累计不大于0，不计算占比。",
    "merged": "",  # says which districts
}


def notes_of(
    lines: Sequence[Line], land: Sequence[Place], rows: Sequence[MoneyRow], until: date, filed_before: datetime
) -> list[dict[str, str]]:
    """The notes in order, each with the word that lines carry (`why`) or "" for one about the whole table."""
    carried = {word for line in lines for word in line.why}
    marked = [{"why": word, "text": text or _merged(land)} for word, text in MARKED.items() if word in carried]
    plain = [_meaning(until, filed_before), _schedule(until), _sums(land), *_unplaced(rows), *_without_rate(rows)]
    return [*marked, *({"why": "", "text": text} for text in plain)]


def marks_of(line: Line, notes: Sequence[Mapping[str, str]]) -> str:
    """The marks behind the name of a line, as the paper's notes are numbered: ①③."""
    return "".join(MARKS[at] for at, note in enumerate(notes[: len(MARKS)]) if note["why"] and note["why"] in line.why)


def notes_to(line: Line, column: str, notes: Sequence[Mapping[str, str]]) -> list[str]:
    """The notes that explain why a cell of a line is "-"."""
    words = {
        "target": ("no_target", "zero_target"), "last_year": ("no_last_year", "zero_last_year"),
        "yoy": ("no_last_year", "zero_last_year"), "share": ("no_total",),
    }.get(column, ("no_target", "zero_target") if column in ("done", "gap", "place") else ())  # fmt: skip
    return [note["text"] for note in notes if note["why"] in {*words, "merged"} and note["why"] in line.why]


def _meaning(until: date, filed_before: datetime) -> str:
    at = filed_before.astimezone(SHANGHAI)
    return (
        f"实际利用内资为内资项目{until.year}年1月1日至{until.month}月{until.day}日的到位资金，申报的先计入，认定、核减和撤资各列一笔；"
        f"{at.year}年{at.month}月{at.day}日{at:%H:%M}以前申报的在内，以后申报的以更正为准。"
    )


def _schedule(until: date) -> str:
    return (
        f"序时进度为本年已过月数÷12，{until.month}月底为{printed.rate(Fraction(until.month, MONTHS))}；"
        "位次按完成目标的百分比从高到低，百分比相等的位次相同。"
    )


def _sums(land: Sequence[Place]) -> str:
    unset = [each.name for each in land if each.target is None]
    without = f"（{'、'.join(unset)}未下达目标）" if unset else ""
    return f"三个片区之和为全市；开发区计入所在的区，不另加总。全市和片区的目标为各区目标之和{without}。"


def _merged(land: Sequence[Place]) -> str:
    return "；".join(f"{each.name}含已并入或者更名的{'、'.join(each.before)}" for each in land if each.before) + "。"


def _unplaced(rows: Iterable[MoneyRow]) -> list[str]:
    found = {span: [row.counted for row in rows if row.district is None and row.span == span and row.counted is not None]
             for span in ("this", "last")}  # fmt: skip
    said = [
        f"{name}{len(amounts)}笔共{printed.money(sum(amounts, Decimal(0)))}万元"
        for name, amounts in (("本年", found["this"]), ("上年同期", found["last"]))
        if amounts
    ]
    return [f"资料没有写明所在区的项目到位资金{'，'.join(said)}，不计入各区、片区和全市。"] if said else []


def _without_rate(rows: Iterable[MoneyRow]) -> list[str]:
    found: dict[tuple[str, str], list[Decimal]] = {}
    for row in rows:
        if row.counted is None:
            found.setdefault((row.span, row.currency), []).append(row.amount)
    said = [
        f"{'本年' if span == 'this' else '上年同期'}{len(amounts)}笔共{printed.money(sum(amounts, Decimal(0)))}万"
        f"{CURRENCIES.get(currency, currency)}"
        for (span, currency), amounts in sorted(found.items(), reverse=True)
    ]
    return [f"没有当日汇率、不能折算的到位资金{'，'.join(said)}，没有计入。"] if said else []
