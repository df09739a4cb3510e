"""核验: does a PDF say what its embedded content says? Offline, by printing the content again.

What this proves: pages and content belong together and are unchanged since printing. What it does not prove: who printed
it. For that, compare the digest with the one the authority published (``expected`` here, ``--digest`` on the console).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from reports import content as contents
from reports import documents, printed_text, wording
from reports.errors import ReportError

IDENTICAL, DIFFERS, RESAVED, UNREADABLE = "identical", "differs", "resaved", "unreadable"
LARGEST_CONTENT = 64 * 1024 * 1024
LONGEST_LINE = 2000


@dataclass(frozen=True)
class Finding:
    """核验结论.

    ``status`` is ``identical`` (byte for byte), ``differs`` (a text differs: ``page``, ``field``, ``expected``, ``found``),
    ``resaved`` (all texts agree, the bytes do not) or ``unreadable``. Only ``identical`` is `ok`.
    """

    status: str
    message: str
    kind: str = ""
    digest: str = ""
    page: int = 0
    field: str = ""
    expected: str = ""
    found: str = ""

    @property
    def ok(self) -> bool:
        """Whether the file is exactly what its content prints."""
        return self.status == IDENTICAL


def verify_pdf(data: bytes, expected: str = "", largest: int = LARGEST_CONTENT) -> Finding:
    """Check a PDF against the content embedded in it.

    Parameters
    ----------
    data : the bytes of the file.
    expected : digest obtained elsewhere (portal, an earlier paper); compared when given.
    largest : bytes of content that are printed again; a public service sets it low (printing takes some 5 ms per page).

    Returns
    -------
    Finding
        Never raises for a bad file: a file that cannot be read is ``unreadable``.
    """
    try:
        return _verify(data, expected.strip().lower(), largest)
    except ReportError as error:
        return Finding(UNREADABLE, f"嵌入的内容无法重新生成文书：{error}")
    except (ValueError, ArithmeticError, LookupError, RecursionError) as error:
        return Finding(UNREADABLE, f"嵌入的内容不成其为文书（{type(error).__name__}），不是本系统生成的文件。")


def _verify(data: bytes, expected: str, largest: int) -> Finding:
    printed = printed_text.read(data)
    attachments = printed.attachments()
    if not data.startswith(b"%PDF-") or not attachments:
        return Finding(UNREADABLE, "不是本系统生成的文书，或嵌入的内容已被去除：找不到附件 content.json，无法核验。")
    if len(attachments) > 1:
        return Finding(DIFFERS, f"文件中有 {len(attachments)} 个附件，原件只有一个；文件被添加过内容。", field="attachment")
    if len(attachments[0]) > largest:
        return Finding(UNREADABLE, f"嵌入的内容超过 {largest} 字节，此处不核验；请在本机运行 python -m reports verify。")
    content = documents.read(attachments[0])
    kind, digest = type(content).__name__, contents.digest(content)
    if contents.to_json(content) != attachments[0]:
        return Finding(DIFFERS, "附件 content.json 不是规范写法，被改写过。", kind, digest, field="attachment")
    if expected and expected != digest:
        message = "内容摘要与所给的摘要不同：这不是公布的那一份文书。"
        return Finding(DIFFERS, message, kind, digest, field="digest", expected=expected, found=digest)
    original = documents.render(content)
    if data == original:
        return Finding(IDENTICAL, f"与内容逐字节一致。内容摘要 {digest}", kind, digest)
    return _difference(content, printed, printed_text.read(original), kind, digest)


def _difference(content: Any, given: printed_text.PrintedFile, own: printed_text.PrintedFile, kind: str, digest: str) -> Finding:
    found, wanted = given.pages(), own.pages()
    for page, (ours, theirs) in enumerate(zip_longest(wanted, found), 1):
        if ours is None or theirs is None:
            message = f"页数不同：应为{len(wanted)}页，实为{len(found)}页。"
            return Finding(DIFFERS, message, kind, digest, page, "pages", str(len(wanted)), str(len(found)))
        for line, other in zip_longest(ours, theirs, fillvalue=""):
            if line != other:
                name = field_of(content, line, other)
                place = f"第{page}页" + (f"，字段 {name}" if name else "")
                message = f"{place}：按内容应为“{line}”，文件中为“{other}”。"
                return Finding(DIFFERS, message, kind, digest, page, name, line, other)
    message = "各页文字与内容一致，但文件字节不同：可能被另存、加盖签章、添加图形，或字体文件版本不同，不能确认即为原件。"
    return Finding(RESAVED, message, kind, digest)


def leaves(value: Any, path: str = "$") -> Iterator[tuple[str, str]]:
    """(path, text as printed) of every value in a content."""
    if isinstance(value, contents.Day | date):
        yield path, wording.day(value)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    elif is_dataclass(value):
        for part in fields(value):
            yield from leaves(getattr(value, part.name), f"{path}.{part.name}")
    elif value not in (None, "", True, False) or type(value) is int:
        yield path, str(value)


def field_of(content: Any, expected: str, found: str) -> str:
    """The path of the value whose printed text was changed; empty when it was fixed wording."""
    expected, found = expected[:LONGEST_LINE], found[:LONGEST_LINE]
    spans = [
        (start, max(stop, start + 1))
        for tag, start, stop, _, _ in SequenceMatcher(None, expected, found, autojunk=False).get_opcodes()
        if tag != "equal"
    ]
    best, name = 0, ""
    for path, text in leaves(content):
        if len(text) > best and _covers(expected, text, spans):
            best, name = len(text), path
        elif len(text) > len(expected) > best and expected in text:
            best, name = len(expected), path
    return name


def _covers(line: str, text: str, spans: list[tuple[int, int]]) -> bool:
    position = line.find(text)
    while position >= 0:
        if any(position < stop and start < position + len(text) for start, stop in spans):
            return True
        position = line.find(text, position + 1)
    return False
