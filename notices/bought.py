"""Faces an office has bought and dropped into its folder: which role each may fill, and why one may not be used."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

from models.texts import N_
from notices.forge import COLLECTIONS, Source

SUFFIXES = (".ttf", ".otf", *COLLECTIONS)
PAPERS = (".txt", ".md", ".pdf", ".htm", ".html", ".doc", ".docx")  # a licence or a note may lie beside the faces
# By family of the letters: what the usual files and faces are called, the best first. A name is compared without marks
# and in small letters; the first family that knows it takes it, so 小标宋 and 仿宋 stand before 宋体.
NAMES: Mapping[str, tuple[str, ...]] = {
    "GW Title": ("小标宋", "xiaobiaosong", "fzxbs", "华文中宋", "stzhongs"),
    "GW Fang": ("仿宋gb2312", "fangsonggb2312", "方正仿宋", "fzfs", "华文仿宋", "stfangso", "仿宋", "simfang", "fangsong"),
    "GW Kai": ("楷体gb2312", "kaitigb2312", "方正楷体", "fzkt", "fzkai", "华文楷体", "stkaiti", "楷体", "simkai", "kaiti"),
    "GW Hei": ("方正黑体", "fzht", "fzhei", "华文黑体", "stheiti", "黑体", "simhei", "heiti"),
    "GW Song": ("方正书宋", "fzss", "fzshusong", "华文宋体", "stsong", "宋体", "simsun", "songti"),
}  # fmt: skip
MARKS = re.compile(r"[\s_\-.（）()]+")
HANZI = frozenset(
    ord(text)
    for row in range(0xB0, 0xF8)
    for cell in range(0xA1, 0xFF)
    if (text := bytes((row, cell)).decode("gb2312", "ignore"))
)  # the 6,763 characters of GB 2312
RESTRICTED, NO_SUBSET, BITMAP_ONLY = 0x0002, 0x0100, 0x0200  # OS/2 fsType, OpenType specification
USAGE = 0x000E  # the bits of fsType that grant or forbid; of several the mildest counts
SHOWN = 5  # characters named of those that are missing
FULL_NAME, FAMILY_NAME, CHINA, WINDOWS = 4, 1, 0x804, 3


@dataclass(frozen=True)
class Bought:
    """A usable face: the family of letters it fills, and how early it comes among several for the same one."""

    family: str
    rank: int
    label: str
    source: Source


@dataclass(frozen=True)
class Refused:
    """A file that is not used, and why, as a sentence for the administrator."""

    file: str
    text: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """In Chinese, for a command line."""
        return f"{self.file}：{self.text % self.params if self.params else self.text}"


def look_through(folder: Path) -> tuple[tuple[Bought, ...], tuple[Refused, ...]]:
    """What lies in the folder: faces that may be used, best first, and files that may not, each with its reason."""
    usable: list[Bought] = []
    refused: list[Refused] = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if not path.is_file() or path.name.startswith(".") or path.suffix.lower() in PAPERS:
            continue
        state = path.stat()
        found = _judged(path, state.st_mtime_ns, state.st_size)
        (refused if isinstance(found, Refused) else usable).append(found)  # type: ignore[arg-type]
    return tuple(sorted(usable, key=lambda each: (each.rank, each.source.path.name))), tuple(refused)


@cache
def _judged(path: Path, changed_ns: int, size: int) -> Bought | Refused:  # noqa: ARG001 - a changed file is judged anew
    if path.suffix.lower() not in SUFFIXES:
        return Refused(path.name, N_("不是可用的字体格式，只接受 .ttf、.otf、.ttc 文件（压缩包请先解开）。"))
    try:
        return _fitting(path)
    except Exception:  # noqa: BLE001 - a broken file fails in any of the ways of a parser
        return Refused(path.name, N_("文件损坏或者不是字体，请重新复制。"))


def _fitting(path: Path) -> Bought | Refused:
    members = [(font, family, rank) for font in _members(path) for family, rank in _roles(path, font)]
    if not members:
        text = N_("从文件名和字体名看不出是仿宋、楷体、黑体、小标宋还是宋体，请按字体的通用名称命名。")
        return Refused(path.name, text)
    font, family, rank = members[0]
    for tag in font.reader.keys():  # noqa: SIM118 - a reader is no mapping; a table cut short is found by reading it
        font.reader[tag]
    if problem := _problem(path.name, font):
        return problem
    face = font["name"].getDebugName(FULL_NAME) if path.suffix.lower() in COLLECTIONS else ""
    return Bought(family, rank, f"{_called(font)}（{path.name}）", Source(path, face or ""))


def _members(path: Path) -> Iterator[TTFont]:
    if path.suffix.lower() not in COLLECTIONS:
        yield TTFont(path, lazy=True)
        return
    count = TTFont(path, fontNumber=0, lazy=True).reader.numFonts
    yield from (TTFont(path, fontNumber=number, lazy=True) for number in range(count))


def _roles(path: Path, font: TTFont) -> Iterator[tuple[str, int]]:
    """The family a face fills, by its own names; those of a single file also by the name of the file."""
    said = [record.toUnicode() for record in font["name"].names if record.nameID in (FAMILY_NAME, FULL_NAME)]
    said += [] if path.suffix.lower() in COLLECTIONS and said else [path.stem]
    plain = [MARKS.sub("", each).lower() for each in said]
    for family, names in NAMES.items():
        if ranks := [rank for rank, name in enumerate(names) if any(name in each for each in plain)]:
            yield family, ranks[0]
            return


def _problem(file: str, font: TTFont) -> Refused | None:
    if not {"glyf", "CFF "} & set(font.keys()):
        return Refused(file, N_("不含 TrueType 或 CFF 轮廓（例如点阵字体），不能用于公文。"))
    granted = font["OS/2"].fsType if "OS/2" in font else 0
    if granted & USAGE == RESTRICTED or granted & BITMAP_ONLY:
        return Refused(file, N_("字体的授权标志（OS/2 fsType）禁止嵌入文件，请向字体厂商取得允许嵌入的版本。"))
    if granted & NO_SUBSET:
        return Refused(file, N_("字体的授权标志（OS/2 fsType）禁止子集化，请向字体厂商取得允许子集嵌入的版本。"))
    if lacking := sorted(HANZI - font.getBestCmap().keys()):
        shown = "".join(map(chr, lacking[:SHOWN]))
        return Refused(
            file,
            N_("缺 GB 2312 中的 %(n)s 个汉字（如“%(shown)s”），不能单独排公文。"),
            {"n": len(lacking), "shown": shown},
        )
    return None


def _called(font: TTFont) -> str:
    """The name of a face, in Chinese where it has one."""
    table = font["name"]
    record = table.getName(FAMILY_NAME, WINDOWS, 1, CHINA)
    return str(record.toUnicode() if record else table.getDebugName(FAMILY_NAME) or table.getDebugName(FULL_NAME) or "")
