"""JSON routes of the registers: enterprises, inspectors, laboratories, regions, and the imports."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from sqlalchemy import Select, or_
from sqlalchemy.orm import Session

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.errors import Invalid
from inspection.jobs import importing as background
from inspection.jobs.answers import waiting
from inspection.jobs.schemas import WaitingOut
from inspection.listing import download
from inspection.registers import answers, entries, schemas, service
from inspection.registers.imports import kind_of
from inspection.registers.jobs import APPLY, CHECK
from inspection.registers.models import Enterprise, Inspector, Laboratory, Region
from inspection.web import A_FILE, ApiBlueprint, actor, file_body, reading, wanted_version, writing

bp = ApiBlueprint("registers_api", __name__, url_prefix="/api/v1/registers", description="名录库 registers")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _page(session: Session, query: Select[Any], model: Any, wanted: dict[str, Any], names: tuple[Any, ...]) -> tuple[list[Any], int | None]:
    """Rows after `after` in the order of their numbers, and where the next part begins."""
    if wanted["q"]:
        pattern = "%" + wanted["q"].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(or_(*(name.ilike(pattern, escape="\\") for name in names)))
    query = query.where(model.id > wanted["after"]).order_by(model.id).limit(wanted["limit"] + 1)
    rows = list(session.scalars(query))
    more = len(rows) > wanted["limit"]
    rows = rows[: wanted["limit"]]
    return rows, rows[-1].id if more else None


# --- enterprises ------------------------------------------------------------------------------------------------------


@bp.get("/enterprises")
@requires(P.REGISTER_READ)
@bp.arguments(schemas.EnterprisesIn, location="query")
@bp.response(200, schemas.EnterprisesOut)
def enterprises(wanted: dict[str, Any]) -> dict[str, Any]:
    """检查对象 of the caller's region."""
    query = service.enterprises(state=wanted["state"], credit_class=wanted["credit_class"], tag=wanted["tag"])
    with reading() as session:
        rows, following = _page(session, query, Enterprise, wanted, (Enterprise.code, Enterprise.name))
        return {"items": [answers.of_enterprise(row) for row in rows], "next": following}


@bp.post("/enterprises")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.EnterpriseIn)
@bp.response(201, schemas.EnterpriseOut)
def create_enterprise(entry: entries.EnterpriseEntry) -> dict[str, Any]:
    """Register an object of inspection."""
    with writing() as session:
        return answers.of_enterprise(service.create_enterprise(session, actor(), entry))


@bp.get("/enterprises/<int:enterprise_id>")
@requires(P.REGISTER_READ)
@bp.response(200, schemas.EnterpriseOut)
def enterprise(enterprise_id: int) -> dict[str, Any]:
    """One object of inspection."""
    with reading() as session:
        return answers.of_enterprise(service.enterprise(session, enterprise_id))


@bp.put("/enterprises/<int:enterprise_id>")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.EnterpriseIn)
@bp.response(200, schemas.EnterpriseOut)
def update_enterprise(entry: entries.EnterpriseEntry, enterprise_id: int) -> dict[str, Any]:
    """Replace an object read at the version of If-Match."""
    with writing() as session:
        row = service.update_enterprise(session, actor(), enterprise_id, version=wanted_version(), entry=entry)
        return answers.of_enterprise(row)


# --- inspectors -------------------------------------------------------------------------------------------------------


@bp.get("/inspectors")
@requires(P.REGISTER_READ)
@bp.arguments(schemas.PageIn, location="query")
@bp.response(200, schemas.InspectorsOut)
def inspectors(wanted: dict[str, Any]) -> dict[str, Any]:
    """执法检查人员 of the caller's region."""
    with reading() as session:
        rows, following = _page(session, service.inspectors(), Inspector, wanted, (Inspector.code, Inspector.name))
        return {"items": [answers.of_inspector(row) for row in rows], "next": following}


@bp.post("/inspectors")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.InspectorIn)
@bp.response(201, schemas.InspectorOut)
def create_inspector(entry: entries.InspectorEntry) -> dict[str, Any]:
    """Register an inspector."""
    with writing() as session:
        return answers.of_inspector(service.create_inspector(session, actor(), entry))


@bp.get("/inspectors/<int:inspector_id>")
@requires(P.REGISTER_READ)
@bp.response(200, schemas.InspectorOut)
def inspector(inspector_id: int) -> dict[str, Any]:
    """One inspector."""
    with reading() as session:
        return answers.of_inspector(service.inspector(session, inspector_id))


@bp.put("/inspectors/<int:inspector_id>")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.InspectorIn)
@bp.response(200, schemas.InspectorOut)
def update_inspector(entry: entries.InspectorEntry, inspector_id: int) -> dict[str, Any]:
    """Replace an inspector read at the version of If-Match."""
    with writing() as session:
        row = service.update_inspector(session, actor(), inspector_id, version=wanted_version(), entry=entry)
        return answers.of_inspector(row)


# --- laboratories -----------------------------------------------------------------------------------------------------


@bp.get("/laboratories")
@requires(P.REGISTER_READ)
@bp.arguments(schemas.PageIn, location="query")
@bp.response(200, schemas.LaboratoriesOut)
def laboratories(wanted: dict[str, Any]) -> dict[str, Any]:
    """承检机构 with scope and capacity."""
    with reading() as session:
        rows, following = _page(session, service.laboratories(), Laboratory, wanted, (Laboratory.code, Laboratory.name))
        return {"items": [answers.of_laboratory(row) for row in rows], "next": following}


@bp.post("/laboratories")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.LaboratoryIn)
@bp.response(201, schemas.LaboratoryOut)
def create_laboratory(entry: entries.LaboratoryEntry) -> dict[str, Any]:
    """Register a laboratory."""
    with writing() as session:
        return answers.of_laboratory(service.create_laboratory(session, actor(), entry))


@bp.get("/laboratories/<int:laboratory_id>")
@requires(P.REGISTER_READ)
@bp.response(200, schemas.LaboratoryOut)
def laboratory(laboratory_id: int) -> dict[str, Any]:
    """One laboratory."""
    with reading() as session:
        return answers.of_laboratory(service.laboratory(session, laboratory_id))


@bp.put("/laboratories/<int:laboratory_id>")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.LaboratoryIn)
@bp.response(200, schemas.LaboratoryOut)
def update_laboratory(entry: entries.LaboratoryEntry, laboratory_id: int) -> dict[str, Any]:
    """Replace a laboratory read at the version of If-Match; scope and capacity have their own routes."""
    with writing() as session:
        row = service.update_laboratory(session, actor(), laboratory_id, version=wanted_version(), entry=entry)
        return answers.of_laboratory(row)


@bp.put("/laboratories/<int:laboratory_id>/scope")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.ScopeIn)
@bp.response(200, schemas.LaboratoryOut)
def set_scope(given: dict[str, Any], laboratory_id: int) -> dict[str, Any]:
    """Replace the classes of products it may test."""
    with writing() as session:
        return answers.of_laboratory(service.set_scope(session, actor(), laboratory_id, given["product_classes"]))


@bp.put("/laboratories/<int:laboratory_id>/capacity")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.CapacityIn)
@bp.response(200, schemas.CapacityOut)
def set_capacity(given: dict[str, Any], laboratory_id: int) -> Any:
    """Set the batches it can take in a quarter."""
    with writing() as session:
        return service.set_capacity(session, actor(), laboratory_id, **given)


# --- regions ----------------------------------------------------------------------------------------------------------


@bp.get("/regions")
@requires(P.REGISTER_READ)
@bp.arguments(schemas.RegionsIn, location="query")
@bp.response(200, schemas.RegionOut(many=True))
def regions(wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The places directly under `under`, or the roots."""
    with reading() as session:
        rows: list[Region] = service.children(session, wanted["under"] or None)
        return [answers.of_region(session, row) for row in rows]


@bp.post("/regions")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.RegionIn)
@bp.response(201, schemas.RegionOut)
def create_region(given: dict[str, Any]) -> dict[str, Any]:
    """Register a place."""
    with writing() as session:
        return answers.of_region(session, service.create_region(session, actor(), **given))


@bp.get("/regions/<region_code>")
@requires(P.REGISTER_READ)
@bp.response(200, schemas.RegionOut)
def region(region_code: str) -> dict[str, Any]:
    """One place with its population figures."""
    with reading() as session:
        return answers.of_region(session, service.region(session, region_code))


@bp.put("/regions/<region_code>")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.RegionNameIn)
@bp.response(200, schemas.RegionOut)
def rename_region(given: dict[str, Any], region_code: str) -> dict[str, Any]:
    """Correct the name of a place."""
    with writing() as session:
        return answers.of_region(session, service.rename_region(session, actor(), region_code, **given))


@bp.put("/regions/<region_code>/population")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.PopulationIn)
@bp.response(200, schemas.PopulationOut)
def set_population(given: dict[str, Any], region_code: str) -> Any:
    """Enter or correct a population figure."""
    with writing() as session:
        return service.set_population(session, actor(), region_code=region_code, **given)


# --- imports ----------------------------------------------------------------------------------------------------------


@bp.get("/imports/<kind>/template")
@requires(P.REGISTER_READ)
@bp.response(200, A_FILE, content_type=XLSX)
def import_template(kind: str) -> Response:
    """The workbook to fill in."""
    wanted = kind_of(kind)
    return download(wanted.template(), f"{wanted.title}模板.xlsx", XLSX)


@bp.post("/imports/<kind>")
@requires(P.REGISTER_WRITE)
@bp.doc(requestBody=file_body())
@bp.response(201, schemas.ImportOut)
@bp.alt_response(202, schema=WaitingOut, description="a large file: a job checks it")
def upload(kind: str) -> dict[str, Any] | Response:
    """Keep the file sent as multipart field `file`; tells what it would do, for a large one which job finds that out. Nothing is imported yet."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("file-missing", "没有收到文件。请以 multipart/form-data 的 file 字段提交。", fields={"file": ["必填"]})
    with writing() as session:
        kept = service.keep_upload(session, actor(), kind, filename=sent.filename, content=sent.read())
        if background.is_large(kept):
            return waiting(kept, background.ask(session, actor(), CHECK, kept))
    return _looked_at(kept.id)


def _looked_at(upload_id: int) -> dict[str, Any]:
    with reading() as session:
        return answers.of_import(service.upload(session, actor(), upload_id), service.preview(session, actor(), upload_id))


@bp.get("/imports/<int:upload_id>")
@requires(P.REGISTER_WRITE)
@bp.response(200, schemas.ImportOut, description="a large file: as 202 of the upload, with its newest job")
def preview(upload_id: int) -> dict[str, Any] | Response:
    """What the kept file would do to the register as it is now; of a large one, how far its newest job is."""
    with reading() as session:
        kept = service.upload(session, actor(), upload_id)
        if background.is_large(kept):
            return waiting(kept, background.last(session, actor(), CHECK, kept, APPLY), 200)
    return _looked_at(upload_id)


@bp.post("/imports/<int:upload_id>/apply")
@requires(P.REGISTER_WRITE)
@bp.arguments(schemas.ApplyIn)
@bp.response(200, schemas.ImportOut)
@bp.alt_response(202, schema=WaitingOut, description="a large file: a job imports it")
def apply_import(given: dict[str, Any], upload_id: int) -> dict[str, Any] | Response:
    """Import the good rows, or – with `all_or_nothing` – all or none; the same file again changes nothing."""
    with writing() as session:
        kept = service.upload(session, actor(), upload_id)
        if background.is_large(kept):
            return waiting(kept, background.ask(session, actor(), APPLY, kept, **given))
        return answers.of_import(kept, service.apply_import(session, actor(), upload_id, **given))


@bp.get("/imports/<int:upload_id>/errors")
@requires(P.REGISTER_WRITE)
@bp.response(200, A_FILE, content_type=XLSX)
def import_errors(upload_id: int) -> Response:
    """The bad rows with their reasons, ready to be corrected and imported; those of a large file are the result of its job."""
    with reading() as session:
        background.refuse_large(service.upload(session, actor(), upload_id))
        name, data = service.error_workbook(session, actor(), upload_id)
    return download(data, name, XLSX)
