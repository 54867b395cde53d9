"""各区指标: what the system knows of a district, from money, projects, reports, findings and rectifications."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.amount import STANDINGS, AmountEntry
from models.capital import capital_rows
from models.clock import end_of_day, local_day, start_of_day
from models.currency import load_rates
from models.figure import Behind, Figure, Question, Span, figure
from models.month import add_months
from models.monthly_report import MonthlyReport
from models.problem import SOURCES, Problem
from models.project import Project
from models.rectification import Rectification, Round
from models.target import NATURES, SPANS, targets
from models.texts import N_

LARGE = Decimal(10_000)  # 万元: 亿元以上项目
ONE, NONE = Decimal(1), Decimal(0)
MANUFACTURING = "C"  # the section of GB/T 4754
HALF_ENDS = 6  # month in which the first half ends
YEAR = 12  # months


def money(nature: str, *, years_back: int = 0) -> Question:
    """到位资金 of a nature within the span, or as many years earlier; declared counts until recognised."""

    def ask(session: Session, span: Span) -> Iterator[Behind]:
        first, last = (add_months(day, -YEAR * years_back) for day in (span.first, span.last))
        rows = capital_rows(session, nature, first=first, last=last, filed_before=span.filed_before,
                            answering=span.land.answering)  # fmt: skip
        for row in rows:
            if row.district_id is not None and row.counted is not None:
                yield Behind(row.district_id, f"{row.project_name}（{row.project_no}）", row.counted, on=row.on,
                             project_id=row.project_id, note=STANDINGS[row.standing])  # fmt: skip

    return ask


def growth(nature: str) -> Question:
    """同比: this span's rows as parts, last year's as wholes."""

    def ask(session: Session, span: Span) -> Iterator[Behind]:
        yield from money(nature)(session, span)
        for row in money(nature, years_back=1)(session, span):
            yield Behind(row.unit_id, row.text, NONE, row.part, row.on, row.project_id, row.note)

    return ask


def target(nature: str) -> Question:
    """目标: of the half-year when the span ends with it, else of the year; a district without one has no row."""

    def ask(session: Session, span: Span) -> Iterator[Behind]:
        length = "half" if span.last.month <= HALF_ENDS else "year"
        found = targets(session, span.last.year, nature, length, span.land.answering)
        for unit_id, amount in found.items():
            if amount is not None:
                yield Behind(unit_id, f"{span.last.year}年{SPANS[length]}{NATURES[nature]}目标", amount)

    return ask


def _projects(session: Session, span: Span, *conditions: ColumnElement[bool]) -> Iterator[tuple[int, Project]]:
    """The projects that were not withdrawn and meet the conditions, each with the district that answers for it."""
    query = select(Project).where(Project.state != "withdrawn", Project.district_id.is_not(None), *conditions)
    for project in session.scalars(query.order_by(Project.id)):
        place = project.district_id or 0
        yield span.land.answering.get(place, place), project


def _of(
    unit_id: int, project: Project, part: Decimal, whole: Decimal = NONE, *, on: date | None = None, note: str = ""
) -> Behind:
    return Behind(unit_id, f"{project.name}（{project.project_no}）", part, whole, on, project.id, note)


def _signed(span: Span) -> tuple[ColumnElement[bool], ...]:
    return (Project.signed_on >= span.first, Project.signed_on <= span.last)


def signed(session: Session, span: Span) -> Iterator[Behind]:
    """新签约项目."""
    for unit_id, project in _projects(session, span, *_signed(span)):
        yield _of(unit_id, project, ONE, on=project.signed_on)


def large(session: Session, span: Span) -> Iterator[Behind]:
    """新签约亿元以上项目."""
    for unit_id, project in _projects(session, span, *_signed(span), Project.total_investment >= LARGE):
        yield _of(unit_id, project, ONE, on=project.signed_on, note=f"{project.total_investment:,.2f}万元")


def in_chain(session: Session, span: Span) -> Iterator[Behind]:
    """制造业和产业链项目占新签约项目."""
    for unit_id, project in _projects(session, span, *_signed(span)):
        wanted = bool(project.chain) or (project.industry_code or "").startswith(MANUFACTURING)
        yield _of(
            unit_id,
            project,
            ONE if wanted else NONE,
            ONE,
            on=project.signed_on,
            note=project.chain or project.industry_code or "",
        )


def _planned_starts(span: Span) -> tuple[ColumnElement[bool], ...]:
    return (Project.plan_start_on >= span.first, Project.plan_start_on <= span.last)


def started(session: Session, span: Span) -> Iterator[Behind]:
    """开工率: of the projects that should have started in the span, those that have by its last day."""
    for unit_id, project in _projects(session, span, *_planned_starts(span)):
        done = project.actual_start_on is not None and project.actual_start_on <= span.last
        yield _of(unit_id, project, ONE if done else NONE, ONE, on=project.plan_start_on, note=_start_note(project))


def late_starts(session: Session, span: Span) -> Iterator[Behind]:
    """未按期开工: the planned day passed before it had started."""
    for unit_id, project in _projects(session, span, *_planned_starts(span)):
        if project.actual_start_on is None or (
            project.plan_start_on and project.actual_start_on > project.plan_start_on
        ):
            yield _of(unit_id, project, ONE, on=project.plan_start_on, note=_start_note(project))


def _start_note(project: Project) -> str:
    return f"{project.actual_start_on.isoformat()}开工" if project.actual_start_on else "未开工"


def arrived(session: Session, span: Span) -> Iterator[Behind]:
    """到位率: money that has arrived for the projects signed in the span, of what they are to invest in all.

    Foreign money counts by the rate of its day; what has none is not counted, and the project's line says so.
    """
    wanted = list(_projects(session, span, *_signed(span), Project.total_investment > 0))
    query = select(AmountEntry.project_id, AmountEntry.amount, AmountEntry.currency, AmountEntry.on).where(
        AmountEntry.kind == "funds", AmountEntry.on <= span.last, AmountEntry.filed_at < span.filed_before
    )
    sums, unrated, rates = dict[int, Decimal](), dict[int, int](), load_rates(session)
    for project_id, amount, currency, on in session.execute(query):
        counted = rates.convert(amount, currency, on)
        sums[project_id] = sums.get(project_id, NONE) + (counted or NONE)
        unrated[project_id] = unrated.get(project_id, 0) + (counted is None)
    for unit_id, project in wanted:
        count = unrated.get(project.id)
        note = f"{count}笔外币没有当日汇率，未计入" if count else ""
        yield _of(unit_id, project, sums.get(project.id, NONE), project.total_investment or NONE,
                  on=project.signed_on, note=note)  # fmt: skip


def red(session: Session, span: Span) -> Iterator[Behind]:
    """红灯项目, as they stand when the figures are taken."""
    for unit_id, project in _projects(session, span, Project.light == "red"):
        yield _of(unit_id, project, ONE, note="；".join(each["sentence"] for each in project.light_reasons)[:200])


def overdue_rounds(session: Session, span: Span) -> Iterator[Behind]:
    """逾期整改: rounds that fell due in the span and were reported late or not at all."""
    query = (
        select(Round, Rectification.project_id, Project)
        .join(Rectification, Round.rectification_id == Rectification.id)
        .join(Project, Rectification.project_id == Project.id)
        .where(Round.due_on >= span.first, Round.due_on <= span.last, Project.district_id.is_not(None))
        .order_by(Round.id)
    )
    for row, _, project in session.execute(query):
        if row.reported_at is None or (row.due_on and local_day(row.reported_at) > row.due_on):
            place = project.district_id or 0
            told = "未报" if row.reported_at is None else f"{local_day(row.reported_at).isoformat()}报"
            unit_id = span.land.answering.get(place, place)
            yield _of(unit_id, project, ONE, on=row.due_on, note=f"第{row.number}轮，{told}")


def late_reports(session: Session, span: Span) -> Iterator[Behind]:
    """迟报月报: reports due in the span that were signed late or not at all."""
    query = select(MonthlyReport).where(
        MonthlyReport.due_at >= start_of_day(span.first), MonthlyReport.due_at <= end_of_day(span.last)
    )
    for row in session.scalars(query.order_by(MonthlyReport.id)):
        if row.signed_at is None or row.signed_at > row.due_at:
            told = "未报" if row.signed_at is None else f"{local_day(row.signed_at).isoformat()}报"
            unit_id = span.land.answering.get(row.organ_id, row.organ_id)
            yield Behind(unit_id, f"{row.period}月报", ONE, on=local_day(row.due_at), note=told)


def findings(session: Session, span: Span) -> Iterator[Behind]:
    """检查核查问题 found in the span."""
    query = (
        select(Problem, Project.project_no)
        .join(Project, Problem.project_id == Project.id)
        .where(Problem.found_at >= start_of_day(span.first), Problem.found_at <= end_of_day(span.last))
        .order_by(Problem.id)
    )
    for row, number in session.execute(query):
        unit_id = span.land.answering.get(row.district_id, row.district_id)
        yield Behind(unit_id, f"{SOURCES[row.source]}{row.period}第{row.number}条：{row.fact[:120]}（{number}）", ONE,
                     on=local_day(row.found_at), project_id=row.project_id)  # fmt: skip


WAN, USD, PIECES, PERCENT = N_("万元"), N_("万美元"), N_("个"), "%"
DECLARED = N_("已认定的按认定数，未认定的按申报数；核减、撤资另列。")
TARGETS = N_("上半年按上半年目标，全年按全年目标；没有目标的不计分、不排名。")
GROWTH = N_("本期与上年同期到位资金相比；上年同期为0的不计算。")
figure(Figure("domestic_recognised", N_("内资到位资金"), WAN, "district", "sum", money("domestic"), NONE,
              DECLARED))  # fmt: skip
figure(Figure("domestic_target", N_("内资目标"), WAN, "district", "sum", target("domestic"), None,
              TARGETS))  # fmt: skip
figure(Figure("domestic_last_year", N_("上年同期内资到位资金"), WAN, "district", "sum", money("domestic", years_back=1), NONE,
              DECLARED))  # fmt: skip
figure(Figure("domestic_growth", N_("内资同比增速"), PERCENT, "district", "growth", growth("domestic"), None,
              GROWTH))  # fmt: skip
figure(Figure("foreign_recognised", N_("实际使用外资"), USD, "district", "sum", money("foreign"), NONE,
              DECLARED))  # fmt: skip
figure(Figure("foreign_target", N_("外资目标"), USD, "district", "sum", target("foreign"), None,
              TARGETS))  # fmt: skip
figure(Figure("foreign_last_year", N_("上年同期实际使用外资"), USD, "district", "sum", money("foreign", years_back=1), NONE,
              DECLARED))  # fmt: skip
figure(Figure("foreign_growth", N_("外资同比增速"), PERCENT, "district", "growth", growth("foreign"), None,
              GROWTH))  # fmt: skip
figure(Figure("signed_projects", N_("新签约项目数"), PIECES, "district", "sum", signed, NONE,
              N_("期内签约、未退库的项目。")))  # fmt: skip
figure(Figure("large_projects", N_("新签约亿元以上项目数"), PIECES, "district", "sum", large, NONE,
              N_("期内签约、总投资1亿元以上、未退库的项目。")))  # fmt: skip
figure(Figure("chain_share", N_("制造业和产业链项目占比"), PERCENT, "district", "share", in_chain, None,
              N_("期内新签约项目中，属制造业或列入产业链的占比。")))  # fmt: skip
figure(Figure("start_rate", N_("开工率"), PERCENT, "district", "share", started, None,
              N_("计划期内开工的项目中，期末前已开工的占比。")))  # fmt: skip
figure(Figure("late_starts", N_("未按期开工项目数"), PIECES, "district", "sum", late_starts, NONE,
              N_("计划期内开工、到计划日没有开工的项目。")))  # fmt: skip
figure(Figure("arrival_rate", N_("资金到位率"), PERCENT, "district", "share", arrived, None,
              N_("期内新签约项目累计到位资金占总投资的比例。")))  # fmt: skip
figure(Figure("red_projects", N_("红灯项目数"), PIECES, "district", "sum", red, NONE,
              N_("取数时亮红灯的项目。")))  # fmt: skip
figure(Figure("overdue_rectifications", N_("逾期整改数"), PIECES, "district", "sum", overdue_rounds, NONE,
              N_("期内到期、逾期或没有报送的整改轮次。")))  # fmt: skip
figure(Figure("late_reports", N_("迟报月报数"), PIECES, "district", "sum", late_reports, NONE,
              N_("期内到期、逾期或没有签章报送的区月报。")))  # fmt: skip
figure(Figure("findings", N_("检查核查问题数"), PIECES, "district", "sum", findings, NONE,
              N_("期内季检查、半年核查查出的问题。")))  # fmt: skip
