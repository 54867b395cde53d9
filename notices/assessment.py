"""公示 and 考核结果 of an assessment: the papers made of a scored sheet, number for number as the page shows it."""

from collections.abc import Iterator
from datetime import date
from math import ceil

from models.assessment_sheet import NOTHING, ScoreSheet, formula_rows
from models.duty import period_zh
from notices.document import Annex, AssessmentResult, Publicity, Section
from notices.parts import Chart, Column, Series, Table

BROAD, NARROW = 225.0, 156.0  # mm of a table on its side and upright
PLACE, UNIT_LEAST, SCORE, COMBINED_PLACE = 12.0, 24.0, 18.0, 16.0  # mm of columns of the upright table
MOST_SCORES = 10  # columns of scores that a table on its side can carry and still be read
LONGEST = 290  # characters of one formula in a cell
WHERE = "市合作交流办（在本系统“考核”页面提出）"
WHO = {"district": "各区", "department": "市级部门"}
TO = {"district": "各区人民政府", "department": "市有关部门"}
STANDARD = "本次考核适用系统默认方案，权重为默认值；本市考核权重未公开，市里下发方案后以方案为准。"


def publicity_paper(sheet: ScoreSheet, *, issuer: str, on: date, until: date) -> Publicity:
    """公示稿 of the first result; `until` allows for the days in which the paper is checked and signed."""
    said = f"{period_zh(sheet.period)}{WHO[sheet.subject]}考核初评结果"
    return Publicity(
        issuer=issuer,
        to_name=TO[sheet.subject],
        date=on,
        subject=said,
        opening=f"依据《{sheet.scheme}》，{said}已经核对，现予公示。公示期为5个工作日，自印发之日起算。",
        sections=(Section(heading="初评结果", tables=(summary_table(sheet),)),),
        notes=notes(sheet),
        annexes=annexes(sheet),
        until=until,
        where=WHERE,
    )


def result_paper(sheet: ScoreSheet, *, issuer: str, on: date, changed: tuple[str, ...]) -> AssessmentResult:
    """考核结果 with the whole table and every formula; `changed` says what accepted objections changed."""
    said = f"{period_zh(sheet.period)}{WHO[sheet.subject]}招商引资"
    sections = [
        Section(heading="考核结果", tables=(summary_table(sheet),), charts=chart(sheet)),
        Section(heading="异议处理", text="".join(changed) or "公示期内没有采纳的异议，终评结果与初评结果一致。"),
        Section(heading="有关要求", text="各单位要对照评分明细查找差距，逐项改进。考核结果报送全市绩效考核。"),
    ]
    return AssessmentResult(
        issuer=issuer,
        to_name=TO[sheet.subject],
        date=on,
        subject=said,
        opening=f"依据《{sheet.scheme}》，经取数、核对、初评、公示和异议处理，现将{said}考核结果通报如下。",
        sections=tuple(sections),
        notes=notes(sheet),
        annexes=annexes(sheet),
    )


def summary_table(sheet: ScoreSheet) -> Table:
    """Places, units, the points of each group and the total; with the places by 内外资 where there are any."""
    combined = any(row.combined != NOTHING for row in sheet.rows)
    groups = sheet.groups
    fixed = PLACE + UNIT_LEAST + SCORE + (SCORE + COMBINED_PLACE if combined else 0)
    each = min(24.0, (NARROW - fixed) / max(len(groups), 1))
    unit_width = NARROW - (fixed - UNIT_LEAST) - each * len(groups)
    columns = (
        Column("位次", PLACE, number=True),
        Column("单位", unit_width),
        *(Column(group, each, number=True) for group in groups),
        Column("总分", SCORE, number=True),
        *(
            (Column("内外资得分", SCORE, number=True), Column("内外资位次", COMBINED_PLACE, number=True))
            if combined
            else ()
        ),
    )
    rows = tuple(
        (row.placed, row.name, *row.subtotals, row.total,
         *((row.combined, row.combined_placed) if combined else ()))
        for row in sheet.rows
    )  # fmt: skip
    return Table(columns, rows)


def chart(sheet: ScoreSheet) -> tuple[Chart, ...]:
    """总分 as bars; none where nobody is scored."""
    scored = [row for row in sheet.rows if row.total != NOTHING]
    values = tuple(float(row.total.replace(",", "")) for row in scored)
    return (
        (Chart("bars", "各单位总分", tuple(row.name for row in scored), (Series("总分", values),), "分"),)
        if scored
        else ()
    )


def notes(sheet: ScoreSheet) -> tuple[str, ...]:
    """What "-" means and which scheme it is."""
    found = []
    if any(row.place is None for row in sheet.rows):
        found.append("“-”表示没有目标或没有事项，不计分、不排名。")
    if sheet.standard:
        found.append(STANDARD)
    return tuple(found)


def annexes(sheet: ScoreSheet) -> tuple[Annex, ...]:
    """The table of all scores, in parts when it is too broad for a page, and the formula of every score."""
    tables = list(score_tables(sheet))
    names = [f"评分表（{number}）" if len(tables) > 1 else "评分表" for number in range(1, len(tables) + 1)]
    columns = (Column("单位", 28), Column("指标", 40), Column("算式", 137), Column("得分", 20, number=True))
    rows = tuple((unit, name, text[:LONGEST], score) for unit, name, text, score in formula_rows(sheet))
    detail = Annex(name="逐项算式", table=Table(columns, rows, wide=True))
    return (*(Annex(name=name, table=table) for name, table in zip(names, tables, strict=True)), detail)


def score_tables(sheet: ScoreSheet) -> Iterator[Table]:
    """The scores of all indicators, in parts of about the same breadth; the last one ends with the total."""
    count = max(len(sheet.columns), 1)
    size = ceil(count / ceil(count / MOST_SCORES))
    for first in range(0, count, size):
        part = sheet.columns[first : first + size]
        ends = first + size >= count
        width = (BROAD - 14 - 30 - (20 if ends else 0)) / max(len(part), 1)
        columns = (
            Column("位次", 14, number=True),
            Column("单位", 30),
            *(
                Column(f"{column.name}（{column.weight}）" if column.weight else column.name, width, number=True)
                for column in part
            ),
            *((Column("总分", 20, number=True),) if ends else ()),
        )
        rows = tuple(
            (row.placed, row.name, *(line.score for line in row.lines[first : first + size]),
             *((row.total,) if ends else ()))
            for row in sheet.rows
        )  # fmt: skip
        yield Table(columns, rows, wide=True)
