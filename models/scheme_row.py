"""指标行: one indicator as the cells of a row, of a table or of a JSON object, read with every mistake named."""

from collections.abc import Mapping
from decimal import Decimal

from models.scheme import FIGURE, GROUPS, KINDS, NATURES, TYPED, Indicator
from models.scheme_param import PARAMS, ParamError, Params, number, params_from_text, read_params
from models.texts import N_
from models.wrong_file import Cell, said

COLUMNS: dict[str, str] = {
    "word": "编号",
    "name_zh": "指标",
    "group": "类别",
    "weight": "权重",
    "unit_zh": "单位",
    "source": "数据来源",
    "formula": "计算方法",
    "params": "参数",
    "nature": "性质",
    "note": "备注",
}
ALIASES = {"name": "name_zh", "unit": "unit_zh"}
KIND_NAMES = {word: kind.name_zh for word, kind in KINDS.items()}
SYSTEM = "系统:"


def known(names: Mapping[str, str]) -> dict[str, object]:
    """The names that may be written, as a sentence takes them."""
    return {"known": "、".join(name for name in names.values() if name)}


Mistake = tuple[str, str, str, Mapping[str, object]]  # key of the column, parameter, sentence, its values


def read_indicator(cells: Mapping[str, Cell]) -> tuple[Indicator | None, list[Mistake]]:
    """The indicator of a row's cells by key, or every mistake in them; parameters are text or a mapping."""
    mistakes: list[Mistake] = []
    name, word = said(cells.get("name_zh")), said(cells.get("word"))
    formula = _chosen("formula", cells, KIND_NAMES, mistakes)
    indicator = Indicator(
        word=word or name,
        name_zh=name or word,
        group=_chosen("group", cells, GROUPS, mistakes),
        weight=_weight(cells.get("weight"), mistakes),
        unit_zh=said(cells.get("unit_zh")),
        source=_source(said(cells.get("source"))),
        formula=formula,
        params=_params(cells.get("params"), formula, mistakes),
        nature=_chosen("nature", cells, NATURES, mistakes),
        note=said(cells.get("note")),
    )
    return (None if mistakes else indicator), mistakes


def _chosen(key: str, cells: Mapping[str, Cell], names: Mapping[str, str], mistakes: list[Mistake]) -> str:
    text = said(cells.get(key))
    found = next((word for word, name in names.items() if text in (word, name)), None)
    if found is None:
        mistakes.append((key, "", N_("没有“%(text)s”，可填：%(known)s"), {"text": text[:40], **known(names)}))
    return found or ""


def _weight(cell: Cell, mistakes: list[Mistake]) -> Decimal | None:
    if not said(cell):
        return None
    try:
        return number(cell, percent=False)
    except ParamError as error:
        mistakes.append(("weight", "", error.message, error.params))
    return None


def _params(cell: Cell, formula: str, mistakes: list[Mistake]) -> Params:
    try:
        given = cell if isinstance(cell, Mapping) else params_from_text(said(cell))
        return read_params(given, rates=formula in ("ratio", "halves"))
    except ParamError as error:
        mistakes.append(("params", error.param, error.message, error.params))
    return Params()


def in_cell(column_: str, param: str) -> str:
    """Where a mistake stands: the cell, or one parameter in it."""
    return f"{column_}的“{PARAMS[param].name_zh if param in PARAMS else param}”" if param else column_


def _source(text: str) -> str:
    """One entry for each figure: typed, or figure:<word>; 填报 and 系统: are what people write."""
    parts = [part.strip() for part in text.replace("，", ",").replace("、", ",").replace("：", ":").split(",")]
    return ",".join(_one_source(part) for part in parts) if text else TYPED


def _one_source(part: str) -> str:
    if part in ("填报", TYPED):
        return TYPED
    return FIGURE + part.removeprefix(SYSTEM).removeprefix(FIGURE).strip()
