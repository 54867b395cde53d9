"""The floor: the same tables' worth of record without an engine; a completion is one update, two inserts and a commit.

`FLOOR_DB` names the database; gunicorn serves `bench.floor:app`. Nothing that keeps a record can do less on this stack.
"""

import os
import time

from flask import Flask, jsonify
from sqlalchemy import ForeignKey, Index, create_engine, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

URL = os.environ["FLOOR_DB"]
STEPS = 36
OFFICER = "officer"
MONTH = 30 * 86400.0
is_sqlite = URL.startswith("sqlite")


class Base(DeclarativeBase):
    pass


class Project(Base):
    __tablename__ = "project"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    created: Mapped[float]


class Task(Base):
    __tablename__ = "task"
    __table_args__ = (Index("task_mine", "assignee", "state", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    step: Mapped[int]
    assignee: Mapped[str]
    state: Mapped[str]
    created: Mapped[float]
    done: Mapped[float | None]


class History(Base):
    __tablename__ = "history"
    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int]
    what: Mapped[str]
    who: Mapped[str]
    at: Mapped[float]


class Timer(Base):
    __tablename__ = "timer"
    __table_args__ = (Index("timer_due", "fired", "due"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int]
    due: Mapped[float]
    fired: Mapped[float | None]


reading = create_engine(URL, connect_args={"timeout": 60} if is_sqlite else {})
writing = reading.execution_options(writes=True)

if is_sqlite:

    @event.listens_for(reading, "connect")
    def prepare(connection, _record):
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(reading, "begin")
    def begin(connection):
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


app = Flask(__name__)


@app.post("/projects")
def start():
    now = time.time()
    with Session(writing) as session:
        project = Project(name="重点项目", created=now)
        session.add(project)
        session.flush()
        session.add_all(
            [
                Task(project_id=project.id, step=0, assignee=OFFICER, state="open", created=now),
                Timer(project_id=project.id, due=now + MONTH),
                History(task_id=0, what="start", who=OFFICER, at=now),
            ]
        )
        number = project.id
        session.commit()
    return jsonify(id=number), 201


@app.get("/projects/<int:project_id>/open")
def open_tasks(project_id):
    with Session(reading) as session:
        query = select(Task.id).where(Task.project_id == project_id, Task.state == "open")
        return jsonify(list(session.scalars(query)))


@app.post("/tasks/<int:task_id>/complete")
def complete(task_id):
    now = time.time()
    with Session(writing) as session:
        task = session.get(Task, task_id)
        if task is None or task.state != "open":
            return jsonify(error="not open"), 409
        task.state, task.done = "done", now
        if task.step + 1 < STEPS:
            following = {"project_id": task.project_id, "step": task.step + 1}
            session.add(Task(assignee=OFFICER, state="open", created=now, **following))
        session.add(History(task_id=task_id, what="complete", who=OFFICER, at=now))
        session.commit()
    return jsonify(ok=True)


@app.get("/my-tasks")
def my_tasks():
    mine = (Task.assignee == OFFICER, Task.state == "open")
    with Session(reading) as session:
        total = session.scalar(select(func.count()).select_from(Task).where(*mine))
        lines = select(Task.id, Task.step, Task.created, Project.name).join(Project).where(*mine)
        rows = session.execute(lines.order_by(Task.id.desc()).limit(50)).mappings()
        return jsonify(total=total, rows=[dict(row) for row in rows])


def sweep() -> int:
    """Marks each due timer and writes a line of history, a commit each."""
    now, fired = time.time(), 0
    with Session(reading) as session:
        due = list(session.scalars(select(Timer.id).where(Timer.fired.is_(None), Timer.due <= now)))
    for number in due:
        with Session(writing) as session:
            timer = session.get_one(Timer, number)
            if timer.fired is None:
                timer.fired = now
                session.add(History(task_id=0, what="overdue", who="timer", at=now))
                session.commit()
                fired += 1
    return fired


def make() -> None:
    Base.metadata.create_all(reading)
