"""The check character finds every single slip and every neighbouring swap that GB 32100 promises to find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from inspection.errors import Invalid
from inspection.intake import credit_code

CODES = st.builds(credit_code.make, st.integers(110000, 659999).map(str), st.integers(0, 31**9 - 1))


@given(CODES)
def test_a_made_code_is_valid_by_an_independent_reader(code: str) -> None:
    assert uscc.is_valid(code)
    assert credit_code.fault(code) is None


@given(CODES, st.integers(0, 17), st.sampled_from(credit_code.ALPHABET))
def test_one_wrong_character_is_always_found(code: str, place: int, character: str) -> None:
    wrong = code[:place] + character + code[place + 1 :]
    assert (credit_code.fault(wrong) is None) == (wrong == code)


@given(CODES)
def test_full_width_lower_case_and_blanks_are_the_same_code(code: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code.lower())
    assert credit_code.parse(f" {wide[:9]}　{wide[9:]}\u200b") == code


def test_the_published_example_and_letters_in_the_first_places() -> None:
    assert credit_code.parse("91110000600037341L") == "91110000600037341L"
    rural = credit_code.make("330106", 5, authority="N2")
    assert credit_code.parse(rural) == rural
    assert not uscc.is_valid(rural)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "现为 0 位"),
        ("9111000060003734", "现为 16 位"),
        ("9111000060003734IL", "不允许的字符 I"),
        ("91A10000600037341L", "行政区划"),
        ("91110000600037341M", "校验位不符"),
    ],
)
def test_the_reason_is_told_in_chinese(text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        credit_code.parse(text)
    assert caught.value.code == "credit-code"


def test_the_generator_refuses_what_it_cannot_write() -> None:
    for region, serial in (("33010", 1), ("33010a", 1), ("330106", -1), ("330106", 31**9)):
        with pytest.raises(ValueError):
            credit_code.make(region, serial)
    assert credit_code.make("330106", 7) == credit_code.make("330106", 7)
