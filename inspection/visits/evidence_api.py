"""Attachments and signatures of a visit as JSON; a repeated sending with the same Idempotency-Key gets the same answer."""

from __future__ import annotations

from flask import Response, jsonify

from inspection.auth.guard import requires
from inspection.auth.roles import Permission as P
from inspection.visits import attachments, evidence_schemas, sending, service, signatures
from inspection.web import ApiBlueprint, actor, file_body, reading, settings, wanted_version, writing

bp = ApiBlueprint("visit_evidence_api", __name__, url_prefix="/api/v1/visits", description="检查的附件和签字 evidence of visits")


@bp.get("/<int:visit_id>/attachments")
@requires(P.VISIT_READ)
@bp.response(200, evidence_schemas.AttachmentOut(many=True))
def index(visit_id: int) -> Response:
    """The attachments of a visit, those taken back too."""
    with reading() as session:
        visit = service.get(session, actor(), visit_id)
        seen = attachments.sees_facts(actor(), visit)
        return jsonify([evidence_schemas.attachment(row, facts=seen) for row in attachments.of_visit(session, visit.id)])


@bp.post("/<int:visit_id>/attachments")
@requires(P.VISIT_RECORD, P.VISIT_REVIEW, P.CASE_HANDLE)
@bp.doc(requestBody=file_body("kind", "item", "caption", "digest"))
@bp.response(201, evidence_schemas.AttachmentOut)
def attach(visit_id: int) -> Response:
    """Keep a file (multipart fields `file`, `kind`, `item`, `caption`, `digest`); `original_digest` of the answer acknowledges it."""
    sent = sending.file()
    said = [sent.original_digest, sent.kind, sent.item, sent.caption]
    with writing() as session:
        return sending.once(
            session, visit_id, "attach", said,
            lambda: evidence_schemas.attachment(attachments.attach(session, actor(), visit_id, sent, most=settings().visit_attachments_max), facts=False),
            status=201,
        )  # fmt: skip


@bp.post("/<int:visit_id>/attachments/<int:no>/void")
@requires(P.VISIT_RECORD, P.VISIT_REVIEW, P.CASE_HANDLE)
@bp.arguments(evidence_schemas.AttachmentVoidIn)
@bp.response(200, evidence_schemas.AttachmentOut)
def take_back(given: dict[str, str], visit_id: int, no: int) -> Response:
    """Take an attachment back, with the reason; it stays beside it."""
    with writing() as session:
        return jsonify(evidence_schemas.attachment(attachments.take_back(session, actor(), visit_id, no, **given), facts=False))


@bp.get("/<int:visit_id>/signatures")
@requires(P.VISIT_READ)
@bp.response(200, evidence_schemas.StandingOut(many=True))
def signed(visit_id: int) -> list[signatures.Standing]:
    """Who has to sign, what each signed last, and whether it is the record as it stands."""
    with reading() as session:
        return signatures.standing(session, service.get(session, actor(), visit_id))


@bp.post("/<int:visit_id>/signatures")
@requires(P.VISIT_RECORD)
@bp.arguments(evidence_schemas.SignatureIn)
@bp.response(201, evidence_schemas.SignatureOut)
def sign(given: signatures.Signed, visit_id: int) -> Response:
    """Keep a signature for the record at the version of If-Match; the record's version does not change."""
    said, version = sending.body_digest(), wanted_version()
    with writing() as session:
        return sending.once(
            session, visit_id, "sign", said,
            lambda: evidence_schemas.SignatureOut().dump(signatures.sign(session, actor(), visit_id, given, version=version)), status=201,
        )  # fmt: skip
