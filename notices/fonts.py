"""The faces letters are set in: built once per machine (`python -m notices.fonts`), found again by a hash of their inputs."""

import ast
import fcntl
import hashlib
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from models.texts import N_
from notices.bought import Refused, look_through
from notices.forge import Outlines, Source, forge

KIT = Path(__file__).parent / "kit"
SYSTEM_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
LICENSED = "licensed"  # folder inside the sources where an office drops the faces it has bought
ASCII, GB2312_ROWS, GB2312_CELLS = range(0x20, 0x7F), range(0xA1, 0xF8), range(0xA1, 0xFF)
SIGNS = "²³·×÷–—‘’“”…‰′″€№℃℉①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳■□▲△●○★☆√㎡㎥–−≤≥≈"
IDEOGRAPHS = (range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x33000))
FACES_FILE, CONFIG_FILE = "faces.json", "fonts.conf"


class FontsMissing(RuntimeError):
    """公文字体尚未生成。 The letters cannot be set; `python -m notices.fonts` builds the faces."""


@dataclass(frozen=True)
class Candidate:
    """A file a role may be built from; `label` is what the administrator reads."""

    label: str
    pattern: str
    face: str = ""


@dataclass(frozen=True)
class Role:
    """One face of the letters: its family name, and candidates in order of preference. Later ones lend what is lacking."""

    name: str
    family: str
    candidates: tuple[Candidate, ...]
    rare: bool = False
    latin: Candidate | None = None  # lends letters and figures where the face's own are too heavy

    @property
    def file(self) -> str:
        """The file the face is written to."""
        return self.family.replace(" ", "") + ".ttf"


@dataclass(frozen=True)
class Plan:
    """What a face will be built from on this machine; `label` names its first source."""

    role: Role
    label: str
    sources: tuple[Source, ...]
    latin: Source | None


WENKAI_LIGHT = Candidate("霞鹜文楷 Light", "LXGWWenKai-Light.ttf")
WENKAI = Candidate("霞鹜文楷", "LXGWWenKai-Regular.ttf")
SERIF = Candidate("思源宋体（Noto Serif CJK SC）", "NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC")
SERIF_BOLD = Candidate("思源宋体粗（Noto Serif CJK SC Bold）", "NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC Bold")
SANS = Candidate("思源黑体（Noto Sans CJK SC）", "NotoSansCJK-Regular.ttc", "Noto Sans CJK SC")
FANDOL_KAI = Candidate("Fandol 楷体", "FandolKai-Regular.otf")
FANDOL_FANG = Candidate("Fandol 仿宋", "FandolFang-Regular.otf")
# These three hold the places of what an office has bought; which files those are, `notices.bought` says.
BOUGHT_KAI = Candidate("楷体_GB2312", f"{LICENSED}/*Kai*GB2312*.[tT][tT][fF]")
BOUGHT_FANG = Candidate("仿宋_GB2312", f"{LICENSED}/*Fang*GB2312*.[tT][tT][fF]")
BOUGHT_TITLE = Candidate("方正小标宋", f"{LICENSED}/*[xX]iao*[bB]iao*.[tT][tT][fF]")
# The slowest first, so that two processors finish together.
ROLES = (
    Role(N_("楷体"), "GW Kai", (BOUGHT_KAI, FANDOL_KAI, WENKAI, SERIF), latin=SERIF),
    Role(N_("仿宋"), "GW Fang", (BOUGHT_FANG, FANDOL_FANG, WENKAI_LIGHT, SERIF), latin=SERIF),
    Role(N_("生僻字"), "GW Rare", (WENKAI_LIGHT, SERIF), rare=True),
    Role(N_("小标宋"), "GW Title", (BOUGHT_TITLE, SERIF_BOLD)),
    Role(N_("宋体"), "GW Song", (SERIF, Candidate("Fandol 宋体", "FandolSong-Regular.otf"))),
    Role(N_("黑体"), "GW Hei", (SANS, Candidate("Fandol 黑体", "FandolHei-Regular.otf"))),
)


def build(environ: Mapping[str, str] = os.environ) -> Path:
    """Build the faces unless they stand already; returns their folder. Raises FontsMissing naming what to install."""
    plans = plans_of(environ)
    if lacking := [plan.role.name for plan in plans if not plan.sources]:
        raise FontsMissing(
            f"no source for {'、'.join(lacking)}: run scripts/fonts.sh, or install fonts-noto-cjk and fonts-lxgw-wenkai"
        )
    target = _home(environ) / f"{recipe()[:16]}-{_inputs_hash(plans)}"
    with _alone(_home(environ)):
        if not (target / FACES_FILE).is_file():
            _forge_all(plans, target)
        (target / FACES_FILE).touch()  # the latest build of a recipe is the one in use
    return target


def plans_of(environ: Mapping[str, str] = os.environ) -> list[Plan]:
    """What each face would be built from now; a role nothing was found for has no sources."""
    return [_plan(role, _source_folders(environ)) for role in ROLES]


def licensed_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where an office drops the faces it has bought: DUBAN_FONT_SOURCES/licensed, by default in the cache of the account."""
    return _source_folders(environ)[0] / LICENSED


def refused_files(environ: Mapping[str, str] = os.environ) -> tuple[Refused, ...]:
    """Files in that folder that cannot be used, each with its reason; the free face stands in for them."""
    return look_through(licensed_folder(environ))[1]


def folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the built faces stand: DUBAN_FONT_DIR, else the latest of this recipe in the cache. Raises FontsMissing."""
    if environ.get("DUBAN_FONT_DIR"):
        built = [Path(environ["DUBAN_FONT_DIR"]) / FACES_FILE]
    else:
        built = sorted(_home(environ).glob(f"{recipe()[:16]}-*/{FACES_FILE}"), key=lambda file: file.stat().st_mtime_ns)
    if not built or not built[-1].is_file():
        raise FontsMissing("the faces are not built: run `python -m notices.fonts`")
    return built[-1].parent.resolve()


def faces(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """For the administrator: each role (Chinese) and the face it was built from. Raises FontsMissing."""
    written = json.loads((folder(environ) / FACES_FILE).read_text("utf-8"))
    return {role.name: written["faces"][role.family] for role in ROLES}


def activate(environ: Mapping[str, str] = os.environ) -> Path:
    """Make the built faces the only ones this process sees; to be called before WeasyPrint is imported.

    Only ours, never the system's: the same letter must give the same bytes on each machine. Raises FontsMissing.
    """
    chosen = folder(environ)
    written = json.loads((chosen / FACES_FILE).read_text("utf-8"))
    if written["recipe"] != recipe():
        raise FontsMissing(f"the faces in {chosen} are of an older recipe: run `python -m notices.fonts`")
    os.environ["FONTCONFIG_FILE"] = str(chosen / CONFIG_FILE)
    return chosen


@cache
def recipe() -> str:
    """A hash of everything but the sources that decides how the faces look."""
    # Meaning, not layout: a reformatted line must not cost each machine a build.
    meaning = ast.dump(ast.parse(Path(__file__).with_name("forge.py").read_text("utf-8")))
    parts = [meaning.encode(), (KIT / "characters.txt").read_bytes()]
    parts += [repr((ROLES, SIGNS, IDEOGRAPHS)).encode(), version("fonttools").encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def common_characters() -> frozenset[int]:
    """What every face holds: ASCII, GB 2312, what 通用规范汉字表 adds to it (names), and signs of measure."""
    codes = set(ASCII) | set(map(ord, SIGNS + (KIT / "characters.txt").read_text("utf-8").strip()))
    cells = (bytes((row, cell)) for row in GB2312_ROWS for cell in GB2312_CELLS)
    codes.update(ord(text) for cell in cells if (text := cell.decode("gb2312", "ignore")))
    return frozenset(codes)


def _home(environ: Mapping[str, str]) -> Path:
    return _cache(environ) / "fonts"


def _cache(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME") or Path.home()) / ".cache")
    return Path(base) / "duban"


def _source_folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    own = environ.get("DUBAN_FONT_SOURCES")
    return (Path(own) if own else _cache(environ) / "font-sources", *SYSTEM_FOLDERS)


def _plan(role: Role, folders: tuple[Path, ...]) -> Plan:
    bought = [
        (each.label, each.source) for each in look_through(folders[0] / LICENSED)[0] if each.family == role.family
    ]
    free = [candidate for candidate in role.candidates if not candidate.pattern.startswith(LICENSED)]
    found = bought + [(each.label, Source(path, each.face)) for each in free if (path := _find(each, folders))]
    latin = role.latin and _find(role.latin, folders)
    lent = Source(latin, role.latin.face) if role.latin and latin else None
    return Plan(role, found[0][0] if found else "", tuple(source for _, source in found), lent)


def _find(candidate: Candidate, folders: tuple[Path, ...]) -> Path | None:
    places = (place for place in folders if place.is_dir())
    return next((path for place in places for path in sorted(place.rglob(candidate.pattern))), None)


def _inputs_hash(plans: Sequence[Plan]) -> str:
    digest = hashlib.sha256(recipe().encode())
    for path in sorted({source.path for plan in plans for source in (*plan.sources, plan.latin) if source}):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _forge_all(plans: Sequence[Plan], target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".building-") as scratch:
        work = Path(scratch) / "faces"
        work.mkdir()
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(len(plans), os.cpu_count() or 1), mp_context=context) as workers:
            for job in [workers.submit(_forge_role, plan, work) for plan in plans]:
                job.result()
        written = {"recipe": recipe(), "faces": {plan.role.family: plan.label for plan in plans}}
        (work / CONFIG_FILE).write_text(_config(target), "utf-8")
        (work / FACES_FILE).write_text(json.dumps(written, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")
        shutil.rmtree(target, ignore_errors=True)
        work.rename(target)


def _forge_role(plan: Plan, work: Path) -> None:
    wanted = _wanted(plan)
    lent = [(plan.latin, frozenset(ASCII))] if plan.latin else []
    forge(plan.role.family, [*lent, *((source, wanted) for source in plan.sources)], work / plan.role.file)


def _wanted(plan: Plan) -> frozenset[int]:
    common = common_characters()
    if not plan.role.rare:
        return common
    offered = {code for source in plan.sources for code in Outlines(source).characters}
    return frozenset(code for code in offered - common if any(code in block for block in IDEOGRAPHS))


def _config(target: Path) -> str:
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
        f'<fontconfig><dir prefix="relative">.</dir><cachedir>{target}/cache</cachedir></fontconfig>\n'
    )


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One build at a time; who waited finds it done."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Build, and say what each role uses, where bought faces go and which cannot be used; 1 when no source is there."""
    try:
        sys.stdout.write(f"{build()}\n")
    except FontsMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    for role, face in faces().items():
        sys.stdout.write(f"{role}: {face}\n")
    sys.stdout.write(f"faces you have bought go into {licensed_folder()}\n")
    for refused in refused_files():
        sys.stdout.write(f"✗ {refused}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
