"""hengjian import, as the person at the server types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from inspection.cli import main
from inspection.db import Database
from inspection.intake import credit_code
from inspection.intake.reader import read
from inspection.registers.models import Enterprise
from tests.conftest import DRAW_KEY, SECRET
from tests.inspection.registers.county import build


@pytest.fixture
def office(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    for name, value in {"SECRET_KEY": SECRET, "DRAW_KEY": DRAW_KEY, "DATABASE_URL": sqlite_database.url, "DATA_DIR": str(tmp_path / "var")}.items():
        monkeypatch.setenv(f"HENGJIAN_{name}", value)
    monkeypatch.delenv("HENGJIAN_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    with sqlite_database.write() as session:
        build(session)
    return sqlite_database


def firms(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count(Enterprise.id))) or 0


def write(path: Path, codes: list[str]) -> Path:
    lines = ["统一社会信用代码,名称,行政区划代码", *(f"{code},第{n}店,330106001" for n, code in enumerate(codes, 1))]
    path.write_bytes("\r\n".join(lines).encode("gb18030"))
    return path


def test_good_rows_go_in_and_the_same_file_changes_nothing(office: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "firms.csv", [credit_code.make("330106", n) for n in (1, 2)])
    assert main(["import", "enterprises", str(file), "--dry-run"]) == 0
    assert firms(office) == 0
    assert main(["import", "enterprises", str(file), "--all-or-nothing"]) == 0
    assert "新增 2" in capsys.readouterr().out
    assert main(["import", "enterprises", str(file)]) == 0
    assert "新增 0，更改 0，相同 2" in capsys.readouterr().out
    assert firms(office) == 2


def test_bad_rows_are_told_and_written_out(office: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "firms.csv", [credit_code.make("330106", 1), "91330106"])
    errors = tmp_path / "errors.xlsx"
    assert main(["import", "enterprises", str(file), "--all-or-nothing"]) == 4
    assert firms(office) == 0
    assert main(["import", "enterprises", str(file), "--errors", str(errors)]) == 1
    told = capsys.readouterr()
    assert "第 3 行【统一社会信用代码】" in told.err and "未导入 1" in told.out
    assert len(read(errors.read_bytes(), "errors.xlsx")) == 1
    assert firms(office) == 1


def test_wrong_kind_and_wrong_file_are_refused(office: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "firms.csv", ["x"])
    assert main(["import", "planets", str(file)]) == 3
    assert "enterprises" in capsys.readouterr().err
    assert main(["import", "populations", str(file)]) == 2
    assert "表头" in capsys.readouterr().err
    assert main(["import", "enterprises", str(tmp_path / "none.csv")]) == 2
