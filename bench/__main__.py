"""python -m bench [sqlite] [postgres]: measures, prints a table of ratios, writes bench/latest.json."""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench import bulk, work
from bench.floor_driver import Floor
from bench.measure import Rounds
from bench.product import Product
from bench.servers import DURABLE, postmaster_of

LATEST = Path(__file__).parent / "latest.json"
ROUNDS = 3
Row = dict[str, Any]


class Report:
    """The rows, told as they come."""

    def __init__(self, database: str) -> None:
        self.database, self.rows, self.began = database, list[Row](), time.monotonic()

    def add(self, name: str, value: float | None, unit: str, floor: float | None = None) -> None:
        if value is None:
            return
        ratio = round(value / floor, 2) if floor else None
        row = {"name": name, "database": self.database, "value": round(value, 2), "unit": unit,
               "floor": None if floor is None else round(floor, 2), "ratio": ratio}  # fmt: skip
        self.rows.append(row)
        beside = f"  floor {row['floor']}  = {ratio} x" if floor else ""
        print(
            f"{time.monotonic() - self.began:5.0f}s {self.database:9} {name}: {row['value']} {unit}{beside}", flush=True
        )

    def add_round(self, rounds: Rounds, name: str, floor: str, label: str) -> None:
        """CPU beside the floor's, and wall times."""
        self.add(f"{label}, CPU", rounds.median(f"{name} cpu"), "ms", rounds.median(f"{floor} cpu"))
        self.add(f"{label}, p50", rounds.median(f"{name} p50"), "ms", rounds.median(f"{floor} p50"))
        self.add(f"{label}, p95", rounds.median(f"{name} p95"), "ms", rounds.median(f"{floor} p95"))


def measure(database: str, product: Product, floor: Floor) -> list[Row]:
    """All rows of one database."""
    report, rounds = Report(database), Rounds()
    work.warm(product, floor)
    for _ in range(ROUNDS):
        work.one_round(product, floor, rounds)
    report.add_round(rounds, "start", "floor start", "start a project (API)")
    report.add_round(rounds, "complete api", "floor complete", "complete a task (API)")
    report.add_round(rounds, "complete page", "floor complete", "complete a task (page)")
    _at_once(report, product)
    _sizes(report, product)
    _sweeps(report, product, floor)
    _inboxes(report, product, floor)
    if database == "sqlite":
        _notice(report, product)
    return report.rows


def _at_once(report: Report, product: Product) -> None:
    p95, refused, wrong = work.five_at_once(product)
    report.add("five departments at once, p95", p95, "ms")
    report.add("five departments at once, refused", refused, "of 50")
    report.add("five departments at once, projects that went wrong", wrong, "of 10")


def _sizes(report: Report, product: Product) -> None:
    middle, most = work.state_sizes(product)
    report.add("state over a project's life, median", middle, "bytes")
    report.add("state over a project's life, most", most, "bytes")
    started, asked = work.row_bytes(product)
    report.add("all rows of a project at its first item", started, "bytes")
    report.add("all rows of a project with five departments asked", asked, "bytes")


def _sweeps(report: Report, product: Product, floor: Floor) -> None:
    callers = product.callers()
    ids = [product.start(callers) for _ in range(50)]
    bulk.add_open_items(product, 1000)  # the page of a busy officer
    rounds = Rounds()
    floor.add(1000)
    size = work.inbox(product, floor, rounds, "inbox")
    report.add("inbox page, 1 k open items, HTML", size / 1024, "KB")
    report.add_round(rounds, "inbox", "floor inbox", "inbox page, 1 k open items")
    bulk.add_open_items(product, 99_000)
    floor.add(99_000, timers=100_000, due=0)
    with work.settled(product):
        idle = [work.sweep_ms(product)[1] for _ in range(5)]
    floor.sweep_ms()
    report.add("sweep, 100 k timers, nothing due", sorted(idle)[2], "ms", floor.sweep_ms()[1])
    bulk.make_due(product, ids)
    floor.add(0, timers=50, due=50)
    counts, took = work.sweep_ms(product)
    assert counts.get("timers") == 50, counts
    report.add("sweep, 100 k timers, 50 due", took, "ms", floor.sweep_ms()[1])


def _inboxes(report: Report, product: Product, floor: Floor) -> None:
    rounds = Rounds()
    size = work.inbox(product, floor, rounds, "inbox")
    report.add("inbox page, 100 k open items, HTML", size / 1024, "KB")
    report.add_round(rounds, "inbox", "floor inbox", "inbox page, 100 k open items")


def _notice(report: Report, product: Product) -> None:
    from notices.errors import RenderFailed

    try:
        cpu, wall = work.notice_seconds(product)
    except RenderFailed as failed:
        print(f"no notice was measured: {failed}", flush=True)
        return
    report.add("整改通知书 of three pages, warm, CPU", cpu, "s")
    report.add("整改通知书 of three pages, warm, per minute", 60 / wall, "")


def on_sqlite(folder: Path, act: Callable[[Product, Floor], list[Row]]) -> list[Row]:
    """With one worker of eight threads, the serving default; the floor with its own two times four."""
    product = Product(f"sqlite:///{folder / 'duban.sqlite3'}", folder, workers=1, threads=8)
    return _between(product, Floor(f"sqlite:///{folder / 'floor.sqlite3'}", folder), act)


def on_postgres(folder: Path, act: Callable[[Product, Floor], list[Row]]) -> list[Row]:
    """On a private server with everything durable, two workers of four threads."""
    from sqlalchemy import create_engine, text

    from tests.postgres import PrivatePostgres

    server = PrivatePostgres(DURABLE)
    try:
        base = server.url.rpartition("/")[0].replace("postgresql://", "postgresql+psycopg://")
        admin = create_engine(f"{base}/postgres", isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for name in ("duban", "floor"):
                connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        postmaster = postmaster_of(server.data)
        product = Product(f"{base}/duban".replace("+psycopg", ""), folder, workers=2, threads=4, postmaster=postmaster)
        return _between(product, Floor(f"{base}/floor", folder, postmaster), act)
    finally:
        server.stop()


def _between(product: Product, floor: Floor, act: Callable[[Product, Floor], list[Row]]) -> list[Row]:
    try:
        product.prepare()
        product.up()
        floor.up()
        return act(product, floor)
    finally:
        with suppress(Exception):
            floor.down()
        product.down()


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | database | value | floor | ratio |", "|---|---|---|---|---|"]
    for row in rows:
        floor = "" if row["floor"] is None else f"{row['floor']} {row['unit']}"
        ratio = "" if row["ratio"] is None else f"**{row['ratio']} ×**"
        lines.append(f"| {row['name']} | {row['database']} | {row['value']} {row['unit']} | {floor} | {ratio} |")
    return "\n".join(lines)


def main(wanted: list[str]) -> None:
    """Measures each database and keeps the rows."""
    rows: list[Row] = []
    print(f"load average {os.getloadavg()}, {os.cpu_count()} processors", flush=True)
    for name, place in (("sqlite", on_sqlite), ("postgres", on_postgres)):
        if wanted and name not in wanted:
            continue
        folder = Path(tempfile.mkdtemp(prefix="duban-bench-"))
        try:
            rows += place(folder, lambda product, floor, name=name: measure(name, product, floor))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"load average {os.getloadavg()}\n\n{table(rows)}")
    LATEST.write_text(json.dumps({"rows": rows}, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
