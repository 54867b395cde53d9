"""通报的文字: what a bulletin says of its own figures, prepared so that the desk writes only what figures cannot say."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from models import printed_numbers as printed
from models.bulletin_figures import CITY, TIER_KEY, Line, line_from

FEW = 3  # as many as a sentence names of those ahead
WORDS = ("problems", "demands")


def months_said(until: date) -> str:
    """The months of the figures: 1至10月, in January 1月."""
    return "1月" if until.month == 1 else f"1至{until.month}月"


def subject_of(figures: Mapping[str, Any]) -> str:
    """What the paper is about, between 关于 and 的通报."""
    until = date.fromisoformat(figures["until"])
    return f"{until.year}年{months_said(until)}招商引资工作进展情况"


def progress_said(figures: Mapping[str, Any]) -> str:
    """目标任务进展 in sentences: the city, the three tiers, and who is ahead of and behind 序时进度."""
    until = date.fromisoformat(figures["until"])
    lines = {line.key: line for line in map(line_from, figures["lines"])}
    city = lines[CITY]
    tiers = [line for key, line in lines.items() if key.startswith(TIER_KEY.format(""))]
    districts = [line for line in lines.values() if line not in (city, *tiers)]
    month = f"其中{until.month}月当月{printed.yi(city.month)}亿元。" if until.month > 1 else ""
    paragraphs = [
        f"{months_said(until)}，全市实际利用内资{printed.yi(city.total)}亿元{_done(city)}{_growth(city)}{_pace(city)}。{month}",
        "分片区看，"
        + "；".join(f"{line.name}{printed.yi(line.total)}亿元，占全市{line.printed('share')}" for line in tiers)
        + "。",
        *_ranked(districts),
    ]
    return "\n".join(paragraphs)


def prepared_words(figures: Mapping[str, Any]) -> dict[str, str]:
    """存在问题 and 下步要求 as the figures alone give them; the desk may write others."""
    districts = [line for line in map(line_from, figures["lines"]) if line.members == (line.key,)]
    behind = [line for line in districts if line.gap is not None and line.gap < 0]
    withdrawn = [line for line in districts if line.month < 0]
    unset = [line for line in districts if line.target is None]
    found = [
        (behind, f"{len(behind)}个区慢于序时进度，分别是{_named(behind, 'gap', '慢{}个百分点')}。"),
        (withdrawn, f"本月有撤资大于到位的区：{_named(withdrawn, 'month', '{}万元')}。"),
        (unset, f"{'、'.join(line.name for line in unset)}尚未下达年度目标。"),
        (figures["missing"], f"{'、'.join(figures['missing'])}没有按时报送月报，清单内容缺失。"),
    ]
    problems = [text for there, text in found if there]
    demands = ["各区对照年度目标和序时进度，逐个项目落实到位资金计划，抓好签约项目注册、开工和资金到位。",
               "慢于序时进度的区，分析原因，明确追赶措施和完成时间。" if behind else "",
               "没有按时报送月报的区，收到本通报后立即补报。" if figures["missing"] else ""]  # fmt: skip
    return {
        "problems": "\n".join(problems) or "各区进展总体正常。",
        "demands": "\n".join(text for text in demands if text),
    }


def _done(line: Line) -> str:
    return "" if line.done is None else f"，完成年度目标的{line.printed('done')}"


def _growth(line: Line) -> str:
    if line.yoy is None:
        return "，上年同期没有可比数据"
    return f"，同比{'增长' if line.yoy >= 0 else '下降'}{line.printed('yoy').lstrip('-')}"


def _pace(line: Line) -> str:
    if line.gap is None:
        return ""
    said = line.printed("gap")
    return (
        "，与序时进度持平"
        if said == "0.0"
        else f"，{'慢' if said[0] == '-' else '快'}于序时进度{said.lstrip('-')}个百分点"
    )


def _ranked(districts: Sequence[Line]) -> list[str]:
    ranked = sorted((line for line in districts if line.place), key=lambda line: line.place or 0)
    ahead = [line for line in ranked if (line.place or 0) <= FEW]
    behind = [line for line in ranked if line.gap is not None and line.gap < 0]
    return [
        text
        for there, text in (
            (ahead, f"完成年度目标位次居前的有{_named(ahead, 'done', '{}')}。"),
            (behind, f"慢于序时进度的有{len(behind)}个区。"),
        )
        if there
    ]


def _named(lines: Iterable[Line], column: str, how: str) -> str:
    return "、".join(
        f"{line.name}（{how.format(line.printed(column).lstrip('-' if column == 'gap' else ''))}）" for line in lines
    )
