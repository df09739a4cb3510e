"""A PDF says what its content says, or the first difference is named."""

from __future__ import annotations

import contextlib
import random
import zlib
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from reports import __main__ as console
from reports import content as c
from reports import documents, printed_text, verify
from tests import pace
from tests.reports import samples


def _streams(data: bytes):
    """(start, stop, unpacked) of every compressed stream."""
    position = 0
    while (start := data.find(b"stream\n", position)) >= 0:
        stop = data.index(b"endstream", start)
        body = data[start + 7 : stop]
        with contextlib.suppress(zlib.error):
            yield start + 7, stop, zlib.decompress(body)
        position = stop + 9


def _rewritten(data: bytes, old: bytes, new: bytes) -> bytes:
    """The file with one text of one stream replaced, its length mended: what a skilled forger would do."""
    for start, stop, body in _streams(data):
        if old in body:
            packed = zlib.compress(body.replace(old, new, 1))
            head_start = data.rindex(b"/Length", 0, start)
            head = data[head_start:start].split(None, 2)
            mended = b"/Length " + str(len(packed)).encode() + b" " + head[2]
            return data[:head_start] + mended + packed + data[stop:]
    raise AssertionError(f"{old!r} not found")


@pytest.mark.parametrize("content", samples.every(), ids=lambda content: type(content).__name__)
def test_every_document_verifies_itself(content):
    finding = verify.verify_pdf(documents.render(content), c.digest(content))
    assert finding.ok and finding.kind == type(content).__name__ and finding.digest == c.digest(content)


def test_one_changed_count_on_the_page_is_named():
    data = documents.render(samples.bulletin())
    page = next(body for _, _, body in _streams(data) if b"(14) Tj" in body)
    assert b"(560) Tj" in page
    finding = verify.verify_pdf(_rewritten(data, b"(14) Tj", b"(13) Tj"))
    assert (finding.status, finding.field, finding.expected, finding.found) == ("differs", "$.total.failed", "14", "13")
    assert finding.page == 2 and "第2页" in finding.message


def test_one_changed_count_in_the_attachment_is_named():
    data = documents.render(samples.notice(visits_this_year=1))
    finding = verify.verify_pdf(_rewritten(data, b'"visits_this_year":1', b'"visits_this_year":3'))
    assert finding.status == "differs" and finding.field == "$.visits_this_year"
    assert "3次" in finding.expected and "1次" in finding.found


def test_a_forged_but_consistent_paper_is_caught_by_the_published_digest():
    forged = documents.render(samples.notice(addressee="另一家公司"))
    assert verify.verify_pdf(forged).ok
    finding = verify.verify_pdf(forged, c.digest(samples.notice()))
    assert not finding.ok and finding.field == "digest"


def test_a_file_saved_again_by_another_program_is_not_called_the_original():
    writer = PdfWriter(clone_from=PdfReader(BytesIO(documents.render(samples.notice()))))
    buffer = BytesIO()
    writer.write(buffer)
    finding = verify.verify_pdf(buffer.getvalue())
    assert finding.status == "resaved" and not finding.ok


def test_a_removed_page_and_an_added_attachment_are_found():
    data = documents.render(samples.bulletin())
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.remove_page(4)
    buffer = BytesIO()
    writer.write(buffer)
    assert verify.verify_pdf(buffer.getvalue()).status == "differs"
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.add_attachment("extra.txt", b"more")
    buffer = BytesIO()
    writer.write(buffer)
    assert verify.verify_pdf(buffer.getvalue()).field == "attachment"


def test_bytes_after_the_end_are_not_ok():
    assert not verify.verify_pdf(documents.render(samples.notice()) + b"\n% more").ok


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"hello", b"%PDF-1.4\n1 0 obj\n<< /Length 9 >>\nstream\n"])
def test_other_files_are_unreadable_and_never_ok(data):
    assert verify.verify_pdf(data).status == "unreadable"


def test_no_single_flipped_byte_passes_and_none_crashes_the_checker():
    data = documents.render(samples.label_sheet())
    source = random.Random(20261124)
    for _ in range(150):
        place = source.randrange(len(data))
        broken = data[:place] + bytes([data[place] ^ (1 << source.randrange(8))]) + data[place + 1 :]
        assert not verify.verify_pdf(broken).ok, place


def test_the_attachment_is_the_canonical_content_for_other_readers_too():
    content = samples.bulletin()
    attachments = PdfReader(BytesIO(documents.render(content))).attachments
    assert attachments == {"content.json": [c.to_json(content)]}


def test_the_own_reader_sees_what_another_reader_sees():
    data = documents.render(samples.bulletin())
    for own, other in zip(printed_text.read(data).pages(), PdfReader(BytesIO(data)).pages, strict=True):
        theirs = "".join(other.extract_text().split())
        assert sorted("".join("".join(own).split())) == sorted(theirs)


def test_the_console_answers_with_its_exit_code(tmp_path, capsys):
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    data = documents.render(samples.notice())
    good.write_bytes(data)
    bad.write_bytes(_rewritten(data, b'"visit_cap":4', b'"visit_cap":9'))
    assert console.main(["verify", str(good)]) == 0
    assert console.main(["verify", str(good), "--digest", c.digest(samples.notice()).upper()]) == 0
    assert console.main(["verify", str(good), "--digest", "0" * 64]) == 1
    assert console.main(["verify", str(bad)]) == 1
    assert "$.visit_cap" in capsys.readouterr().out
    assert console.main(["verify", str(tmp_path / "none.pdf")]) == 2
    assert console.main(["content", str(good)]) == 0
    assert capsys.readouterr().out.encode().strip() == c.to_json(samples.notice())


def test_the_qr_in_the_foot_carries_the_digest():
    import numpy
    import zxingcpp

    from reports import pdf, qr

    content = samples.notice(imprint=replace(samples.IMPRINT, verify_url="https://例.gov.cn/查/"))
    payload = pdf.foot_of(content).payload
    size, dark = qr.runs(payload)
    picture = numpy.full((size + 8, size + 8), 255, numpy.uint8)
    for row, column, length in dark:
        picture[row + 4, column + 4 : column + 4 + length] = 0
    (found,) = zxingcpp.read_barcodes(numpy.kron(picture, numpy.ones((6, 6), numpy.uint8)))
    assert found.text == payload == f"https://例.gov.cn/查/{c.digest(content)}"


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.4\n" + b"\n" * 2_000_000,
        b"%PDF-1.4\n" + b"1 0 obj\n<< /Length 9 >>\nstream\n" * 60_000,
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<<" + b"/Kids[" * 300_000,
        b"%PDF-1.4\n1 0 obj\n<< /Type /EmbeddedFile /Length 400000 >>\nstream\n" + b"[" * 400_000 + b"endstream\nendobj",
    ],
)
def test_a_hostile_file_costs_little_and_is_unreadable(data):
    import time

    start = time.process_time()
    assert verify.verify_pdf(data).status == "unreadable"
    assert time.process_time() - start < 4 * pace.SOON


def test_a_content_that_cannot_be_printed_is_unreadable_not_a_crash():
    data = documents.render(samples.comparison())
    for old, new in ((b'"tested":980', b'"tested":-99'), (b'"centre_ppm":21320', b'"centre_ppm":-9999')):
        assert not verify.verify_pdf(_rewritten(data, old, new)).ok


def test_a_public_service_may_refuse_large_contents():
    data = documents.render(samples.notice())
    finding = verify.verify_pdf(data, largest=100)
    assert finding.status == "unreadable" and "100" in finding.message
