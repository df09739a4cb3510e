"""Verifying a large bundle in Chromium, beside the command in Python, and how long the page stood still meanwhile.

Run: make bench-draw, or PYTHONPATH=. python benchmarks/bench_browser.py [units]. The page is the public one of a small county served here; the time runs from the
click to the verdict. The longest gap between two beats of a 20 ms timer tells how long the page could not have answered a click.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bench_draw import made
from sampling import verify
from tests.browser import site

BEATS = """() => { let last = performance.now(); self.longest = 0;
  self.beat = setInterval(() => { const now = performance.now(); self.longest = Math.max(self.longest, now - last); last = now; }, 20); }"""


def main(n: int) -> None:
    with tempfile.TemporaryDirectory() as folder, site.chromium() as browser, site.serving(Path(folder)) as served:
        path = Path(folder) / "draw.zip"
        path.write_bytes(made(n, "srs"))
        start = time.perf_counter()
        found = verify.check_bundle(path.read_bytes())
        command = time.perf_counter() - start
        page = browser.living().new_page()
        page.goto(f"{served.url}/public/verify")
        page.set_input_files("#bundle", str(path))
        page.evaluate(BEATS)
        start = time.perf_counter()
        page.get_by_role("button", name="在本浏览器核验").click()
        page.wait_for_selector("output .verdict", timeout=120_000)
        seconds = time.perf_counter() - start
        said = " ".join(page.locator("output").inner_text().split())
        same = " ".join(found.line.split()) in said and "核验通过" in said
        print(f"verifying {n:,} units   Python {command:5.1f} s   Chromium {browser.living().version} {seconds:5.1f} s (goal < 10)   ratio {seconds / command:4.2f}")
        print(f"longest stand-still of the page {page.evaluate('self.longest'):.0f} ms   the same answer: {same}   {found.line}")
        if not same:
            raise SystemExit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
