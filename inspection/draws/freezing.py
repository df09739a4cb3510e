"""The freeze 冻结: four files computed from one snapshot of the registers, outside any write; kept in one short transaction.

A large frame takes seconds. What was registered meanwhile is seen by its events in the trail: then the frame is computed again, so
that what is frozen is what the registers say at the moment of the freeze.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inspection import audit, clock
from inspection.actor import Actor
from inspection.audit import AuditEvent
from inspection.draws import frames, rules, strata
from inspection.draws.asking import load, may
from inspection.draws.kept import configuration_of
from inspection.draws.models import Draw, DrawFile
from inspection.draws.tasks import fitting
from inspection.errors import Conflict, Refused
from sampling import bundle, frame, seed
from sampling.errors import SamplingError
from sampling.frame import Watch

# beginnings of the verbs of whatever can change a frame: registers, dated rules, inspections, samples and cases, other draws
CHANGES = ("registers.", "rulebook.", "visit.", "sample.", "result.", "case.", "draw.publish", "draw.void")


@dataclass(frozen=True, slots=True)
class Prepared:
    """The files of a frame as the registers stood after event `head` of the trail; packed, nothing is kept yet."""

    head: int
    n_units: int
    digests: dict[str, str]
    packed: dict[str, bytes]


def prepare(session: Session, draw: Draw, watch: Watch | None = None) -> Prepared:
    """Compute and check the four files; reads only.

    Parameters
    ----------
    watch : told how far it is: "register" with the rows read, "check", "pack".

    Raises
    ------
    Refused : a stratum without a rate, nobody to draw, a frame that the protocol does not admit.
    """
    head = audit.head(session)[0]
    given = configuration_of(draw)
    try:
        built = frames.build(session, given, watch)
        _check_counts(given, built.counts)
        _tell(watch, "check")
        files = {**built.files, "rule.json": _rule(draw, given, built.counts)}
        bundle.check_conflicts(files)  # the tables were checked when they were written
        bundle.check_rule(seed.read_json("rule.json", files["rule.json"]), files["frame.tsv"])
    except SamplingError as error:
        raise Refused("frame-unfit", "底册不符合抽取规程：%(why)s。", why=str(error)) from None
    _tell(watch, "pack")
    digests = {name: frame.digest(data) for name, data in files.items()}
    return Prepared(head, built.counts.total, digests, {name: zlib.compress(data, 6) for name, data in files.items()})


def _tell(watch: Watch | None, what: str) -> None:
    if watch:
        watch(what, 0)


def _check_counts(given: rules.Configuration, counted: rules.FrameCounts) -> None:
    if counted.missing_rates:
        raise Refused("rates-missing", "底册中有未设抽取比例的类别：%(names)s。请补填比例。", names="、".join(map(strata.label_of, counted.missing_rates)))
    if counted.too_large:
        names = "、".join(strata.label_of(name) for name in counted.too_large)
        raise Refused("sizes-too-large", "%(names)s 的抽取户数多于可抽对象。请改小户数，或改用比例。", names=names)
    if counted.elsewhere and not given.keep_reason:
        raise Refused(
            "duplicates-undecided",
            "底册中有 %(n)d 户同年已被其他部门或上级抽中或检查同一事项。请在“排除”中勾选这一条，或写明保留它们的理由。", n=counted.elsewhere,
        )  # fmt: skip
    if not counted.n_selected:
        raise Refused("frame-empty", "底册中没有可抽取的对象。请检查范围和排除条件。")


def _rule(draw: Draw, given: rules.Configuration, counted: rules.FrameCounts) -> bytes:
    return bundle.rule_bytes(authority=draw.authority, draw_number=draw.number, title=draw.title, seats=given.seats, strata=counted.strata)


def freeze(session: Session, actor: Actor, draw_id: int, *, version: int, prepared: Prepared | None = None) -> dict[str, str]:
    """Freeze frame, inspectors, conflicts and rule byte for byte; gives their digests.

    Raises
    ------
    Conflict : the draw, or the registers since they were read, were changed.
    """
    draw = load(session, draw_id, version)
    may(draw, "frozen")
    fitting.check(session, configuration_of(draw))  # the approved ratios may have changed since
    made = prepared or prepare(session, draw)
    if changed_since(session, made.head):
        raise Conflict("registers-changed", "计算底册期间名录或规则有变动，底册没有冻结。请重试；大批导入期间请等导入结束。")
    session.add_all(DrawFile(draw_id=draw.id, name=name, digest=made.digests[name], content=data) for name, data in made.packed.items())
    draw.state, draw.frozen_at = "frozen", clock.now()
    session.flush()
    fitting.begin(session, actor, draw)
    audit.record(session, actor, "draw.freeze", "draw", draw.number, digests=made.digests, units=made.n_units)
    return made.digests


def changed_since(session: Session, head: int) -> bool:
    """Whether anything that a frame is made of was changed after that event of the trail."""
    verbs = or_(*(AuditEvent.verb.startswith(begin) for begin in CHANGES))
    query = select(AuditEvent.seq).where(AuditEvent.seq > head, AuditEvent.outcome == "ok", verbs).limit(1)
    return session.scalar(query) is not None
