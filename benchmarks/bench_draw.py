"""The draw at a million units: ranking against the bare loop, verifying a bundle, importing without numpy.

Run: python benchmarks/bench_draw.py [units]. CPU seconds, best of three for the ranking; the peer is what anyone would write
with hashlib: one digest of the whole text per id, then a sort. Verification runs in a process of its own, whose peak memory is
that of the whole command.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sampling import bundle, draw, frame, seed
from sampling.draw import Stratum
from sampling.frame import Inspector, Unit
from sampling.teams import Seat

S = hashlib.sha256(b"benchmark").hexdigest()


def best(work: Callable[[], object], times: int = 3) -> float:
    spent = []
    for _ in range(times):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def ranking(ids: list[str]) -> None:
    bare = best(lambda: sorted((hashlib.sha256(f"{S}:o:{i}".encode()).hexdigest(), i) for i in ids))
    full = best(lambda: draw.rank_srs(S, ids))
    some = best(lambda: draw.select_stratum(S, "A", Stratum("srs", len(ids) // 100, len(ids)), ((i, 1) for i in ids)))
    print(f"ranking {len(ids):,} ids        bare hashlib loop + sort {bare:6.2f} s   rank_srs {full:6.2f} s   ratio {full / bare:4.2f} (goal ≤ 1.5)")
    print(f"selecting the first 1 %                                     select   {some:6.2f} s   ratio {some / bare:4.2f}")


def made(n: int, method: str) -> bytes:
    """A bundle of n units in four strata, one in a hundred selected, teams of two out of 400 inspectors."""
    secret = hashlib.sha256(b"secret").hexdigest()
    units = [Unit(f"91330106MA{k:08d}", "ABCD"[k % 4], 1 if method == "srs" else k % 97 + 1, "ok", f"3301{k % 13:02d}") for k in range(n)]
    populations = {name: len(range(k, n, 4)) for k, name in enumerate("ABCD")}
    strata = {name: Stratum(method, size // 100, size, size // 1000) for name, size in populations.items()}
    people = [Inspector(f"P{k:04d}", "ABC"[k % 3], ("*",), (), k % 5, k % 2 == 0) for k in range(400)]
    files = {
        "frame.tsv": frame.write_frame(units),
        "inspectors.tsv": frame.write_inspectors(people),
        "conflicts.tsv": frame.write_conflicts([(f"P{k:04d}", units[k * 7].id) for k in range(min(400, n // 7))]),
        "rule.json": bundle.rule_bytes(
            authority="市场监督管理局", draw_number="2026-001", title="大规模抽取", seats=[Seat(lead=True), Seat(other_unit=True)], strata=strata
        ),
    }
    source = {"drawn_at": "2026-03-02T21:30:00+08:00", "form": "digits", "issue": "1", "length": 20, "name": "骰子"}
    commitment = seed.make_commitment(
        draw="2026-001", files=files, previous="", public_sources=[source], committed_at="2026-03-01T09:00:00+08:00",
        reveal_not_before="2026-03-02T22:00:00+08:00", reveal_by="2026-03-03T22:00:00+08:00", secret=secret,
    )
    reveal = seed.make_reveal(
        commitment, secret=secret, public_value="12345678901234567890", revealed_at="2026-03-03T09:00:00+08:00", witnesses=["甲", "乙"]
    )
    outcome = bundle.run(files, commitment, reveal)
    return bundle.build({**files, "commitment.json": commitment, "reveal.json": reveal, **outcome.files()})


MEASURE = """
import sys, time
start = time.process_time()
from sampling import verify
code = verify.main(sys.argv[1:])
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))  # ru_maxrss would include the parent
print(f"PEAK {peak // 1024} CPU {time.process_time() - start:.1f}")
sys.exit(code)
"""


def verifying(n: int, method: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.zip"
        subprocess.run([sys.executable, __file__, "--make", str(path), str(n), method], check=True)
        done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True)
        lines = done.stdout.splitlines()
        peak, cpu = lines[-1].split()[1::2]
        print(f"verifying {n:,} units ({method})   {path.stat().st_size / 2**20:5.1f} MB   {float(cpu):5.1f} s CPU   peak {peak} MB (goal < 300)   {lines[0]}")


def importing() -> None:
    code = "import sys, time; t = time.perf_counter(); import sampling.draw, sampling.teams, sampling.verify; "
    code += "print(f'{(time.perf_counter() - t) * 1000:.0f} ms', 'numpy' in sys.modules, 'scipy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    print(f"import of draw, teams, verify    {found[0]} ms   numpy loaded: {found[2]}   scipy loaded: {found[3]}")


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--make"]:
        Path(arguments[1]).write_bytes(made(int(arguments[2]), arguments[3]))
        return
    n = int(arguments[0]) if arguments else 1_000_000
    ranking([f"{i:018d}" for i in range(n)])
    for method in ("srs", "pareto"):
        verifying(n, method)
    importing()


if __name__ == "__main__":
    main(sys.argv[1:])
