"""位次余量: whether a place among the last three would change if one figure of a unit were a little higher or lower."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from models.formula import Score
from models.scheme import Scheme
from models.score import Figures, Sheet, score_column, sheet_of

FINEST = Decimal("0.0001")  # the smallest move is told to a hundredth of a per cent


@dataclass(frozen=True)
class Margin:
    """余量。 A unit whose being in the last three, or not, hangs on one figure: which, and the smallest move that changes it.

    `move` is a share of the figure with its sign: -0.0312 is 3.12 % less. `into` is true when it would fall into the last.
    """

    unit: str
    figure: str
    move: Decimal
    into: bool


@dataclass(frozen=True)
class _Trial:
    """One unit's one figure, to be moved."""

    scheme: Scheme
    figures: Figures
    columns: Mapping[str, Mapping[str, Score]]
    unit: str
    word: str
    combined: bool

    def is_last(self, move: Decimal) -> bool:
        """Whether the unit is among the last three after the move."""
        return self.unit in last_of(self._moved(move), combined=self.combined)

    def _moved(self, move: Decimal) -> Sheet:
        was = self.figures.values[self.unit]
        value = was[self.word]
        assert value is not None
        figures = Figures(
            {**self.figures.values, self.unit: {**was, self.word: value + abs(value) * move}}, self.figures.groups
        )
        touched = {
            each.word: score_column(each, self.scheme, figures)
            for each in self.scheme.indicators
            if self.word in each.figures
        }
        return sheet_of(self.scheme, figures, {**self.columns, **touched})


def last_of(sheet: Sheet, *, combined: bool) -> frozenset[str]:
    """后三位 by 内外资, or by the total."""
    return sheet.combined_last if combined else sheet.last


def by_combined(scheme: Scheme) -> bool:
    """Whether the last three are told by 内外资: as soon as the scheme flags an indicator so."""
    return any(each.nature for each in scheme.indicators)


def margins(
    scheme: Scheme, figures: Figures, reach: Decimal = Decimal("0.05"), *, combined: bool | None = None
) -> dict[str, Margin]:
    """For each unit whose place in or out of the last three changes within ± `reach` of one figure: the smallest such move.

    A figure that is 0 or missing cannot move. Which ranking: by 内外资 when the scheme flags indicators, unless told.
    """
    by = by_combined(scheme) if combined is None else combined
    columns = {each.word: score_column(each, scheme, figures) for each in scheme.indicators}
    last = last_of(sheet_of(scheme, figures, columns), combined=by)
    found: dict[str, Margin] = {}
    for unit in figures.units:
        trials = [_Trial(scheme, figures, columns, unit, word, by) for word in scheme.figures]
        moves = [
            (abs(move), place, move, trial.word)
            for place, trial in enumerate(trials)
            for move in _moves(trial, unit in last, reach)
        ]
        if moves:
            _, _, move, word = min(moves)
            found[unit] = Margin(unit, word, move, unit not in last)
    return found


def _moves(trial: _Trial, is_last: bool, reach: Decimal) -> Iterator[Decimal]:
    """The smallest move in each direction that changes it; nothing for a direction in which none does."""
    if not trial.figures.values[trial.unit][trial.word]:
        return
    for sign in (Decimal(1), Decimal(-1)):
        if trial.is_last(sign * reach) is not is_last:
            yield sign * _smallest(trial, is_last, sign, reach)


def _smallest(trial: _Trial, is_last: bool, sign: Decimal, reach: Decimal) -> Decimal:
    """Halving: below it nothing changes, at it something does."""
    low, high = 0, int(reach / FINEST)
    while high - low > 1:
        middle = (low + high) // 2
        if trial.is_last(sign * middle * FINEST) is is_last:
            low = middle
        else:
            high = middle
    return high * FINEST
