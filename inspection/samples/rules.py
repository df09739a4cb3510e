"""States of a sample, the checks before it is taken, its numbers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from inspection.errors import Said

NEXT: dict[str, frozenset[str]] = {
    "taken": frozenset({"sealed", "void"}),
    "sealed": frozenset({"sealed", "handed_over", "void"}),  # the number of the seal corrected
    "handed_over": frozenset({"received", "refused", "sealed"}),  # taken back before the laboratory answers
    "received": frozenset({"tested"}),
    "tested": frozenset({"reported", "received"}),
    "refused": frozenset(),
    "reported": frozenset({"tested"}),  # only by the correction of its report
    "void": frozenset(),
}
COUNTED = frozenset({"taken", "sealed", "handed_over", "received", "tested", "reported"})
# letters and digits that nobody confuses on a label; says nothing about firm, plan or order
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRTUVWXY"
CODE_LENGTH = 10
# term of a sample → rule of the rulebook, by the domain of its plan; a domain without a rule has no term, never another's
TERMS: dict[str, dict[str, str]] = {"food": {"deliver": "deadline.food.deliver", "report": "deadline.food.report"}}
PURPOSE_LETTERS = {"evaluative": "PJ", "supervision": "JD", "risk": "FX", "routine": "LX", "special": "ZX"}


@dataclass(frozen=True, slots=True)
class NewSample:
    """抽样单 as filled in at the place."""

    plan_id: int
    region_code: str
    class_code: str
    enterprise_id: int
    product_name: str
    product_code: str
    taken_on: date
    sampler_names: tuple[str, ...]
    link: str = "circulation"
    producer_name: str = ""
    producer_address: str = ""
    brand: str = ""
    specification: str = ""
    lot: str = ""
    date_kind: str = "production"
    produced_on: date | None = None
    shelf_life: str = ""
    quantity: Decimal | None = None
    backup_quantity: Decimal | None = None
    quantity_unit: str = ""
    seal_number: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)


def faults(sample: NewSample, *, today: date, year: int, least_samplers: int) -> dict[str, list[str]]:
    """What is wrong with a sampling sheet before it may be kept, by field."""
    found: dict[str, list[str]] = {}
    if sample.taken_on > today:
        found["taken_on"] = ["抽样日期不能晚于今天"]
    elif sample.taken_on.year != year:
        found["taken_on"] = [Said("抽样日期不在计划年度 %(year)s 年内", year=year)]
    if len({name.strip() for name in sample.sampler_names if name.strip()}) < least_samplers:
        found["sampler_names"] = [Said("抽样人员不少于 %(n)s 人，以顿号分开，且须为不同的人", n=least_samplers)]
    if sample.produced_on and sample.produced_on > sample.taken_on:
        found["produced_on"] = ["生产（加工、购进）日期不能晚于抽样日期"]
    if sample.product_code != sample.class_code and not sample.product_code.startswith(f"{sample.class_code}."):
        found["product_code"] = [Said("细类代码应属于所选大类 %(code)s", code=sample.class_code)]
    for name in ("quantity", "backup_quantity"):
        value = getattr(sample, name)
        if value is not None and value < 0:
            found[name] = ["数量不能为负"]
    if (sample.quantity is not None or sample.backup_quantity is not None) and not sample.quantity_unit.strip():
        found["quantity_unit"] = ["填写数量时须同时填写单位"]
    return found


def quarter_of(day: date) -> int:
    """Quarter of the year, 1 to 4."""
    return (day.month - 1) // 3 + 1


def blind_code() -> str:
    """A random code 盲样编码 for the label: unrelated to place, time and order.

    The last character is a check character (weighted sum modulo 29), so that one mistyped character is noticed.
    """
    body = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH - 1))
    return body + check_character(body)


def check_character(body: str) -> str:
    """Check character of a blind code.

    >>> check_character("23456789A")
    'A'
    """
    total = sum((i + 1) * CODE_ALPHABET.index(c) for i, c in enumerate(body))
    return CODE_ALPHABET[total % len(CODE_ALPHABET)]


def is_code(text: str) -> bool:
    """Whether a text is a well-formed blind code."""
    return (
        len(text) == CODE_LENGTH
        and all(c in CODE_ALPHABET for c in text)
        and check_character(text[:-1]) == text[-1]
    )


def number(purpose: str, year: int, region_code: str, serial: int) -> str:
    """抽样单编号: purpose letters, two digits of the year, six digits of the region, serial.

    >>> number("evaluative", 2026, "320903", 17)
    'PJ2632090300017'
    """
    return f"{PURPOSE_LETTERS[purpose]}{year % 100:02d}{region_code[:6]}{serial:05d}"


def may(state: str, to: str) -> bool:
    """Whether a sample may go from `state` to `to`."""
    return to in NEXT.get(state, frozenset())


@dataclass(frozen=True, slots=True)
class Receipt:
    """收样: what the laboratory saw when the sample came."""

    pieces: int
    seal_intact: bool
    package_intact: bool
    quantity_enough: bool
    state_normal: bool
    papers_complete: bool
    papers_match: bool

    @property
    def sound(self) -> bool:
        return all((self.seal_intact, self.package_intact, self.quantity_enough, self.state_normal, self.papers_complete, self.papers_match))


def receipt_faults(receipt: Receipt, *, accept: bool, reason: str) -> dict[str, list[str]]:
    """Accepting a sample with a defect, or refusing a sound one, needs a reason."""
    found: dict[str, list[str]] = {}
    if receipt.pieces < 1 and accept:
        found["pieces"] = ["接收时样品件数至少为 1"]
    if not reason.strip() and accept != receipt.sound:
        found["reason"] = ["样品有缺陷仍接收，或无缺陷而拒收，都须写明理由"]
    if not reason.strip() and not accept:
        found["reason"] = ["拒收须写明理由"]
    return found


def replaceable(state: str, replacements: Sequence[str]) -> bool:
    """A refused sample may be replaced once (补样): refused, and no living replacement yet.

    >>> replaceable("refused", []), replaceable("refused", ["void"]), replaceable("refused", ["taken"]), replaceable("received", [])
    (True, True, False, False)
    """
    return state == "refused" and not any(other in COUNTED for other in replacements)


# --- papers of many samples -------------------------------------------------------------------------------------------

PAPERS = {"sheets": "抽样单", "labels": "样品标签"}
EVERY_STATE = COUNTED | {"refused", "void"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which papers of which samples: all of a plan, or those of a place or in a state; void ones only when asked for."""

    paper: str
    plan_id: int
    region_code: str = ""
    state: str = ""
