"""How fast an upload of 100,000 rows is read and judged, against the bare parser on the same bytes.

Run: python benchmarks/bench_intake.py [rows]. Prints CPU seconds of three runs (best) and the ratio to bare calamine.
"""

from __future__ import annotations

import csv
import io
import resource
import sys
import time
from collections.abc import Callable

import xlsxwriter
from python_calamine import CalamineWorkbook

from inspection.intake import credit_code, guard, preview, reader
from inspection.intake.columns import Column

COLUMNS = (
    Column("code", "统一社会信用代码", kind="credit_code", required=True),
    Column("name", "企业名称", required=True),
    Column("region", "行政区划", kind="region", required=True),
    Column("opened", "成立日期", kind="date"),
    Column("state", "状态", kind="choice", choices={"open": "在业", "closed": "注销"}),
    Column("sample", "样品编号", kind="id"),
    Column("item", "检验项目"),
    Column("result", "检验结果", kind="measurement"),
    Column("limit", "检出限", kind="decimal"),
    Column("n", "数量", kind="integer"),
    Column("chain", "连锁", kind="yes_no"),
    Column("remark", "备注"),
)
RESULTS = ("0.79", "<0.01", "未检出", "2.2×10²", "1.0E2", "<10/<10/20/<10/ND")


def lines(n_rows: int) -> list[list[str]]:
    """Rows as a bureau's export has them: codes distinct, categories repeated."""
    rows = [[column.title_zh for column in COLUMNS]]
    for i in range(n_rows):
        day = f"20{i % 20:02d}-{i % 12 + 1:02d}-{i % 28 + 1:02d}"
        name = f"杭州第{i}食品有限公司"
        state = "在业" if i % 9 else "注销"
        item, result = f"项目{i % 300}", RESULTS[i % 6]
        rows.append([credit_code.make("330106", i), name, "330106", day, state, f"S{i:09d}", item, result, "0.01", str(i % 500), "是", ""])
    return rows


def as_csv(rows: list[list[str]], encoding: str) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode(encoding)


def as_xlsx(rows: list[list[str]]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def bare(data: bytes) -> None:
    for _ in CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).iter_rows():
        pass


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of the best of three."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def main(n_rows: int) -> None:
    rows = lines(n_rows)
    workbook = as_xlsx(rows)
    base = seconds(lambda: bare(workbook))
    print(f"{n_rows} rows × {len(COLUMNS)} columns, xlsx {len(workbook) / 2**20:.1f} MB")
    print(f"bare calamine              {base:6.2f} s  1.00")
    files = {"xlsx": (workbook, "a.xlsx"), "csv utf-8": (as_csv(rows, "utf-8"), "a.csv"), "csv gb18030": (as_csv(rows, "gb18030"), "a.csv")}
    guarding = seconds(lambda: guard.open_archive(workbook))
    print(f"guard alone                {guarding:6.2f} s  {guarding / base:.2f}")
    for label, (data, filename) in files.items():
        reading = seconds(lambda data=data, filename=filename: reader.read(data, filename))
        sheet = reader.read(data, filename)
        judged = preview.check(sheet, COLUMNS, unique=("sample",))
        if len(judged.good) != n_rows:
            raise SystemExit(f"{label}: {len(judged.good)} good rows of {n_rows}")
        judging = seconds(lambda sheet=sheet: preview.check(sheet, COLUMNS, unique=("sample",)))
        both = reading + judging
        print(f"{label:12s} read + judge  {reading:6.2f} + {judging:5.2f} = {both:5.2f} s  {both / base:.2f}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
