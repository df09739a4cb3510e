"""名录库: who and what can be inspected, by whom, tested where, against which limits."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

from inspection import clock, history
from inspection.db import Base
from inspection.scope import RegionScoped


class Region(Base):
    """行政区划: one place of the GB/T 2260 tree (six digits; townships nine). Written by import; names may be corrected."""

    __tablename__ = "regions"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    level: Mapped[str] = mapped_column(String(10))  # province, city, county, township
    parent_code: Mapped[str | None] = mapped_column(String(12), ForeignKey("regions.code"), index=True)

    __table_args__ = (CheckConstraint("level IN ('province','city','county','township')", name="level"),)


class Population(Base):
    """人口: people of a region in a year by kind of count, with its source. A correction replaces the figure, audited."""

    __tablename__ = "populations"

    id: Mapped[int] = mapped_column(primary_key=True)
    region_code: Mapped[str] = mapped_column(String(12), ForeignKey("regions.code"), index=True)
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))  # census 普查, resident 常住, registered 户籍
    people: Mapped[int]
    source: Mapped[str] = mapped_column(String(300), default="")
    verified: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        UniqueConstraint("region_code", "year", "kind"),
        CheckConstraint("people >= 0", name="people"),
        CheckConstraint("kind IN ('census','resident','registered')", name="kind"),
    )


class Department(Base):
    """执法部门: the office an inspector belongs to (the `unit` of the draw protocol)."""

    __tablename__ = "departments"

    code: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


class Enterprise(RegionScoped, Base):
    """检查对象: a firm, stall, laboratory, work or equipment that can be inspected; edited under a version.

    `region_code` is the township when it is known, else the county.
    """

    __tablename__ = "enterprises"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)  # credit code, or an internal id (draw-protocol grammar)
    code_kind: Mapped[str] = mapped_column(String(10), default="uscc")  # uscc, internal
    kind: Mapped[str] = mapped_column(String(20), default="enterprise")  # enterprise, stall, laboratory, project, equipment
    name: Mapped[str] = mapped_column(String(200), index=True)
    address: Mapped[str] = mapped_column(String(300), default="")
    station: Mapped[str] = mapped_column(String(100), default="")  # 所
    state: Mapped[str] = mapped_column(String(12), default="open", index=True)
    credit_class: Mapped[str | None] = mapped_column(String(1), index=True)  # A-D, None = not classified yet
    food_risk_grade: Mapped[str | None] = mapped_column(String(1))  # A-D of the food scale, apart from credit
    industry: Mapped[str] = mapped_column(String(60), default="")
    link: Mapped[str] = mapped_column(String(12), default="")  # 环节: production, circulation, catering, ""
    contact: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    legal_person: Mapped[str] = mapped_column(String(60), default="")
    latitude: Mapped[Decimal | None]
    longitude: Mapped[Decimal | None]
    inspection_cap: Mapped[int | None]  # 涉企检查频次上限, None = the rulebook's
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version_id: Mapped[int] = mapped_column(default=1)

    @property
    def inspections_this_year(self) -> int:
        """Visits of the calendar year that may be told, those of duplicates merged into it included; checks by others apart."""
        return history.count(self._session, "visited", [code for _, code in self._merged()], date(clock.today().year, 1, 1))

    @property
    def visits_towards_cap(self) -> int:
        """The same with the visits of other departments and levels, complaints apart."""
        query = select(func.count()).where(
            OutsideCheck.enterprise_id.in_([id_ for id_, _ in self._merged()]), OutsideCheck.on >= date(clock.today().year, 1, 1),
            OutsideCheck.kind == "visit", OutsideCheck.cause != "complaint",
        )  # fmt: skip
        return self.inspections_this_year + (self._session.scalar(query) or 0)

    @property
    def _session(self) -> Session:
        session = object_session(self)
        if session is None:
            raise RuntimeError("an enterprise without a session has no past")
        return session

    def _merged(self) -> list[tuple[int, str]]:
        """Itself and the duplicates merged into it, by id and code."""
        query = select(Enterprise.id, Enterprise.code).where(Enterprise.merged_into_id == self.id).execution_options(unscoped=True)
        return [(self.id, self.code), *((id_, code) for id_, code in self._session.execute(query))]

    tags: Mapped[list[EnterpriseTag]] = relationship(cascade="all, delete-orphan", order_by="EnterpriseTag.tag")
    licences: Mapped[list[Licence]] = relationship(cascade="all, delete-orphan", order_by="Licence.number")

    __mapper_args__ = {"version_id_col": version_id}
    __table_args__ = (
        CheckConstraint("state IN ('open','stopped','deregistered','moved','revoked')", name="state"),
        CheckConstraint("credit_class IN ('A','B','C','D')", name="credit_class"),
    )


class EnterpriseTag(Base):
    """标签 of an enterprise (专项库, licence kind, trade): one row per tag."""

    __tablename__ = "enterprise_tags"

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)


class Licence(Base):
    """许可证 of an enterprise, with its expiry."""

    __tablename__ = "licences"

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(60))
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    issuer: Mapped[str] = mapped_column(String(100), default="")

    __table_args__ = (UniqueConstraint("kind", "number"),)


class Inspector(RegionScoped, Base):
    """执法检查人员: may enter a team while the certificate is valid and no leave runs."""

    __tablename__ = "inspectors"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)  # id of the draw protocol
    name: Mapped[str] = mapped_column(String(60))
    department_code: Mapped[str] = mapped_column(String(64), ForeignKey("departments.code"), index=True)
    station: Mapped[str] = mapped_column(String(100), default="")
    certificate_number: Mapped[str] = mapped_column(String(60), default="")
    certificate_expires_on: Mapped[date | None]
    areas: Mapped[list[str]] = mapped_column(JSON, default=list)  # region codes; empty = everywhere
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)  # codes of the items they may inspect
    lead: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    leave_from: Mapped[date | None]
    leave_to: Mapped[date | None]
    phone: Mapped[str] = mapped_column(String(40), default="")
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}


class ConflictOfInterest(Base):
    """回避: a person who must not visit an enterprise, why and how long."""

    __tablename__ = "conflicts_of_interest"

    id: Mapped[int] = mapped_column(primary_key=True)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspectors.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    __table_args__ = (UniqueConstraint("inspector_id", "enterprise_id"),)


class OutsideCheck(Base):
    """外部检查: what another department or level did, or has drawn to do, at an object of this register; written by import.

    Another import of the same check replaces its cause and source. Complaints 投诉举报 do not count towards the yearly cap.
    """

    __tablename__ = "outside_checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"), index=True)
    on: Mapped[date] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(8))  # visit, sample, drawn
    authority: Mapped[str] = mapped_column(String(100))
    level: Mapped[str] = mapped_column(String(10))  # national, province, city, county, township
    item_code: Mapped[str] = mapped_column(String(40), default="")  # of the item list; "" for a sample
    product_code: Mapped[str] = mapped_column(String(40), default="")  # of the product tree; "" for a visit
    cause: Mapped[str] = mapped_column(String(10), default="random")  # random, special, complaint, other
    source: Mapped[str] = mapped_column(String(300), default="")

    __table_args__ = (
        UniqueConstraint("enterprise_id", "on", "kind", "authority", "item_code", "product_code", name="uq_outside_checks_same"),
        CheckConstraint("kind IN ('visit','sample','drawn')", name="kind"),
        CheckConstraint("level IN ('national','province','city','county','township')", name="level"),
        CheckConstraint("cause IN ('random','special','complaint','other')", name="cause"),
    )


class Laboratory(Base):
    """承检机构: tests what its accreditation covers; itself an object of inspection."""

    __tablename__ = "laboratories"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    accreditation_number: Mapped[str] = mapped_column(String(60), default="")
    accreditation_expires_on: Mapped[date | None]
    address: Mapped[str] = mapped_column(String(300), default="")
    contact: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    suspended: Mapped[bool] = mapped_column(default=False)
    version_id: Mapped[int] = mapped_column(default=1)

    scopes: Mapped[list[LaboratoryScope]] = relationship(cascade="all, delete-orphan")
    capacities: Mapped[list[LaboratoryCapacity]] = relationship(cascade="all, delete-orphan")

    __mapper_args__ = {"version_id_col": version_id}


class LaboratoryScope(Base):
    """承检范围: a class of products the laboratory may test (name of the first-level class; "*" = all)."""

    __tablename__ = "laboratory_scopes"

    laboratory_id: Mapped[int] = mapped_column(ForeignKey("laboratories.id", ondelete="CASCADE"), primary_key=True)
    product_class: Mapped[str] = mapped_column(String(60), primary_key=True)


class LaboratoryCapacity(Base):
    """承检能力: batches a laboratory can take in a quarter, and its price per batch in fen."""

    __tablename__ = "laboratory_capacities"

    laboratory_id: Mapped[int] = mapped_column(ForeignKey("laboratories.id", ondelete="CASCADE"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    quarter: Mapped[int] = mapped_column(primary_key=True)
    n_batches: Mapped[int]
    price_fen: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("quarter BETWEEN 1 AND 4", name="quarter"), CheckConstraint("n_batches >= 0", name="n_batches"))


class CheckItem(Base):
    """随机抽查事项: one row of the published list in one version; a new version stands beside the old."""

    __tablename__ = "check_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), index=True)
    version: Mapped[int] = mapped_column(default=1)
    category: Mapped[str] = mapped_column(String(100), default="")
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10), default="general")  # key 重点, general 一般
    basis: Mapped[str] = mapped_column(Text, default="")
    subject: Mapped[str] = mapped_column(String(200), default="")  # 抽查主体
    target: Mapped[str] = mapped_column(String(200), default="")  # 抽查对象
    ratio: Mapped[str] = mapped_column(String(60), default="")
    frequency: Mapped[str] = mapped_column(String(60), default="")
    method: Mapped[str] = mapped_column(String(100), default="")
    content: Mapped[str] = mapped_column(Text, default="")
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    domain: Mapped[str] = mapped_column(String(20), default="")  # food, industrial, …; "" = not said
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    __table_args__ = (UniqueConstraint("code", "version"),)


class ProductCategory(Base):
    """产品分类: a node of the four-level tree of one year (大类/亚类/次亚类/细类)."""

    __tablename__ = "product_categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    parent_code: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[int]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(100))
    domain: Mapped[str] = mapped_column(String(20), default="food")  # food, agri, industrial, drug, …
    key_product: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        UniqueConstraint("domain", "year", "code"),
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        Index("ix_product_categories_year_name", "year", "name"),
    )


class TestItem(Base):
    """检验项目: what a laboratory measures, with its usual unit."""

    __test__ = False
    __tablename__ = "test_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    unit: Mapped[str] = mapped_column(String(30), default="")
    microbiological: Mapped[bool] = mapped_column(default=False)


class Limit(Base):
    """限量: the limit of an item for a product class from a day on; never changed, only followed by a newer one.

    `kind`: range (lower and/or upper, both inclusive), not_detected, plan (n, c, m, M), info (no judgement 不判定).
    """

    __tablename__ = "limits"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("test_items.id"), index=True)
    product_code: Mapped[str] = mapped_column(String(40), index=True)  # code of any level of the tree; prefix rule: deepest wins
    kind: Mapped[str] = mapped_column(String(14), default="range")
    lower: Mapped[Decimal | None]
    upper: Mapped[Decimal | None]
    unit: Mapped[str] = mapped_column(String(30), default="")
    detection_limit: Mapped[Decimal | None]  # 方法检出限 in the same unit
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # {"n":5,"c":2,"m":"100","M":"1000"}
    judged_by: Mapped[str] = mapped_column(String(200), default="")  # 判定依据
    tested_by: Mapped[str] = mapped_column(String(200), default="")  # 检验依据
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(String(300), default="")
    verified: Mapped[bool] = mapped_column(default=True)

    item: Mapped[TestItem] = relationship()

    __table_args__ = (
        UniqueConstraint("item_id", "product_code", "valid_from"),
        CheckConstraint("kind IN ('range','not_detected','plan','info')", name="kind"),
    )
