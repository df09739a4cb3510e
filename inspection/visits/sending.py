"""What comes with a sending: the key of the phone, the file with its digest, the limits of this office."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from inspection import audit
from inspection.errors import Invalid, Said
from inspection.visits import pictures, receipts
from inspection.visits.attachments import Sent
from inspection.visits.evidence_schemas import AttachmentIn
from inspection.web import actor, flat, settings

_KEY = re.compile(r"[0-9A-Za-z-]{16,64}", re.ASCII)


def key() -> str:
    """The key of this sending: header Idempotency-Key or form field `key`; "" when there is none."""
    given = (request.headers.get("Idempotency-Key") or request.form.get("key") or "").strip()
    if given and not _KEY.fullmatch(given):
        raise Invalid("bad-key", "发送编号（Idempotency-Key）应为 16 至 64 位字母、数字或连字符。请刷新页面后重试。")
    return given


def once(session: Session, visit_id: int, action: str, sent: Any, make: Callable[[], dict[str, Any]], *, status: int = 200) -> Response:
    """The answer to this request, its work done once for its key; `sent` is all that decides what the work does."""
    answer = jsonify(receipts.once(session, actor(), visit_id, key=key(), action=action, digest=audit.digest(sent), make=make))
    answer.status_code = status
    return answer


def body_digest() -> str:
    """SHA-256 of the body, compared with the header Content-Digest (RFC 9530) where the sender gave one.

    Raises
    ------
    Invalid : the body changed on its way.
    """
    data = request.get_data(cache=True)
    given = re.search(r"sha-256=:([0-9A-Za-z+/=]{44}):", request.headers.get("Content-Digest", ""), re.ASCII)
    if given and base64.b64encode(hashlib.sha256(data).digest()).decode() != given[1]:
        raise Invalid("digest-differs", "内容在传输中有改动（摘要不符），没有保存。请重新发送。")
    return hashlib.sha256(data).hexdigest()


def file() -> Sent:
    """The attachment of a multipart request, examined; before any transaction, for a large picture takes its time.

    Raises
    ------
    Invalid : no file, too large, other bytes than the sender had, a kind of file that is not taken.
    """
    given = request.files.get("file")
    data = given.stream.read() if given else b""
    if given is None or not data:
        raise Invalid("no-file", "没有收到文件。请先拍照或选择文件，再上传。", fields={"file": ["必填"]})
    most = settings().attachment_max_mb
    if len(data) > most * 1024 * 1024:
        raise Invalid("file-too-large", "文件超过 %(n)s MB。请降低照片分辨率或分开扫描后再传。", fields={"file": [Said("不能超过 %(most)s MB", most=most)]}, n=most)
    try:
        said = AttachmentIn().load({name: text for name, text in request.form.items() if name not in ("csrf_token", "key") and text.strip()})
    except ValidationError as error:
        found = flat(error.messages)
        raise Invalid("invalid", "有 %(count)s 个字段需要改正。", fields=found, count=len(found)) from None
    digest = hashlib.sha256(data).hexdigest()
    if said.pop("digest") not in ("", digest):
        raise Invalid("digest-differs", "内容在传输中有改动（摘要不符），没有保存。请重新发送。", fields={"file": ["收到的文件与发送的不一致"]})
    return Sent(pictures.examine(data), digest, given.filename or "", **said)
