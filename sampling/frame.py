"""The tables of a draw 抽取底册: units, inspectors and conflicts as exact bytes (protocol `hengjian-draw/1`, section 2).

Standard library only. A table is UTF-8 TSV: every line ended by one line feed, the header first, rows ascending by the bytes
of the key. `read_*` refuses the first thing that differs; `write_*` gives the one possible form.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sampling.characters import is_text
from sampling.errors import SamplingError

PROTOCOL = "hengjian-draw/1"
HEADERS = {
    "frame.tsv": ("id", "stratum", "weight", "status", "area", "needs"),
    "inspectors.tsv": ("id", "unit", "areas", "skills", "carried", "lead"),
    "conflicts.tsv": ("inspector", "object"),
    "selection.tsv": ("stratum", "rank", "id", "ticket", "role"),
    "teams.tsv": ("object", "seat", "inspector", "ticket"),
    "calls.tsv": ("seq", "stratum", "out_id", "reason", "in_id", "team", "called_at"),
    "swaps.tsv": ("seq", "object", "seat", "out_inspector", "reason", "in_inspector", "swapped_at"),
}
Watch = Callable[[str, int], None]  # told what is under way ("tickets", "teams") and how many rows are done
MAX_WEIGHT = MAX_CARRIED = 1_000_000
MAX_INTEGER = 2**53 - 1
TIME = re.compile(r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d\+08:00", re.ASCII)
_ID = re.compile(r"[0-9A-Za-z._%/-]{1,64}", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_INTEGER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


class Difference(SamplingError):
    """The first thing in a bundle that is not as the protocol has it: the file, the line, the name of the check.

    >>> str(Difference("frame.tsv", 3, "order"))
    'frame.tsv:3 order'
    """

    def __init__(self, file: str, line: int | None, check: str, note: str = "") -> None:
        self.file, self.line, self.check, self.note = file, line, check, note
        super().__init__(f"{file}{'' if line is None else f':{line}'} {check}{f'  {note}' if note else ''}")


# --- grammar ----------------------------------------------------------------------------------------------------------


def is_id(text: str) -> bool:
    """An id, an area, a skill, a stratum, a unit or a status.

    >>> is_id("91320900MA1X00001A"), is_id("亭湖区"), is_id("")
    (True, False, False)
    """
    return _ID.fullmatch(text) is not None


def is_digest(text: str) -> bool:
    """64 lower-case hexadecimal digits."""
    return _HEX.fullmatch(text) is not None


def is_integer(text: str, least: int = 0, most: int = MAX_INTEGER) -> bool:
    """Decimal digits without sign or leading zero, within bounds."""
    return _INTEGER.fullmatch(text) is not None and least <= int(text) <= most


def is_list(text: str) -> bool:
    """Ids separated by commas, ascending, without duplicates; empty for none."""
    parts = text.split(",") if text else []
    return all(map(is_id, parts)) and all(a < b for a, b in itertools.pairwise(parts))


def is_time(value: object) -> bool:
    """A moment exactly as `YYYY-MM-DDThh:mm:ss+08:00` on a real calendar day.

    >>> is_time("2026-11-20T09:00:00+08:00"), is_time("2026-02-30T09:00:00+08:00")
    (True, False)
    """
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def digest(data: bytes) -> str:
    """SHA-256 of the exact bytes, in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


# --- rows -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """检查对象 of the frame: `status` is "ok" or the code of the reason why it is left out."""

    id: str
    stratum: str
    weight: int = 1
    status: str = "ok"
    area: str = ""
    needs: tuple[str, ...] = ()

    def cells(self) -> tuple[str, ...]:
        return self.id, self.stratum, str(self.weight), self.status, self.area, ",".join(self.needs)


@dataclass(frozen=True, slots=True, order=True)
class Inspector:
    """检查人员 who may be assigned: `areas` is ("*",) for everywhere; `carried` visits of this year."""

    id: str
    unit: str
    areas: tuple[str, ...] = ("*",)
    skills: tuple[str, ...] = ()
    carried: int = 0
    lead: bool = False

    def cells(self) -> tuple[str, ...]:
        return self.id, self.unit, ",".join(self.areas), ",".join(self.skills), str(self.carried), "1" if self.lead else "0"


def _frame_cells(cells: Sequence[str]) -> bool:
    id_, stratum, weight, status, area, needs = cells
    return (
        is_id(id_)
        and is_id(stratum)
        and is_integer(weight, 1, MAX_WEIGHT)
        and is_id(status)
        and (not area or is_id(area))
        and is_list(needs)
    )


def _inspector_cells(cells: Sequence[str]) -> bool:
    id_, unit, areas, skills, carried, lead = cells
    return (
        is_id(id_)
        and is_id(unit)
        and (areas == "*" or (areas != "" and is_list(areas)))
        and is_list(skills)
        and is_integer(carried, 0, MAX_CARRIED)
        and lead in ("0", "1")
    )


def _selection_cells(cells: Sequence[str]) -> bool:
    stratum, rank, id_, ticket, role = cells
    return is_id(stratum) and is_integer(rank, 1) and is_id(id_) and is_digest(ticket) and role in ("selected", "reserve")


def _team_cells(cells: Sequence[str]) -> bool:
    object_, seat, inspector, ticket = cells
    filled = is_id(inspector) and is_digest(ticket)
    return is_id(object_) and is_integer(seat, 1, 8) and (filled or (inspector == "" and ticket in FILTERS))


def _call_cells(cells: Sequence[str]) -> bool:
    seq, stratum, out_id, reason, in_id, team, called_at = cells
    known = all(map(is_id, (stratum, out_id, reason, in_id)))
    members = team.split(",") if team else []
    return is_integer(seq, 1) and known and all(not m or is_id(m) for m in members) and is_time(called_at)


def _swap_cells(cells: Sequence[str]) -> bool:
    seq, object_, seat, out_, reason, in_, swapped_at = cells
    known = is_id(object_) and is_id(reason) and is_id(in_) and (not out_ or is_id(out_))
    return is_integer(seq, 1) and is_integer(seat, 1, 8) and known and is_time(swapped_at)


FILTERS = ("area", "skills", "conflict", "team", "lead", "unit", "other_unit")


def _text_key(*columns: int) -> Callable[[Sequence[str]], tuple[object, ...]]:
    return lambda cells: tuple(cells[i].encode() for i in columns)


def _number_key(*columns: int, number: int) -> Callable[[Sequence[str]], tuple[object, ...]]:
    def key(cells: Sequence[str]) -> tuple[object, ...]:
        text = cells[number]
        return (*(cells[i].encode() for i in columns), (int(text) if is_integer(text) else -1, text))

    return key


@dataclass(frozen=True, slots=True)
class _Form:
    """How one table is checked: grammar of a row, key of its order."""

    cells: Callable[[Sequence[str]], bool]
    key: Callable[[Sequence[str]], tuple[object, ...]] = field(default_factory=lambda: _text_key(0))


_FORMS = {
    "frame.tsv": _Form(_frame_cells),
    "inspectors.tsv": _Form(_inspector_cells),
    "conflicts.tsv": _Form(lambda cells: all(map(is_id, cells)), _text_key(0, 1)),
    "selection.tsv": _Form(_selection_cells, _number_key(0, number=1)),
    "teams.tsv": _Form(_team_cells, _number_key(0, number=1)),
    "calls.tsv": _Form(_call_cells, _number_key(number=0)),
    "swaps.tsv": _Form(_swap_cells, _number_key(number=0)),
}

_KEYED = ("frame.tsv", "inspectors.tsv")  # first cell an id, the key
MOST_KNOWN = 100_000

# --- reading ----------------------------------------------------------------------------------------------------------


def check_table(name: str, data: bytes) -> None:
    """Check one table completely: encoding, header, cells, text, order, grammar.

    Raises
    ------
    Difference : the first fault, with its line (the header is line 1).
    """
    text = _decoded(name, data)
    form, width = _FORMS[name], len(HEADERS[name])
    header = text.split("\n", 1)[0]
    if header != "\t".join(HEADERS[name]):
        raise Difference(name, 1, "header")
    if name not in _KEYED or not _sound(text, form, width):
        _check_rows(name, text, form, width)


def _check_rows(name: str, text: str, form: _Form, width: int) -> None:
    """Row by row: cells and text, then the order, then the grammar; raises the first fault."""
    for line, cells in _lines(text):
        if len(cells) != width:
            raise Difference(name, line, "cells")
        if not all(map(is_text, cells)):
            raise Difference(name, line, "text")
    last: tuple[object, ...] | None = None
    for line, cells in _lines(text):
        key = form.key(cells)
        if last is not None and not last < key:
            raise Difference(name, line, "order")
        last = key
    for line, cells in _lines(text):
        if not form.cells(cells):
            raise Difference(name, line, "cell")


def _sound(text: str, form: _Form, width: int) -> bool:
    """Whether all is well with a table whose key is its first cell; what stands behind the key repeats, and is judged once each."""
    known: dict[str, bool] = {}
    last, start = "", text.index("\n") + 1
    while start < len(text):
        end = text.index("\n", start)
        key, _, rest = text[start:end].partition("\t")
        if rest not in known:
            if len(known) >= MOST_KNOWN:
                known.clear()
            cells = [key, *rest.split("\t")]
            known[rest] = len(cells) == width and form.cells(cells) and all(map(is_text, cells))
        if not (known[rest] and last < key and is_id(key)):
            return False
        last, start = key, end + 1
    return True


def _decoded(name: str, data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise Difference(name, 1, "text", "byte order mark")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Difference(name, 1, "text", "not UTF-8") from None
    if not text.endswith("\n"):
        raise Difference(name, text.count("\n") + 1, "text", "no line feed at the end")
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row after the header, without a list of all rows."""
    start, line = text.index("\n") + 1, 2
    while start < len(text):
        end = text.index("\n", start)
        yield line, text[start:end].split("\t")
        start, line = end + 1, line + 1


def rows(data: bytes) -> Iterator[list[str]]:
    """Cells of every row of a table that was checked."""
    for _, cells in _lines(data.decode("utf-8")):
        yield cells


def numbered_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row of a table that was checked."""
    return _lines(data.decode("utf-8"))


def watched(given: Iterable[Any], what: str, every: int, watch: Watch | None) -> Iterator[Any]:
    """The rows as they come, with a word to who watches at every so many of them.

    >>> list(watched("abc", "letters", 2, print))
    letters 0
    letters 2
    ['a', 'b', 'c']
    """
    for number, row in enumerate(given):
        if watch is not None and number % every == 0:
            watch(what, number)
        yield row


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def unit_of(cells: Sequence[str]) -> Unit:
    """A row of `frame.tsv` as a value."""
    return Unit(cells[0], cells[1], int(cells[2]), cells[3], cells[4], _split(cells[5]))


def inspector_of(cells: Sequence[str]) -> Inspector:
    """A row of `inspectors.tsv` as a value."""
    return Inspector(cells[0], cells[1], _split(cells[2]), _split(cells[3]), int(cells[4]), cells[5] == "1")


# --- writing ----------------------------------------------------------------------------------------------------------


def write_table(name: str, cells: Iterable[Sequence[str]]) -> bytes:
    """A table in its one form: rows sorted by key, checked.

    Whole lines are sorted: the key stands first in them, and the tab behind it comes before every character that a cell may hold.

    Raises
    ------
    Difference : a cell outside the grammar, or two rows with one key.
    """
    lines = ["\t".join(row) + "\n" for row in cells]
    lines.sort()
    data = "".join(("\t".join(HEADERS[name]) + "\n", *lines)).encode("utf-8", "surrogatepass")
    del lines
    check_table(name, data)
    return data


def write_frame(units: Iterable[Unit]) -> bytes:
    """`frame.tsv`.

    >>> write_frame([Unit("B2", "A"), Unit("A1", "A", needs=("C13",))])
    b'id\\tstratum\\tweight\\tstatus\\tarea\\tneeds\\nA1\\tA\\t1\\tok\\t\\tC13\\nB2\\tA\\t1\\tok\\t\\t\\n'
    """
    return write_table("frame.tsv", (unit.cells() for unit in units))


def write_inspectors(inspectors: Iterable[Inspector]) -> bytes:
    """`inspectors.tsv`."""
    return write_table("inspectors.tsv", (inspector.cells() for inspector in inspectors))


def write_conflicts(pairs: Iterable[tuple[str, str]]) -> bytes:
    """`conflicts.tsv` from pairs (inspector, object)."""
    return write_table("conflicts.tsv", pairs)
