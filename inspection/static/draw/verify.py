#!/usr/bin/env python3
"""衡鉴 Hengjian: verify a published draw on your own machine. Python 3.10 or newer, no package needed.

    python3 verify.py draw-2026-001.zip [--commitment DIGEST] [--calls calls.tsv] [--swaps swaps.tsv] [--json]

Exit code 0: the same draw; 1: a difference, named; 2: not a bundle. Made from the package `sampling`, module by module.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import dataclass, field
from datetime import datetime
from math import comb
from pathlib import Path
from typing import Any
import hashlib
import io
import itertools
import json
import re
import sys
import unicodedata
import zipfile


# --- errors ----------------------------------------------------------------------------------------------

class SamplingError(ValueError):
    """Input that no honest number can be computed from; the message names the offending values and what is allowed."""


# --- characters ------------------------------------------------------------------------------------------

_RANGES = '0.v 2n.w d.0 ju.1 6.3 7.0 1.0 k.0 b1.0 12.1 1e.1 3.0 1j.7 r.3 6.g m.0 5c.0 1c.1 1n.1 2t.d 1n.1 1d.1 f.0 s.1 1.0 b.4 v.8 22.0 4h.0 8.1 2.1 m.0 7.0 1.2 4.1 9.1 2.1 4.7 1.3 2.0 5.1 p.1 3.0 6.3 2.1 m.0 7.0 2.0 2.0 2.1 1.0 5.3 2.1 3.2 1.6 4.0 1.6 h.9 3.0 9.0 3.0 m.0 7.0 2.0 5.1 a.0 3.0 3.1 1.e 4.1 c.6 7.0 3.0 8.1 2.1 m.0 7.0 2.0 5.1 9.1 2.1 3.6 3.3 2.0 5.1 i.9 2.0 6.2 3.0 4.2 2.0 1.0 2.2 2.2 3.2 c.3 5.2 3.0 4.1 1.5 1.d l.4 d.0 3.0 n.0 g.1 9.0 3.0 4.6 2.0 3.1 1.1 4.1 a.6 m.0 3.0 n.0 a.0 5.1 9.0 3.0 4.6 2.5 2.0 4.1 a.0 3.b d.0 3.0 1f.0 3.0 6.3 g.1 q.0 3.0 i.2 o.0 9.0 1.1 7.2 1.3 6.0 1.0 8.5 a.1 3.b 1m.3 t.10 2.0 1.0 5.0 o.0 1.0 n.1 5.0 1.0 7.0 a.1 4.v 20.0 10.3 13.0 10.0 f.0 d.10 5i.0 1.4 1.1 ah.0 4.1 7.0 1.0 4.1 15.0 4.1 x.0 4.1 7.0 1.0 4.1 f.0 1l.0 4.1 1v.1 w.2 q.5 2e.1 6.1 il.2 2h.6 m.8 o.8 k.b d.0 3.0 2.b 2m.1 a.5 a.5 e.0 b.5 2h.6 17.4 1y.9 v.0 c.3 c.3 1.2 16.1 5.a 18.3 q.5 b.2 1q.1 1t.0 t.1 b.5 a.5 e.1 v.1c 25.2 1b.0 38.7 1o.2 f.2 1o.6 17.1 b.7 17.4 eu.1 6.1 12.1 6.1 8.0 1.0 1.0 1.0 v.1 1h.0 f.0 e.1 6.0 j.1 3.0 9.0 b.4 o.6 1d.f 2.1 r.0 d.2 x.e x.e 3w.3 if.o b.k 1ec.1 w.0 9p.4 19.0 1.4 1.1 1k.6 2.d o.8 7.0 7.0 7.0 7.0 7.0 7.0 7.0 7.0 3i.x q.0 2h.b 5y.p c.3 1s.0 2e.1 2v.4 17.0 1f.0 16.0 2c.b 1b.0 mlp.2 1j.8 9o.j 54.7 5n.4 2.0 1.0 5.n 1n.2 a.5 1k.7 1y.7 c.5 38.a u.2 26.0 b.3 x.0 1j.8 e.1 a.1 2v.n s.9 6.1 6.1 6.8 7.0 7.0 1o.3 3i.1 a.5 8mc.b n.3 1d.1kz 57y.1 2y.11 7.b 5.4 q.0 5.0 1.0 2.0 2.0 3h.f cd.1 1i.6 1.v 16.5 1f.0 j.0 4.3 5.0 3r.3 5a.2 6.1 6.1 6.1 3.2 7.0 7.c 2.1 c.0 q.0 j.0 2.0 f.1 e.x 3f.4 3.3 19.2 2g.0 d.2 1.1a 1a.3l t.2 1d.e s.3 10.8 u.4 17.4 u.0 11.3 e.15 4e.1 a.5 10.3 10.3 14.7 1g.a c.0 f.0 7.0 2.0 b.0 f.0 7.0 2.1u 8n.8 m.9 8.n 6.0 16.0 9.1w 6.1 1.0 18.0 2.2 1.1 n.0 20.7 9.1b j.0 2.4 x.2 r.4 1.1r 1k.3 k.1 1e.0 2.4 8.0 3.0 t.1 3.3 a.6 9.6 1s.v 13.3 c.8 1i.2 t.1 r.4 q.6 4.b 7.27 21.1i 1f.c 1f.6 1a.7 a.85 v.0 16.0 3.1 2.22 17.7 16.l q.11 s.j n.8 26.3 10.8 1q.0 5.c p.6 a.5 1h.0 i.7 13.8 2o.0 k.a i.0 1b.1p 7.0 1.0 4.0 f.0 b.5 1n.4 a.5 4.0 8.1 2.1 m.0 7.0 2.0 5.0 a.1 2.1 3.1 1.5 1.4 7.1 7.2 5.3u 2k.0 5.t 20.7 a.4l 1i.1 12.x 1x.a a.5 d.i 1m.5 a.1h r.1 f.3 n.54 1o.2r 2b.b 8.1 1.1 8.0 2.0 u.0 2.1 c.8 a.1x 8.1 1a.1 b.q 20.7 2b.c 21.6 a.6t 9.0 19.0 e.9 t.2 w.1 m.0 e.20 7.0 2.0 18.2 1.0 2.0 9.7 a.5 6.0 2.0 11.0 2.0 6.6 a.8l p.6 h.0 15.2 s.2d 1.e 1e.c pn.2t 33.0 5.a 5g.217 2r.c ts.f m.33d g7.6ns ft.6 v.0 a.3 29.0 a.5 u.1 6.9 1y.9 a.0 7.0 l.4 j.j3 2j.2s 23.3 1l.6 h.1r 5.a 2.d 4qg.7 ye.15 9.6w6 4.0 7.0 2.0 83.e 1.s 3.1 1.d 4.7 b0.1s3 2z.4 d.2 9.6 a.1 4.3mn 1a.1 n.8 38.1n 6u.9 13.1 22.7 34.k 1y.3d k.b k.b 2f.8 p.3q 2d.0 1z.0 2.1 1.1 2.1 4.0 c.0 1.0 7.0 1t.0 4.1 8.0 7.0 s.0 4.0 5.0 1.2 7.0 9g.1 84.1 ji.e 5.0 f.un v.5 6.5w 7.0 h.1 7.0 2.0 5.4 1q.w 1.33 19.2 e.1 a.3 2.8v v.g 1m.4 1.cv 16.kl 7.0 4.0 2.0 f.0 5h.1 g.14 24.3 a.3 2.ls 1w.23 1p.5d 4.0 r.0 2.0 1.1 1.0 a.0 4.0 1.0 1.5 1.3 1.0 1.0 1.0 3.0 2.0 1.1 1.0 1.0 1.0 1.0 1.0 2.0 1.1 4.0 7.0 4.0 4.0 1.0 a.0 h.4 3.0 5.0 h.1f 2.7h 18.3 2s.b f.1 f.0 f.0 11.9 4u.1j t.c 18.3 9.6 2.d 6.49 rc.3 h.2 d.2 3b.3 2n.5 c.3 1.e c.3 1k.7 a.5 14.7 u.1 2.25 9g.b e.1 d.2 9.6 1a.0 7.7 e.3 9.6 9.6 43.0 1j.10 a.sl wyo.v 37e.5 66.1 4g2.d 5rl.2e6 f2.15t 3t7.4 38g.f9e7 6o.1e6n 1eke.1 1eke.1 '

def _bounds() -> list[int]:
    """Starts and ends (exclusive) of the forbidden ranges, ascending."""
    bounds: list[int] = []
    at = 0
    for pair in _RANGES.split():
        gap, length = pair.split('.')
        start = at + int(gap, 36)
        at = start + int(length, 36) + 1
        bounds += [start, at]
    return bounds
_BOUNDS = _bounds()

def is_forbidden(char: str) -> bool:
    """Whether a character may not stand in a text.

    >>> [is_forbidden(c) for c in "盐\u200bㅤ "]
    [False, True, True, False]
    """
    return bisect_right(_BOUNDS, ord(char)) % 2 == 1

def is_text(text: str) -> bool:
    """Whether a text is NFC, without forbidden characters and without white space at its ends.

    >>> is_text("盐城市市场监督管理局"), is_text(" a"), is_text("é")
    (True, False, False)
    """
    if text.isascii():
        return text.isprintable() and text == text.strip()
    return text == text.strip() and (not any(map(is_forbidden, text))) and unicodedata.is_normalized('NFC', text)


# --- frame -----------------------------------------------------------------------------------------------

PROTOCOL = 'hengjian-draw/1'
HEADERS = {'frame.tsv': ('id', 'stratum', 'weight', 'status', 'area', 'needs'), 'inspectors.tsv': ('id', 'unit', 'areas', 'skills', 'carried', 'lead'), 'conflicts.tsv': ('inspector', 'object'), 'selection.tsv': ('stratum', 'rank', 'id', 'ticket', 'role'), 'teams.tsv': ('object', 'seat', 'inspector', 'ticket'), 'calls.tsv': ('seq', 'stratum', 'out_id', 'reason', 'in_id', 'team', 'called_at'), 'swaps.tsv': ('seq', 'object', 'seat', 'out_inspector', 'reason', 'in_inspector', 'swapped_at')}
Watch = Callable[[str, int], None]
MAX_WEIGHT = MAX_CARRIED = 1000000
MAX_INTEGER = 2 ** 53 - 1
TIME = re.compile('\\d{4}-\\d\\d-\\d\\dT([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\+08:00', re.ASCII)
_ID = re.compile('[0-9A-Za-z._%/-]{1,64}', re.ASCII)
_HEX = re.compile('[0-9a-f]{64}', re.ASCII)
_INTEGER = re.compile('0|[1-9][0-9]{0,15}', re.ASCII)

class Difference(SamplingError):
    """The first thing in a bundle that is not as the protocol has it: the file, the line, the name of the check.

    >>> str(Difference("frame.tsv", 3, "order"))
    'frame.tsv:3 order'
    """

    def __init__(self, file: str, line: int | None, check: str, note: str='') -> None:
        self.file, self.line, self.check, self.note = (file, line, check, note)
        super().__init__(f"{file}{('' if line is None else f':{line}')} {check}{(f'  {note}' if note else '')}")

def is_id(text: str) -> bool:
    """An id, an area, a skill, a stratum, a unit or a status.

    >>> is_id("91320900MA1X00001A"), is_id("亭湖区"), is_id("")
    (True, False, False)
    """
    return _ID.fullmatch(text) is not None

def is_digest(text: str) -> bool:
    """64 lower-case hexadecimal digits."""
    return _HEX.fullmatch(text) is not None

def is_integer(text: str, least: int=0, most: int=MAX_INTEGER) -> bool:
    """Decimal digits without sign or leading zero, within bounds."""
    return _INTEGER.fullmatch(text) is not None and least <= int(text) <= most

def is_list(text: str) -> bool:
    """Ids separated by commas, ascending, without duplicates; empty for none."""
    parts = text.split(',') if text else []
    return all(map(is_id, parts)) and all((a < b for a, b in itertools.pairwise(parts)))

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

@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """检查对象 of the frame: `status` is "ok" or the code of the reason why it is left out."""
    id: str
    stratum: str
    weight: int = 1
    status: str = 'ok'
    area: str = ''
    needs: tuple[str, ...] = ()

    def cells(self) -> tuple[str, ...]:
        return (self.id, self.stratum, str(self.weight), self.status, self.area, ','.join(self.needs))

@dataclass(frozen=True, slots=True, order=True)
class Inspector:
    """检查人员 who may be assigned: `areas` is ("*",) for everywhere; `carried` visits of this year."""
    id: str
    unit: str
    areas: tuple[str, ...] = ('*',)
    skills: tuple[str, ...] = ()
    carried: int = 0
    lead: bool = False

    def cells(self) -> tuple[str, ...]:
        return (self.id, self.unit, ','.join(self.areas), ','.join(self.skills), str(self.carried), '1' if self.lead else '0')

def _frame_cells(cells: Sequence[str]) -> bool:
    id_, stratum, weight, status, area, needs = cells
    return is_id(id_) and is_id(stratum) and is_integer(weight, 1, MAX_WEIGHT) and is_id(status) and (not area or is_id(area)) and is_list(needs)

def _inspector_cells(cells: Sequence[str]) -> bool:
    id_, unit, areas, skills, carried, lead = cells
    return is_id(id_) and is_id(unit) and (areas == '*' or (areas != '' and is_list(areas))) and is_list(skills) and is_integer(carried, 0, MAX_CARRIED) and (lead in ('0', '1'))

def _selection_cells(cells: Sequence[str]) -> bool:
    stratum, rank, id_, ticket, role = cells
    return is_id(stratum) and is_integer(rank, 1) and is_id(id_) and is_digest(ticket) and (role in ('selected', 'reserve'))

def _team_cells(cells: Sequence[str]) -> bool:
    object_, seat, inspector, ticket = cells
    filled = is_id(inspector) and is_digest(ticket)
    return is_id(object_) and is_integer(seat, 1, 8) and (filled or (inspector == '' and ticket in FILTERS))

def _call_cells(cells: Sequence[str]) -> bool:
    seq, stratum, out_id, reason, in_id, team, called_at = cells
    known = all(map(is_id, (stratum, out_id, reason, in_id)))
    members = team.split(',') if team else []
    return is_integer(seq, 1) and known and all((not m or is_id(m) for m in members)) and is_time(called_at)

def _swap_cells(cells: Sequence[str]) -> bool:
    seq, object_, seat, out_, reason, in_, swapped_at = cells
    known = is_id(object_) and is_id(reason) and is_id(in_) and (not out_ or is_id(out_))
    return is_integer(seq, 1) and is_integer(seat, 1, 8) and known and is_time(swapped_at)
FILTERS = ('area', 'skills', 'conflict', 'team', 'lead', 'unit', 'other_unit')

def _text_key(*columns: int) -> Callable[[Sequence[str]], tuple[object, ...]]:
    return lambda cells: tuple((cells[i].encode() for i in columns))

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
_FORMS = {'frame.tsv': _Form(_frame_cells), 'inspectors.tsv': _Form(_inspector_cells), 'conflicts.tsv': _Form(lambda cells: all(map(is_id, cells)), _text_key(0, 1)), 'selection.tsv': _Form(_selection_cells, _number_key(0, number=1)), 'teams.tsv': _Form(_team_cells, _number_key(0, number=1)), 'calls.tsv': _Form(_call_cells, _number_key(number=0)), 'swaps.tsv': _Form(_swap_cells, _number_key(number=0))}
_KEYED = ('frame.tsv', 'inspectors.tsv')
MOST_KNOWN = 100000

def check_table(name: str, data: bytes) -> None:
    """Check one table completely: encoding, header, cells, text, order, grammar.

    Raises
    ------
    Difference : the first fault, with its line (the header is line 1).
    """
    text = _decoded(name, data)
    form, width = (_FORMS[name], len(HEADERS[name]))
    header = text.split('\n', 1)[0]
    if header != '\t'.join(HEADERS[name]):
        raise Difference(name, 1, 'header')
    if name not in _KEYED or not _sound(text, form, width):
        _check_rows(name, text, form, width)

def _check_rows(name: str, text: str, form: _Form, width: int) -> None:
    """Row by row: cells and text, then the order, then the grammar; raises the first fault."""
    for line, cells in _lines(text):
        if len(cells) != width:
            raise Difference(name, line, 'cells')
        if not all(map(is_text, cells)):
            raise Difference(name, line, 'text')
    last: tuple[object, ...] | None = None
    for line, cells in _lines(text):
        key = form.key(cells)
        if last is not None and (not last < key):
            raise Difference(name, line, 'order')
        last = key
    for line, cells in _lines(text):
        if not form.cells(cells):
            raise Difference(name, line, 'cell')

def _sound(text: str, form: _Form, width: int) -> bool:
    """Whether all is well with a table whose key is its first cell; what stands behind the key repeats, and is judged once each."""
    known: dict[str, bool] = {}
    last, start = ('', text.index('\n') + 1)
    while start < len(text):
        end = text.index('\n', start)
        key, _, rest = text[start:end].partition('\t')
        if rest not in known:
            if len(known) >= MOST_KNOWN:
                known.clear()
            cells = [key, *rest.split('\t')]
            known[rest] = len(cells) == width and form.cells(cells) and all(map(is_text, cells))
        if not (known[rest] and last < key and is_id(key)):
            return False
        last, start = (key, end + 1)
    return True

def _decoded(name: str, data: bytes) -> str:
    if data.startswith(b'\xef\xbb\xbf'):
        raise Difference(name, 1, 'text', 'byte order mark')
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError:
        raise Difference(name, 1, 'text', 'not UTF-8') from None
    if not text.endswith('\n'):
        raise Difference(name, text.count('\n') + 1, 'text', 'no line feed at the end')
    return text

def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row after the header, without a list of all rows."""
    start, line = (text.index('\n') + 1, 2)
    while start < len(text):
        end = text.index('\n', start)
        yield (line, text[start:end].split('\t'))
        start, line = (end + 1, line + 1)

def rows(data: bytes) -> Iterator[list[str]]:
    """Cells of every row of a table that was checked."""
    for _, cells in _lines(data.decode('utf-8')):
        yield cells

def numbered_rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row of a table that was checked."""
    return _lines(data.decode('utf-8'))

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
    return tuple(text.split(',')) if text else ()

def unit_of(cells: Sequence[str]) -> Unit:
    """A row of `frame.tsv` as a value."""
    return Unit(cells[0], cells[1], int(cells[2]), cells[3], cells[4], _split(cells[5]))

def inspector_of(cells: Sequence[str]) -> Inspector:
    """A row of `inspectors.tsv` as a value."""
    return Inspector(cells[0], cells[1], _split(cells[2]), _split(cells[3]), int(cells[4]), cells[5] == '1')

def write_table(name: str, cells: Iterable[Sequence[str]]) -> bytes:
    """A table in its one form: rows sorted by key, checked.

    Whole lines are sorted: the key stands first in them, and the tab behind it comes before every character that a cell may hold.

    Raises
    ------
    Difference : a cell outside the grammar, or two rows with one key.
    """
    lines = ['\t'.join(row) + '\n' for row in cells]
    lines.sort()
    data = ''.join(('\t'.join(HEADERS[name]) + '\n', *lines)).encode('utf-8', 'surrogatepass')
    del lines
    check_table(name, data)
    return data

def write_frame(units: Iterable[Unit]) -> bytes:
    """`frame.tsv`.

    >>> write_frame([Unit("B2", "A"), Unit("A1", "A", needs=("C13",))])
    b'id\\tstratum\\tweight\\tstatus\\tarea\\tneeds\\nA1\\tA\\t1\\tok\\t\\tC13\\nB2\\tA\\t1\\tok\\t\\t\\n'
    """
    return write_table('frame.tsv', (unit.cells() for unit in units))

def write_inspectors(inspectors: Iterable[Inspector]) -> bytes:
    """`inspectors.tsv`."""
    return write_table('inspectors.tsv', (inspector.cells() for inspector in inspectors))

def write_conflicts(pairs: Iterable[tuple[str, str]]) -> bytes:
    """`conflicts.tsv` from pairs (inspector, object)."""
    return write_table('conflicts.tsv', pairs)


# --- seed ------------------------------------------------------------------------------------------------

LEAST_BITS = 60
COMMITTED = ('conflicts.tsv', 'frame.tsv', 'inspectors.tsv', 'rule.json')
_SOURCES = {'balls': {'drawn_at', 'form', 'issue', 'max', 'name', 'pick'}, 'digits': {'drawn_at', 'form', 'issue', 'length', 'name'}, 'hex': {'drawn_at', 'form', 'issue', 'length', 'name'}}

def canonical(value: Any) -> bytes:
    """RFC 8785 bytes of a value made of objects with ASCII keys, lists, texts, integers, booleans and null.

    >>> canonical({"b": [1, None], "a": "盐"}).decode()
    '{"a":"盐","b":[1,null]}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(',', ':'), allow_nan=False).encode('utf-8')

def read_json(name: str, data: bytes) -> dict[str, Any]:
    """A JSON file of the bundle, refused unless canonical, with exact members and clean texts.

    Parameters
    ----------
    name : "rule.json", "commitment.json" or "reveal.json".
    """
    try:
        value = json.loads(data.decode('utf-8'), object_pairs_hook=_unique, parse_int=_whole, parse_float=_fraction)
        same = canonical(value) == data
    except (ValueError, RecursionError):
        same = False
    if not same or data.startswith(b'\xef\xbb\xbf'):
        raise Difference(name, None, 'canonical')
    if not isinstance(value, dict) or not _MEMBERS[name](value):
        raise Difference(name, None, 'members')
    if not all(map(is_text, _texts(value))):
        raise Difference(name, None, 'text')
    return value

def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError('duplicate key')
    return dict(pairs)

def _whole(digits: str) -> int:
    """An integer that every reader of JSON holds exactly."""
    if abs(int(digits)) > MAX_INTEGER:
        raise ValueError('beyond 2**53 - 1')
    return int(digits)

def _fraction(digits: str) -> float:
    """1.0 and 1e5 are integers written in a way that is not canonical."""
    value = float(digits)
    if not value % 1:
        raise ValueError('an integer in disguise')
    return value

def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for key, item in value.items() for text in (key, *_texts(item))]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return []

def _number(value: Any, least: int=0, most: int=MAX_INTEGER) -> bool:
    return isinstance(value, int) and (not isinstance(value, bool)) and (least <= value <= most)

def _str(value: Any) -> bool:
    return isinstance(value, str)

def _seat(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {'lead', 'other_unit', 'unit'} and isinstance(value['lead'], bool) and isinstance(value['other_unit'], bool) and isinstance(value['unit'], str) and (value['unit'] == '*' or is_id(value['unit']))

def _stratum(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {'method', 'n', 'population', 'rate', 'reserve'}:
        return False
    rate = value['rate']
    numbers = all((_number(value[name]) for name in ('n', 'population', 'reserve')))
    pair = rate is None or (isinstance(rate, list) and len(rate) == 2 and all(map(_number, rate)))
    return numbers and pair and (value['method'] in ('srs', 'pareto'))

def _rule(value: Mapping[str, Any]) -> bool:
    return set(value) == {'authority', 'draw', 'protocol', 'seats', 'strata', 'title'} and all((_str(value[name]) for name in ('authority', 'draw', 'protocol', 'title'))) and (value['protocol'] == PROTOCOL) and isinstance(value['seats'], list) and (len(value['seats']) <= 8) and all(map(_seat, value['seats'])) and isinstance(value['strata'], dict) and all((is_id(name) and _stratum(item) for name, item in value['strata'].items()))

def _source(value: Any) -> bool:
    if not isinstance(value, dict) or value.get('form') not in _SOURCES or set(value) != _SOURCES[value['form']]:
        return False
    if not (is_time(value['drawn_at']) and _str(value['issue']) and _str(value['name'])):
        return False
    if value['form'] == 'balls':
        return _number(value['max'], 1, 1000) and _number(value['pick'], 1, value['max'])
    return _number(value['length'], 1, 1024)

def _commitment(value: Mapping[str, Any]) -> bool:
    names = {'committed_at', 'draw', 'files', 'previous', 'protocol', 'public_sources', 'reveal_by', 'reveal_not_before', 'secret_digest'}
    return set(value) == names and all((is_time(value[name]) for name in ('committed_at', 'reveal_by', 'reveal_not_before'))) and _str(value['draw']) and (value['protocol'] == PROTOCOL) and isinstance(value['files'], dict) and (set(value['files']) == set(COMMITTED)) and all((_str(item) and is_digest(item) for item in value['files'].values())) and _str(value['previous']) and (value['previous'] == '' or is_digest(value['previous'])) and isinstance(value['public_sources'], list) and all(map(_source, value['public_sources'])) and _str(value['secret_digest']) and is_digest(value['secret_digest'])

def _reveal(value: Mapping[str, Any]) -> bool:
    return set(value) == {'commitment', 'public_value', 'revealed_at', 'secret', 'witnesses'} and all((_str(value[name]) and is_digest(value[name]) for name in ('commitment', 'secret'))) and _str(value['public_value']) and is_time(value['revealed_at']) and isinstance(value['witnesses'], list) and all(map(_str, value['witnesses']))
_MEMBERS = {'rule.json': _rule, 'commitment.json': _commitment, 'reveal.json': _reveal}

def bits(source: Mapping[str, Any]) -> int:
    """Bits that a source of that form carries, rounded down.

    >>> bits({"form": "balls", "max": 80, "pick": 20}), bits({"form": "digits", "length": 20})
    (61, 66)
    """
    if source['form'] == 'balls':
        return comb(source['max'], source['pick']).bit_length() - 1
    if source['form'] == 'digits':
        return int(10 ** source['length']).bit_length() - 1
    return 4 * int(source['length'])

def value_fault(sources: Sequence[Mapping[str, Any]], public_value: str) -> str | None:
    """Why a public value is not of the announced form, or None.

    >>> value_fault([{"form": "balls", "max": 80, "pick": 3, "name": "n"}], "05 07 80")
    >>> value_fault([{"form": "balls", "max": 80, "pick": 3, "name": "n"}], "5 7 80")
    '“n”应为 3 个从小到大、以一个空格分开的号码（01 至 80）'
    """
    parts = public_value.split('|')
    if len(parts) != len(sources):
        return f'应有 {len(sources)} 个来源的值，以 | 分开'
    for source, part in zip(sources, parts, strict=True):
        if not _fits(source, part):
            return wanted(source)
    return None

def _fits(source: Mapping[str, Any], text: str) -> bool:
    if source['form'] == 'balls':
        width = len(str(source['max']))
        numbers = text.split(' ')
        if len(numbers) != source['pick'] or any((len(n) != width or not n.isascii() or (not n.isdigit()) for n in numbers)):
            return False
        values = [int(n) for n in numbers]
        return all((1 <= v <= source['max'] for v in values)) and all((a < b for a, b in itertools.pairwise(values)))
    allowed = '[0-9]' if source['form'] == 'digits' else '[0-9a-f]'
    return re.fullmatch(f"{allowed}{{{source['length']}}}", text, re.ASCII) is not None

def wanted(source: Mapping[str, Any]) -> str:
    """The form of a value of this source, in words."""
    if source['form'] == 'balls':
        low = '1'.zfill(len(str(source['max'])))
        return f"“{source['name']}”应为 {source['pick']} 个从小到大、以一个空格分开的号码（{low} 至 {source['max']}）"
    kind = '位数字' if source['form'] == 'digits' else '位小写十六进制数字'
    return f"“{source['name']}”应为 {source['length']} {kind}"

def make_commitment(*, draw: str, files: Mapping[str, bytes], previous: str, public_sources: Sequence[Mapping[str, Any]], committed_at: str, reveal_not_before: str, reveal_by: str, secret: str) -> bytes:
    """`commitment.json` of four frozen files and a secret; refused when its own checks would fail.

    Parameters
    ----------
    files : the bytes of conflicts.tsv, frame.tsv, inspectors.tsv and rule.json.
    secret : 64 lower-case hex digits; only its digest goes in.
    """
    value = {'committed_at': committed_at, 'draw': draw, 'files': {name: digest(files[name]) for name in COMMITTED}, 'previous': previous, 'protocol': PROTOCOL, 'public_sources': [dict(source) for source in public_sources], 'reveal_by': reveal_by, 'reveal_not_before': reveal_not_before, 'secret_digest': digest(secret.encode('ascii'))}
    data = canonical(value)
    read_json('commitment.json', data)
    if not is_digest(secret):
        raise SamplingError('密值应为 64 位小写十六进制数字')
    total = sum(map(bits, public_sources))
    if total < LEAST_BITS:
        raise SamplingError(f'公开随机源合计只有 {total} 比特，至少须有 {LEAST_BITS} 比特；请增加来源，例如快乐8（61 比特）或见证人面前掷 20 枚十面骰（66 比特）')
    if (fault := order_fault(value)):
        raise SamplingError(fault)
    return data

def order_fault(commitment: Mapping[str, Any], revealed_at: str | None=None) -> str | None:
    """Why the times are not in order, or None: committed < every drawn ≤ not before ≤ revealed ≤ by."""
    drawn = [source['drawn_at'] for source in commitment['public_sources']]
    if not all((commitment['committed_at'] < at for at in drawn)):
        return '承诺时间须早于每个公开随机源的产生时间'
    if not all((at <= commitment['reveal_not_before'] for at in drawn)):
        return '最早揭示时间不得早于公开随机源的产生时间'
    if commitment['reveal_not_before'] > commitment['reveal_by']:
        return '最迟揭示时间不得早于最早揭示时间'
    if revealed_at is not None and (not commitment['reveal_not_before'] <= revealed_at <= commitment['reveal_by']):
        return '揭示时间须在公布的时段之内'
    return None

def make_reveal(commitment: bytes, *, secret: str, public_value: str, revealed_at: str, witnesses: Sequence[str]) -> bytes:
    """`reveal.json`; refused when the secret, the value or the time does not fit the commitment."""
    promised = read_json('commitment.json', commitment)
    data = canonical({'commitment': digest(commitment), 'public_value': public_value, 'revealed_at': revealed_at, 'secret': secret, 'witnesses': list(witnesses)})
    check_reveal(promised, digest(commitment), read_json('reveal.json', data))
    return data

def check_reveal(commitment: Mapping[str, Any], commitment_digest: str, reveal: Mapping[str, Any]) -> None:
    """Whether a reveal belongs to a commitment: digest, secret, bits, form of the value, times."""
    if reveal['commitment'] != commitment_digest:
        raise Difference('reveal.json', None, 'commitment')
    if digest(reveal['secret'].encode('ascii')) != commitment['secret_digest']:
        raise Difference('reveal.json', None, 'secret')
    if sum(map(bits, commitment['public_sources'])) < LEAST_BITS:
        raise Difference('commitment.json', None, 'bits')
    if (fault := value_fault(commitment['public_sources'], reveal['public_value'])):
        raise Difference('reveal.json', None, 'public_value', fault)
    if (fault := order_fault(commitment, reveal['revealed_at'])):
        raise Difference('reveal.json', None, 'times', fault)

def seed_seed(commitment_digest: str, secret: str, public_value: str) -> str:
    """S: what tickets and teams come from.

    S = sha256hex("hengjian-draw/1\\n" + commitment digest + "\\n" + secret + "\\n" + public value + "\\n").
    """
    text = f'{PROTOCOL}\n{commitment_digest}\n{secret}\n{public_value}\n'
    return hashlib.sha256(text.encode('utf-8')).hexdigest()


# --- draw ------------------------------------------------------------------------------------------------

def ticket(seed: str, id_: str) -> str:
    """Ticket of a unit: sha256hex(S + ":o:" + id)."""
    return hashlib.sha256(f'{seed}:o:{id_}'.encode()).hexdigest()

def tickets(seed: str, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(ticket, id) of many units; the common beginning is hashed once."""
    start = hashlib.sha256(f'{seed}:o:'.encode())
    for id_ in ids:
        state = start.copy()
        state.update(id_.encode())
        yield (state.hexdigest(), id_)

@dataclass(frozen=True, slots=True)
class Stratum:
    """层 of the rule: `rate` (p, q) or None; n and reserve in units."""
    method: str
    n: int
    population: int
    reserve: int = 0
    rate: tuple[int, int] | None = None

    @classmethod
    def of(cls, member: Mapping[str, Any]) -> Stratum:
        """From its member in rule.json."""
        rate = member['rate']
        return cls(member['method'], member['n'], member['population'], member['reserve'], tuple(rate) if rate else None)

    def member(self) -> dict[str, Any]:
        """As it stands in rule.json."""
        return {'method': self.method, 'n': self.n, 'population': self.population, 'rate': list(self.rate) if self.rate else None, 'reserve': self.reserve}

@dataclass(frozen=True, slots=True)
class Chosen:
    """A selected or reserve unit."""
    stratum: str
    rank: int
    id: str
    ticket: str
    role: str

    def cells(self) -> tuple[str, ...]:
        return (self.stratum, str(self.rank), self.id, self.ticket, self.role)

def size_of(population: int, rate: tuple[int, int]) -> int:
    """n = ceil(population · p / q), in integers.

    >>> size_of(7200, (2, 100)), size_of(30, (1, 100)), size_of(0, (1, 2))
    (144, 1, 0)
    """
    p, q = rate
    if not (0 <= p <= q and q >= 1):
        raise SamplingError(f'抽取比例 {p}/{q} 不合法；应满足 0 ≤ p ≤ q 且 q ≥ 1')
    return -(-population * p // q)

def check_strata(strata: Mapping[str, Stratum], populations: Mapping[str, int], weighted: Iterable[str]) -> None:
    """The rule against the frame: names, then per stratum rate, population, n, size, weight.

    Parameters
    ----------
    populations : eligible units (status ok) per stratum of the frame; strata without eligible units stand with 0.
    weighted : strata in which some row has a weight other than 1.
    """
    if (missing := sorted(set(populations) - set(strata))):
        raise Difference('rule.json', None, 'strata', ' '.join(missing))
    uneven = set(weighted)
    for name in sorted(strata, key=str.encode):
        stratum = strata[name]
        if stratum.rate is not None and (not (0 <= stratum.rate[0] <= stratum.rate[1] and stratum.rate[1] >= 1)):
            raise Difference('rule.json', None, f'{name} rate')
        if stratum.population != populations.get(name, 0):
            raise Difference('rule.json', None, f'{name} population', str(populations.get(name, 0)))
        if stratum.rate is not None and stratum.n != size_of(stratum.population, stratum.rate):
            raise Difference('rule.json', None, f'{name} n', str(size_of(stratum.population, stratum.rate)))
        if stratum.n + stratum.reserve > stratum.population:
            raise Difference('rule.json', None, f'{name} size')
        if stratum.method == 'srs' and name in uneven:
            raise Difference('rule.json', None, f'{name} weight')

def rank_srs(seed: str, ids: Iterable[str]) -> list[tuple[str, str]]:
    """(ticket, id) of a simple random stratum in rank order."""
    return sorted(tickets(seed, ids))

def rank_pareto(seed: str, weights: Iterable[tuple[str, int]], n: int) -> list[tuple[str, str]]:
    """(ticket, id) of a stratum drawn with probability proportional to weight (Pareto πps), in rank order.

    Parameters
    ----------
    weights : (id, weight), weights 1…1,000,000.
    n : units to select.

    Notes
    -----
    Units whose probability would exceed one are taken first. Rosén (1997), doi:10.1016/S0378-3758(96)00186-3. Measured
    inclusion probabilities differ from n·w/W by at most 0.3 %; use `inclusion_probability` for the nominal ones.
    """
    rows = list(weights)
    first = First(seed, Stratum('pareto', n, len(rows)), Counter((w for _, w in rows)), most=len(rows))
    for id_, weight in rows:
        first.add(id_, weight)
    return first.ranked()

class First:
    """名次靠前者: the first units of a stratum while its rows stream by; about twice as many are held as are wanted.

    >>> first = First("0" * 64, Stratum("srs", 2, 10))
    >>> for k in range(10):
    ...     first.add(f"U{k}")
    >>> first.ranked() == rank_srs("0" * 64, [f"U{k}" for k in range(10)])[:2]
    True
    """

    def __init__(self, seed: str, stratum: Stratum, weights: Mapping[int, int] | None=None, most: int | None=None) -> None:
        """`weights`: how many eligible units have each weight (only `pareto` needs them)."""
        self.start = hashlib.sha256(f'{seed}:o:'.encode())
        self.most = stratum.n + stratum.reserve if most is None else most
        self.bar = _take_all(weights or {}, stratum.n) if stratum.method == 'pareto' else None
        self.held: list[tuple[int, str, str]] = []
        self.last: tuple[int, str, str] | None = None

    def add(self, id_: str, weight: int=1) -> None:
        """One more eligible unit."""
        state = self.start.copy()
        state.update(id_.encode())
        signed = state.hexdigest()
        key = (0 if self.bar is None else self._place(signed, weight), signed, id_)
        if self.last is None or key < self.last:
            self.held.append(key)
            if len(self.held) > 2 * self.most + 1000:
                self._prune()

    def _place(self, signed: str, weight: int) -> int:
        """Take-all units first, the others by their key (section 5), which is never negative."""
        assert self.bar is not None
        least_certain, m, total = self.bar
        if least_certain is not None and weight >= least_certain:
            return -1
        u = 2 * int(signed[:8], 16) + 1
        return u * (total - m * weight) * 2 ** 32 // ((2 ** 33 - u) * m * weight) if m > 0 else 0

    def _prune(self) -> None:
        self.held.sort()
        del self.held[self.most:]
        self.last = self.held[-1] if self.held else (-2, '', '')

    def ranked(self) -> list[tuple[str, str]]:
        """(ticket, id) in rank order, as many as were wanted."""
        self.held.sort()
        return [(signed, id_) for _, signed, id_ in self.held[:self.most]]

def _take_all(weights: Mapping[int, int], n: int) -> tuple[int | None, int, int]:
    """Least weight taken with certainty (None: none), places left for the others, their total weight."""
    least, m = (None, n)
    total = sum((w * k for w, k in weights.items()))
    while True:
        new = [w for w in weights if (least is None or w < least) and m * w >= total] if m > 0 else []
        if not new:
            return (least, m, total)
        least = min(new)
        m -= sum((weights[w] for w in new))
        total -= sum((w * weights[w] for w in new))

def inclusion_probability(stratum: Stratum, weight: int, weights: Sequence[int]) -> float:
    """Nominal probability of a unit to be selected: n/N for `srs`, n·w/W outside the take-all part for `pareto`."""
    if stratum.population == 0:
        return 0.0
    if stratum.method == 'srs':
        return stratum.n / stratum.population
    least_certain, m, total = _take_all(Counter(weights), stratum.n)
    if least_certain is not None and weight >= least_certain:
        return 1.0
    return m * weight / total if total else 0.0

def select(seed: str, strata: Mapping[str, Stratum], units: Iterable[Unit]) -> list[Chosen]:
    """Selected and reserve units of every stratum, by stratum bytes and rank.

    >>> units = [Unit(f"U{i}", "A") for i in range(10)]
    >>> [c.role for c in select("0" * 64, {"A": Stratum("srs", 2, 10, 1)}, units)]
    ['selected', 'selected', 'reserve']
    """
    members: dict[str, list[tuple[str, int]]] = {name: [] for name in strata}
    for unit in units:
        if unit.status == 'ok':
            members[unit.stratum].append((unit.id, unit.weight))
    return [row for name in sorted(strata, key=str.encode) for row in select_stratum(seed, name, strata[name], members[name])]

def select_stratum(seed: str, name: str, stratum: Stratum, members: Iterable[tuple[str, int]]) -> list[Chosen]:
    """Selected and reserve units of one stratum from its eligible (id, weight)."""
    rows = list(members)
    first = First(seed, stratum, Counter((weight for _, weight in rows)))
    for id_, weight in rows:
        first.add(id_, weight)
    return chosen(name, stratum, first)

def chosen(name: str, stratum: Stratum, first: First) -> list[Chosen]:
    """The rows of a stratum: the first n are selected, the next ones its reserve."""
    return [Chosen(name, rank, id_, signed, 'selected' if rank <= stratum.n else 'reserve') for rank, (signed, id_) in enumerate(first.ranked(), 1)]


# --- teams -----------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class Seat:
    """席位: what it asks of its member."""
    lead: bool = False
    unit: str = '*'
    other_unit: bool = False

    @classmethod
    def of(cls, member: Mapping[str, Any]) -> Seat:
        return cls(member['lead'], member['unit'], member['other_unit'])

    def member(self) -> dict[str, Any]:
        return {'lead': self.lead, 'other_unit': self.other_unit, 'unit': self.unit}

@dataclass(frozen=True, slots=True)
class Filled:
    """A seat of an object's team: inspector and ticket, or "" and the blocking rule."""
    object: str
    seat: int
    inspector: str
    ticket: str

    def cells(self) -> tuple[str, ...]:
        return (self.object, str(self.seat), self.inspector, self.ticket)

def check_seats(seats: Sequence[Seat]) -> None:
    """Seats must be laminar in their order: for i < j disjoint, or those of seat i within those of seat j.

    >>> check_seats([Seat(lead=True), Seat(other_unit=True)])
    """
    for seat in seats:
        if seat.other_unit and (seat.lead or seat.unit != '*'):
            raise Difference('rule.json', None, 'seats', 'other_unit with lead or unit')
    for i, first in enumerate(seats):
        for second in seats[i + 1:]:
            if not (_disjoint(first, second) or _within(first, second)):
                raise Difference('rule.json', None, 'seats')

def _disjoint(a: Seat, b: Seat) -> bool:
    return a.unit != '*' and b.unit != '*' and (a.unit != b.unit)

def _within(a: Seat, b: Seat) -> bool:
    return (a.lead or not b.lead) and (b.unit == '*' or a.unit == b.unit)

def seat_fault(seats: Sequence[Seat], number: int, candidate: Inspector, team: Mapping[int, Inspector], needs: Sequence[str], barred: Collection[str]) -> str:
    """The first rule that keeps `candidate` from seat `number` in the place of whoever sits there, "" for none.

    The area is not asked: a substitute may come from elsewhere. `other_unit` is asked of the whole team, for a substitute in an
    earlier seat may be of the very unit that a later seat must not repeat.

    >>> ann, bob = Inspector("A", "U1", lead=True), Inspector("B", "U2")
    >>> seat_fault([Seat(lead=True), Seat(other_unit=True)], 1, Inspector("C", "U2", lead=True), {1: ann, 2: bob}, (), ())
    'other_unit'
    """
    seat, others = (seats[number - 1], {n: member for n, member in team.items() if n != number})
    rules = (('skills', set(needs) <= set(candidate.skills)), ('conflict', candidate.id not in barred), ('team', candidate.id not in {member.id for member in others.values()}), ('lead', candidate.lead or not seat.lead), ('unit', seat.unit in ('*', candidate.unit)), ('other_unit', _units_differ(seats, {**others, number: candidate})))
    return next((name for name, holds in rules if not holds), '')

def _units_differ(seats: Sequence[Seat], team: Mapping[int, Inspector]) -> bool:
    units: set[str] = set()
    for number in sorted(team):
        if seats[number - 1].other_unit and team[number].unit in units:
            return False
        units.add(team[number].unit)
    return True

def pair_ticket(seed: str, object_: str, inspector: str) -> str:
    """Ticket of a pair: sha256hex(S + ":a:" + object + ":" + inspector)."""
    return hashlib.sha256(f'{seed}:a:{object_}:{inspector}'.encode()).hexdigest()

class Roster:
    """检查人员库 with the loads as they grow while objects are served."""

    def __init__(self, seed: str, inspectors: Iterable[Inspector], conflicts: Iterable[tuple[str, str]], seats: Sequence[Seat]) -> None:
        self.seed, self.seats = (seed, tuple(seats))
        self.inspectors = {inspector.id: inspector for inspector in inspectors}
        self.load = {id_: inspector.carried for id_, inspector in self.inspectors.items()}
        self.barred: dict[str, set[str]] = {}
        for inspector, object_ in conflicts:
            self.barred.setdefault(object_, set()).add(inspector)
        self._suitable: dict[tuple[str, tuple[str, ...]], tuple[str, list[Inspector]]] = {}
        self._admitted: dict[tuple[str, tuple[str, ...], Seat], list[Inspector]] = {}

    def serve(self, object_: str, area: str, needs: tuple[str, ...]) -> list[Filled]:
        """Fill the seats of one object in order; loads grow."""
        team: list[Inspector] = []
        result = []
        for number, seat in enumerate(self.seats, 1):
            blocked, candidates = self._candidates(object_, area, needs, seat, team)
            if not candidates:
                result.append(Filled(object_, number, '', blocked))
                continue
            least = min((self.load[c.id] for c in candidates))
            signed, id_ = min(((pair_ticket(self.seed, object_, c.id), c.id) for c in candidates if self.load[c.id] == least))
            self.load[id_] += 1
            team.append(self.inspectors[id_])
            result.append(Filled(object_, number, id_, signed))
        return result

    def _by_place(self, area: str, needs: tuple[str, ...]) -> tuple[str, list[Inspector]]:
        """Inspectors of the area with the skills, and the filter that emptied the set ("" when none did)."""
        key = (area, needs)
        if key not in self._suitable:
            here = [i for i in self.inspectors.values() if not area or i.areas == ('*',) or area in i.areas]
            able = [i for i in here if set(needs) <= set(i.skills)]
            self._suitable[key] = ('area' if not here else 'skills' if not able else '', able)
        return self._suitable[key]

    def _candidates(self, object_: str, area: str, needs: tuple[str, ...], seat: Seat, team: Sequence[Inspector]) -> tuple[str, list[Inspector]]:
        barred, units = (self.barred.get(object_, set()), {member.unit for member in team} if seat.other_unit else ())
        members = {member.id for member in team}
        found = [i for i in self._by_seat(area, needs, seat) if i.id not in barred and i.id not in members and (i.unit not in units)]
        return ('', found) if found else (self._blocking(area, needs, seat, barred, team), [])

    def _by_seat(self, area: str, needs: tuple[str, ...], seat: Seat) -> list[Inspector]:
        """Inspectors of the area with the skills whom the seat admits, whoever else is in the team."""
        key = (area, needs, seat)
        if key not in self._admitted:
            able = self._by_place(area, needs)[1]
            self._admitted[key] = [i for i in able if (i.lead or not seat.lead) and seat.unit in ('*', i.unit)]
        return self._admitted[key]

    def _blocking(self, area: str, needs: tuple[str, ...], seat: Seat, barred: Collection[str], team: Sequence[Inspector]) -> str:
        """The first filter that empties the set, in the order of the protocol."""
        blocked, found = self._by_place(area, needs)
        if blocked:
            return blocked
        members, units = ({member.id for member in team}, {member.unit for member in team})
        filters: tuple[tuple[str, Callable[[Inspector], bool]], ...] = (('conflict', lambda i: i.id not in barred), ('team', lambda i: i.id not in members), ('lead', lambda i: i.lead or not seat.lead), ('unit', lambda i: seat.unit in ('*', i.unit)), ('other_unit', lambda i: not seat.other_unit or i.unit not in units))
        for name, keep in filters:
            found = [i for i in found if keep(i)]
            if not found:
                return name
        return ''

@dataclass(frozen=True, slots=True)
class Served:
    """An object to be served: its ticket, id, area and needs."""
    ticket: str
    id: str
    area: str = ''
    needs: tuple[str, ...] = ()

def assign(seed: str, objects: Iterable[Served], inspectors: Iterable[Inspector], conflicts: Iterable[tuple[str, str]], seats: Sequence[Seat], watch: Watch | None=None) -> list[Filled]:
    """Teams of all selected objects, by object bytes and seat."""
    roster = Roster(seed, inspectors, conflicts, seats)
    called = watched(sorted(objects, key=lambda o: (o.ticket, o.id)), 'teams', 200, watch)
    served = [row for o in called for row in roster.serve(o.id, o.area, o.needs)]
    return sorted(served, key=lambda row: (row.object.encode(), row.seat))


# --- bundle ----------------------------------------------------------------------------------------------

FILES = ('rule.json', 'commitment.json', 'reveal.json', 'frame.tsv', 'inspectors.tsv', 'conflicts.tsv', 'selection.tsv', 'teams.tsv')
TABLES = ('frame.tsv', 'inspectors.tsv', 'conflicts.tsv')
MAX_UNPACKED = 4 * 2 ** 30

class NotABundle(ValueError):
    """The file is not a bundle at all: not a ZIP of exactly these eight files."""

@dataclass(frozen=True, slots=True)
class Outcome:
    """What a draw gives: selection and teams, and the seed."""
    seed: str
    selection: list[Chosen]
    teams: list[Filled]

    def files(self) -> dict[str, bytes]:
        """selection.tsv and teams.tsv."""
        return {'selection.tsv': table_bytes('selection.tsv', [row.cells() for row in self.selection]), 'teams.tsv': table_bytes('teams.tsv', [row.cells() for row in self.teams])}

    @property
    def n_selected(self) -> int:
        return sum((row.role == 'selected' for row in self.selection))

    @property
    def n_reserve(self) -> int:
        return len(self.selection) - self.n_selected

    @property
    def n_unfilled(self) -> int:
        return sum((not row.inspector for row in self.teams))

def table_bytes(name: str, rows: Sequence[Sequence[str]]) -> bytes:
    """A table whose rows are already in order."""
    return ''.join(('\t'.join(row) + '\n' for row in (HEADERS[name], *rows))).encode()

def rule_bytes(*, authority: str, draw_number: str, title: str, seats: Sequence[Seat], strata: Mapping[str, Stratum]) -> bytes:
    """rule.json, checked for its members and its seats."""
    data = canonical({'authority': authority, 'draw': draw_number, 'protocol': PROTOCOL, 'seats': [seat.member() for seat in seats], 'strata': {name: stratum.member() for name, stratum in strata.items()}, 'title': title})
    read_json('rule.json', data)
    check_seats(seats)
    return data

def check(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Everything that can be checked before the commitment: tables, known ids, rule; gives the rule."""
    rule = read_json('rule.json', files['rule.json'])
    for name in TABLES:
        check_table(name, files[name])
    check_conflicts(files)
    check_rule(rule, files['frame.tsv'])
    return rule

def check_conflicts(files: Mapping[str, bytes]) -> None:
    """Every inspector and object of conflicts.tsv stands in its table."""
    pairs = list(numbered_rows(files['conflicts.tsv']))
    if not pairs:
        return
    known_inspectors = {cells[0] for cells in rows(files['inspectors.tsv'])}
    wanted = {cells[1] for _, cells in pairs}
    known_objects = {cells[0] for cells in rows(files['frame.tsv']) if cells[0] in wanted}
    for line, (inspector, object_) in pairs:
        if inspector not in known_inspectors or object_ not in known_objects:
            raise Difference('conflicts.tsv', line, 'unknown id')

def check_rule(rule: Mapping[str, Any], frame_data: bytes) -> None:
    """The strata of the rule against the frame, then the seats."""
    populations: dict[str, int] = {}
    weighted: set[str] = set()
    for cells in rows(frame_data):
        populations[cells[1]] = populations.get(cells[1], 0) + (cells[3] == 'ok')
        if cells[2] != '1':
            weighted.add(cells[1])
    check_strata({name: Stratum.of(member) for name, member in rule['strata'].items()}, populations, weighted)
    check_seats([Seat.of(member) for member in rule['seats']])

def run(files: Mapping[str, bytes], commitment: bytes, reveal: bytes, watch: Watch | None=None) -> Outcome:
    """Selection and teams of a committed and revealed draw; the files were checked."""
    revealed = read_json('reveal.json', reveal)
    s = seed_seed(digest(commitment), revealed['secret'], revealed['public_value'])
    rule = read_json('rule.json', files['rule.json'])
    return Outcome(s, *run_with(s, rule, files, watch))

def run_with(s: str, rule: Mapping[str, Any], files: Mapping[str, bytes], watch: Watch | None=None) -> tuple[list[Chosen], list[Filled]]:
    """Selection and teams under a seed (a marked dummy one for the planner's rehearsal)."""
    strata = {name: Stratum.of(member) for name, member in rule['strata'].items()}
    weights = _weights(strata, files['frame.tsv'])
    firsts = {name: First(s, stratum, weights.get(name)) for name, stratum in strata.items()}
    for cells in watched(rows(files['frame.tsv']), 'tickets', 20000, watch):
        if cells[3] == 'ok':
            firsts[cells[1]].add(cells[0], int(cells[2]))
    selection = [row for name in sorted(strata, key=str.encode) for row in chosen(name, strata[name], firsts.pop(name))]
    seats = [Seat.of(member) for member in rule['seats']]
    return (selection, assign(s, served(selection, files), *roster_of(files), seats, watch))

def _weights(strata: Mapping[str, Stratum], frame_data: bytes) -> dict[str, Counter[int]]:
    """Eligible units by weight, of the strata that are drawn by weight."""
    counts: dict[str, Counter[int]] = {name: Counter() for name, stratum in strata.items() if stratum.method == 'pareto'}
    if counts:
        for cells in rows(frame_data):
            if cells[3] == 'ok' and cells[1] in counts:
                counts[cells[1]][int(cells[2])] += 1
    return counts

def served(selection: Sequence[Chosen], files: Mapping[str, bytes]) -> list[Served]:
    """The selected objects with what their teams need."""
    wanted = {row.id: row.ticket for row in selection if row.role == 'selected'}
    result = []
    for cells in rows(files['frame.tsv']):
        if cells[0] in wanted:
            unit = unit_of(cells)
            result.append(Served(wanted[unit.id], unit.id, unit.area, unit.needs))
    return result

def roster_of(files: Mapping[str, bytes]) -> tuple[list[Inspector], list[tuple[str, str]]]:
    """Inspectors and conflicts of a bundle."""
    people = [inspector_of(cells) for cells in rows(files['inspectors.tsv'])]
    return (people, [(cells[0], cells[1]) for cells in rows(files['conflicts.tsv'])])

def build(files: Mapping[str, bytes]) -> bytes:
    """The ZIP: fixed order, fixed times, deflated at a fixed level."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in FILES:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.external_attr, info.create_system = (zipfile.ZIP_DEFLATED, 420 << 16, 3)
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
    except Exception as error:
        raise NotABundle(f'{type(error).__name__}: {error}') from None

def _check_archive(archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo], data: bytes) -> None:
    if sorted((info.filename for info in infos)) != sorted(FILES):
        raise NotABundle('文件清单不符：应恰为 ' + ' '.join(FILES))
    if any((info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos)):
        raise NotABundle('只接受存储或 deflate 压缩')
    if sum((info.file_size for info in infos)) > MAX_UNPACKED:
        raise NotABundle('解压后超过 4 GiB')
    if archive.comment or data[:4] != b'PK\x03\x04' or data[-22:-18] != b'PK\x05\x06' or min((info.header_offset for info in infos)):
        raise NotABundle('ZIP 前后或注释中有多余内容')


# --- afterwards ------------------------------------------------------------------------------------------

Called = dict[str, tuple[str, ...]]

def check_calls(files: Mapping[str, bytes], outcome: Outcome, calls: bytes) -> Called:
    """Check calls.tsv: reserves in rank order within their stratum, teams by section 6; gives the team of every call."""
    living = {row.id: row.stratum for row in outcome.selection if row.role == 'selected'}
    waiting: dict[str, list[Chosen]] = {}
    for row in outcome.selection:
        if row.role == 'reserve':
            waiting.setdefault(row.stratum, []).append(row)
    reserve = {row.id for rows in waiting.values() for row in rows}
    roster, units = (_served(files, outcome), _units(files, reserve))
    called: Called = {}
    for line, (stratum, out_id, _reason, in_id, team, _at) in _numbered('calls.tsv', calls):
        if living.get(out_id) != stratum or in_id not in reserve:
            raise Difference('calls.tsv', line, 'unknown id', out_id if in_id in reserve else in_id)
        queue = waiting.get(stratum, [])
        if not queue or queue[0].id != in_id:
            raise Difference('calls.tsv', line, 'rank', queue[0].id if queue else '')
        queue.pop(0)
        del living[out_id]
        living[in_id] = stratum
        called[in_id] = tuple((row.inspector for row in roster.serve(in_id, units[in_id].area, units[in_id].needs)))
        if team != ','.join(called[in_id]):
            raise Difference('calls.tsv', line, 'team', ','.join(called[in_id]))
    return called

def _served(files: Mapping[str, bytes], outcome: Outcome) -> Roster:
    """The roster with the loads reached after all selected objects were served."""
    roster = Roster(outcome.seed, *roster_of(files), _seats(files))
    for o in sorted(served(outcome.selection, files), key=lambda o: (o.ticket, o.id)):
        roster.serve(o.id, o.area, o.needs)
    return roster

def check_swaps(files: Mapping[str, bytes], outcome: Outcome, swaps: bytes, called: Mapping[str, Sequence[str]]) -> int:
    """Check swaps.tsv: who goes sits there, who comes is of the roster and fits the seat; gives the number of swaps.

    Somebody from outside the roster may only fill a seat that stood empty (shortage); of him nothing but his place is known here.
    """
    sitting: dict[str, dict[int, str]] = {}
    for row in outcome.teams:
        sitting.setdefault(row.object, {})[row.seat] = row.inspector
    sitting |= {object_: dict(enumerate(team, 1)) for object_, team in called.items()}
    people, conflicts = roster_of(files)
    known, barred, seats = ({person.id: person for person in people}, set(conflicts), _seats(files))
    units, number = (_units(files, set(sitting)), 0)
    for line, (object_, seat_, out_id, _reason, in_id, _at) in _numbered('swaps.tsv', swaps):
        team, seat, number = (sitting.get(object_, {}), int(seat_), number + 1)
        if team.get(seat) != out_id:
            raise Difference('swaps.tsv', line, 'unknown id', team.get(seat, object_))
        if in_id not in known and out_id:
            raise Difference('swaps.tsv', line, 'unknown id', in_id)
        candidate = known.get(in_id) or Inspector(in_id, '')
        if in_id in team.values():
            raise Difference('swaps.tsv', line, 'team', 'team')
        present = {n: known[id_] for n, id_ in team.items() if id_ in known}
        bar = {in_id} if (in_id, object_) in barred else ()
        if in_id in known and (fault := seat_fault(seats, seat, candidate, present, units[object_].needs, bar)):
            raise Difference('swaps.tsv', line, 'team', fault)
        team[seat] = in_id
    return number

def _numbered(name: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Line and cells behind `seq` of every row of a table whose rows count from 1 without a gap."""
    check_table(name, data)
    for number, (line, cells) in enumerate(numbered_rows(data), 1):
        if int(cells[0]) != number:
            raise Difference(name, line, 'order')
        yield (line, cells[1:])

def _seats(files: Mapping[str, bytes]) -> list[Seat]:
    return [Seat.of(member) for member in read_json('rule.json', files['rule.json'])['seats']]

def _units(files: Mapping[str, bytes], ids: set[str]) -> dict[str, Unit]:
    return {cells[0]: unit_of(cells) for cells in rows(files['frame.tsv']) if cells[0] in ids}


# --- verify ----------------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class Verified:
    """核验通过: what the bundle says, rebuilt."""
    number: str
    commitment: str
    sources: list[dict[str, Any]]
    public_value: str
    outcome: Outcome
    strata: list[tuple[str, int, dict[str, int], int, str]]

    @property
    def line(self) -> str:
        """The first line that the command prints."""
        n_teams = len({row.object for row in self.outcome.teams})
        return f'OK  draw {self.number}  {self.outcome.n_selected} selected  {self.outcome.n_reserve} reserve  {n_teams} teams  {self.outcome.n_unfilled} unfilled'

def check_bundle(data: bytes, commitment: str | None=None) -> Verified:
    """Verify the bytes of a bundle.

    Parameters
    ----------
    commitment : digest of the commitment obtained elsewhere, compared when given.

    Raises
    ------
    NotABundle, Difference
    """
    return check_files(unpack(data), commitment)

def check_files(files: Mapping[str, bytes], commitment: str | None=None) -> Verified:
    """Verify the eight files, in the order of the protocol; stops at the first difference."""
    rule, promised, revealed = (read_json(name, files[name]) for name in FILES[:3])
    for name in (*TABLES, 'selection.tsv', 'teams.tsv'):
        check_table(name, files[name])
    check_conflicts(files)
    for name in ('frame.tsv', 'inspectors.tsv', 'conflicts.tsv', 'rule.json'):
        if digest(files[name]) != promised['files'][name]:
            raise Difference(name, None, 'digest')
    check_rule(rule, files['frame.tsv'])
    if (rule['protocol'], rule['draw']) != (promised['protocol'], promised['draw']):
        raise Difference('commitment.json', None, 'protocol or draw')
    own = digest(files['commitment.json'])
    if commitment is not None and own != commitment.strip().lower():
        raise Difference('commitment.json', None, 'digest', f'{own} 与另行取得的承诺摘要不同')
    check_reveal(promised, own, revealed)
    s = seed_seed(own, revealed['secret'], revealed['public_value'])
    outcome = Outcome(s, *run_with(s, rule, files))
    for name, expected in outcome.files().items():
        _compare(name, files[name], expected)
    return Verified(rule['draw'], own, promised['public_sources'], revealed['public_value'], outcome, _strata(rule, files))

def _compare(name: str, given: bytes, expected: bytes) -> None:
    """The published table against the rebuilt one: first line that differs, then the length."""
    theirs, ours = (given.decode().split('\n'), expected.decode().split('\n'))
    for line, (a, b) in enumerate(zip(theirs[:-1], ours[:-1], strict=False), 1):
        if a != b:
            raise Difference(name, line, 'differs', b.replace('\t', ' '))
    if len(theirs) != len(ours):
        raise Difference(name, None, 'length', str(len(ours) - 2))

def _strata(rule: Mapping[str, Any], files: Mapping[str, bytes]) -> list[tuple[str, int, dict[str, int], int, str]]:
    excluded: dict[str, dict[str, int]] = {name: {} for name in rule['strata']}
    for cells in rows(files['frame.tsv']):
        if cells[3] != 'ok':
            counts = excluded[cells[1]]
            counts[cells[3]] = counts.get(cells[3], 0) + 1
    result = []
    for name in sorted(rule['strata'], key=str.encode):
        member = rule['strata'][name]
        chance = f"{member['n']}/{member['population']}" if member['method'] == 'srs' else '∝ weight'
        result.append((name, member['population'], dict(sorted(excluded[name].items())), member['n'], chance))
    return result
USAGE = '用法 usage: verify BUNDLE.zip [--commitment DIGEST] [--calls calls.tsv] [--swaps swaps.tsv] [--json]'

def main(arguments: Sequence[str]) -> int:
    """The command; prints what it found and gives the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors='backslashreplace')
    paths, options = _options(list(arguments))
    if paths is None or len(paths) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        files = unpack(Path(paths[0]).read_bytes())
    except (NotABundle, OSError) as error:
        print(f'NOT A BUNDLE  {error}')
        return 2
    try:
        found = check_files(files, options.get('commitment'))
        after = _afterwards(files, found.outcome, options)
    except Difference as error:
        print(json.dumps({'ok': False, 'file': error.file, 'line': error.line, 'check': error.check}) if 'json' in options else f'DIFFERENCE {error}')
        return 1
    except OSError as error:
        print(f'{error}', file=sys.stderr)
        return 2
    _print(found, after, as_json='json' in options)
    return 0

def _afterwards(files: Mapping[str, bytes], outcome: Outcome, options: Mapping[str, str]) -> dict[str, int | None]:
    """How many calls and swaps were checked; None for what was not asked."""
    called = check_calls(files, outcome, Path(options['calls']).read_bytes()) if 'calls' in options else None
    n_swaps = check_swaps(files, outcome, Path(options['swaps']).read_bytes(), called or {}) if 'swaps' in options else None
    return {'calls': None if called is None else len(called), 'swaps': n_swaps}

def _options(arguments: list[str]) -> tuple[list[str] | None, dict[str, str]]:
    paths: list[str] = []
    options: dict[str, str] = {}
    while arguments:
        word = arguments.pop(0)
        if word == '--json':
            options['json'] = '1'
        elif word in ('--commitment', '--calls', '--swaps') and arguments:
            options[word[2:]] = arguments.pop(0)
        elif word.startswith('--'):
            return (None, {})
        else:
            paths.append(word)
    return (paths, options)

def _print(found: Verified, after: Mapping[str, int | None], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({'ok': True, 'draw': found.number, 'commitment': found.commitment, 'seed': found.outcome.seed, 'public_value': found.public_value, 'selected': found.outcome.n_selected, 'reserve': found.outcome.n_reserve, 'unfilled': found.outcome.n_unfilled, **after}, ensure_ascii=False))
        return
    print(found.line)
    print(f'commitment  {found.commitment}')
    for source in found.sources:
        print(f"source      {source['name']} {source['issue']} {source['drawn_at']}")
    print(f'value       {found.public_value}')
    print(f'S           {found.outcome.seed}')
    for name, population, excluded, n, chance in found.strata:
        left_out = ' '.join((f'{code} {count}' for code, count in excluded.items())) or '0'
        print(f'stratum     {name}  population {population}  excluded {left_out}  n {n}  probability {chance}')
    if after['calls'] is not None:
        print(f"calls       {after['calls']} in rank order")
    if after['swaps'] is not None:
        print(f"swaps       {after['swaps']} by the rules of their seats")
if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
