"""The reveal 揭示: the public value typed by two people; when they agree the outcome follows, at once or, for a large frame, by a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.auth.roles import Permission as P
from inspection.draws import background, outcome
from inspection.draws.asking import get, may
from inspection.draws.models import Commitment, Draw, Reveal, RevealEntry
from inspection.errors import Invalid, Refused
from inspection.jobs.models import Job
from sampling import seed
from sampling.characters import is_text


@dataclass(frozen=True, slots=True)
class Entered:
    """What an entry of the public value led to: waiting for the second person, a mismatch, agreement, or the reveal itself."""

    state: str  # waiting, mismatch, agreed (a job makes the list), revealed
    reveal: Reveal | None = None
    job: Job | None = None


def enter_value(
    session: Session, actor: Actor, draw_id: int, *, public_value: str, witnesses: Sequence[str], draw_key: str
) -> Entered:
    """The draw officer types the public value, then a witness of another role; two equal entries make the reveal.

    Whether the reveal can be made (secret, times) is asked before the second entry is kept.

    Raises
    ------
    Refused : before the announced time, after its end, the same person twice, the wrong role for this entry, agreed already.
    Invalid : a value of another form than announced, a name that cannot be written.
    """
    draw = get(session, draw_id)
    may(draw, "revealed")
    commitment = session.get_one(Commitment, draw.id)
    promised = seed.read_json("commitment.json", commitment.content.encode())
    value, people = _typed(promised["public_sources"], public_value, witnesses)
    _check_time(commitment)
    if outcome.agreed(session, draw.id):
        raise Refused("already-agreed", "抽取 %(number)s 两人录入已经一致，名单正在生成，不必再录。", number=draw.number)
    first, attempt = _open_entry(session, draw.id)
    _check_person(actor, first)
    session.add(
        RevealEntry(
            draw_id=draw.id, attempt=attempt, account_id=actor.id, account_name=actor.name, public_value=value, witnesses=people,
            entered_at=clock.now(),
        )
    )
    session.flush()
    audit.record(session, actor, "draw.enter_value", "draw", draw.number, attempt=attempt, second=first is not None)
    if first is None:
        return Entered("waiting")
    if first.public_value != value:
        return Entered("mismatch")
    return _reveal(session, actor, draw, draw_key)


def _reveal(session: Session, actor: Actor, draw: Draw, draw_key: str) -> Entered:
    """The outcome of two equal entries: a small frame at once, a large one by a job of the same transaction."""
    on = outcome.agreed(session, draw.id)
    assert on is not None
    outcome.reveal_bytes(session, draw, on, draw_key)
    if background.is_large(session, draw):
        return Entered("agreed", job=background.ask(session, actor, background.REVEAL, draw))
    return Entered("revealed", outcome.write_down(session, actor, draw.id, outcome.compute(session, draw, draw_key)))


def _typed(sources: Sequence[dict[str, Any]], public_value: str, witnesses: Sequence[str]) -> tuple[str, list[str]]:
    """The value with single blanks, and the names of the witnesses."""
    value = "|".join(" ".join(part.split()) for part in public_value.split("|"))
    if fault := seed.value_fault(sources, value):
        raise Invalid("public-value", "公开数不符合公布的形式：%(why)s。", fields={"public_value": [fault]}, why=fault)
    people = [name.strip() for name in witnesses if name.strip()]
    if not all(map(is_text, people)):
        raise Invalid("bad-witness", "见证人姓名含有不能使用的字符，请改正。", fields={"witnesses": ["含有不能使用的字符"]})
    return value, people


def _check_time(commitment: Commitment) -> None:
    if clock.now() < commitment.reveal_not_before:
        raise Refused("too-early", "尚未到公布的揭示时间 %(at)s，不能录入。", at=clock.stamp(commitment.reveal_not_before))
    if clock.now() > commitment.reveal_by:
        raise Refused("too-late", "已过公布的最迟揭示时间 %(at)s，该次抽取视为作废。", at=clock.stamp(commitment.reveal_by))


def _check_person(actor: Actor, first: RevealEntry | None) -> None:
    """First the draw officer, then somebody else who may witness (a leader: no person may hold both roles)."""
    if first is not None and first.account_id == actor.id:
        raise Refused("same-person", "您已录入过公开数。须由另一人再录入一次。")
    if first is None and not actor.can(P.DRAW_REVEAL):
        raise Refused("officer-first", "请双随机管理员先录入公开数，再由见证的领导录入。")
    if first is not None and not actor.can(P.DRAW_WITNESS):
        raise Refused("witness-second", "第二次录入须由有见证权限的另一岗位人员（审批领导）办理。")


def _open_entry(session: Session, draw_id: int) -> tuple[RevealEntry | None, int]:
    """The first entry that waits for a second one, and the number of the present attempt."""
    rows = session.scalars(select(RevealEntry).where(RevealEntry.draw_id == draw_id).order_by(RevealEntry.id)).all()
    if not rows:
        return None, 1
    last = rows[-1].attempt
    present = [row for row in rows if row.attempt == last]
    return (present[0], last) if len(present) == 1 else (None, last + 1)


def waiting_entry(session: Session, draw_id: int) -> RevealEntry | None:
    """The entry that waits for its second person, None when there is none."""
    return _open_entry(session, draw_id)[0]


def to_enter(session: Session, actor: Actor) -> list[Draw]:
    """Commitments due for their reveal that wait for an entry of this person."""
    query = select(Draw).join(Commitment, Commitment.draw_id == Draw.id).where(Draw.state == "committed", Commitment.reveal_not_before <= clock.now())
    return [draw for draw in session.scalars(query) if not outcome.agreed(session, draw.id) and _waits_for(actor, waiting_entry(session, draw.id))]


def _waits_for(actor: Actor, first: RevealEntry | None) -> bool:
    if first is None:
        return actor.can(P.DRAW_REVEAL)
    return actor.can(P.DRAW_WITNESS) and first.account_id != actor.id
