"""The frame and the account pages in English: every marked text and every message is translated, places and all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from inspection.i18n import catalogue
from tests.architecture.office import office

ROOT = Path(__file__).parents[3] / "inspection"
CHINESE = re.compile("[\u4e00-\u9fff]")
CALLS = {"_", "N_", "gettext"}
ERRORS = {"Refused", "Forbidden", "Invalid", "NotFound", "Conflict", "Unauthenticated", "DomainError"}
ONLY_AT_THE_TERMINAL = {"backup.py", "restore.py"}
SOURCES = [file for file in [*ROOT.glob("*.py"), *ROOT.glob("auth/**/*.py")] if file.name not in ONLY_AT_THE_TERMINAL]
TEMPLATES = [*ROOT.glob("templates/auth/*.html"), *ROOT.glob("templates/errors/*.html"), *ROOT.glob("templates/*.html")]


def marked(sources: Iterable[Path] = SOURCES, templates: Iterable[Path] = TEMPLATES) -> set[str]:
    """Texts of `_()`, `N_()` and of the errors."""
    found = set()
    for file in sources:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                place = 0 if name in CALLS else 1 if name in ERRORS else None
                if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                    found.add(str(node.args[place].value))  # type: ignore[attr-defined]
    for file in templates:
        found |= {a or b for a, b in re.findall(r"""\b_\(\s*(?:'([^']*)'|"([^"]*)")""", file.read_text(encoding="utf-8"))}
    return {text for text in found if CHINESE.search(text)}


def test_every_text_has_its_english_with_the_same_places() -> None:
    texts, english = marked(), catalogue()
    assert len(texts) > 150
    assert sorted(text for text in texts if text not in english) == []
    assert not [text for text in texts if CHINESE.search(english[text])]
    places = re.compile(r"%\((\w+)\)s")
    assert not [text for text in texts if sorted(places.findall(text)) != sorted(places.findall(english[text]))]


def test_the_visits_and_what_an_import_says_of_a_file_have_their_english() -> None:
    sources = [file for stage in ("visits", "intake") for file in ROOT.glob(f"{stage}/**/*.py") if file.name != "commands.py"]
    assert sorted(text for text in marked(sources, ROOT.glob("templates/visits/*.html")) if text not in catalogue()) == []


def under_fields() -> set[str]:
    """Messages under single fields: templates of `Said`, plain texts of validation errors and of `fields=…`."""
    found = set()
    for node in (node for file in ROOT.glob("**/*.py") for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = node.args[:1] if name in ("Said", "ValidationError") else []
        for place in [*texts, *(more.value for more in node.keywords if more.arg == "fields" and name == "Invalid" and isinstance(more.value, ast.Dict))]:
            stack = [place]
            while stack:
                part = stack.pop()
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found.add(part.value)
                elif part is place or not isinstance(part, ast.JoinedStr | ast.Call):
                    stack += ast.iter_child_nodes(part)  # type: ignore[arg-type]
    return {text for text in found if CHINESE.search(text)}


def test_every_message_under_a_field_has_its_english() -> None:
    texts, english = under_fields(), catalogue()
    assert len(texts) > 100
    assert sorted(text for text in texts if text not in english) == []
    places = re.compile(r"%\((\w+)\)s")
    assert not [text for text in texts if sorted(places.findall(text)) != sorted(places.findall(english[text]))]


def test_a_refused_form_and_a_refused_request_say_why_in_the_language_of_the_person(migrated_sqlite: Path, tmp_path: Path) -> None:
    house = office(migrated_sqlite, tmp_path)
    browser = house.signed_in("planner")
    wrong = {"code": "x" * 300, "kind": "nothing"}
    assert "不能超过" in browser.post("/registers/enterprises/new", wrong).text
    browser.post("/language", {"language": "en", "next": "/"})
    page = browser.post("/registers/enterprises/new", wrong)
    told = re.findall(r'invalid-feedback d-block">([^<]*)|alert-danger[^>]*>\s*<strong>([^<]*)', page.text)
    assert page.status_code == 422 and told and not [text for pair in told for text in pair if CHINESE.search(text)], told
    assert any("At most" in text for pair in told for text in pair) and any("One of: " in text for pair in told for text in pair)
    answer = browser.json("POST", "/api/v1/registers/enterprises", {"nothing": 1}).json
    assert answer["errors"]["nothing"] == ["There is no such field"] and not CHINESE.search(str(answer["errors"]) + answer["title"] + answer["detail"])
    house.database.dispose()


def test_the_frame_of_the_pages_holds_no_chinese_after_the_switch(migrated_sqlite: Path, tmp_path: Path) -> None:
    house = office(migrated_sqlite, tmp_path, office_name="Office")
    for role, path in (("planner", "/account/profile"), ("system_admin", "/account/accounts"), ("auditor", "/account/trail"), ("planner", "/no-such-page")):
        browser = house.signed_in(role)
        browser.post("/language", {"language": "en", "next": "/"})
        page = browser.get(path).text
        frame = re.sub(r"(?s)<main.*?</main>", "", page)
        frame = re.sub(r'(?s)lang="zh-CN"[^>]*>中文|class="brand-mark"[^>]*>衡|测试\w+|class="demo-ribbon".*?</div>', "", frame)
        assert not CHINESE.findall(frame), (path, CHINESE.findall(frame))
        assert 'lang="en"' in page
    house.database.dispose()
