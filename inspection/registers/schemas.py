"""What the registers read and give as JSON; the forms use the same."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from marshmallow import fields

from inspection.registers import entries
from inspection.schema_base import Day, ExactDecimal, Number, Schema, Text, one_of, sized

_SEPARATORS = re.compile(r"[,，、;；\n]")
_BAR = re.compile(r"[|｜]")
_LICENCE = ("kind", "number", "issued_on", "expires_on", "issuer")


class Words(fields.List[Any]):
    """A list of short texts; a form may write them in one field, separated by 、 or ；."""

    def __init__(self, *, longest: int = 60, **kwargs: Any) -> None:
        super().__init__(Text(longest=longest), validate=sized(0, 500), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            value = [word for part in value for word in _SEPARATORS.split(part) if word.strip()]
        read = super()._deserialize(value, attr, data, **kwargs)
        return list(dict.fromkeys(read))


class LicenceIn(Schema):
    target = entries.LicenceEntry
    kind = Text(required=True, longest=60)
    number = Text(required=True, longest=60)
    issued_on = Day(load_default=None, allow_none=True)
    expires_on = Day(load_default=None, allow_none=True)
    issuer = Text(load_default="", longest=100)


class Licences(fields.List[Any]):
    """Licences as objects, or as lines of a form: 类型｜编号｜发证日期｜有效期至｜发证机关."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.Nested(LicenceIn), validate=sized(0, 200), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            lines = [line for part in value for line in part.splitlines() if line.strip()]
            value = [_licence(line) for line in lines]
        return super()._deserialize(value, attr, data, **kwargs)


def _licence(line: str) -> dict[str, str]:
    parts = [part.strip() for part in _BAR.split(line)]
    named = dict(zip(_LICENCE, parts, strict=False)) | {f"part_{n}": part for n, part in enumerate(parts[5:], 6)}
    return {name: part for name, part in named.items() if part}


def licence_lines(licences: tuple[entries.LicenceEntry, ...]) -> str:
    """Licences as the form writes them."""
    rows = [[entry.kind, entry.number, entry.issued_on or "", entry.expires_on or "", entry.issuer] for entry in licences]
    return "\n".join("｜".join(str(part) for part in row).rstrip("｜") for row in rows)


def _choice(words: dict[str, str], default: str | None) -> Text:
    return Text(load_default=default, allow_none=default is None, validate=one_of(*words, *([""] if default == "" else [])))


class EnterpriseFields(Schema):
    code = Text(required=True, longest=64)
    internal = fields.Boolean(load_default=False)
    name = Text(required=True, longest=200)
    region_code = Text(required=True, longest=12)
    kind = _choice(entries.OBJECT_KINDS, "enterprise")
    address = Text(load_default="", longest=300)
    station = Text(load_default="", longest=100)
    state = _choice(entries.STATES, "open")
    credit_class = _choice(entries.CREDIT_CLASSES, None)
    food_risk_grade = _choice(entries.CREDIT_CLASSES, None)
    industry = Text(load_default="", longest=60)
    link = _choice(entries.LINKS, "")
    contact = Text(load_default="", longest=60)
    phone = Text(load_default="", longest=40)
    legal_person = Text(load_default="", longest=60)
    latitude = ExactDecimal(load_default=None, allow_none=True, least=Decimal(-90), most=Decimal(90))
    longitude = ExactDecimal(load_default=None, allow_none=True, least=Decimal(-180), most=Decimal(180))
    inspection_cap = Number(load_default=None, allow_none=True, most=1000)
    tags = Words(load_default=list)
    licences = Licences(load_default=list)


class EnterpriseIn(EnterpriseFields):
    target = entries.EnterpriseEntry


class StateIn(Schema):
    state = Text(required=True, validate=one_of(*entries.STATES))
    reason = Text(load_default="", longest=200)


class MergeIn(Schema):
    other = Text(required=True, longest=64)
    reason = Text(required=True, longest=200)


class InspectorFields(Schema):
    code = Text(required=True, longest=64)
    name = Text(required=True, longest=60)
    department_code = Text(required=True, longest=64)
    region_code = Text(required=True, longest=12)
    station = Text(load_default="", longest=100)
    certificate_number = Text(load_default="", longest=60)
    certificate_expires_on = Day(load_default=None, allow_none=True)
    areas = Words(load_default=list, longest=12)
    skills = Words(load_default=list, longest=64)
    lead = fields.Boolean(load_default=False)
    active = fields.Boolean(load_default=True)
    leave_from = Day(load_default=None, allow_none=True)
    leave_to = Day(load_default=None, allow_none=True)
    phone = Text(load_default="", longest=40)


class InspectorIn(InspectorFields):
    target = entries.InspectorEntry


class ConflictIn(Schema):
    enterprise = Text(required=True, longest=64)
    reason = Text(required=True, longest=200)
    valid_from = Day(load_default=None, allow_none=True)
    valid_to = Day(load_default=None, allow_none=True)


class LaboratoryFields(Schema):
    code = Text(required=True, longest=64)
    name = Text(required=True, longest=200)
    accreditation_number = Text(load_default="", longest=60)
    accreditation_expires_on = Day(load_default=None, allow_none=True)
    address = Text(load_default="", longest=300)
    contact = Text(load_default="", longest=60)
    phone = Text(load_default="", longest=40)
    suspended = fields.Boolean(load_default=False)


class LaboratoryIn(LaboratoryFields):
    target = entries.LaboratoryEntry


class ScopeIn(Schema):
    product_classes = Words(load_default=list)


class CapacityIn(Schema):
    year = Number(required=True, least=2000, most=2100)
    quarter = Number(required=True, least=1, most=4)
    n_batches = Number(required=True, most=10_000_000)
    price_fen = Number(load_default=0, most=1_000_000_000)


class RegionIn(Schema):
    code = Text(required=True, longest=12)
    name = Text(required=True, longest=60)
    parent_code = Text(load_default=None, allow_none=True, longest=12)


class RegionNameIn(Schema):
    name = Text(required=True, longest=60)


class PopulationIn(Schema):
    year = Number(required=True, least=1949, most=2100)
    kind = Text(required=True, validate=one_of(*entries.POPULATION_KINDS))
    people = Number(required=True, most=2_000_000_000)
    source = Text(load_default="", longest=300)
    verified = fields.Boolean(load_default=True)


class CheckItemIn(Schema):
    target = entries.CheckItemEntry
    code = Text(required=True, longest=40)
    name = Text(required=True, longest=200)
    category = Text(load_default="", longest=100)
    kind = _choice(entries.CHECK_KINDS, "general")
    basis = Text(load_default="", longest=2000, many_lines=True)
    subject = Text(load_default="", longest=200)
    target_ = Text(load_default="", longest=200, data_key="target", attribute="target")
    ratio = Text(load_default="", longest=60)
    frequency = Text(load_default="", longest=60)
    method = Text(load_default="", longest=100)
    content = Text(load_default="", longest=2000, many_lines=True)
    skills = Words(load_default=list, longest=64)
    domain = Text(load_default="", validate=one_of("", *entries.DOMAINS))
    valid_from = Day(required=True)
    valid_to = Day(load_default=None, allow_none=True)


class LimitIn(Schema):
    target = entries.LimitEntry
    item_code = Text(required=True, longest=40)
    product_code = Text(required=True, longest=40)
    kind = _choice(entries.LIMIT_KINDS, "range")
    lower = ExactDecimal(load_default=None, allow_none=True)
    upper = ExactDecimal(load_default=None, allow_none=True)
    unit = Text(load_default="", longest=30)
    detection_limit = ExactDecimal(load_default=None, allow_none=True)
    n = Number(load_default=None, allow_none=True, least=1, most=100)
    c = Number(load_default=None, allow_none=True, most=100)
    m = ExactDecimal(load_default=None, allow_none=True)
    big_m = ExactDecimal(load_default=None, allow_none=True)
    judged_by = Text(load_default="", longest=200)
    tested_by = Text(load_default="", longest=200)
    valid_from = Day(required=True)
    valid_to = Day(load_default=None, allow_none=True)
    source = Text(load_default="", longest=300)
    verified = fields.Boolean(load_default=True)


class ApplyIn(Schema):
    all_or_nothing = fields.Boolean(required=True)


class PageIn(Schema):
    """Which part of a list: `after` is the `next` of the part before."""

    q = Text(load_default="", longest=100)
    limit = Number(load_default=50, least=1, most=200)
    after = Number(load_default=0)


class RegionsIn(Schema):
    """Of which place."""

    under = Text(load_default="", longest=12, metadata={"description": "区划代码；空为最上级"})


class EnterprisesIn(PageIn):
    state = Text(load_default="", validate=one_of("", *entries.STATES))
    credit_class = Text(load_default="", validate=one_of("", "-", *entries.CREDIT_CLASSES))
    tag = Text(load_default="", longest=60)


# --- what is given ----------------------------------------------------------------------------------------------------


class EnterpriseOut(EnterpriseFields):
    id = fields.Integer(required=True)
    merged_into_id = fields.Integer(allow_none=True)
    inspections_this_year = fields.Integer()
    version = fields.Integer(required=True, metadata={"description": "for If-Match"})


class InspectorOut(InspectorFields):
    id = fields.Integer(required=True)
    version = fields.Integer(required=True, metadata={"description": "for If-Match"})


class CapacityOut(CapacityIn):
    pass


class LaboratoryOut(LaboratoryFields):
    id = fields.Integer(required=True)
    scopes = fields.List(fields.String())
    capacities = fields.List(fields.Nested(CapacityOut))
    version = fields.Integer(required=True, metadata={"description": "for If-Match"})


class PopulationOut(PopulationIn):
    pass


class RegionOut(RegionIn):
    level = fields.String()
    populations = fields.List(fields.Nested(PopulationOut))


class EnterprisesOut(Schema):
    items = fields.List(fields.Nested(EnterpriseOut))
    next = fields.Integer(allow_none=True, metadata={"description": "null: nothing follows"})


class InspectorsOut(Schema):
    items = fields.List(fields.Nested(InspectorOut))
    next = fields.Integer(allow_none=True)


class LaboratoriesOut(Schema):
    items = fields.List(fields.Nested(LaboratoryOut))
    next = fields.Integer(allow_none=True)


class ProblemOut(Schema):
    row = fields.Integer()
    column = fields.String()
    title = fields.String()
    reason = fields.String()
    suggestion = fields.String()
    text = fields.String()


class ImportOut(Schema):
    """What a kept file does, or did, to the register."""

    upload_id = fields.Integer(required=True)
    kind = fields.String(required=True)
    digest = fields.String(required=True)
    state = fields.String(required=True)
    n_rows = fields.Integer(required=True)
    n_new = fields.Integer(required=True)
    n_changed = fields.Integer(required=True)
    n_unchanged = fields.Integer(required=True)
    n_bad = fields.Integer(required=True)
    repeated = fields.Boolean(required=True)
    problems = fields.List(fields.Nested(ProblemOut))
