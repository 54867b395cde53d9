"""Codes as the standards write them: what must pass, what must not, and the words it is refused with."""

import pytest

from models.codes import ALPHABET, WEIGHTS, WrongCode, check_character, credit_code, district_code, project_code


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",  # the sample of GB 32100-2015 itself
        "N2120114MF1234567M",  # an agricultural body: a letter in the first place
        "91110108MA01ABCD2" + check_character("91110108MA01ABCD2"),
        "Y1120101MJ06H2AX3" + check_character("Y1120101MJ06H2AX3"),
    ],
)
def test_genuine_credit_codes_pass_in_any_spelling(code: str) -> None:
    assert credit_code(code) == code
    assert credit_code(f" {code[:4]} {code[4:].lower()} ") == code
    full_width = "".join(chr(ord(each) + 0xFEE0) for each in code)
    assert credit_code(full_width) == code


def test_every_place_of_a_code_is_guarded_by_its_check_character() -> None:
    code = "91350100M000100Y43"
    for place in range(17):
        for other in set(ALPHABET) - {code[place]}:
            with pytest.raises(WrongCode):
                credit_code(code[:place] + other + code[place + 1 :])


def test_the_check_character_by_hand() -> None:
    # 9·1 + 1·3 + 1·9 = 21 for 911 followed by zeros; 31 - 21 = 10 → A
    assert check_character("911" + "0" * 14) == "A"
    assert check_character("0" * 17) == "0"
    assert len(WEIGHTS) == 17 and all(weight == 3**place % 31 for place, weight in enumerate(WEIGHTS))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("9135010M000100Y43", "18位，现为17位"),
        ("91350100M000100Y4O", "不能有“O”"),
        ("91350100M0001OOY43", "看成了字母"),
        ("91A50100M000100Y43", "第3至8位"),
        ("91350100M000100Y44", "校验位不符"),
        ("9.131000012345678e+19", "科学记数法"),
        ("9.13E+17", "科学记数法"),
        ("暂无", "18位"),
    ],
)
def test_wrong_credit_codes_say_what_is_wrong(code: str, says: str) -> None:
    with pytest.raises(WrongCode) as refused:
        credit_code(code)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "code", ["2103-120116-89-01-123456", "2020-120116-33-03-001234", "20190001234567890", "2017120116330300123"]
)
def test_project_codes_old_and_new_pass(code: str) -> None:
    assert project_code(code.lower()) == code


@pytest.mark.parametrize(
    "code", ["2103", "津发改许可〔2019〕12号", "2103-120116-89-01-1234567890123", "----------------"]
)
def test_what_is_no_project_code_is_refused(code: str) -> None:
    with pytest.raises(WrongCode):
        project_code(code)


@pytest.mark.parametrize("code", ["120116", "120101", "120116400", "120116.0", "１２０１１９"])
def test_codes_of_tianjin(code: str) -> None:
    assert district_code(code).startswith("1201")


@pytest.mark.parametrize(
    ("code", "says"), [("110101", "不是天津市的"), ("12011", "6位"), ("滨海", "数字"), ("120200", "不是天津市的")]
)
def test_codes_of_elsewhere(code: str, says: str) -> None:
    with pytest.raises(WrongCode) as refused:
        district_code(code)
    assert says in str(refused.value)
