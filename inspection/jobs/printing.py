"""成批打印: many papers from frozen contents, piece by piece in a folder; interrupted, the run goes on where it stopped.

The contents are written down first, all of one moment; every piece is a function of them. So a run that was killed gives
the same bytes as one that was not, and what changes meanwhile in the registers changes no paper of it.
"""

from __future__ import annotations

import hashlib
import os
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from inspection import clock
from inspection.jobs.context import Context
from reports import content

CHECKPOINT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PrintRun:
    """One run in one folder.

    Parameters
    ----------
    kind : the class of the contents (`reports.content`).
    per_piece : so many contents make one document; memory grows with it.
    render : contents of a piece to the bytes of its document.
    name : file name of a piece in the ZIP, from its number (1, 2, …) and its contents.
    """

    folder: Path
    kind: type[Any]
    per_piece: int
    render: Callable[[Sequence[Any]], bytes]
    name: Callable[[int, Sequence[Any]], str]

    @property
    def _contents(self) -> Path:
        return self.folder / "contents.jsonl"

    def freeze(self, contents: Iterable[Any]) -> tuple[str, int]:
        """Write the contents down; gives their digest and how many they are."""
        digest, count = hashlib.sha256(), 0
        with self._contents.open("wb") as out:
            for item in contents:
                line = content.to_json(item) + b"\n"
                digest.update(line)
                out.write(line)
                count += 1
            _flush(out)
        return digest.hexdigest(), count

    def holds(self, digest: str) -> bool:
        """Whether the contents with that digest lie in the folder, whole."""
        if not self._contents.is_file():
            return False
        with self._contents.open("rb") as lines:
            return hashlib.file_digest(lines, "sha256").hexdigest() == digest

    def make(self, pieces_done: int = 0) -> Iterator[tuple[int, int]]:
        """Make the pieces that are missing; yields (pieces, contents) done so far, each piece on the disk."""
        for number, items in enumerate(self._pieces(pieces_done), pieces_done + 1):
            with self._piece(number).open("wb") as out:
                out.write(self.render(items))
                _flush(out)
            yield number, (number - 1) * self.per_piece + len(items)

    def bind(self, day: date) -> Path:
        """The result: the only piece itself, or a ZIP of all, written one at a time."""
        if not self._piece(2).exists():
            return self._piece(1)
        path = self.folder / "result.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, items in enumerate(self._pieces(0), 1):
                entry = zipfile.ZipInfo(self.name(number, items), (day.year, day.month, day.day, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, self._piece(number).read_bytes())
        return path

    def _piece(self, number: int) -> Path:
        return self.folder / f"{number:06d}.piece"

    def _pieces(self, skip: int) -> Iterator[tuple[Any, ...]]:
        with self._contents.open("rb") as lines:
            left = (content.from_json(self.kind, line) for line in islice(lines, skip * self.per_piece, None))
            while items := tuple(islice(left, self.per_piece)):
                yield items


def ending(path: Path) -> str:
    """What a result is: one document, or a ZIP of several."""
    with path.open("rb") as file:
        return "pdf" if file.read(4) == b"%PDF" else "zip"


def _flush(out: Any) -> None:
    out.flush()
    os.fsync(out.fileno())


def carry_out(context: Context, run: PrintRun, gather: Callable[[Session], Iterable[Any]]) -> tuple[int, Path]:
    """The run as a job: contents of one snapshot, a checkpoint every second; gives how many contents, and the result."""
    if not run.holds(context.saved.get("contents", "")):
        with context.read() as session:
            digest, total = run.freeze(gather(session))
        with context.write() as session:
            start = {"contents": digest, "total": total, "pieces": 0, "day": clock.today().isoformat()}
            context.checkpoint(session, start, done=0, total=total)
    told = time.monotonic()
    for pieces, done in run.make(context.saved["pieces"]):
        if time.monotonic() - told >= CHECKPOINT_SECONDS:
            with context.write() as session:
                context.checkpoint(session, {**context.saved, "pieces": pieces}, done=done)
            told = time.monotonic()
    context.progress(context.saved["total"], note="装订")
    return context.saved["total"], run.bind(date.fromisoformat(context.saved["day"]))
