"""方案从哪里来、数从哪里来: the 默认方案 of each subject, and whether what a scheme reads is a figure of this system."""

import csv
from pathlib import Path

from models import department_figures, district_figures  # noqa: F401 - register the figures
from models.figure import FIGURES
from models.scheme import Scheme, Wrong
from models.scheme_file import scheme_of_rows
from models.texts import N_
from models.wrong_file import WrongFile

DATA = Path(__file__).resolve().parent.parent / "data"
FILES = {"district": "default_scheme.csv", "department": "default_scheme_department.csv"}


def default_scheme(subject: str) -> Scheme:
    """默认方案 for the districts or the departments; the city's own weights are not public, and its note says so."""
    with (DATA / FILES[subject]).open(encoding="utf-8-sig", newline="") as file:
        return scheme_of_rows(list(csv.reader(file)))


def check_sources(scheme: Scheme, subject: str) -> None:
    """Raises WrongFile naming each figure that this system does not have for the subject, by the indicator's number."""
    wrongs = []
    for place, each in enumerate(scheme.indicators, start=1):
        for word in each.figures:
            known = FIGURES.get(word)
            if word not in each.typed and (known is None or known.subject != subject):
                words = "、".join(figure.word for figure in FIGURES.values() if figure.subject == subject)
                text = N_("系统没有“%(word)s”这个指标，可有：%(known)s，或者填报")
                wrongs.append(Wrong(place, "“数据来源”", text, {"word": word, "known": words}))
    if wrongs:
        raise WrongFile(wrongs, "项")
