"""Starts and drives the floor."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.client import Client
from bench.servers import ROOT, Served

WORKERS, THREADS = 2, 4


class Floor:
    """One floor on one database."""

    def __init__(self, url: str, folder: Path, postmaster: int | None = None) -> None:
        self.environ = {"FLOOR_DB": url}
        self.folder, self.postmaster = folder, postmaster
        self.server: Served | None = None

    def up(self) -> None:
        self.run("floor.make()")
        self.server = Served(
            "bench.floor:app", self.environ, self.folder, workers=WORKERS, threads=THREADS, postmaster=self.postmaster,
        )  # fmt: skip

    def down(self) -> None:
        if self.server:
            self.server.stop()

    def cpu(self) -> float:
        assert self.server
        return self.server.cpu()

    def client(self) -> Client:
        assert self.server
        return Client(self.server.port)

    def start(self, client: Client) -> int:
        return int(client.json("POST", "/projects", {})["id"])

    def open_tasks(self, client: Client, project_id: int) -> list[int]:
        return list(client.json("GET", f"/projects/{project_id}/open"))

    def complete(self, client: Client, task_id: int) -> None:
        client.json("POST", f"/tasks/{task_id}/complete", {"note": "已办结"})

    def add(self, tasks: int, *, timers: int = 0, due: int = 0) -> None:
        """So many open tasks, and timers of which `due` are over."""
        self.run(f"""
from sqlalchemy import insert
now = {time.time()}
with floor.writing.begin() as c:
    c.execute(insert(floor.Project), [dict(name='重点项目', created=now)])
    first = c.scalar(floor.select(floor.func.max(floor.Project.id)))
    for kind, count, row in (
        (floor.Task, {tasks}, lambda n: dict(project_id=first, step=0, assignee='officer', state='open', created=now)),
        (floor.Timer, {timers}, lambda n: dict(project_id=first, due=now - 60 if n < {due} else now + 1e8)),
    ):
        for start in range(0, count, 5000):
            c.execute(insert(kind), [row(n) for n in range(start, min(count, start + 5000))])
""")

    def sweep_ms(self) -> tuple[int, float]:
        """(fired, milliseconds) of one sweep."""
        code = "import time; t = time.perf_counter(); n = floor.sweep(); print(n, (time.perf_counter() - t) * 1e3)"
        fired, took = self.run(code).split()
        return int(fired), float(took)

    def run(self, code: str) -> str:
        """What a few lines print in a process that has the floor's tables."""
        environ: dict[str, Any] = {**os.environ, **self.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", f"from bench import floor\n{code}"], cwd=ROOT, env=environ, check=True,
            capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout
