"""What became of the drawn firms, counted from the results board alone: response, outcomes, result categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import keywords
from inspection.ledger import Entry, Key
from inspection.portal.rates import DONE, Figures, figures
from sampling.target import rate_text


@dataclass(frozen=True, slots=True)
class Results:
    """公示的结果 of a draw: selected and called firms, how many results are public, how many of them were inspected."""

    selected: int
    called: int
    public: int  # of the selected
    public_called: int
    done: int  # of the selected
    done_called: int
    unknown: int  # of the selected: not public yet, or published before outcomes had codes
    outcomes: list[tuple[str, int, int]]  # words, selected, called
    categories: list[tuple[str, int]]
    figures: Figures

    @property
    def response(self) -> str:
        """Of the firms first selected; from … to while results are not public yet."""
        least, most = (rate_text(n, self.selected) for n in (self.done, self.done + self.unknown))
        return least if least == most else f"{least.rstrip('%')}–{most}"


def results(session: Session, entries: Sequence[Entry]) -> Results | None:
    """The results of a draw with a public list; None while there is no list, or when the draw is void."""
    reveal = next((e for e in entries if e.kind == "reveal"), None)
    if reveal is None or entries[-1].kind == "void":
        return None
    selected = set(reveal.content["names"])
    called = {str(e.content["in"]) for e in entries if e.kind == "call"}
    newest = _newest(session, reveal.subject)
    outcomes = Counter((str(found["outcome"]), code in called) for code, found in newest.items())
    first = {code: found.get("outcome_code") for code, found in newest.items() if code in selected}
    return Results(
        len(selected), len(called), len(first), sum(code in called for code in newest), sum(code == DONE for code in first.values()),
        sum(code in called and found.get("outcome_code") == DONE for code, found in newest.items()),
        len(selected) - sum(code is not None for code in first.values()),
        [(word, outcomes[word, False], outcomes[word, True]) for word in sorted({word for word, _ in outcomes})],
        sorted(Counter(str(word) for found in newest.values() for word in found["results"]).items()),
        figures(reveal.content.get("strata", ()), list(newest.values()), len((selected | called) - set(newest))),
    )  # fmt: skip


def _newest(session: Session, number: str) -> dict[str, dict[str, Any]]:
    """The newest published result of every firm of a draw: a correction replaces what it corrects."""
    mine = select(Key.entry_id).where(Key.field == "draw", Key.word == keywords.normal(number))
    query = select(Entry.content).where(Entry.board == "results", Entry.id.in_(mine)).order_by(Entry.id)
    return {str(found["unit_code"]): found for found in session.scalars(query)}
