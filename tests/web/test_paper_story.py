"""One paper in a browser, from the draft to the receipt: checked, countersigned, signed in another's stead, sealed, verified on a phone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import Browser, expect

from models.clock import SystemClock, local_day
from tests.web.story_browser import Person, Served, let_time_pass, served_house
from tests.web.test_looks import chromium  # noqa: F401 - a fixture
from tests.web.test_story import PROJECT, demo_today, imports_the_ledger, ledger, notices, waits

pytestmark = pytest.mark.browser
SUBJECT = "协助办理氢能基地用地预审"
TITLE = f"关于{SUBJECT}的函"


@pytest.fixture
def house(tmp_path) -> Iterator[Served]:
    """The demo's people and their trial seals, without any project."""
    with served_house(tmp_path, "demo", "people") as served:
        yield served


def hired(beside: Person, name: str, login: str, organ: str, role: str) -> Person:
    """A new colleague with an account of her own."""
    house = beside.house
    first = house.command("accounts", "create", "--name", name, "--organ", organ, "--role", role, "--login", login)
    return Person(beside.page.context.browser, house, 1280).sign_in(login, first, password_of(login))


def password_of(login: str) -> str:
    return f"Haihe-Chengqing-{login[::-1]}-2026"  # the login itself would be refused


def test_from_the_draft_to_the_receipt(chromium: Browser, house: Served, tmp_path: Path):  # noqa: F811
    desk, administrator, phone = (Person(chromium, house, width) for width in (1280, 1280, 390))
    desk.enter("supervisor")
    administrator.enter("admin")
    imports_the_ledger(desk, ledger(tmp_path, local_day(SystemClock().now())))
    the_desk_drafts(desk)
    checker = hired(desk, "严明", "yanming", "hzjl", "head")
    proof = looks_at_the_proof_and_agrees(checker)
    counter = hired(desk, "钱进", "qianjin", "fgw", "head")
    counter.take(PROJECT, "会签")
    counter.look("item-countersign")
    counter.complete(agreed="是", opinion="同意，请抄送我委。")
    nobody_signs_in_time(desk, checker, administrator)
    paper, address = the_paper_arrives(desk, tmp_path)
    the_addressee_signs_and_answers(hired(desk, "田野", "tianye", "ghzyj", "officer"))
    verified_on_a_phone(phone, address, paper, proof)
    the_desk_reads_the_answer(desk)
    people = (desk, administrator, phone, checker, counter)
    assert {person: person.complaints for person in people if person.complaints} == {}


def the_desk_drafts(desk: Person) -> None:
    desk.open_project(PROJECT)
    desk.page.get_by_test_id("write-letter").click()
    desk.look("letter-form")
    form = desk.page.get_by_test_id("form")
    form.locator("[name=to_organ]").select_option(label="市规划资源局")
    form.locator("[name=subject]").fill(SUBJECT)
    form.locator("[name=body]").fill("用地预审材料已于上周报送。\n请予支持,于本月底前批复(附清单)。")
    form.locator("[name=due_on]").fill((demo_today(desk) + timedelta(days=25)).isoformat())
    form.locator("label").filter(has_text="市发展改革委").click()
    form.get_by_test_id("submit").click()
    expect(desk.page.get_by_test_id("flash")).to_contain_text("已送核稿")


def looks_at_the_proof_and_agrees(checker: Person) -> bytes:
    """The proof is a draft and says so; the Word file has the same words."""
    checker.take(PROJECT, "核稿")
    checker.look("item-check")
    proof = checker.fetch(checker.page.locator("a[href*='/notices/proof/'][href$='.pdf']").first)
    word = checker.fetch(checker.page.locator("a[href*='/notices/proof/'][href$='.docx']").first)
    text = words_of(proof)
    assert "草稿" in text
    assert "请予支持，于本月底前批复（附清单）。" in text, "full-width marks"
    assert word.startswith(b"PK")
    checker.complete(agreed="是")
    return proof


def words_of(pdf: bytes) -> str:
    with pymupdf.open(stream=pdf, filetype="pdf") as sheets:
        return "".join("".join(sheet.get_text() for sheet in sheets).split()).replace("\u200b", "")


def nobody_signs_in_time(desk: Person, checker: Person, administrator: Person) -> None:
    """The leader lets it lie; the checker is asked to sign instead, once."""

    def asked_instead() -> bool:
        desk.open_project(PROJECT)
        return desk.page.get_by_test_id("held-item").filter(has_text="代签").count() == 1

    let_time_pass(desk, administrator, asked_instead, "代签")
    enters_again(checker, "yanming")  # days have gone by
    checker.take(PROJECT, "代签")
    checker.look("item-sign-instead")
    checker.complete(agreed="是")
    assert not waits(checker, "代签")


def enters_again(person: Person, login: str) -> None:
    person.page.goto(f"{person.house.address}/login")
    person.page.fill("#login-name", login)
    person.page.fill("#login-password", password_of(login))
    person.page.locator(".login-form button").click()


def the_paper_arrives(desk: Person, folder: Path) -> tuple[bytes, str]:
    """Numbered, sealed, archived, delivered; the file, and where anybody verifies it."""
    desk.open_project(PROJECT)
    letter = notices(desk).filter(has_text=TITLE)
    desk.until(lambda: letter.get_by_role("link", name="PDF").count() == 1, TITLE)
    letter.get_by_role("link", name=TITLE).first.click()
    expect(desk.page.locator("main")).to_contain_text("津合作函〔")
    expect(desk.page.locator("main")).to_contain_text("B-LTA")
    desk.look("paper")
    paper = desk.fetch(desk.page.get_by_test_id("open-pdf"))
    assert "严明" in words_of(paper)
    address = desk.page.get_by_role("link", name="公开的验真页").get_attribute("href") or ""
    (folder / "来件.pdf").write_bytes(paper)
    return paper, address


def the_addressee_signs_and_answers(planner: Person) -> None:
    page = planner.page
    planner.go("/notices")
    page.get_by_test_id("notice-row").filter(has_text=TITLE).get_by_role("link", name=TITLE).click()
    page.get_by_test_id("act-sign").click()
    page.get_by_test_id("confirm-sign").click()
    expect(page.get_by_test_id("flash")).to_contain_text("已签收")
    page.get_by_test_id("act-answer").click()
    page.locator("dialog[open] [name=words]").fill("用地预审已受理，12月15日前批复。")
    planner.look("answer-dialog")
    page.get_by_test_id("confirm-answer").click()
    expect(page.get_by_test_id("flash")).to_contain_text("已回复")
    assert planner.complaints == []


def verified_on_a_phone(phone: Person, address: str, paper: bytes, proof: bytes) -> None:
    """By the code the paper is in force; the file is the one issued; a changed one and the draft are not."""
    page = phone.page
    page.goto(phone.house.address + address)
    expect(page.get_by_test_id("verify-found")).to_contain_text("有效")
    assert PROJECT not in page.locator("main").inner_text()
    phone.look("verify")
    middle = len(paper) // 3
    changed = paper[:middle] + bytes([paper[middle] ^ 1]) + paper[middle + 1 :]
    for content, verdict, said in (
        (paper, "verify-same", "有效的电子签章"),
        (changed, "verify-differs", ""),
        (proof, "verify-differs", "没有电子签章"),
    ):
        page.locator("[name=file]").set_input_files(
            {"name": "来件.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        page.get_by_test_id("compare").click()
        expect(page.get_by_test_id(verdict)).to_be_visible()
        expect(page.get_by_test_id("verify-signature")).to_contain_text(said)
    page.goto(phone.house.address + "/verify")
    page.locator("[name=file]").set_input_files({"name": "来件.pdf", "mimeType": "application/pdf", "buffer": paper})
    page.get_by_test_id("compare").click()
    expect(page.get_by_test_id("verify-same")).to_be_visible()
    phone.look("verify-file")


def the_desk_reads_the_answer(desk: Person) -> None:
    desk.page.goto(f"{desk.house.address}/messages")
    desk.until(lambda: desk.page.get_by_test_id("messages").get_by_text("已回复").count() >= 1, "the message")
    desk.page.get_by_test_id("messages").get_by_role("link").filter(has_text="已回复").first.click()
    expect(desk.page.locator("main")).to_contain_text("用地预审已受理，12月15日前批复。")
    desk.go("/notices")
    desk.page.get_by_test_id("register").click()
    expect(desk.page.get_by_test_id("register-row").filter(has_text=TITLE)).to_contain_text("已归档")
    desk.look("register")
