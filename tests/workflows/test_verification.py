"""半年核查: self-check, two reviewers, on the spot, countersigned, reported, put right, and told to all."""

from datetime import timedelta
from decimal import Decimal

import pytest

from models.amount import AmountEntry, recognise_amount, record_amount
from models.delivery import deliveries_of
from models.dispatch import Dispatch
from models.notice import Notice
from models.organ import close_organ
from models.problem import Problem
from models.process import Process, WorkItem
from models.rectification import Rectification
from models.refusal import Invalid, NotDue, NotFound, NotPermitted
from models.verification_rows import Verification, VerificationSite
from models.verification_sample import draw_order
from models.verification_self import Arrival, file_foreign, file_vouchers, take_back
from notices.letters import read_letter
from tests.workflows.half_year import (
    ACCEPTED,
    FIRST,
    H2,
    OPENING,
    SECOND,
    agree,
    at,
    begin,
    check_online,
    do,
    hand_in,
    judge,
    lines,
    of,
    paper_of,
    prove,
    row_of,
    sign_paper,
    visit,
)
from tests.workflows.staff import hire_staff, put_money
from tests.workflows.story import APPROVE, RESERVE, day
from workflows.verification import draft_bulletin

ON = day("2026-10-20")
LATER = APPROVE | {"plan_start_on": "2027-07-15"}


@pytest.fixture
def staff(story):
    return hire_staff(story)


@pytest.fixture
def projects(story):
    """Two in 滨海新区, one in 武清区."""
    return [
        story.register(LATER | {"name": "甲项目"}),
        story.register(RESERVE | {"name": "乙项目"}),
        story.register(LATER | {"name": "丙项目"}, owner=story.town.wuqing, by=story.town.wang_fang),
    ]


@pytest.fixture
def money(story, projects):
    """1,000 and 500 万元 in 滨海新区, 300 in 武清区."""
    return [put_money(story, each, amount, ON) for each, amount in zip(projects, ("1000", "500", "300"), strict=True)]


def binhai_online(story, staff, projects, money):
    """滨海新区 up to the sample: 100 万元 of the first amount are cut."""
    begin(story)
    prove(story, story.town.li_ming, story.town.binhai, money[0], projects[0])
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    check_online(story, staff, story.town.binhai, {money[0]: ("900", "进账单只有900万元"), money[1]: "500"})


def binhai_through(story, staff, projects, money):
    """滨海新区 up to its report: one cut and one problem found on the spot."""
    binhai_online(story, staff, projects, money)
    visit(story, projects[0], site_slip_stamped="否", site_findings="形象进度单缺监理单位签章")
    visit(story, projects[1])
    story.sweep()
    do(story, story.town.chen_jing, "countersign", ACCEPTED, process_id=of(story, story.town.binhai))
    story.sweep()
    return sign_paper(story, staff)


def test_each_district_of_the_land_has_one_verification_that_opens_on_the_first(story, staff, money):
    begin(story)
    rows = story.all(Verification)
    assert len(rows) == len({row.organ_id for row in rows}) == 16
    assert {row.period for row in rows} == {H2}
    assert len(story.all(Process, key="verification")) == 16
    story.sweep(by=timedelta(days=3))
    assert len(story.all(Verification)) == 16
    assert {number: line.state for number, line in lines(story, story.town.binhai).items()} == {
        money[0]: "open",
        money[1]: "open",
    }


def test_from_the_duty_to_the_report_and_the_rectification(story, staff, projects, money):
    paper = binhai_through(story, staff, projects, money)
    assert paper.title == "关于滨海新区2026年下半年到位资金的核查报告"
    with story.reading() as unit:
        assert {each.organ_id for each in deliveries_of(unit.session, paper.id)} == {story.town.binhai}
    letter = read_letter(paper.letter)
    assert letter.sections[1].tables[0].rows == (
        ("内资（万元）", "2", "1,500.00", "1,400.00", "100.00"),
        ("外资（万美元）", "0", "-", "-", "-"),
    )
    first, second = letter.annexes[0].table.rows
    assert first[1:] == ("甲项目", "2026-10-20", "万元", "1,000.00", "900.00", "100.00", "进账单只有900万元")
    assert second[4:] == ("500.00", "500.00", "0.00", "-")
    problems = story.all(Problem)
    assert [each.number for each in problems] == [1, 2]
    assert problems[0].amount_entry_id == money[0]
    assert "核减100.00万元：进账单只有900万元" in problems[0].fact
    assert problems[1].fact == "形象进度单缺监理单位签章"
    assert {each.countersigned_by for each in problems} == {"陈静"}
    [order] = story.all(Notice, kind="rectification")
    assert (order.project_id, order.to_organ_id, order.letter["signer"]) == (projects[0], story.town.binhai, "林海")
    assert len(order.letter["findings"]) == 2
    assert len(story.all(Rectification)) == 1
    assert [row.closed_at is not None for row in story.all(Verification) if row.organ_id == story.town.binhai] == [True]


def test_amounts_count_only_when_both_reviewers_agree(story, staff, projects, money):
    begin(story)
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    judge(story, story.town.zhao_qiang, story.town.binhai, {money[0]: ("900", "缺凭证"), money[1]: "500"})
    assert {entry.standing for entry in story.all(AmountEntry)} == {"declared"}
    do(story, story.town.zhao_qiang, "first_check", FIRST)
    agree(story, staff.second_supervisor, story.town.binhai, money[0])
    standing = {entry.id: entry.standing for entry in story.all(AmountEntry)}
    assert (standing[money[0]], standing[money[1]]) == ("recognised", "declared")
    [cut] = story.all(AmountEntry, standing="reduced")
    assert (cut.amount, cut.note, cut.reduces_id) == (Decimal(-100), "缺凭证", money[0])


def test_a_judgement_is_refused_by_field_and_nothing_of_it_is_kept(story, staff, projects, money):
    begin(story)
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    for said, field in (
        (("900", " "), f"reason_{money[0]}"),
        ("1000.01", f"amount_{money[0]}"),
        ("-1", f"amount_{money[0]}"),
        (("999.0000001", "零头"), f"amount_{money[0]}"),
    ):
        with pytest.raises(Invalid) as refused:
            judge(story, story.town.zhao_qiang, story.town.binhai, {money[1]: "500", money[0]: said})
        assert set(refused.value.fields) == {field}
    with pytest.raises(Invalid):
        judge(story, story.town.zhao_qiang, story.town.binhai, {money[2]: "300"})  # another district's
    assert {line.state for line in lines(story, story.town.binhai).values()} == {"open"}
    with pytest.raises(Invalid):
        do(story, story.town.zhao_qiang, "first_check", FIRST)


def test_who_judged_an_amount_never_agrees_to_it(story, staff, projects, money):
    begin(story)
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    judge(story, story.town.zhao_qiang, story.town.binhai, {money[0]: "1000"})
    judge(story, staff.second_supervisor, story.town.binhai, {money[1]: "500"})
    do(story, story.town.zhao_qiang, "first_check", FIRST)
    with pytest.raises(NotPermitted):
        agree(story, story.town.zhao_qiang, story.town.binhai, money[0], money[1])
    agree(story, story.town.zhao_qiang, story.town.binhai, money[1])  # what the other judged
    with pytest.raises(Invalid):
        do(story, staff.second_supervisor, "second_check", SECOND)
    agree(story, staff.second_supervisor, story.town.binhai, money[0])
    for outsider in (story.town.han_xue, story.town.li_ming, staff.desk_officer):
        with pytest.raises(NotPermitted):
            agree(story, outsider, story.town.binhai, money[0])


def test_what_the_second_sends_back_is_judged_again_with_the_reason_at_hand(story, staff, projects, money):
    begin(story)
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    judge(story, story.town.zhao_qiang, story.town.binhai, {money[0]: "1000", money[1]: "500"})
    do(story, story.town.zhao_qiang, "first_check", FIRST)
    with pytest.raises(Invalid):
        agree(story, staff.second_supervisor, story.town.binhai, money[1], **{f"_{money[0]}": " "})
    agree(story, staff.second_supervisor, story.town.binhai, money[1], **{f"_{money[0]}": "凭证只有800万元"})
    do(story, staff.second_supervisor, "second_check", SECOND)
    assert lines(story, story.town.binhai)[money[0]].back_reason == "凭证只有800万元"
    assert not story.all(VerificationSite)
    with pytest.raises(NotDue):
        agree(story, staff.second_supervisor, story.town.binhai, money[0])
    check_online(story, staff, story.town.binhai, {money[0]: ("800", "凭证只有800万元")})
    assert lines(story, story.town.binhai)[money[0]].recognised == 800
    assert story.all(VerificationSite)


def test_what_the_district_takes_back_need_not_be_judged_and_leaves_its_reason(story, staff, projects, money):
    begin(story)
    with story.unit(story.town.li_ming) as unit, pytest.raises(Invalid):
        take_back(unit, period=H2, organ_id=story.town.binhai, entry_id=money[1], reason=" ")
    with story.unit(story.town.li_ming) as unit:
        take_back(unit, period=H2, organ_id=story.town.binhai, entry_id=money[1], reason="重复填报")
    line = lines(story, story.town.binhai)[money[1]]
    assert (line.declared, line.recognised, line.state, line.reason) == (0, 0, "known", "已撤回：重复填报")
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    check_online(story, staff, story.town.binhai, {money[0]: "1000"})
    assert [site.project_id for site in story.all(VerificationSite)] == [projects[0]]


def test_an_amount_partly_withdrawn_is_recognised_up_to_what_is_left(story, staff, projects, money):
    with story.unit() as unit:
        unit.session.add(AmountEntry(project_id=projects[0], kind="funds", amount=Decimal(-200), on=ON, currency="CNY",
                                     standing="withdrawn", reduces_id=money[0], note="撤资", filed_at=unit.now))  # fmt: skip
    alone = put_money(story, projects[1], "-50", ON, standing="withdrawn")
    begin(story)
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    with pytest.raises(Invalid):
        judge(story, story.town.zhao_qiang, story.town.binhai, {money[0]: "801"})
    with pytest.raises(Invalid):
        judge(story, story.town.zhao_qiang, story.town.binhai, {alone: "0"})  # a withdrawal is not judged
    check_online(story, staff, story.town.binhai, {money[0]: ("700", "凭证不足"), money[1]: "500"})
    left = [entry.amount for entry in story.all(AmountEntry, project_id=projects[0])]
    assert sum(left) == 700
    assert lines(story, story.town.binhai)[alone].recognised == -50


def test_amounts_of_two_currencies_keep_their_own_and_are_never_added_without_a_rate(story, staff, projects, money):
    euro = put_money(story, projects[0], "10", ON, currency="EUR")
    dollars = put_money(story, projects[0], "20", ON, kind="fdi", currency="USD")
    begin(story)
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    judged = {money[0]: "1000", money[1]: "500", euro: "10", dollars: ("15", "结汇单15万美元")}
    check_online(story, staff, story.town.binhai, judged)
    for project_id in projects[:2]:
        visit(story, project_id)
    story.sweep()
    do(story, story.town.chen_jing, "countersign", ACCEPTED)
    story.sweep()
    letter = read_letter(sign_paper(story, staff).letter)
    assert letter.sections[1].tables[0].rows == (
        ("内资（万元）", "3", "1,500.00", "1,500.00", "0.00"),
        ("外资（万美元）", "1", "20.00", "15.00", "5.00"),
    )
    assert any("汇率" in note for note in letter.notes)
    shown = {row[3]: row[4:7] for row in letter.annexes[0].table.rows}
    assert shown["万欧元"] == ("10.00", "10.00", "0.00")


def test_foreign_money_that_nobody_filed_is_filed_here_once_and_with_its_voucher(story, staff, projects, money):
    begin(story)
    number = paper_of(story, projects[0])
    sound = Arrival(projects[0], Decimal(30), ON, number, "bank")

    def file(**changes):
        arrival = Arrival(**{**vars(sound), **changes})
        with story.unit(story.town.li_ming) as unit:
            return file_foreign(unit, period=H2, organ_id=story.town.binhai, arrival=arrival)

    for changes, field in (
        ({"project_id": projects[2]}, "project_id"),
        ({"on": day("2026-06-30")}, "on"),
        ({"attachment_id": None}, "files"),
        ({"kind": "rumour"}, "kind"),
        ({"amount": Decimal(-1)}, "amount"),
    ):
        with pytest.raises(Invalid) as refused:
            file(**changes)
        assert field in refused.value.fields
    entry_id = file()
    with pytest.raises(Invalid) as refused:
        file()
    assert set(refused.value.fields) == {"amount"}
    line = lines(story, story.town.binhai)[entry_id]
    assert (line.nature, line.currency, line.declared, line.state) == ("foreign", "USD", 30, "open")
    assert [kind for _number, kind, _name in line.vouchers] == ["bank"]


def test_what_is_filed_after_the_freeze_is_not_part_of_it(story, staff, projects, money):
    begin(story)
    before = put_money(story, projects[0], "70", ON)
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    after = put_money(story, projects[0], "80", ON)
    assert set(lines(story, story.town.binhai)) == {money[0], money[1], before}
    with pytest.raises(Invalid):
        judge(story, story.town.zhao_qiang, story.town.binhai, {after: "80"})
    with story.unit(story.town.li_ming) as unit, pytest.raises(NotDue):
        take_back(unit, period=H2, organ_id=story.town.binhai, entry_id=before, reason="晚了")


def test_a_district_that_files_nothing_is_verified_as_it_stands_and_named(story, staff, projects, money):
    begin(story)
    story.sweep(by=timedelta(days=14))
    assert row_of(story, story.town.binhai).frozen_at is not None
    assert len(at(story, "first_check")) == 2  # only the two that declared anything
    check_online(story, staff, story.town.binhai, {money[0]: "1000", money[1]: "500"})
    for project_id in projects[:2]:
        visit(story, project_id)
    story.sweep()
    reports = [each.letter for each in story.all(Dispatch) if each.kind == "verification_report"]
    said = next(each for each in reports if each["subject"].startswith("滨海新区"))["sections"][0]["text"]
    assert "区里逾期未报自查" in said


def test_what_somebody_recognised_elsewhere_meanwhile_waits_for_nobody(story, staff, projects, money):
    begin(story)
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    judge(story, story.town.zhao_qiang, story.town.binhai, {money[0]: "1000", money[1]: "500"})
    with story.unit(story.town.zhao_qiang) as unit:
        recognise_amount(unit, money[1], amount=Decimal(400), reason="另案核定")
    do(story, story.town.zhao_qiang, "first_check", FIRST)
    line = lines(story, story.town.binhai)[money[1]]
    assert (line.state, line.declared, line.recognised, line.reason) == ("known", 500, 400, "另案核定")
    agree(story, staff.second_supervisor, story.town.binhai, money[0])
    do(story, staff.second_supervisor, "second_check", SECOND)


def test_the_sample_can_be_computed_again_from_the_printed_seed(story, staff):
    many = [story.register(RESERVE | {"name": f"项目{number}"}) for number in range(7)]
    filed = [put_money(story, each, str(100 + 10 * place), ON) for place, each in enumerate(many)]
    begin(story)
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    judged = {entry: str(100 + 10 * place) for place, entry in enumerate(filed)}
    check_online(story, staff, story.town.binhai, judged | {filed[0]: ("90", "缺凭证")})
    sites, seed = story.all(VerificationSite), row_of(story, story.town.binhai).seed
    assert [(site.project_id, site.why) for site in sites[:3]] == [
        (many[0], "reduced"),
        (many[6], "largest"),
        (many[5], "largest"),
    ]
    numbers = {each: story.project(each).project_no for each in many[1:5]}
    again = sorted(numbers, key=lambda each: draw_order(numbers[each], seed))[:2]
    assert [(site.project_id, site.why) for site in sites[3:]] == [(each, "drawn") for each in again]


def test_a_visit_asks_for_words_photos_and_signatures_where_the_rule_does(story, staff, projects, money):
    binhai_online(story, staff, projects, money)
    for changes, field in (
        ({"site_exists": "false"}, "site_findings"),
        ({"site_slip_stamped": "否"}, "site_findings"),
        ({"district_signature": None}, "district_signer"),
        ({"company_signature": None}, "company_signature"),
    ):
        with pytest.raises(Invalid) as refused:
            visit(story, projects[0], **changes)
        assert field in refused.value.fields
    with story.unit() as unit:
        from models.project import move_stage

        move_stage(unit, projects[0], "build")
    with pytest.raises(Invalid) as refused:
        visit(story, projects[0])
    assert set(refused.value.fields) == {"site_photos"}
    visit(story, projects[0], site_photos=[str(paper_of(story, projects[0]))])
    [site] = story.all(VerificationSite, project_id=projects[0])
    assert (site.visited_by, site.confirmed_by) == ("赵强", "李明")


def test_a_district_that_did_not_sign_there_signs_by_log_in_or_is_named(story, staff, projects, money):
    binhai_online(story, staff, projects, money)
    absent = {"district_signer": None, "district_signature": None}
    visit(story, projects[0], **absent)
    visit(story, projects[1], **absent)
    sites = {site.project_id: site for site in story.all(VerificationSite)}
    with pytest.raises(Invalid):
        do(story, story.town.li_ming, "confirm", {"visit_confirmed": "false"}, process_id=sites[projects[0]].process_id)
    do(story, story.town.li_ming, "confirm", {"visit_confirmed": "true"}, process_id=sites[projects[0]].process_id)
    story.sweep(by=timedelta(days=7))
    sites = {site.project_id: site for site in story.all(VerificationSite)}
    assert [sites[each].confirmed_by for each in projects[:2]] == ["李明", None]
    assert len(at(story, "countersign")) == 1
    story.sweep(by=timedelta(days=7))  # nor is the list countersigned in time
    [report] = [each for each in story.all(Dispatch) if each.letter["subject"].startswith("滨海新区")]
    said = [section["text"] for section in report.letter["sections"]]
    assert "1个项目的区代表逾期未签认" in said[2]
    assert "区里逾期未签认" in said[3]


def test_the_last_district_brings_the_bulletin_once(story, staff, projects, money):
    binhai_through(story, staff, projects, money)
    assert not story.all(Dispatch, kind="bulletin")
    story.sweep(by=timedelta(days=14))  # those that declared nothing are through up to their reports
    check_online(story, staff, story.town.wuqing, {money[2]: "300"})
    visit(story, projects[2], district_signer="王芳")
    story.sweep()
    issue_all(story, staff)
    paper = story.all(Dispatch, kind="bulletin")[-1]  # the month's bulletin went out before
    assert {row.bulletin_id for row in story.all(Verification)} == {paper.id}
    assert len(paper.also_to) == 16
    rows = {row[0]: row[1:5] for row in paper.letter["sections"][0]["tables"][0]["rows"]}
    assert rows["滨海新区"] == ["2", "1,500.00", "1,400.00", "100.00"]
    assert rows["武清区"] == ["1", "300.00", "300.00", "0.00"]
    assert rows["其他区小计"] == rows["武清区"]
    assert rows["全市合计"] == ["3", "1,800.00", "1,700.00", "100.00"]
    with story.unit(story.town.zhao_qiang) as unit, pytest.raises(NotDue):
        draft_bulletin(unit, period=H2)
    bulletin = issue_all(story, staff)[-1]
    assert bulletin.title == "关于2026年下半年到位资金核查情况的通报"


def issue_all(story, staff):
    """Every paper that waits is checked and signed."""
    for node, actor in (("check", staff.desk_head), ("sign", staff.desk_leader)):
        for item in at(story, node):
            story.complete(actor, item, {"agreed": "true"})
    story.sweep()
    return story.all(Notice)


def test_a_bulletin_before_all_are_through_names_the_late_ones(story, staff, projects, money):
    begin(story)
    with story.unit(story.town.zhao_qiang) as unit, pytest.raises(NotDue):
        draft_bulletin(unit, period=H2)
    story.clock.move(to=OPENING)
    hand_in(story, story.town.li_ming, story.town.chen_jing)
    check_online(story, staff, story.town.binhai, {money[0]: "1000", money[1]: "500"})
    for project_id in projects[:2]:
        visit(story, project_id)
    story.sweep()
    sign_paper(story, staff)
    with story.unit(story.town.li_ming) as unit, pytest.raises(NotPermitted):
        draft_bulletin(unit, period=H2)
    with story.unit(story.town.zhao_qiang) as unit:
        draft_bulletin(unit, period=H2)
    [paper] = story.all(Dispatch, kind="bulletin")
    said = paper.letter["sections"][1]["text"]
    assert "武清区" in said
    assert "滨海新区" not in said


def test_a_merged_district_is_verified_under_its_old_name_and_answered_for_by_the_new(story, staff, projects, money):
    begin(story)
    hand_in(story, story.town.wang_fang, staff.wuqing_head)
    with story.unit(story.town.admin) as unit:
        close_organ(unit, organ_id=story.town.wuqing, last_day=unit.today, successor_id=story.town.binhai)
    story.clock.move(by=timedelta(days=1))
    check_online(story, staff, story.town.wuqing, {money[2]: ("200", "缺凭证")})
    visit(story, projects[2], district_signer=None, district_signature=None)
    [site] = story.all(VerificationSite, project_id=projects[2])
    do(story, story.town.li_ming, "confirm", {"visit_confirmed": "true"}, process_id=site.process_id)
    story.sweep()
    do(story, story.town.chen_jing, "countersign", ACCEPTED, process_id=of(story, story.town.wuqing))
    story.sweep()
    paper = sign_paper(story, staff)
    assert "武清区" in paper.title
    with story.reading() as unit:
        assert {each.organ_id for each in deliveries_of(unit.session, paper.id)} == {story.town.binhai}
    [problem] = story.all(Problem)
    assert problem.district_id == story.town.binhai


def test_nobody_adds_to_another_districts_self_check(story, staff, projects, money):
    begin(story)
    for actor in (story.town.wang_fang, story.town.chen_jing, story.town.zhao_qiang):
        with story.unit(actor) as unit, pytest.raises(NotPermitted):
            file_vouchers(
                unit, period=H2, organ_id=story.town.binhai, entry_id=money[0], kind="bank", files=[], explanation="x"
            )
    foreign = paper_of(story, projects[2], story.town.wang_fang)
    with story.unit(story.town.li_ming) as unit, pytest.raises(Invalid):
        file_vouchers(unit, period=H2, organ_id=story.town.binhai, entry_id=money[0], kind="bank", files=[foreign])
    with story.unit(story.town.li_ming) as unit, pytest.raises(NotFound):
        file_vouchers(
            unit, period=H2, organ_id=story.town.binhai, entry_id=money[2], kind="bank", files=[], explanation="x"
        )
    assert not [item for item in story.all(WorkItem, node="self_check") if item.state != "ready"]


def test_what_came_with_an_amount_is_its_voucher_already(story, staff, projects, money):
    kept = paper_of(story, projects[0])
    with story.unit(story.town.li_ming) as unit:
        entry_id = record_amount(unit, projects[0], kind="funds", amount=Decimal(60), on=ON, attachment_id=kept)
    begin(story)
    assert [kind for _n, kind, _name in lines(story, story.town.binhai)[entry_id].vouchers] == ["filed"]
    with story.unit(story.town.li_ming) as unit, pytest.raises(Invalid):
        file_vouchers(unit, period=H2, organ_id=story.town.binhai, entry_id=money[0], kind="filed", files=[kept])
    with story.unit(story.town.li_ming) as unit:
        file_vouchers(unit, period=H2, organ_id=story.town.binhai, entry_id=entry_id, kind="bank", files=[kept])
    assert [kind for _n, kind, _name in lines(story, story.town.binhai)[entry_id].vouchers] == ["bank"]
