"""The product as one of the peers of a comparison: same methods as the others, driven by the same client.

    echo '["duban/sqlite", "<python>", "bench.peer", "Duban", ["sqlite"]]' > more.jsonl
    PYTHONPATH=<this tree> PEERPERF_MORE=more.jsonl python3 compare.py 3

The harness brings `common` (its PostgreSQL, its file sizes, its counting of CPU); see docs/performance.md.
"""

import importlib.metadata
import shutil
import tempfile
from pathlib import Path
from typing import Any

from bench import bulk
from bench.product import API, SHAPE, Product

Handle = tuple[int, dict[str, Any]]  # the project and one of its open items


class Duban:
    """督办 behind gunicorn, by its API with one token an officer; a handle is the project and an open item."""

    name = "duban"
    how = "HTTP API with tokens, permits, form check, audit and outbox; gunicorn gthread, 1x8 on SQLite, 2x4 on PostgreSQL"
    shape = SHAPE  # in each stage one more than the others: the lead plans, five departments help, the lead leaves it

    def __init__(self, db: str) -> None:
        self.db, self.files = db, dict[int, int]()
        self.folder = Path(tempfile.mkdtemp(prefix="duban-peer-"))
        self.product = self._on_sqlite() if db == "sqlite" else self._on_postgres()

    def _on_sqlite(self) -> Product:
        return Product(f"sqlite:///{self.folder / 'duban.sqlite3'}", self.folder, workers=1, threads=8)

    def _on_postgres(self) -> Product:
        from common import pg

        url = f"postgresql://peer@127.0.0.1:{pg.PORT}/duban"
        return Product(url, self.folder, workers=2, threads=4)

    def versions(self) -> dict[str, str]:
        return {name: importlib.metadata.version(name) for name in ("flask", "sqlalchemy", "gunicorn", "SpiffWorkflow")}

    def up(self) -> None:
        if self.db != "sqlite":
            from common import pg

            pg.fresh("duban")
        self.product.prepare()
        self.product.up()

    def down(self) -> None:
        self.product.down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def cpu(self) -> float:
        if self.db == "sqlite":
            return self.product.cpu()
        from common import pg

        return self.product.cpu() + float(pg.cpu())

    def client(self) -> dict[str, Any]:
        return self.product.callers()

    def start(self, c: dict[str, Any], due: bool = False) -> int:
        number = self.product.start(c)
        if due:
            bulk.make_due(self.product, [number])
        return number

    def open_tasks(self, c: dict[str, Any], iid: int) -> list[Handle]:
        items = self.product.open_items(c, iid)
        if iid not in self.files and any(item["form"].startswith("stage_exit") for item in items):
            self.files[iid] = self.product.evidence(iid)
        return [(iid, item) for item in items]

    def complete(self, c: dict[str, Any], h: Handle) -> None:
        number, item = h
        self.product.complete(c, item, self.product.answers(item, self.files.get(number, 0)))

    def my_tasks(self, c: dict[str, Any]) -> tuple[int, None]:
        page = c[self.product.owner.organ].json("GET", f"{API}/work-items?limit=50")
        return len(page["items"]), None

    def db_bytes(self) -> int:
        return bulk.database_bytes(self.product)

    def sweep(self) -> dict[str, Any]:
        from bench.work import sweep_ms

        counts, took = sweep_ms(self.product)
        return {"fired": counts.get("timers", 0), "seconds": round(took / 1e3, 3)}
