"""J0: a new user without a network installs the demonstration county, serves it, signs in and looks around."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.inspection.cli.test_serve import answers, free_port
from tests.people import csrf_of

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
HENGJIAN = [sys.executable, "-m", "inspection.cli"]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Address and one-time password of `hengjian init --demo county` and `hengjian serve`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HENGJIAN_", "PROMETHEUS_"))}
    environment = {**clean, "PYTHONPATH": str(ROOT), "HENGJIAN_CONFIG": str(tmp_path / "hengjian.toml")}
    address = f"127.0.0.1:{free_port()}"
    made = subprocess.run(
        [*HENGJIAN, "init", "--demo", "county", "--dir", str(tmp_path / "var"), "--bind", address],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    password = re.search(r"一次性口令[^：]*：(\S+)", made.stdout)
    assert password, made.stdout
    process = subprocess.Popen([*HENGJIAN, "serve"], env=environment, cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        assert answers(f"http://{address}/readyz") == 200
        yield f"http://{address}", password[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(45)


def test_the_first_hour(served: tuple[str, str]) -> None:
    url, password = served
    http = requests.Session()

    def post(page: str, path: str, **data: str) -> requests.Response:
        return http.post(url + path, data={"csrf_token": csrf_of(http.get(url + page).text), **data}, timeout=30)

    post("/account/sign-in", "/account/sign-in", login="jihua", password=password, next="/")
    held = http.get(f"{url}/plans", timeout=30)
    assert held.url == f"{url}/account/profile", "nothing is shown before the password is changed"
    assert "请先修改口令" in held.text
    assert post("/account/profile", "/account/password", old=password, new=password, again=password).status_code == 422
    home = post("/account/profile", "/account/password", old=password, new="a-password-of-my-own-1", again="a-password-of-my-own-1").text
    cards = re.findall(r'class="card-link( late)?"><span class="figure">(\d+)</span>', home)
    assert len(cards) >= 5, "five open tasks"
    assert [late for late, _ in cards].count(" late") >= 1
    assert cards[0][0] == " late", "what is late stands first"
    assert "演示系统" in home

    sample = re.search(r'href="(/samples/\d+)"', http.get(f"{url}/samples", timeout=30).text)
    assert sample
    sheet = http.get(f"{url}{sample[1]}/sheet.pdf", timeout=30)
    assert sheet.headers["Content-Type"] == "application/pdf"
    assert sheet.content.startswith(b"%PDF")

    private = requests.get(f"{url}/", timeout=30)  # a private window: nobody is signed in
    assert private.url == f"{url}/public"
    assert "关于亭湖区2026年第三季度食品评价性抽检情况的通告" in private.text
    assert http.post(f"{url}/account/sign-in", data={"login": "jihua", "password": password}, timeout=30).status_code in (403, 422)
