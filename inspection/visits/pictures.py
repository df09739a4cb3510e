"""What is in an uploaded file, by its bytes: a photo is cleaned of what the camera wrote beside the picture, the picture untouched.

The compressed picture is copied bit for bit; only segments that describe it are left out (EXIF, XMP, maker notes, thumbnails,
comments, and anything after its end). A picture that the camera held sideways gets one tag of our own that says so.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from PIL import ExifTags, Image

from inspection.errors import Invalid

MOST_PIXELS = 50_000_000  # a picture is decoded once to see that it is whole: bounds the memory of that
TOO_MANY = "照片超过 5000 万像素。请在相机设置中降低分辨率后重拍。"
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"
SUFFIX = {JPEG: "jpg", PNG: "png", PDF: "pdf"}
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"sBIT"})
_PDF_ACTIVE = (b"/JavaScript", b"/JS ", b"/JS(", b"/Launch", b"/EmbeddedFile", b"/RichMedia", b"/Encrypt")


@dataclass(frozen=True, slots=True)
class Facts:
    """拍摄信息 read from a photo; None is not known."""

    taken_at: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    device: str | None = None

    def __bool__(self) -> bool:
        return any((self.taken_at, self.latitude, self.longitude, self.device))


@dataclass(frozen=True, slots=True)
class Found:
    """The kind of a file by its bytes, the bytes to keep, and what was taken out of them."""

    content_type: str
    content: bytes
    facts: Facts = field(default_factory=Facts)


def examine(data: bytes) -> Found:
    """Say what a file is and clean it.

    Raises
    ------
    Invalid : empty, HEIC, another kind, broken, too many pixels, a PDF that runs something or is locked.
    """
    if data.startswith(b"\xff\xd8\xff"):
        return _photo(JPEG, data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _photo(PNG, data)
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        raise _wrong("photo-heic", "照片是 HEIC 格式，本系统无法核对其内容。请在手机相机设置中把格式改为 JPEG（“兼容性最佳”）后重拍。")
    raise _wrong("file-kind", "文件不是 JPEG、PNG 照片或 PDF（按内容判断，不看文件名）。请另存为这三种格式之一后重传。")


def _wrong(code: str, message: str) -> Invalid:
    return Invalid(code, message, fields={"file": [message]})


def _photo(kind: str, data: bytes) -> Found:
    facts, turned = _facts(data)
    try:
        kept = _clean_jpeg(data, turned) if kind == JPEG else _clean_png(data)
        _look_at(kept, kind)
    except Invalid:
        raise
    except Image.DecompressionBombError:
        raise _wrong("photo-pixels", TOO_MANY) from None
    except Exception:  # Pillow and the parsers raise many kinds; each means that the picture cannot be read to its end
        raise _wrong("photo-broken", "照片文件不完整或已损坏，无法打开。请重新拍摄或重新传送。") from None
    return Found(kind, kept, facts)


def _look_at(data: bytes, kind: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG"))
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise _wrong("photo-pixels", TOO_MANY)
    if kind == JPEG:
        picture.draft("RGB", (width // 8 or 1, height // 8 or 1))  # an eighth is enough to see that all of it is there
    picture.load()


# --- JPEG -------------------------------------------------------------------------------------------------------------


def _clean_jpeg(data: bytes, turned: int = 1) -> bytes:
    parts = [b"\xff\xd8"]
    for marker, segment in _segments(data):
        kept = marker == 0xEE or (marker == 0xE2 and segment[4:16] == b"ICC_PROFILE\0") or (marker == 0xE0 and segment[4:9] == b"JFIF\0")
        if (marker not in range(0xE0, 0xF0) and marker != 0xFE) or kept:
            parts.append(segment)
        if len(parts) == 2 and turned != 1 and marker == 0xE0:
            parts.append(_orientation(turned))
            turned = 1
    if turned != 1:
        parts.insert(1, _orientation(turned))
    return b"".join(parts)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, bytes) of each segment; the picture itself comes with the header of its scan, and nothing follows its end."""
    place = 2
    while True:
        if data[place] != 0xFF:
            raise ValueError("no marker")
        marker = data[place + 1]
        if marker == 0xFF:  # fill byte
            place += 1
            continue
        if marker == 0xD9:
            yield marker, b"\xff\xd9"
            return
        (length,) = struct.unpack_from(">H", data, place + 2)
        end = place + 2 + length
        if marker == 0xDA:
            end = _end_of_scan(data, end)
        yield marker, data[place:end]
        place = end


def _end_of_scan(data: bytes, place: int) -> int:
    while True:
        place = data.index(b"\xff", place)
        if data[place + 1] != 0 and not 0xD0 <= data[place + 1] <= 0xD7:
            return place
        place += 2


def _orientation(turned: int) -> bytes:
    body = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0) + b"\0\0\0\0"
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# --- PNG --------------------------------------------------------------------------------------------------------------


def _clean_png(data: bytes) -> bytes:
    parts, place = [data[:8]], 8
    while True:
        (length,) = struct.unpack_from(">I", data, place)
        name, end = data[place + 4 : place + 8], place + 12 + length
        if end > len(data):
            raise ValueError("cut off")
        if name in _PNG_KEPT:
            parts.append(data[place:end])
        if name == b"IEND":
            return b"".join(parts)
        place = end


# --- PDF --------------------------------------------------------------------------------------------------------------


def _pdf(data: bytes) -> Found:
    if b"%%EOF" not in data[-2048:]:
        raise _wrong("pdf-broken", "PDF 文件不完整（没有文件尾）。请重新扫描或重新传送。")
    if any(word in data for word in _PDF_ACTIVE):
        raise _wrong("pdf-active", "PDF 含有脚本、附件或加密，不能作为记录保存。请把纸质记录重新扫描成普通 PDF。")
    return Found(PDF, data)


# --- what the camera wrote --------------------------------------------------------------------------------------------


def _facts(data: bytes) -> tuple[Facts, int]:
    """The facts beside the picture and how the camera was held (1 = upright); whatever cannot be read is not known."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exif = Image.open(io.BytesIO(data), formats=("JPEG", "PNG")).getexif()
            inner, position = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
        turned = exif.get(ExifTags.Base.Orientation, 1)
        device = " ".join(part for tag in (ExifTags.Base.Make, ExifTags.Base.Model) if (part := _text(exif.get(tag), 50)))
        facts = Facts(_moment(inner), _degrees(position, 2, "S"), _degrees(position, 4, "W"), device or None)
    except Exception:  # anybody can write anything there; the picture is judged for itself
        return Facts(), 1
    return facts, turned if turned in range(1, 9) else 1


def _text(value: object, longest: int) -> str:
    return "".join(c for c in str(value or "") if c.isprintable()).strip()[:longest]


def _moment(inner: dict[int, object]) -> str | None:
    taken = _text(inner.get(ExifTags.Base.DateTimeOriginal), 19)
    day, _, hour = taken.partition(" ")
    if len(taken) != 19:
        return None
    zone = _text(inner.get(ExifTags.Base.OffsetTimeOriginal), 6)
    return f"{day.replace(':', '-')} {hour}{f' {zone}' if zone else ''}"


def _degrees(position: dict[int, object], tag: int, negative: str) -> str | None:
    parts = position.get(tag)
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    value = sum(float(part) / 60**power for power, part in enumerate(parts))
    if not 0 <= value <= 180:
        return None
    return f"{-value if _text(position.get(tag - 1), 1) == negative else value:.6f}"
