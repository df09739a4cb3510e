"""Public facts found by the words that were written with them: every condition is answered by an index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from inspection import keywords
from inspection.ledger import Entry, Key
from inspection.portal.lines import Fact

MOST_CHOICES = 300
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor looks for; "" is no condition. `first` and `last` are days as text, both included."""

    term: str = ""
    department: str = ""
    item: str = ""
    draw: str = ""
    first: str = ""
    last: str = ""


ANYTHING = Wanted()


def standing(board: str, wanted: Wanted = ANYTHING) -> Select[Entry]:
    """The facts of a board that no later one replaces, as far as they are what is wanted."""
    later = aliased(Entry)
    conditions = [Entry.board == board, ~exists().where(later.replaces_id == Entry.id)]
    conditions += [_has(field, word) for field, word in (("department", wanted.department), ("item", wanted.item), ("draw", wanted.draw)) if word]
    if wanted.term:
        conditions.append(or_(_has("code", wanted.term), and_(*_called(wanted.term))))
    if wanted.first:
        conditions.append(Entry.id.in_(select(Key.entry_id).where(Key.field == "to", Key.word >= wanted.first)))
    if wanted.last:
        conditions.append(Entry.id.in_(select(Key.entry_id).where(Key.field == "from", Key.word <= wanted.last)))
    return select(Entry).where(*conditions)


def _has(field: str, word: str) -> ColumnElement[bool]:
    return Entry.id.in_(select(Key.entry_id).where(Key.field == field, Key.word == word))


def _called(term: str) -> list[ColumnElement[bool]]:
    """A name holds the term: all its pieces by the index, then the pieces in their order."""
    pattern = "%" + term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    whole = exists().where(Key.entry_id == Entry.id, Key.field == "name", Key.word.like(pattern, escape="\\"))
    return [*(_has("part", piece) for piece in sorted(keywords.pieces(term))), whole]


def number_of(session: Session, query: Select[Entry]) -> int:
    """How many facts a query finds."""
    return session.scalar(select(func.count()).select_from(query.with_only_columns(Entry.id).subquery())) or 0


def facts(session: Session, query: Select[Entry]) -> Iterator[Fact]:
    """The facts of a query, read in chunks and without their files."""
    columns = (Entry.id, Entry.subject, Entry.kind, Entry.content, Entry.at, Entry.digest, Entry.replaces_id)
    for row in session.execute(query.with_only_columns(*columns).execution_options(yield_per=CHUNK)):
        yield Fact(row.id, row.subject, row.kind, _content(session, row), row.at, row.digest)


def _content(session: Session, row: Any) -> dict[str, Any]:
    """What a fact says; a withdrawal says it of what it takes back."""
    if row.kind != "withdrawal" or row.replaces_id is None:
        return dict(row.content)
    return {**(session.scalar(select(Entry.content).where(Entry.id == row.replaces_id)) or {}), **row.content}


def every_version(board: str, subject: str) -> Select[Entry]:
    """All facts about a subject, the newest first."""
    return select(Entry).where(Entry.board == board, Entry.subject == subject).order_by(Entry.id.desc())


def files_of(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Name and digest of the files of some facts."""
    rows = session.execute(select(Entry.id, Entry.file_name, Entry.file_digest).where(Entry.id.in_(ids), Entry.file_name != ""))
    return {id_: (name, digest) for id_, name, digest in rows}


def newest_list(session: Session) -> Fact | None:
    """The list of items as it was made public last."""
    return next(facts(session, standing("items").order_by(Entry.id.desc()).limit(1)), None)


def choices(session: Session, field: str) -> list[str]:
    """The different words of a field in order, from one to the next by the index."""
    found: list[str] = []
    word = session.scalar(select(func.min(Key.word)).where(Key.field == field))
    while word is not None and len(found) < MOST_CHOICES:
        found.append(word)
        word = session.scalar(select(func.min(Key.word)).where(Key.field == field, Key.word > word))
    return found


def corrections_of(session: Session, draw: str) -> list[Fact]:
    """Public corrections of the results of a draw, the newest ones."""
    mine = select(Key.entry_id).where(Key.field == "draw", Key.word == keywords.normal(draw))
    query = select(Entry).where(Entry.board == "results", Entry.kind == "correction", Entry.id.in_(mine)).order_by(Entry.id.desc()).limit(MOST_CHOICES)
    return list(facts(session, query))


def draws_of(session: Session, task: str) -> list[str]:
    """Numbers of the draws that were made public for a task."""
    mine = select(Key.entry_id).where(Key.field == "code", Key.word == keywords.normal(task))
    return sorted(set(session.scalars(select(Entry.subject).where(Entry.board == "draws", Entry.id.in_(mine)))))
