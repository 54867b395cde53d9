"""A sealed paper proves itself: who sealed it, when, and that not a byte was changed since."""

import hashlib
import random
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from PIL import Image, ImageChops
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import read_certification_data, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from notices.authority import Authority
from notices.judge import judge
from notices.pool import RenderPool
from notices.seal_file import WrongSeal
from notices.seals import Seals, load_seals
from notices.signing import NotSigned, sign_paper
from notices.trial_authority import TrialAuthority, make_trial_seals
from tests.notices.papers import MM, opened, rectification, text_of
from tests.notices.seal_stories import (
    AT,
    BUREAU,
    OFFICE,
    ORGANS,
    REASON,
    SoftToken,
    joint,
    revisions,
    saved_again,
    signed_ranges,
    signing_folder,
    time_stamps_over_http,
    with_annotation,
    with_field,
    with_text,
)

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def printed():
    pool = RenderPool(1)
    yield pool.print_letter(rectification())
    pool.close()


@pytest.fixture(scope="module")
def seals(tmp_path_factory):
    return load_seals(make_trial_seals(tmp_path_factory.mktemp("seals"), ORGANS, AT, wide=frozenset({"bh"})))


@pytest.fixture(scope="module")
def signed(printed, seals):
    return sign_paper(printed, [seals.of("hzjl")], reason=REASON, at=AT)


@pytest.fixture(scope="module")
def both(printed, seals):
    return sign_paper(joint(printed), [seals.of("hzjl"), seals.of("sw")], reason=REASON, at=AT)


@pytest.fixture
def token(tmp_path):
    with SoftToken(tmp_path / "softhsm") as made:
        yield made


def by_pyhanko(pdf, seals, moment=AT):
    """What pyHanko says of each seal when it is asked without us."""
    root = seals.authority.roots
    return [
        validate_pdf_signature(seal, ValidationContext(trust_roots=list(root), moment=moment))
        for seal in PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
    ]


def test_a_sealed_paper_is_valid_dated_and_provable_for_long(signed, seals):
    found = judge(signed.pdf, seals)
    assert (found.verdict, found.level, found.signed_at) == ("valid", "B-LTA", AT)
    assert found.subject == signed.subject == f"{OFFICE}（演示）"
    assert (signed.level, signed.revisions) == ("B-LTA", 3) == ("B-LTA", len(revisions(signed.pdf)))


def test_pyhanko_alone_trusts_it_and_knows_it_certified(signed, seals):
    (status,) = by_pyhanko(signed.pdf, seals)
    assert status.bottom_line
    assert status.timestamp_validity.trusted
    assert status.modification_level is not ModificationLevel.OTHER
    certified = read_certification_data(PdfFileReader(BytesIO(signed.pdf)))
    assert certified.permission is MDPPerm.FILL_FORMS


def test_poppler_agrees(signed, tmp_path):
    (tmp_path / "signed.pdf").write_bytes(signed.pdf)
    said = subprocess.run(
        [shutil.which("pdfsig"), tmp_path / "signed.pdf"], capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid" in said
    assert OFFICE in said
    assert "ETSI.CAdES.detached" in said


def test_the_printed_paper_stays_its_beginning_and_its_text_stays_readable(printed, signed):
    assert signed.pdf.startswith(printed.pdf)
    assert text_of(signed.pdf) == text_of(printed.pdf)


def test_nothing_in_it_comes_from_the_clock_of_the_machine(printed, signed):
    with pikepdf.open(BytesIO(signed.pdf)) as paper, pikepdf.open(BytesIO(printed.pdf)) as before:
        assert paper.Root.AcroForm.Fields[0].V.M == "D:20261124020000Z"
        assert paper.Root.AcroForm.Fields[0].V.Reason == REASON
        assert dict(paper.docinfo) == dict(before.docinfo)
        assert paper.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()


def test_a_demo_whose_clock_was_turned_back_seals_at_its_own_time(printed, tmp_path):
    moment = AT - 3000 * DAY
    seals = load_seals(make_trial_seals(tmp_path, ORGANS, moment))
    found = judge(sign_paper(printed, [seals.of("hzjl")], reason=REASON, at=moment).pdf, seals)
    assert (found.verdict, found.signed_at) == ("valid", moment)


def test_without_a_time_stamp_authority_the_level_says_so(printed, tmp_path):
    authority = TrialAuthority(AT)
    seals = load_seals(signing_folder(tmp_path, authority, "hzjl", *authority.issue(OFFICE)))
    signed = sign_paper(printed, [seals.of("hzjl")], reason=REASON, at=AT)
    assert (signed.level, signed.revisions) == ("B-B", 2)
    found = judge(signed.pdf, seals)
    assert (found.verdict, found.level, found.signed_at) == ("valid", "B-B", AT)


def test_an_undated_seal_is_worth_nothing_once_its_certificate_is_out_of_date(printed, tmp_path):
    authority = TrialAuthority(AT)
    issued = authority.issue(OFFICE, until=AT + 30 * DAY)
    seals = load_seals(signing_folder(tmp_path, authority, "hzjl", *issued))
    pdf = sign_paper(printed, [seals.of("hzjl")], reason=REASON, at=AT).pdf
    assert judge(pdf, seals, at=AT + 29 * DAY).verdict == "valid"
    assert judge(pdf, seals, at=AT + 31 * DAY).verdict == "untrusted"


def test_a_dated_seal_outlives_its_certificate(signed, seals):
    assert judge(signed.pdf, seals, at=AT + 40 * 365 * DAY).verdict == "valid"


def test_a_key_that_never_leaves_its_device_seals_as_well(printed, token, tmp_path):
    authority = TrialAuthority(AT)
    folder = token.folder(tmp_path, authority, "hzjl")
    seals = load_seals(folder)
    assert seals.summary()[0].kind == "PKCS#11"
    for _ in range(2):  # the device is let go in between
        signed = sign_paper(printed, [seals.of("hzjl")], reason=REASON, at=AT)
        assert judge(signed.pdf, seals).verdict == "valid"
    token.take_away()
    with pytest.raises(NotSigned):
        sign_paper(printed, [seals.of("hzjl")], reason=REASON, at=AT)
    with pytest.raises(WrongSeal, match=r"hzjl.*PIN"):
        load_seals(folder)


def test_two_organs_seal_one_paper(both, seals):
    found = judge(both.pdf, seals)
    assert (found.verdict, found.level) == ("valid", "B-LTA")
    assert found.subject == f"{OFFICE}（演示）、{BUREAU}（演示）"
    assert [status.bottom_line for status in by_pyhanko(both.pdf, seals)] == [True, True]
    assert (both.revisions, len(revisions(both.pdf))) == (4, 4)


def test_a_flipped_byte_anywhere_under_a_signature_shows(signed, seals):
    (_, cut, resumed, rest), *_ = signed_ranges(signed.pdf)
    places = random.Random(9704).sample(range(1, cut - 1), 36) + random.Random(2012).sample(
        range(resumed, resumed + rest), 8
    )
    for place in [0, cut - 1, resumed, resumed + rest - 1, *places]:
        tampered = bytearray(signed.pdf)
        tampered[place] ^= 1 << (place % 7)
        assert judge(bytes(tampered), seals).verdict in {"altered", "unreadable"}, place


def test_what_is_appended_shows_though_the_signed_bytes_are_whole(signed, seals):
    for tamper in (with_text, with_annotation, with_field):
        appended = tamper(signed.pdf)
        assert appended.startswith(signed.pdf)
        (status,) = by_pyhanko(appended, seals)
        assert status.intact, "the digest alone would be deceived"
        assert not status.bottom_line, tamper.__name__
        assert judge(appended, seals).verdict == "altered", tamper.__name__


def test_a_paper_saved_anew_is_not_the_paper(signed, seals):
    assert judge(saved_again(signed.pdf), seals).verdict == "altered"


def test_a_revision_cut_off_shows_while_any_seal_is_left(signed, both, seals):
    unsealed, sealed, _ = revisions(signed.pdf)
    assert judge(sealed, seals).verdict == "altered", "its archival time stamp is gone"
    one_of_two = revisions(both.pdf)[1]
    assert judge(one_of_two, seals).verdict == "altered", "the second organ's seal is gone"
    assert judge(unsealed, seals).verdict == "unsigned", "the register must know that it was signed"
    assert hashlib.sha256(unsealed).hexdigest() != hashlib.sha256(signed.pdf).hexdigest()


def test_nobody_else_can_vouch_for_a_paper(printed, signed, seals, tmp_path):
    assert judge(signed.pdf, Seals()).verdict == "untrusted"
    strangers = load_seals(make_trial_seals(tmp_path, ORGANS, AT))
    forged = sign_paper(printed, [strangers.of("hzjl")], reason=REASON, at=AT)
    assert forged.subject == signed.subject, "the name alone proves nothing"
    assert judge(forged.pdf, strangers).verdict == "valid"
    assert judge(forged.pdf, seals).verdict == "untrusted"


def test_a_stranger_under_the_same_root_does_not_seal_in_our_name(printed, tmp_path):
    authority = TrialAuthority(AT)
    ours = load_seals(signing_folder(tmp_path / "ours", authority, "hzjl", *authority.issue(OFFICE)))
    theirs = load_seals(signing_folder(tmp_path / "theirs", authority, "sw", *authority.issue(BUREAU)))
    pdf = sign_paper(printed, [theirs.of("sw")], reason=REASON, at=AT).pdf
    assert judge(pdf, Authority(roots=ours.authority.roots)).verdict == "valid"
    found = judge(pdf, ours)
    assert (found.verdict, found.subject) == ("untrusted", f"{BUREAU}（演示）")


def test_a_certificate_out_of_date_or_revoked_or_of_another_root_seals_nothing(printed, seals, tmp_path):
    authority = TrialAuthority(AT)
    expired = authority.issue(OFFICE, until=AT - DAY)
    late = load_seals(signing_folder(tmp_path / "late", authority, "hzjl", *expired))
    with pytest.raises(WrongSeal, match="2026年11月23日"):
        sign_paper(printed, [late.of("hzjl")], reason=REASON, at=AT)
    revoked = authority.issue(OFFICE)
    crl = authority.revocation_list((revoked[0], AT - DAY))
    gone = load_seals(signing_folder(tmp_path / "gone", authority, "hzjl", *revoked, crl=crl))
    with pytest.raises(WrongSeal, match=r"hzjl.*revoked"):
        sign_paper(printed, [gone.of("hzjl")], reason=REASON, at=AT)
    foreign = replace(gone.of("hzjl"), authority=seals.authority)
    with pytest.raises(WrongSeal, match="hzjl"):
        sign_paper(printed, [foreign], reason=REASON, at=AT)


def test_a_seal_stolen_later_does_not_taint_what_it_sealed_before(printed, tmp_path):
    authority = TrialAuthority(AT)
    certificate, key = authority.issue(OFFICE)
    seals = load_seals(signing_folder(tmp_path / "then", authority, "hzjl", certificate, key))
    pdf = sign_paper(printed, [seals.of("hzjl")], reason=REASON, at=AT).pdf
    for stolen, verdict in ((AT + DAY, "valid"), (AT - DAY, "untrusted")):
        crl = authority.revocation_list((certificate, stolen))
        now = load_seals(signing_folder(tmp_path / verdict, authority, "hzjl", certificate, key, crl=crl))
        assert judge(pdf, now).verdict == verdict


def test_a_time_stamp_authority_is_asked_at_its_address(printed, tmp_path):
    authority = TrialAuthority(AT)
    with time_stamps_over_http(authority) as address:
        seals = dated_by(address, authority, tmp_path)
        signed = sign_paper(printed, [seals.of("hzjl")], reason=REASON, at=AT - timedelta(seconds=2))
    found = judge(signed.pdf, seals)
    assert (found.verdict, found.level, found.signed_at) == ("valid", "B-LTA", AT), "its time, not ours"


def test_without_the_time_stamp_that_was_asked_for_there_is_no_seal(printed, tmp_path):
    seals = dated_by("http://127.0.0.1:9/", TrialAuthority(AT), tmp_path)
    assert seals.summary()[0].level == "B-LTA"
    with pytest.raises(NotSigned):
        sign_paper(printed, [seals.of("hzjl")], reason=REASON, at=AT)


def dated_by(address, authority, folder):
    """Seals whose papers are dated by a time-stamp authority at an address."""
    url, issued = f'tsa_url = "{address}"\n', authority.issue(OFFICE)
    return load_seals(
        signing_folder(folder, authority, "hzjl", *issued, crl=authority.revocation_list(), authority_more=url)
    )


def test_each_place_wants_its_seal(printed, seals):
    for places, found in ((printed, []), (joint(printed), [seals.of("hzjl")])):
        with pytest.raises(ValueError, match="places"):
            sign_paper(places, found, reason=REASON, at=AT)


@pytest.mark.parametrize(("organ", "diameter"), [("hzjl", 42.0), ("bh", 45.0)])
def test_the_seal_is_as_wide_as_prescribed_and_stands_on_name_and_date(printed, seals, organ, diameter):
    place = printed.seals[0]
    pdf = sign_paper(printed, [seals.of(organ)], reason=REASON, at=AT).pdf
    left, top, right, bottom = red_ink(opened(pdf)[place.page])
    assert (right - left, bottom - top) == pytest.approx((diameter, diameter), abs=0.15)
    assert (left + right) / 2 == pytest.approx(place.left_mm + place.width_mm / 2, abs=0.15)
    assert (top + bottom) / 2 == pytest.approx(place.top_mm + place.height_mm / 2 - 8, abs=0.15)
    assert top < place.top_mm < place.top_mm + place.height_mm - 4 < bottom, "pressed on name and date"


def red_ink(page):
    """The edges of all red on a page: left, top, right, bottom in mm."""
    dpi = 300
    ink = page.get_pixmap(dpi=dpi)
    red, green, _ = Image.frombytes("RGB", (ink.width, ink.height), ink.samples).split()
    found = ImageChops.multiply(
        red.point(lambda value: value > 180 and 255), green.point(lambda value: value < 120 and 255)
    )
    return tuple(each / dpi * 25.4 for each in found.getbbox())


def test_a_reader_who_hears_the_paper_hears_of_the_seal(signed):
    with pikepdf.open(BytesIO(signed.pdf)) as paper:
        numbers = list(paper.Root.StructTreeRoot.ParentTree.Nums)
        entries = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
        for field in paper.Root.AcroForm.Fields:
            form = entries[int(field.StructParent)]
            assert form.S == "/Form"
            assert form.K.Obj.objgen == field.objgen
            assert str(form.Alt) == str(field.TU)
        assert str(paper.Root.AcroForm.Fields[0].TU) == f"{OFFICE}印章"


def test_print_shows_through_the_ink(printed, signed):
    place = printed.seals[0]
    page = opened(signed.pdf)[place.page]
    box = [
        each * MM
        for each in (place.left_mm, place.top_mm, place.left_mm + place.width_mm, place.top_mm + place.height_mm)
    ]
    before, after = (dark(opened(pdf)[place.page], box) for pdf in (printed.pdf, signed.pdf))
    assert page.get_text("text", clip=box).replace("\n", "").startswith("市合作交流办")
    assert after >= before * 0.98


def dark(page, box):
    """How many dots of a part of the page are dark."""
    ink = page.get_pixmap(dpi=150, clip=box)
    lightest = ImageChops.lighter(*Image.frombytes("RGB", (ink.width, ink.height), ink.samples).split()[:2])
    return sum(lightest.histogram()[:100])
