"""The checklist of one project as its page draws it, and what the page sends back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from models.attachment import attachments
from models.inspection import Inspection, InspectionCheck, check_of, checks_of
from models.inspection_check import LONGEST, PARTS, VERDICTS, Answers, known_of, open_check
from models.inspection_question import LINKS, Known, Question, hint_of, questions_of
from models.organ import organ_names
from models.project import Project
from models.refusal import NotDue, NotFound, NotPermitted, Outdated
from models.texts import N_
from models.unit import Unit
from web.duty_words import period_words
from web.fields import ChoiceView, FieldView
from web.i18n import day, language, money, say
from web.inspection_page import check_lamp, is_revealed, seen_districts, seen_inspection
from web.numbers import LONGEST as LONGEST_NUMBER
from web.project_history import field_title
from web.project_list import stage_name
from web.views.inspection import CheckPage, LinkView, QuestionView
from web.views.shared import Fact, Link

Files = Mapping[int, str]


def typed_answers(codes: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the form holds, by the code of the question; files as the numbers of those filed before."""
    return {
        code: {part: request.form.get(f"{code}_{part}", "").strip() for part in PARTS if part != "evidence"}
        | {"evidence": [each for each in request.form.getlist(f"{code}_evidence") if _is_number(each)]}
        for code in codes
    }


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= LONGEST_NUMBER


def seen_check(unit: Unit, period: str, project_id: int) -> tuple[Inspection, InspectionCheck]:
    """The checklist, if the officer may know of it; raises NotFound."""
    row = seen_inspection(unit, period)
    check = check_of(unit.session, row.id, project_id)
    if check.district_id not in {each.organ_id for each in seen_districts(unit, row)}:
        raise NotFound(N_("这个项目不在本季检查名单中。"))
    return row, check


def sheet_page(unit: Unit, period: str, project_id: int, errors: Mapping[str, str] | None = None) -> CheckPage:
    """The page: the draft as it was kept, with what is wrong by field; read only to whoever may not write it now."""
    row, check = seen_check(unit, period, project_id)
    project, closed = unit.session.get_one(Project, project_id), _closed(unit, period, project_id)
    known, files = known_of(unit.session, project, unit.today), _files(unit, project_id)
    owner = organ_names(unit.session, [project.owner_organ_id], language()).get(project.owner_organ_id, "")
    answers = check.answers if is_revealed(unit, row, check) else {}
    drawn = Drawn(check, answers, project, known, files, errors or {}, owner, readonly=bool(closed))
    views = [(question.link, drawn.question(question)) for question in questions_of(check.links)]
    here = url_for("inspections.page", quarter=period, district=check.district_id)
    return CheckPage(
        title=project.name,
        crumbs=((_("季检查"), url_for("inspections.index")),
                (_("%(quarter)s检查", quarter=period_words(period)), here)),
        lamp=check_lamp(check, revealed=is_revealed(unit, row, check)),
        facts=tuple(_facts(project, known, owner)),
        links=tuple(
            LinkView(say(LINKS[link]), tuple(view for of, view in views if of == link)) for link in check.links
        ),
        fields=tuple(each for _link, view in views for each in (view.verdict, *view.fields)),
        finish_href="" if closed else url_for("inspections.finish", quarter=period, project_id=project_id),
        draft_href="" if closed else url_for("inspections.draft", quarter=period, project_id=project_id),
        draft_at=check.saved_at,
        closed=closed,
        next=next_check(unit, row, check) if not closed else None,
    )  # fmt: skip


def _closed(unit: Unit, period: str, project_id: int) -> str:
    """Why the checklist can only be read; "" when it may be written."""
    try:
        open_check(unit, period, project_id)
    except NotPermitted:
        return str(_("检查表由检查组填写；检查结果提交以后，结论显示在这里。"))
    except (NotDue, Outdated) as refusal:
        return say(refusal.message, dict(refusal.params))
    return ""


def _files(unit: Unit, project_id: int) -> Files:
    return {each.id: each.name for each in attachments(unit.session, project_id)}


def _facts(project: Project, known: Known, owner: str) -> Iterable[Fact]:
    yield Fact(_("项目编号"), project.project_no, url_for("projects.page", project_id=project.id))
    yield Fact(_("责任单位"), owner)
    yield Fact(_("当前阶段"), stage_name(project.stage))
    yield Fact(_("总投资"), money(project.total_investment))
    if known.funds is not None:
        share = _("（占总投资 %(share)s%%）", share=known.share) if known.share is not None else ""
        yield Fact(_("到位资金"), f"{money(known.funds)}{share}")
        yield Fact(_("最近一笔到位"), day(known.last_funds_on))


def next_check(unit: Unit, row: Inspection, check: InspectionCheck) -> Link | None:
    """The next project of the same district that is not checked yet; None when there is none."""
    pairs = checks_of(unit.session, row.id, check.district_id)
    waiting = [(each, project) for each, project in pairs if each.checked_at is None and each.id != check.id]
    if not waiting:
        return None
    href = url_for("inspections.sheet", quarter=row.period, project_id=waiting[0][1].id)
    return Link(waiting[0][1].name, href)


@dataclass(frozen=True)
class Drawn:
    """A checklist while it is being drawn: the draft, the ledger, the files and what is wrong."""

    check: InspectionCheck
    answers: Answers
    project: Project
    known: Known
    files: Files
    errors: Mapping[str, str]
    owner: str
    readonly: bool

    def question(self, asked: Question) -> QuestionView:
        """One question with what was typed into it."""
        given = self.answers.get(asked.code, {})
        verdict = self._field(asked, "verdict", _("结论"), given, required=True, choices=self._verdicts(given))
        return QuestionView(
            code=asked.code,
            text=asked.text,
            look_at=asked.look_at,
            facts=tuple(self._dates(asked, given)),
            hint="" if self.check.checked_at else hint_of(asked, self.known),
            source=asked.source,
            verdict=verdict,
            fields=self._problem(asked, given),
            files=tuple(self._filed(given)) if self.readonly else (),
        )

    def _problem(self, asked: Question, given: Mapping[str, Any]) -> tuple[FieldView, ...]:
        files = () if self.readonly else (self._evidence(asked, given),)
        return (
            self._field(asked, "fact", _("问题的事实"), given, widget="textarea", required=True),
            self._field(asked, "demand", _("整改要求"), {"demand": asked.demand} | dict(given), widget="textarea"),
            self._field(asked, "due_on", _("整改期限"), given, widget="date", required=True),
            self._field(asked, "owner", _("责任单位（人）"), {"owner": self.owner} | dict(given)),
            *files,
        )

    def _field(self, asked: Question, part: str, title: str, given: Mapping[str, Any], **more: Any) -> FieldView:
        name = f"{asked.code}_{part}"
        return FieldView(
            name=name,
            title=f"{asked.code} {title}",
            value=str(given.get(part) or ""),
            error=self._wrong(name),
            max_length=LONGEST.get(part),
            readonly=self.readonly,
            **more,
        )

    def _wrong(self, name: str) -> str:
        return say(self.errors[name]) if name in self.errors else ""

    def _verdicts(self, given: Mapping[str, Any]) -> tuple[ChoiceView, ...]:
        return tuple(ChoiceView(value, say(text), given.get("verdict") == value) for value, text in VERDICTS.items())

    def _evidence(self, asked: Question, given: Mapping[str, Any]) -> FieldView:
        filed = [int(each) for each in given.get("evidence") or () if int(each) in self.files]
        return FieldView(
            name=f"{asked.code}_evidence",
            title=f"{asked.code} {_('证据')}",
            widget="files",
            help=_("照片或者扫描件，有则传，每份不超过20兆，最多10份。"),
            error=say(self.errors.get(f"{asked.code}_evidence", ""))
            if self.errors.get(f"{asked.code}_evidence")
            else "",
            choices=tuple(ChoiceView(str(each), self.files[each], taken=True) for each in filed),
        )

    def _filed(self, given: Mapping[str, Any]) -> Iterable[Link]:
        for each in given.get("evidence") or ():
            if name := self.files.get(int(each)):
                href = url_for("projects.attachment", project_id=self.project.id, attachment_id=int(each))
                yield Link(name, href)

    def _dates(self, asked: Question, given: Mapping[str, Any]) -> Iterable[Fact]:
        """计划 and 实际 from the ledger; once judged, as they were then."""
        for field, kept in ((asked.planned, "planned_on"), (asked.actual, "actual_on")):
            if field:
                now = getattr(self.project, field)
                told = given.get(kept) if self.check.checked_at else (now.isoformat() if now else None)
                yield Fact(field_title(field), told or "—")
