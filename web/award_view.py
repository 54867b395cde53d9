"""奖励 and 引荐备案 as their pages show them."""

from collections.abc import Iterator, Mapping

from flask import url_for
from flask_babel import gettext as _

from models import printed_numbers as printed
from models.attachment import attachments
from models.award import award_rules
from models.commendation import (
    CATEGORIES,
    DECISIONS,
    LONGEST_GROUND,
    LONGEST_REASON,
    STATES,
    CommendationYear,
    Nominee,
    NomineeObjection,
    commendation_of,
    commendations,
    nominees_of,
    objections_of,
)
from models.matter import my_open_item
from models.notice import notices_by_id
from models.organ import organs
from models.project import Project
from models.referral import STATES as FILINGS
from models.referral import Referral, referrals
from models.unit import Unit
from web.asked_again import Refused, asked_again
from web.fields import ChoiceView, FieldView
from web.i18n import day, say
from web.project_history import named
from web.views import Act, Chip, Fact, LampView, Link
from web.views.awards import (
    AwardPage,
    AwardRule,
    AwardsPage,
    AwardsRow,
    NomineeGroup,
    NomineeRow,
    ObjectionRow,
    ReferralRow,
    ReferralsPage,
)

OBJECTION_LAMPS = {"upheld": "green", "dismissed": "grey", "late": "grey"}
FILING_LAMPS = {"filed": "yellow", "stands": "green", "void": "grey"}


def tabs(active: str) -> tuple[Chip, ...]:
    """奖励 and 引荐备案."""
    return (
        Chip(_("年度奖励"), url_for("commendation.index"), active=active == "awards"),
        Chip(_("引荐备案"), url_for("referral.index"), active=active == "referrals"),
    )


def awards_page(unit: Unit) -> AwardsPage:
    """All years, newest first."""
    rows = tuple(
        AwardsRow(
            period=Link(_("%(year)s年度", year=row.period), url_for("commendation.page", commendation_id=row.id)),
            lamp=_year_lamp(row),
            nominees=sum(each.removed_at is None for each in nominees_of(unit.session, row.id)),
            until=day(row.publicity_until) if row.publicity_until else "",
        )
        for row in commendations(unit.session)
    )
    rules = tuple(AwardRule(each.name_zh, f"{each.value}{each.unit}", each.source) for each in award_rules().values())
    return AwardsPage(tabs("awards"), rows, rules)


def _year_lamp(row: CommendationYear) -> LampView:
    return LampView("green" if row.state == "closed" else "yellow", say(STATES[row.state]))


def award_page(unit: Unit, commendation_id: int, refused: Refused | None = None) -> AwardPage:
    """One year; what was refused is asked again with what was typed. Raises NotFound."""
    row = commendation_of(unit.session, commendation_id)
    nominees, item = nominees_of(unit.session, row.id), my_open_item(unit, row.process_id)
    may_edit = row.state == "reviewing" and unit.actor.may("commendation.edit", [row.desk_organ_id])
    return AwardPage(
        title=_("%(year)s年度招商引资奖励", year=row.period),
        lamp=_year_lamp(row),
        facts=tuple(_facts(unit, row)),
        groups=tuple(_groups(nominees, may_edit=may_edit, refused=refused)),
        objections=tuple(_objections(unit, row, nominees, refused)),
        notes=tuple(row.notes),
        acts=_offered(tuple(_acts(unit, row, nominees, may_edit=may_edit)), refused),
        list_href=url_for("commendation.index"),
        next_step=Link(item[1], url_for("work.item", item_id=item[0])) if item else None,
        demo=row.demo,
    )


def _offered(acts: tuple[Act, ...], refused: Refused | None) -> tuple[Act, ...]:
    return asked_again(acts, refused if refused and any(each.key == refused.key for each in acts) else None)


def _facts(unit: Unit, row: CommendationYear) -> Iterator[Fact]:
    papers = notices_by_id(unit.session, [n for n in (row.publicity_notice_id, row.notice_id) if n])
    for number, name in ((row.publicity_notice_id, _("公示")), (row.notice_id, _("表彰决定"))):
        if number in papers:
            yield Fact(name, papers[number].number, url_for("notices.page", notice_id=number))
    if row.publicity_until:
        yield Fact(_("公示期至"), day(row.publicity_until))
        yield Fact(_("异议受理"), row.objections_to)


def _groups(nominees: list[Nominee], *, may_edit: bool, refused: Refused | None) -> Iterator[NomineeGroup]:
    for category, title in CATEGORIES.items():
        rows = tuple(
            NomineeRow(
                name=each.name,
                reason=each.reason,
                change=_change(each),
                award=printed.money(each.award) if category == "agent" else "",
                struck=each.removed_at is not None,
                acts=_offered((_remove_act(each),) if may_edit and each.removed_at is None else (), refused),
            )
            for each in nominees
            if each.category == category
        )
        yield NomineeGroup(category, say(title), rows, money=category == "agent")


def _change(each: Nominee) -> str:
    if each.removed_at:
        told = _("由%(who)s于%(day)s去掉：%(why)s", who=each.removed_by, day=day(each.removed_at), why=each.removed_why)
        return str(told)
    return str(_("由%(who)s增加", who=each.added_by)) if each.added_by else ""


def _remove_act(each: Nominee) -> Act:
    why = FieldView("removed_why", _("去掉的理由"), "textarea", required=True, max_length=LONGEST_REASON)
    href = url_for("commendation.remove", nominee_id=each.id)
    question = _("这个候选仍留在名单上，划去并写明理由。")
    return Act(f"remove-{each.id}", _("去掉"), href, "x-circle", "danger", question, (why,))


def _acts(unit: Unit, row: CommendationYear, nominees: list[Nominee], *, may_edit: bool) -> Iterator[Act]:
    if may_edit:
        yield _add_act(unit, row, nominees)
    if row.publicity_until and unit.actor.may("commendation.object"):
        yield _object_act(row, nominees)


def _add_act(unit: Unit, row: CommendationYear, nominees: list[Nominee]) -> Act:
    on_it = {each.organ_id for each in nominees if each.removed_at is None}
    others = [each for each in organs(unit.session, unit.today, ["district", "department"]) if each.id not in on_it]
    choices = tuple(ChoiceView(str(each.id), named(each.name_zh, each.name_en), taken=False) for each in others)
    fields = (
        FieldView("organ_id", _("区或者部门"), "select", required=True, choices=choices),
        FieldView("added_why", _("增加的理由"), "textarea", required=True, max_length=LONGEST_GROUND),
    )
    href = url_for("commendation.add", commendation_id=row.id)
    return Act("add", _("增加候选"), href, "plus-lg", "secondary", _("理由会印在公示和表彰决定上。"), fields)


def _object_act(row: CommendationYear, nominees: list[Nominee]) -> Act:
    choices = tuple(ChoiceView(str(each.id), each.name, taken=False) for each in nominees if each.removed_at is None)
    fields = (
        FieldView("nominee_id", _("对谁有异议"), "select", choices=choices, help=_("对名单整体有异议的不选。")),
        FieldView("raised_by", _("谁提出的"), required=True, max_length=80),
        FieldView("contact", _("联系方式"), max_length=60),
        FieldView("content", _("异议内容和依据"), "textarea", required=True, max_length=1000),
    )
    until = _("公示期至%(day)s；逾期提出的只作登记，不受理。", day=day(row.publicity_until))
    href = url_for("commendation.objections", commendation_id=row.id)
    return Act("object", _("登记异议"), href, "flag", "secondary", until, fields)


def _objections(
    unit: Unit, row: CommendationYear, nominees: list[Nominee], refused: Refused | None
) -> Iterator[ObjectionRow]:
    names = {each.id: each.name for each in nominees}
    may = unit.actor.may("commendation.decide", [row.desk_organ_id])
    for each in objections_of(unit.session, row.id):
        yield ObjectionRow(
            about=names.get(each.nominee_id or 0, _("名单整体")),
            content=each.content,
            raised_by=f"{each.raised_by} {each.contact}".strip(),
            filed_at=each.filed_at,
            filed_by=each.filed_by,
            lamp=_objection_lamp(each),
            decided=f"{each.decided_why}（{each.decided_by} {day(each.decided_at)}）" if each.decision else "",
            acts=_offered(_decisions(each), refused) if may and each.decision is None else (),
        )


def _objection_lamp(each: NomineeObjection) -> LampView:
    if each.decision is None:
        return LampView("yellow", _("待决定"))
    return LampView(OBJECTION_LAMPS[each.decision], say(DECISIONS[each.decision]))  # type: ignore[arg-type]


def _decisions(each: NomineeObjection) -> tuple[Act, ...]:
    href = url_for("commendation.decide", objection_id=each.id)
    why = FieldView("decided_why", _("决定的理由"), "textarea", required=True, max_length=LONGEST_REASON)
    taken_off = _("异议成立，候选从名单上去掉。")
    stays = _("异议不成立，名单不变。")
    return (
        Act(f"uphold-{each.id}", _("异议成立"), href, "check2", "danger", taken_off, (why,), (("upheld", "1"),)),
        Act(f"dismiss-{each.id}", _("异议不成立"), href, "x-lg", "secondary", stays, (why,), (("upheld", ""),)),
    )


def referrals_page(unit: Unit, refused: Refused | None = None) -> ReferralsPage:
    """The filings of projects one may see, newest first."""
    rows = tuple(_referral_row(unit, row, project, refused) for row, project in referrals(unit))
    return ReferralsPage(tabs("referrals"), rows)


def _referral_row(unit: Unit, row: Referral, project: Project, refused: Refused | None) -> ReferralRow:
    may = row.state == "filed" and unit.actor.may("referral.decide")
    said = f"{row.decision}（{row.decided_by} {day(row.decided_at)}）" if row.decided_at else ""
    return ReferralRow(
        project=Link(project.name, url_for("projects.page", project_id=project.id)),
        agent=f"{row.agent_name} {row.agent_uscc}",
        contact=f"{row.contact_name} {row.masked_phone}",
        story=row.story,
        filed_at=row.filed_at,
        filed_by=row.filed_by,
        lamp=LampView(FILING_LAMPS[row.state], say(FILINGS[row.state])),  # type: ignore[arg-type]
        warning=row.warning if unit.actor.may("referral.decide") else "",
        decided=said,
        proof=_proof(unit, row),
        acts=_offered(_verdicts(row), refused) if may else (),
    )


def _proof(unit: Unit, row: Referral) -> tuple[Link, ...]:
    named_files: Mapping[int, str] = {each.id: each.name for each in attachments(unit.session, row.project_id)}
    return tuple(
        Link(named_files[number], url_for("projects.attachment", project_id=row.project_id, attachment_id=number))
        for number in row.proof
        if number in named_files
    )


def _verdicts(row: Referral) -> tuple[Act, ...]:
    href = url_for("referral.decide", referral_id=row.id)
    why = FieldView("decision", _("理由"), "textarea", required=True, max_length=LONGEST_REASON, help=row.warning)
    stands = _("成立以后，项目签约并有认定资金的，列入年度奖励候选。")
    void = _("不成立的不再列入奖励候选，这个项目可以另行备案。")
    return (
        Act(f"stand-{row.id}", _("认定成立"), href, "check2", "primary", stands, (why,), (("stands", "1"),)),
        Act(f"void-{row.id}", _("不成立"), href, "x-lg", "danger", void, (why,), (("stands", ""),)),
    )
