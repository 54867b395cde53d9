"""Codes people type (credit code of GB 32100, project code, district code), checked with reasons in words."""

import re
import unicodedata

from models.saying import Saying
from models.texts import N_

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100 leaves out I O S V Z
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
USCC_LENGTH = 18
REGION = slice(2, 8)  # 登记管理机关行政区划: always digits of GB/T 2260
FAI_CHARACTERS = re.compile(r"[0-9A-Z]+(-[0-9A-Z]+)*")
FAI_LENGTH = range(16, 31)  # GB/T 40058-2021 writes 24 characters; codes given before it are shorter or longer
DISTRICT = re.compile(r"1201[01][0-9]([0-9]{3})?")


class WrongCode(Saying):
    """编码有误。 Says which part is wrong and what to do."""


def plain(text: str) -> str:
    """The code as it is compared: half-width capitals without any blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def credit_code(text: str) -> str:
    """The 18 characters of a 统一社会信用代码; raises WrongCode with the reason.

    Letters are allowed wherever the standard allows them: any place but the six digits of the region.
    """
    code = plain(text)
    if re.fullmatch(r"[0-9.]+E\+?[0-9]+", code):
        raise WrongCode(N_("信用代码“%(code)s”被表格改成了科学记数法，末位已丢失；请把该列设为文本后重填。"), code=text)
    if len(code) != USCC_LENGTH:
        raise WrongCode(N_("信用代码应为18位，现为%(count)s位；请核对是否漏填或多填。"), count=len(code))
    if wrong := sorted({each for each in code if each not in ALPHABET}):
        raise WrongCode(
            N_("信用代码中不能有“%(letters)s”（国标不用 I、O、S、V、Z）；请核对是否把数字看成了字母。"),
            letters="、".join(wrong),
        )
    if not code[REGION].isdecimal():
        raise WrongCode(N_("信用代码第3至8位是登记机关行政区划，应为数字，现为“%(part)s”。"), part=code[REGION])
    if code[-1] != check_character(code[:-1]):
        raise WrongCode(N_("信用代码校验位不符，至少有一位填错；请对照营业执照核对。"))
    return code


def check_character(body: str) -> str:
    """The 18th character for the first 17: (31 - weighted sum mod 31) mod 31."""
    total = sum(ALPHABET.index(each) * weight for each, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[(31 - total) % 31]


def project_code(text: str) -> str:
    """The 固定资产投资项目代码; only length and characters are judged, because older codes differ."""
    code = plain(text).replace("—", "-").replace("–", "-")
    if not FAI_CHARACTERS.fullmatch(code) or sum(each.isdecimal() for each in code) < 10:
        raise WrongCode(N_("项目代码只能由数字、大写字母和短横线组成，现为“%(code)s”。"), code=text)
    if len(code) not in FAI_LENGTH:
        raise WrongCode(N_("项目代码一般为24位（含短横线），现为%(count)s位；请核对。"), count=len(code))
    return code


def district_code(text: str) -> str:
    """A code of GB/T 2260 of a Tianjin district (6 digits) or the statistical code of a zone (9 digits)."""
    code = plain(text).removesuffix(".0")
    if not code.isdecimal() or len(code) not in (6, 9):
        raise WrongCode(N_("区划代码应为6位（区）或9位（开发区）数字，现为“%(code)s”。"), code=text)
    if not DISTRICT.fullmatch(code):
        raise WrongCode(N_("区划代码“%(code)s”不是天津市的；天津各区为120101至120119。"), code=text)
    return code
