"""页面文字: what the pages of a PDF written by this package say, read back without any library.

Only the file structure this package writes is understood (also after a rewriting by common tools that keep objects
plain). A file it cannot read is named unreadable, never passed.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

OBJECT = re.compile(rb"(?<!\d)(\d{1,10}) \d{1,5} obj\b")
TOKEN = re.compile(rb"/([^\s/]{1,64})\s+[\d.]+\s+Tf|\(((?:\\.|[^\\()])*)\)\s*Tj|<([0-9A-Fa-f\s]*)>\s*Tj|\bET\b|/([^\s/]{1,64})\s+Do\b", re.DOTALL)
ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r\n": b"", b"\r": b""}
LARGEST = 64 * 1024 * 1024


@dataclass
class Item:
    """One object: its dictionary text and, for a stream, the unpacked bytes."""

    head: bytes
    data: bytes = b""


@dataclass
class PrintedFile:
    """Objects of a file, the last version of each."""

    items: dict[int, Item] = field(default_factory=dict)

    def attachments(self) -> list[bytes]:
        """The embedded files."""
        return [item.data for item in self.items.values() if b"/EmbeddedFile" in item.head and item.data]

    def pages(self) -> list[list[str]]:
        """Lines of text per page, in the order of the pages."""
        maps = self._maps()
        order = self._order()
        return [lines_of(b"\n".join(self._contents(number)), maps) for number in order]

    def _order(self) -> list[int]:
        """The pages a reader shows: the tree below the catalog, each object once."""
        roots = [item.head for item in self.items.values() if re.search(rb"/Type\s*/Catalog\b", item.head)]
        top = re.search(rb"/Pages\s+(\d+)\s+\d+\s+R", roots[-1]) if roots else None
        waiting, seen, order = [int(top.group(1))] if top else [], set[int](), list[int]()
        while waiting:
            number = waiting.pop()
            item = self.items.get(number)
            if item is None or number in seen:
                continue
            seen.add(number)
            if b"/Kids" in item.head:
                waiting += reversed(references(item.head, b"/Kids"))
            elif re.search(rb"/Type\s*/Page\b(?!s)", item.head):
                order.append(number)
        return order

    def _contents(self, page: int) -> list[bytes]:
        numbers = references(self.items[page].head, b"/Contents")
        return [self.items[number].data for number in numbers if number in self.items]

    def _maps(self) -> dict[str, dict[int, str]]:
        maps = {}
        for item in self.items.values():
            name = re.search(rb"/Name\s*/([^\s/<>\[\]]{1,64})", item.head)
            target = re.search(rb"/ToUnicode\s+(\d+)\s+\d+\s+R", item.head)
            if name and target and int(target.group(1)) in self.items:
                maps[name.group(1).decode("latin-1")] = _unicode_map(self.items[int(target.group(1))].data)
        return maps


def references(head: bytes, key: bytes) -> list[int]:
    """The objects a key points to: one, or those of a list."""
    start = head.find(key) + len(key)
    single = re.compile(rb"\s{0,8}(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R").match(head, start)
    if single:
        return [int(single.group(1))]
    stop = head.find(b"]", start)
    return [int(number) for number in re.findall(rb"(\d{1,10})\s{1,8}\d{1,5}\s{1,8}R", head[start:stop])] if stop > 0 else []


def read(data: bytes) -> PrintedFile:
    """Split a file into objects and unpack their streams; time and memory grow with the size of the file only."""
    result = PrintedFile()
    starts = list(OBJECT.finditer(data))
    position = -1
    for number, start in enumerate(starts):
        if start.start() < position:
            continue
        stop = starts[number + 1].start() if number + 1 < len(starts) else len(data)
        position, item = _item(data, start.end(), stop)
        result.items[int(start.group(1))] = item
        if position < 0:
            break
    return result


def _item(data: bytes, start: int, stop: int) -> tuple[int, Item]:
    """One object and where to go on; a negative place when the file ends inside a stream."""
    ending = data.find(b"endobj", start, stop)
    opening = re.compile(rb"stream\r?\n").search(data, start, ending if ending >= 0 else stop)
    if opening is None:
        return stop, Item(data[start : ending if ending >= 0 else stop])
    head = data[start : opening.start()]
    length = re.search(rb"/Length\s{1,8}(\d{1,12})(?!\s+\d+\s+R)", head)
    close = opening.end() + int(length.group(1)) if length else -1
    if close < 0 or not data[close : close + 12].lstrip().startswith(b"endstream"):
        close = data.find(b"endstream", opening.end())
    if close < 0:
        return -1, Item(head)
    return close, Item(head, _unpacked(head, data[opening.end() : close]))


def _unpacked(head: bytes, body: bytes) -> bytes:
    if b"/FlateDecode" not in head:
        return body
    try:
        return zlib.decompressobj().decompress(body, LARGEST)
    except zlib.error:
        return b""


def _unicode_map(data: bytes) -> dict[int, str]:
    pairs = re.findall(rb"^\s*<([0-9A-Fa-f]{2})>\s*<([0-9A-Fa-f]+)>\s*$", data, re.MULTILINE)
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be", "replace") for code, text in pairs}


def _literal(body: bytes) -> bytes:
    def plain(match: re.Match[bytes]) -> bytes:
        code = match.group(1)
        if code[:1].isdigit():
            return bytes([int(code, 8) & 0xFF])
        return NAMED.get(code, code)

    return ESCAPE.sub(plain, body)


def lines_of(content: bytes, maps: dict[str, dict[int, str]]) -> list[str]:
    """The lines of a content stream: one per text object that says something."""
    lines, line, current = [], "", {}
    for match in TOKEN.finditer(content):
        if match.group(1) is not None:
            current = maps.get(match.group(1).decode("latin-1"), {})
        elif match.group(2) is not None or match.group(3) is not None:
            body = _literal(match.group(2)) if match.group(2) is not None else bytes.fromhex(match.group(3).decode())
            line += "".join(current.get(code, "\ufffd") for code in body)
        elif match.group(4) is not None:
            lines.append(f"〔图形 {match.group(4).decode('latin-1')}〕")
        elif line:
            lines.append(line)
            line = ""
    return [*lines, line] if line else lines
