"""Whatever a stranger drops on the verify page is answered: soon, in a few words, and never by a crash."""

import random
import time
import zlib
from collections.abc import Iterator

import pytest

from notices.authority import Authority
from notices.judge import LARGEST, judge
from notices.printed import Printed, SealPlace
from notices.seals import load_seals
from notices.signing import sign_paper
from notices.trial_authority import make_trial_seals
from tests.notices.seal_stories import AT, ORGANS, REASON, made_up, revisions, sealed_by, with_text

NOBODY = Authority()
SECONDS = 5.0  # of processor, for the worst of them


def file_of(*objects: str, root: int = 1, trailer: str = "") -> bytes:
    """A little PDF of these objects, numbered from 1."""
    body, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, each in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    end = f"trailer\n<</Size {len(objects) + 1}/Root {root} 0 R{trailer.format(xref=len(body))}>>\n"
    return bytes(body) + f"{head}{end}startxref\n{len(body)}\n%%EOF\n".encode()


CATALOG, PAGES = "<</Type/Catalog/Pages 2 0 R{more}>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"
BLANK = "<</Length 1>>\nstream\nn\nendstream"


def catalog(more: str = "") -> str:
    return CATALOG.replace("{more}", more)


SHEET = file_of(catalog(), PAGES, PAGE, BLANK)


def hostile() -> Iterator[tuple[str, bytes]]:
    """Files made to break or to hold a reader, each with a name."""
    form = "/AcroForm<</Fields[{fields}]/SigFlags 3>>"
    fake = "<</FT/Sig/T(a{n})/V<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 9 9 9]/Contents<30820001>>>>>"
    yield "nothing", b""
    yield "only a head", b"%PDF-1.7\n"
    yield "noise", random.Random(1).randbytes(200_000)
    yield "noise after a head", b"%PDF-1.7\n" + random.Random(2).randbytes(200_000) + b"\nstartxref\n9\n%%EOF\n"
    yield "a list of objects that points to itself", file_of(catalog(), PAGES, PAGE, trailer="/Prev {xref}")
    yield "a root that is itself", file_of("1 0 R")
    yield "pages that hold themselves", file_of(catalog(), "<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>")
    yield (
        "a field that holds itself",
        file_of(catalog(form.format(fields="4 0 R")), PAGES, PAGE, "<</FT/Sig/T(a)/Kids[4 0 R]/Parent 4 0 R>>"),
    )
    yield "a length that is itself", file_of(catalog(), PAGES, PAGE, "<</Length 4 0 R>>\nstream\nx\nendstream")
    yield "brackets without end", b"%PDF-1.7\n1 0 obj\n" + b"[" * 400_000 + b"\nstartxref\n9\n%%EOF\n"
    yield "nested brackets", file_of(catalog("/Deep " + "[" * 50_000 + "]" * 50_000), PAGES, PAGE)
    yield "a hundred thousand revisions", file_of(catalog(), PAGES, PAGE) + b"startxref\n9\n%%EOF\n" * 100_000
    many = [fake.replace("{n}", str(number)) for number in range(5_000)]
    refs = " ".join(f"{number + 4} 0 R" for number in range(len(many)))
    yield "five thousand signatures", file_of(catalog(form.format(fields=refs)), PAGES, PAGE, *many)
    yield "a signature of nothing", file_of(catalog(form.format(fields="4 0 R")), PAGES, PAGE, fake)
    yield (
        "a signature that covers the moon",
        file_of(catalog(form.format(fields="4 0 R")), PAGES, PAGE, fake.replace("0 9 9 9", f"0 {10**30} 5 {10**30}")),
    )
    yield "a bomb", bomb()
    yield "more than we take", b"%PDF-1.7\n" + b"\0" * LARGEST


def bomb() -> bytes:
    """An object stream of a few kilobytes that would swell to a quarter of a gigabyte; its list of objects points into it."""
    swollen = zlib.compress(zlib.compress(b"\0" * 2**28, 9), 9)
    body = b"%PDF-1.7\n"
    stream = b"<</Type/ObjStm/N 2/First 10/Filter[/FlateDecode/FlateDecode]/Length %d>>" % len(swollen)
    at = len(body)
    body += b"1 0 obj\n" + stream + b"\nstream\n" + swollen + b"\nendstream\nendobj\n"
    entries = (
        b"\x00\x00\x00\x00\xff"
        b"\x01" + at.to_bytes(3, "big") + b"\x00" + b"\x02\x00\x00\x01\x00" + b"\x02\x00\x00\x01\x01"
    )
    table = b"<</Type/XRef/Size 4/W[1 3 1]/Root 2 0 R/Length %d>>" % len(entries)
    start = len(body)
    return (
        body + b"4 0 obj\n" + table + b"\nstream\n" + entries + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start
    )


def test_a_file_made_to_break_or_hold_us_is_answered_soon():
    for name, content in hostile():
        before = time.process_time()
        assert judge(content, NOBODY).verdict in {"unreadable", "unsigned", "altered"}, name
        assert time.process_time() - before < SECONDS, name


def test_a_maze_of_certificates_is_not_walked():
    names = ("东", "西")
    walls = [made_up(names[turn % 2], by=names[1 - turn % 2])[0] for turn in range(11)]
    door = made_up("出口", by="东")
    before = time.process_time()
    assert judge(sealed_by(SHEET, door, walls), NOBODY).verdict == "unreadable"
    assert time.process_time() - before < SECONDS
    assert judge(sealed_by(SHEET, door, walls[:2]), NOBODY).verdict == "untrusted", "a plain chain is looked at"


@pytest.fixture(scope="module")
def seals(tmp_path_factory):
    return load_seals(make_trial_seals(tmp_path_factory.mktemp("seals"), ORGANS, AT))


@pytest.fixture(scope="module")
def signed(seals):
    return sign_paper(Printed(SHEET, (SealPlace(0, 120, 60, 40, 20),)), [seals.of("hzjl")], reason=REASON, at=AT).pdf


def test_an_untagged_sheet_can_be_sealed_too(signed, seals):
    assert judge(signed, seals).verdict == "valid"


def test_a_paper_broken_off_anywhere_is_never_valid(signed, seals):
    whole = set(map(len, revisions(signed)))
    for at in random.Random(3).sample(range(len(signed) - 2), 60):
        if at not in whole:
            assert judge(signed[:at], seals).verdict in {"unreadable", "unsigned", "altered"}, at


def test_a_paper_with_pieces_torn_out_or_doubled_is_never_valid(signed, seals):
    chance = random.Random(4)
    for _ in range(60):
        start = chance.randrange(len(signed) - 2_000)
        end = start + chance.randrange(1, 2_000)
        for torn in (signed[:start] + signed[end:], signed[:end] + signed[start:]):
            assert judge(torn, seals).verdict in {"unreadable", "unsigned", "altered"}, (start, end)


def test_a_true_paper_buried_under_revisions_is_answered_soon(signed, seals):
    buried = signed
    for _ in range(60):
        buried = with_text(buried)
    before = time.process_time()
    assert judge(buried, seals).verdict == "altered"
    assert time.process_time() - before < SECONDS
    for _ in range(10):
        buried = with_text(buried)
    assert judge(buried, seals).verdict == "unreadable", "no paper of ours has so many"
