"""考核方案 as pages: the list, one scheme to be read, and the table in which a supervisor changes it cell by cell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import pgettext

from models.figure import FIGURES
from models.refusal import NotFound
from models.scheme import GROUPS, MODES, NATURES, TIE_NAMES, Scheme, Wrong, scheme_from_json
from models.scheme_file import SETTINGS, plain_cell, scheme_of_rows, scheme_rows
from models.scheme_row import COLUMNS, KIND_NAMES
from models.scheme_source import check_sources, default_scheme
from models.scheme_version import STATES, SUBJECTS, SchemeVersion, find_scheme_version, scheme_in_force, scheme_versions
from models.texts import N_
from models.unit import Unit
from models.wrong_file import WrongFile
from web.fields import ChoiceView, FieldView
from web.i18n import moment, say
from web.views.assessments import SchemeCell, SchemeLine, SchemePage, SchemeRow
from web.views.shared import Act, Fact, LampView

COLOURS = {"draft": "yellow", "in_force": "green", "retired": "grey"}
BLANK_ROWS, MOST_ROWS = 3, 60
CHOICES = {"group": GROUPS, "formula": KIND_NAMES, "nature": NATURES}  # columns that are chosen, not typed
ABOVE = ("name", "note", "full", "tie", "places", "total_places", "mode")  # settings asked above the table
SELECTS = {"tie": TIE_NAMES, "mode": MODES}
QUOTED = re.compile("“([^”]*)”")
HEADINGS = {  # of the table and above it, as the file has them, for the visitor's language
    "编号": N_("编号"), "指标": N_("指标"), "类别": N_("类别"), "权重": N_("权重"), "数据来源": N_("数据来源"),
    "计算方法": N_("计算方法"), "参数": N_("参数"), "性质": N_("性质"), "备注": N_("备注"), "方案": N_("方案"), "说明": N_("说明"),
    "满分": N_("满分"), "并列": N_("并列"), "小数位": N_("小数位"), "总分小数位": N_("总分小数位"), "舍入": N_("舍入"),
}  # fmt: skip


def list_lines(unit: Unit) -> tuple[SchemeLine, ...]:
    """Every version one may see, and the 默认方案 of each subject last."""
    lines = [
        SchemeLine(row.name, url_for("schemes.page", version_id=row.id), say(SUBJECTS[row.subject]), str(row.year),
                   str(row.version), _lamp(row), f"{row.made_by} · {moment(row.made_at)}")
        for row in scheme_versions(unit.session, drafts=unit.actor.may("scheme.edit"))
    ]  # fmt: skip
    for subject, name in SUBJECTS.items():
        used = scheme_in_force(unit.session, subject, unit.today.year) is None
        lamp = LampView("green", _("在用")) if used else LampView("grey", _("备用"))
        lines.append(SchemeLine(default_scheme(subject).name, url_for("schemes.standard", subject=subject), say(name), "—",
                                "—", lamp, _("随系统提供")))  # fmt: skip
    return tuple(lines)


def _lamp(row: SchemeVersion) -> LampView:
    return LampView(COLOURS[row.state], say(STATES[row.state]))  # type: ignore[arg-type]


def standard_page(unit: Unit, subject: str) -> SchemePage:
    """The 默认方案 to be read; a supervisor may copy it."""
    if subject not in SUBJECTS:
        raise NotFound(N_("没有这个考核方案，或您无权查看。"))
    scheme = default_scheme(subject)
    links = [(_("导出 Excel"), url_for("schemes.standard_book", subject=subject), "download")]
    if unit.actor.may("scheme.edit"):
        links.insert(0, (_("照此新建方案"), url_for("schemes.new", subject=subject), "plus-lg"))
    return _read_page(scheme, subject, facts=(Fact(_("考核对象"), say(SUBJECTS[subject])),), links=tuple(links))


def version_page(unit: Unit, version_id: int) -> SchemePage:
    """One version to be read, with what may be done with it."""
    row = find_scheme_version(unit, version_id)
    facts = [
        Fact(_("考核对象"), say(SUBJECTS[row.subject])),
        Fact(_("年度和版本"), _("%(year)s年第%(version)s版", year=row.year, version=row.version)),
        Fact(_("编制"), f"{row.made_by} · {moment(row.made_at)}"),
    ]
    if row.in_force_at:
        facts.append(Fact(_("启用"), f"{row.in_force_by} · {moment(row.in_force_at)}"))
    links = [(_("导出 Excel"), url_for("schemes.book", version_id=row.id), "download")]
    acts: list[Act] = []
    if unit.actor.may("scheme.edit"):
        words = _("修改") if row.state == "draft" else _("另存为新版本")
        links.insert(0, (words, url_for("schemes.edit", version_id=row.id), "pencil-square"))
        if row.state == "draft":
            question = _(
                "启用后，%(year)s年的考核按这个方案评分；原来在用的方案停用，已经取数的考核不受影响。", year=row.year
            )
            acts.append(
                Act("enforce", _("启用"), url_for("schemes.enforce", version_id=row.id), "check2", "primary", question)
            )
    return _read_page(scheme_from_json(row.content), row.subject, lamp=_lamp(row), facts=tuple(facts), acts=tuple(acts),
                      links=tuple(links))  # fmt: skip


def _read_page(
    scheme: Scheme,
    subject: str,
    *,
    facts: tuple[Fact, ...],
    links: tuple[tuple[str, str, str], ...],
    lamp: LampView | None = None,
    acts: tuple[Act, ...] = (),
) -> SchemePage:
    above, cells = _parts(scheme)
    told = tuple(Fact(_heading(SETTINGS[key]), above[key]) for key in ABOVE if above.get(key) and key != "name")
    rows = tuple(
        SchemeRow(number, tuple(SchemeCell(key, _heading(COLUMNS[key]), row[key], "") for key in COLUMNS))
        for number, row in enumerate(cells, start=1)
    )
    return SchemePage(
        title=scheme.name,
        lead="",
        lamp=lamp,
        standard=scheme.default,
        facts=(*facts, *told),
        head=tuple(map(_heading, COLUMNS.values())),
        rows=rows,
        acts=acts,
        links=links,
        crumbs=((_("考核"), url_for("assessments.index")), (_("考核方案"), url_for("schemes.index"))),
        figures=known_figures(subject),
    )


def _heading(text: str) -> str:
    if text == "单位":  # of measure; elsewhere the same word is an office
        return str(pgettext("measure", "单位"))
    return say(HEADINGS[text])


def known_figures(subject: str) -> tuple[tuple[str, str, str], ...]:
    """The figures a scheme of this subject may name: word, name with unit, meaning."""
    return tuple(
        (each.word, f"{say(each.name_zh)}（{say(each.unit_zh)}）", say(each.meaning))
        for each in FIGURES.values()
        if each.subject == subject
    )


def _parts(scheme: Scheme) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The settings above the table by key, and the cells of each indicator by column."""
    rows = [[plain_cell(cell) for cell in row] for row in scheme_rows(scheme)]
    head = rows.index(list(COLUMNS.values()))
    names = {name: key for key, name in SETTINGS.items()}
    above = {names[row[0]]: row[1] for row in rows[:head] if row and row[0] in names}
    return above, [dict(zip(COLUMNS, row, strict=True)) for row in rows[head + 1 :]]


def edit_page(
    scheme: Scheme, subject: str, year: int, crumbs: tuple[tuple[str, str], ...], wrong: WrongFile | None = None
) -> SchemePage:
    """The table to be changed: as it stands, or as it was sent with every cell that is wrong named."""
    above, cells = _parts(scheme)
    return _asked(above | {"year": str(year)}, cells, subject, crumbs, wrong)


def again_page(subject: str, crumbs: tuple[tuple[str, str], ...], wrong: WrongFile) -> SchemePage:
    """The same from what was just sent, so that nothing typed is lost."""
    above = {key: request.form.get(key, "") for key in ("year", *ABOVE)}
    return _asked(above, _sent_cells(), subject, crumbs, wrong)


def _asked(
    above: Mapping[str, str],
    cells: Sequence[Mapping[str, str]],
    subject: str,
    crumbs: tuple[tuple[str, str], ...],
    wrong: WrongFile | None,
) -> SchemePage:
    errors = _errors(wrong)
    blank = dict.fromkeys(COLUMNS, "")
    numbered = enumerate([*cells, *[blank] * BLANK_ROWS], start=1)
    rows = tuple(SchemeRow(number, _cells(number, row, errors)) for number, row in numbered)
    problems = tuple(_sentence(each.row, each.column, each.text) for each in wrong.wrongs) if wrong else ()
    return SchemePage(
        title=_("编制考核方案（%(subject)s）", subject=say(SUBJECTS[subject])),
        lead=_("一行一个指标；整行清空即删除，末尾的空行用来新增。规模和质量的权重合计应等于满分。"),
        lamp=None,
        standard=False,
        facts=(),
        head=tuple(map(_heading, COLUMNS.values())),
        rows=rows,
        acts=(),
        links=(),
        crumbs=crumbs,
        action_href=request.path,
        fields=_settings(above, errors),
        problem=_("方案有%(n)s处不对，没有保存；已填内容都在。", n=len(problems)) if problems else "",
        problems=problems,
        figures=known_figures(subject),
    )


def _cells(number: int, row: Mapping[str, str], errors: Mapping[tuple[int, str], str]) -> tuple[SchemeCell, ...]:
    return tuple(
        SchemeCell(key, _heading(name), row.get(key, ""), errors.get((number, key), ""), _offered(key))
        for key, name in COLUMNS.items()
    )


def _offered(key: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, say(name)) for name in CHOICES.get(key, {}).values())


def _settings(above: Mapping[str, str], errors: Mapping[tuple[int, str], str]) -> tuple[FieldView, ...]:
    fields = [
        FieldView("year", _("年度"), value=above.get("year", ""), required=True, error=errors.get((0, "year"), ""))
    ]
    for key in ABOVE:
        field = FieldView(key, _heading(SETTINGS[key]), "textarea" if key == "note" else "text", above.get(key, ""),
                          required=key == "name", error=errors.get((0, key), ""))  # fmt: skip
        if key in SELECTS:
            names = SELECTS[key].values()
            choices = tuple(ChoiceView(name, say(name), name == field.value) for name in names)
            field = replace(field, widget="select", choices=choices)
        fields.append(field)
    return tuple(fields)


def _sent_cells() -> list[dict[str, str]]:
    """The rows as they were sent, blank ones left out."""
    count = min(request.form.get("rows", 0, type=int), MOST_ROWS)
    rows = [
        {key: request.form.get(f"c{number}_{key}", "").strip() for key in COLUMNS} for number in range(1, count + 1)
    ]
    return [row for row in rows if any(row.values())]


def sent_scheme(subject: str) -> tuple[int, Scheme]:
    """Year and scheme of the table just sent; raises WrongFile with every mistake, rows counted as the page counts them."""
    cells = _sent_cells()
    above = [[SETTINGS[key], request.form.get(key, "").strip()] for key in ABOVE]
    rows: list[list[str]] = [*above, list(COLUMNS.values()), *([row[key] for key in COLUMNS] for row in cells)]
    shift = len(above) + 1
    try:
        scheme = replace(scheme_of_rows(rows), default=False)
    except WrongFile as wrong:
        raise WrongFile([replace(each, row=max(each.row - shift, 0)) for each in wrong.wrongs]) from wrong
    check_sources(scheme, subject)
    return sent_year(request.form.get("year", "")), scheme


def sent_year(text: str) -> int:
    """The year; raises WrongFile for what is none."""
    if not re.fullmatch(r"20\d\d", text.strip()):
        raise WrongFile([Wrong(0, "“年度”", N_("年度应是四位数字，例如2026"))])
    return int(text)


def _errors(wrong: WrongFile | None) -> dict[tuple[int, str], str]:
    """What is wrong by (number of the row, column), the settings above in row 0."""
    keys = {name: key for key, name in COLUMNS.items()}
    above = {**{name: key for key, name in SETTINGS.items()}, "年度": "year"}
    found: dict[tuple[int, str], str] = {}
    for each in wrong.wrongs if wrong else ():
        named = QUOTED.search(each.column)
        name = named[1] if named else each.column
        key = keys.get(name, "name_zh") if each.row else above.get(name, "name")
        found.setdefault((each.row, key), say(each.text, dict(each.params)))
    return found


def _sentence(row: int, column: str, text: str) -> str:
    return f"{_('第%(n)s行', n=row) if row else ''}{column}：{text}"
