"""Laboratory notation is read exactly, or refused; nothing becomes zero."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspection.errors import Invalid
from inspection.intake import measurement
from inspection.intake.measurement import parse


@pytest.mark.parametrize(
    ("text", "kind", "qualifier", "value"),
    [
        ("0.79", "number", "", "0.79"),
        ("0.790", "number", "", "0.790"),
        ("<0.01", "below", "<", "0.01"),
        ("＜０．０１", "below", "<", "0.01"),
        ("﹤0.01", "below", "<", "0.01"),
        ("≤ 5", "below", "≤", "5"),
        ("<=5", "below", "≤", "5"),
        ("≥5", "above", "≥", "5"),
        (">1.1×10³", "above", ">", "1.1E+3"),
        ("2.2×10²", "number", "", "2.2E+2"),
        ("２．２×１０²", "number", "", "2.2E+2"),
        ("2.2x10^2", "number", "", "2.2E+2"),
        ("3×10⁻⁴", "number", "", "0.0003"),
        ("10²", "number", "", "1E+2"),
        ("1.0E2", "number", "", "1.0E+2"),
        ("1.0e-3", "number", "", "0.0010"),
        ("-0.540", "number", "", "-0.540"),
        ("−0.5", "number", "", "-0.5"),
        ("0", "number", "", "0"),
        ("ND", "not_detected", "", None),
        ("nd", "not_detected", "", None),
        ("ＮＤ", "not_detected", "", None),
        (" 未检出 ", "not_detected", "", None),
        ("检出", "detected", "", None),
        ("色泽正常", "text", "", None),
    ],
)
def test_a_result_is_read_as_written(text: str, kind: str, qualifier: str, value: str | None) -> None:
    found = parse(text)
    assert (found.kind, found.qualifier) == (kind, qualifier)
    assert (None if found.value is None else str(found.value)) == value
    assert found.text == text.strip()


def test_a_detection_limit_beside_not_detected_is_kept() -> None:
    found = parse("未检出（<0.02）")
    assert (found.kind, found.values, found.value) == ("not_detected", (Decimal("0.02"),), None)


def test_five_microbial_values_keep_their_own_qualifiers() -> None:
    found = parse("<10、20/2.2×10²；ND / >300")
    assert found.kind == measurement.SERIES
    assert [(part.kind, part.value) for part in found.parts] == [
        ("below", Decimal(10)),
        ("number", Decimal(20)),
        ("number", Decimal("2.2E+2")),
        ("not_detected", None),
        ("above", Decimal(300)),
    ]
    assert found.value is None


@pytest.mark.parametrize(
    "text",
    ["", "  ", "2.2×102", "1,234", "0.79g/kg", "<", "<<1", "1..2", "0.1.2", "5%", "约5", "1-2", "<未检出", "1E", "NaN1", "1/", "٣", "9" * 200],
)
def test_what_could_be_misread_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(text)
    assert caught.value.code == "measurement"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_a_written_decimal_comes_back_digit_for_digit(value: Decimal) -> None:
    assert parse(format(value, "f")).values[0].as_tuple() == Decimal(format(value, "f")).as_tuple()


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_and_only_plain_words_are_text(text: str) -> None:
    try:
        found = parse(text)
    except Invalid:
        return
    if found.kind == measurement.TEXT:
        assert not any(c.isdigit() for c in found.text)
