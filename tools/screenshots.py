"""The screenshot tour: every page of every role at 1280 px, the public and field pages also at 390 px, to var/screenshots.

Usage: python -m tools.screenshots [--only WORD] [--english] [--large]
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from tests.browser.site import chromium, serving, sign_in
from tests.browser.tour import STOPS, Stop

FOLDER = Path("var/screenshots")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def wanted(stop: Stop, only: str) -> bool:
    return not only or any(word in f"{stop.login}-{stop.name}" for word in only.split(","))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="part of the names of the pages, several with commas")
    parser.add_argument("--english", action="store_true")
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    data = FOLDER / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    stops = [stop for stop in STOPS if wanted(stop, options.only)]
    with serving(data) as site, chromium() as browser:
        for login in dict.fromkeys(stop.login for stop in stops):
            context = browser.new_context(viewport=DESK)
            page = context.new_page()
            if login:
                sign_in(page, site, login)
            else:
                page.goto(f"{site.url}/public")
            for flag, name in ((options.english, "language"), (options.large, "theme")):
                if flag:
                    page.click(f"button[name={name}]")
            for stop in (s for s in stops if s.login == login):
                for size, suffix in ((DESK, ""), (PHONE, "-390"))[: 2 if stop.phone else 1]:
                    page.set_viewport_size(size)
                    page.goto(site.url + site.path(stop.path))
                    page.screenshot(path=FOLDER / f"{login or 'public'}-{stop.name}{suffix}.png", full_page=True)
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}/")


if __name__ == "__main__":
    main()
