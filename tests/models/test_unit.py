"""One command, one transaction: what fails half-way leaves no row; every act leaves a trace."""

import pytest
from sqlalchemy import func, select

from models.audit import AuditEntry
from models.permit import Grant, permit
from models.queue import Envelope
from models.refusal import NotPermitted
from models.unit import CLOCK, Actor, open_reading, open_unit, trace_refusal

permit("test.write", "试写", roles=["officer"], scope="organ")


def rows(database, table, clock):
    with open_reading(database, CLOCK, clock.now()) as unit:
        return unit.session.scalar(select(func.count()).select_from(table))


def test_what_a_command_did_is_there_after_it(database, clock):
    with open_unit(database, CLOCK, clock.now()) as unit:
        unit.post("mail", "mail:1", {"to": "李明"})
        unit.trace("test.write", "test", 1, {"note": "记一笔"})
    assert rows(database, Envelope, clock) == 1
    assert rows(database, AuditEntry, clock) == 1


def test_a_command_that_fails_half_way_leaves_no_row(database, clock):
    with pytest.raises(ZeroDivisionError), open_unit(database, CLOCK, clock.now()) as unit:
        unit.post("mail", "mail:1", {})
        unit.trace("test.write", "test", 1)
        raise ZeroDivisionError
    assert rows(database, Envelope, clock) == 0
    assert rows(database, AuditEntry, clock) == 0


def test_an_officer_acts_for_her_own_organ_only(database, clock):
    wang = Actor("王芳", officer_id=1, organ_id=7, grants=(Grant("officer", 7),))
    with open_unit(database, wang, clock.now()) as unit:
        unit.require("test.write", organ_ids=[7])
        with pytest.raises(NotPermitted, match="试写"):
            unit.require("test.write", organ_ids=[8])


def test_a_refusal_is_traced_although_its_unit_was_rolled_back(database, clock):
    trace_refusal(database, Actor("赵强", officer_id=2), clock.now(), "test.write", {"path": "/items/3"})
    with open_reading(database, CLOCK, clock.now()) as unit:
        entry = unit.session.scalars(select(AuditEntry)).one()
    assert (entry.who, entry.refused, entry.detail) == ("赵强", True, {"path": "/items/3"})
    assert entry.at == clock.now()
