"""The operator's commands about people: each prints what must be handed over, and refuses with a sentence."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from cli.accounts import announce_setup, commands
from models.account import lock_of
from models.audit import AuditEntry
from models.house import House
from models.officer import actor_for
from models.seed import load_organs
from models.session import actor_of_token
from models.settings import Settings
from models.setup import set_up
from models.unit import CLOCK, open_reading, open_unit
from notices.seals import Cabinet
from tests.web.test_auth import NoRenderer


@pytest.fixture
def house(database, clock, tmp_path: Path) -> House:
    with open_unit(database, CLOCK, clock.now()) as unit:
        load_organs(unit)
    return House(Settings.from_environ({"DUBAN_DATA_DIR": str(tmp_path)}), clock, database, NoRenderer(), Cabinet(None))


@pytest.fixture
def run(house):
    [accounts] = commands(house)
    return lambda *words: CliRunner().invoke(accounts, list(words))


def ask(house, question):
    with open_reading(house.database, CLOCK, house.now()) as unit:
        return question(unit)


def create(run, role="officer", login="linlan"):
    return run("create", "--name", "林岚", "--organ", "120114", "--role", role, "--login", login)


def test_the_first_start_prints_a_code_and_a_later_one_does_not(house, capsys):
    announce_setup(house)
    said = capsys.readouterr().out
    assert "http://127.0.0.1:8000/setup" in said
    with open_unit(house.database, CLOCK, house.now()) as unit:
        set_up(unit, code=said.split()[-1], login="gaoyuan", name="高远", password_hash="x")
    announce_setup(house)
    assert capsys.readouterr().out == ""


def test_a_code_can_be_printed_again_until_there_is_an_administrator(run):
    assert run("setup-code").output.startswith("http://127.0.0.1:8000/setup  ")
    assert create(run, role="admin").exit_code == 0
    refused = run("setup-code")
    assert refused.exit_code == 1
    assert "系统已有管理员" in refused.output


def test_an_officer_is_made_with_a_role_and_a_password_to_hand_over(run, house):
    password = create(run).output.strip()
    lock = ask(house, lambda unit: lock_of(unit.session, "linlan"))
    assert lock.try_key(password).right
    second = run("reset", "linlan").output.strip()
    assert not ask(house, lambda unit: lock_of(unit.session, "linlan")).try_key(password).right
    assert ask(house, lambda unit: lock_of(unit.session, "linlan")).try_key(second).right
    assert run("unlock", "linlan").exit_code == run("disable", "linlan").exit_code == 0
    acts = ask(house, lambda unit: unit.session.execute(select(AuditEntry.act, AuditEntry.who)).all())
    assert {
        "officer.create",
        "officer.grant",
        "account.create",
        "account.reset",
        "account.unlock",
        "officer.disable",
    } <= {act for act, who in acts if who == "命令行"}


def test_a_token_of_an_officer_is_hers(run, house):
    create(run)
    token = run("token", "linlan", "--name", "报表").output.strip()
    actor = ask(house, lambda unit: actor_of_token(unit.session, token, unit.now))
    assert actor.name == "林岚"
    assert actor == ask(house, lambda unit: actor_for(unit.session, actor.officer_id, unit.today))


def test_a_refusal_is_a_sentence_and_leaves_nothing(run):
    create(run)
    assert "login: 这个账号已有人使用。" in create(run).output
    assert "没有“nobody”这个账号。" in run("reset", "nobody").output
    assert run("disable", "linlan").exit_code == 0
