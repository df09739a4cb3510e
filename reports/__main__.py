"""python -m reports verify FILE.pdf [--digest HEX] · python -m reports content FILE.pdf"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from reports import printed_text, verify


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit 0 when identical, 1 when something differs, 2 when the file cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m reports", description="核验文书 / check a document offline")
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("verify", help="核验 PDF 与其嵌入内容是否一致")
    check.add_argument("file", type=Path)
    check.add_argument("--digest", default="", help="另行取得的内容摘要（SHA-256）")
    show = commands.add_parser("content", help="取出嵌入的内容 content.json")
    show.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    try:
        data = options.file.read_bytes()
    except OSError as error:
        sys.stderr.write(f"无法读取 {options.file}：{error.strerror}\n")
        return 2
    return _verify(data, options.digest) if options.command == "verify" else _content(data)


def _verify(data: bytes, digest: str) -> int:
    finding = verify.verify_pdf(data, digest)
    sys.stdout.write(f"{'OK' if finding.ok else 'FAIL'}  {finding.kind}  {finding.message}\n")
    return 0 if finding.ok else 2 if finding.status == verify.UNREADABLE else 1


def _content(data: bytes) -> int:
    attachments = printed_text.read(data).attachments()
    if len(attachments) != 1:
        sys.stderr.write("文件中没有唯一的嵌入内容 content.json。\n")
        return 2
    sys.stdout.write(attachments[0].decode("utf-8", "replace") + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
