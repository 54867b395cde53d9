"""How a letter is worded on paper: full-width marks, dates in Chinese, titles broken into a trapezium or a lozenge."""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

HAN = r"\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
FULL = str.maketrans(",:;?!", "，：；？！")
BESIDE_HAN = re.compile(rf"(?<=[{HAN}」』》〉）”’])[,:;?!]|[,:;?!](?=[{HAN}「『《〈（“‘])")
STOP_AFTER_HAN = re.compile(rf"(?<=[{HAN}」』》〉）”’])\.(?=$|\s|[{HAN}])")
ROUND = re.compile(r"\(([^()]*)\)")
QUOTED = re.compile(r'"([^"]*)"')
SPACED_HAN = re.compile(rf"(?<=[{HAN}，。、；：？！（）《》])[ \t]+(?=[{HAN}，。、；：？！（）《》])")
CODE = re.compile(r"[A-Za-z0-9]+(?:[-/_][A-Za-z0-9]+)+")
INSIDE_CODE = re.compile(r"(?<=[A-Za-z0-9])([-/_])(?=[A-Za-z0-9])")
WHOLE_CODE = 16  # signs of a code that stays in one line
HAS_HAN = re.compile(rf"[{HAN}]")
BREAK_HERE = "\u200b"  # zero width space: may break, prints nothing, is dropped on extraction
UNPRINTABLE = frozenset(
    ("Cc", "Cf", "Cs")
)  # a sign that Python does not know yet must meet the glyph check, not vanish
NATURAL_ENDS = (
    "项目",
    "公司",
    "集团",
    "中心",
    "基地",
    "园区",
    "产业园",
    "工程",
    "总部",
    "平台",
    "新区",
    "、",
    "）",
    "”",
    "》",
)
TAILS = ("项目", "建设", "工程", "有限")  # what belongs to the words before it
WORDS = frozenset((Path(__file__).parent / "kit" / "words.txt").read_text("utf-8").split())  # not to be broken
MOST_SHAPED_LINES = 3  # beyond them there is no shape left to give
ONE_LINE_MORE = 5.0  # what a further line costs, against what it saves
NEVER_FIRST = "，。、；：？！）》”’的"
NEVER_LAST = "（《“‘"


def zh(text: str) -> str:
    """The text with full-width marks beside Chinese, matched brackets, and places to break inside codes."""
    shown = "".join(char for char in text if char == "\n" or unicodedata.category(char) not in UNPRINTABLE)
    shown = ROUND.sub(lambda found: _bracket(shown, found), shown)
    if HAS_HAN.search(shown):
        shown = QUOTED.sub(r"“\1”", shown)
    shown = BESIDE_HAN.sub(lambda found: found[0].translate(FULL), shown)
    shown = SPACED_HAN.sub("", STOP_AFTER_HAN.sub("。", shown))
    return CODE.sub(lambda found: _breakable(found[0]), shown)


def _breakable(code: str) -> str:
    """A long code with places to break; a short one, and a telephone number, stays whole."""
    return code if len(code) <= WHOLE_CODE else INSIDE_CODE.sub(rf"\1{BREAK_HERE}", code)


def _bracket(text: str, found: re.Match[str]) -> str:
    neighbours = text[max(found.start() - 1, 0) : found.start()] + found[1] + text[found.end() : found.end() + 1]
    return f"（{found[1]}）" if HAS_HAN.search(neighbours) else found[0]


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text that a person typed, without empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def sentence(text: str) -> str:
    """The text closed by a full stop, unless it is closed already or opens what follows with a colon."""
    stripped = text.strip()
    return stripped if not stripped or stripped[-1] in "。！？；：.!?:" else stripped + "。"


def clause(text: str) -> str:
    """The text without its closing mark, to be followed by one of the letter's own."""
    return text.strip().rstrip("。；;.，,")


def zh_date(day: date) -> str:
    """成文日期 in Arabic figures without leading zeros: 2026年11月4日."""
    return f"{day.year}年{day.month}月{day.day}日"


def weekday(day: date) -> str:
    """星期 of a day: 星期四."""
    return "星期" + "一二三四五六日"[day.weekday()]


def numeral(number: int) -> str:
    """1 to 99 in Chinese: 一, 十, 十二, 二十一."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
    return head + (digits[ones] if ones or not tens else "")


def title_lines(parts: Sequence[str], per_line: int = 20) -> list[str]:
    """标题 in as few lines as it needs, in the shape of a trapezium or a lozenge, broken where a reader would."""
    text, ends = "".join(parts), _part_ends(parts)
    fewest = max(1, math.ceil(_width(text) / per_line))
    if fewest == 1:
        return [text]
    if fewest > MOST_SHAPED_LINES:
        size = math.ceil(len(text) / fewest)
        return [text[at : at + size] for at in range(0, len(text), size)]
    choices = [
        (_ugliness(lines, ends) + ONE_LINE_MORE * (count - fewest), lines)
        for count in (fewest, fewest + 1)
        for lines in _splits(text, count, per_line)
    ]
    return min(choices)[1] if choices else [text]


def _part_ends(parts: Sequence[str]) -> frozenset[int]:
    ends, at = set(), 0
    for part in parts:
        at += len(part)
        ends.add(at)
    return frozenset(ends)


def _splits(text: str, count: int, per_line: int) -> Iterator[list[str]]:
    """All ways to break a text into so many lines that fit."""
    if count == 1:
        if _width(text) <= per_line:
            yield [text]
        return
    whole, taken = _width(text), 0.0
    for at in range(1, len(text)):
        taken += _width(text[at - 1])
        if taken > per_line:
            return
        if whole - taken <= per_line * (count - 1) and _may_break(text, at):
            yield from ([text[:at], *rest] for rest in _splits(text[at:], count - 1, per_line))


def _may_break(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    inside_word = before.isascii() and after.isascii() and before.isalnum() and after.isalnum()
    return not inside_word and after not in NEVER_FIRST and before not in NEVER_LAST


def _width(line: str) -> float:
    return sum(0.5 if char.isascii() else 1 for char in line)


def _ugliness(lines: list[str], ends: frozenset[int]) -> float:
    widths, at, cost = [_width(line) for line in lines], 0, 0.0
    for line, after in pairwise(lines):
        at += len(line)
        cost += _roughness(line, after, at in ends) + (8 if len(line) < 4 else 0)
    spread = max(widths) - min(widths)
    cost += abs(spread - 4) * 0.5  # neither a block nor a stump
    return cost + (0 if _shapely(widths) else 8)


def _roughness(line: str, after: str, between_parts: bool) -> float:
    """How much a reader minds the break between two lines of a title."""
    if line[-1] + after[0] in WORDS:
        return 12
    if line.endswith(NATURAL_ENDS) and not after.startswith(TAILS):
        return 0
    whole_words = line[-2:] in WORDS or after[:2] in WORDS
    return 1 if between_parts else 3 if whole_words and not after.startswith(TAILS) else 6


def _shapely(widths: list[float]) -> bool:
    """Growing, shrinking, or widest in the middle."""
    peak = widths.index(max(widths))
    rising = all(a <= b for a, b in pairwise(widths[: peak + 1]))
    falling = all(a >= b for a, b in pairwise(widths[peak:]))
    return rising and falling
