"""A half-year's verification, told by who did what: the steps that stories about it share."""

from datetime import UTC, datetime
from decimal import Decimal

from models.attachment import keep_file, store_attachment
from models.notice import Notice
from models.process import WorkItem
from models.verification_judge import Judgement, agree_entries, judge_entries
from models.verification_rows import Verification, VerificationSite
from models.verification_self import file_vouchers
from tests.web.ledger_desk import PNG

OPENING = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)  # 00:05 on 1 January in Tianjin
H2 = "2026H2"
FILED, SIGNED = {"self_complete": "true"}, {"self_agreed": "true"}
FIRST, SECOND = {"first_complete": "true"}, {"second_complete": "true"}
ACCEPTED, AGREED = {"verified_accepted": "true"}, {"agreed": "true"}
VISIT = {
    "site_papers": ["验资报告", "银行进账单"],
    "site_report": "项目经理汇报工程和资金情况。",
    "site_exists": "true",
    "site_investment_supported": "true",
    "site_money_matches": "true",
    "site_slip_stamped": "是",
    "site_inspectors": "赵强、马超",
    "company_signer": "孟凡 总经理",
}


def at(story, node):
    return story.all(WorkItem, node=node, state="ready")


def do(story, actor, node, posted, *, process_id=None):
    """The actor's own open item at this node, of one process where there are several."""
    held = {(grant.role, grant.organ_id) for grant in actor.grants}
    found = [each for each in at(story, node) if (each.role, each.organ_id) in held]
    [item] = [each for each in found if process_id in (None, each.process_id)]
    return story.complete(actor, item, posted)


def begin(story):
    story.sweep()  # the first look opens nothing
    story.sweep(to=OPENING)


def row_of(story, organ_id):
    return story.all(Verification, organ_id=organ_id)[-1]


def lines(story, organ_id):
    from models.verification_lines import lines_of

    row = row_of(story, organ_id)
    with story.reading() as unit:
        return {line.entry_id: line for line in lines_of(unit.session, [row.id], vouchers=True).get(row.id, [])}


def paper_of(story, project_id, actor=None, data=PNG):
    """The number of a picture filed for the project."""
    kept = keep_file(story.house.settings.archive_dir, "签字.png", data)
    with story.unit(actor or story.town.li_ming) as unit:
        return store_attachment(unit, kept, project_id=project_id)


def prove(story, actor, organ_id, entry_id, project_id):
    """A bank slip for one amount."""
    number = paper_of(story, project_id)
    with story.unit(actor) as unit:
        file_vouchers(unit, period=H2, organ_id=organ_id, entry_id=entry_id, kind="bank", files=[number])


def hand_in(story, officer, head):
    do(story, officer, "self_check", FILED)
    do(story, head, "sign_self", SIGNED)


def judge(story, actor, organ_id, judged):
    """`judged`: by entry the amount recognised, or that and a reason."""
    given = {
        number: Judgement(Decimal(said[0]), said[1]) if isinstance(said, tuple) else Judgement(Decimal(said))
        for number, said in judged.items()
    }
    with story.unit(actor) as unit:
        judge_entries(unit, period=H2, organ_id=organ_id, judgements=given)


def agree(story, actor, organ_id, *numbers, **back):
    with story.unit(actor) as unit:
        agree_entries(unit, period=H2, organ_id=organ_id, agreed=numbers,
                      back={int(number[1:]): reason for number, reason in back.items()})  # fmt: skip


def of(story, organ_id):
    return row_of(story, organ_id).process_id


def check_online(story, staff, organ_id, judged):
    """Both reviewers: the first judges all, the second agrees to all."""
    judge(story, story.town.zhao_qiang, organ_id, judged)
    do(story, story.town.zhao_qiang, "first_check", FIRST, process_id=of(story, organ_id))
    agree(story, staff.second_supervisor, organ_id, *judged)
    do(story, staff.second_supervisor, "second_check", SECOND, process_id=of(story, organ_id))


def visit(story, project_id, actor=None, **changes):
    """The form of one project on the spot, the company's name drawn on the screen, and the district's unless told otherwise."""
    drawn = str(paper_of(story, project_id, actor))
    posted = VISIT | {"company_signature": [drawn], "district_signer": "李明", "district_signature": [drawn]} | changes
    [site] = story.all(VerificationSite, project_id=project_id)
    posted = {name: value for name, value in posted.items() if value is not None}
    do(story, actor or story.town.zhao_qiang, "visit", posted, process_id=site.process_id)


def sign_paper(story, staff):
    """Check and signature of the one paper that is on its way, and its delivery; returns the newest report."""
    [check] = [each for each in at(story, "check") if each.form == "dispatch_opinion"]
    story.complete(staff.desk_head, check, AGREED)
    do(story, staff.desk_leader, "sign", AGREED)
    story.sweep()
    return story.all(Notice, kind="verification_report")[-1]
