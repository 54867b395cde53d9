"""A bulletin of about twenty pages made of every part the kit has; no kind of paper, only a measure of the press."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from notices.letters import Letter
from notices.parts import Chart, Column, Figure, Line, Node, Series, Table

DISTRICTS = (
    "滨海新区", "和平区", "河东区", "河西区", "南开区", "河北区", "红桥区", "东丽区", "西青区", "津南区", "北辰区", "武清区",
    "宝坻区", "宁河区", "静海区", "蓟州区",
)  # fmt: skip
PROJECTS_EACH = 12
TEMPLATE = """{% extends "page_document.html" %}
{% block body %}
{{ gw.text(letter.opening) }}
{{ gw.heading(1, "总体进展") }}
{{ gw.heading2(1, "目标完成情况") }}
{{ gw.text(letter.opening) }}
{% for chart in letter.charts %}{{ gw.chart(chart) }}{% endfor %}
{{ gw.heading(2, "办理流程") }}
{{ gw.figure(letter.figure) }}
{{ gw.heading(3, "各区项目进展") }}
{% for table in letter.tables %}{{ gw.heading2(loop.index, table.caption) }}{{ gw.table(table) }}{% endfor %}
{{ gw.heading(4, "下步要求") }}
{{ gw.heading2(1, "压实责任") }}
{{ gw.heading3(1, "逐项明确责任人") }}
{{ gw.heading4(1, "市级部门") }}
{{ gw.text(letter.opening) }}
{% endblock %}
{% block annexes %}{{ gw.annexes(("各区重点招商项目主要指标完成情况一览表，含到位资金、开工、投产、用地、用能、环评等各项指标", "约谈名单")) }}{% endblock %}
{% block annex %}
{{ gw.wide_table(letter.broad) }}
<section class="attach">{{ gw.attach_head("附件2", ("约谈名单",)) }}{{ gw.text("无。") }}</section>
{% endblock %}
"""


@dataclass(frozen=True, kw_only=True)
class SampleReport(Letter):
    genre: ClassVar[str] = "通报"

    opening: str
    charts: tuple[Chart, ...]
    figure: Figure
    tables: tuple[Table, ...]
    broad: Table


def sample_report(projects_each: int = PROJECTS_EACH) -> SampleReport:
    return SampleReport(
        issuer="市合作交流办",
        to_name="各区人民政府，各有关单位",
        date=date(2026, 11, 24),
        project_name="2026年10月重点招商项目进展情况",
        number="津合通〔2026〕10号",
        verify_url="https://duban.example/verify/9mZq3Xk2LwT8aB1c",
        copies=("市委办公室", "市政府办公室"),
        printed_by="市合作交流办综合处",
        printed_on=date(2026, 11, 25),
        opening="1至10月,全市重点招商项目到位资金1,286.4亿元,完成年度目标的87.6%,同比增长6.2%。" * 3,
        charts=charts(),
        figure=diagram(),
        tables=tuple(district_table(place, name, projects_each) for place, name in enumerate(DISTRICTS)),
        broad=broad_table(),
    )


def charts() -> tuple[Chart, ...]:
    done = tuple(60 + 7 * (place * 5 % 9) for place in range(len(DISTRICTS)))
    months = tuple(f"{month}月" for month in range(1, 11))
    return (
        Chart("bars", "各区到位资金", DISTRICTS, (Series("本年", done), Series("上年", tuple(n - 9 for n in done))), "亿元"),
        Chart("lines", "逐月到位资金", months, (
            Series("本年", (80, 95, 130.5, 121, 140, 160, 133, 150, None, 172)),
            Series("上年", (78, 90, 110, 118, 120, 141, 139, 144, 150, 151)),
        ), "亿元"),
        Chart("stack", "各区项目红黄绿灯", DISTRICTS, (
            Series("红灯", tuple(n % 4 for n in range(16))), Series("黄灯", tuple(n % 5 for n in range(16))),
            Series("绿灯", tuple(8 + n % 3 for n in range(16))),
        ), "个"),
        Chart("progress", "各区年度目标完成情况", DISTRICTS, (Series("完成", done), Series("目标", (100,) * 16)), "亿元"),
        Chart("lines", "同比增速", months, (Series("增速", (-4.2, -1, 0.5, 2, 3.1, 4, 5.5, 5.9, 6, 6.2)),), "%"),
    )  # fmt: skip


def diagram() -> Figure:
    """Eight tasks in a row, as a map draws them, the fourth late and the fifth in hand."""
    names = ("提醒", "督办", "下发整改通知书", "签收回执", "报送整改方案", "报送整改报告", "复核", "销号")
    states = ("done", "done", "done", "late", "now", "ahead", "ahead", "ahead")
    tasks = tuple(
        Node("task", 80 + 140 * (place % 4), 20 + 130 * (place // 4), 100, 80, name, state)
        for place, (name, state) in enumerate(zip(names, states, strict=True))
    )
    ends = (Node("start", 20, 42, 36, 36, "红灯", "done"), Node("gateway", 650, 45, 50, 50, "逾期", "done"),
            Node("end", 650, 172, 36, 36, "办结"))  # fmt: skip
    flows = tuple(
        Line(((180 + 140 * (place % 4), 60 + 130 * row), (220 + 140 * (place % 4), 60 + 130 * row)), taken=row == 0)
        for row in range(2) for place in range(3)
    )  # fmt: skip
    return Figure(
        (*ends, *tasks),
        (Line(((56, 60), (80, 60)), taken=True), *flows),
        "图1　整改办理流程",
        "整改流程图：签收回执逾期，整改方案办理中。",
    )


def district_table(place: int, name: str, count: int) -> Table:
    columns = (Column("序号", 12), Column("项目名称", 46), Column("投资额（万元）", 34, number=True),
               Column("完成率", 18, number=True), Column("节点日期", 34), Column("灯", 12))  # fmt: skip
    rows = tuple(
        (str(row + 1), f"{name}第{row + 1}号新一代动力电池产业园项目", f"{12_000 + 731 * row * (place + 1):,}", f"{50 + row}%",
         f"2026年{1 + row % 12}月{1 + place}日", "红黄绿"[row % 3])
        for row in range(count)
    )  # fmt: skip
    return Table(columns, rows, f"{name}重点项目一览表")


def broad_table() -> Table:
    columns = (Column("区", 28), *(Column(f"指标{number}", 17.9, number=True) for number in range(1, 12)))
    rows = tuple((name, *(f"{(place + 3) * number * 17 % 997}.{number % 10}" for number in range(1, 12)))
                 for place, name in enumerate(DISTRICTS))  # fmt: skip
    return Table(columns, rows, "附件1　各区主要指标完成情况", wide=True)


def page(letter: SampleReport) -> str:
    """The bulletin as the page that is set; activate the faces first."""
    from notices.compose import environment

    return environment().from_string(TEMPLATE).render(letter=letter, ghost="", draft=False)
