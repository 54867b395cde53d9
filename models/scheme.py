"""考核方案: schemes are data – indicators with weight, source, formula and its parameters, and how places are given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from models.scheme_param import PARAMS, ParamError, Params, params_as_json, read_params, shown
from models.scheme_param import number as read_number
from models.standing import TIES
from models.texts import N_

GROUPS: dict[str, str] = {
    "scale": N_("规模"),
    "quality": N_("质量"),
    "bonus": N_("加分"),
    "deduction": N_("扣分"),
    "veto": N_("否决"),
}
WEIGHED = ("scale", "quality")  # whose weights add up to the scheme's full score
NATURES: dict[str, str] = {"": N_("不计入"), "domestic": N_("内资"), "foreign": N_("外资")}
MODES: dict[str, str] = {"half_up": N_("四舍五入"), "half_even": N_("四舍六入五成双"), "down": N_("舍去")}
TIE_NAMES: dict[str, str] = {"competition": N_("并列占位"), "dense": N_("并列不占位")}
MONEY = frozenset({"万元", "亿元", "万美元"})
FIGURE, TYPED = "figure:", "typed"
MOST_PLACES = 10
NOT_KNOWN = N_("没有“%(text)s”，可填：%(known)s")
TWICE = N_("“%(text)s”重复")
LONGEST = 60  # characters of a word, a name or the word of a figure


class Slot(NamedTuple):
    """One figure a formula reads: its word in the formula, its Chinese name."""

    word: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class Kind:
    """计算方法。 `slots` are the figures it reads (none: one for each 计分项), `params` the parameters it may have."""

    word: str
    name_zh: str
    rule_zh: str
    slots: tuple[Slot, ...]
    params: frozenset[str]
    groups: tuple[str, ...] = WEIGHED
    empty: str = "none"  # what an empty figure means unless the scheme says otherwise


DONE, TARGET, VALUE = Slot("done", N_("完成")), Slot("target", N_("目标")), Slot("value", N_("数值"))
HALVES = (
    Slot("count", N_("个数")),
    Slot("count_target", N_("个数目标")),
    Slot("amount", N_("金额")),
    Slot("amount_target", N_("金额目标")),
)
OF_RATIO = frozenset({"cap", "floor", "missing", "no_target"})
KINDS: dict[str, Kind] = {
    kind.word: kind
    for kind in (
        Kind("ratio", N_("完成率"), N_("完成÷目标×权重；可封顶"), (DONE, TARGET), OF_RATIO | {"target"}),
        Kind("halves", N_("个数金额各半"), N_("（个数完成率×占比＋金额完成率×其余）×权重；合并封顶"), HALVES,
             OF_RATIO | {"share"}),
        Kind("steps", N_("分档达标"), N_("各档达到个数得满分，每少一个扣分"), (),
             frozenset({"terms", "penalty", "floor", "missing"})),
        Kind("efficacy", N_("功效系数"), N_("（60＋40×（值－最小）÷（最大－最小））÷100×权重"), (VALUE,),
             frozenset({"base", "span", "equal", "better", "missing"})),
        Kind("count", N_("计件得分"), N_("个数×每个分值；可封顶"), (), frozenset({"terms", "cap", "missing"})),
        Kind("deduction", N_("扣分"), N_("每次扣分；在规模、质量中从权重里扣，在扣分类中权重为最多扣的分"), (),
             frozenset({"terms", "floor", "missing"}), (*WEIGHED, "deduction"), "zero"),
        Kind("bonus", N_("加分"), N_("个数×每个分值；权重为最多加的分"), (), frozenset({"terms", "missing"}),
             ("bonus",), "zero"),
        Kind("veto", N_("一票否决"), N_("有一次即不排名或总分为0"), (VALUE,), frozenset({"effect", "missing"}),
             ("veto",), "zero"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Indicator:
    """指标。 `weight` in points; of 加分 and 扣分 it is the most that is added or taken, None for no limit.

    `source` names, for each figure the formula reads, `figure:<word>` of this system or `typed`; one entry stands for all.
    """

    word: str
    name_zh: str
    group: str
    weight: Decimal | None
    formula: str
    source: str = TYPED
    params: Params = field(default_factory=Params)
    nature: str = ""
    unit_zh: str = ""
    note: str = ""

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The figures its formula reads, in their order."""
        fixed = KINDS[self.formula].slots
        if self.formula == "ratio" and self.params.target is not None:
            return (DONE,)
        if fixed:
            return fixed
        terms = self.params.terms
        return tuple(Slot(f"n{place}" if len(terms) > 1 else "n", term.label) for place, term in enumerate(terms, 1))

    @cached_property
    def figures(self) -> tuple[str, ...]:
        """The words of these figures, in the same order: one of the system's, or `word.slot` for a typed one."""
        named = [part.strip().removeprefix(FIGURE) for part in self.source.split(",")]
        if named == [TYPED]:
            named *= len(self.slots)
        pairs = zip(named, self.slots, strict=True)
        return tuple(f"{self.word}.{slot.word}" if name == TYPED else name for name, slot in pairs)

    @property
    def typed(self) -> tuple[str, ...]:
        """The words of the figures that people type, with evidence."""
        return tuple(each for each in self.figures if each.startswith(f"{self.word}."))

    @property
    def missing(self) -> str:
        """What an empty figure means: none (不得分), zero (按0计) or unranked (不排名)."""
        return self.params.missing or KINDS[self.formula].empty


@dataclass(frozen=True)
class Rounding:
    """舍入。 Decimal places of each indicator's score and of the total, and how; what was rounded is what is added up."""

    places: int = 2
    total_places: int = 2
    mode: str = "half_up"


@dataclass(frozen=True)
class Scheme:
    """考核方案。 `full` is what the weights of 规模 and 质量 add up to; `groups` tells each unit's group when ranked so."""

    name: str
    indicators: tuple[Indicator, ...]
    note: str = ""
    full: Decimal = Decimal(100)
    tie: str = "competition"
    rounding: Rounding = Rounding()
    groups: Mapping[str, str] = field(default_factory=dict)
    default: bool = False

    def indicator(self, word: str) -> Indicator:
        """The indicator of that word; raises KeyError for an unknown one."""
        return next((each for each in self.indicators if each.word == word), None) or _no_indicator(word)

    @property
    def figures(self) -> tuple[str, ...]:
        """The words of all figures it is scored from, each once, in the order of the indicators."""
        return tuple(dict.fromkeys(word for each in self.indicators for word in each.figures))


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong: row (of the file, or the indicator's number; 0 the scheme itself), column, and why."""

    row: int
    column: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The Chinese sentence with its values set in."""
        return self.message % self.params if self.params else self.message


def _no_indicator(word: str) -> Indicator:
    raise KeyError(word)


def _known(names: Mapping[str, str]) -> str:
    return "、".join(name for name in names.values() if name)


def wrong_scheme(scheme: Scheme) -> list[Wrong]:
    """Everything that keeps a scheme from being used, in order; rows are the indicators' numbers, 0 is the scheme's own."""
    found = [Wrong(0, *each) for each in _wrong_whole(scheme)] + wrong_indicators(scheme)
    return found or list(_wrong_sum(scheme))


def wrong_indicators(scheme: Scheme) -> list[Wrong]:
    """The mistakes of each indicator by itself, whatever the scheme as a whole."""
    found: list[Wrong] = []
    seen: set[str] = set()
    for row, each in enumerate(scheme.indicators, 1):
        found += [Wrong(row, *wrong) for wrong in _wrong_indicator(each, seen)]
        seen |= {each.word, each.name_zh}
    return found


Part = tuple[str, str, dict[str, object]]  # column, sentence, its values


def _wrong_whole(scheme: Scheme) -> Iterator[Part]:
    rounding = scheme.rounding
    if not scheme.name.strip():
        yield "方案", N_("方案没有名称"), {}
    if not scheme.indicators:
        yield "指标", N_("方案没有指标"), {}
    if scheme.tie not in TIES:
        yield "并列", NOT_KNOWN, {"text": scheme.tie, "known": _known(TIE_NAMES)}
    if rounding.mode not in MODES:
        yield "舍入", NOT_KNOWN, {"text": rounding.mode, "known": _known(MODES)}
    for column, places in (("小数位", rounding.places), ("总分小数位", rounding.total_places)):
        if not 0 <= places <= MOST_PLACES:
            yield column, N_("应在0到%(most)d之间"), {"most": MOST_PLACES}
    if scheme.full <= 0:
        yield "满分", N_("应大于0"), {}


def _wrong_indicator(each: Indicator, seen: set[str]) -> Iterator[Part]:
    yield from _wrong_names(each, seen)
    kind = KINDS.get(each.formula)
    if kind is None:
        names = {known.word: known.name_zh for known in KINDS.values()}
        yield "计算方法", NOT_KNOWN, {"text": each.formula, "known": _known(names)}
        return
    if each.group in GROUPS and each.group not in kind.groups:
        yield "类别", N_("“%(kind)s”不能用于“%(group)s”类"), {"kind": kind.name_zh, "group": GROUPS[each.group]}
    yield from _wrong_weight(each)
    wrong_params = list(_wrong_params(each, kind))
    yield from wrong_params or _wrong_source(each)


def _wrong_names(each: Indicator, seen: set[str]) -> Iterator[Part]:
    if not each.word.replace("_", "").isalnum() or len(each.word) > LONGEST:
        yield "编号", N_("“%(text)s”只能用文字、数字和下划线，最多%(most)d个字"), {"text": each.word, "most": LONGEST}
    if each.word in seen:
        yield "编号", TWICE, {"text": each.word}
    if not each.name_zh.strip() or len(each.name_zh) > LONGEST:
        yield "指标", N_("指标须有名称，最多%(most)d个字"), {"most": LONGEST}
    elif each.name_zh in seen and each.word not in seen:
        yield "指标", TWICE, {"text": each.name_zh}
    if each.group not in GROUPS:
        yield "类别", NOT_KNOWN, {"text": each.group, "known": _known(GROUPS)}
    if each.nature not in NATURES:
        yield "性质", N_("“%(text)s”只能填内资、外资或留空"), {"text": each.nature}


def _wrong_weight(each: Indicator) -> Iterator[Part]:
    if each.group == "veto" and each.weight is not None:
        yield "权重", N_("一票否决没有权重，请留空"), {}
    elif each.group in WEIGHED and each.weight is None:
        yield "权重", N_("没有填写权重"), {}
    elif each.weight is not None and each.weight <= 0:
        yield "权重", N_("应大于0"), {}


def _wrong_params(each: Indicator, kind: Kind) -> Iterator[Part]:
    for word in each.params.given:
        if word not in kind.params:
            yield "参数", N_("“%(kind)s”没有“%(param)s”这个参数"), _names(kind, word)
    for word in ("terms", "penalty"):
        if word in kind.params and not getattr(each.params, word):
            yield "参数", N_("“%(kind)s”缺少参数“%(param)s”"), _names(kind, word)


def _names(kind: Kind, word: str) -> dict[str, object]:
    return {"kind": kind.name_zh, "param": PARAMS[word].name_zh}


def _wrong_source(each: Indicator) -> Iterator[Part]:
    parts = [part.strip() for part in each.source.split(",")]
    if parts != [TYPED] and len(parts) != len(each.slots):
        named = "、".join(slot.name_zh for slot in each.slots)
        yield "数据来源", N_("应依次写%(count)d个来源：%(named)s"), {"count": len(each.slots), "named": named}
    for part in parts:
        word = part.removeprefix(FIGURE)
        if part != TYPED and (len(word) > LONGEST or not word.replace("_", "").replace(".", "").isalnum()):
            yield "数据来源", N_("“%(text)s”应写“填报”或系统数据的编号"), {"text": part}


def _wrong_sum(scheme: Scheme) -> Iterator[Wrong]:
    weighed = [(row, each.weight) for row, each in enumerate(scheme.indicators, 1) if each.group in WEIGHED]
    total = sum((weight or Decimal(0) for _, weight in weighed), Decimal(0))
    if total != scheme.full:
        said = {"total": shown(total), "full": shown(scheme.full)}
        row = weighed[-1][0] if weighed else 0
        yield Wrong(row, "权重", N_("规模和质量的权重合计为%(total)s，应为%(full)s"), said)


def scheme_to_json(scheme: Scheme) -> dict[str, Any]:
    """The scheme as plain JSON; numbers are texts, so that none loses a digit."""
    return {
        "name": scheme.name,
        "note": scheme.note,
        "default": scheme.default,
        "full": str(scheme.full),
        "tie": scheme.tie,
        "rounding": {
            "places": scheme.rounding.places,
            "total_places": scheme.rounding.total_places,
            "mode": scheme.rounding.mode,
        },
        "groups": dict(scheme.groups),
        "indicators": [
            {
                "word": each.word,
                "name_zh": each.name_zh,
                "group": each.group,
                "weight": None if each.weight is None else str(each.weight),
                "unit_zh": each.unit_zh,
                "source": each.source,
                "formula": each.formula,
                "params": params_as_json(each.params),
                "nature": each.nature,
                "note": each.note,
            }
            for each in scheme.indicators
        ],
    }


def scheme_from_json(plain: Mapping[str, Any]) -> Scheme:
    """The scheme that `scheme_to_json` wrote; raises ParamError for a parameter or weight that cannot be read.

    What is read may still be wrong: ask `wrong_scheme`.
    """
    rounding = plain.get("rounding") or {}
    return Scheme(
        name=str(plain.get("name") or ""),
        note=str(plain.get("note") or ""),
        default=plain.get("default") is True,
        full=_weight(plain.get("full", "100")) or Decimal(0),
        tie=str(plain.get("tie") or "competition"),
        rounding=Rounding(
            int(rounding.get("places", 2)),
            int(rounding.get("total_places", rounding.get("places", 2))),
            str(rounding.get("mode", "half_up")),
        ),
        groups={str(unit): str(group) for unit, group in (plain.get("groups") or {}).items()},
        indicators=tuple(_indicator(each) for each in plain.get("indicators") or ()),
    )


def _indicator(plain: Mapping[str, Any]) -> Indicator:
    formula = str(plain.get("formula") or "")
    return Indicator(
        word=str(plain.get("word") or plain.get("name_zh") or ""),
        name_zh=str(plain.get("name_zh") or plain.get("word") or ""),
        group=str(plain.get("group") or ""),
        weight=_weight(plain.get("weight")),
        unit_zh=str(plain.get("unit_zh") or ""),
        source=str(plain.get("source") or TYPED),
        formula=formula,
        params=read_params(plain.get("params") or {}, rates=formula in ("ratio", "halves")),
        nature=str(plain.get("nature") or ""),
        note=str(plain.get("note") or ""),
    )


def _weight(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return read_number(value, percent=False)
    except ParamError as error:
        raise ParamError(error.message, param="weight", **error.params) from error
