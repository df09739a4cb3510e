"""What can be run in the background: functions by kind, and what every so many minutes is due.

A stage registers its long work in ``inspection/<stage>/jobs.py``::

    @job("publications.bulletin", title="生成通告")
    def bulletin(context: Context, params: dict[str, Any]) -> Result: …

    @periodic("draws.void-overdue", minutes=60)
    def void_overdue(context: PeriodicContext) -> None: …
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspection.errors import NotFound

if TYPE_CHECKING:
    from inspection.jobs.context import Context, PeriodicContext

STAGES = (
    "auth",
    "rulebook",
    "calendar",
    "registers",
    "plans",
    "draws",
    "visits",
    "samples",
    "results",
    "followups",
    "indicators",
    "publications",
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a job leaves behind.

    Parameters
    ----------
    summary : counts and ids shown on the page of the job.
    filename : name under which the owner downloads the file; "" = no file.
    content, path : the bytes, or a file in the job's workspace (exactly one of the two when there is a filename).
    """

    summary: Mapping[str, Any] = field(default_factory=dict)
    filename: str = ""
    content: bytes | None = None
    path: Path | None = None

    def __post_init__(self) -> None:
        if bool(self.filename) != ((self.content is None) != (self.path is None)):
            raise ValueError("a result file needs a name and either content or path")


JobFunction = Callable[["Context", dict[str, Any]], Result | None]
PeriodicFunction = Callable[["PeriodicContext"], None]


@dataclass(frozen=True, slots=True)
class JobKind:
    kind: str
    title: str
    function: JobFunction
    page: str = ""  # endpoint of the page of what the job works on
    key: str = "upload_id"  # parameter of the job, and of that page, that says which one


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    name: str
    minutes: int
    function: PeriodicFunction


KINDS: dict[str, JobKind] = {}
PERIODIC: dict[str, PeriodicTask] = {}


def job(kind: str, *, title: str = "", page: str = "", key: str = "upload_id") -> Callable[[JobFunction], JobFunction]:
    """Register a function ``(context, params) -> Result | None`` that may be interrupted and run again at any point."""

    def register(function: JobFunction) -> JobFunction:
        if kind in KINDS and KINDS[kind].function is not function:
            raise ValueError(f"job kind {kind} is registered twice")
        KINDS[kind] = JobKind(kind, title or kind, function, page, key)
        return function

    return register


def periodic(name: str, *, minutes: int) -> Callable[[PeriodicFunction], PeriodicFunction]:
    """Register a function ``(context) -> None`` that is due every so many minutes, on one of the hosts."""
    if minutes < 1:
        raise ValueError("at least every minute")

    def register(function: PeriodicFunction) -> PeriodicFunction:
        if name in PERIODIC and PERIODIC[name].function is not function:
            raise ValueError(f"periodic task {name} is registered twice")
        PERIODIC[name] = PeriodicTask(name, minutes, function)
        return function

    return register


def load() -> None:
    """Import ``inspection.<stage>.jobs`` of every stage that has one, so that its kinds are known."""
    for stage in STAGES:
        name = f"inspection.{stage}.jobs"
        if find_spec(name) is not None:
            import_module(name)


def kind_of(kind: str) -> JobKind:
    """The registered kind, loading the stages when it is not known yet."""
    if kind not in KINDS:
        load()
    if kind not in KINDS:
        raise NotFound("job-kind-unknown", "没有名为 %(kind)s 的后台任务种类。请检查软件版本是否与数据库一致。", kind=kind)
    return KINDS[kind]
