"""Numbers as people type them."""

from decimal import Decimal

import pytest

from models.typed_numbers import typed_number


@pytest.mark.parametrize(("text", "number"), [
    ("12", "12"), (" 12.50 ", "12.50"), ("-3", "-3"), ("1,234.5", "1234.5"), ("1，234，567", "1234567"), ("１２．５", "12.5"),
    ("1e3", "1e3"),
])  # fmt: skip
def test_a_number_is_read_exactly_as_it_was_typed(text, number):
    assert typed_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "七", "12万元", "7,12", "12,5", "1,2345", ",5", "1,234,", "NaN", "sNaN", "Infinity", "1 2"]
)
def test_what_is_no_number_or_could_be_two_is_none(text):
    assert typed_number(text) is None
