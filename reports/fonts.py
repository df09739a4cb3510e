"""字体: the four open faces of the documents, embedded as subsets; nothing is ever printed blank.

Faces are named by their role: ``song`` 宋体, ``title`` 小标宋, ``hei`` 黑体, ``kai`` 楷体 and ``fangsong`` 仿宋. No freely
licensed 仿宋 can be installed from a registry, so ``fangsong`` falls back to ``song`` until an office names a font of
its own: a ``FangSong.ttf`` in ``HENGJIAN_FONT_DIR``, or the file ``HENGJIAN_PDF_FONT_FANGSONG`` (see decision 0010).
"""

from __future__ import annotations

import hashlib
import os
import threading
import unicodedata
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics, ttfonts

from reports.errors import ReportError

SHIPPED = Path(__file__).resolve().parent / "fonts"
FILES = {
    "song": "NotoSerifSC-Regular.ttf",
    "title": "NotoSerifSC-Black.ttf",
    "hei": "NotoSansSC-Medium.ttf",
    "kai": "LXGWWenKai-Regular.ttf",
}
OPTIONAL = {"fangsong": ("FangSong.ttf", "song")}
FALLBACK = ("song", "kai")
_LOCK = threading.Lock()
_LOADED: dict[str, Any] = {}
_CONFIGURED: dict[str, str] = {}


def configure(directory: str = "", fangsong: str = "") -> None:
    """Read fonts from another folder, or 仿宋 from a file, from now on; for settings that are not in the environment."""
    wanted = {"HENGJIAN_FONT_DIR": directory, "HENGJIAN_PDF_FONT_FANGSONG": fangsong}
    with _LOCK:
        if wanted == {name: os.environ.get(name) for name in wanted} == _CONFIGURED:
            return  # a second application with the same fonts need not parse them again
        os.environ.update(wanted)
        _CONFIGURED.update(wanted)
        _LOADED.clear()
        face_of.cache_clear()
        advance.cache_clear()


def directory() -> Path:
    """The folder the fonts are read from: the setting ``HENGJIAN_FONT_DIR`` or the shipped one."""
    return Path(os.environ.get("HENGJIAN_FONT_DIR") or SHIPPED)


def _path(role: str) -> Path:
    """The file of a role; a file missing in the chosen folder is taken from the shipped ones."""
    own = os.environ.get("HENGJIAN_PDF_FONT_FANGSONG", "") if role == "fangsong" else ""
    if own and not Path(own).is_file():
        raise ReportError("font-missing", f"设置 pdf_font_fangsong 所指的仿宋字体 {own} 不存在；请改正路径或清空该设置。")
    if own:
        return Path(own)
    name = FILES.get(role) or OPTIONAL[role][0]
    for folder in (directory(), SHIPPED):
        if (folder / name).is_file():
            return folder / name
    if role in OPTIONAL:
        return _path(OPTIONAL[role][1])
    raise ReportError(
        "font-missing",
        f"缺少字体文件 {name}（查找过 {directory()} 与 {SHIPPED}）。没有字体时汉字会印成空白，因此不生成文书；"
        "请恢复该文件，或将设置 font_dir 指向含有它的目录。",
    )


def font(role: str) -> Any:
    """The registered font of a role, parsed once per process (about 0.1 s each).

    Raises
    ------
    ReportError
        ``font-missing`` when the file is nowhere, ``font-unreadable`` when it is not a TrueType font.
    """
    if role in _LOADED:
        return _LOADED[role]
    with _LOCK:
        if role not in _LOADED:
            _LOADED[role] = _register(role)
    return _LOADED[role]


def _register(role: str) -> Any:
    if role not in FILES and role not in OPTIONAL:
        raise ReportError("font-unknown", f"没有名为 {role} 的字体角色；可用：{'、'.join([*FILES, *OPTIONAL])}。")
    path = _path(role)
    try:
        registered = f"HJ-{role}-{zlib.crc32(str(path).encode()):08x}"  # a name is never given to another file
        loaded = ttfonts.TTFont(registered, str(path), shapable=False)
    except ttfonts.TTFError as error:
        raise ReportError(
            "font-unreadable", f"字体文件 {path} 不是可嵌入的 TrueType 字体（{error}）；请换用 .ttf 文件。"
        ) from error
    pdfmetrics.registerFont(loaded)
    return pdfmetrics.getFont(registered)  # the library shares one object between roles that use the same face


def name(role: str) -> str:
    """The name under which the canvas knows the font of a role."""
    return str(font(role).fontName)


def check() -> None:
    """Load every face; call it at start so that a broken installation says so before the first document."""
    for role in (*FILES, *OPTIONAL):
        font(role)


def fingerprint() -> str:
    """SHA-256 over the font files in use: two machines print the same bytes only when this is equal."""
    digest = hashlib.sha256()
    for role in (*FILES, *OPTIONAL):
        digest.update(f"{role} {hashlib.sha256(_path(role).read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=65536)
def face_of(char: str, role: str) -> str:
    """The role that can draw this character, preferring the wanted one; empty when no face has it."""
    if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"} or char in {"\u3164", "\u115f", "\u1160"}:
        return ""
    for candidate in (role, *FALLBACK):
        if ord(char) in font(candidate).face.charToGlyph:
            return candidate
    return ""


def missing_glyphs(text: str) -> list[str]:
    """The characters of a text that no face can draw, each once, in order of appearance.

    Returns
    -------
    list of str
        Empty when the whole text can be printed as it stands. Control and format characters count as missing: they
        would change what is read without being seen.

    Examples
    --------
    >>> missing_glyphs("𠮷野家（䶮店）")
    []
    >>> missing_glyphs("好吃😀")
    ['😀']
    """
    return [char for char in dict.fromkeys(text) if char != "\n" and not face_of(char, "song")]


def marked(char: str) -> str:
    """The visible substitute of a character that cannot be drawn.

    >>> marked("😀")
    '〔U+1F600〕'
    """
    return f"〔U+{ord(char):04X}〕"


def segments(text: str, role: str) -> list[tuple[str, str]]:
    """Cut a text into (role, piece): every character is drawn by a face that has it, or is visibly marked.

    Examples
    --------
    >>> segments("𠮷野", "hei")
    [('kai', '𠮷'), ('hei', '野')]
    >>> segments("a\\u202eb", "song")
    [('song', 'a〔U+202E〕b')]
    """
    result: list[tuple[str, str]] = []
    for char in text:
        face = face_of(char, role)
        piece = char if face else marked(char)
        if result and result[-1][0] == (face or role):
            result[-1] = (result[-1][0], result[-1][1] + piece)
        else:
            result.append((face or role, piece))
    return result


@lru_cache(maxsize=131072)
def advance(char: str, role: str) -> float:
    """Width of a character in thousandths of the type size (the fallback face included)."""
    face = face_of(char, role)
    if not face:
        return sum(advance(piece, role) for piece in marked(char))
    metrics = font(face).face
    return float(metrics.charWidths.get(ord(char), metrics.defaultWidth))


def width(text: str, role: str, size: float) -> float:
    """Width of a text in points."""
    return sum(advance(char, role) for char in text) * size / 1000


def _to_unicode(fontname: str, subset: list[int]) -> str:
    """ToUnicode map in UTF-16BE: the writer of the library gives five hex digits beyond U+FFFF, which copy wrongly."""
    rows = [f"<{index:02X}> <{chr(code).encode('utf-16-be').hex().upper()}>" for index, code in enumerate(subset)]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap",
            f"/CIDSystemInfo << /Registry ({fontname}) /Ordering ({fontname}) /Supplement 0 >> def",
            f"/CMapName /{fontname} def\n/CMapType 2 def\n1 begincodespacerange",
            f"<00> <{len(subset) - 1:02X}>\nendcodespacerange",
            *(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks),
            "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend",
        ]
    )


ttfonts.makeToUnicodeCMap = _to_unicode
