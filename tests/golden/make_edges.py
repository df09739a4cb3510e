"""Reference cases at the edges of the contracts, by enumeration and exact fractions; the library and numpy take no part.

`python tests/golden/make_edges.py` writes `edges.json` in the form of `statistics.json`; `check.py` runs it.
"""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from math import ceil, comb, floor
from pathlib import Path
from typing import Any

EXACT, CLOSE = {"exact": True}, {"abs": 1e-9, "rel": 1e-7}
CASES: list[dict[str, Any]] = []


def case(function: str, inputs: dict[str, Any], expected: dict[str, Any], source: str, tolerance: dict[str, Any] = CLOSE) -> None:
    number = sum(known["function"] == function for known in CASES) + 1
    CASES.append({
        "id": f"{function}-e{number:03d}", "function": function, "inputs": inputs, "expected": expected, "tolerance": tolerance, "source": source,
    })


def refused(function: str, **inputs: Any) -> None:
    case(function, inputs, {"error": True}, "invalid or infeasible input: an error, never a number", EXACT)


def at_least(x: int, D: int, n: int, N: int) -> Fraction:
    return Fraction(sum(comb(D, i) * comb(N - D, n - i) for i in range(x, min(n, D) + 1) if n - i <= N - D), comb(N, n))


def rosters() -> None:
    """Every sample of rosters up to 7, where tails often equal α exactly; and one unit out of ten million."""
    source = "enumeration in exact fractions: D_lower = min{D : P(X >= x | D) > alpha'}, D_upper = max{D : P(X <= x | D) > alpha'}"
    for N in range(1, 8):
        for n, conf in product(range(1, N + 1), (0.95, 0.9, 0.8)):
            for x in range(n + 1):
                half = (1 - Fraction(str(conf))) / 2
                possible = range(x, N - n + x + 1)
                low = min(D for D in possible if at_least(x, D, n, N) > half)
                high = max(D for D in possible if 1 - at_least(x + 1, D, n, N) > half)
                inputs = {"x": x, "n": n, "N": N, "conf": conf, "side": "two-sided"}
                case("ci_hypergeometric", inputs, {"D_lower": low, "D_upper": high, "p_lower": low / N, "p_upper": high / N}, source)
    tie = "P(X >= 1 | D) = D/N, equal to alpha' at D = 250 000 and above it from the next unit on"
    case("ci_hypergeometric", {"x": 1, "n": 1, "N": 10**7, "conf": 0.95, "side": "two-sided"}, {"D_lower": 250_001, "D_upper": 10**7}, tie)
    case("ci_hypergeometric", {"x": 1, "n": 1, "N": 10**7, "conf": 0.95, "side": "lower"}, {"D_lower": 500_001}, tie)
    case("ci_hypergeometric", {"x": 1, "n": 1, "N": 10**7, "conf": 0.95}, {"D_lower": 250_001}, tie + "; side left out: two-sided")
    refused("ci_hypergeometric", x=1, n=1, N=0, conf=0.95, side="lower")


def seats() -> None:
    """Divisor methods one seat after the other in exact fractions; whole numbers may be written as floats."""
    def given_out(weights: list[int], total: int, squared_priority: Any) -> list[int]:
        result = [0] * len(weights)
        for _ in range(total):
            best = max(range(len(weights)), key=lambda i: (*squared_priority(weights[i], result[i]), weights[i], -i))
            result[best] += 1
        return result

    rules = {
        "webster": lambda w, s: (0, Fraction(w, 2 * s + 1)), "jefferson": lambda w, s: (0, Fraction(w, s + 1)),
        "huntington-hill": lambda w, s: (0, Fraction(w * w, s * (s + 1))) if s else (1, Fraction(w)),
    }
    tables = ([1, 1, 1, 1], [3, 3, 2], [60, 60, 20], [9_061_000, 7_179, 5_259, 3_319, 1_182], [1, 1, 10**7], [7, 5, 5, 5, 3, 3, 1])
    for weights, total, (method, rule) in product(tables, (0, 1, 7, 100), rules.items()):
        names = [f"w{i}" for i in range(len(weights))]
        expected = {"seats": dict(zip(names, given_out(weights, total, rule), strict=True))}
        source = "one seat after the other to the highest priority in exact fractions; ties to the larger weight, then the earlier place"
        case("apportion", {"weights": dict(zip(names, weights, strict=True)), "total": total, "method": method}, expected, source, EXACT)
    floats = {"weights": {"a": 60.0, "b": 60.0, "c": 20.0}, "total": 10.0, "method": "hamilton"}
    case("apportion", floats, {"seats": {"a": 4, "b": 4, "c": 2}}, "quotas 4.29, 4.29, 1.43 by hand", EXACT)
    refused("apportion", weights={"a": 1}, total=1.5, method="webster")
    refused("apportion", weights={}, total=3, method="hamilton")


def allocations() -> None:
    """Best of all whole allocations by enumeration, with the continuous shares in exact fractions."""
    for N, S, n in (([5, 9, 4], [1, 2, 3], 9), ([2, 3, 2], [5, 1, 1], 6), ([12, 8], [0.1, 0.3], 11)):
        exact = [Fraction(str(s)) for s in S]
        options = [k for k in product(*(range(1, size + 1) for size in N)) if sum(k) == n]
        least = min(sum(Fraction(N[h] * (N[h] - k[h])) * exact[h] ** 2 / k[h] for h in range(len(N))) for k in options)
        whole = sum(size * s for size, s in zip(N, exact, strict=True))
        expected = {"continuous": [float(n * size * s / whole) for size, s in zip(N, exact, strict=True)], "integer_variance": float(least)}
        source = "enumeration of all allocations"
        case("neyman_allocation", {"N": N, "S": S, "n": n, "lower": None, "upper": None}, expected, source)
        case("neyman_allocation", {"N": [float(v) for v in N], "S": S, "n": float(n), "lower": None, "upper": None}, expected, source + "; whole numbers as floats")
    refused("neyman_allocation", N=[5, 5], S=[1, 1], n=8, lower=None, upper=[3, 3])
    refused("neyman_allocation", N=[5, 5], S=[1, 1], n=8, lower=None, upper=[9])
    for rows, columns in (([3.5, 1.5], [4.25, 0.75]), ([0.6, 0.4], [0.5, 0.5]), ([1, 2, 4], [7])):
        total = sum(rows)
        table = {"table": [[r * c / total for c in columns] for r in rows]}
        seed = [[1] * len(columns) for _ in rows]
        case("rake_table", {"seed": seed, "row_totals": rows, "col_totals": columns}, table, "product of the margins: a seed of ones is independence")
    refused("rake_table", seed=[[1, 0], [0, 1]], row_totals=[3, 1], col_totals=[1, 3])
    refused("rake_table", seed=[[1, 0, 0], [1, 0, 0], [1, 1, 1]], row_totals=[2, 2, 1], col_totals=[3, 1, 1])


def others() -> None:
    for x, n, n_eff, df, flags in ((60, 60, 20, 20, ["P0"]), (0, 60, 29.9, 5, ["Pdf", "P0"]), (20, 20, 20, 20, ["Px"]), (50, 100, 25, 20, ["Px"])):
        source = "rules of NCHS Series 2 no. 175 as coded in R surveytable .lpe_percents: at 0 and 100 % n_eff := n and the width is 0"
        case("nchs_presentation", {"x": x, "n": n, "n_eff": n_eff, "df": df}, {"flags": flags}, source, EXACT)
    certain = {"target": 0.98, "conf": 0.95, "true_rate": 1.0, "power": 0.8}
    case("sample_size_demonstrate_power", certain, {"n": 149, "max_failures": 0}, "0.98^148 > 0.05 >= 0.98^149, by hand", EXACT)
    for count in ([1, 2], [5]), ([1], [5, 5]):
        refused("p_chart", x=count[0], n=count[1])
        refused("test_homogeneity", x=count[0], n=count[1])
    refused("judge_target", x=98, n=100, target=0.98, conf=0.95, method="wilson")
    for n, decimals in product((3, 7, 800), (0, 1, 3)):
        for fail in range(0, n + 1, max(1, n // 9)):
            scaled = Fraction(fail * 100, n) * 10**decimals
            digits = str(floor(scaled + Fraction(1, 2))).zfill(decimals + 1)
            text = (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits) + "%"
            case("format_fail_rate", {"n": n, "fail": fail, "decimals": decimals}, {"text": text}, "ROUND_HALF_UP in exact fractions", EXACT)
    for x, n, target in product((49, 98, 100), (100,), (0.98, 0.49, 1.0)):
        expected = {"text": f"{x}.00%", "point_at_or_above": Fraction(x, n) >= Fraction(str(target))}
        case("format_and_compare", {"x": x, "n": n, "target": target}, expected, "by hand; decimals left out: 2", EXACT)
    for N, target in product((1, 3, 7, 13, 150, 60), (0.98, 0.95, 0.07, 1.0)):
        inputs = {"x": N, "n": N, "N": N, "target": target}
        required = ceil(Fraction(str(target)) * N)
        case("judge_target_finite", inputs, {"D_lower": N, "D_upper": N, "D_required": required, "verdict": "attained"}, "a census is its count", EXACT)
    item = {"item": "菌落总数", "initial": "fail", "reinspection": "pass"}
    for kind, failing in (("microbiological", 1), ("microbial", 1), ("微生物", 1), ("chemical", 0)):
        samples = [{"sample_no": "A1", "items": [{**item, "kind": kind}]}, {"sample_no": "A2", "purpose": "follow_up", "items": []}]
        expected = {"n": 1, "failing": failing, "pending": 0, "excluded": 1}
        case("resolve_outcomes", {"samples": samples}, expected, "rules R3 and R4", EXACT)


def main() -> None:
    for part in (rosters, seats, allocations, others):
        part()
    document = {"_meta": {"made_by": "tests/golden/make_edges.py", "n_cases": len(CASES)}, "datasets": {}, "cases": CASES}
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in CASES)
    text = json.dumps({**document, "cases": []}, ensure_ascii=False).replace('"cases": []', f'"cases": [\n{lines}\n]')
    (Path(__file__).parent / "edges.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
