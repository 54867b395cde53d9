"""Checks of what letters are made with: libraries, faces, the office's own files, and a test page really printed."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import cache, partial
from pathlib import Path

from fontTools.ttLib import TTFont

from models.checkup import Check, Verdict
from models.clock import local_day
from models.house import House
from models.texts import N_
from notices import fonts
from notices.bought import look_through
from notices.letters import Point, RectificationNotice
from notices.seal_file import WrongSeal
from notices.word import OWN, template_file, word_of

RARE_NAMES = "𬭎䶮㛃堃喆镕翀祎昇赟"  # of people and firms; the free 仿宋 and 楷体 have none of them
PANGO = (1, 44)  # what WeasyPrint asks for
SOON = timedelta(days=30)  # so long before its end a certificate is to be renewed
ROOT = Path(__file__).parents[1]
STAND_INS = {  # by family: faces that are of another kind than the role
    "GW Fang": (fonts.WENKAI_LIGHT.label, fonts.SERIF.label),
    "GW Kai": (fonts.SERIF.label,),
}
BUILD = N_("请运行 make fonts 生成公文字体。")
MORE = N_("请联网运行 scripts/fonts.sh 补齐免费字体，再运行 make fonts；或者放入自购字体。")


def face_verdicts() -> Iterator[tuple[str, Verdict]]:
    """For each role (Chinese): the face it is set in, and whether names that are rare can be printed with it."""
    for role in fonts.ROLES:
        yield role.name, face_verdict(role)


def face_verdict(role: fonts.Role) -> Verdict:
    """The face of one role. Never raises: letters that cannot be set yet are a verdict too."""
    try:
        face, lacking = fonts.faces()[role.name], lacking_in(fonts.folder(), role)
    except (fonts.FontsMissing, OSError) as missing:
        return Verdict(False, N_("尚未生成：%(missing)s"), {"missing": missing}, BUILD)
    if role.rare:
        return _rare_verdict(face, fonts.folder() / role.file)
    if lacking:
        return Verdict(False, N_("%(face)s，缺生僻字“%(lacking)s”"), {"face": face, "lacking": lacking}, MORE)
    if face in STAND_INS.get(role.family, ()):
        return Verdict(False, N_("暂以%(face)s代替，字形与国标不符"), {"face": face}, MORE)
    return Verdict(True, N_("%(face)s，十个常见生僻字齐全"), {"face": face})


def _rare_verdict(face: str, file: Path) -> Verdict:
    """The face for what the others lack; the ten names are asked of those, since this one only lends to them."""
    count = len(_characters(file, file.stat().st_mtime_ns))
    return Verdict(count > 0, N_("%(face)s，另备 %(n)s 个常用字以外的汉字"), {"face": face, "n": count}, MORE)


def lacking_in(folder: Path, role: fonts.Role) -> str:
    """Which of the ten rare names neither the face nor the one for rare characters has."""
    rare = next(each for each in fonts.ROLES if each.rare)
    files = {folder / each.file for each in (role, rare)}
    has = frozenset[int]().union(*(_characters(path, path.stat().st_mtime_ns) for path in files))
    return "".join(name for name in RARE_NAMES if ord(name) not in has)


@cache
def _characters(path: Path, changed_ns: int) -> frozenset[int]:  # noqa: ARG001 - a face built anew is read anew
    return frozenset(TTFont(path, lazy=True).getBestCmap())


def bought_verdict() -> Verdict:
    """The office's own faces: which cannot be used and why, and which wait to be built in."""
    folder = fonts.licensed_folder()
    usable, refused = look_through(folder)
    if refused:
        said = N_("%(n)s 个文件不能用，暂用免费字体：%(reasons)s")
        values = {"n": len(refused), "reasons": "；".join(map(str, refused))}
        return Verdict(False, said, values, N_("请换成可用的字体文件或者移走，再运行 make fonts。"))
    try:
        used = set(fonts.faces().values())
    except fonts.FontsMissing:
        used = set()
    first = {each.family: each.label for each in reversed(usable)}
    if waiting := sorted(set(first.values()) - used):
        said = N_("放入后还没有生成：%(waiting)s")
        return Verdict(False, said, {"waiting": "、".join(waiting)}, N_("请运行 make fonts，再重启服务。"))
    return Verdict(True, N_("在用 %(n)s 个；自购字体放入 %(folder)s"), {"n": len(first), "folder": folder})


def seal_verdict(house: House) -> Verdict:
    """The organs' electronic seals: how many, up to which level, and whose certificate is over or about to be. Never raises."""
    folder = house.settings.seal_dir
    try:
        seals = house.seals.current().summary()
    except WrongSeal as wrong:
        return Verdict(
            False, wrong.message, dict(wrong.params), N_("请按提示改正印章文件夹中的文件；改正前公文不能用印。")
        )
    if not seals:
        return Verdict(True, N_("没有证书，公文不加盖电子印章；证书放入 %(folder)s"), {"folder": folder})
    soon = house.now() + SOON
    ending = sorted(each.name for each in seals if each.valid_until < soon)
    if ending:
        remedy = N_("请向发证机构续办证书，换入印章文件夹，不用重启。")
        return Verdict(False, N_("证书已到期或者三十天内到期：%(names)s"), {"names": "、".join(ending)}, remedy)
    trial = N_("%(n)s 枚演示用印章，没有法律效力，签名级别 %(level)s")
    said = trial if any(each.demo for each in seals) else N_("%(n)s 枚，签名级别 %(level)s")
    return Verdict(True, said, {"n": len(seals), "level": min(each.level for each in seals)})


def _face(role: fonts.Role, _house: House) -> Verdict:
    return face_verdict(role)


def _bought(_house: House) -> Verdict:
    return bought_verdict()


def _libraries(_house: House) -> Verdict:
    # In a process of its own: WeasyPrint is not thread-safe, and no process of the web or of an operator ever loads it.
    asked = subprocess.run(
        [sys.executable, "-m", "notices.libraries"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    remedy = N_("请安装系统包 libpangoft2-1.0-0 和 libharfbuzz-subset0。")
    if asked.returncode:
        last = (asked.stderr.strip().splitlines() or [""])[-1]
        return Verdict(False, N_("不能载入：%(error)s"), {"error": last}, remedy)
    told = json.loads(asked.stdout)
    new = tuple(map(int, told["pango"].split(".")[:2])) >= PANGO
    said = "WeasyPrint %(weasyprint)s, Pango %(pango)s, HarfBuzz %(harfbuzz)s"
    return Verdict(new and told["subset"], said, told, remedy)


def _sample(house: House) -> RectificationNotice:
    """A paper with every element: the rare names, headings and a table."""
    today = local_day(house.now())
    return RectificationNotice(
        issuer="督办系统",
        to_name="系统管理员",
        date=today,
        project_name="自检项目",
        points=(Point(fact=f"自检：{RARE_NAMES}", demand="不作处理"),),
        due_on=today,
    )


def _test_page(house: House) -> Verdict:
    began = time.perf_counter()
    paper = house.renderer.render(_sample(house), draft=True)
    values = {"kb": round(len(paper) / 1024), "seconds": round(time.perf_counter() - began, 1)}
    remedy = N_("请先处理上面的字体和系统库问题；仍不行的，请查看日志。")
    return Verdict(paper.startswith(b"%PDF-"), N_("已由排印进程排出，%(kb)s KB，用时 %(seconds)s 秒"), values, remedy)


def _word(house: House) -> Verdict:
    word_of(_sample(house), draft=True)
    own = template_file().parent != OWN
    said = N_("使用本单位的模板 %(file)s") if own else N_("使用自带模板 %(file)s")
    return Verdict(True, said, {"file": template_file()})


NOTICE_CHECKS = (
    Check(N_("排印系统库"), _libraries),
    *(Check(role.name, partial(_face, role)) for role in fonts.ROLES),
    Check(N_("自购字体"), _bought),
    Check(N_("电子印章"), seal_verdict),
    Check(N_("Word 模板"), _word),
    Check(N_("试印一页"), _test_page),
)
