"""上传文件的关口: what must be refused before any parser sees it.

The zip directory is judged first (names, number, sizes, ratio, encryption, macros); then every part is inflated with a
counter, so that a directory that lies about its sizes is caught as well. XML parts may hold no DTD or entity and must be
UTF-8; cells may not claim places outside the limits, because the parser allocates the whole rectangle.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import NoReturn

from inspection.errors import Invalid

MAX_BYTES = 50 * 1024 * 1024
MAX_INFLATED = 160 * 1024 * 1024
MAX_PARTS = 500
MAX_RATIO = 200
RATIO_FROM = 4 * 1024 * 1024
MAX_COLUMNS = 200
MAX_CELLS = 6_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MZ", b"\x7fELF", b"PK\x05\x06")
_SHEET = b"sheetData"
_KEPT = ("xl/workbook.xml", "[Content_Types].xml")
_MACRO = ("vbaproject", "vbadata", "macrosheets/", "activex/", "xlm")
_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([^\"']+)")
# a promised count is reserved in memory at once: uniqueCount="4294967295" ends the whole process
_PROMISE = re.compile(rb"""ount\s*=\s*["'][^"'0-9]*0*[1-9][0-9]{7,}""")
_PLACE = re.compile(rb"""\sr=["']([A-Z]{0,3})([0-9]{1,8})["']""")
_ODD_PLACE = re.compile(rb"""<(?:\w+:)?(?:c|row)\s(?:[^<>]*\s)?r\s*=\s*(?!["'][A-Z]{0,3}[0-9]{1,8}["'])""")


@dataclass(frozen=True, slots=True)
class Archive:
    """工作簿的各部分: inflated XML of the book and of every sheet, for what the reader looks at itself."""

    book: bytes
    sheets: tuple[bytes, ...]


def _refuse(code: str, template: str, **params: str | float) -> NoReturn:
    raise Invalid(code, template, fields=None, changes=(), **params)


def file_type(data: bytes, filename: str, *, max_bytes: int = MAX_BYTES) -> str:
    """'csv' or 'xlsx', when content and extension agree; otherwise `Invalid`."""
    if not data:
        _refuse("upload-empty", "文件是空的，没有可以读取的内容。请检查后重新上传。")
    if len(data) > max_bytes:
        _refuse("upload-too-large", "文件有 %(size).1f MB，超过上限 %(limit)d MB。请分成几个文件上传。", size=len(data) / 2**20, limit=max_bytes // 2**20)
    extension = PurePath(filename).suffix.lower()
    if data.startswith(_OLE):
        _refuse("upload-encrypted-or-old", "这是加密的工作簿或旧格式 .xls，无法安全读取。请去掉密码并另存为 .xlsx 后上传。")
    if extension in (".xlsm", ".xltm", ".xlsb", ".xlam"):
        _refuse("upload-macro", "带宏的或二进制的工作簿（%(ext)s）不予接收。请另存为 .xlsx 后上传。", ext=extension)
    if extension not in (".csv", ".txt", ".xlsx"):
        _refuse("upload-extension", "不认识的文件类型“%(ext)s”。请上传 .xlsx 或 .csv 文件。", ext=extension or "无扩展名")
    is_zip = data.startswith(_ZIP)
    if (extension == ".xlsx") != is_zip or data.startswith(_BINARY):
        _refuse("upload-content", "文件内容与扩展名“%(ext)s”不符。请用表格软件另存为 .xlsx 或 .csv 后上传，不要只改扩展名。", ext=extension)
    return "xlsx" if is_zip else "csv"


def _directory(data: bytes) -> list[zipfile.ZipInfo]:
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError, UnicodeDecodeError) as error:
        raise Invalid("upload-damaged", "工作簿已损坏，打不开压缩目录。请用表格软件重新保存后上传。") from error
    if len(entries) > MAX_PARTS:
        _refuse("upload-bomb", "工作簿含有 %(n)d 个部分，超过上限 %(limit)d，疑为恶意文件，未读取。", n=len(entries), limit=MAX_PARTS)
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) != len(names):
        _refuse("upload-damaged", "工作簿内有重名的部分，内容不可信。请用表格软件重新保存后上传。")
    for entry in entries:
        _check_entry(entry, len(data))
    _check_totals(entries)
    return entries


def _check_entry(entry: zipfile.ZipInfo, n_bytes: int) -> None:
    name = entry.filename
    if name.startswith(("/", "\\")) or ".." in PurePath(name.replace("\\", "/")).parts or ":" in name or "\x00" in name:
        _refuse("upload-zip-slip", "工作簿内有指向外部的路径，疑为恶意文件，未读取。")
    if entry.flag_bits & 0x1:
        _refuse("upload-encrypted-or-old", "工作簿设有密码，无法读取。请去掉密码后上传。")
    if any(word in name.lower() for word in _MACRO):
        _refuse("upload-macro", "工作簿含有宏或控件，不予接收。请另存为不带宏的 .xlsx 后上传。")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.header_offset + entry.compress_size > n_bytes:
        _refuse("upload-damaged", "工作簿的压缩方式不合规范或已损坏。请用表格软件重新保存后上传。")
    if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
        _refuse("upload-bomb", "工作簿解压后异常膨胀（超过 %(ratio)d 倍），疑为压缩炸弹，未读取。", ratio=MAX_RATIO)


def _check_totals(entries: list[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    if total > MAX_INFLATED:
        _refuse("upload-bomb", "工作簿解压后有 %(size)d MB，超过上限 %(limit)d MB。请分成几个文件，或改用 .csv。", size=total // 2**20, limit=MAX_INFLATED // 2**20)
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        _refuse("upload-content", "这个压缩文件不是 Excel 工作簿。请用表格软件另存为 .xlsx 后上传。")


def _inflate(data: bytes, entry: zipfile.ZipInfo) -> bytes:
    """The part, inflated by count: exactly as long as the directory says, or refused."""
    start = entry.header_offset
    header = data[start : start + 30]
    if len(header) < 30 or not header.startswith(_ZIP):
        _refuse("upload-damaged", "工作簿的压缩目录与内容不符。请用表格软件重新保存后上传。")
    n_name, n_extra = struct.unpack("<HH", header[26:30])
    body = data[start + 30 + n_name + n_extra :][: entry.compress_size]
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        inflater = zlib.decompressobj(-15)
        try:
            content = inflater.decompress(body, entry.file_size + 1)
        except zlib.error as error:
            raise Invalid("upload-damaged", "工作簿的压缩内容已损坏。请用表格软件重新保存后上传。") from error
    else:
        content = body
    if len(content) != entry.file_size or zlib.crc32(content) != entry.CRC:
        _refuse("upload-bomb", "工作簿各部分的实际大小与目录不符，疑为压缩炸弹或已损坏，未读取。")
    return content


def _check_xml(content: bytes) -> None:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content[:4]:
        _refuse("upload-xml", "工作簿内部的编码不是 UTF-8，未读取。请用表格软件重新保存后上传。")
    declared = _ENCODING.search(content[:400])
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
        _refuse("upload-xml", "工作簿内部的编码不是 UTF-8，未读取。请用表格软件重新保存后上传。")
    if _DECLARATION.search(content):
        _refuse("upload-xml", "工作簿内含有实体或文档类型声明，疑为 XML 炸弹，未读取。")
    if _PROMISE.search(content):
        _refuse("upload-bomb", "工作簿声称的条目数远超实际，疑为恶意文件，未读取。")


def _check_places(content: bytes) -> None:
    """The parser allocates the whole rectangle up to the last place claimed: it must be one we can hold."""
    if _ODD_PLACE.search(content):
        _refuse("upload-damaged", "工作表的单元格编号不合规范。请用表格软件重新保存后上传。")
    n_cells = content.count(b"<c") + content.count(b":c")
    places = _PLACE.findall(content) if n_cells <= MAX_CELLS else []
    n_rows = max((int(row) for _, row in places), default=0)
    n_columns = max((_column_number(letters) for letters in {letters for letters, _ in places}), default=0)
    if n_cells > MAX_CELLS or n_columns > MAX_COLUMNS or n_rows * max(n_columns, 1) > MAX_CELLS:
        _refuse(
            "upload-too-wide",
            "工作表用到第 %(rows)d 行、第 %(columns)d 列，超过上限（%(limit)d 列、%(cells)d 格）。请删去表外多余的行列后重新保存，或分成几个文件。",
            rows=n_rows,
            columns=n_columns,
            limit=MAX_COLUMNS,
            cells=MAX_CELLS,
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def open_archive(data: bytes) -> Archive:
    """Judge a workbook and inflate what the reader needs; `Invalid` on anything suspicious."""
    parts = dict.fromkeys(_KEPT, b"")
    sheets: list[bytes] = []
    for entry in _directory(data):
        content = _inflate(data, entry)
        is_sheet = _SHEET in content  # a sheet may lie under any name: only the content tells
        if not is_sheet and not entry.filename.lower().endswith((".xml", ".rels", ".vml")):
            continue
        _check_xml(content)
        if is_sheet:
            _check_places(content)
            sheets.append(content)
        elif entry.filename in _KEPT:
            parts[entry.filename] = content
    if b"macroenabled" in parts["[Content_Types].xml"].lower():
        _refuse("upload-macro", "工作簿含有宏，不予接收。请另存为不带宏的 .xlsx 后上传。")
    return Archive(parts["xl/workbook.xml"], tuple(sheets))
