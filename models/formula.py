"""得分: one indicator's score for one unit, exactly computed, with one line anybody can compute again by hand.

In a line, whatever stands between two ＝ or before the first one has the value that follows, rounded to the places shown;
inputs are printed with all their digits. Operators are full-width, a negative number has the narrow sign.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from models.scheme import KINDS, MONEY, Indicator, Rounding
from models.scheme_param import Params, Term, shown

HUNDRED = Fraction(100)


@dataclass(frozen=True)
class Score:
    """得分。 `points` is rounded, None for "-"; `note` says why there are none; `unranked` takes the unit out of the ranking.

    `inputs` are the figures it was computed from, by word; `veto` is set when one-vote-down has struck.
    """

    points: Decimal | None
    line: str
    inputs: tuple[tuple[str, Decimal | None], ...]
    note: str = ""
    unranked: bool = False
    veto: bool = False


@dataclass(frozen=True)
class Given:
    """What a formula works with: the indicator, its inputs in order, how to round, and the least and greatest of all units."""

    indicator: Indicator
    values: tuple[Decimal, ...]
    rounding: Rounding
    spread: tuple[Decimal, Decimal] | None = None

    @property
    def params(self) -> Params:
        """The indicator's parameters."""
        return self.indicator.params

    @property
    def weight(self) -> Decimal:
        """The points of full marks; 0 where there is no limit."""
        return self.indicator.weight or Decimal(0)

    @property
    def places(self) -> int:
        """Places of the score."""
        return self.rounding.places

    def amount(self, value: Decimal) -> str:
        """An input as a line prints it: separators, all its digits, money with two places at least."""
        places = max(2 if self.indicator.unit_zh in MONEY else 0, _places(value))
        return _signed(f"{value:,.{places}f}", value)

    def pieces(self, value: Decimal) -> str:
        """A number of things as a line prints it: separators and its own digits."""
        return _signed(f"{value:,.{_places(value)}f}", value)

    def points(self, value: Fraction) -> str:
        """A number of points, rounded as the scheme says."""
        return f"{rounded(value, self.places, self.rounding.mode):.{self.places}f}"


def score_indicator(
    indicator: Indicator,
    inputs: Mapping[str, Decimal | None],
    *,
    rounding: Rounding,
    spread: tuple[Decimal, Decimal] | None = None,
) -> Score:
    """The score of one unit. Raises KeyError for a figure that is not among the inputs at all.

    What is empty follows the indicator's rule; a target that is missing or not above 0 gives "-" and a note.
    """
    taken = tuple((word, inputs[word]) for word in indicator.figures)
    untold = _untold(indicator, taken)
    if untold is not None:
        return untold
    values = tuple(Decimal(0) if value is None else value for _, value in taken)
    points, line = FORMULAS[indicator.formula](Given(indicator, values, rounding, spread))
    if indicator.formula == "veto":
        struck = points != 0
        return Score(
            None, line, taken, line if struck else "", struck and indicator.params.effect == "unranked", struck
        )
    return Score(rounded(points, rounding.places, rounding.mode), line, taken)


def _untold(indicator: Indicator, taken: Sequence[tuple[str, Decimal | None]]) -> Score | None:
    """The "-" of a unit without a target or without a figure; None when it can be scored."""
    for slot, (_, value) in zip(indicator.slots, taken, strict=True):
        if slot.word.endswith("target") and (value is None or value <= 0):
            told = "未设目标" if value is None else "目标不大于0"
            return _nothing(indicator.params.no_target, taken, told)
    if indicator.missing != "zero":
        for slot, (_, value) in zip(indicator.slots, taken, strict=True):
            if value is None:
                return _nothing(indicator.missing, taken, f"没有“{slot.name_zh}”数据")
    return None


def _nothing(rule: str, taken: Sequence[tuple[str, Decimal | None]], told: str) -> Score:
    note = f"{told}，不排名" if rule == "unranked" else f"{told}，不得分"
    return Score(None, note, tuple(taken), note, unranked=rule == "unranked")


def rounded(value: Fraction, places: int, mode: str) -> Decimal:
    """An exact number to so many places: half_up (away from zero at the half), half_even, or down (towards zero)."""
    scaled = abs(value) * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    twice = 2 * rest
    if mode == "half_up":
        whole += twice >= scaled.denominator
    elif mode == "half_even":
        whole += twice > scaled.denominator or (twice == scaled.denominator and whole % 2 == 1)
    elif mode != "down":
        raise ValueError(mode)
    return Decimal(whole if value >= 0 else -whole).scaleb(-places)


def spread_of(values: Sequence[Decimal | None]) -> tuple[Decimal, Decimal] | None:
    """The least and the greatest of what is there; None when nothing is."""
    there = [value for value in values if value is not None]
    return (min(there), max(there)) if there else None


Outcome = tuple[Fraction, str]  # points before rounding, and the line


def _ratio(given: Given) -> Outcome:
    """完成率 × weight."""
    target = given.params.target if given.params.target is not None else given.values[1]
    sum_ = f"{given.amount(given.values[0])}÷{given.amount(target)}"
    return _rate(given, "完成率", Fraction(given.values[0]) / Fraction(target), sum_)


def _halves(given: Given) -> Outcome:
    """个数 and 金额, each a rate, joined by their shares."""
    count, count_target, amount, amount_target = (Fraction(value) for value in given.values)
    share = Fraction(given.params.share)
    parts = [given.pieces(value) for value in given.values[:2]] + [given.amount(value) for value in given.values[2:]]
    sum_ = f"{parts[0]}÷{parts[1]}×{percent(share)}＋{parts[2]}÷{parts[3]}×{percent(1 - share)}"
    rate = count / count_target * share + amount / amount_target * (1 - share)
    return _rate(given, "综合完成率", rate, sum_)


def _rate(given: Given, name: str, rate: Fraction, said: str) -> Outcome:
    """A rate within its limits, times the weight."""
    weight, cap, floor = shown(given.weight), given.params.cap, given.params.floor
    line = f"{name} {said}＝{one_place(rate)}"
    if cap is not None and rate > cap:
        rate, said = Fraction(cap), percent(Fraction(cap))
        line += f"，封顶{said}"
    elif floor is not None and rate < floor:
        rate, said = Fraction(floor), percent(Fraction(floor))
        line += f"，不低于{said}"
    points = rate * Fraction(given.weight)
    factor = f"（{said}）" if "＋" in said else said
    return points, f"{line}，得{weight}×{factor}＝{given.points(points)}分"


def _steps(given: Given) -> Outcome:
    """Full marks when every step has what it asks; a deduction for each missing unit."""
    weight, penalty = Fraction(given.weight), given.params.penalty or Decimal(0)
    pairs = list(zip(given.params.terms, given.values, strict=True))
    lacking = [(term, value) for term, value in pairs if value < term.points]
    stated = "，".join(f"{term.label}应{shown(term.points)}实{given.pieces(value)}" for term, value in pairs)
    if not lacking:
        return weight, f"{stated}，全部达标，得{given.points(weight)}分"
    missing = sum((Fraction(term.points) - Fraction(value) for term, value in lacking), Fraction(0))
    counted = "＋".join(f"（{shown(term.points)}－{given.pieces(value)}）" for term, value in lacking)
    short = _exact(missing)
    sum_ = f"{shown(given.weight)}－{short}×{shown(penalty)}"
    return _floored(given, weight - missing * Fraction(penalty), f"{stated}，缺{counted}＝{short}，", sum_)


def _floored(given: Given, points: Fraction, before: str, said: str) -> Outcome:
    """What is left, not below the floor."""
    floor = given.params.floor
    if floor is not None and points < floor:
        line = f"{before}{said}＝{given.points(points)}，不低于{shown(floor)}"
        return Fraction(floor), f"{line}，得{given.points(Fraction(floor))}分"
    return points, f"{before}得{said}＝{given.points(points)}分"


def _efficacy(given: Given) -> Outcome:
    """功效系数: base + span × position between the least and the greatest of all units, of 100, times the weight."""
    assert given.spread is not None  # it has a value of its own, so there are a least and a greatest
    value, (least, most) = given.values[0], given.spread
    weight, params = shown(given.weight), given.params
    if least == most:
        points = Fraction(given.weight) * Fraction(params.equal) / 100
        told = f"各单位数值相同（{given.amount(value)}），按{shown(params.equal)}计"
        return points, f"{told}，得{weight}×{shown(params.equal)}÷100＝{given.points(points)}分"
    up, down = (value, least) if params.better == "higher" else (most, value)
    part = Fraction(up - down) / Fraction(most - least)
    grade = Fraction(params.base) + Fraction(params.span) * part
    position = f"（{given.amount(up)}－{given.amount(down)}）÷（{given.amount(most)}－{given.amount(least)}）"
    sum_ = f"{shown(params.base)}＋{shown(params.span)}×{position}"
    points = grade * Fraction(given.weight) / 100
    graded = f"{rounded(grade, 2, 'half_up'):.2f}"
    return points, f"功效系数 {sum_}＝{graded}，得{weight}×（{sum_}）÷100＝{given.points(points)}分"


def _count(given: Given) -> Outcome:
    """个数 × points each, not above the cap."""
    points, sum_ = _added(given)
    cap = given.params.cap
    return _capped(given, points, sum_, cap)


def _bonus(given: Given) -> Outcome:
    """The same, capped by the weight, which is the most that is added."""
    points, sum_ = _added(given)
    return _capped(given, points, sum_, given.indicator.weight)


def _added(given: Given) -> Outcome:
    pairs: list[tuple[Term, Decimal]] = list(zip(given.params.terms, given.values, strict=True))
    points = sum((Fraction(value) * Fraction(term.points) for term, value in pairs), Fraction(0))
    return points, "＋".join(f"{given.pieces(value)}×{shown(term.points)}" for term, value in pairs)


def _capped(given: Given, points: Fraction, said: str, cap: Decimal | None) -> Outcome:
    named = "、".join(term.label for term in given.params.terms)
    if cap is None or points <= cap:
        return points, f"{named}：得{said}＝{given.points(points)}分"
    line = f"{named}：{said}＝{given.points(points)}，封顶{shown(cap)}"
    return Fraction(cap), f"{line}，得{given.points(Fraction(cap))}分"


def _deduction(given: Given) -> Outcome:
    """Points for each event: out of the weight, or, in 扣分, below zero and not below minus the weight."""
    lost, sum_ = _added(given)
    named = "、".join(term.label for term in given.params.terms)
    factors = f"（{sum_}）" if "＋" in sum_ else sum_
    if given.indicator.group != "deduction":
        said = f"{shown(given.weight)}－{factors}"
        return _floored(given, Fraction(given.weight) - lost, f"{named}：", said)
    most = given.indicator.weight
    if most is not None and lost > most:
        line = f"{named}：{sum_}＝{given.points(lost)}，最多扣{shown(most)}"
        return -Fraction(most), f"{line}，得{given.points(-Fraction(most))}分"
    return -lost, f"{named}：得0－{factors}＝{given.points(-lost)}分"


def _veto(given: Given) -> Outcome:
    """Not points: anything above 0 strikes."""
    times = given.values[0]
    if times <= 0:
        return Fraction(0), "无一票否决情形"
    effect = "不排名" if given.params.effect == "unranked" else "总分为0"
    return Fraction(1), f"一票否决{given.pieces(times)}次，{effect}"


FORMULAS: dict[str, Callable[[Given], Outcome]] = {
    "ratio": _ratio,
    "halves": _halves,
    "steps": _steps,
    "efficacy": _efficacy,
    "count": _count,
    "deduction": _deduction,
    "bonus": _bonus,
    "veto": _veto,
}
if FORMULAS.keys() != KINDS.keys():
    raise AssertionError("a kind of formula without its formula")


def percent(value: Fraction) -> str:
    """A rate as percent with all its digits: 120%, 33.5%; it is one that a scheme states, so it ends."""
    return f"{_exact(value * HUNDRED)}%"


def one_place(rate: Fraction) -> str:
    """A rate as percent to one place, as rates are printed."""
    return f"{rounded(rate * HUNDRED, 1, 'half_up'):.1f}%"


def _exact(value: Fraction) -> str:
    """A number that ends, with its own digits: sums and products of what was typed."""
    return shown(Decimal(value.numerator) / Decimal(value.denominator))


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _signed(text: str, value: Decimal) -> str:
    """A negative input in brackets, so that no sign stands beside an operator."""
    return f"（{text}）" if value < 0 else text
