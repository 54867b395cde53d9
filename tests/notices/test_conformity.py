"""Every paper is archival and can be read aloud: own check, qpdf, pdfua and outloud agree; its data lies inside it.

veraPDF has not been run: it comes from no registry we install from. Run it once outside before claiming conformance.
"""

import json
import subprocess
from io import BytesIO

import outloud
import pdfua
import pikepdf
import pytest

from notices.fonts import activate
from notices.letters import read_letter
from notices.render import render
from tests.notices import bulletin
from tests.notices.conformity import faults
from tests.notices.papers import EVERY, joint, rectification

PAPERS = {**{each.__name__: each for each in EVERY}, "joint": joint}


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Every kind, a draft, and a bulletin with charts, a diagram and a broad table, as files."""
    folder = tmp_path_factory.mktemp("papers")
    made = {name: render(paper(demo=True)) for name, paper in PAPERS.items()}
    made["draft"] = render(rectification(number=None, verify_url=None), draft=True)
    activate()
    from notices.press import enclosure, print_page

    sample = bulletin.sample_report(projects_each=3)
    made["charts"] = print_page(bulletin.page(sample), enclosed=enclosure(sample)).pdf
    for name, data in made.items():
        (folder / f"{name}.pdf").write_bytes(data)
    return folder


NAMES = (*PAPERS, "draft", "charts")
# What outloud guesses, and why not: several tables of one page seem one grid to it, a title with a year a reference
# number, and the numbers of a chart told one by one no language.
TITLED = ("bulletin", "publicity", "commendation", "admonition", "talk_record", "talk_list")
GUESSES = {"charts": {"TBL-014", "HDG-010", "FIG-012"}} | {name: {"HDG-010"} for name in TITLED}


@pytest.mark.parametrize("name", NAMES)
def test_a_paper_has_no_fault_of_ours(printed, name):
    assert faults((printed / f"{name}.pdf").read_bytes()) == []


def test_qpdf_finds_no_fault_in_any_paper(printed):
    for name in NAMES:
        done = subprocess.run(["qpdf", "--check", printed / f"{name}.pdf"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_who_cannot_see_a_paper_can_hear_it(printed, name):
    file = str(printed / f"{name}.pdf")
    assert pdfua.validate(file).findings == ()
    heard = outloud.check(file)
    assert heard.errors == 0
    assert {each.rule for each in heard.findings} <= GUESSES.get(name, set()), [each.message for each in heard.findings]


def test_a_paper_carries_its_data_and_gives_the_letter_back(printed):
    for name, paper in PAPERS.items():
        with pikepdf.open(printed / f"{name}.pdf") as pdf:
            told = json.loads(pdf.attachments["notice.json"].get_file().read_bytes())
        assert read_letter(told, verify_url=told["verify_url"]) == paper(demo=True)
    with pikepdf.open(printed / "draft.pdf") as pdf:
        assert not pdf.attachments, "a draft is nothing yet"


def test_the_own_check_sees_what_it_is_for(printed):
    with pikepdf.open(printed / "rectification.pdf") as pdf:
        pdf.Root.AF.append(pdf.Root.AF[0])
        del pdf.Root.Lang
        font = next(each for each in pdf.objects if isinstance(each, pikepdf.Dictionary) and each.get("/W"))
        font.W[1][0] = 333
        pdf.save(target := BytesIO())
    said = "\n".join(faults(target.getvalue()))
    assert "associated files" in said
    assert "no language" in said
    assert "333 broad" in said
