"""Checks of the machine and the house: what each looked at, what it found, and what to do when that is wrong."""

import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from models import schema
from models.clock import SystemClock
from models.house import House
from models.texts import N_

PYTHON = (3, 11)
FREE_MB = 1024  # of disk: some ten thousand papers, and room for the database to grow
APART_SECONDS = 120  # between this machine and the database; leases of jobs run by the one, deadlines by the other


@dataclass(frozen=True)
class Verdict:
    """What a check found, as a text for people (Chinese, with `params`), and what to do where it is not good."""

    good: bool
    said: str
    params: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """A check by the name people read. `look` may raise; whoever runs it shows that as not good."""

    name: str
    look: Callable[[House], Verdict]


def examine(house: House, checks: Sequence[Check]) -> Iterator[tuple[Check, Verdict]]:
    """Every check with its verdict, one after the other; one that breaks down is a verdict too and stops none."""
    for check in checks:
        try:
            yield check, check.look(house)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the machine must be said, not raised
            said = N_("检查没有完成：%(error)s")
            shown = " ".join(f"{type(error).__name__}: {error}".split())
            yield check, Verdict(False, said, {"error": shown}, N_("按提示排查后重试。"))


def _python(_house: House) -> Verdict:
    found = platform.python_version()
    return Verdict(
        sys.version_info >= PYTHON, "Python %(found)s", {"found": found}, N_("需要 Python 3.11 或更新的版本。")
    )


def _database(house: House) -> Verdict:
    present, newest = schema.revisions(house.database)
    values = {"dialect": house.database.dialect, "present": present or "—", "newest": newest}
    if present == newest:
        return Verdict(True, N_("%(dialect)s 可以连接，表结构已是最新（%(present)s）"), values)
    said = N_("%(dialect)s 可以连接，但表结构是 %(present)s，本版本需要 %(newest)s")
    return Verdict(False, said, values, N_("请运行 flask --app app migrate。"))


def _data_folder(house: House) -> Verdict:
    return _writable(house.settings.data_dir)


def _archive_folder(house: House) -> Verdict:
    return _writable(house.settings.archive_dir)


def _writable(folder: Path) -> Verdict:
    """Tried by writing a file that is gone afterwards; a folder that will be made at need is tried where it will stand."""
    stands = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=stands):
            return Verdict(True, N_("%(folder)s 可以写入"), {"folder": folder})
    except OSError as error:
        said = N_("%(folder)s 不能写入：%(error)s")
        return Verdict(
            False, said, {"folder": folder, "error": error.strerror}, N_("请把该目录的所有者改为运行督办的账号。")
        )


def _time(house: House) -> Verdict:
    zone = "/".join(dict.fromkeys(time.tzname))
    apart = 0.0
    if not house.database.is_sqlite:
        with house.database.reading.connect() as connection:
            told = connection.execute(select(func.clock_timestamp())).scalar_one()
        apart = abs((SystemClock().now() - told).total_seconds())
    said = N_("页面和公文按北京时间（UTC+8）；本机时区 %(zone)s，与数据库时间相差 %(apart)s 秒")
    values = {"zone": zone, "apart": round(apart)}
    return Verdict(apart <= APART_SECONDS, said, values, N_("请用 NTP 校准本机和数据库服务器的时间。"))


def _disk(house: House) -> Verdict:
    stands = next(each for each in (house.settings.data_dir, *house.settings.data_dir.parents) if each.exists())
    free = shutil.disk_usage(stands).free // 2**20
    return Verdict(
        free >= FREE_MB, N_("剩余 %(free)s MB"), {"free": free}, N_("空间不足 1 GB，请清理或扩容后再签发公文。")
    )


HOUSE_CHECKS = (
    Check("Python", _python),
    Check(N_("数据库"), _database),
    Check(N_("数据目录"), _data_folder),
    Check(N_("公文存档目录"), _archive_folder),
    Check(N_("时间"), _time),
    Check(N_("磁盘空间"), _disk),
)
