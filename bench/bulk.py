"""Fills tables with many rows at once, for measures about large numbers only; everything else is made by commands."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, text, update

from bench.product import OWNER, Product

CHUNK = 5_000


def add_open_items(product: Product, count: int) -> None:
    """`count` projects at their first item, all asked of the same organ, with timers and deadlines far ahead."""
    from models.process import Process, WorkItem
    from models.project import Project

    house, now = product.house, product.house.now()
    organ, far = product.codes[OWNER], now + timedelta(days=2000)
    with house.database.writing.begin() as connection:
        definition = connection.scalar(select(func.max(Process.definition_id)).where(Process.key == "project"))
        first = {kind: (connection.scalar(select(func.max(kind.id))) or 0) + 1 for kind in (Project, Process, WorkItem)}
        for start in range(0, count, CHUNK):
            numbers = range(start, min(count, start + CHUNK))
            connection.execute(insert(Project), [
                {"id": first[Project] + n, "project_no": f"Z{first[Project] + n:09}", "name": f"量测项目{n}", "stage": "reserve",
                 "owner_organ_id": organ, "district_id": organ, "state": "running", "light": "green", "extras": {},
                 "light_reasons": [], "created_at": now, "last_updated_at": now, "search": f"量测项目{n}",
                 "turns_at": far} for n in numbers])  # fmt: skip
            connection.execute(insert(Process), [
                {"id": first[Process] + n, "key": "project", "definition_id": definition, "project_id": first[Project] + n,
                 "title": f"量测项目{n}", "organ_id": organ, "district_id": organ, "state": b"", "started_at": now,
                 "wakes_at": far} for n in numbers])  # fmt: skip
            connection.execute(insert(WorkItem), [
                {"id": first[WorkItem] + n, "process_id": first[Process] + n, "project_id": first[Project] + n, "token": "1",
                 "node": "reserve_plan", "name": "储备阶段部署与配套需求", "form": "stage_plan", "role": "officer",
                 "organ_id": organ, "created_at": now, "due_at": far + timedelta(seconds=n)} for n in numbers])  # fmt: skip
    if not house.database.is_sqlite:
        settle_sequences(house)
    with house.database.reading.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))


def settle_sequences(house: Any) -> None:
    """PostgreSQL numbers rows from a counter that inserted keys do not move."""
    with house.database.writing.begin() as connection:
        for table in ("project", "process", "work_item"):
            connection.execute(text(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            ))  # fmt: skip


def make_due(product: Product, project_ids: list[int]) -> None:
    """The stage timers of these running projects are over since yesterday, in the state and in its column."""
    from engine.run import map_of
    from engine.tokens import Tokens
    from models.process import Process
    from models.unit import CLOCK, open_unit

    house, now = product.house, product.house.now()
    with open_unit(house.database, CLOCK, now) as unit:
        query = select(Process.id, Process.definition_id, Process.state).where(Process.project_id.in_(project_ids))
        for process_id, definition_id, state in unit.session.execute(query).all():
            tokens = Tokens.load(map_of(unit, definition_id), state, now, lambda *_: None)
            assert tokens.wakes_at
            tokens.shift_timers(now - timedelta(days=1) - tokens.wakes_at)
            changed = {"state": tokens.dump(), "wakes_at": tokens.wakes_at}
            unit.session.execute(update(Process).where(Process.id == process_id).values(**changed))


def state_bytes(product: Product, project_id: int) -> int:
    """length(state) of a project's process."""
    from models.process import Process

    query = select(func.length(Process.state)).where(Process.project_id == project_id)
    with product.house.database.reading.connect() as connection:
        return int(connection.scalar(query) or 0)


def database_bytes(product: Product) -> int:
    """The size of the whole database, its log folded in."""
    with product.house.database.reading.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if product.house.database.is_sqlite:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
            size = int(pages * (connection.exec_driver_sql("PRAGMA page_size").scalar() or 0))
            connection.exec_driver_sql("BEGIN")
            return size
        connection.execute(text("CHECKPOINT"))
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
