"""Rows of the registers as plain values for JSON answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from inspection.registers import enterprises, laboratories, regions
from inspection.registers.imports import Examination
from inspection.registers.models import Enterprise, Inspector, Laboratory, Region
from inspection.uploads import Upload


def of_enterprise(row: Enterprise) -> dict[str, Any]:
    """As `EnterpriseOut` holds it."""
    more = {"version": row.version_id, "internal": row.code_kind == "internal", "inspections_this_year": row.inspections_this_year}
    return {**enterprises.content(row), **more}


def of_inspector(row: Inspector) -> dict[str, Any]:
    """As `InspectorOut` holds it."""
    return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs} | {"version": row.version_id}


def of_laboratory(row: Laboratory) -> dict[str, Any]:
    """As `LaboratoryOut` holds it."""
    return {**laboratories.content(row), "version": row.version_id}


def of_region(session: Session, row: Region) -> dict[str, Any]:
    """As `RegionOut` holds it, with every population figure of the place."""
    return {
        "code": row.code,
        "name": row.name,
        "level": row.level,
        "parent_code": row.parent_code,
        "populations": regions.populations(session, row.code),
    }


def of_import(kept: Upload, done: Examination) -> dict[str, Any]:
    """As `ImportOut` holds it; the first thousand problems."""
    return {
        "upload_id": kept.id,
        "kind": done.kind.key,
        "digest": kept.digest,
        "state": kept.state,
        "n_rows": done.n_rows,
        "n_new": done.n_new,
        "n_changed": done.n_changed,
        "n_unchanged": done.n_unchanged,
        "n_bad": done.n_bad,
        "repeated": done.repeated,
        "problems": done.preview.problems[:1000],
    }
