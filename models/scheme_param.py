"""参数: what a formula may be told beside its weight, read from text or JSON, each refused by name when it is not right."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from models.saying import Saying
from models.texts import N_

NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?", re.ASCII)
MOST_EXACT = 1e15  # what a spreadsheet can still hold to the unit
MOST_DIGITS = 15  # before the point
LONGEST = 40  # characters of a number, more than any figure of an office has
NOTHING = frozenset({"无", "none", "不限"})
ZERO, HALF, HUNDRED = Decimal(0), Decimal("0.5"), Decimal(100)
HIGHEST_CAP = Decimal(10)
MOST_TERMS = 12


class ParamError(Saying):
    """参数有误。 `param` is the word of the parameter, empty for a bare number."""

    def __init__(self, message: str, *, param: str = "", **params: object) -> None:
        super().__init__(message, **params)
        self.param = param


@dataclass(frozen=True, slots=True)
class Term:
    """计分项。 What is counted, and the points each gives or costs (for 分档达标: how many are asked)."""

    label: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Params:
    """参数。 `cap` of a rate is a rate (1.2), of a count points; a None cap or floor is no limit. Defaults are the house's."""

    cap: Decimal | None = None
    floor: Decimal | None = ZERO
    target: Decimal | None = None
    share: Decimal = HALF
    terms: tuple[Term, ...] = ()
    penalty: Decimal | None = None
    base: Decimal = Decimal(60)
    span: Decimal = Decimal(40)
    equal: Decimal = HUNDRED
    better: str = "higher"
    effect: str = "unranked"
    missing: str = ""  # by the kind of formula
    no_target: str = "unranked"

    @property
    def given(self) -> tuple[str, ...]:
        """The words of those that differ from the default."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) != getattr(PLAIN, each.name))


PLAIN = Params()


def number(value: object, *, percent: bool = True) -> Decimal:
    """The number a cell holds, exactly; raises ParamError with why it is none.

    Full-width digits, thousands separators in their places and a percent sign (12% is 0.12) are understood; text, units,
    exponents, dates, truth values and formulas are refused by name.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        told = "[…]" if isinstance(value, list | dict) else str(value)
        raise ParamError(N_("“%(text)s”不是数字"), text=told[:LONGEST])
    text = unicodedata.normalize("NFKC", str(value)).strip().replace("−", "-")
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < LONGEST:
        text = f"{value:f}"
    if isinstance(value, float) and math.isfinite(value) and abs(value) < MOST_EXACT:
        text = f"{Decimal(f'{value:.15g}'):f}"  # as many digits as a spreadsheet keeps and shows
    rate = text.endswith("%")
    bare = text.removesuffix("%").strip()
    if text.startswith("="):
        raise ParamError(N_("“%(text)s”是公式，请粘贴为数值"), text=text[:LONGEST])
    if rate and not percent:
        raise ParamError(N_("“%(text)s”带百分号，这里应填数值"), text=text[:LONGEST])
    if not NUMBER.fullmatch(bare) or len(bare) > LONGEST:
        raise ParamError(_why_not(text), text=text[:LONGEST])
    if len(bare.replace(",", "").lstrip("+-").partition(".")[0]) > MOST_DIGITS:
        raise ParamError(N_("“%(text)s”位数太多"), text=text[:LONGEST])
    found = Decimal(bare.replace(",", ""))
    return found / 100 if rate else found


def _why_not(text: str) -> str:
    if re.fullmatch(r"[+-]?[\d.]+[eE][+-]?\d+", text):
        return N_("“%(text)s”是科学计数法，请写全数字")
    if re.fullmatch(r"[+-]?[\d,.]+", text) and "," in text:
        return N_("“%(text)s”的千分位逗号位置不对")
    if re.match(r"[+-]?\d[\d,.]*\s*[^\d,.\s]", text):
        return N_("“%(text)s”不是数字，请去掉单位和文字")
    return N_("“%(text)s”不是数字")


def _points(value: object) -> Decimal:
    return number(value, percent=False)


def _limit(value: object) -> Decimal | None:
    return None if value is None or str(value).strip().lower() in NOTHING else number(value)


def _choice(options: Mapping[str, str]) -> Callable[[object], str]:
    by_name = {name: word for word, name in options.items()}

    def choose(value: object) -> str:
        text = str(value).strip()
        found = by_name.get(text, text)
        if found not in options:
            raise ParamError(
                N_("没有“%(text)s”，可填：%(known)s"), text=text[:LONGEST], known="、".join(options.values())
            )
        return found

    return choose


def _terms(value: object) -> tuple[Term, ...]:
    if isinstance(value, list | tuple):
        return tuple(Term(str(each["label"]), _points(each["points"])) for each in value[: MOST_TERMS + 1])
    if not isinstance(value, str):
        return (Term("个数", _points(value)),)
    pairs = [re.split(r"[:：]", part) for part in re.split(r"[,，、]", value) if part.strip()]
    if len(pairs) > MOST_TERMS or any(len(pair) > 2 for pair in pairs):
        raise ParamError(N_("应写成“名称:分值,名称:分值”，最多%(most)d项"), most=MOST_TERMS)
    return tuple(Term(pair[0].strip() if len(pair) == 2 else "个数", _points(pair[-1])) for pair in pairs)


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: what it is called in a file, and how it is read."""

    name_zh: str
    read: Callable[[object], object]


MISSING: dict[str, str] = {"none": N_("不得分"), "zero": N_("按0计"), "unranked": N_("不排名")}
NO_TARGET: dict[str, str] = {"unranked": N_("不排名"), "none": N_("不得分")}
BETTER: dict[str, str] = {"higher": N_("高者优"), "lower": N_("低者优")}
EFFECT: dict[str, str] = {"unranked": N_("不排名"), "zero": N_("总分为0")}
PARAMS: dict[str, Param] = {
    "cap": Param(N_("封顶"), _limit),
    "floor": Param(N_("下限"), _limit),
    "target": Param(N_("固定目标"), _points),
    "share": Param(N_("个数占比"), number),
    "terms": Param(N_("计分项"), _terms),
    "penalty": Param(N_("每少一个扣"), _points),
    "base": Param(N_("基础分"), _points),
    "span": Param(N_("浮动分"), _points),
    "equal": Param(N_("相同时"), _points),
    "better": Param(N_("方向"), _choice(BETTER)),
    "effect": Param(N_("后果"), _choice(EFFECT)),
    "missing": Param(N_("缺数"), _choice(MISSING)),
    "no_target": Param(N_("无目标"), _choice(NO_TARGET)),
}
CHOICES: dict[str, dict[str, str]] = {"better": BETTER, "effect": EFFECT, "missing": MISSING, "no_target": NO_TARGET}
BY_NAME = {param.name_zh: word for word, param in PARAMS.items()}


def read_params(given: Mapping[str, object], *, rates: bool) -> Params:
    """The parameters of a mapping (words or Chinese names; texts or numbers); raises ParamError naming the first wrong.

    With `rates` the cap is a rate, which is refused above 10 (it was meant as 120%).
    """
    read: dict[str, Any] = {}
    for name, value in given.items():
        word = BY_NAME.get(name.strip(), name.strip())
        if word not in PARAMS:
            raise ParamError(N_("没有“%(name)s”这个参数"), param=word, name=name[:LONGEST])
        if word in read:
            raise ParamError(N_("写了两次"), param=word)
        read[word] = _read(word, value)
    params = Params(**read)
    _check(params, rates=rates)
    return params


def _read(word: str, value: object) -> object:
    try:
        return PARAMS[word].read(value)
    except ParamError as error:
        raise ParamError(error.message, param=word, **error.params) from error
    except (KeyError, TypeError) as error:
        raise ParamError(N_("“%(text)s”无法读懂"), param=word, text=str(value)[:LONGEST]) from error


def _check(params: Params, *, rates: bool) -> None:
    """Raises ParamError for values that can be read but mean nothing."""
    cap, floor, labels = params.cap, params.floor, [term.label for term in params.terms]
    checks = (
        ("cap", cap is None or cap > 0, N_("应大于0")),
        ("cap", not rates or cap is None or cap <= HIGHEST_CAP, N_("是倍数，应写成1.2（即百分之一百二十）")),
        ("floor", not rates or cap is None or floor is None or floor <= cap, N_("高于封顶")),
        ("target", params.target is None or params.target > 0, N_("应大于0")),
        ("share", ZERO <= params.share <= 1, N_("应在0到1之间")),
        ("terms", len(labels) <= MOST_TERMS and len(set(labels)) == len(labels), N_("名称重复或项数太多")),
        ("terms", all(labels), N_("有一项没有名称")),
        ("terms", all(term.points >= 0 for term in params.terms), N_("分值不能是负数")),
        ("penalty", params.penalty is None or params.penalty >= 0, N_("不能是负数")),
        ("span", params.span >= 0, N_("不能是负数")),
    )
    for word, right, text in checks:
        if not right:
            raise ParamError(text, param=word)


def params_as_json(params: Params) -> dict[str, Any]:
    """Those that differ from the default, numbers as texts."""
    return {word: _plain(getattr(params, word)) for word in params.given}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [{"label": term.label, "points": str(term.points)} for term in value]
    return "none" if value is None else str(value)


def params_as_text(params: Params, *, rates: bool) -> str:
    """The same as one cell of a file has it: 封顶=120%；缺数=不排名."""
    return "；".join(f"{PARAMS[word].name_zh}={_said(word, getattr(params, word), rates)}" for word in params.given)


def _said(word: str, value: object, rates: bool) -> str:
    if isinstance(value, tuple):
        return ",".join(f"{term.label}:{shown(term.points)}" for term in value)
    if isinstance(value, Decimal):
        return f"{shown(value * 100)}%" if word == "share" or (rates and word in ("cap", "floor")) else shown(value)
    return "无" if value is None else CHOICES[word][str(value)]


def shown(value: Decimal) -> str:
    """A number with its own digits: no exponent, no idle zeros, no separators."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def params_from_text(text: str) -> dict[str, object]:
    """The pairs of a cell as `read_params` takes them; raises ParamError for what is no pair."""
    found: dict[str, object] = {}
    for part in re.split(r"[;；\n]", text):
        if not part.strip():
            continue
        name, sign, value = part.replace("＝", "=").partition("=")
        if not sign or not value.strip():
            raise ParamError(N_("“%(text)s”应写成“名称=值”"), text=part.strip()[:LONGEST])
        if name.strip() in found:
            raise ParamError(N_("写了两次"), param=BY_NAME.get(name.strip(), name.strip()))
        found[name.strip()] = value.strip()
    return found
