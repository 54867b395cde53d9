"""What stands on the paper: all that a recipient must know, in full-width marks, with rare names whole."""

import json
from datetime import date

import pypdfium2
import pytest

from models.refusal import Invalid
from notices.errors import MissingGlyph
from notices.letters import KINDS, Amendment, Conclusion, Opinion, Point, freeze_letter, read_letter
from notices.render import render
from tests.notices.papers import (
    EVERY,
    RARE,
    close_out,
    coordination,
    correction,
    extension,
    joint,
    letter,
    opened,
    rectification,
    reminder,
    report,
    special_report,
    supervision,
    talk,
    text_of,
    urge,
)


def test_the_rectification_notice_says_everything_in_order():
    text = text_of(render(rectification()))
    wanted = (
        "津合作改〔2026〕12号",
        "滨海新区人民政府：",
        "项目编号：TJ-2025-0137",
        "一、检查时间与方式",
        "二、存在问题",
        "（一）签约后180天仍未完成企业注册，超过规定期限62天。",
        "依据：签约项目应当在120天内完成注册（停滞规则第2条）。",
        "证据编号：ZJ-2026-0412-01、ZJ-2026-0412-02。",
        "（二）2026年计划到位资金12,000万元，",
        "三、整改要求",
        "1.完成企业注册。",
        "四、整改期限",
        "2026年12月31日前",
        "2026年11月26日前",
        "2026年12月8日前",
        "五、逾期后果",
        "六、反馈方式",
        "附件：整改通知书回执",
        "（签发：周明远）",
        "通知书编号",
        "抄送：市发展改革委。",
    )
    places = [text.find(part) for part in wanted]
    assert -1 not in places, wanted[places.index(-1)]
    assert places == sorted(places)
    assert "市合作交流办2026年11月24日" in text, "署名 and 成文日期"


def test_the_supervision_notice_and_the_reminder_say_what_and_by_when():
    supervised, reminded = text_of(render(supervision())), text_of(render(reminder()))
    for part in (
        "特急",
        "津合作督〔2026〕7号",
        "督办依据",
        "交办事项",
        "办理要求",
        "于2026年12月4日前办结",
        "滨海新区新一代动力电池生产基地项目",
    ):
        assert part in supervised
    for part in ("津合作提〔2026〕103号", "特此提醒：", "请完成企业注册。", "于2026年12月1日前", "特此函告。"):
        assert part in reminded


def test_the_talk_and_the_special_report_say_why_when_and_what_next():
    wanted = {
        talk: (
            "关于滨海新区新一代动力电池生产基地项目的约谈通知书", "津合作约〔2026〕2号", "滨海新区人民政府：", "一、约谈事由",
            "时间：2026年12月3日（星期四）上午9时30分。", "地点：市政府第三会议室。", "约谈人：分管副市长。",
            "请携带以下书面材料：项目推进情况说明。", "请按时到场",
        ),
        special_report: (
            "关于滨海新区动力电池项目长期未开工情况的专报", "市政府主要领导：", "一、基本情况", "项目逾期三个月未开工。",
            "二、已采取的措施", "三、有关建议", "建议召开专题调度会。", "专此报告。",
        ),
    }  # fmt: skip
    for paper, parts in wanted.items():
        text = text_of(render(paper()))
        places = [text.find(part) for part in parts if not part.startswith("关于")]
        assert -1 not in places, parts[places.index(-1)]
        assert places == sorted(places)


FOLLOWING = {
    urge: (
        "津督催〔2026〕5号", "滨海新区人民政府：", "现予催办。", "一、原督办文件",
        "《关于滨海新区新一代动力电池生产基地项目的督办通知单》（津督办〔2026〕7号，2026年10月30日印发）。", "二、督办事项",
        "签约后180天仍未完成企业注册，请查明原因，完成企业注册。", "三、逾期情况",
        "原定2026年11月13日前办结，截至2026年11月24日已逾期7个工作日。", "四、再次限期", "请于2026年12月1日前办结。",
        "五、报送要求", "办理情况说明", "（签发：周明远）",
    ),
    extension: (
        "延期审批单", "编号：津督延〔2026〕3号", "申请单位", "滨海新区人民政府", "申请人", "陈立", "原督办文件", "津督办〔2026〕7号",
        "办理事项", "完成企业注册", "原定期限", "2026年12月4日", "申请延期至", "2026年12月25日", "目前进展", "延期理由",
        "单位负责人", "情况属实，同意申请。", "督办人员", "王堃", "分管领导", "周明远", "审批结论", "同意延期至2026年12月25日。",
    ),
    report: (
        "编号：津滨整〔2026〕4号", "整改报告", "整改通知书", "津督改〔2026〕12号", "报告单位", "滨海新区人民政府", "报送单位",
        "市合作交流办", "第二轮", "市合作交流办：", "一、整改措施和结果", "（一）签约后180天仍未完成企业注册，超过规定期限62天。",
        "措施和结果：已于12月8日完成企业注册，统一社会信用代码已录入系统。", "佐证材料：ZZ-2026-1208-01。", "（二）",
        "二、未完成事项及原因", "2027年1月20日到位。", "三、整改责任人", "李䶮，电话022-12345678。", "请予复核。",
        "滨海新区人民政府2026年11月24日",
    ),
    close_out: (
        "销号单", "编号：津督销〔2026〕6号", "整改通知书", "津督改〔2026〕12号，2026年11月24日印发", "整改单位", "滨海新区人民政府",
        "复核单位", "市发展改革委", "整改轮次", "2轮", "销号日期", "2026年12月28日", "存在问题", "整改结果", "复核结论",
        "超过规定期限62天。", "已于12月8日完成企业注册。", "已整改，营业执照核验无误。", "复核意见", "2个问题均已整改到位，同意销号。",
        "刘赟", "备注", "红灯保留，另行督办",
    ),
    coordination: (
        "津合协〔2026〕9号", "市人力资源和社会保障局：", "项目编号：TJ-2025-0137", "人才方面的事项", "其中32人申请落户。",
        "请予支持为盼，并请于2026年12月10日前函复办理意见。",
    ),
    letter: ("津合函〔2026〕31号", "市规划资源局：", "请提供2026年以来", "清单如下：批准文号", "请于2026年12月4日前函复。"),
    correction: (
        "津督更〔2026〕1号", "津督改〔2026〕12号，2026年11月24日印发", "现更正如下：",
        "1.第二部分第（二）条“实际到位3,150万元”更正为“实际到位3,510万元”。", "2.第四部分“", "更正原因：核对银行回单时发现录入有误。",
        "按本件更正后继续有效。",
    ),
    joint: (
        "000012", "机密★1年", "特急", "市合作交流办", "市发展和改革委员会", "市财政局", "文件", "津合作报〔2026〕1号", "签发人：周明远",
        "王堃", "李䶮", "市政府主要领导：", "一、基本情况", "专此报告。", "原津督报〔2026〕1号同时作废，以本件为准。",
        "2026年11月24日", "（联系人：王堃，022-12345678）", "（本件未加盖电子印章，真伪以扫码核验为准）",
        "抄送：市委办公室，市人大常委会办公室，", "市合作交流办综合处2026年11月25日印发",
    ),
}  # fmt: skip


@pytest.mark.parametrize("letter", FOLLOWING, ids=lambda letter: letter.__name__)
def test_each_paper_says_all_its_elements_in_order(letter):
    text, at = text_of(render(letter())), 0
    for part in FOLLOWING[letter]:
        found = text.find(part, at)
        assert found >= 0, f"{part} is not after {text[max(at - 30, 0) : at]}"
        at = found + len(part)


@pytest.mark.parametrize("letter", [*EVERY, joint], ids=lambda letter: letter.__name__)
def test_what_is_noted_below_the_signature_is_read_after_it(letter):
    text = text_of(render(letter(contact="王堃,022-12345678", printed_by="")))
    assert 0 <= text.rfind("2026年11月24日") < text.find("（联系人：")


def test_what_was_refused_is_not_granted_and_no_date_is_invented():
    refused = text_of(render(extension(granted=False)))
    assert "不同意延期，仍按原定期限2026年12月4日办结。" in refused
    assert "同意延期至" not in refused
    assert "特此函达。" in text_of(render(letter(due_on=None)))
    assert "请予支持为盼。" in text_of(render(coordination(due_on=None)))
    assert "没有未完成事项。" in text_of(render(report(unfinished="")))


def test_a_paper_without_a_certificate_says_so_unless_it_is_a_draft():
    said = "本件未加盖电子印章"
    assert said in text_of(render(reminder(sealed=False)))
    assert said not in text_of(render(reminder(sealed=False), draft=True))
    assert said not in text_of(render(reminder()))


@pytest.mark.parametrize("letter", [rectification, supervision, reminder])
def test_rare_names_are_whole_in_every_reader(letter):
    name = f"{RARE}新能源(天津)有限公司"
    data = render(letter(project_name=name, points=(Point(fact=f"负责人王{RARE}没有回复"),)))
    others = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))
    for text in (text_of(data), others.replace("\r", "").replace("\n", "").replace("\u200b", "")):
        assert f"王{RARE}没有回复" in text
        assert f"{RARE}新能源（天津）有限公司" in text


@pytest.mark.parametrize("letter", EVERY, ids=lambda letter: letter.__name__)
def test_rare_names_are_whole_on_every_kind(letter):
    shown = text_of(render(letter(to_name=f"{RARE}区政府", issuer=f"{RARE}局", signer=f"王{RARE}")))
    assert f"{RARE}局2026年11月24日" in shown
    assert f"王{RARE}" in shown


def test_a_character_no_face_has_is_named_and_nothing_is_printed():
    with pytest.raises(MissingGlyph) as told:
        render(reminder(project_name="宇航😀项目", points=(Point(fact="西夏文𗀀无字形"),)))
    assert told.value.characters == "𗀀😀"
    assert "😀（U+1F600）" in str(told.value)


def test_a_draft_says_so_and_has_no_number():
    text = text_of(render(reminder(number=None, verify_url=None), draft=True))
    assert "草稿" in text
    assert "编号待定" in text
    assert "草稿" not in text_of(render(reminder()))


def test_a_demonstration_says_so_on_each_page_and_where_the_seal_would_be():
    pages = opened(render(rectification(demo=True)))
    assert all("演示" in page.get_text() for page in pages)
    assert "演示用印处" in text_of(render(rectification(demo=True)))
    assert "演示用印处" not in text_of(render(rectification(demo=True, seal_drawn=False))), (
        "a signature will stand there"
    )


def test_the_date_of_the_file_is_the_date_of_the_letter():
    said = opened(render(rectification())).metadata
    assert said["creationDate"].startswith("D:20261124")
    assert said["title"] == "关于滨海新区新一代动力电池生产基地项目的整改通知书"
    assert said["author"] == "市合作交流办"


def test_what_no_letter_can_carry_is_refused():
    with pytest.raises(Invalid):
        reminder(supplement="长" * 2001)
    with pytest.raises(Invalid):
        rectification(points=(Point(fact="多"),) * 31)
    with pytest.raises(Invalid):
        rectification(points=(Point(fact="长" * 1900),) * 7)
    with pytest.raises(Invalid):
        close_out(findings=(Conclusion(fact="长" * 2000),) * 30)
    with pytest.raises(Invalid):
        extension(opinions=(Opinion(opinion="长" * 2001),))
    with pytest.raises(Invalid):
        correction(items=(Amendment(wrong="长", right="多"),) * 31)
    with pytest.raises(ValueError, match="seal"):
        reminder(seal_mm=50)
    with pytest.raises(ValueError, match="份号"):
        reminder(copy_no="12")


def test_the_data_an_issue_froze_gives_the_letter_back():
    frozen = {
        "kind": "rectification",
        "issuer": "市合作交流办",
        "to": "西青区人民政府",
        "date": "2026-11-24",
        "project": "甲项目",
        "project_no": "X-1",
        "signer": "周明远",
        "demo": True,
        "number": "津合作改〔2026〕1号",
        "due_on": "2026-12-31",
        "findings": [{"number": 1, "fact": "事实", "basis": "依据", "demand": "要求"}],
        "receipt_on": "2026-11-26",
        "plan_on": "2026-12-08",
        "supplement": "补充",
        "verify_code": "c",
    }
    letter = read_letter(frozen, verify_url="https://duban.example/verify/c")
    assert (letter.to_name, letter.demo, letter.points[0].basis) == ("西青区人民政府", True, "依据")
    assert "补充。" in text_of(render(letter))
    facts = {**frozen, "kind": "supervision", "facts": ["事实一", "事实二"], "demands": ["要求一"], "bases": []}
    del facts["findings"]
    assert [point.demand for point in read_letter(facts).points] == ["要求一", ""]


@pytest.mark.parametrize("letter", EVERY, ids=lambda letter: letter.__name__)
def test_every_kind_comes_back_from_json_as_it_was(letter):
    given = letter(co_issuers=("市财政局",), copy_no="000007", seal_mm=45, sealed=False, printed_on=date(2026, 11, 25))
    told = json.loads(json.dumps(freeze_letter(given)))
    assert {"kind", "to", "project", "date"} <= told.keys()
    assert read_letter(told, verify_url=given.verify_url) == given
    assert {each().kind for each in EVERY} == set(KINDS)


def test_what_a_kind_cannot_do_without_is_missed_by_name():
    with pytest.raises(KeyError, match="due_on"):
        read_letter({"kind": "urge", "issuer": "甲", "to": "乙", "date": "2026-11-24", "project": "丙", "matter": "丁",
                     "was_due_on": "2026-11-13", "overdue_days": 7})  # fmt: skip
