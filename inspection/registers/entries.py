"""What the registers are told: frozen values of each kind of entry, and the words of their coded lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

LEVELS = {"province": "省", "city": "市", "county": "县（区）", "township": "乡镇（街道）"}
POPULATION_KINDS = {"census": "普查", "resident": "常住", "registered": "户籍"}
OBJECT_KINDS = {"enterprise": "企业", "stall": "摊位", "laboratory": "机构", "project": "项目", "equipment": "设备"}
STATES = {"open": "开业", "stopped": "停业", "deregistered": "注销", "moved": "迁出", "revoked": "吊销"}
CREDIT_CLASSES = {letter: letter for letter in "ABCD"}
LINKS = {"production": "生产", "circulation": "流通", "catering": "餐饮"}
CHECK_KINDS = {"key": "重点检查事项", "general": "一般检查事项"}
LIMIT_KINDS = {"range": "限量", "not_detected": "不得检出", "plan": "采样方案", "info": "不判定"}
DOMAINS = {"food": "食品", "agri": "农产品", "industrial": "工业产品", "drug": "药品", "cosmetics": "化妆品", "device": "医疗器械"}
CHECK_LEVELS = {"national": "国家", "province": "省", "city": "市", "county": "县（区）", "township": "乡镇（街道）"}
CHECK_FORMS = {"visit": "检查", "sample": "抽样", "drawn": "已抽中（未检查）"}
CHECK_CAUSES = {"random": "双随机", "special": "专项或重点", "complaint": "投诉举报", "other": "其他"}
PRODUCT_LEVELS = {1: "大类", 2: "亚类", 3: "次亚类", 4: "细类"}
ALL_CLASSES = "*"


@dataclass(frozen=True, slots=True)
class LicenceEntry:
    """许可证: kind and number together are unique over all enterprises."""

    kind: str
    number: str
    issued_on: date | None = None
    expires_on: date | None = None
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class EnterpriseEntry:
    """检查对象 as typed. `code` may be full-width or spaced; `internal` says that it is no credit code."""

    code: str
    name: str
    region_code: str
    internal: bool = False
    kind: str = "enterprise"
    address: str = ""
    station: str = ""
    state: str = "open"
    credit_class: str | None = None
    food_risk_grade: str | None = None
    industry: str = ""
    link: str = ""
    contact: str = ""
    phone: str = ""
    legal_person: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    inspection_cap: int | None = None
    tags: tuple[str, ...] = ()
    licences: tuple[LicenceEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class InspectorEntry:
    """执法检查人员 as typed; `areas` region codes (empty = everywhere), `skills` codes of items they may inspect."""

    code: str
    name: str
    department_code: str
    region_code: str
    station: str = ""
    certificate_number: str = ""
    certificate_expires_on: date | None = None
    areas: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    lead: bool = False
    active: bool = True
    leave_from: date | None = None
    leave_to: date | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class LaboratoryEntry:
    """承检机构 as typed; scope and capacity are set by their own verbs."""

    code: str
    name: str
    accreditation_number: str = ""
    accreditation_expires_on: date | None = None
    address: str = ""
    contact: str = ""
    phone: str = ""
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class CheckItemEntry:
    """随机抽查事项 as published: one version of one item."""

    code: str
    name: str
    valid_from: date
    category: str = ""
    kind: str = "general"
    basis: str = ""
    subject: str = ""
    target: str = ""
    ratio: str = ""
    frequency: str = ""
    method: str = ""
    content: str = ""
    skills: tuple[str, ...] = ()
    domain: str = ""
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class LimitEntry:
    """限量 from a day on. `lower` and `upper` inclusive, in `unit`; n, c, m and M only for a sampling plan 采样方案."""

    item_code: str
    product_code: str
    valid_from: date
    kind: str = "range"
    lower: Decimal | None = None
    upper: Decimal | None = None
    unit: str = ""
    detection_limit: Decimal | None = None
    n: int | None = None
    c: int | None = None
    m: Decimal | None = None
    big_m: Decimal | None = None
    judged_by: str = ""
    tested_by: str = ""
    valid_to: date | None = None
    source: str = ""
    verified: bool = True
