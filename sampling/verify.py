"""Verification 核验: rebuild a draw from its published bundle, or name the first thing that differs (section 7).

Standard library only; `check_bundle` for programs, `main` for the command line. Exit codes: 0 the same draw, 1 a difference,
2 not a bundle.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sampling import afterwards, bundle, frame, seed
from sampling.bundle import NotABundle, Outcome
from sampling.frame import Difference


@dataclass(frozen=True, slots=True)
class Verified:
    """核验通过: what the bundle says, rebuilt."""

    number: str
    commitment: str
    sources: list[dict[str, Any]]
    public_value: str
    outcome: Outcome
    strata: list[tuple[str, int, dict[str, int], int, str]]  # name, population, excluded by reason, n, probability

    @property
    def line(self) -> str:
        """The first line that the command prints."""
        n_teams = len({row.object for row in self.outcome.teams})
        return (
            f"OK  draw {self.number}  {self.outcome.n_selected} selected  {self.outcome.n_reserve} reserve  "
            f"{n_teams} teams  {self.outcome.n_unfilled} unfilled"
        )


def check_bundle(data: bytes, commitment: str | None = None) -> Verified:
    """Verify the bytes of a bundle.

    Parameters
    ----------
    commitment : digest of the commitment obtained elsewhere, compared when given.

    Raises
    ------
    NotABundle, Difference
    """
    return check_files(bundle.unpack(data), commitment)


def check_files(files: Mapping[str, bytes], commitment: str | None = None) -> Verified:
    """Verify the eight files, in the order of the protocol; stops at the first difference."""
    rule, promised, revealed = (seed.read_json(name, files[name]) for name in bundle.FILES[:3])
    for name in (*bundle.TABLES, "selection.tsv", "teams.tsv"):
        frame.check_table(name, files[name])
    bundle.check_conflicts(files)
    for name in ("frame.tsv", "inspectors.tsv", "conflicts.tsv", "rule.json"):
        if frame.digest(files[name]) != promised["files"][name]:
            raise Difference(name, None, "digest")
    bundle.check_rule(rule, files["frame.tsv"])
    if (rule["protocol"], rule["draw"]) != (promised["protocol"], promised["draw"]):
        raise Difference("commitment.json", None, "protocol or draw")
    own = frame.digest(files["commitment.json"])
    if commitment is not None and own != commitment.strip().lower():
        raise Difference("commitment.json", None, "digest", f"{own} 与另行取得的承诺摘要不同")
    seed.check_reveal(promised, own, revealed)
    s = seed.seed(own, revealed["secret"], revealed["public_value"])
    outcome = Outcome(s, *bundle.run_with(s, rule, files))
    for name, expected in outcome.files().items():
        _compare(name, files[name], expected)
    return Verified(rule["draw"], own, promised["public_sources"], revealed["public_value"], outcome, _strata(rule, files))


def _compare(name: str, given: bytes, expected: bytes) -> None:
    """The published table against the rebuilt one: first line that differs, then the length."""
    theirs, ours = given.decode().split("\n"), expected.decode().split("\n")
    for line, (a, b) in enumerate(zip(theirs[:-1], ours[:-1], strict=False), 1):
        if a != b:
            raise Difference(name, line, "differs", b.replace("\t", " "))
    if len(theirs) != len(ours):
        raise Difference(name, None, "length", str(len(ours) - 2))


def _strata(rule: Mapping[str, Any], files: Mapping[str, bytes]) -> list[tuple[str, int, dict[str, int], int, str]]:
    excluded: dict[str, dict[str, int]] = {name: {} for name in rule["strata"]}
    for cells in frame.rows(files["frame.tsv"]):
        if cells[3] != "ok":
            counts = excluded[cells[1]]
            counts[cells[3]] = counts.get(cells[3], 0) + 1
    result = []
    for name in sorted(rule["strata"], key=str.encode):
        member = rule["strata"][name]
        chance = f"{member['n']}/{member['population']}" if member["method"] == "srs" else "∝ weight"
        result.append((name, member["population"], dict(sorted(excluded[name].items())), member["n"], chance))
    return result


# --- the command ------------------------------------------------------------------------------------------------------

USAGE = "用法 usage: verify BUNDLE.zip [--commitment DIGEST] [--calls calls.tsv] [--swaps swaps.tsv] [--json]"


def main(arguments: Sequence[str]) -> int:
    """The command; prints what it found and gives the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a console of another code page still shows every digest
    paths, options = _options(list(arguments))
    if paths is None or len(paths) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        files = bundle.unpack(Path(paths[0]).read_bytes())
    except (NotABundle, OSError) as error:
        print(f"NOT A BUNDLE  {error}")
        return 2
    try:
        found = check_files(files, options.get("commitment"))
        after = _afterwards(files, found.outcome, options)
    except Difference as error:
        print(json.dumps({"ok": False, "file": error.file, "line": error.line, "check": error.check}) if "json" in options else f"DIFFERENCE {error}")
        return 1
    except OSError as error:
        print(f"{error}", file=sys.stderr)
        return 2
    _print(found, after, as_json="json" in options)
    return 0


def _afterwards(files: Mapping[str, bytes], outcome: Outcome, options: Mapping[str, str]) -> dict[str, int | None]:
    """How many calls and swaps were checked; None for what was not asked."""
    called = afterwards.check_calls(files, outcome, Path(options["calls"]).read_bytes()) if "calls" in options else None
    n_swaps = afterwards.check_swaps(files, outcome, Path(options["swaps"]).read_bytes(), called or {}) if "swaps" in options else None
    return {"calls": None if called is None else len(called), "swaps": n_swaps}


def _options(arguments: list[str]) -> tuple[list[str] | None, dict[str, str]]:
    paths: list[str] = []
    options: dict[str, str] = {}
    while arguments:
        word = arguments.pop(0)
        if word == "--json":
            options["json"] = "1"
        elif word in ("--commitment", "--calls", "--swaps") and arguments:
            options[word[2:]] = arguments.pop(0)
        elif word.startswith("--"):
            return None, {}
        else:
            paths.append(word)
    return paths, options


def _print(found: Verified, after: Mapping[str, int | None], *, as_json: bool) -> None:
    if as_json:
        print(
            json.dumps(
                {
                    "ok": True,
                    "draw": found.number,
                    "commitment": found.commitment,
                    "seed": found.outcome.seed,
                    "public_value": found.public_value,
                    "selected": found.outcome.n_selected,
                    "reserve": found.outcome.n_reserve,
                    "unfilled": found.outcome.n_unfilled,
                    **after,
                },
                ensure_ascii=False,
            )
        )
        return
    print(found.line)
    print(f"commitment  {found.commitment}")
    for source in found.sources:
        print(f"source      {source['name']} {source['issue']} {source['drawn_at']}")
    print(f"value       {found.public_value}")
    print(f"S           {found.outcome.seed}")
    for name, population, excluded, n, chance in found.strata:
        left_out = " ".join(f"{code} {count}" for code, count in excluded.items()) or "0"
        print(f"stratum     {name}  population {population}  excluded {left_out}  n {n}  probability {chance}")
    if after["calls"] is not None:
        print(f"calls       {after['calls']} in rank order")
    if after["swaps"] is not None:
        print(f"swaps       {after['swaps']} by the rules of their seats")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
