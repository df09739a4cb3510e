"""Calls and swaps after a draw: what the command and the browser refuse, with the same first difference."""

from __future__ import annotations

import base64
import random
import subprocess
import sys
from pathlib import Path

import pytest

from sampling import afterwards, bundle, draw, frame, verify
from sampling.bundle import Outcome
from sampling.frame import Difference
from tests.sampling.test_browser_verifier import case, damaged, in_node, needs_node
from tests.sampling.test_draw_vectors import BUNDLES, files_of

AT = "2026-11-20T09:00:00+08:00"
Row = tuple[str, ...]


def calls(*rows: Row) -> bytes:
    return bundle.table_bytes("calls.tsv", rows)


def swaps(*rows: Row) -> bytes:
    return bundle.table_bytes("swaps.tsv", rows)


def drawn(number: str) -> tuple[dict[str, bytes], Outcome]:
    files = files_of(BUNDLES[number])
    return files, verify.check_files(files).outcome


def refused(check: str, call: object) -> Difference:
    with pytest.raises(Difference) as caught:
        call()  # type: ignore[operator]
    assert caught.value.check == check, caught.value
    return caught.value


# --- calls ------------------------------------------------------------------------------------------------------------


def first_call(number: str) -> Row:
    """The first good call of a bundle, its team as the verifier names it."""
    files, outcome = drawn(number)
    by_role: dict[str, list[draw.Chosen]] = {}
    for row in outcome.selection:
        by_role.setdefault(f"{row.stratum} {row.role}", []).append(row)
    stratum = next(name.split()[0] for name in by_role if name.endswith("reserve"))
    out, called = by_role[f"{stratum} selected"][0].id, by_role[f"{stratum} reserve"][0].id
    row = ("1", stratum, out, "03", called, "NOBODY", AT)
    team = refused("team", lambda: afterwards.check_calls(files, outcome, calls(row))).note
    return (*row[:5], team, AT)


WRONG_CALLS = [
    (lambda good: ("2", *good[1:]), "order"), (lambda good: (*good[:6], "2026-02-30T09:00:00+08:00"), "cell"),
    (lambda good: (*good[:2], good[4], *good[3:]), "unknown id"), (lambda good: (*good[:4], "NOBODY", *good[5:]), "unknown id"),
    (lambda good: ("1", "ZZ", *good[2:]), "unknown id"),
]  # fmt: skip


def test_reserves_are_called_in_rank_order_within_their_stratum_with_the_team_of_the_rule() -> None:
    files, outcome = drawn("2026-001")
    good = first_call("2026-001")
    assert list(afterwards.check_calls(files, outcome, calls(good))) == [good[4]]
    for change, check in WRONG_CALLS:
        refused(check, lambda change=change: afterwards.check_calls(files, outcome, calls(change(good))))
    twice = ("2", *good[1:5], "", AT)
    refused("unknown id", lambda: afterwards.check_calls(files, outcome, calls(good, twice)))  # who was replaced is not there any more


# --- swaps ------------------------------------------------------------------------------------------------------------

# 2026-008: two seats, lead and another unit, all filled
NUMBER = "2026-008"


def fitting(number: str, object_: str, seat: int) -> list[str]:
    """Who could come into that seat, by the verifier itself."""
    files, outcome = drawn(number)
    now = next(row.inspector for row in outcome.teams if (row.object, row.seat) == (object_, seat))
    found = []
    for cells in frame.rows(files["inspectors.tsv"]):
        try:
            afterwards.check_swaps(files, outcome, swaps(("1", object_, str(seat), now, "illness", cells[0], AT)), {})
        except Difference:
            continue
        found.append(cells[0])
    return found


def movable() -> tuple[str, int, str, list[str]]:
    """A filled seat (object, seat, its inspector) for which at least two others fit."""
    _, outcome = drawn(NUMBER)
    for row in outcome.teams:
        if row.inspector and len(people := fitting(NUMBER, row.object, row.seat)) >= 2:
            return row.object, row.seat, row.inspector, people
    raise AssertionError("no seat of the vector can be swapped twice")


def test_a_seat_is_swapped_again_and_the_second_swap_starts_from_the_first() -> None:
    files, outcome = drawn(NUMBER)
    object_, seat, now, (first, second, *_) = movable()
    rows = [("1", object_, str(seat), now, "illness", first, AT), ("2", object_, str(seat), first, "conflict", second, AT)]
    assert afterwards.check_swaps(files, outcome, swaps(*rows), {}) == 2
    refused("unknown id", lambda: afterwards.check_swaps(files, outcome, swaps(rows[0], ("2", object_, str(seat), now, "conflict", second, AT)), {}))


def test_every_kind_of_wrong_swap_is_named() -> None:
    files, outcome = drawn(NUMBER)
    object_, seat, now, (who, *_) = movable()
    good = ("1", object_, str(seat), now, "illness", who, AT)
    mate = next(row.inspector for row in outcome.teams if row.object == object_ and row.seat != seat)
    reserve = next(row.id for row in outcome.selection if row.role == "reserve")
    for row, check in (
        (("2", *good[1:]), "order"), ((*good[:6], "yesterday"), "cell"), ((*good[:2], "9", *good[3:]), "cell"),
        ((*good[:5], "", AT), "cell"), ((*good[:1], "NOBODY", *good[2:]), "unknown id"), ((*good[:1], reserve, *good[2:]), "unknown id"),
        ((*good[:2], "8", *good[3:]), "unknown id"), ((*good[:3], mate, *good[4:]), "unknown id"), ((*good[:3], "", *good[4:]), "unknown id"),
        ((*good[:5], "OUTSIDER", AT), "unknown id"), ((*good[:5], mate, AT), "team"), ((*good[:5], now, AT), "team"),
    ):  # fmt: skip
        refused(check, lambda row=row: afterwards.check_swaps(files, outcome, swaps(row), {}))
    refused("header", lambda: afterwards.check_swaps(files, outcome, calls(), {}))


def test_the_rule_of_the_seat_is_asked_of_who_comes() -> None:
    notes = set()
    for number in BUNDLES:
        files, outcome = drawn(number)
        for row in outcome.teams:
            for cells in frame.rows(files["inspectors.tsv"]) if row.inspector else ():
                try:
                    afterwards.check_swaps(files, outcome, swaps(("1", row.object, str(row.seat), row.inspector, "illness", cells[0], AT)), {})
                except Difference as error:
                    notes.add(error.note)
    assert notes >= {"skills", "conflict", "team", "lead", "unit", "other_unit"}


def test_an_empty_seat_may_be_filled_from_outside_and_a_called_reserve_may_be_swapped() -> None:
    files, outcome = drawn("2026-001")
    empty = next(row for row in outcome.teams if not row.inspector)
    assert afterwards.check_swaps(files, outcome, swaps(("1", empty.object, str(empty.seat), "", "shortage", "OUTSIDER", AT)), {}) == 1
    good = first_call("2026-001")
    called = afterwards.check_calls(files, outcome, calls(good))
    seat, now = next((n, id_) for n, id_ in enumerate(called[good[4]], 1) if not id_)
    row = ("1", good[4], str(seat), now, "shortage", "OUTSIDER", AT)
    assert afterwards.check_swaps(files, outcome, swaps(row), called) == 1
    refused("unknown id", lambda: afterwards.check_swaps(files, outcome, swaps(row), {}))  # without the calls the reserve has no team


def test_the_command_and_the_single_file_check_calls_and_swaps(tmp_path: Path) -> None:
    files, _ = drawn(NUMBER)
    object_, seat, now, (who, *_) = movable()
    good = ("1", object_, str(seat), now, "illness", who, AT)
    (tmp_path / "b.zip").write_bytes(bundle.build(files))
    (tmp_path / "calls.tsv").write_bytes(calls(first_call(NUMBER)))
    (tmp_path / "good.tsv").write_bytes(swaps(good))
    (tmp_path / "bad.tsv").write_bytes(swaps((*good[:5], "OUTSIDER", AT)))
    single = Path(__file__).parents[2] / "inspection" / "static" / "draw" / "verify.py"
    for start in ([sys.executable, "-m", "sampling", "verify"], [sys.executable, "-I", str(single)]):
        run = lambda name, start=start: subprocess.run(  # noqa: E731
            [*start, str(tmp_path / "b.zip"), "--calls", str(tmp_path / "calls.tsv"), "--swaps", str(tmp_path / name)], capture_output=True, text=True
        )
        done = run("good.tsv")
        assert done.returncode == 0 and "calls       1 in rank order" in done.stdout and "swaps       1 by the rules" in done.stdout, done.stderr
        done = run("bad.tsv")
        assert (done.returncode, done.stdout.split("  ")[0]) == (1, "DIFFERENCE swaps.tsv:2 unknown id")


# --- the browser ------------------------------------------------------------------------------------------------------


def said(number: str, called: bytes, swapped: bytes) -> str:
    """What the command says of both tables."""
    files, outcome = drawn(number)
    try:
        afterwards.check_swaps(files, outcome, swapped, afterwards.check_calls(files, outcome, called))
    except Difference as error:
        return f"DIFFERENCE {error.file}{'' if error.line is None else f':{error.line}'} {error.check}"
    return str(BUNDLES[number]["verify"])


@needs_node
def test_the_browser_has_the_same_first_difference_on_every_pair_and_every_damage(tmp_path: Path) -> None:
    dice, cases, expected = random.Random(9), [], {}

    def ask(number: str, called: bytes, swapped: bytes) -> None:
        name = str(len(cases))
        more = {"calls": base64.b64encode(called).decode(), "swaps": base64.b64encode(swapped).decode()}
        cases.append(case(name, files_of(BUNDLES[number]), **more))
        expected[name] = said(number, called, swapped)

    for number in (NUMBER, "2026-003", "2026-009", "2026-001"):
        files, outcome = drawn(number)
        people = [cells[0] for cells in frame.rows(files["inspectors.tsv"])]
        good = first_call(number)
        for _ in range(60):
            row = dice.choice(outcome.teams)
            one = ("1", row.object, str(row.seat), row.inspector, "illness", dice.choice([*people, "OUTSIDER"]), AT)
            two = ("2", row.object, str(row.seat), one[5], "conflict", dice.choice(people), AT)
            ask(number, calls(good), swaps(one, two))
        for change, _check in WRONG_CALLS:
            ask(number, calls(change(good)), swaps())
        for _ in range(60):
            torn = damaged({"calls": calls(good), "swaps": swaps(one)}, dice)
            ask(number, torn["calls"], torn["swaps"])
    answers = in_node(cases, tmp_path)
    assert {name: answers[name] for name in expected} == expected
    assert len(set(expected.values())) >= 15 and any(text.startswith("OK") for text in expected.values())
