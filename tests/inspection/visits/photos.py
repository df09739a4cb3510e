"""Files as phones and scanners make them, small."""

from __future__ import annotations

import io
import random
from typing import Any

from PIL import ExifTags, Image


def photo(*, seed: int = 1, size: tuple[int, int] = (64, 48), turned: int = 1, located: bool = True, kind: str = "JPEG") -> bytes:
    """A picture with what a camera writes beside it: time, place, maker, a thumbnail's worth of comment, a tail after its end."""
    picture = Image.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3))
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model], exif[ExifTags.Base.Orientation] = "HUAWEI", "P60", turned
    exif.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base.DateTimeOriginal: "2026:11:18 09:12:30", ExifTags.Base.OffsetTimeOriginal: "+08:00"})
    if located:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (30.0, 16.0, 12.0), 3: "E", 4: (120.0, 9.0, 36.0)})
    made = io.BytesIO()
    more: dict[str, Any] = {"comment": b"GPS-MARK 30.27", "quality": 90} if kind == "JPEG" else {}
    picture.save(made, kind, exif=exif, **more)
    return made.getvalue() + (b"GPS-MARK tail" if kind == "JPEG" else b"")


def scan(words: str = "纸质记录") -> bytes:
    """A small PDF."""
    return b"%PDF-1.4\n% " + words.encode() + b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"
