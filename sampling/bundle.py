"""The bundle 抽取包: eight files in one ZIP, byte for byte the same wherever it is built. Standard library only.

How an application uses the protocol, in order::

    files = {"frame.tsv": write_frame(units), "inspectors.tsv": …, "conflicts.tsv": …, "rule.json": rule_bytes(…)}
    check(files)                                   # everything that can be checked before the commitment
    commitment = seed.make_commitment(…, files=files, secret=secret)      # publish at once
    reveal = seed.make_reveal(commitment, secret=…, public_value=…, …)    # after the announced moment
    outcome = run(files, commitment, reveal)       # selection and teams
    data = build({**files, "commitment.json": commitment, "reveal.json": reveal, **outcome.files()})
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sampling import draw, frame, seed, teams
from sampling.frame import Difference

FILES = (
    "rule.json",
    "commitment.json",
    "reveal.json",
    "frame.tsv",
    "inspectors.tsv",
    "conflicts.tsv",
    "selection.tsv",
    "teams.tsv",
)
TABLES = ("frame.tsv", "inspectors.tsv", "conflicts.tsv")
MAX_UNPACKED = 4 * 2**30


class NotABundle(ValueError):
    """The file is not a bundle at all: not a ZIP of exactly these eight files."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a draw gives: selection and teams, and the seed."""

    seed: str
    selection: list[draw.Chosen]
    teams: list[teams.Filled]

    def files(self) -> dict[str, bytes]:
        """selection.tsv and teams.tsv."""
        return {
            "selection.tsv": table_bytes("selection.tsv", [row.cells() for row in self.selection]),
            "teams.tsv": table_bytes("teams.tsv", [row.cells() for row in self.teams]),
        }

    @property
    def n_selected(self) -> int:
        return sum(row.role == "selected" for row in self.selection)

    @property
    def n_reserve(self) -> int:
        return len(self.selection) - self.n_selected

    @property
    def n_unfilled(self) -> int:
        return sum(not row.inspector for row in self.teams)


def table_bytes(name: str, rows: Sequence[Sequence[str]]) -> bytes:
    """A table whose rows are already in order."""
    return "".join("\t".join(row) + "\n" for row in (frame.HEADERS[name], *rows)).encode()


def rule_bytes(
    *, authority: str, draw_number: str, title: str, seats: Sequence[teams.Seat], strata: Mapping[str, draw.Stratum]
) -> bytes:
    """rule.json, checked for its members and its seats."""
    data = seed.canonical(
        {
            "authority": authority,
            "draw": draw_number,
            "protocol": frame.PROTOCOL,
            "seats": [seat.member() for seat in seats],
            "strata": {name: stratum.member() for name, stratum in strata.items()},
            "title": title,
        }
    )
    seed.read_json("rule.json", data)
    teams.check_seats(seats)
    return data


def check(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Everything that can be checked before the commitment: tables, known ids, rule; gives the rule."""
    rule = seed.read_json("rule.json", files["rule.json"])
    for name in TABLES:
        frame.check_table(name, files[name])
    check_conflicts(files)
    check_rule(rule, files["frame.tsv"])
    return rule


def check_conflicts(files: Mapping[str, bytes]) -> None:
    """Every inspector and object of conflicts.tsv stands in its table."""
    pairs = list(frame.numbered_rows(files["conflicts.tsv"]))
    if not pairs:
        return
    known_inspectors = {cells[0] for cells in frame.rows(files["inspectors.tsv"])}
    wanted = {cells[1] for _, cells in pairs}
    known_objects = {cells[0] for cells in frame.rows(files["frame.tsv"]) if cells[0] in wanted}
    for line, (inspector, object_) in pairs:
        if inspector not in known_inspectors or object_ not in known_objects:
            raise Difference("conflicts.tsv", line, "unknown id")


def check_rule(rule: Mapping[str, Any], frame_data: bytes) -> None:
    """The strata of the rule against the frame, then the seats."""
    populations: dict[str, int] = {}
    weighted: set[str] = set()
    for cells in frame.rows(frame_data):
        populations[cells[1]] = populations.get(cells[1], 0) + (cells[3] == "ok")
        if cells[2] != "1":
            weighted.add(cells[1])
    draw.check_strata({name: draw.Stratum.of(member) for name, member in rule["strata"].items()}, populations, weighted)
    teams.check_seats([teams.Seat.of(member) for member in rule["seats"]])


def run(files: Mapping[str, bytes], commitment: bytes, reveal: bytes, watch: frame.Watch | None = None) -> Outcome:
    """Selection and teams of a committed and revealed draw; the files were checked."""
    revealed = seed.read_json("reveal.json", reveal)
    s = seed.seed(frame.digest(commitment), revealed["secret"], revealed["public_value"])
    rule = seed.read_json("rule.json", files["rule.json"])
    return Outcome(s, *run_with(s, rule, files, watch))


def run_with(
    s: str, rule: Mapping[str, Any], files: Mapping[str, bytes], watch: frame.Watch | None = None
) -> tuple[list[draw.Chosen], list[teams.Filled]]:
    """Selection and teams under a seed (a marked dummy one for the planner's rehearsal)."""
    strata = {name: draw.Stratum.of(member) for name, member in rule["strata"].items()}
    weights = _weights(strata, files["frame.tsv"])
    firsts = {name: draw.First(s, stratum, weights.get(name)) for name, stratum in strata.items()}
    for cells in frame.watched(frame.rows(files["frame.tsv"]), "tickets", 20_000, watch):
        if cells[3] == "ok":
            firsts[cells[1]].add(cells[0], int(cells[2]))
    selection = [row for name in sorted(strata, key=str.encode) for row in draw.chosen(name, strata[name], firsts.pop(name))]
    seats = [teams.Seat.of(member) for member in rule["seats"]]
    return selection, teams.assign(s, served(selection, files), *roster_of(files), seats, watch)


def _weights(strata: Mapping[str, draw.Stratum], frame_data: bytes) -> dict[str, Counter[int]]:
    """Eligible units by weight, of the strata that are drawn by weight."""
    counts: dict[str, Counter[int]] = {name: Counter() for name, stratum in strata.items() if stratum.method == "pareto"}
    if counts:
        for cells in frame.rows(frame_data):
            if cells[3] == "ok" and cells[1] in counts:
                counts[cells[1]][int(cells[2])] += 1
    return counts


def served(selection: Sequence[draw.Chosen], files: Mapping[str, bytes]) -> list[teams.Served]:
    """The selected objects with what their teams need."""
    wanted = {row.id: row.ticket for row in selection if row.role == "selected"}
    result = []
    for cells in frame.rows(files["frame.tsv"]):
        if cells[0] in wanted:
            unit = frame.unit_of(cells)
            result.append(teams.Served(wanted[unit.id], unit.id, unit.area, unit.needs))
    return result


def roster_of(files: Mapping[str, bytes]) -> tuple[list[frame.Inspector], list[tuple[str, str]]]:
    """Inspectors and conflicts of a bundle."""
    people = [frame.inspector_of(cells) for cells in frame.rows(files["inspectors.tsv"])]
    return people, [(cells[0], cells[1]) for cells in frame.rows(files["conflicts.tsv"])]


def build(files: Mapping[str, bytes]) -> bytes:
    """The ZIP: fixed order, fixed times, deflated at a fixed level."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in FILES:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(info, files[name])
    return out.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The eight files of a bundle.

    Raises
    ------
    NotABundle : anything else than a ZIP of exactly these files, with nothing around it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _check_archive(archive, infos, data)
            return {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zipfile.LargeZipFile) as error:
        raise NotABundle(str(error) or type(error).__name__) from None
    except Exception as error:  # zlib.error and whatever else a damaged archive makes the reader say
        raise NotABundle(f"{type(error).__name__}: {error}") from None


def _check_archive(archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo], data: bytes) -> None:
    if sorted(info.filename for info in infos) != sorted(FILES):
        raise NotABundle("文件清单不符：应恰为 " + " ".join(FILES))
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise NotABundle("只接受存储或 deflate 压缩")
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise NotABundle("解压后超过 4 GiB")
    if archive.comment or data[:4] != b"PK\x03\x04" or data[-22:-18] != b"PK\x05\x06" or min(info.header_offset for info in infos):
        raise NotABundle("ZIP 前后或注释中有多余内容")
