"""The house is built as its plan says: layers, names, what imports what. A habit that no test keeps is soon lost."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from inspection.tables import metadata

ROOT = Path(__file__).parents[2]
PACKAGES = ("sampling", "reports", "inspection")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FORBIDDEN_WORDS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "stuff", "tools"}
# `followups` has its verbs only: cases open by themselves and its pages are still to come
STAGES = ("rulebook", "calendar", "registers", "plans", "draws", "visits", "samples", "results", "indicators", "publications")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_import_contract_of_setup_cfg_is_kept() -> None:
    done = run(sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_the_mathematics_imports_nothing_at_its_door() -> None:
    tree = ast.parse((ROOT / "sampling/__init__.py").read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


@pytest.mark.parametrize("module", ["sampling.draw", "sampling.verify", "sampling.teams", "sampling.bundle", "sampling.__main__"])
def test_a_fresh_interpreter_draws_on_the_standard_library_alone(module: str) -> None:
    program = (
        f"import sys, {module}; own = sys.stdlib_module_names | {{'sampling', '__main__'}}; "
        "print(sorted({n.partition('.')[0] for n, m in sys.modules.items() if getattr(m, '__file__', None)} - own))"
    )
    done = run(sys.executable, "-S", "-c", program)  # -S: not even site-packages is in the path
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stdout + done.stderr


def test_the_verifier_runs_without_any_package() -> None:
    done = run(sys.executable, "-S", "-m", "sampling", "verify", "no-such-bundle.zip")
    assert done.returncode != 0
    assert "ModuleNotFoundError" not in done.stderr
    assert "Traceback" not in done.stderr


def test_every_file_says_what_it_holds() -> None:
    """In its name: no drawer for odds and ends; and in its first line."""
    for path in SOURCES:
        assert not FORBIDDEN_WORDS & set(path.relative_to(ROOT).with_suffix("").parts), path
        assert not FORBIDDEN_WORDS & set(path.stem.split("_")), path
        text = path.read_text(encoding="utf-8")
        assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{path} has no docstring"


def test_every_stage_has_the_same_files() -> None:
    for stage in STAGES:
        folder = ROOT / "inspection" / stage
        there = {path.stem for path in folder.glob("*.py")} | {path.name for path in folder.iterdir() if path.is_dir()}
        assert there >= {"models", "rules", "service", "schemas", "api", "pages"}, stage


def test_services_never_commit_and_open_no_transaction() -> None:
    """The entry point opens the transaction: route, command, job."""
    for path in SOURCES:
        if path.stem not in {"service", "rules", "models"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                assert node.func.attr not in {"commit", "rollback"}, f"{path}:{node.lineno}"
                assert ast.unparse(node.func) not in {"database.write", "database.read", "web.writing", "web.reading"}, f"{path}:{node.lineno}"


def test_rules_read_no_clock() -> None:
    for path in SOURCES:
        if path.stem == "rules" or path.parts[-2] == "sampling":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    assert ast.unparse(node.func) not in {"clock.now", "clock.today", "datetime.now", "date.today", "time.time"}, f"{path}:{node.lineno}"


# a workbook's own date of creation: the format has no zone and the libraries take none
NAIVE = ("inspection/intake/columns.py", "reports/tables.py")


def test_no_moment_is_naive() -> None:
    except_ = [f"--per-file-ignores={name}:DTZ001" for name in NAIVE]
    done = run(sys.executable, "-m", "ruff", "check", "--select", "DTZ", "--no-cache", *except_, *PACKAGES, "migrations")
    assert done.returncode == 0, done.stdout


def test_every_table_says_what_a_row_is() -> None:
    metadata()
    from inspection.db import Base

    for mapper in Base.registry.mappers:
        assert (mapper.class_.__doc__ or "").strip(), f"{mapper.class_.__name__} has no docstring"


def test_every_migration_and_package_file_is_shipped() -> None:
    """What the application reads beside its code stands in the package data of setup.cfg."""
    import configparser
    from fnmatch import fnmatch

    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    for package, patterns in config["options.package_data"].items():
        wanted = [pattern.strip() for pattern in patterns.replace(",", "\n").split("\n") if pattern.strip()]
        for path in (ROOT / package).rglob("*"):
            name = path.relative_to(ROOT / package).as_posix()
            if path.is_file() and path.suffix not in {".py", ".pyc"} and not name.endswith(".md"):
                assert any(fnmatch(name, pattern.replace("**/", "*").replace("**", "*")) for pattern in wanted), f"{package}/{name}"


COMPUTED = ("deliver_by", "report_by", "publish_by", "due_on", "objection_until")


def test_no_page_shows_a_computed_day_without_its_mark() -> None:
    """节假日安排未公布: days that were counted go through `|term` or `show_term`, or name the stored mark beside them."""
    names = "|".join(COMPUTED)
    for path in sorted((ROOT / "inspection").rglob("*.html")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(rf"\b({names})\|day\b", line):
                assert "unannounced" in line, f"{path}: {line.strip()[:120]}"
    for path in SOURCES:
        if "pages" in path.relative_to(ROOT).as_posix():
            assert not re.search(rf"show_day\([\w\[\].]+\.({names})\)", path.read_text(encoding="utf-8")), path
