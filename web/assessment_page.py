"""The pages of 考核 as they are shown: the list, one sheet with its objections, and what a viewer may do."""

from flask import url_for
from flask_babel import gettext as _

from models.assessment import PUBLISHED, STATES, Assessment, assessments, find_assessment
from models.assessment_sheet import NOTHING, ScoreSheet, SheetRow, read_sheet
from models.objection import STATES as OBJECTION_STATES
from models.objection import Objection, objections_of
from models.objection_acts import is_open
from models.scheme_version import SUBJECTS
from models.target import are_made_up
from models.unit import Unit
from web.duty_words import period_words
from web.i18n import day, moment, say
from web.lamps import time_lamp
from web.views.assessments import AssessmentLine, AssessmentPage, ObjectionRow, ScoreCell, ScoreRow
from web.views.shared import Fact, LampView, Link

COLOURS = {"scoring": "grey", "first": "grey", "publicity": "yellow", "final": "green"}
ANSWERED = {"open": "yellow", "accepted": "green", "refused": "grey", "late": "red"}


def title_of(row: Assessment) -> str:
    """2026年上半年考核（各区）."""
    return str(_("%(period)s考核（%(subject)s）", period=period_words(row.period), subject=say(SUBJECTS[row.subject])))


def lamp_of(row: Assessment) -> LampView:
    """The state in words."""
    return LampView(COLOURS[row.state], say(STATES[row.state]))  # type: ignore[arg-type]


def list_lines(unit: Unit) -> tuple[AssessmentLine, ...]:
    """All assessments that the visitor may see."""
    return tuple(
        AssessmentLine(
            title_of(row),
            url_for("assessments.page", assessment_id=row.id),
            lamp_of(row),
            row.scheme["name"] if row.scheme else "",
            day(row.publicity_until) if row.state in PUBLISHED else "",
            day(row.final_at) if row.final_at else "",
        )
        for row in assessments(unit)
    )


def sheet_of(row: Assessment) -> ScoreSheet:
    """What is shown: the first result as it was published until the final one stands."""
    return read_sheet(row.first_sheet if row.state == "publicity" else row.sheet)


def assessment_page(unit: Unit, assessment_id: int) -> AssessmentPage:
    """One sheet."""
    row = find_assessment(unit, assessment_id)
    sheet = sheet_of(row)
    blocked, href = _objecting(unit, row, sheet)
    return AssessmentPage(
        title=title_of(row),
        lead=_("每个得分点进去，可以看到算式和依据。"),
        lamp=lamp_of(row),
        standard=sheet.standard,
        facts=_facts(unit, row, sheet),
        columns=tuple((column.name, column.weight) for column in sheet.columns),
        rows=tuple(_row(unit, row, sheet, each) for each in sheet.rows),
        combined=any(each.combined != NOTHING for each in sheet.rows),
        objections=tuple(_objection(unit, row, sheet, each) for each in objections_of(unit.session, row.id)),
        show_objections=row.state in PUBLISHED,
        links=_links(unit, row, sheet),
        object_href=href,
        object_blocked=blocked,
        list_href=url_for("assessments.index"),
        demo=are_made_up(unit.session, int(row.period[:4])),
    )


def _facts(unit: Unit, row: Assessment, sheet: ScoreSheet) -> tuple[Fact, ...]:
    scheme = url_for("schemes.page", version_id=row.scheme_version_id) if row.scheme_version_id else ""
    facts = [Fact(_("考核方案"), sheet.scheme, scheme or url_for("schemes.standard", subject=row.subject))]
    if row.scored_by:
        facts.append(Fact(_("评分表核对"), row.scored_by))
    if row.state in PUBLISHED and row.publicity_until:
        facts.append(Fact(_("公示期至"), day(row.publicity_until)))
    if is_open(unit, row) and row.publicity_until:
        left = (row.publicity_until - unit.today).days
        facts.append(Fact(_("公示期还剩"), time_lamp(left, warn_days=1).text))
    for number, text in ((row.publicity_notice_id, _("公示")), (row.result_notice_id, _("考核结果通报"))):
        if number and unit.actor.may("notice.view"):
            facts.append(Fact(text, _("打开公文"), url_for("notices.page", notice_id=number)))
    return tuple(facts)


def _row(unit: Unit, row: Assessment, sheet: ScoreSheet, each: SheetRow) -> ScoreRow:
    def href(word: str) -> str:
        return url_for("assessments.score", assessment_id=row.id, organ_id=each.organ_id, indicator=word)

    cells = tuple(
        ScoreCell(line.score, href(column.word)) for column, line in zip(sheet.columns, each.lines, strict=True)
    )
    return ScoreRow(each.placed, each.name, each.code, cells, each.total, each.combined, each.combined_placed, each.margin,
                    _tags(each), own=each.organ_id == unit.actor.organ_id)  # fmt: skip


def _tags(each: SheetRow) -> tuple[str, ...]:
    """后三位, by which of the two."""
    if each.last and each.combined_last:
        return (_("总分、内外资后三位"),)
    return tuple(text for on, text in ((each.last, _("总分后三位")), (each.combined_last, _("内外资后三位"))) if on)


def _objection(unit: Unit, row: Assessment, sheet: ScoreSheet, each: Objection) -> ObjectionRow:
    found, of = sheet.column_of(each.indicator), sheet.row_of(each.organ_id)
    may = each.state == "open" and unit.actor.may("assessment.decide") and not _is_scorer(unit, row)
    decide = url_for("objections.decide", assessment_id=row.id, objection_id=each.id) if may else ""
    return ObjectionRow(
        unit=of.name if of else "",
        indicator=found[1].name if found else each.indicator,
        reason=each.reason,
        by=f"{each.filed_by} · {moment(each.filed_at)}",
        lamp=LampView(ANSWERED[each.state], say(OBJECTION_STATES[each.state])),  # type: ignore[arg-type]
        decision=each.decision,
        decided=f"{each.decided_by} · {moment(each.decided_at)}" if each.decided_at else "",
        change=_change(each),
        files=file_links(row.id, each.evidence) if may_see_papers(unit, each.organ_id) else (),
        decide_href=decide,
    )


def _is_scorer(unit: Unit, row: Assessment) -> bool:
    return unit.actor.officer_id == row.scored_by_id


def _change(each: Objection) -> str:
    if each.state != "accepted":
        return ""
    pairs = ((each.before[word] or NOTHING, each.after[word] or NOTHING) for word in each.after)
    told = [f"{was} → {now}" for was, now in pairs if was != now]
    return "；".join(told) or str(_("重新取数，数值没有变化"))


def may_see_papers(unit: Unit, organ_id: int) -> bool:
    """Whether the visitor may open the evidence and the rows of a unit: her own, or the desk's and the city's."""
    return unit.actor.organ_id == organ_id or unit.actor.may("assessment.draft")


def file_links(assessment_id: int, numbers: list[int]) -> tuple[Link, ...]:
    """Links to the papers that somebody filed with an assessment."""
    return tuple(
        Link(_("佐证%(n)s", n=place),
             url_for("assessments.file", assessment_id=assessment_id, paper_id=number))
        for place, number in enumerate(numbers, start=1)
    )  # fmt: skip


def _links(unit: Unit, row: Assessment, sheet: ScoreSheet) -> tuple[tuple[str, str, str], ...]:
    links = [
        (_("导出 Excel"), url_for("assessments.book", assessment_id=row.id), "download"),
        (_("导出绩效考核数据"), url_for("assessments.export", assessment_id=row.id), "download"),
    ]
    if row.state == "scoring" and unit.actor.may("assessment.score") and any(column.typed for column in sheet.columns):
        links.insert(0, (_("补录人工指标"), url_for("assessments.fill", assessment_id=row.id), "pencil-square"))
    return tuple(links)


def _objecting(unit: Unit, row: Assessment, sheet: ScoreSheet) -> tuple[str, str]:
    """Why the visitor cannot object, and where she does; an objection after the deadline is still recorded."""
    mine = unit.actor.organ_id is not None and sheet.row_of(unit.actor.organ_id) is not None
    if row.state not in PUBLISHED or not mine or not unit.actor.may("assessment.object", [unit.actor.organ_id]):
        return "", ""
    href = url_for("objections.file", assessment_id=row.id)
    late = "" if is_open(unit, row) else _("公示期已满，此后提出的异议只记录，不予受理。")
    return late, href
