"""The console command from the first day on: what it says, what it writes, what it refuses, how it exits."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import stat
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from inspection import cli
from inspection.cli import main
from tests.inspection.jobs import kinds as kinds


class Said(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    for name in [name for name in os.environ if name.startswith("HENGJIAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o022)

    def call(*arguments: str) -> Said:
        code = main(arguments)
        os.environ.pop("HENGJIAN_CONFIG", None)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    yield call
    os.umask(before)


@pytest.fixture
def ready(run: Run) -> Run:
    """An initialised installation in the current folder."""
    assert run("init").code == 0
    return run


def test_every_command_explains_itself(run: Run) -> None:
    names = cli.root.list_commands(None)  # type: ignore[arg-type]
    assert set(names) >= {"init", "migrate", "serve", "worker", "user", "audit", "backup", "restore", "doctor", "jobs", "demo", "import", "bulletin"}
    for name in names:
        said = run(name, "--help")
        assert (said.code, said.err) == (0, ""), name
        assert re.search("[一-鿿]", said.out), name
        command = cli.root.get_command(None, name)  # type: ignore[arg-type]
        for part in command.commands if isinstance(command, click.Group) else ():
            said = run(name, part, "--help")
            assert said.code == 0, (name, part)
            assert re.search("[一-鿿]", said.out), (name, part)


def test_init_writes_keys_once_and_gives_a_token(run: Run, tmp_path: Path) -> None:
    said = run("init", "--office-name", "盐都区市场监督管理局“双随机”办")
    assert said.code == 0, said.err
    config = tmp_path / "hengjian.toml"
    values = tomllib.loads(config.read_text())
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var" / "hengjian.sqlite").stat().st_mode) == 0o600
    assert values["office_name"] == "盐都区市场监督管理局“双随机”办"
    assert len(values["secret_key"]) >= 48
    assert values["secret_key"] != values["draw_key"]
    token = re.search(r"令牌.*：(\S{30,})", said.out)
    assert token
    assert values["secret_key"] not in said.out
    with sqlite3.connect(tmp_path / "var" / "hengjian.sqlite") as database:
        assert token[1] not in str(database.execute("SELECT * FROM setup_tokens").fetchall())
    before = config.read_bytes()
    assert run("init").code == 4
    assert config.read_bytes() == before


def test_init_does_not_give_new_keys_to_a_database_in_use(ready: Run, tmp_path: Path) -> None:
    ready("user", "add", "wang", "--name", "王", "--role", "planner")
    said = ready("--config", "other.toml", "init")
    assert said.code == 4
    assert "已有账户" in said.err
    assert not (tmp_path / "other.toml").exists()
    assert ready("init", "--token").code == 4


def test_a_missing_or_wrong_configuration_says_what_to_do(run: Run, tmp_path: Path) -> None:
    said = run("doctor")
    assert said.code == 2
    assert "hengjian init" in said.err
    assert "Traceback" not in said.err
    assert run("--config", "absent.toml", "audit", "verify").code == 2
    (tmp_path / "bad.toml").write_text("secret_key = 'x'\ncolour = 1\n")
    assert "colour" in run("--config", "bad.toml", "doctor").err


def test_wrong_usage_is_told_in_chinese(run: Run) -> None:
    for arguments, word in (
        (("nothing",), "没有命令 nosuch".replace("nosuch", "nothing")),
        (("doctor", "--fast"), "没有选项 --fast"),
        (("backup",), "缺少参数"),
        (("jobs", "watch", "x"), "的值不对"),
    ):
        said = run(*arguments)
        assert (said.code, said.out) == (2, "")
        assert word in said.err
        assert "--help" in said.err


def test_a_wrong_value_is_told_in_chinese_too(ready: Run, tmp_path: Path) -> None:
    for arguments, words in (
        (("user", "add", "x", "--name", "甲", "--role", "king"), "应为 planner、"),
        (("audit", "verify", "--against", "nowhere"), "nowhere 不存在"),
        (("user", "grant", "x", "--lab", "one"), "应为整数"),
        (("migrate", "--down", "9999"), "没有数据库版本 9999"),
        (("serve", "--bind", "8000"), "bind 应为 地址:端口"),
    ):
        said = ready(*arguments)
        assert said.code in (2, 3) and words in said.err, (arguments, said)
        assert not re.search("is not|does not", said.err), said.err


def test_a_mistyped_database_is_not_made_and_a_foreign_file_is_told(ready: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HENGJIAN_DATABASE_URL", f"sqlite:///{tmp_path}/typo/x.sqlite")
    assert ready("doctor").code == 3 and not (tmp_path / "typo").exists()
    (tmp_path / "noise").write_bytes(b"no database at all" * 500)
    for name, words in (("noise", "不是数据库"), ("empty", "hengjian migrate")):
        (tmp_path / "empty").touch()
        monkeypatch.setenv("HENGJIAN_DATABASE_URL", f"sqlite:///{tmp_path}/{name}")
        said = ready("user", "list")
        assert said.code == 7 and words in said.err, said


def test_an_internal_error_shows_no_traceback(ready: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from inspection.cli import trail

    monkeypatch.setattr(trail.chain, "verify", lambda *_: 1 / 0)
    said = ready("audit", "verify")
    assert said.code == 70
    assert "Traceback" not in said.err


def test_an_unreachable_database_is_named(ready: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HENGJIAN_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    said = ready("audit", "verify")
    assert said.code == 7
    assert "数据库不可用" in said.err


def test_accounts_from_the_command_line(ready: Run) -> None:
    said = ready("user", "add", "wang", "--name", "王计划", "--role", "planner", "--region", "320900")
    assert said.code == 0, said.err
    first = re.search(r"首次口令.*：(\S+)", said.out)
    assert "计划员\t320900\t在用" in ready("user", "list").out
    assert ready("user", "add", "wang", "--name", "另一个").code == 4
    assert ready("user", "grant", "wang", "--role", "planner", "--role", "leader").code == 4
    assert ready("user", "grant", "wang", "--role", "leader").code == 0
    assert "审批领导" in ready("user", "list").out
    again = re.search(r"口令.*：(\S+)", ready("user", "reset", "wang").out)
    assert first
    assert again
    assert first[1] != again[1]
    ready("user", "disable", "wang")
    assert "已停用" in ready("user", "list").out
    ready("user", "enable", "wang")
    assert "在用" in ready("user", "list").out
    assert ready("user", "reset", "zhao").code == 3


def test_audit_verify_finds_a_changed_row_and_a_changed_paper(ready: Run, tmp_path: Path) -> None:
    number, head = ready("audit", "head").out.split()
    ready("user", "add", "wang", "--name", "王")
    assert ready("audit", "verify").code == 0
    paper = tmp_path / "heads.txt"
    paper.write_text(f"# 通告 2026-003\n{number} {head[:12]}\n")
    said = ready("audit", "verify", "--against", str(paper))
    assert said.code == 0, said.err
    assert "1 个纸面链头" in said.out
    paper.write_text(f"{number} {'0' * 12}\n")
    assert ready("audit", "verify", "--against", str(paper)).code == 1
    paper.write_text(f"{int(number) + 500} {head}\n")
    said = ready("audit", "verify", "--against", str(paper))
    assert said.code == 1
    assert "旧副本" in said.err
    paper.write_text("看不懂\n")
    assert ready("audit", "verify", "--against", str(paper)).code == 2
    with sqlite3.connect(tmp_path / "var" / "hengjian.sqlite") as database:
        database.execute("DROP TRIGGER seal_audit_events_update")
        database.execute("UPDATE audit_events SET actor_name = '别人' WHERE seq = 2")
    said = ready("audit", "verify")
    assert said.code == 1
    assert "第 2 条断开" in said.err


def test_backup_and_restore_drill(ready: Run, tmp_path: Path) -> None:
    ready("user", "add", "wang", "--name", "王")
    said = ready("backup", "backups")
    assert said.code == 0, said.err
    folder = next((tmp_path / "backups").iterdir())
    digest = re.search(r"SHA256SUMS）：([0-9a-f]{64})", said.out)
    assert digest
    config = (tmp_path / "hengjian.toml").read_text().replace("/var", "/again")
    (tmp_path / "again.toml").write_text(config)
    assert ready("--config", "again.toml", "restore", str(folder), "--digest", "0" * 64).code == 4
    said = ready("--config", "again.toml", "restore", str(folder), "--digest", digest[1])
    assert said.code == 0, said.err
    assert ready("--config", "again.toml", "audit", "verify", "--against", str(folder / "manifest.json")).code == 0
    assert "wang" in ready("--config", "again.toml", "user", "list").out
    assert ready("--config", "again.toml", "restore", str(folder)).code == 4


def test_migrate_compares_goes_down_and_prints_sql(ready: Run) -> None:
    assert ready("migrate", "--check").code == 0
    sql = ready("migrate", "--down", "base", "--sql")
    assert sql.code == 0, sql.err
    assert "DROP TABLE" in sql.out
    assert ready("migrate", "--check").code == 0
    assert ready("migrate", "--down", "base", "--yes").code == 0
    assert ready("migrate", "--check").code == 1
    said = ready("backup", "b")
    assert said.code == 4
    assert "hengjian migrate" in said.err
    assert ready("serve").code == 4
    assert "CREATE TABLE audit_events" in ready("migrate", "--sql").out
    assert ready("migrate").code == 0
    assert ready("migrate", "--check").code == 0


def test_jobs_run_and_show_on_the_terminal(ready: Run, tmp_path: Path) -> None:
    from inspection.cli.console import Console
    from inspection.jobs import enqueue

    console = Console(str(tmp_path / "hengjian.toml"))
    with console.database.write() as session:
        first = enqueue(session, console.operator, "test.count", {"steps": 2}).id
        second = enqueue(session, console.operator, "test.refuse").id
        third = enqueue(session, console.operator, "test.count", {"steps": 2}).id
    os.environ.pop("HENGJIAN_CONFIG", None)
    assert "等待中" in ready("jobs", "list").out
    assert ready("jobs", "cancel", str(third)).code == 0
    assert "执行了 2 个任务" in ready("jobs", "run").out
    said = ready("jobs", "watch", str(first))
    assert said.code == 0
    assert "SHA-256" in said.out
    assert ready("jobs", "watch", str(second)).code == 1
    assert ready("jobs", "list").out == ""
    assert ready("jobs", "list", "--all").out.count("\n") == 3
    assert ready("jobs", "watch", "999").code == 3


def test_doctor_reports_in_json_and_every_problem_has_a_cure(ready: Run) -> None:
    said = ready("doctor", "--json")
    found = json.loads(said.out)
    assert said.code == 0
    assert {finding["check"] for finding in found} >= {"钥匙", "字体", "字形", "工作日历", "磁盘", "数据库版本", "数据库设置", "时钟"}
    assert all(finding["cure"] for finding in found if finding["state"] != "ok")
    assert ready("doctor").code == 0
