"""hengjian draw, as the people of a draw type it at the server."""

from __future__ import annotations

import io
from pathlib import Path

import pyotp
import pytest

from inspection import clock
from inspection.actor import SYSTEM
from inspection.auth import service as accounts
from inspection.cli import main
from inspection.db import Database
from inspection.draws import service
from tests.conftest import DRAW_KEY, SECRET, settings_for
from tests.inspection.draws.office import DRAWN, EMBARGO, NOT_BEFORE, PREPARED, REVEAL_BY, REVEALED, VALUE, Office
from tests.people import PASSWORD, account_of, person

TIMES = ["--not-before", clock.stamp(NOT_BEFORE), "--by", clock.stamp(REVEAL_BY)]
SOURCE = f"快乐8,2026055,balls,20/80,{clock.stamp(DRAWN)}"


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    for name, value in {"SECRET_KEY": SECRET, "DRAW_KEY": DRAW_KEY, "DATABASE_URL": sqlite_database.url, "DATA_DIR": str(tmp_path / "var")}.items():
        monkeypatch.setenv(f"HENGJIAN_{name}", value)
    monkeypatch.delenv("HENGJIAN_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return Office(sqlite_database)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run a command with what its user types; gives exit code, output and errors."""

    def run(*arguments: str, login: str = "", keys: str = PASSWORD, at=PREPARED) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{keys}\n"))
        with clock.at(at):
            code = main(["draw", *arguments, *(["--login", login, "--password-stdin"] if login else [])])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_a_draw_at_the_server_takes_the_accounts_of_two_people(office: Office, typed, tmp_path: Path) -> None:
    number = office.configured().number
    assert typed("freeze", number)[0] == 0
    code, out, _ = typed("show", number)
    assert code == 0 and "底册已冻结" in out and "层  A  可抽 15  排除 0  抽取 3" in out
    commit = ("commit", number, "--source", SOURCE, *TIMES)
    assert typed(*commit)[0] == 2  # without --login nobody commits
    assert typed(*commit, login="leader")[0] == 5
    assert typed(*commit, login="officer", keys="wrong-password-1")[0] == 5
    assert "60" in typed("commit", number, "--source", SOURCE.replace("20/80", "3/80"), *TIMES, login="officer")[2]
    for bad in ("快乐8,1,balls,20/80", SOURCE.replace("balls", "stars"), SOURCE.replace("20/80", "81/80"), SOURCE.replace("2026-", "x-")):
        assert typed("commit", number, "--source", bad, *TIMES, login="officer")[0] == 2
    code, out, _ = typed(*commit, login="officer")
    assert code == 0 and out.startswith("已承诺并公布  ")
    digest = out.split()[-1]
    reveal = ("reveal", number, "--value", VALUE, "--witness", "公证员丁")
    assert typed(*reveal, login="officer")[0] == 4  # too early
    assert typed(*reveal, login="leader", at=REVEALED)[0] == 4  # the officer first
    code, out, _ = typed(*reveal, login="officer", at=REVEALED)
    assert code == 0 and "等待另一人" in out
    assert typed(*reveal, login="officer", at=REVEALED)[0] == 4
    code, out, _ = typed(*reveal, login="leader", at=REVEALED)
    assert code == 0 and "抽中 11  候补 3" in out
    code, out, _ = typed("bundle", number)
    assert code == 0 and out.split()[1] == f"draw-{number}.zip"
    code, out, _ = typed("verify", f"draw-{number}.zip", "--commitment", digest)
    assert code == 0 and out.startswith(f"OK  draw {number}  11 selected  3 reserve")
    assert typed("verify", f"draw-{number}.zip", "--commitment", "0" * 64)[0] == 1
    (tmp_path / "x.zip").write_bytes(b"x")
    assert typed("verify", "x.zip")[0] == 2
    assert typed("list")[1] == f"{number}\t已公布\t2026年第一次双随机抽查\n" and typed("list", "--state", "void")[1] == ""


def test_void_takes_two_accounts_and_wrong_numbers_are_told(office: Office, typed) -> None:
    number = office.frozen().number
    assert typed("show", "2026-999")[0] == 3
    assert typed("void", number, login="officer")[0] == 2
    assert typed("void", number, "--reason", "漏登", "--approve", login="officer")[0] == 2
    assert typed("void", number, "--approve", login="leader")[0] == 4
    assert typed("void", number, "--reason", "漏登一条街", login="officer")[0] == 0
    assert typed("void", number, "--approve", login="officer")[0] == 5
    assert "公开作废" in typed("void", number, "--approve", login="leader")[1]
    assert "漏登一条街" in typed("show", number)[1]


def test_a_bundle_under_embargo_is_given_to_the_named_few_only(office: Office, typed) -> None:
    number = office.revealed(embargo_until=EMBARGO).number
    person(office.database, "planner", "planner")
    assert typed("bundle", number, at=REVEALED)[0] == 5
    assert typed("bundle", number, login="planner", at=REVEALED)[0] == 5
    assert typed("bundle", number, login="officer", at=REVEALED)[0] == 0
    assert typed("verify", f"draw-{number}.zip")[0] == 0


def test_the_second_factor_is_asked_and_guessing_is_counted(office: Office, typed, tmp_path: Path) -> None:
    secret = pyotp.random_base32()
    with clock.at(PREPARED), office.database.write() as session:
        code = pyotp.TOTP(secret).at(PREPARED)
        accounts.enrol_totp(session, office.officer, secret=secret, code=code, settings=settings_for(office.database, tmp_path))
    number = office.frozen().number
    commit = ("commit", number, "--source", SOURCE, *TIMES)
    assert typed(*commit, login="officer")[0] == 5
    later = PREPARED.replace(minute=5)
    assert typed(*commit, login="officer", keys=f"{PASSWORD}\n{pyotp.TOTP(secret).at(later)}", at=later)[0] == 0
    for _ in range(12):
        last = typed("reveal", number, "--value", VALUE, login="leader", keys="guess-guess-guess")
    assert last[0] == 4 and "过多" in last[2]
    assert account_of(office.database, "officer").totp_sealed


def test_a_person_who_must_change_the_password_does_it_on_the_page_first(office: Office, typed) -> None:
    number = office.frozen().number
    with office.database.write() as session:
        accounts.find(session, "officer").must_change_password = True
    assert "更换口令" in typed("void", number, "--reason", "x", login="officer")[2]
    with office.database.read() as session:
        assert service.open_void_request(session, 1) is None
    assert SYSTEM.id == 0
