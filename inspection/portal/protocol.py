"""The protocol of a draw as steps in order: what was promised, what happened, what was changed afterwards. No database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inspection.i18n import N_, _, show_instant
from inspection.ledger import Entry
from inspection.portal.draws import names_of
from inspection.portal.lines import Fact


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when, what in words, a note, where on this page (or on which) it is told in full, whether it is still to come."""

    at: datetime
    word: str
    note: str = ""
    anchor: str = ""
    subject: str = ""  # of a result that was corrected
    planned: bool = False


def steps(entries: Sequence[Entry], corrections: Sequence[Fact], now: datetime) -> list[Step]:
    """The steps of a draw by time.

    Parameters
    ----------
    entries : the public facts of the draw, oldest first.
    corrections : public corrections of its results.
    """
    found = [step for entry in entries for step in _of(entry, entries, now)]
    found += [Step(fact.at, N_("检查结果更正"), str(fact.content.get("reason", "")), subject=fact.subject) for fact in corrections]
    return sorted(found, key=lambda step: step.at)


def _of(entry: Entry, entries: Sequence[Entry], now: datetime) -> Iterator[Step]:
    anchor, said = f"#e-{entry.id}", entry.content
    match entry.kind:
        case "commitment":
            yield from _promised(entry, entries, now)
        case "reveal":
            if not any(other.kind == "embargo" for other in entries):
                yield Step(_moment(json.loads(said["reveal"])["revealed_at"]), N_("揭示：两人录入公开数"), _text(said.get("public_value")), anchor)
            yield Step(entry.at, N_("公布名单和抽取包"), _("抽中 %(n)s，候补 %(m)s", n=said["selected"], m=said["reserve"]), anchor)
        case "embargo":
            yield Step(entry.at, N_("揭示：两人录入公开数"), _("名单保密至 %(until)s", until=show_instant(said["embargo_until"])), anchor)
        case "call":
            yield Step(entry.at, N_("候补递补"), f"{_firm(entries, said['out'])} → {_firm(entries, said['in'])} {_(_text(said.get('word')))}", anchor)
        case "swap":
            yield Step(entry.at, N_("换人"), f"{_firm(entries, said['object'])} {_(_text(said.get('words', {}).get(said['reason'])))}", anchor)
        case "supplement":
            yield Step(entry.at, N_("补充抽取"), f"{said['by']} {said['title']}", anchor)
        case "void":
            yield Step(entry.at, N_("作废"), _text(said.get("reason")), anchor)
        case "unrevealed":
            yield Step(entry.at, N_("逾期未揭示，视为作废"), _text(said.get("reason")), anchor)


def _firm(entries: Sequence[Entry], code: str) -> str:
    """A firm by its public name and its code."""
    return f"{names_of(entries).get(code, '')} {code}".strip()


def _promised(entry: Entry, entries: Sequence[Entry], now: datetime) -> Iterator[Step]:
    """Freeze, promise, public value; and what is announced for a promise that nothing has followed yet."""
    promised: Mapping[str, Any] = json.loads(entry.content["commitment"])
    anchor = f"#e-{entry.id}"
    if entry.content.get("frozen_at"):
        yield Step(_moment(entry.content["frozen_at"]), N_("冻结底册"), _("底册摘要 %(digest)s", digest=promised["files"]["frame.tsv"][:16]), anchor)
    yield Step(_moment(promised["committed_at"]), N_("作出并公布承诺"), _("承诺摘要 %(digest)s", digest=entry.content["digest"][:16]), anchor)
    ended = next((other.at for other in entries if other.kind in ("void", "unrevealed")), None)
    for source in promised["public_sources"]:
        at = _moment(source["drawn_at"])
        if ended is not None and ended < at:
            continue  # nobody waited for it any more
        yield Step(at, N_("公开数产生"), f"{source['name']} {source['issue']}", anchor, planned=at > now)
    if any(other.kind not in ("commitment", "supplement") for other in entries):
        return
    if now > (last := _moment(promised["reveal_by"])):
        yield Step(last, N_("逾期未揭示，视为作废"), anchor=anchor)
    else:
        yield Step(_moment(promised["reveal_not_before"]), N_("揭示"), _("最迟 %(until)s", until=show_instant(promised["reveal_by"])), anchor, planned=True)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
