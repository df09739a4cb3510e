"""文字编码: UTF-8, UTF-16 with its mark, GB18030 (and so GBK, GB2312) – decoded strictly, or refused.

A file is in one encoding. One damaged byte in a UTF-8 file must not turn the whole file into valid-looking GB18030
gibberish, and four bytes of GB2312 must not pass as Armenian: both cases are decided here.
"""

from __future__ import annotations

import codecs
import re

from inspection.errors import Invalid

# two-byte UTF-8 characters that Chinese laboratories do write
_EXPECTED = frozenset("μµ×°±²³·÷§αβγδλπσωΩéèüöä®")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd\ufffe\uffff]")
_MOSTLY = 0.25  # a UTF-8 file with damaged bytes keeps most of its characters; GBK text loses nearly all


def decode(data: bytes) -> tuple[str, str]:
    """The text without its byte-order mark, and the name of the encoding.

    Raises
    ------
    Invalid : in no accepted encoding, damaged, or holding control or replacement characters.
    """
    text, encoding = _decode(data)
    wrong = _FORBIDDEN.search(text)
    if wrong:
        line = text.count("\n", 0, wrong.start()) + 1
        what = "替换符 �（文件在别处已经乱码）" if wrong[0] == "\ufffd" else f"不可见的控制字符 U+{ord(wrong[0]):04X}"
        raise Invalid("upload-characters", "第 %(line)d 行含有%(what)s。请从原始数据重新导出后上传。", line=line, what=what)
    return text, encoding


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith(codecs.BOM_UTF8):
        return _strictly(data[3:], "utf-8"), "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(data, "utf-16"), "utf-16"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _chinese(data), "gb18030"
    if _looks_like_gb2312(text, data):
        return data.decode("gb2312"), "gb18030"
    return text, "utf-8"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(
            "upload-encoding",
            "文件标明是 %(encoding)s 编码，但第 %(place)d 个字节起已损坏。请重新导出后上传。",
            encoding=encoding.upper(),
            place=error.start + 1,
        ) from error


def _chinese(data: bytes) -> str:
    n_high = sum(1 for _ in re.finditer(rb"[\x80-\xff]", data[:200_000]))
    lost = len(re.findall("[\udc80-\udcff]", data[:200_000].decode("utf-8", "surrogateescape")))
    if lost < _MOSTLY * n_high:
        raise Invalid("upload-encoding", "文件看来是 UTF-8 编码，但有损坏的字节，不能可靠读取。请重新导出为 UTF-8 的 CSV 或 .xlsx。")
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise Invalid(
            "upload-encoding",
            "文件既不是 UTF-8 也不是 GB18030（GBK）编码，第 %(place)d 个字节读不懂。请另存为“CSV UTF-8”或 .xlsx 后上传。",
            place=error.start + 1,
        ) from error


def _looks_like_gb2312(text: str, data: bytes) -> bool:
    """Valid UTF-8 whose only non-ASCII characters are odd two-byte ones, and which is clean GB2312: it is GB2312."""
    high = set(re.findall("[^\x00-\x7f]", text))
    if not high or high <= _EXPECTED or any(c > "\u07ff" for c in high):
        return False
    try:
        data.decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True
