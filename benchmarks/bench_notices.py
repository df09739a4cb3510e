"""How fast documents are printed, and how much memory it takes.

    PYTHONPATH=. python benchmarks/bench_notices.py [NOTICES]      # default 10000

Every figure is measured in this process on one core: seconds of CPU, documents per second, bytes, peak memory.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from reports import bulletin, fonts, notice, sampling_sheet
from reports.content import Notice, NoticeVolume, SheetVolume
from tests.reports import samples


def many(count: int) -> Iterator[Notice]:
    """Notices with different names, codes and tickets."""
    base = samples.notice()
    for number in range(count):
        imprint = replace(base.imprint, number=f"清市监抽通〔2026〕{number + 1}号")
        yield replace(base, imprint=imprint, addressee=f"清河县第{number + 1}号食品经营部", ticket=f"{number:016x}")


def batched(notices: Iterator[Notice], size: int) -> Iterator[tuple[Notice, ...]]:
    """The volumes of a print run, one at a time."""
    while part := tuple(islice(notices, size)):
        yield part


def measured(name: str, count: int, work: Callable[[], int]) -> float:
    """Run, print one line, and give the CPU seconds."""
    start = time.process_time()
    size = work()
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{name:<38}{seconds:8.2f} s  {count / seconds:8.1f}/s  {size / 1e6:8.2f} MB  peak {peak:6.0f} MB\n")
    return seconds


def main(count: int) -> None:
    """Print the table."""
    fonts.check()
    measured("100 notices, one file each", 100, lambda: sum(len(notice.render(one)) for one in many(100)))
    measured("600 notices, one volume", 600, lambda: len(notice.render_volume(NoticeVolume(tuple(many(600))))))
    measured(
        f"{count} notices, volumes of 500", count, lambda: sum(len(notice.render_volume(NoticeVolume(part))) for part in batched(many(count), 500))
    )
    sheets = tuple(samples.sheet(serial=f"{number:07d}") for number in range(100))
    measured("100 sampling sheets x 4 copies", 100, lambda: len(sampling_sheet.render_volume(SheetVolume(sheets))))
    failing = tuple(samples.failing_row(number) for number in range(500))
    row = samples.class_row("食用农产品", 5000, 500)
    total = replace(row, name="总计")
    content = samples.bulletin(failing=failing, classes=(row,), total=total, target=None)
    measured("bulletin with 500 failing rows", 1, lambda: len(bulletin.render(content)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
