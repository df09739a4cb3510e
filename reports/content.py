"""文书内容: the frozen content of every document. What is printed is here, and what is here is printed or attached.

Texts that were rounded are stored as printed, beside the integers they came from; nothing is rounded again while a page
is set. A date that was counted over an unannounced holiday calendar is a `Day` with ``provisional`` set, and the
document carries the mark 节假日安排未公布.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, TypeVar

from reports import canonical

Kind = TypeVar("Kind")


def to_json(content: Any) -> bytes:
    """Canonical JSON of a content: the bytes that are digested, stored and attached."""
    return canonical.encode({"content": canonical.plain(content), "kind": type(content).__name__})


def from_json(kind: type[Kind], data: bytes) -> Kind:
    """Read a content back; raises `ReportError` ``content-shape`` naming the first field that does not fit."""
    tree = canonical.parse(data)
    if tree.get("kind") != kind.__name__:
        raise canonical.misfit("$.kind", kind.__name__, tree.get("kind"))
    return canonical.build(kind, tree.get("content"))


def kind_of(data: bytes) -> str:
    """The name of the content stored in canonical JSON."""
    return str(canonical.parse(data).get("kind"))


def digest(content: Any) -> str:
    """SHA-256 of the canonical JSON, lower-case hex: the number printed at the foot of every page."""
    return canonical.digest(to_json(content))


def walk(value: Any) -> Iterator[Any]:
    """Every content inside a content, itself first."""
    if isinstance(value, tuple):
        for item in value:
            yield from walk(item)
    elif is_dataclass(value):
        yield value
        for field in fields(value):
            yield from walk(getattr(value, field.name))


@dataclass(frozen=True)
class Day:
    """日期: a day, and whether it rests on a year whose holidays are not announced yet."""

    on: date
    provisional: bool = False


@dataclass(frozen=True)
class Imprint:
    """落款与版本: who issues it, under which number and when, and what a reader needs to check it.

    ``verify_url`` is the beginning of the address behind the QR symbol: the digest is written right after it.
    """

    authority: str
    number: str
    issued_on: date
    verify_url: str = ""
    audit_head: str = ""
    software: str = ""
    template: str = "1"
    demo: bool = False


@dataclass(frozen=True)
class Contact:
    """联系方式 of a unit."""

    name: str
    address: str = ""
    person: str = ""
    phone: str = ""
    fax: str = ""
    postcode: str = ""
    email: str = ""


@dataclass(frozen=True)
class Matter:
    """抽查事项: its name and what is looked at."""

    name: str
    detail: str = ""


@dataclass(frozen=True)
class Notice:
    """随机抽查通知书: told to the drawn firm before an announced check."""

    imprint: Imprint
    addressee: str
    code: str
    address: str
    basis: tuple[str, ...]
    task_number: str
    task_name: str
    task_source: str
    matters: tuple[Matter, ...]
    begins: Day
    ends: Day
    methods: tuple[str, ...]
    papers: tuple[str, ...]
    duties: tuple[str, ...]
    rights: tuple[str, ...]
    contact: Contact
    visits_this_year: int | None = None
    visit_cap: int | None = None
    inspectors: tuple[str, ...] = ()
    draw_number: str = ""
    ticket: str = ""


@dataclass(frozen=True)
class NoticeVolume:
    """合订本: many notices bound for one print run; each keeps its own digest."""

    items: tuple[Notice, ...]


@dataclass(frozen=True)
class SampledUnit:
    """被抽样单位信息."""

    name: str
    code: str = ""
    area_kind: str = ""
    province: str = ""
    city: str = ""
    county: str = ""
    town: str = ""
    address: str = ""
    legal_person: str = ""
    annual_sales: str = ""
    permit_kind: str = ""
    permit_number: str = ""
    person: str = ""
    phone: str = ""
    fax: str = ""
    postcode: str = ""


@dataclass(frozen=True)
class OnlineOrder:
    """网络抽样: platform, shop and order."""

    platform: str
    platform_code: str = ""
    shop: str = ""
    url: str = ""
    order_number: str = ""


@dataclass(frozen=True)
class SampleGoods:
    """样品信息."""

    name: str = ""
    category: str = ""
    source: str = ""
    attribute: str = ""
    kind: str = ""
    brand: str = ""
    barcode: str = ""
    date_kind: str = ""
    date_text: str = ""
    specification: str = ""
    lot: str = ""
    shelf_life: str = ""
    standard: str = ""
    grade: str = ""
    licence: str = ""
    unit_price: str = ""
    exported: str = ""
    imported: str = ""
    origin: str = ""
    base_quantity: str = ""
    sample_quantity: str = ""
    backup_quantity: str = ""
    form: str = ""
    packaging: str = ""
    storage: tuple[str, ...] = ()
    temperature: str = ""
    wrapping: str = ""
    method: str = ""


@dataclass(frozen=True)
class SamplingSheet:
    """抽样单: one sample, printed in as many copies as there are holders (一式四联)."""

    imprint: Imprint
    serial: str
    task_source: str
    task_kind: str
    unit: SampledUnit
    stage: str
    place: str
    goods: SampleGoods
    producer: Contact
    organisation: Contact
    deliver_by: Day | None = None
    deliver_to: str = ""
    online: OnlineOrder | None = None
    entruster: Contact | None = None
    remark: str = ""
    seal_numbers: tuple[str, ...] = ()
    samplers: tuple[str, ...] = ()
    blank: bool = False
    copies: tuple[str, ...] = ("组织抽样部门", "核查处置部门", "抽样单位", "被抽样单位")


@dataclass(frozen=True)
class SheetVolume:
    """合订本: many sampling sheets in the order of the route."""

    items: tuple[SamplingSheet, ...]


@dataclass(frozen=True)
class Interval:
    """区间: ends in millionths for the chart and as printed; ``one_sided`` when only one end is meant."""

    low_ppm: int
    high_ppm: int
    text: str
    one_sided: bool = False


@dataclass(frozen=True)
class ClassRow:
    """分类统计: one food class or product kind; counts, printed rates, interval and verdict.

    ``verdict`` is one of ``attained``, ``not_attained``, ``inconclusive``, ``not_inferable`` or empty (no target).
    """

    name: str
    tested: int
    passed: int
    failed: int
    undetermined: int
    fail_rate: str
    pass_rate: str
    rate_ppm: int | None
    interval: Interval | None
    verdict: str = ""
    note: str = ""


@dataclass(frozen=True)
class Weighted:
    """加权估计: the design-based rate beside the raw one, with drawn, reached and response."""

    rate: str
    interval: str
    method: str
    drawn: int
    reached: int
    response_rate: str
    reason: str = ""


@dataclass(frozen=True)
class Target:
    """目标: threshold as printed and in millionths, its source sentence and the confidence of the verdict."""

    name: str
    threshold: str
    threshold_ppm: int
    source: str
    confidence: str = "单侧95%"
    p_value: str = ""


@dataclass(frozen=True)
class FailingRow:
    """不合格产品信息: the seventeen columns of the national upload table."""

    sample_number: str
    identifier: str
    producer: str
    producer_address: str
    unit: str
    unit_address: str
    product: str
    specification: str
    brand: str
    date_lot: str
    failures: tuple[str, ...]
    category: str
    notice_number: str = ""
    notice_date: str = ""
    task: str = ""
    laboratory: str = ""
    remark: str = ""


@dataclass(frozen=True)
class PassingRow:
    """合格产品信息: the fifteen columns of the national upload table."""

    sample_number: str
    identifier: str
    producer: str
    producer_address: str
    unit: str
    province: str
    product: str
    specification: str
    date_lot: str
    category: str
    notice_number: str = ""
    notice_date: str = ""
    task: str = ""
    remark: str = ""
    city: str = ""


@dataclass(frozen=True)
class TestedItems:
    """检验项目 of one class, with the bases of judgement."""

    category: str
    bases: tuple[str, ...]
    items: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """附表: a list with columns of its own (cosmetics, product quality, open service); widths in relative units."""

    title: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    standing: str = ""


@dataclass(frozen=True)
class Bulletin:
    """监督抽检通告: what was tested, what failed, and what may and may not be concluded.

    ``purpose`` is ``evaluative`` (a probability sample that speaks for the market) or ``supervision`` (targeted: it
    speaks for the tested batches only, and no verdict on a target may stand in it).
    """

    imprint: Imprint
    title: str
    period: str
    purpose: str
    basis: tuple[str, ...]
    total: ClassRow
    classes: tuple[ClassRow, ...]
    interval_method: str
    failing: tuple[FailingRow, ...]
    measures: tuple[str, ...]
    data_version: str
    data_digest: str
    definition_version: str
    target: Target | None = None
    weighted: Weighted | None = None
    passing: tuple[PassingRow, ...] = ()
    tested_items: tuple[TestedItems, ...] = ()
    listings: tuple[Listing, ...] = ()
    explanations: tuple[Matter, ...] = ()
    left_out: int = 0
    left_out_reason: str = ""
    class_word: str = "食品种类"
    per_hundred: str = ""
    consumer_line: str = "12315"
    replaces: str = ""


@dataclass(frozen=True)
class Allocation:
    """任务分配表: named rows by named columns, integers, with their margins."""

    row_word: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class PlanNotice:
    """抽检计划通知: the year's plan for the offices that carry it out."""

    imprint: Imprint
    title: str
    addressees: tuple[str, ...]
    opening: str
    sections: tuple[Matter, ...]
    allocation: Allocation
    plan_digest: str
    formula: str
    copies_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class PublicSource:
    """公开随机源: the outside number a draw waits for."""

    name: str
    issue: str
    drawn_at: str
    form: str
    bits: int


@dataclass(frozen=True)
class StratumRow:
    """抽查层: how many units it has and how many are drawn."""

    name: str
    population: int
    excluded: int
    drawn: int
    reserve: int
    rate: str


@dataclass(frozen=True)
class FileDigest:
    """A committed file and its SHA-256."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Commitment:
    """抽取承诺公告: published before the public number exists."""

    imprint: Imprint
    draw_number: str
    title: str
    basis: tuple[str, ...]
    committed_at: str
    reveal_not_before: str
    reveal_by: str
    commitment_digest: str
    previous_digest: str
    secret_digest: str
    files: tuple[FileDigest, ...]
    sources: tuple[PublicSource, ...]
    strata: tuple[StratumRow, ...]
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecretHalf:
    """密值托管件: one of the two halves of an office's secret, for the envelope of its holder."""

    imprint: Imprint
    draw_number: str
    title: str
    part: int
    copy: int
    holder: str
    printed_by: str
    printed_at: str
    half: str
    check: str
    commitment_digest: str
    secret_digest: str
    reveal_not_before: str
    reveal_by: str


@dataclass(frozen=True)
class Attempt:
    """抽取尝试: every commitment of this task, the void ones with their reasons."""

    number: str
    committed_at: str
    outcome: str
    reason: str = ""
    commitment_digest: str = ""


@dataclass(frozen=True)
class Event:
    """过程: what happened when, and who was there."""

    at: str
    what: str
    who: str = ""


@dataclass(frozen=True)
class SelectedUnit:
    """抽中对象: rank, id, name and ticket; ``team`` are the inspectors."""

    stratum: str
    rank: int
    identifier: str
    name: str
    ticket: str
    role: str = "selected"
    team: tuple[str, ...] = ()


@dataclass(frozen=True)
class CallRow:
    """递补: a reserve in the place of a unit that could not be inspected; `skips` = how often that unit was left out so far."""

    seq: int
    stratum: str
    out: str
    reason: str
    into: str
    team: tuple[str, ...]
    at: str
    skips: int


@dataclass(frozen=True)
class SwapRow:
    """换人: one seat given to another inspector, by which rule and with whose approval."""

    seq: int
    unit: str
    seat: int
    out: str
    reason: str
    into: str
    approved_by: str
    at: str


@dataclass(frozen=True)
class ListApart:
    """名单另附: a list too long for a paper; it is the selection.tsv of the bundle, named by its digest."""

    selected: int
    reserve: int
    sha256: str


@dataclass(frozen=True)
class DrawCertificate:
    """抽取结果证书: how the list came about, so that anybody can run it again."""

    imprint: Imprint
    draw_number: str
    title: str
    timeline: tuple[Event, ...]
    attempts: tuple[Attempt, ...]
    sources: tuple[PublicSource, ...]
    public_value: str
    seed: str
    commitment_digest: str
    bundle_digest: str
    strata: tuple[StratumRow, ...]
    selected: tuple[SelectedUnit, ...]
    witnesses: tuple[str, ...]
    command: str
    calls: tuple[CallRow, ...] = ()
    swaps: tuple[SwapRow, ...] = ()
    supplements: tuple[str, ...] = ()
    apart: ListApart | None = None


@dataclass(frozen=True)
class CheckItem:
    """检查内容: one item of the checklist; empty results are filled in by hand."""

    matter: str
    item: str
    result: str = ""
    problem: str = ""
    handling: str = ""


@dataclass(frozen=True)
class ScreenSignature:
    """签字 given on a screen: lines of x, y in a box of 600 × 200 counted from its upper left, or a typed name with the reason."""

    label: str
    name: str
    at: str
    strokes: tuple[tuple[int, ...], ...] = ()
    note: str = ""


@dataclass(frozen=True)
class RecordSheet:
    """检查记录表: prefilled for the visit, or filled from the record."""

    imprint: Imprint
    task_number: str
    task_name: str
    unit: SampledUnit
    inspectors: tuple[Matter, ...]
    items: tuple[CheckItem, ...]
    place: str = ""
    begun: str = ""
    ended: str = ""
    recusal: str = ""
    methods: tuple[str, ...] = ()
    outcome: str = ""
    summary: str = ""
    result: tuple[str, ...] = ()
    follow_up: str = ""
    rectify_by: date | None = None
    opinion: str = ""
    refusal: str = ""
    witness: str = ""
    signatures: tuple[ScreenSignature, ...] = ()  # of the content above; empty: signed by hand in the boxes
    signed_digest: str = ""
    drawn: bool = True  # by lot; a visit without a draw is never called one


@dataclass(frozen=True)
class ItemResult:
    """检验结果: one item as tested and judged; value and limit as printed."""

    item: str
    value: str
    limit: str
    verdict: str
    basis: str = ""


@dataclass(frozen=True)
class ResultNotice:
    """检验结果通知书 with its tear-off 回执."""

    imprint: Imprint
    addressees: tuple[Contact, ...]
    sample_number: str
    report_number: str
    product: str
    brand: str
    specification: str
    date_lot: str
    grade: str
    sampled_on: date
    sampled_at: str
    producer: str
    conclusion: str
    results: tuple[ItemResult, ...]
    rights: tuple[str, ...]
    object_by: Day | None
    object_to: Contact
    basis: tuple[str, ...] = ()
    object_within: str = ""


@dataclass(frozen=True)
class HandoverRow:
    """移交样品: what is handed over and in which state; empty states are ticked by hand."""

    sample_number: str
    name: str
    pieces: str
    seal_number: str = ""
    seal: str = ""
    package: str = ""
    quantity: str = ""
    state: str = ""
    papers: str = ""
    matching: str = ""
    decision: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Handover:
    """样品移交确认单 (一式两联)."""

    imprint: Imprint
    from_unit: Contact
    to_unit: Contact
    rows: tuple[HandoverRow, ...]
    received_at: str = ""
    handed_by: str = ""
    received_by: str = ""
    copies: tuple[str, ...] = ("移交单位", "接收单位")


@dataclass(frozen=True)
class Label:
    """样品标签: the code that is scanned, and up to four lines to read; no firm name on blind samples."""

    code: str
    lines: tuple[str, ...] = ()
    payload: str = ""


@dataclass(frozen=True)
class LabelSheet:
    """标签页: labels of one preset; ``first`` skips places already used on the sheet."""

    preset: str
    labels: tuple[Label, ...]
    demo: bool = False
    first: int = 0
    title: str = "样品标签"


@dataclass(frozen=True)
class FunnelPoint:
    """漏斗图的点: ``flag`` is empty, ``outside95`` or ``outside998``, decided by the caller."""

    name: str
    tested: int
    rate_ppm: int
    flag: str = ""


@dataclass(frozen=True)
class FunnelLimit:
    """漏斗图的界限 at one number of batches, failing rates in millionths."""

    tested: int
    low95_ppm: int
    high95_ppm: int
    low998_ppm: int
    high998_ppm: int


@dataclass(frozen=True)
class Funnel:
    """漏斗图: common failing rate, limits along the number of batches, and one point per region or laboratory."""

    centre_ppm: int
    limits: tuple[FunnelLimit, ...]
    points: tuple[FunnelPoint, ...]


@dataclass(frozen=True)
class Letter:
    """通用文书: notices, transfer letters, orders to rectify, approval forms — facts, text, boxes, slip.

    ``facts`` are printed as a table, ``approvals`` as boxes to sign in, ``receipt`` as lines of a slip to tear off.
    """

    imprint: Imprint
    title: str
    addressees: tuple[str, ...]
    paragraphs: tuple[str, ...]
    facts: tuple[Matter, ...] = ()
    sections: tuple[Matter, ...] = ()
    deadline: Day | None = None
    deadline_word: str = "办理期限"
    enclosures: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    receipt: tuple[str, ...] = ()
    contact: Contact | None = None


@dataclass(frozen=True)
class ComparisonRow:
    """对比: one region or laboratory with its counts, rate and interval; ``standing`` in words decided by the caller."""

    name: str
    tested: int
    failed: int
    fail_rate: str
    interval: str
    standing: str


@dataclass(frozen=True)
class Comparison:
    """地区（机构）对比一页: funnel, table beneath, and what may not be concluded."""

    imprint: Imprint
    title: str
    period: str
    funnel: Funnel
    rows: tuple[ComparisonRow, ...]
    caption: str
    notes: tuple[str, ...]
    data_version: str
    data_digest: str
