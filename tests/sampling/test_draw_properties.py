"""What other systems got wrong in their draws, tested here: equal chances, exact sizes, pairs, replays."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from sampling import bundle, draw, frame, teams
from sampling.frame import Difference, Inspector, Unit

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent.parent / "golden" / "draw_vectors.json").read_text(encoding="utf-8"))
IDS = st.lists(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=1, max_size=18), min_size=1, max_size=30, unique=True)


def seed_of(n: int) -> str:
    return hashlib.sha256(f"property {n}".encode()).hexdigest()


def within(counts: Counter[Any], keys: list[Any], trials: int, p: float) -> None:
    """Every count within five standard deviations of its expectation."""
    sigma = math.sqrt(trials * p * (1 - p))
    worst = max(abs(counts[key] - trials * p) for key in keys)
    assert worst <= 5 * sigma, (worst, sigma)


def test_every_one_of_299_has_the_same_chance_wherever_it_stands() -> None:
    ids, trials = [f"{n:03d}" for n in range(299)], 1500
    counts: Counter[str] = Counter()
    for k in range(trials):
        counts.update(id_ for _, id_ in draw.rank_srs(seed_of(k), ids)[:100])
    within(counts, ids, trials, 100 / 299)


def test_over_two_thousand_seeds_units_and_pairs_are_drawn_as_simple_random_sampling_says() -> None:
    """Chi-square over the strata of a tilted draw, p > 0.001; every pair of one stratum with its joint probability."""
    trials, rule = 2000, {"A": (50, 2), "B": (25, 4), "D": (12, 4)}
    counts: Counter[str] = Counter()
    pairs: Counter[tuple[str, ...]] = Counter()
    for k in range(trials):
        for name, (population, n) in rule.items():
            units = ((f"{name}{i:02d}", 1) for i in range(population))
            chosen = sorted(row.id for row in draw.select_stratum(seed_of(k), name, draw.Stratum("srs", n, population), units))
            counts.update(chosen)
            if name == "D":
                pairs.update(combinations(chosen, 2))
    for name, (population, n) in rule.items():
        ids, expected = [f"{name}{i:02d}" for i in range(population)], trials * n / population
        within(counts, ids, trials, n / population)
        # of a fixed number drawn each time the counts vary less than binomial ones: by 1 - n/N, and their sum is fixed
        square = sum((counts[i] - expected) ** 2 for i in ids) / expected / (1 - n / population) * (population - 1) / population
        assert chi2.sf(square, population - 1) > 0.001, (name, square)
    within(pairs, list(combinations([f"D{i:02d}" for i in range(12)], 2)), trials, 4 * 3 / (12 * 11))


@pytest.mark.parametrize("population", [4999, 5000, 5001, 10001])
def test_the_size_is_exact_and_nobody_is_drawn_twice(population: int) -> None:
    ids = [f"{n:05d}" for n in range(population)]
    rule = draw.Stratum("srs", 600, population, 60)
    chosen = draw.select_stratum(seed_of(population), "A", rule, ((i, 1) for i in ids))
    assert len({row.id for row in chosen}) == 660 and [row.rank for row in chosen] == list(range(1, 661))
    assert Counter(row.role for row in chosen) == {"selected": 600, "reserve": 60}
    more = draw.select_stratum(seed_of(population), "A", draw.Stratum("srs", 650, population), ((i, 1) for i in reversed(ids)))
    assert [row.id for row in more[:600]] == [row.id for row in chosen[:600]]  # more is a superset; the order of the rows is nothing


def test_every_pair_of_ten_inspectors_meets_equally_often() -> None:
    people = [Inspector(f"P{n}", "U") for n in range(10)]
    pairs: Counter[frozenset[str]] = Counter()
    trials = 4500
    for k in range(trials):
        first, second = teams.Roster(seed_of(k), people, (), [teams.Seat(), teams.Seat()]).serve("OBJECT", "", ())
        pairs[frozenset((first.inspector, second.inspector))] += 1
    within(pairs, [frozenset(pair) for pair in combinations([p.id for p in people], 2)], trials, 1 / 45)


def test_two_different_people_always_even_of_five() -> None:
    people = [Inspector(f"P{n}", "U") for n in range(5)]
    for k in range(20):
        made = teams.assign(seed_of(k), [teams.Served(draw.ticket(seed_of(k), f"O{n}"), f"O{n}") for n in range(100)], people, (), [teams.Seat(), teams.Seat()])
        seats = Counter((row.object, row.inspector) for row in made)
        assert len(made) == 200 and set(seats.values()) == {1}
        loads = Counter(row.inspector for row in made)
        assert max(loads.values()) - min(loads.values()) <= 1


@settings(max_examples=60, deadline=None)
@given(IDS, st.randoms(use_true_random=False), st.integers(0, 2**32))
def test_the_order_of_the_register_changes_neither_the_frame_nor_the_draw(ids: list[str], random: Any, number: int) -> None:
    units = [Unit(id_, "A") for id_ in ids]
    shuffled = random.sample(units, len(units))
    assert frame.write_frame(units) == frame.write_frame(shuffled)
    rule = {"A": draw.Stratum("srs", (len(ids) + 1) // 2, len(ids))}
    first = draw.select(seed_of(number), rule, units)
    assert first == draw.select(seed_of(number), rule, shuffled) and len(first) == (len(ids) + 1) // 2
    left = [row.id for row in first]
    if others := [u for u in units if u.id not in left]:
        fewer = {"A": draw.Stratum("srs", len(left), len(ids) - 1)}
        assert draw.select(seed_of(number), fewer, [u for u in units if u.id != others[0].id]) == first  # one unselected unit less


@settings(max_examples=60, deadline=None)
@given(IDS, st.data())
def test_a_frame_refuses_a_code_twice_or_in_another_width(ids: list[str], data: st.DataObject) -> None:
    again = data.draw(st.sampled_from(ids))
    with pytest.raises(Difference) as caught:
        frame.write_frame([*(Unit(id_, "A") for id_ in ids), Unit(again, "A", status="CAP")])
    assert caught.value.check == "order"
    wide = "".join(chr(ord(c) + 0xFEE0) for c in again)
    for wrong in (wide, f"{again} ", f"\u200b{again}", "", "9" * 65, f"{again}\t", f"{again}\n"):
        with pytest.raises(Difference):
            frame.write_frame([Unit(wrong, "A")])


def _files(number: str) -> dict[str, bytes]:
    vector = next(v for v in VECTORS["bundles"] if v["name"] == number)
    return {name: text.encode() for name, text in vector["files"].items()}


def test_an_archive_behind_another_archive_is_not_a_bundle() -> None:
    data = bundle.build(_files(VECTORS["bundles"][0]["name"]))
    with pytest.raises(bundle.NotABundle):
        bundle.unpack(data + data)
