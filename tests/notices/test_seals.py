"""Which seal an organ has, and that a wrong entry is named before any paper is sealed with it."""

import subprocess
from datetime import timedelta
from io import BytesIO

import pikepdf
import pymupdf
import pytest
from PIL import Image

from notices.errors import MissingGlyph
from notices.seal_face import MM, NATIONAL, STAR, TRIAL, face
from notices.seal_file import WrongSeal
from notices.seals import FILE, load_seals
from notices.trial_authority import TrialAuthority, make_trial_seals, write_key_file
from tests.notices.seal_stories import AT, BUREAU, OFFICE, ORGANS, signing_folder

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path):
    authority = TrialAuthority(AT)
    return signing_folder(tmp_path, authority, "hzjl", *authority.issue(OFFICE))


def changed(folder, before, after):
    """The folder with one thing in its file written otherwise."""
    text = (folder / FILE).read_text()
    assert before in text
    (folder / FILE).write_text(text.replace(before, after))
    return folder


def test_no_folder_and_no_file_are_no_seals(tmp_path):
    for nowhere in (None, tmp_path):
        seals = load_seals(nowhere)
        assert seals.of("hzjl") is None
        assert seals.summary() == []


def test_an_organ_has_the_seal_of_its_table(folder):
    seals = load_seals(folder, at=AT)
    seal = seals.of("hzjl")
    assert (seal.name, seal.diameter_mm, seal.middle) == (OFFICE, 42, STAR)
    assert seals.of("sw") is None
    (row,) = seals.summary()
    assert (row.organ, row.subject, row.kind, row.level, row.demo) == (
        "hzjl",
        f"{OFFICE}（演示）",
        "PKCS#12",
        "B-B",
        False,
    )
    assert row.valid_until == (AT + 20 * 365 * DAY)


def test_a_trial_folder_seals_for_every_organ_and_never_looks_real(tmp_path):
    seals = load_seals(make_trial_seals(tmp_path, ORGANS, AT, wide=frozenset({"bh"})), at=AT)
    assert [row.organ for row in seals.summary()] == list(ORGANS)
    assert {row.level for row in seals.summary()} == {"B-LTA"}
    assert all(row.demo and "演示" in row.subject and "演示" in row.issuer for row in seals.summary())
    assert {seals.of(organ).middle for organ in ORGANS} == {TRIAL}
    assert [seals.of(organ).diameter_mm for organ in ORGANS] == [42, 42, 45]


def test_keys_are_for_their_owner_only(tmp_path):
    make_trial_seals(tmp_path, ORGANS, AT)
    secret = [path for path in tmp_path.iterdir() if path.suffix in {".p12", ".pass"}]
    assert len(secret) == 2 * (len(ORGANS) + 1)
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}


def test_names_with_marks_of_the_file_format_are_names(tmp_path):
    name = '市"一\\\\二"局'
    assert load_seals(make_trial_seals(tmp_path, {"a.b": name}, AT)).of("a.b").name == name


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('name = "', 'nmae = "x"\nname = "', "nmae"),
        ('pkcs12 = "hzjl.p12"\n', "", "pkcs12"),
        ('pkcs12 = "hzjl.p12"', 'pkcs12 = "gone.p12"', "gone.p12"),
        ('pkcs12 = "hzjl.p12"', 'pkcs12 = "root.pem"', "root.pem打不开"),
        ('passphrase_file = "hzjl.pass"', 'passphrase_file = "root.pem"', "口令"),
        ('name = "', 'diameter_mm = 60\nname = "', "42、45"),
        ('name = "', 'emblem = "dragon"\nname = "', "star、national"),
        (f'name = "{OFFICE}"', f'name = "{BUREAU}"', f"其中没有“{BUREAU}”"),
        ('roots = ["root.pem"]', "", "roots"),
        ('roots = ["root.pem"]', 'roots = ["hzjl.p12"]', "hzjl.p12"),
        ('roots = ["root.pem"]', 'roots = ["root.pem"]\ncrls = ["root.pem"]', "crls"),
        ('roots = ["root.pem"]', 'roots = ["root.pem"]\ntsa = "local"', "tsa_pkcs12"),
        ('roots = ["root.pem"]', 'roots = ["root.pem"]\ndemo = "yes"', "demo"),
        ("[authority]", "stray = 1\n[authority]", "stray"),
        ("[hzjl]", "[hzjl", "无法读取"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(folder, before, after, said):
    with pytest.raises(WrongSeal) as refused:
        load_seals(changed(folder, before, after))
    assert said in str(refused.value)
    assert str(folder / FILE) in str(refused.value)
    assert "%(" not in str(refused.value)


def test_the_clock_of_a_trial_is_none_for_real_seals(folder):
    write_key_file(folder, "tsa", *TrialAuthority(AT).clock())
    local = 'roots = ["root.pem"]\ntsa = "local"\ntsa_pkcs12 = "tsa.p12"\ntsa_passphrase_file = "tsa.pass"'
    changed(folder, 'roots = ["root.pem"]', local)
    with pytest.raises(WrongSeal, match="只用于演示"):
        load_seals(folder)
    load_seals(changed(folder, "[authority]", "[authority]\ndemo = true"))


def test_a_certificate_out_of_date_is_refused_where_the_day_is_known(tmp_path):
    authority = TrialAuthority(AT)
    signing_folder(tmp_path, authority, "hzjl", *authority.issue(OFFICE, since=AT - 9 * DAY, until=AT - DAY))
    assert load_seals(tmp_path).summary()[0].valid_until == AT - DAY, "the administrator must see it"
    with pytest.raises(WrongSeal, match="2026年11月15日至2026年11月23日，2026年11月24日不在其内"):
        load_seals(tmp_path, at=AT)


def test_a_key_on_the_national_curve_is_refused_as_not_connected_yet(folder):
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    openssl("ecparam", "-genkey", "-name", "SM2", "-out", "sm2.key")
    identity = ("-sigopt", "distid:1234567812345678")
    openssl("req", "-x509", "-new", "-key", "sm2.key", "-sm3", "-subj", "/CN=x", "-out", "sm2.pem", *identity)
    openssl(
        "pkcs12", "-export", "-inkey", "sm2.key", "-in", "sm2.pem", "-out", "hzjl.p12", "-passout", "file:hzjl.pass"
    )
    with pytest.raises(WrongSeal, match="国密签名尚未接入"):
        load_seals(folder)


def painted(name, diameter, middle):
    """A face as an image, 20 dots to the millimetre, with how it was painted."""
    with pikepdf.new() as sheet:
        page = sheet.add_blank_page(page_size=(diameter * MM, diameter * MM))
        page.Contents = sheet.make_stream(face(name, diameter, middle))
        target = BytesIO()
        sheet.save(target)
    document = pymupdf.open(stream=target.getvalue(), filetype="pdf")
    assert not document[0].get_images()
    assert not document[0].get_fonts()
    ink = document[0].get_pixmap(dpi=508)
    return (
        Image.frombytes("RGB", (ink.width, ink.height), ink.samples).split()[1].point(lambda value: value < 128 and 255)
    )


@pytest.mark.parametrize("diameter", [42, 45])
def test_a_face_is_a_circle_of_its_diameter_without_image_or_font(diameter):
    ink = painted(OFFICE, diameter, STAR)
    left, top, right, bottom = ink.getbbox()
    assert (right - left, bottom - top) == pytest.approx((20 * diameter, 20 * diameter), abs=3)


def ring_of(ink, inner, outer):
    """In which of 720 directions, clockwise from the top, there is ink between two radii in mm."""
    import math

    middle, found = ink.width / 2, set()
    for turn in range(720):
        angle = math.radians(turn / 2)
        for step in range(int(inner * 20), int(outer * 20)):
            if ink.getpixel((int(middle + step * math.sin(angle)), int(middle - step * math.cos(angle)))):
                found.add(turn / 2 if turn <= 360 else turn / 2 - 360)
                break
    return found


@pytest.mark.parametrize(("name", "widest"), [("市商务局", 70), ("天津市商务局", 105), (OFFICE, 130), ("市" * 25, 150)])
def test_the_name_stands_evenly_over_the_upper_part(name, widest):
    directions = ring_of(painted(name, 42, STAR), 13.5, 18.8)
    assert max(directions) <= widest
    assert min(directions) >= -widest
    assert max(directions) + min(directions) == pytest.approx(0, abs=8), "as far to the left as to the right"
    assert max(directions) - min(directions) > widest, "spread, not huddled"


def test_a_trial_shows_no_star_and_nobody_is_given_the_national_emblem():
    star, trial, national = (painted(BUREAU, 42, middle) for middle in (STAR, TRIAL, NATIONAL))
    middle = (star.width // 2, star.height // 2 + 40)
    assert star.getpixel(middle)
    assert not trial.getpixel(middle)
    assert not national.getpixel(middle)


def test_a_name_with_rare_characters_has_its_seal_and_one_nobody_can_write_has_none():
    assert face("𬭎䶮局", 42, STAR)
    with pytest.raises(MissingGlyph):
        face("\U000e0100局", 42, STAR)
