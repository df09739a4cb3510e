"""What was done at some firms before the draw 往绩: by other levels and departments (外部检查), by this office, or they moved away.

These firms stand behind all others in the register, so that the frame of the draw keeps its numbers and still shows its reasons.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from inspection import clock
from inspection.actor import SYSTEM
from inspection.db import Database
from inspection.demo import registers
from inspection.demo.registers import FIRE, ITEM, firm

OCTOBER = datetime(2026, 10, 30, 2, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 12, 0, 30, tzinfo=UTC)
PROVINCE, BRIGADE, NEIGHBOUR = "江苏省市场监督管理局（演示）", "盐城市消防救援支队（演示）", "演示区市场监督管理局"
HEAD = ("检查对象代码", "检查机关", "层级", "方式", "抽查事项编码", "产品分类代码", "日期", "起因", "数据来源")
SOURCE = "执法监督平台导出（演示）"
CLASS = "01"  # the class of food whose sampling within six months leaves a firm out of the next draw


@dataclass(frozen=True, slots=True)
class Earlier:
    """How many firms behind the first `before` ones were visited by this office, checked by the province, reached their cap, moved away."""

    before: int
    visited: int = 6
    upper: int = 18
    cap: int = 9
    moved: int = 4

    def states(self) -> list[str]:
        """Their states in the register, in the order of the fields."""
        return ["开业"] * (self.visited + self.upper + self.cap) + ["迁出"] * self.moved

    def visited_firms(self) -> list[str]:
        return [firm(self.before + i) for i in range(self.visited)]

    def october(self) -> bytes:
        """What others had done by October: a check of the province, two fire inspections, a complaint that does not count."""
        first = self.before + self.visited
        rows = [(firm(first + i), PROVINCE, "省", "检查", ITEM, "", f"2026-09-{21 + i % 5}", "双随机") for i in range(self.upper)]
        for i in range(self.cap):
            code = firm(first + self.upper + i)
            rows += [(code, BRIGADE, "市", "检查", FIRE, "", day, "专项或重点") for day in ("2026-03-18", "2026-06-24")]
        return _table([*rows, (firm(40), NEIGHBOUR, "县（区）", "检查", FIRE, "", "2026-08-05", "投诉举报")])

    def november(self) -> bytes:
        """What others did and drew since: samples taken, firms that another office will visit for the same item."""
        samples = [(firm(50 + i), PROVINCE, "省", "抽样", "", CLASS, "2026-10-28", "双随机") for i in range(self.upper // 3)]
        drawn = [(firm(60 + i), NEIGHBOUR, "县（区）", "已抽中（未检查）", ITEM, "", "2026-12-08", "双随机") for i in range(self.upper // 3)]
        checked = [(firm(70 + i), PROVINCE, "省", "检查", ITEM, "", "2026-11-05", "双随机") for i in range(self.upper // 3)]
        return _table(samples + drawn + checked)


def _table(rows: Sequence[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows((*row, SOURCE) for row in rows)
    return ("\ufeff" + out.getvalue()).encode()


def imported(database: Database, month: datetime, data: bytes) -> tuple[int, int]:
    """Import a month's file as a user would; gives the rows written and refused."""
    with clock.at(month):
        return registers.import_file(database, SYSTEM, "outside_checks", f"外部检查-{clock.today():%Y-%m}.csv", data)
