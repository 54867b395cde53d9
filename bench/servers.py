"""Starts what is measured as in production: gunicorn with threads, in a process group of its own; and a real PostgreSQL."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from bench.measure import family_seconds, group_seconds

ROOT = Path(__file__).parents[1]
# As a stock server, and durable: what the tests switch off for speed stays on here.
DURABLE = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c max_connections=200"


class Served:
    """One gunicorn; `cpu` is what its processes have used, PostgreSQL's included."""

    def __init__(self, app: str, environ: dict[str, str], folder: Path, *, workers: int, threads: int,
                 postmaster: int | None = None) -> None:  # fmt: skip
        self.port, self.postmaster = free_port(), postmaster
        self.log = folder / f"{app.partition(':')[0]}.log"
        command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "-w", str(workers), "--threads", str(threads),
                   "--keep-alive", "60", "--timeout", "300", "--log-level", "warning",
                   "-b", f"127.0.0.1:{self.port}", app]  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
            )  # fmt: skip
        self._wait()

    def cpu(self) -> float:
        """CPU seconds used so far."""
        backends = family_seconds(self.postmaster) if self.postmaster else 0.0
        return group_seconds(self.process.pid) + backends

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.process.poll() is not None:
                sys.exit(f"the server ended: {self.log.read_text()[-2000:]}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        sys.exit(f"the server did not listen: {self.log.read_text()[-2000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postmaster_of(data: Path) -> int:
    """The process id of a PostgreSQL server by its data folder."""
    return int((data / "postmaster.pid").read_text().split()[0])
