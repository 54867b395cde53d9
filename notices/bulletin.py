"""月通报 and its 更正 as letters: the frozen figures laid out in sections, tables and charts; nothing is reckoned here."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from models.bulletin import lines_in, marked_name
from models.bulletin_change import LineChange
from models.bulletin_figures import COLUMNS, UNITS
from models.bulletin_lists import LISTS
from models.bulletin_words import progress_said, subject_of
from notices.document import Annex, Bulletin, Section
from notices.follow_through import Amendment, Correction
from notices.parts import Chart, Column, Series, Table
from notices.wording import zh_date

SHORT = {"target": 31, "total": 31, "done": 18, "yoy": 20, "gap": 17, "place": 12}  # mm, of the table in the text
WIDE = {
    "target": 29,
    "month": 26,
    "total": 29,
    "last_year": 29,
    "yoy": 20,
    "done": 18,
    "gap": 17,
    "share": 18,
    "place": 13,
}
SHORT_NAME, WIDE_NAME = 27, 26
LIST_COLUMNS = (Column("序号", 12), Column("区", 22), Column("项目", 50), Column("日期", 34), Column("金额、情况", 38))
MOST_LISTED = 300  # of one list that is printed; the rest stands on the bulletin's page
DISTRICTS = "各区人民政府"


def bulletin_letter(figures: Mapping[str, Any], words: Mapping[str, str], **elements: Any) -> Bulletin:
    """The paper of frozen figures; `elements` are those all letters share: the issuer, the date, who gets copies."""
    until = date.fromisoformat(figures["until"])
    return Bulletin(
        subject=subject_of(figures),
        opening=f"现将截至{zh_date(until)}全市招商引资工作进展情况通报如下。",
        sections=(
            Section(
                heading="目标任务进展",
                text=progress_said(figures),
                tables=(_table(figures, SHORT),),
                charts=_charts(figures),
            ),
            Section(heading="项目情况", parts=tuple(_list(name, heading, figures) for name, heading in LISTS.items())),
            Section(heading="月报报送情况", text=_reporting(figures)),
            Section(heading="存在问题", text=words["problems"]),
            Section(heading="下步要求", text=words["demands"]),
        ),
        annexes=(Annex(name="各区实际利用内资情况表", table=_table(figures, WIDE, wide=True)),),
        notes=tuple(note["text"] for note in figures["notes"]),
        demo=figures["demo"],
        to_name=DISTRICTS,
        **elements,
    )


def correction_letter(changes: Sequence[LineChange], reason: str, demo: bool, **elements: Any) -> Correction:
    """更正: one item for each line of the table that reads otherwise now, with all its cells that do."""
    items = tuple(
        Amendment(place=f"附件表中{each.name}一行", wrong=_cells(each, "was"), right=_cells(each, "now"))
        for each in changes
    )
    return Correction(items=items, reason=reason, demo=demo, to_name=DISTRICTS, **elements)


def _cells(line: LineChange, which: str) -> str:
    return "，".join(f"{COLUMNS[cell.column]}{getattr(cell, which)}{_unit(cell.column)}" for cell in line.cells)


def _unit(column: str) -> str:
    return UNITS.get(column, "")


def _table(figures: Mapping[str, Any], widths: Mapping[str, float], *, wide: bool = False) -> Table:
    heads = (Column(COLUMNS[name], width, number=True) for name, width in widths.items())
    rows = tuple((marked_name(line, figures), *(line.printed(name) for name in widths)) for line in lines_in(figures))
    name = Column("区", WIDE_NAME if wide else SHORT_NAME)
    caption = "金额单位：万元；与序时进度差：百分点"
    return Table((name, *heads), rows, caption if wide else f"各区实际利用内资进展（{caption}）", wide=wide)


def _charts(figures: Mapping[str, Any]) -> tuple[Chart, ...]:
    districts = [line for line in lines_in(figures) if line.members == (line.key,)]
    names, with_target = tuple(line.name for line in districts), [line for line in districts if line.target]
    progress = Chart("progress", "年度目标完成情况", tuple(line.name for line in with_target), (
        Series("完成", tuple(line.total for line in with_target)),
        Series("目标", tuple(line.target for line in with_target)),
    ), "万元")  # fmt: skip
    years = Chart("bars", "本年累计与上年同期", names, (
        Series("本年", tuple(line.total for line in districts)),
        Series("上年同期", tuple(line.last_year for line in districts)),
    ), "万元")  # fmt: skip
    return (progress, years) if with_target else (years,)


def _list(name: str, heading: str, figures: Mapping[str, Any]) -> Section:
    rows = figures["lists"][name]
    known = [row for row in rows if row["project_id"] or row["said"] or row["on"]]
    said = f"共{len(known)}个。" if known else "已报送的区没有。"
    more = f"表中列出前{MOST_LISTED}个。" if len(rows) > MOST_LISTED else ""
    table = Table(LIST_COLUMNS, tuple(
        (str(at), row["district"], row["project"], _day(row["on"]), row["said"])
        for at, row in enumerate(rows[:MOST_LISTED], 1)
    ))  # fmt: skip
    return Section(heading=heading, text=said + more, tables=(table,) if rows else ())


def _day(text: str) -> str:
    """A day as papers write it; what is no day stays as it was typed."""
    try:
        return zh_date(date.fromisoformat(text))
    except ValueError:
        return text


def _reporting(figures: Mapping[str, Any]) -> str:
    missing, late = "、".join(figures["missing"]), "、".join(figures["late"])
    said = [
        f"未按时报送月报的区：{missing}。上述各区的项目清单记为“未报”，到位资金按系统内的条目计入。" if missing else "",
        f"逾期后报送的区：{late}。" if late else "",
    ]
    return "\n".join(text for text in said if text) or "各区月报都已按时报送。"
