"""Photos, scans and evidence of a visit: what is kept, what is refused, who sees what, and that nothing arrives twice."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from inspection import clock
from inspection.errors import Invalid
from inspection.visits import pictures
from inspection.visits.models import Visit
from tests.inspection.visits.conftest import Office
from tests.inspection.visits.photos import photo, scan
from tests.inspection.visits.town import VISITED, Town, done
from tests.people import Browser


@pytest.fixture(autouse=True)
def _moment() -> Iterator[None]:
    with clock.at(VISITED):
        yield


def at_work(office: Office) -> tuple[Visit, Browser]:
    visit = office.town.visit
    return visit, office.signed_in(office.town.team(visit)[0].login)


def send(browser: Browser, visit: Visit, data: bytes, *, key: str = "", name: str = "IMG_1.jpg", **fields: str) -> Any:
    head = {"X-CSRFToken": browser.token} | ({"Idempotency-Key": key} if key else {})
    sent = {"kind": "photo", **fields, "file": (io.BytesIO(data), name)}
    return browser.client.post(f"/api/v1/visits/{visit.id}/attachments", data=sent, headers=head)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- what is in a file ------------------------------------------------------------------------------------------------


def test_a_photo_is_kept_without_what_the_camera_wrote_and_the_picture_stays_bit_for_bit() -> None:
    sent = photo(turned=6)
    found = pictures.examine(sent)
    assert found.facts == pictures.Facts("2026-11-18 09:12:30 +08:00", "30.270000", "120.160000", "HUAWEI P60")
    assert b"GPS-MARK" in sent and b"GPS-MARK" not in found.content and b"HUAWEI" not in found.content
    kept, before = Image.open(io.BytesIO(found.content)), Image.open(io.BytesIO(sent))
    assert dict(kept.getexif()) == {0x0112: 6} and kept.tobytes() == before.tobytes()
    assert pictures.examine(found.content).content == found.content, "clean stays as it is"


def test_a_png_loses_its_texts_and_unknown_facts_stay_unknown() -> None:
    found = pictures.examine(photo(kind="PNG", located=False))
    assert found.content_type == "image/png" and found.facts.latitude is None and found.facts.taken_at is not None
    assert b"eXIf" not in found.content and not pictures.examine(found.content).facts


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is huge."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


BAD = [
    (b"\0\0\0\x18ftypheic" + bytes(40), "photo-heic"), (b"GIF89a" + bytes(30), "file-kind"), (b"<svg onload=alert(1)>", "file-kind"), (b"MZ" + bytes(50), "file-kind"),
    (photo()[:900], "photo-broken"), (b"\xff\xd8\xff" + bytes(60), "photo-broken"), (b"\x89PNG\r\n\x1a\n" + bytes(9), "photo-broken"), (bomb(30_000, 30_000), "photo-pixels"),
    (bomb(400, 400), "photo-broken"), (b"%PDF-1.4 cut", "pdf-broken"), (scan().replace(b"trailer", b"/JavaScript (x) trailer"), "pdf-active"), (b"", "file-kind"),
]  # fmt: skip


def test_what_cannot_be_checked_is_refused_with_the_field_and_the_cure() -> None:
    for data, code in BAD:
        with pytest.raises(Invalid) as refused:
            pictures.examine(data)
        assert refused.value.code == code and refused.value.fields["file"], (data[:20], refused.value.code)
        assert "请" in refused.value.message


# --- kept with the visit ----------------------------------------------------------------------------------------------


def test_a_file_is_acknowledged_by_its_digest_and_a_second_sending_changes_nothing(office: Office) -> None:
    visit, browser = at_work(office)
    data, key = photo(), "photo-0001-abcdefgh"
    first = send(browser, visit, data, key=key, caption="冷藏柜", item="2", digest=digest(data))
    assert first.status_code == 201 and first.json["original_digest"] == digest(data) != first.json["digest"] and first.json["no"] == 1
    assert send(browser, visit, data, key=key, caption="冷藏柜", item="2", digest=digest(data)).json == first.json
    other = send(browser, visit, photo(seed=2), key=key)
    assert other.status_code == 409 and other.json["code"] == "key-reused" and "发送编号" in other.json["detail"]
    assert send(browser, visit, data).json["no"] == 1, "the same file without a key is the file that is there"
    bad = send(browser, visit, data, digest="0" * 64)
    assert bad.status_code == 422 and "传输中有改动" in bad.json["detail"]
    assert [row["no"] for row in browser.json("GET", f"/api/v1/visits/{visit.id}/attachments").json] == [1]
    assert send(browser, visit, photo(seed=3), key="short").status_code == 422


def test_bad_files_leave_nothing_behind(office: Office) -> None:
    visit, browser = at_work(office)
    for data, more, field in (
        (b"x" * 200, {}, "file"), (photo(), {"kind": "video"}, "kind"), (photo(), {"item": "9"}, "item"), (scan(), {"kind": "photo"}, "kind"),
        (photo(), {"digest": "abc"}, "digest"), (photo(), {"caption": "坏\u202e字"}, "caption"), (photo(), {"extra": "1"}, "extra"),
    ):  # fmt: skip
        answer = send(browser, visit, data, **more)
        assert answer.status_code == 422 and field in answer.json["errors"], (more, answer.json)
    assert browser.json("GET", f"/api/v1/visits/{visit.id}/attachments").json == []
    empty = browser.post(f"/visits/{visit.id}/attachments", {"kind": "photo"})
    assert empty.status_code == 422 and "没有收到文件" in empty.text


def test_the_page_takes_shows_and_takes_back_a_file_without_script(office: Office) -> None:
    visit, browser = at_work(office)
    answer = browser.post(f"/visits/{visit.id}/attachments", {"kind": "paper", "file": (io.BytesIO(scan()), "扫描.pdf")})
    assert answer.status_code == 303 and answer.location == f"/visits/{visit.id}/record#attachments"
    browser.post(f"/visits/{visit.id}/attachments", {"kind": "photo", "file": (io.BytesIO(photo()), "../../x.html"), "caption": "<b>门头</b>"})
    page = browser.get(f"/visits/{visit.id}/record").text
    assert "附件 1" in page and "纸质记录扫描件" in page and "30.270000, 120.160000" in page and "&lt;b&gt;门头" in page
    got = browser.get(f"/visits/{visit.id}/attachments/2?shown=1")
    assert got.mimetype == "image/jpeg" and got.headers["X-Content-Type-Options"] == "nosniff" and b"GPS-MARK" not in got.data
    pdf = browser.get(f"/visits/{visit.id}/attachments/1?shown=1")
    assert pdf.mimetype == "application/pdf" and pdf.headers["Content-Disposition"].startswith("attachment") and "sandbox" in pdf.headers["Content-Security-Policy"]
    assert browser.post(f"/visits/{visit.id}/attachments/1/void", {}).status_code == 422
    assert browser.post(f"/visits/{visit.id}/attachments/1/void", {"reason": "扫错了"}).status_code == 303
    assert browser.post(f"/visits/{visit.id}/attachments/1/void", {"reason": "再来"}).status_code == 409
    assert "扫错了" in browser.get(f"/visits/{visit.id}").text and browser.get(f"/visits/{visit.id}/attachments/1").status_code == 200


def test_only_who_may_see_the_visit_sees_its_files_and_only_few_where_a_photo_was_taken(office: Office) -> None:
    visit, browser = at_work(office)
    send(browser, visit, photo())
    for login, seen in (("leader", True), ("auditor", True), ("planner", False), ("cases", False)):
        reader = office.signed_in(login)
        listed = reader.json("GET", f"/api/v1/visits/{visit.id}/attachments").json
        assert ("facts" in listed[0]) is seen and ("120.160000" in reader.get(f"/visits/{visit.id}").text) is seen, login
        assert send(reader, visit, photo(seed=4)).status_code == 403, login
    for login in (office.town.outsider(visit).login, "far"):
        stranger = office.signed_in(login)
        for path in (f"/visits/{visit.id}/attachments/1", f"/api/v1/visits/{visit.id}/attachments"):
            assert stranger.get(path).status_code == 404, (login, path)
        assert send(stranger, visit, photo()).status_code == 404
    publisher = office.signed_in("publisher")
    assert publisher.get(f"/visits/{visit.id}/attachments/1").status_code == 403
    assert browser.get(f"/visits/{visit.id}/attachments/7").status_code == 404


def test_a_closed_record_takes_no_files_but_the_evidence_of_a_refusal(office: Office) -> None:
    visit, browser = at_work(office)
    refused = done(outcome="05", summary="店主拒绝开门", results=(), witness="网格员赵某", items=())
    office.town.approved(visit, refused)
    assert send(browser, visit, photo()).status_code == 409
    leader, version = office.signed_in("leader"), "1"
    assert send(leader, visit, photo()).status_code == 403, "a photo of the visit is the team's"
    assert send(leader, visit, scan(), kind="evidence").status_code == 201
    closing = {"version": version, "measure": "case"}
    bad = leader.post(f"/visits/{visit.id}/refusal/close", {**closing, "evidence": "立案决定书见附件 3"})
    assert bad.status_code == 422 and "附件 3 不存在" in bad.text
    assert leader.post(f"/visits/{visit.id}/refusal/close", {**closing, "evidence": "立案决定书见附件1"}).status_code == 303
    assert send(leader, visit, photo(), kind="evidence").status_code == 403


def test_rows_are_sealed_and_the_number_of_files_is_bounded(town: Town) -> None:
    from inspection.visits import attachments

    visit, who = town.visit, town.team(town.visit)[0]
    with town.database.write(who) as session:
        sent = attachments.Sent(pictures.examine(photo()), "a" * 64, "x.jpg", "photo")
        attachments.attach(session, who, visit.id, sent, most=1)
        with pytest.raises(Exception, match="达到上限"):
            attachments.attach(session, who, visit.id, attachments.Sent(sent.found, "b" * 64, "y.jpg", "photo"), most=1)
    for table in ("visit_attachments", "visit_attachment_contents", "visit_attachment_facts"):
        with pytest.raises(DBAPIError, match="sealed"), town.database.write() as session:
            session.execute(text(f"DELETE FROM {table}"))


def test_one_key_sent_by_many_at_once_is_one_file_and_one_answer(town: Town) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from inspection.visits import attachments, receipts

    visit, who = town.visit, town.team(town.visit)[0]
    sent = attachments.Sent(pictures.examine(photo()), "c" * 64, "x.jpg", "photo")

    def once(_: int) -> dict[str, Any]:
        with town.database.write(who) as session:
            return receipts.once(
                session, who, visit.id, key="k" * 20, action="attach", digest="d" * 64, make=lambda: {"no": attachments.attach(session, who, visit.id, sent, most=9).no}
            )

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(once, range(16))) == [{"no": 1}] * 16
    with town.database.read(who) as session:
        assert len(attachments.of_visit(session, visit.id)) == 1
