"""The letters the stories are about, and how a sheet of paper is measured."""

from datetime import date

import pymupdf

from notices.letters import Letter, Point, RectificationNotice, Reminder, SpecialReport, SupervisionNotice, TalkNotice

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


def long_letter() -> Letter:
    """A letter whose second page holds nothing but unbroken text."""
    return supervision(supplement="推" * 28 * 34)


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
