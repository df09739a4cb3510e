"""Pages of 抽查事项清单, 产品分类 and 限量."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from inspection import clock, home
from inspection.actor import Actor
from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.forms import Form
from inspection.i18n import N_, _, choices
from inspection.listing import Column, exported, listing
from inspection.registers import entries, service
from inspection.registers.entries import CheckItemEntry
from inspection.registers.models import CheckItem, Limit, ProductCategory, TestItem
from inspection.registers.pages.blueprint import blank, bp, joined, yes_no
from inspection.registers.schemas import CheckItemIn, LimitIn
from inspection.web import actor, reading, writing

MATTER_COLUMNS = (
    Column("code", N_("事项编码"), lambda m: m.code, CheckItem.code),
    Column("version", N_("版次"), lambda m: m.version, CheckItem.version, numeric=True),
    Column("category", N_("类别"), lambda m: m.category, CheckItem.category),
    Column("name", N_("抽查事项"), lambda m: m.name, CheckItem.name),
    Column("kind", N_("事项类型"), lambda m: _(entries.CHECK_KINDS[m.kind]), CheckItem.kind),
    Column("basis", N_("抽查依据"), lambda m: m.basis),
    Column("subject", N_("抽查主体"), lambda m: m.subject, CheckItem.subject),
    Column("target", N_("抽查对象"), lambda m: m.target, CheckItem.target),
    Column("ratio", N_("抽查比例"), lambda m: m.ratio, CheckItem.ratio),
    Column("frequency", N_("抽查频次"), lambda m: m.frequency, CheckItem.frequency),
    Column("method", N_("检查方式"), lambda m: m.method, CheckItem.method),
    Column("valid_from", N_("施行日期"), lambda m: m.valid_from, CheckItem.valid_from),
)
LIMIT_COLUMNS = (
    Column("product", N_("分类代码"), lambda x: x.product_code, Limit.product_code),
    Column("item", N_("检验项目"), lambda x: f"{x.item.name}（{x.item.code}）", TestItem.name),
    Column("kind", N_("类别"), lambda x: _(entries.LIMIT_KINDS[x.kind]), Limit.kind),
    Column("limit", N_("限量"), lambda x: shown(x)),
    Column("unit", N_("单位"), lambda x: x.unit, Limit.unit),
    Column("judged_by", N_("判定依据"), lambda x: x.judged_by, Limit.judged_by),
    Column("from", N_("施行日期"), lambda x: x.valid_from, Limit.valid_from),
    Column("to", N_("失效日期"), lambda x: x.valid_to, Limit.valid_to),
)


def shown(limit: Limit) -> str:
    """A limit as papers write it: ≤0.05, 0.1～0.5, n=5 c=2 m=100 M=1000; for the others the kind says all."""
    if limit.kind == "plan" and limit.plan:
        return " ".join(f"{name}={value}" for name, value in limit.plan.items() if value is not None)
    if limit.lower is not None and limit.upper is not None:
        return f"{limit.lower:f}～{limit.upper:f}"
    if limit.upper is not None:
        return f"≤{limit.upper:f}"
    return f"≥{limit.lower:f}" if limit.lower is not None else ""


# --- 抽查事项清单 -----------------------------------------------------------------------------------------------------


@home.tasks
def unpublished(session: Session, who: Actor) -> list[home.Task]:
    """The public still reads an older list of items."""
    if not who.can(P.PUBLICATION_PUBLISH) or not service.unpublished(session):
        return []
    return [home.Task(N_("抽查事项清单有改动尚未公布"), 1, url_for("registers.matters"))]


@bp.get("/items")
@requires(P.REGISTER_READ, P.PUBLICATION_PUBLISH, step_up=False)
def matters() -> str | Response:
    newest = select(CheckItem.code, func.max(CheckItem.version).label("version")).group_by(CheckItem.code).subquery()
    query = select(CheckItem)
    if request.args.get("all") != "1":
        query = query.join(newest, (newest.c.code == CheckItem.code) & (newest.c.version == CheckItem.version))
    with reading() as session:
        listed = listing(
            session, query, MATTER_COLUMNS, search=[CheckItem.code, CheckItem.name, CheckItem.category], default="code", tie=CheckItem.id
        )
        return exported(listed, _("抽查事项清单")) or render_template(
            "registers/matters.html", listed=listed, last=service.last_published(session), changed=service.unpublished(session)
        )


@bp.post("/items/publish")
@requires(P.PUBLICATION_PUBLISH)
def publish_matters() -> Response:
    with writing() as session:
        service.publish_check_items(session, actor())
    flash(_("抽查事项清单已公布。"), "success")
    return redirect(url_for("registers.matters"), 303)


@bp.get("/items/<int:item_id>")
@requires(P.REGISTER_READ, P.PUBLICATION_PUBLISH, step_up=False)
def matter(item_id: int) -> str:
    with reading() as session:
        row = service.check_item(session, item_id)
        versions = session.scalars(select(CheckItem).where(CheckItem.code == row.code).order_by(CheckItem.version.desc())).all()
        return render_template("registers/matter.html", row=row, versions=versions, kinds=entries.CHECK_KINDS, domains=entries.DOMAINS)


@bp.route("/items/new", methods=["GET", "POST"])
@requires(P.REGISTER_WRITE)
def new_matter() -> Response | tuple[str, int]:
    form = Form(CheckItemIn(), _former(request.args.get("after", "")))
    if form.posted:
        with form.trying():
            with writing() as session:
                row = service.create_check_item(session, actor(), form.data())
            flash(_("事项 %(item)s 第 %(version)s 版已登记。", item=row.code, version=row.version), "success")
            return redirect(url_for("registers.matter", item_id=row.id), 303)
    joined(form, "skills")
    return form.render("registers/matter_new.html", kinds=choices(entries.CHECK_KINDS), domains=choices(entries.DOMAINS))


def _former(code: str) -> dict[str, Any]:
    """The newest version of an item as the start of its next one, without its days."""
    if not code:
        return {"kind": "general", "valid_from": clock.today().isoformat()}
    with reading() as session:
        row = session.scalars(select(CheckItem).where(CheckItem.code == code[:40]).order_by(CheckItem.version.desc())).first()
    if row is None:
        raise Invalid("unknown-item", "抽查事项清单中没有 %(item)s。", item=code[:40])
    names = [name for name in CheckItemEntry.__dataclass_fields__ if not name.startswith("valid_")]
    return blank({name: getattr(row, name) for name in names})


# --- 产品分类 and 限量 ------------------------------------------------------------------------------------------------


@bp.get("/products")
@requires(P.REGISTER_READ)
def products() -> str | Response:
    domain, under = request.args.get("domain", "food"), request.args.get("under") or None
    if domain not in entries.DOMAINS:
        raise Invalid("bad-filter", "地址中的筛选条件不在可选值中。请从列表中选择。")
    with reading() as session:
        years = service.years(session, domain)
        year = _year() or (years[0] if years else clock.today().year)
        nodes = service.categories(session, year, domain=domain, parent=under)
        path = _path(session, domain, year, under)
        query = select(Limit).join(TestItem)
        if under:
            query = query.where((Limit.product_code == under) | Limit.product_code.startswith(under + ".", autoescape=True))
        listed = listing(session, query, LIMIT_COLUMNS, search=[TestItem.name, TestItem.code, Limit.judged_by], default="product", tie=Limit.id)
        return exported(listed, _("限量")) or render_template(
            "registers/products.html", nodes=nodes, years=years, year=year, domain=domain, domains=choices(entries.DOMAINS), path=path,
            levels=entries.PRODUCT_LEVELS, listed=listed,
        )  # fmt: skip


def _year() -> int | None:
    text = request.args.get("year", "")
    if text and not (len(text) == 4 and text.isascii() and text.isdigit()):
        raise Invalid("bad-filter", "地址中的筛选条件不在可选值中。请从列表中选择。")
    return int(text) if text else None


def _path(session: Session, domain: str, year: int, under: str | None) -> list[ProductCategory]:
    """The node and those above it, the class first."""
    parts = under.split(".") if under else []
    codes = [".".join(parts[: n + 1]) for n in range(len(parts))]
    query = select(ProductCategory).where(
        ProductCategory.domain == domain, ProductCategory.year == year, ProductCategory.code.in_(codes)
    )
    return sorted(session.scalars(query), key=lambda node: node.level)


@bp.route("/limits/new", methods=["GET", "POST"])
@requires(P.REGISTER_WRITE)
def new_limit() -> Response | tuple[str, int]:
    start = {"kind": "range", "verified": "true", "product_code": request.args.get("product", "")}
    form = Form(LimitIn(), start)
    if form.posted:
        with form.trying():
            with writing() as session:
                row = service.add_limit(session, actor(), form.data())
            flash(_("限量已登记，自 %(day)s 起施行。", day=row.valid_from.isoformat()), "success")
            return redirect(url_for("registers.products", under=row.product_code), 303)
    with reading() as session:
        items = [(item.code, item.name) for item in session.scalars(select(TestItem).order_by(TestItem.code).limit(600))]
    return form.render("registers/limit_new.html", items=items, kinds=choices(entries.LIMIT_KINDS), yes_no=yes_no())
