"""文件有误: how a mistake in a file people made is told – row, column and why – and how cells are read and written safely."""

from collections.abc import Iterator, Sequence

from models.scheme import Wrong

Cell = object
Row = Sequence[Cell]


class WrongFile(ValueError):
    """文件有误。 Nothing was taken in; `wrongs` are all the mistakes found, in order."""

    def __init__(self, wrongs: Sequence[Wrong], unit: str = "行") -> None:
        self.wrongs = tuple(wrongs)
        self.unit = unit  # 行 of a table, 项 of a JSON list
        super().__init__("\n".join(self.sentences()))

    def sentences(self) -> Iterator[str]:
        """One line for each mistake: 第7行D列“权重”：…"""  # noqa: D415 - a sample of the sentence itself
        for each in self.wrongs:
            yield f"{f'第{each.row}{self.unit}' if each.row else ''}{each.column}：{each.text}"


def letter(place: int) -> str:
    """A for 0, AA for 26."""
    return (letter(place // 26 - 1) if place >= 26 else "") + chr(65 + place % 26)


def column(place: int, heading: str) -> str:
    """How a mistake names its column: D列“权重”."""
    return f"{letter(place)}列“{heading}”"


def said(cell: Cell) -> str:
    """The text of a cell; the mark that keeps it from being taken for a formula is not part of it."""
    text = "" if cell is None else str(cell).strip()
    return text[1:] if text[:1] == "'" and text[1:2] in RISKY else text


RISKY = frozenset("=+-@\t\r")


def neutral(cell: Cell) -> Cell:
    """The cell as it may stand in a file: text that a spreadsheet would run as a formula gets a quotation mark before it."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in RISKY and cell != "-" else cell
