"""Two renderers of different houses see the same ink, and every process sets the same bytes."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest

from notices.render import render
from tests.notices.papers import EVERY, joint, opened

ROOT = Path(__file__).parents[2]
DPI = 150  # a hairline is one whole dot to one of the two: it must not count for much
PAPERS = [*EVERY, joint]
HASHES = (
    "import hashlib; from notices.render import render; from tests.notices.papers import EVERY, joint;"
    "print(*(hashlib.sha256(render(each(demo=True))).hexdigest() for each in (*EVERY, joint)))"
)


@pytest.fixture(scope="module")
def made():
    return {paper: render(paper(demo=True)) for paper in PAPERS}


def ink(samples: bytes, width: int, stride: int) -> float:
    """How dark a page is in all, against a black one; `width` counts three colours, since greys of red differ by house."""
    rows = len(samples) // stride
    light = sum(sum(samples[row * stride : row * stride + width]) for row in range(rows))
    return 1 - light / 255 / width / rows


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.__name__)
def test_two_renderers_see_the_same_ink(made, paper):
    others = pypdfium2.PdfDocument(made[paper])
    for page, other in zip(opened(made[paper]), others, strict=True):
        one, two = page.get_pixmap(dpi=DPI), other.render(scale=DPI / 72)
        ours = ink(one.samples, 3 * one.width, one.stride)
        theirs = ink(bytes(two.buffer), 3 * two.width, two.stride)
        assert ours > 0.002
        assert theirs == pytest.approx(ours, rel=0.12), page.number


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.__name__)
def test_two_readers_extract_the_same_text(made, paper):
    others = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made[paper]))
    ours = "".join(page.get_text() for page in opened(made[paper]))
    assert sorted(set(others) - set("\r\n\u200b\ufffe ")) == sorted(set(ours) - set("\n\u200b "))


def test_every_kind_is_the_same_bytes_in_another_process(made):
    told = subprocess.run(
        [sys.executable, "-c", HASHES], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "4711"},
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    assert told == [hashlib.sha256(made[paper]).hexdigest() for paper in PAPERS]
