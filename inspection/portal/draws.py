"""What the ledger tells of a draw: its present state, the numbers not public yet, why one firm was or was not drawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import clock
from inspection.errors import Invalid, NotFound
from inspection.i18n import N_
from inspection.ledger import Entry
from sampling import bundle as bundles
from sampling import draw as tickets
from sampling import frame

PRESENT = {
    "reveal": N_("已公布名单"), "call": N_("已公布名单"), "swap": N_("已公布名单"), "supplement": N_("已公布名单"), "embargo": N_("已揭示，名单保密中"), "void": N_("作废"), "unrevealed": N_("逾期未揭示，视为作废"),
}


def state_of(entries: Sequence[Entry]) -> str:
    """The present state of a draw from what was made public about it."""
    last = entries[-1]
    if last.kind != "commitment":
        return PRESENT.get(last.kind, last.kind)
    promised = json.loads(last.content["commitment"])
    return N_("逾期未揭示，视为作废") if clock.stamp(clock.now()) > promised["reveal_by"] else N_("已承诺，待揭示")


def afterwards(entries: Sequence[Entry]) -> dict[str, Any]:
    """What was published after the list: calls and swaps counted by reason, and the newest table of each (it holds all lines)."""
    calls, swaps = [e for e in entries if e.kind == "call"], [e for e in entries if e.kind == "swap"]
    counted: dict[str, int] = {}
    for entry in calls:
        word = str(entry.content.get("word") or entry.content["reason"])
        counted[word] = counted.get(word, 0) + 1
    last = swaps[-1].content if swaps else {"counts": {}, "words": {}}
    return {
        "calls": calls[-1] if calls else None, "call_reasons": counted, "swaps": swaps[-1] if swaps else None,
        "swap_reasons": {last["words"].get(code, code): n for code, n in last["counts"].items()},
    }


def names_of(entries: Sequence[Entry]) -> dict[str, str]:
    """Names of the firms of a draw as they were made public, by code."""
    return {code: name for entry in entries for code, name in entry.content.get("names", {}).items()}


def not_public(session: Session) -> list[str]:
    """Numbers below the highest of their year of which nothing is public yet: the series has no silent gaps."""
    known = set(session.scalars(select(Entry.subject).where(Entry.board == "draws").distinct()))
    found = []
    for year in sorted({number[:4] for number in known}):
        serials = {int(number[5:]) for number in known if number.startswith(f"{year}-") and number[5:].isdigit()}
        found += [f"{year}-{n:03d}" for n in range(1, max(serials, default=0)) if n not in serials]
    return found


def _row(table: bytes, code: str) -> frame.Unit | None:
    """The row of one unit in frame.tsv, without reading a million others as text."""
    at = table.find(f"\n{code}\t".encode())
    return None if at < 0 else frame.unit_of(table[at + 1 : table.index(b"\n", at + 1)].decode().split("\t"))


def _label(entry: Entry, stratum: str) -> str:
    """The stratum in the words that were made public with the list."""
    return next((str(found["label"]) for found in entry.content.get("strata", ()) if found["name"] == stratum and "label" in found), stratum)


def looked_up(session: Session, number: str, code: str) -> dict[str, Any]:
    """查一家: row, stratum, probability, ticket, cut-off and rank of one unit in a published draw."""
    if not frame.is_id(code):
        raise Invalid("bad-id", "编号格式不对：请输入统一社会信用代码或内部编号。")
    entries = session.scalars(select(Entry).where(Entry.board == "draws", Entry.subject == number).order_by(Entry.id)).all()
    entry = next((e for e in entries if e.kind == "reveal"), None)
    if entry is None or entry.file is None:
        raise NotFound("not-published", "没有公布过这次抽取的结果。")
    files, seed = bundles.unpack(entry.file), str(entry.content["seed"])
    row = _row(files["frame.tsv"], code)
    if row is None:
        return {"row": None, "seed": seed}
    rule = json.loads(files["rule.json"])["strata"][row.stratum]
    chosen = [cells for cells in frame.rows(files["selection.tsv"]) if cells[0] == row.stratum]
    mine = next((cells for cells in chosen if cells[2] == code), None)
    selected = [cells for cells in chosen if cells[4] == "selected"]
    return {
        "row": row, "label": _label(entry, row.stratum), "rule": rule, "void": entries[-1].kind == "void", "words": entry.content.get("words", {}), "excluded": entry.content.get("words", {}).get(row.status, row.status), "seed": seed, "ticket": tickets.ticket(seed, code), "mine": mine,
        "cutoff": selected[-1][3] if selected else "", "chance": rule["n"] / rule["population"] if rule["population"] else 0,
    }
