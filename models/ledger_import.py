"""导入台账: first a preview of what a file would add, change or get wrong, then the import of exactly that."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.amount import AmountEntry, file_amount
from models.handlers import handle
from models.ledger_heading import Heading, find_heading
from models.ledger_row import Filed, Level, Message, RowRead, RowReader
from models.organ import organ_by_code, organ_of
from models.permit import permit
from models.place import places
from models.project import (
    ORGANS,
    Project,
    build_project,
    index_words,
    keep_changes,
    lock_project,
    values_of,
    wrong_changes,
)
from models.project_number import raise_series, take_numbers
from models.refusal import Invalid, NotDue
from models.texts import N_
from models.unit import Unit

HOLDER = "hzjl"  # 市合作交流办 keeps a project whose district nobody has stated, until it is confirmed
CHUNK = 500  # names asked for in one query
WORDLESS = re.compile(r"[\W_]|项目|工程")
MOST_COMPARED = 20_000  # names among which one that is nearly the same is looked for

permit("ledger.import", N_("导入台账"), roles=["supervisor", "officer"], scope="city")


@dataclass(frozen=True)
class Change:
    """将更新。 One row that would change a project we have: what stands now and what the file says."""

    row: int
    project_id: int
    name: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    filed: tuple[Filed, ...] = ()
    told: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Preview:
    """导入预览。 Nothing is saved yet. `errors` forbid their rows, `notes` only tell; rows are those of the file."""

    heading: Heading
    new: tuple[RowRead, ...]
    update: tuple[Change, ...]
    same: tuple[int, ...]
    errors: tuple[Message, ...]
    notes: tuple[Message, ...]
    reads: tuple[RowRead, ...]

    @property
    def wrong_rows(self) -> int:
        """How many rows cannot be taken in."""
        return len({message.row for message in self.errors})


@dataclass(frozen=True)
class Imported:
    """导入结果。 Numbers of the projects; `incomplete` are those of the created that wait to be completed."""

    created: tuple[int, ...]
    updated: tuple[int, ...]
    same: int
    left_out: int
    incomplete: tuple[int, ...]


def preview(unit: Unit, rows: Sequence[Sequence[object]]) -> Preview:
    """What importing these rows (all of the file, blank ones too) would do; raises HeadingError, NotPermitted."""
    unit.require("ledger.import", organ_ids=[unit.actor.organ_id])
    heading = find_heading(rows)
    reader = RowReader(heading, places(unit.session, unit.today), unit.today)
    read = (reader.read(number, cells) for number, cells in enumerate(rows[heading.row :], start=heading.row + 1))
    return _compared(unit, heading, _without_doubles([each for each in read if each is not None]))


def import_rows(
    unit: Unit, seen: Preview, *, only_right: bool = False, source: str = "", demo: bool = False
) -> Imported:
    """Take in what the preview showed, each row wholly; raises Invalid when a row is wrong, unless `only_right`.

    Rows are compared with the projects once more under a lock, so that a file sent twice at once adds nothing twice.
    """
    _lock_imports(unit.session)
    now = _compared(unit, seen.heading, seen.reads)
    if now.errors and not only_right:
        raise Invalid(N_("有%(rows)s行填写有误，未导入任何内容；请改正后重新上传，或选择“先导入正确行”。"),
                      rows=now.wrong_rows, fields={str(error.row): str(error) for error in now.errors})  # fmt: skip
    if not now.new and not now.update and not now.same:
        raise NotDue(N_("没有可以导入的行。"))
    created = _create(unit, now.new, source, demo)
    updated = [_update(unit, change) for change in now.update]
    done = Imported(tuple(project.id for project in created), tuple(updated), len(now.same), now.wrong_rows,
                    tuple(project.id for project in created if project.state == "incomplete"))  # fmt: skip
    unit.trace("ledger.import", "ledger", None, {"created": len(done.created), "updated": len(done.updated),
               "same": done.same, "left_out": done.left_out})  # fmt: skip
    return done


def _compared(unit: Unit, heading: Heading, reads: Sequence[RowRead]) -> Preview:
    """Each right row against the projects we have: new, changing or the same."""
    ours = _Ours(unit, reads)
    new: list[RowRead] = []
    changes: list[Change] = []
    same: list[int] = []
    messages: list[Message] = []
    for read in reads:
        project, told = ours.match(read) if read.is_right else (None, [])
        change = ours.change(read, project) if project else None
        told += change.told if change else ()
        messages += [*read.messages, *told]
        if not read.is_right or any(message.level == "error" for message in told):
            continue
        if change is None:
            new.append(read)
        elif change.after or change.filed:
            changes.append(change)
        else:
            same.append(read.row)
    errors = tuple(message for message in messages if message.level == "error")
    notes = tuple(message for message in messages if message.level == "note")
    return Preview(heading, tuple(new), tuple(changes), tuple(same), errors, notes, tuple(reads))


class _Ours:
    """The projects and amounts that the rows of a file may mean, read in a few queries."""

    def __init__(self, unit: Unit, reads: Sequence[RowRead]) -> None:
        self.unit = unit
        self.holder = organ_by_code(unit.session, HOLDER)
        found = _projects(unit.session, {read.name for read in reads}, {read.project_no for read in reads} - {None})
        self.by_no = {project.project_no: project for project in found}
        self.by_name: dict[str, list[Project]] = {}
        for project in found:
            self.by_name.setdefault(project.name, []).append(project)
        self.filed = _filed(unit.session, [project.id for project in found])
        self.near = _near_names(unit.session)

    def match(self, read: RowRead) -> tuple[Project | None, list[Message]]:
        """The project a row means, None for a new one; with why it may not be taken in, or what else it looks like."""
        project, wrong = self._meant(read)
        organs = [project.owner_organ_id, project.district_id] if project else []
        if read.owner and (project is None or project.district_id is None):
            organs = [read.owner.id, read.owner.root_id]
        if not wrong and not self.unit.actor.may("ledger.import", organs or [self.holder.id]):
            wrong = _about(read, N_("您只能导入本单位的项目；本行属于其他单位，或没有写明所属区。"))
        if not wrong and project is not None and project.state == "withdrawn":
            wrong = _about(read, N_("项目“%(name)s”已退库，不能用导入恢复。"), name=project.name)
        if wrong:
            return None, [wrong]
        alike = self.near.get(_wordless(read.name), read.name)
        if project is None and alike != read.name:
            return None, [_about(read, N_("与已有项目“%(name)s”名称相近，请核对是否重复。"), name=alike, level="note")]
        return project, []

    def _meant(self, read: RowRead) -> tuple[Project | None, Message | None]:
        if read.project_no:
            found = self.by_no.get(read.project_no)
            unknown = _about(read, N_("库中没有编号为“%(no)s”的项目；新项目请把编号留空。"), no=read.project_no)
            return found, None if found else unknown
        alike = [each for each in self.by_name.get(read.name, []) if _may_be(read.codes, _codes(each))]
        if len(alike) > 1:
            return None, _about(read, N_("库中有%(count)s个同名项目；请填写项目编号或信用代码。"), count=len(alike))
        return (alike[0] if alike else None), None

    def change(self, read: RowRead, project: Project) -> Change:
        """What the row changes: a blank never erases, and what the process or a person has settled stays."""
        before = values_of(project)
        after = {name: value for name, value in read.values.items() if value is not None and before.get(name) != value}
        notes = []
        if project.stage and "stage" in after:
            notes.append(_about(read, N_("阶段由办理流程推进，不随导入改变。"), level="note"))
        settled = {
            "stage": project.stage,
            "stated_stage": project.stage and project.extras.get("stated_stage") is None,
            "guess_district": project.district_id,
            "guess_chain": project.chain,
        }
        after = {name: value for name, value in after.items() if not settled.get(name)}
        wrong = [_about(read, sentence) for sentence in wrong_changes(project, after).values()]
        if read.owner and project.district_id is None:
            after["owner_organ_id"] = read.owner.id
        elif read.owner and read.owner.id not in (project.owner_organ_id, project.district_id):
            notes.append(_about(read, N_("所属区与库中不一致，不随导入改变；请在项目页核对。"), level="note"))
        if read.city and read.city.id != project.city_organ_id:
            after["city_organ_id"] = read.city.id
        filed, told = self._unfiled(read, project.id)
        was = {name: before.get(name) for name in after}
        return Change(read.row, project.id, project.name, was, after, filed, (*notes, *wrong, *told))

    def _unfiled(self, read: RowRead, project_id: int) -> tuple[tuple[Filed, ...], list[Message]]:
        """The amounts not filed before; a month that has entries already is left to the people who filed them."""
        unfiled, told = [], []
        for each in read.filed:
            stands = self.filed.get((project_id, each.kind, _span(each)))
            if stands is None or (each.kind == "plan" and stands != each.amount):
                unfiled.append(each)
            elif stands != each.amount:
                told.append(_about(read, N_("%(year)s年%(month)s月已有完成投资，不随导入改变。"),
                                   year=each.on.year, month=each.on.month, level="note"))  # fmt: skip
        return tuple(unfiled), told


def _create(unit: Unit, reads: Sequence[RowRead], source: str, demo: bool) -> list[Project]:
    owners = {read.owner.id: organ_of(unit.session, read.owner.id) for read in reads if read.owner}
    holder = organ_by_code(unit.session, HOLDER)
    made = []
    for read in reads:
        project = build_project(unit, owners[read.owner.id] if read.owner else holder, read.values,
                                source=str(read.values.get("source") or source), demo=demo)  # fmt: skip
        project.city_organ_id = read.city.id if read.city else None
        made.append(project)
    # The counter of the day is locked from here to the commit, so everything slow is done before.
    for project, number in zip(made, take_numbers(unit, len(made)) if made else [], strict=True):
        project.project_no = number
        index_words(project)
    unit.session.add_all(made)
    unit.session.flush()  # traces and amounts need their numbers
    pairs = list(zip(made, reads, strict=True))
    lines = {each.id: {"no": each.project_no, "name": each.name, "row": read.row} for each, read in pairs}
    unit.trace_each("project.import", "project", lines)
    for project, read in pairs:
        _file_all(unit, project, read.filed)
    _open_all(unit, [project.id for project in made])
    return made


def _open_all(unit: Unit, project_ids: Sequence[int]) -> None:
    """Have the process of each started after the commit; a long file in portions, so that the lock is short."""
    for project_id in project_ids[:CHUNK]:
        unit.post("project.open", f"project.open:{project_id}", {"project": project_id})
    for start in range(CHUNK, len(project_ids), CHUNK):
        portion = list(project_ids[start : start + CHUNK])
        unit.post("ledger.open", f"ledger.open:{portion[0]}", {"projects": portion})


def _open_portion(unit: Unit, payload: Mapping[str, Any], _worked: object) -> None:
    _open_all(unit, payload["projects"])


handle("ledger.open", _open_portion)


def _update(unit: Unit, change: Change) -> int:
    project = lock_project(unit.session, change.project_id)
    organs = {name: organ_of(unit.session, int(str(change.after[name]))) for name in ORGANS if name in change.after}
    keep_changes(unit, project, {name: value for name, value in change.after.items() if name not in ORGANS}, organs)
    _file_all(unit, project, change.filed)
    return project.id


def _file_all(unit: Unit, project: Project, filed: Iterable[Filed]) -> None:
    for each in filed:
        file_amount(unit, project, kind=each.kind, amount=each.amount, on=each.on, note="台账导入")


def _without_doubles(reads: list[RowRead]) -> list[RowRead]:
    """The later of two rows that mean one project is refused, with the number of the first."""
    seen: dict[str, list[RowRead]] = {}
    kept = []
    for read in reads:
        key = read.project_no or read.name
        earlier = [each for each in seen.get(key, []) if read.project_no or _may_be(read.codes, each.codes)]
        if key and earlier:
            double = _about(read, N_("与第%(row)s行是同一个项目（名称、信用代码相同），请只留一行。"),
                            row=earlier[0].row)  # fmt: skip
            kept.append(replace(read, messages=(*read.messages, double)))
        else:
            seen.setdefault(key, []).append(read)
            kept.append(read)
    return kept


def _may_be(codes: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two of one name are one project: yes, unless both state credit codes and share none."""
    return not codes or not others or bool(codes & others)


def _codes(project: Project) -> frozenset[str]:
    return frozenset(code for code in (project.investor_uscc, project.local_uscc) if code)


def _about(read: RowRead, text: str, *, level: Level = "error", **params: object) -> Message:
    return Message(read.row, "", "", read.name, text, params, level)


def _projects(session: Session, names: set[str], numbers: set[Any]) -> list[Project]:
    found: dict[int, Project] = {}
    for column, wanted in ((Project.name, sorted(names)), (Project.project_no, sorted(numbers))):
        for start in range(0, len(wanted), CHUNK):
            query = select(Project).where(column.in_(wanted[start : start + CHUNK])).order_by(Project.id)
            rows = session.scalars(query.execution_options(populate_existing=True))
            found |= {project.id: project for project in rows}
    return list(found.values())


def _filed(session: Session, project_ids: Sequence[int]) -> dict[tuple[int, str, tuple[int, int]], Decimal]:
    """What stands filed: the latest plan of each year, the sum of each month."""
    stands: dict[tuple[int, str, tuple[int, int]], Decimal] = {}
    entry = AmountEntry
    for start in range(0, len(project_ids), CHUNK):
        query = select(entry.project_id, entry.kind, entry.on, entry.amount).where(
            entry.project_id.in_(project_ids[start : start + CHUNK]), entry.kind.in_(("plan", "investment"))
        )
        for project_id, kind, on, amount in session.execute(query.order_by(entry.filed_at, entry.id)):
            key = (project_id, kind, _span(Filed(kind, amount, on)))
            stands[key] = amount if kind == "plan" else stands.get(key, Decimal(0)) + amount
    return stands


def _span(filed: Filed) -> tuple[int, int]:
    return filed.on.year, 0 if filed.kind == "plan" else filed.on.month


def _near_names(session: Session) -> dict[str, str]:
    """Names without the words that say nothing, as far as there are not too many projects."""
    names = session.scalars(select(Project.name).order_by(Project.id.desc()).limit(MOST_COMPARED))
    return {_wordless(name): name for name in names}


def _wordless(name: str) -> str:
    return WORDLESS.sub("", unicodedata.normalize("NFKC", name).casefold())


def _lock_imports(session: Session) -> None:
    """One import at a time: a row of its own in the series, locked until the commit."""
    raise_series(session, "import", 1)
