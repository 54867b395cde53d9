"""The letters the stories are about, and how a sheet of paper is measured."""

from datetime import date

import pymupdf

from notices.letters import (
    AdmonitionNotice,
    Amendment,
    Annex,
    Answer,
    AssessmentResult,
    Bulletin,
    CloseOut,
    Commendation,
    Commitment,
    Conclusion,
    CoordinationLetter,
    Correction,
    Extension,
    Letter,
    ListedUnit,
    Opinion,
    PlainLetter,
    Point,
    Publicity,
    RectificationNotice,
    RectificationReport,
    Reminder,
    Section,
    SpecialReport,
    SupervisionNotice,
    TalkList,
    TalkNotice,
    TalkRecord,
    UrgingNotice,
    VerificationReport,
)
from notices.parts import Chart, Column, Series, Table
from notices.printed import SealPlace

MM = 72 / 25.4  # points
CHARACTER = 156 / 28  # mm, 3号
LINE = (225 - CHARACTER) / 21  # mm, of 22 lines
RARE = "𬭎䶮㛃堃喆镕翀祎昇赟"

COMMON = {
    "issuer": "市合作交流办",
    "to_name": "滨海新区人民政府",
    "date": date(2026, 11, 24),
    "project_no": "TJ-2025-0137",
    "project_name": "滨海新区新一代动力电池生产基地项目",
    "verify_url": "https://duban.example/verify/9mZq3Xk2LwT8aB1c",
    "signer": "周明远",
}
STALLED = Point(
    fact="签约后180天仍未完成企业注册,超过规定期限62天",
    basis="签约项目应当在120天内完成注册(停滞规则第2条)",
    demand="完成企业注册",
    evidence=("ZJ-2026-0412-01", "ZJ-2026-0412-02"),
)
UNDERFUNDED = Point(
    fact="2026年计划到位资金12,000万元,实际到位3,150万元",
    basis="低于时间进度30个百分点的认定为红灯",
    demand="逐月报告到位资金",
)


ABOUT_RECTIFICATION = {
    "about_number": "津督改〔2026〕12号",
    "about_title": "关于滨海新区新一代动力电池生产基地项目的整改通知书",
    "about_date": date(2026, 11, 24),
}


def rectification(**changes) -> RectificationNotice:
    given = {
        **COMMON,
        "number": "津合作改〔2026〕12号",
        "points": (STALLED, UNDERFUNDED),
        "due_on": date(2026, 12, 31),
        "receipt_on": date(2026, 11, 26),
        "plan_on": date(2026, 12, 8),
        "copies": ("市发展改革委",),
    }
    return RectificationNotice(**{**given, **changes})


def supervision(**changes) -> SupervisionNotice:
    given = {
        **COMMON,
        "number": "津合作督〔2026〕7号",
        "points": (STALLED,),
        "due_on": date(2026, 12, 4),
        "urgency": "特急",
    }
    return SupervisionNotice(**{**given, **changes})


def reminder(**changes) -> Reminder:
    given = {**COMMON, "number": "津合作提〔2026〕103号", "points": (STALLED,), "due_on": date(2026, 12, 1)}
    return Reminder(**{**given, **changes})


def talk(**changes) -> TalkNotice:
    given = {
        **COMMON,
        "number": "津合作约〔2026〕2号",
        "held_on": date(2026, 12, 3),
        "held_time": "上午9时30分",
        "place": "市政府第三会议室",
        "host": "分管副市长",
        "attendees": "你单位主要负责人",
        "cause": "整改通知书逾期未签收",
        "materials": "项目推进情况说明",
    }
    return TalkNotice(**{**given, **changes})


def special_report(**changes) -> SpecialReport:
    given = {
        **COMMON,
        "to_name": "市政府主要领导",
        "number": "津合作报〔2026〕1号",
        "subject": "关于滨海新区动力电池项目长期未开工情况的专报",
        "situation": "项目逾期三个月未开工",
        "measures": "已提醒、督办、整改和约谈",
        "suggestion": "建议召开专题调度会",
    }
    return SpecialReport(**{**given, **changes})


def urge(**changes) -> UrgingNotice:
    given = {
        **COMMON,
        "number": "津督催〔2026〕5号",
        "about_number": "津督办〔2026〕7号",
        "about_title": "关于滨海新区新一代动力电池生产基地项目的督办通知单",
        "about_date": date(2026, 10, 30),
        "matter": "签约后180天仍未完成企业注册,请查明原因,完成企业注册",
        "was_due_on": date(2026, 11, 13),
        "overdue_days": 7,
        "due_on": date(2026, 12, 1),
    }
    return UrgingNotice(**{**given, **changes})


def extension(**changes) -> Extension:
    given = {
        **COMMON,
        "issuer": "市合作交流办",
        "number": "津督延〔2026〕3号",
        "about_number": "津督办〔2026〕7号",
        "about_title": "关于滨海新区新一代动力电池生产基地项目的督办通知单",
        "matter": "完成企业注册",
        "applicant": "滨海新区人民政府",
        "applicant_name": "陈立",
        "progress": "公司章程已经股东会通过,外方股东资料公证件于11月20日寄出",
        "reason": "外方股东公证认证须经两国主管部门办理,预计12月中旬方可取得",
        "was_due_on": date(2026, 12, 4),
        "due_on": date(2026, 12, 25),
        "opinions": (
            Opinion(organ="滨海新区人民政府", name="陈立", role_title="单位负责人", opinion="情况属实,同意申请", on=date(2026, 11, 23)),
            Opinion(organ="市合作交流办", name="王堃", role_title="督办人员", opinion="理由成立,建议同意", on=date(2026, 11, 24)),
            Opinion(organ="市合作交流办", name="周明远", role_title="分管领导", opinion="同意", on=date(2026, 11, 24)),
        ),
        "granted": True,
    }  # fmt: skip
    return Extension(**{**given, **changes})


def report(**changes) -> RectificationReport:
    given = {
        **COMMON,
        "issuer": "滨海新区人民政府",
        "to_name": "市合作交流办",
        "number": "津滨整〔2026〕4号",
        **ABOUT_RECTIFICATION,
        "answers": (
            Answer(fact=STALLED.fact, result="已于12月8日完成企业注册,统一社会信用代码已录入系统", evidence=("ZZ-2026-1208-01",)),
            Answer(fact=UNDERFUNDED.fact, result="12月到位资金5,200万元,累计到位8,350万元", evidence=("ZZ-2026-1215-01",)),
        ),
        "unfinished": "到位资金尚差3,650万元,因外方第二笔出资须经外汇登记,预计2027年1月20日到位",
        "responsible": "滨海新区投资促进局局长李䶮,电话022-12345678",
        "round": 2,
    }  # fmt: skip
    return RectificationReport(**{**given, **changes})


def close_out(**changes) -> CloseOut:
    given = {
        **COMMON,
        "number": "津督销〔2026〕6号",
        **ABOUT_RECTIFICATION,
        "rectifier": "滨海新区人民政府",
        "reviewer": "市发展改革委",
        "reviewer_name": "刘赟",
        "findings": (
            Conclusion(fact=STALLED.fact, result="已于12月8日完成企业注册", conclusion="已整改,营业执照核验无误"),
            Conclusion(fact=UNDERFUNDED.fact, result="累计到位12,000万元", conclusion="已整改,银行回单核验无误"),
        ),
        "rounds": 2,
        "closed_on": date(2026, 12, 28),
        "remark": "项目开工节点仍逾期,红灯保留,另行督办",
    }
    return CloseOut(**{**given, **changes})


def coordination(**changes) -> CoordinationLetter:
    given = {
        **COMMON,
        "number": "津合协〔2026〕9号",
        "to_name": "市人力资源和社会保障局",
        "subject": "动力电池企业高层次人才落户问题",
        "matter_kind": "人才",
        "body": "企业首批引进研发人员46人,其中32人申请落户\n目前因企业注册不满一年,不符合现行落户条件",
        "due_on": date(2026, 12, 10),
    }
    return CoordinationLetter(**{**given, **changes})


def letter(**changes) -> PlainLetter:
    given = {
        **COMMON,
        "project_name": "",
        "project_no": "",
        "number": "津合函〔2026〕31号",
        "to_name": "市规划资源局",
        "subject": "商请提供重点项目用地批准情况",
        "body": "为做好重点招商项目调度,请提供2026年以来重点项目用地批准情况\n所需材料清单如下:批准文号、批准日期、面积",
        "due_on": date(2026, 12, 4),
    }
    return PlainLetter(**{**given, **changes})


def correction(**changes) -> Correction:
    given = {
        **COMMON,
        "number": "津督更〔2026〕1号",
        **ABOUT_RECTIFICATION,
        "items": (
            Amendment(place="第二部分第(二)条", wrong="实际到位3,150万元", right="实际到位3,510万元"),
            Amendment(place="第四部分", wrong="2026年12月31日前", right="2027年1月8日前"),
        ),
        "reason": "核对银行回单时发现录入有误",
    }
    return Correction(**{**given, **changes})


def joint(**changes) -> SpecialReport:
    """A document with every element GB/T 9704 knows: corner, three organs, three names of 签发人, 版记."""
    given = {
        "issuer": "市合作交流办",
        "co_issuers": ("市发展和改革委员会", "市财政局"),
        "signer": "周明远、王堃、李䶮",
        "copy_no": "000012",
        "secrecy": "机密★1年",
        "urgency": "特急",
        "copies": ("市委办公室", "市人大常委会办公室", "市政府办公室", "市政协办公室", "市纪委监委", "滨海新区人民政府"),
        "printed_by": "市合作交流办综合处",
        "printed_on": date(2026, 11, 25),
        "contact": "王堃,022-12345678",
        "replaces": "津督报〔2026〕1号",
        "sealed": False,
    }  # fmt: skip
    return special_report(**{**given, **changes})


DISTRICTS = ("滨海新区", "武清区", "宝坻区", "津南区", "西青区", "北辰区")


def ranked() -> Table:
    """A table as bulletins and results have it: place, district, target, done, rate."""
    columns = (Column("位次", 16), Column("区", 32), Column("目标（万元）", 38, number=True),
               Column("完成（万元）", 38, number=True), Column("完成率", 32, number=True))  # fmt: skip
    rows = (
        (str(place), name, "100,000.00", f"{(120 - 8 * place) * 1000:,}.00", f"{120 - 8 * place}.0%")
        for place, name in enumerate(DISTRICTS, start=1)
    )
    return Table(columns, (*rows, ("-", "蓟州区", "-", "1,200.00", "-")))


def broad() -> Table:
    """A table too broad for an upright page."""
    columns = (Column("项目", 65), *(Column(f"{month}月", 26.6, number=True) for month in range(1, 7)))
    return Table(
        columns, tuple((f"{name}演示项目", *(["1,250.00"] * 6)) for name in DISTRICTS), "逐月到位资金", wide=True
    )


SECTIONED = COMMON | {
    "project_name": "",
    "project_no": "",
    "to_name": "各区人民政府，市有关部门",
    "opening": "现将有关情况通报如下:",
    "notes": ("“-”表示没有下达目标,不排位次", "完成数按认定金额计算"),
}


def bulletin(**changes) -> Bulletin:
    given = {
        **SECTIONED,
        "number": "津合作通〔2026〕11号",
        "subject": "2026年10月全市招商引资情况",
        "sections": (
            Section(
                heading="目标任务完成情况",
                text="全市实际利用内资1,204.5亿元,完成全年目标的86.0%",
                tables=(ranked(),),
                charts=(Chart("bars", "各区完成情况", DISTRICTS, (Series("完成率", (112, 104, 96, 88, 80, 72)),), "%"),),
            ),
            Section(
                heading="项目情况",
                parts=(
                    Section(heading="本月新签约", text="新签约项目12个"),
                    Section(heading="半年内有望落地", text="有望落地项目8个"),
                ),
            ),
        ),
        "closing": "请各区对照差距,抓紧落实",
        "annexes": (
            Annex(name="各区完成情况", table=ranked()),
            Annex(name="逐月到位资金", text="单位:万元", table=broad()),
        ),
        "copies": ("市政府办公厅", "市统计局"),
        "printed_by": "市合作交流办综合处",
    }  # fmt: skip
    return Bulletin(**{**given, **changes})


def verification_report(**changes) -> VerificationReport:
    given = {
        **SECTIONED,
        "number": "津合作核〔2026〕2号",
        "subject": "滨海新区2026年上半年招商引资实绩",
        "to_name": "滨海新区人民政府",
        "sections": (
            Section(heading="核查范围和方式", text="网上核查金额48笔,抽取6个项目现场核查"),
            Section(heading="认定结果", text="申报100,000.00万元,认定92,000.00万元,核减8,000.00万元", tables=(ranked(),)),
            Section(heading="存在问题", text="发现问题2个,已由被核查单位签认"),
        ),
        "closing": "请按整改通知书要求整改",
    }  # fmt: skip
    return VerificationReport(**{**given, **changes})


def assessment_result(**changes) -> AssessmentResult:
    given = {
        **SECTIONED,
        "number": "津合作考〔2026〕1号",
        "subject": "2026年上半年全市招商引资",
        "sections": (
            Section(heading="考核结果", text="按默认方案计分,并列的位次相同", tables=(ranked(),)),
            Section(heading="计分依据", text="各项指标的取数、公式和得分见附件"),
        ),
        "annexes": (Annex(name="得分明细", table=broad()),),
    }
    return AssessmentResult(**{**given, **changes})


def publicity(**changes) -> Publicity:
    given = {
        **SECTIONED,
        "number": "津合作示〔2026〕3号",
        "subject": "2026年度全市招商引资拟表彰名单",
        "to_name": "社会各界",
        "opening": "经审核,拟对下列单位予以表彰,现予公示:",
        "sections": (Section(heading="拟表彰的区", text="滨海新区、武清区、宝坻区"),),
        "until": date(2026, 12, 1),
        "where": "市合作交流办综合处,022-12345678",
    }
    return Publicity(**{**given, **changes})


def commendation(**changes) -> Commendation:
    given = {
        **SECTIONED,
        "issuer": "市政府办公厅",
        "number": "津政办表〔2026〕1号",
        "subject": "关于表彰2026年度招商引资先进单位的决定",
        "opening": "经研究,决定对下列单位予以表彰:",
        "sections": (
            Section(heading="先进区", text="滨海新区、武清区、宝坻区"),
            Section(heading="先进部门", text="市商务局"),
            Section(heading="引荐人", text="演示中介服务有限公司"),
        ),
        "closing": "希望受到表彰的单位再接再厉",
        "notes": (),
    }
    return Commendation(**{**given, **changes})


def admonition(**changes) -> AdmonitionNotice:
    columns = (Column("指标", 64), Column("目标", 34, number=True), Column("完成", 34, number=True),
               Column("完成率", 24, number=True))  # fmt: skip
    given = {
        **COMMON,
        "project_name": "",
        "project_no": "",
        "issuer": "市政府办公厅",
        "to_name": "宝坻区人民政府",
        "number": "津政办谈〔2026〕2号",
        "subject": "2026年上半年招商引资考核",
        "assessed": "2026年上半年全市招商引资考核",
        "reasons": (
            "内资完成80,000.00万元,为目标100,000.00万元的80.0%,少20,000.00万元",
            "内外资综合得分61.25分,列第14位,为后三位",
        ),
        "held_on": date(2026, 12, 3),
        "held_time": "上午9时30分",
        "place": "市政府第三会议室",
        "materials": "未完成目标的原因分析、整改措施清单",
        "contact": "曹雪,022-12345678",
        "figures": Table(
            columns,
            (
                ("实际利用内资（万元）", "100,000.00", "80,000.00", "80.0%"),
                ("实际利用外资（万美元）", "-", "1,200.00", "-"),
                ("内外资综合得分", "-", "61.25", "第14位"),
            ),
        ),
    }
    return AdmonitionNotice(**{**given, **changes})


def talk_record(**changes) -> TalkRecord:
    given = {
        **COMMON,
        "project_name": "",
        "project_no": "",
        "issuer": "市政府办公厅",
        "to_name": "宝坻区人民政府",
        "number": "津政办录〔2026〕2号",
        "subject": "2026年上半年招商引资考核",
        "about_number": "津政办谈〔2026〕2号",
        "about_title": "关于2026年上半年招商引资考核的约谈通知书",
        "about_date": date(2026, 11, 24),
        "called": "宝坻区人民政府",
        "held_on": date(2026, 12, 3),
        "held_time": "上午9时30分",
        "place": "市政府第三会议室",
        "host": "市政府主要领导",
        "present": "宝坻区区长刘赟、区投资促进局局长李䶮",
        "recorder": "曹雪",
        "issues": "内资完成率80.0%,列后三位",
        "statement": "诚恳接受约谈,限期补上差距",
        "demands": "逐个项目落实到位资金\n每月报告一次",
        "commitments": (
            Commitment(text="完成动力电池项目二期到位资金20,000万元", owner="区投资促进局李䶮", due_on=date(2027, 3, 31)),
            Commitment(text="新签约亿元以上项目3个", owner="副区长刘赟", due_on=date(2027, 6, 30)),
        ),
    }  # fmt: skip
    return TalkRecord(**{**given, **changes})


def talk_list(**changes) -> TalkList:
    given = {
        **COMMON,
        "project_name": "",
        "project_no": "",
        "to_name": "市政府办公厅",
        "subject": "2026年上半年招商引资考核",
        "rule": "内资或外资目标没有完成,或者内外资综合得分列后三位的列入",
        "units": (
            ListedUnit(name="宝坻区", reasons=("内资完成80,000.00万元,为目标100,000.00万元的80.0%,少20,000.00万元", "内外资综合得分61.25分,列第14位,为后三位")),
            ListedUnit(name="武清区", reasons=("内外资综合得分60.00分,列第15位,为后三位",), changes=("由赵强于2026年11月24日去掉:市政府另行约谈",), struck=True),
            ListedUnit(name="津南区", reasons=("弄虚作假",), changes=("由赵强增加:弄虚作假",)),
        ),
        "notes": ("西青区:没有下达内资目标,不作为约谈事由",),
        "approved": "袁野2026年11月25日批准",
    }  # fmt: skip
    return TalkList(**{**given, **changes})


EVERY = (
    reminder, supervision, urge, extension, rectification, report, close_out, talk, special_report, coordination, letter,
    correction, bulletin, verification_report, assessment_result, publicity, commendation, admonition, talk_record,
    talk_list,
)  # fmt: skip


def long_letter() -> Letter:
    """A letter whose second page holds nothing but unbroken text."""
    return supervision(supplement="推" * 28 * 34)


ABOVE = 8.0  # mm the centre of a seal stands above that of 署名 and 成文日期


def seal_square(place: SealPlace, across_mm: float = 42) -> tuple[float, float, float, float]:
    """The square the seal of an organ fills: left, top, right and bottom in mm."""
    x, y = place.left_mm + place.width_mm / 2, place.top_mm + place.height_mm / 2 - ABOVE
    return x - across_mm / 2, y - across_mm / 2, x + across_mm / 2, y + across_mm / 2


def opened(data: bytes) -> pymupdf.Document:
    return pymupdf.open(stream=data, filetype="pdf")


def text_of(data: bytes) -> str:
    """All text, as one line: broken lines are the paper's business, not the text's."""
    return "".join(page.get_text() for page in opened(data)).replace("\n", "").replace("\u200b", "")


def characters(page) -> list[tuple[str, float, float, float]]:
    """Each character with the left and top of its em box and its size, in mm."""
    found = []
    for block in page.get_text("rawdict")["blocks"]:
        for span in (span for line in block.get("lines", ()) for span in line["spans"]):
            for each in span["chars"]:
                x, baseline = each["origin"]
                found.append((each["c"], x / MM, (baseline - 0.88 * span["size"]) / MM, span["size"] / MM))
    return found


def red_rules(page) -> list[tuple[float, float, float, float]]:
    """The red rules as ink on paper, top to bottom: left, top, right, bottom in mm. Letters of the name are no rules."""
    dpi = 600
    ink = page.get_pixmap(dpi=dpi)
    samples = ink.samples
    to_mm = 25.4 / dpi

    def red(x: int, y: int) -> bool:
        at = y * ink.stride + x * ink.n
        return samples[at] > 180 and samples[at + 1] < 120

    near_edge = round(24 / to_mm)  # left of the text block: only rules reach so far
    rows = [y for y in range(ink.height) if red(near_edge, y)]
    tops = [y for y in rows if y - 1 not in rows]
    rules = []
    for top in tops:
        bottom = next(y for y in range(top, ink.height) if not red(near_edge, y))
        columns = [x for x in range(ink.width) if red(x, top + 1)]
        rules.append((columns[0] * to_mm, top * to_mm, (columns[-1] + 1) * to_mm, bottom * to_mm))
    return rules
