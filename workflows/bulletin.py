"""月通报 (第三条): on the 1st for the month before – reports awaited, figures frozen, words written, issued by the 10th."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from engine.door import start_process
from engine.steps import Case, step
from models.bulletin import (
    DESK,
    Bulletin,
    draw,
    edition_of_process,
    editions_of,
    find_bulletin,
    freeze,
    frozen_rows,
    lines_in,
)
from models.bulletin_change import change_json, line_changes, row_changes
from models.bulletin_lists import all_signed
from models.bulletin_making import hold_month, in_hand, last_issued, tell_late
from models.bulletin_words import WORDS, prepared_words, subject_of
from models.calendar import load_calendar
from models.clock import end_of_day, local_day, start_of_day
from models.dispatch import dispatch_case, draft_paper
from models.district import land_on
from models.duty import Duty, Period, duty, last_day_of
from models.limits import due_after
from models.mechanism import mechanism
from models.month import add_months
from models.notice import find_notice
from models.organ import organ_by_code, organ_of
from models.refusal import Invalid, NotDue
from models.texts import N_
from models.unit import Unit
from notices.bulletin import bulletin_letter, correction_letter
from notices.letters import freeze_letter

OPENS, REPORTS_BY, ISSUED_BY = 1, 5, 10  # days of the month after; 默认值, see the policy's data calendar
COPIES = ("zfbgt",)  # 抄送, 默认值
LONGEST_REASON = 500

mechanism(
    "bulletin",
    N_("月通报"),
    article=3,
    purpose_zh=N_("每月一份，数字从系统内的条目取，冻结后不再改；变了的，发更正。"),
)


def open_bulletin(unit: Unit, period: Period, _cursor: int, _limit: int) -> tuple[int | None, int]:
    """The month's one process; whoever reports late, it goes on after the report day."""
    desk = organ_by_code(unit.session, DESK)
    month = add_months(period.first_day, 1)
    data = {
        "desk_organ": desk.id,
        "period": period.name,
        "correction": False,
        "ready": False,
        "reports_due": _on(unit, month.replace(day=REPORTS_BY)).isoformat(),
        "issue_due": _on(unit, month.replace(day=ISSUED_BY)).isoformat(),
    }
    start_process(
        unit,
        key="bulletin",
        title=f"{period.first_day.year}年{period.first_day.month}月招商引资月通报",
        organ_id=desk.id,
        district_id=desk.id,
        business_key=f"bulletin:{period.name}:{desk.id}",
        data=data,
    )
    return None, 1


duty(Duty("bulletin", N_("月通报"), months=1, day=OPENS, work=open_bulletin, after=1))


def _on(unit: Unit, day: Any) -> datetime:
    """The end of a day, or of the next working day when it is a day off."""
    return end_of_day(load_calendar(unit.session).add_working_days(day - timedelta(days=1), 1))


@step("bulletin.look")
def look(unit: Unit, case: Case) -> Mapping[str, Any]:
    """Whether it need not wait any longer: every district has signed, or the report day is over. Looks again next morning."""
    due = datetime.fromisoformat(case.data["reports_due"])
    land = land_on(unit.session, last_day_of(case.data["period"]))
    ready = unit.now > due or all_signed(unit.session, case.data["period"], land)
    morning = min(start_of_day(unit.today + timedelta(days=1)), due + timedelta(seconds=1))
    return {"ready": ready, "look_at": morning.isoformat()}


@step("bulletin.freeze")
def freeze_figures(unit: Unit, case: Case) -> Mapping[str, Any]:
    """冻结: the figures and every entry behind them, as filed by now; two working days for the words."""
    issue_due = datetime.fromisoformat(case.data["issue_due"])
    edition = freeze(
        unit, draw(unit.session, case.data["period"], unit.now), process_id=case.process_id, issue_due=issue_due
    )
    edition.words = prepared_words(edition.figures)
    return {"words_due": due_after(unit, "bulletin_words").isoformat()}


def _edition(unit: Unit, case: Case) -> Bulletin:
    """The edition of a process; a 更正 was frozen before its process began and is told its number."""
    if "edition" not in case.data:
        return edition_of_process(unit.session, case.process_id)
    row = unit.session.get_one(Bulletin, case.data["edition"])
    row.process_id = case.process_id
    return row


@step("bulletin.record_words")
def record_words(unit: Unit, case: Case) -> None:
    """What the desk wrote in the place of what was prepared; figures are none of its fields."""
    edition = _edition(unit, case)
    if not case.answers["prepared_words"]:
        edition.words = {name: case.answers[f"bulletin_{name}"] for name in WORDS}
    unit.trace("bulletin.words", "bulletin", edition.id, {"period": edition.period})


@step("bulletin.send")
def send(unit: Unit, case: Case) -> None:
    """送发文办理: the paper to all districts, with its frozen figures; a 更正 cites the paper it corrects."""
    edition = _edition(unit, case)
    desk = organ_of(unit.session, case.organ_id)
    districts = [each.id for each in land_on(unit.session, unit.today).districts]
    copies = [organ_by_code(unit.session, code) for code in COPIES]
    shared = {"issuer": desk.signature, "date": unit.today, "copies": tuple(organ.name_zh for organ in copies)}
    about = last_issued(unit.session, edition) if edition.edition else None
    letter = (
        _correction(unit, edition, about, shared)
        if about
        else bulletin_letter(edition.figures, edition.words, **shared)
    )
    row = draft_paper(
        unit,
        kind=letter.kind,
        organ_id=desk.id,
        to_organ_id=desk.id,
        about_id=editions_of(unit.session, edition.period)[0].notice_id if about else None,
        letter=freeze_letter(letter),
        also_to=[*districts, *(organ.id for organ in copies)],
    )
    row.process_id = start_process(unit, **dispatch_case(unit, row, title=letter.title), parent_id=case.process_id)


def _correction(unit: Unit, edition: Bulletin, about: Bulletin, shared: Mapping[str, Any]) -> Any:
    """All 更正 are of the bulletin itself, so they cite its paper; what they change is what the last of them said."""
    paper = find_notice(unit.session, editions_of(unit.session, edition.period)[0].notice_id or 0)
    changes = line_changes(lines_in(about.figures), lines_in(edition.figures))
    cited = {
        "about_number": paper.number,
        "about_title": paper.title,
        "about_date": local_day(paper.issued_at),
    }
    return correction_letter(changes, edition.reason, edition.figures["demo"], **cited, **shared)


@step("bulletin.escalate")
def escalate(unit: Unit, case: Case) -> None:
    """到期未发: whoever holds the paper is urged and the desk's leaders are told; nothing is held back for anybody."""
    tell_late(unit, _edition(unit, case), case.organ_id)


@step("bulletin.conclude")
def conclude(unit: Unit, case: Case) -> None:
    """已发出: from here on the edition is public among those it went to."""
    edition = _edition(unit, case)
    edition.notice_id = int(case.data["notice"])
    unit.trace("bulletin.issue", "bulletin", edition.id, {"period": edition.period, "edition": edition.edition})


def correct_bulletin(unit: Unit, *, bulletin_id: int, reason: str) -> int:
    """拟发更正: freezes what the figures are now as a further edition and sends it on its way; returns the process id.

    Raises Invalid without a reason, NotDue when nothing reads otherwise, the bulletin is not out or a 更正 is under way.
    """
    edition = find_bulletin(unit, bulletin_id)
    unit.require("bulletin.correct")
    said = reason.strip()
    if not said or len(said) > LONGEST_REASON:
        raise Invalid(N_("填写有误"), fields={"reason": N_("请写明更正的原因，不超过500字。")})
    hold_month(unit.session, edition.period)
    issued = last_issued(unit.session, edition)
    if issued is None or in_hand(unit.session, edition.period):
        raise NotDue(N_("通报还没有发出，或者已有一件更正在办。"))
    drawn = draw(unit.session, edition.period, unit.now)
    if drawn.figures["lines"] == issued.figures["lines"]:
        raise NotDue(N_("数字与已发出的一致，不用更正。"))
    rows = row_changes(frozen_rows(unit.session, issued.id), drawn.rows)
    made = freeze(
        unit, drawn, edition=issued.edition + 1, reason=said, issue_due=due_after(unit, "bulletin_correction")
    )
    unit.trace(
        "bulletin.correct", "bulletin", made.id, {"reason": said, "rows": [change_json(each) for each in rows[:100]]}
    )
    return _start_correction(unit, made)


def _start_correction(unit: Unit, edition: Bulletin) -> int:
    desk = organ_by_code(unit.session, DESK)
    issue_due = edition.issue_due or unit.now
    return start_process(
        unit,
        key="bulletin",
        title=f"关于{subject_of(edition.figures)}的更正",
        organ_id=desk.id,
        district_id=desk.id,
        business_key=f"bulletin:{edition.period}:{desk.id}:{edition.edition}",
        data={"desk_organ": desk.id, "period": edition.period, "correction": True, "edition": edition.id,
              "issue_due": issue_due.isoformat()},
    )  # fmt: skip
