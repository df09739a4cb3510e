"""Makes the tables of lot acceptance in sampling/tables from their structure, so that no cell is typed by hand.

    python tools/acceptance_tables.py

ISO 2859-1:1999 (GB/T 2828.1-2012) single plans depend on k = index of the letter (A = 0 … R = 15) + index of the AQL (0.010 = 0
… 1000 = 25) alone; the structure was compared cell by cell with R AQLSchemes 1.7-2 on 47 plans. A cell holds Ac; ↓ and ↑ send to the
first plan below or above. Tightened inspection has one more row, S with 3150, which only the arrows at AQL 0.025 reach (from memory).
"""

from __future__ import annotations

import csv
from pathlib import Path

TARGET = Path(__file__).parents[1] / "sampling" / "tables"
AQLS = ["0.010", "0.015", "0.025", "0.040", "0.065", "0.10", "0.15", "0.25", "0.40", "0.65", "1.0", "1.5", "2.5", "4.0", "6.5", "10", "15", "25", "40", "65", "100", "150", "250", "400", "650", "1000"]
LETTERS = "ABCDEFGHJKLMNPQR"
SIZES = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000)
DOWN, UP = "↓", "↑"
LAST_AQL = AQLS.index("0.025")
NORMAL = {14: "0", 15: UP, 16: DOWN} | dict(zip(range(17, 25), ["1", "2", "3", "5", "7", "10", "14", "21"], strict=True))
TIGHTENED = {15: "0", 16: DOWN, 17: DOWN} | dict(zip(range(18, 25), ["1", "2", "3", "5", "8", "12", "18"], strict=True))
FEW_LETTERS = {"normal": {25: "30", 26: "44"}, "tightened": {25: "27", 26: "41"}}  # letters A to E only
PLANS = {"normal": NORMAL, "tightened": TIGHTENED}
CODE_LETTERS = """
8 A A A A A A B
15 A A A A A B C
25 A A B B B C D
50 A B B C C D E
90 B B C C C E F
150 B B C D D F G
280 B C D E E G H
500 B C D E F H J
1200 C C E F G J K
3200 C D E G H K L
10000 C D F G J L M
35000 C D F H K M N
150000 D E G J L N P
500000 D E G J M P Q
- D E H K N Q R
"""


def cell(severity: str, row: int, column: int) -> str:
    """Ac or an arrow; at the first and the last letter an arrow that would leave the table turns round."""
    k = row + column
    few = FEW_LETTERS[severity]
    if k in few and LETTERS[row] <= "E":
        return few[k]
    plans = PLANS[severity]
    found = plans.get(k, DOWN if k < min(plans) else UP)
    if row == 0 and found == UP:
        return DOWN
    last = row == len(LETTERS) - 1 and not (severity == "tightened" and column == LAST_AQL)
    return UP if last and found == DOWN else found


def table(severity: str) -> list[list[str]]:
    """The rows of one table with its head."""
    rows = [[letter, str(SIZES[i]), *(cell(severity, i, j) for j in range(len(AQLS)))] for i, letter in enumerate(LETTERS)]
    if severity == "tightened":
        rows.append(["S", "3150", *("1" if j == LAST_AQL else UP for j in range(len(AQLS)))])
    return [["letter", "n", *AQLS], *rows]


def letters() -> list[list[str]]:
    """The rows of the table of code letters; the last has no largest lot."""
    rows, first = [], 2
    for line in CODE_LETTERS.split("\n")[1:-1]:
        last, *found = line.split()
        rows.append([str(first), "" if last == "-" else last, *found])
        first = first if last == "-" else int(last) + 1
    return [["lot_from", "lot_to", "S-1", "S-2", "S-3", "S-4", "I", "II", "III"], *rows]


def tables() -> dict[str, list[list[str]]]:
    """Every file and its rows."""
    return {"code_letters.csv": letters(), "single_normal.csv": table("normal"), "single_tightened.csv": table("tightened")}


def main() -> None:
    for name, rows in tables().items():
        with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
