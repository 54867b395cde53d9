"""One cell of a decision table: a dash, comparisons, intervals, lists of values; read into plain tests."""

import re
from dataclasses import dataclass
from decimal import Decimal

from models.expression import LARGEST
from models.saying import Saying
from models.texts import N_

LONGEST = 500  # characters of an input cell
LONGEST_TEXT = 2000  # characters of an output cell; sentences live there
MOST_TESTS = 100

Value = str | Decimal | bool | None


class CellError(Saying):
    """格子写法有误。 It is not in the grammar, or its value does not fit."""


@dataclass(frozen=True, slots=True)
class Exactly:
    """等于一个值。 Text, number, truth value or nothing."""

    value: Value

    def holds(self, given: object) -> bool:
        """Whether the value is this one; a truth value never equals a number."""
        if isinstance(self.value, Decimal):
            return _number(given) == self.value
        return type(given) is type(self.value) and given == self.value


@dataclass(frozen=True, slots=True)
class Span:
    """数字区间。 Either end may be open (None)."""

    low: Decimal | None
    low_in: bool
    high: Decimal | None
    high_in: bool

    def holds(self, given: object) -> bool:
        """Whether a number lies in the span; nothing known lies in no span; text raises CellError."""
        if given is None:
            return False
        number = _number(given)
        if number is None:
            raise CellError(N_("“%(value)s”不是数字，不能与数字比较"), value=str(given)[:60])
        above = self.low is None or number > self.low or (self.low_in and number == self.low)
        below = self.high is None or number < self.high or (self.high_in and number == self.high)
        return above and below


@dataclass(frozen=True, slots=True)
class Cell:
    """一个格子。 Holds when one of its tests holds; without tests it always holds; `negated` turns it round."""

    text: str
    tests: tuple[Exactly | Span, ...]
    negated: bool = False

    def holds(self, given: object) -> bool:
        """Whether the given value passes; raises CellError when text meets a number comparison."""
        if not self.tests:
            return True
        return any(test.holds(given) for test in self.tests) is not self.negated


TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"[^"]*") | (?P<number>-?\d{1,16}(?:\.\d{1,16})?(?![\w.])) | (?P<word>true|false|null|not)\b |
        (?P<sign><=|>=|<|>) | (?P<dots>\.\.) | (?P<mark>[\[\](),])
    )""",
    re.VERBOSE | re.ASCII,
)
# in 10..30 the number must stop before the dots
SPLIT_DOTS = re.compile(r"(?<=\d)\s*\.\.")
WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
Token = tuple[str, str]


def read_cell(text: str) -> Cell:
    """The test written in an input cell; raises CellError with a sentence."""
    text = text.strip()
    if text in {"", "-"}:
        return Cell(text, ())
    if len(text) > LONGEST:
        raise CellError(N_("格子有 %(size)d 个字符，最多 %(most)d 个"), size=len(text), most=LONGEST)
    tokens = _tokens(text)
    negated = tokens[:2] == [("word", "not"), ("mark", "(")] and tokens[-1] == ("mark", ")")
    tests = _tests(text, tokens[2:-1] if negated else tokens)
    return Cell(text, tuple(tests), negated)


def read_literal(text: str) -> Value:
    """The value written in an output cell (None when empty); raises CellError unless it is a plain value."""
    text = text.strip()
    if text in {"", "-"}:
        return None
    if len(text) > LONGEST_TEXT:
        raise CellError(N_("格子有 %(size)d 个字符，最多 %(most)d 个"), size=len(text), most=LONGEST_TEXT)
    tokens = _tokens(text)
    if len(tokens) != 1:
        raise _unreadable(text)
    return _value(text, tokens[0])


def overlaps(one: Cell, other: Cell) -> bool:
    """Whether one value could pass both cells; True unless it is certain that none can."""
    if not one.tests or not other.tests or one.negated or other.negated:
        return True
    return any(_meet(a, b) for a in one.tests for b in other.tests)


def marks(cell: Cell) -> list[Decimal]:
    """The numbers at which the outcome of a cell can change."""
    ends = ((test.low, test.high) if isinstance(test, Span) else (test.value,) for test in cell.tests)
    return sorted({end for pair in ends for end in pair if isinstance(end, Decimal)})


def _meet(one: Exactly | Span, other: Exactly | Span) -> bool:
    if isinstance(one, Exactly):
        return _passes(other, one.value)
    if isinstance(other, Exactly):
        return _passes(one, other.value)
    return not (_before(one, other) or _before(other, one))


def _passes(test: Exactly | Span, value: Value) -> bool:
    return test.holds(value) if isinstance(test, Exactly) or _number(value) is not None else False


def _before(one: Span, other: Span) -> bool:
    if one.high is None or other.low is None:
        return False
    return one.high < other.low or (one.high == other.low and not (one.high_in and other.low_in))


def _number(given: object) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, int | float | Decimal):
        return None
    number = given if isinstance(given, Decimal) else Decimal(str(given))
    return number if number.is_finite() else None


def _unreadable(text: str) -> CellError:
    return CellError(
        N_('格子“%(text)s”无法读懂；可写 -、>= 30、[10..30]、"甲","乙"、true、false、null 或 not(…)'), text=text[:60]
    )


def _tokens(text: str) -> list[Token]:
    spaced = _outside_quotes(text)
    found: list[Token] = []
    place = 0
    while place < len(spaced):
        match = TOKEN.match(spaced, place)
        if match is None or match.lastgroup is None:
            raise _unreadable(text)
        found.append((match.lastgroup, match.group(match.lastgroup)))
        place = match.end()
    return found


def _outside_quotes(text: str) -> str:
    parts = text.split('"')
    parts[::2] = [SPLIT_DOTS.sub(" ..", part) for part in parts[::2]]
    return '"'.join(parts).rstrip()


def _value(text: str, token: Token) -> Value:
    kind, written = token
    if kind == "text":
        return written[1:-1]
    if kind == "number":
        number = Decimal(written)
        if abs(number) > LARGEST:
            raise CellError(N_("格子“%(text)s”里的数字超出范围"), text=text[:60])
        return number
    if kind == "word" and written in WORDS:
        return WORDS[written]
    raise _unreadable(text)


def _tests(text: str, tokens: list[Token]) -> list[Exactly | Span]:
    tests: list[Exactly | Span] = []
    place = 0
    while True:
        test, place = _test(text, tokens, place)
        tests.append(test)
        if len(tests) > MOST_TESTS:
            raise CellError(N_("格子里最多写 %(most)d 项"), most=MOST_TESTS)
        if place == len(tokens):
            return tests
        if tokens[place] != ("mark", ","):
            raise _unreadable(text)
        place += 1


def _test(text: str, tokens: list[Token], place: int) -> tuple[Exactly | Span, int]:
    if place >= len(tokens):
        raise _unreadable(text)
    kind, written = tokens[place]
    if kind == "sign":
        return _compared(written, _end(text, tokens, place + 1)), place + 2
    if kind == "mark" and written in "[](" and written:
        return _interval(text, tokens[place : place + 5]), place + 5
    return Exactly(_value(text, tokens[place])), place + 1


def _compared(sign: str, bound: Decimal) -> Span:
    within = sign.endswith("=")
    return Span(bound, within, None, False) if sign[0] == ">" else Span(None, False, bound, within)


def _interval(text: str, tokens: list[Token]) -> Span:
    marks_right = len(tokens) == 5 and tokens[2][0] == "dots" and tokens[4] in {("mark", m) for m in "[])"}
    if not marks_right:
        raise _unreadable(text)
    low, high = _end(text, tokens, 1), _end(text, tokens, 3)
    span = Span(low, tokens[0][1] == "[", high, tokens[4][1] == "]")
    if low > high or (low == high and not (span.low_in and span.high_in)):
        raise CellError(N_("区间“%(text)s”里没有任何数"), text=text[:60])
    return span


def _end(text: str, tokens: list[Token], place: int) -> Decimal:
    value = _value(text, tokens[place]) if place < len(tokens) else None
    if not isinstance(value, Decimal):
        raise _unreadable(text)
    return value
