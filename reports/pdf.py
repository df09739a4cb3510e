"""成文: a canvas with nothing of the moment in it, the content attached, and the bytes.

No time stamp, no random identifier, no font that is not embedded. The canonical JSON travels inside the file as
``content.json``, so that the file can be checked without any server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any

from reportlab import rl_config
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas

from reports import content as contents
from reports import fonts, wording
from reports.press import Foot, Press, Section

ATTACHMENT = "content.json"
rl_config.useA85 = 0  # binary streams: a fifth smaller, and nothing travels by 7-bit mail any more


def foot_of(content: Any, *, numbered: bool = True) -> Foot:
    """The foot of a document: digest, QR payload and the marks its content asks for."""
    imprint: contents.Imprint = content.imprint
    digest = contents.digest(content)
    notes = []
    if any(isinstance(item, contents.Day) and item.provisional for item in contents.walk(content)):
        notes.append(wording.UNANNOUNCED)
    if imprint.audit_head:
        notes.append(f"审计链头 {imprint.audit_head}")
    notes.append("　".join(part for part in (imprint.number, f"格式版本 {imprint.template}", imprint.software) if part))
    payload = f"{imprint.verify_url}{digest}" if imprint.verify_url else f"sha256:{digest}"
    return Foot(digest, payload, tuple(notes), imprint.demo, numbered)


def make(content: Any, title: str, parts: Iterable[tuple[Foot, Sequence[Section]]]) -> bytes:
    """Print the parts one after the other, each with a foot and page numbers of its own, and attach the content."""

    def paint(canvas: Any) -> None:
        for foot, sections in parts:
            Press(canvas, foot).print(sections)

    return painted(content, title, paint)


def painted(content: Any, title: str, paint: Callable[[Any], None]) -> bytes:
    """Let a function paint the pages of a canvas, and attach the content."""
    fonts.check()
    buffer = BytesIO()
    first = fonts.name("song")
    canvas = Canvas(buffer, pageCompression=1, invariant=1, initialFontName=first, initialFontSize=10, lang="zh-CN")
    author = next((item.authority for item in contents.walk(content) if isinstance(item, contents.Imprint)), "")
    canvas.setTitle(title)
    canvas.setAuthor(author)
    canvas.setSubject(type(content).__name__)
    canvas.setKeywords(f"sha256:{contents.digest(content)}")
    canvas.setCreator("hengjian")
    paint(canvas)
    attach(canvas, ATTACHMENT, contents.to_json(content))
    canvas.save()
    return buffer.getvalue()


def single(content: Any, title: str, sections: Sequence[Section], *, numbered: bool = True) -> bytes:
    """One document of one content."""
    return make(content, title, [(foot_of(content, numbered=numbered), sections)])


def attach(canvas: Any, name: str, data: bytes) -> None:
    """Embed a file in the document (PDF 32000-1, 7.11.4)."""
    document = canvas._doc
    word, text = pdfdoc.PDFName, pdfdoc.PDFString
    sizes = pdfdoc.PDFDictionary({"Size": len(data)})
    stream = pdfdoc.PDFStream(
        pdfdoc.PDFDictionary({"Type": word("EmbeddedFile"), "Subtype": "/application#2Fjson", "Params": sizes}),
        data,
        [pdfdoc.PDFZCompress],
    )
    reference = document.Reference(stream, "contentStream")
    specification = pdfdoc.PDFDictionary(
        {
            "Type": word("Filespec"),
            "F": text(name),
            "UF": text(name),
            "AFRelationship": word("Data"),
            "EF": pdfdoc.PDFDictionary({"F": reference, "UF": reference}),
        }
    )
    listed = pdfdoc.PDFArray([text(name), document.Reference(specification, "contentFile")])
    files = pdfdoc.PDFDictionary({"Names": listed})
    document.Catalog.Names = pdfdoc.PDFDictionary({"EmbeddedFiles": files})
