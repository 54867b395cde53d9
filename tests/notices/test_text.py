"""What stands on the paper: all that a recipient must know, in full-width marks, with rare names whole."""

import pypdfium2
import pytest

from models.refusal import Invalid
from notices.errors import MissingGlyph
from notices.letters import Point, read_letter
from notices.render import render
from tests.notices.papers import RARE, opened, rectification, reminder, special_report, supervision, talk, text_of


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
        "抄送：市发展改革委。",
        "通知书编号",
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
    for letter, parts in wanted.items():
        text = text_of(render(letter()))
        places = [text.find(part) for part in parts if not part.startswith("关于")]
        assert -1 not in places, parts[places.index(-1)]
        assert places == sorted(places)


@pytest.mark.parametrize("letter", [rectification, supervision, reminder])
def test_rare_names_are_whole_in_every_reader(letter):
    name = f"{RARE}新能源(天津)有限公司"
    data = render(letter(project_name=name, points=(Point(fact=f"负责人王{RARE}没有回复"),)))
    others = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))
    for text in (text_of(data), others.replace("\r", "").replace("\n", "").replace("\u200b", "")):
        assert f"王{RARE}没有回复" in text
        assert f"{RARE}新能源（天津）有限公司" in text


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
