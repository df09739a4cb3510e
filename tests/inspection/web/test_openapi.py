"""The description of the JSON routes: valid OpenAPI 3.1, complete, readable, and true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.architecture.matrix import rows
from tests.architecture.office import House, office

EXAMPLES = 40


@pytest.fixture(scope="module")
def house(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = office(migrated_sqlite, tmp_path_factory.mktemp("openapi"))
    yield made
    made.database.dispose()


@pytest.fixture(scope="module")
def spec(house: House) -> dict[str, Any]:
    answer = house.app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json)


def test_it_is_valid_openapi_3_1(spec: dict[str, Any]) -> None:
    assert spec["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(spec).validate()


def test_every_json_route_is_described_with_a_sentence(house: House, spec: dict[str, Any]) -> None:
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in house.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint not in ("openapi", "api_docs")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(method, path): operation for path, methods in spec["paths"].items() for method, operation in methods.items() if isinstance(operation, dict)}
    assert set(described) == routes
    assert not [key for key, operation in described.items() if not operation.get("summary")]


def test_exact_numbers_are_texts_and_errors_are_problems(spec: dict[str, Any]) -> None:
    result = spec["components"]["schemas"]["results.ResultIn"]["properties"]
    assert result["detection_limit"] == {"type": ["string", "null"], "format": "decimal", "default": None}
    assert result["text"]["maxLength"] == 120
    floats = [name for name, schema in spec["components"]["schemas"].items() if '"float"' in str(schema) or "'float'" in str(schema)]
    assert not floats
    assert set(spec["components"]["schemas"]["schema_base.Problem"]["required"]) >= {"type", "title", "status", "detail", "code"}


def test_it_says_who_may_call_with_what_header_and_what_comes_back(house: House, spec: dict[str, Any]) -> None:
    operations = {(method, path): o for path, methods in spec["paths"].items() for method, o in methods.items() if isinstance(o, dict)}
    by_row = {(row.method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", row.path)): row for row in rows() if row.is_api}
    assert not [key for key, o in operations.items() if (o.get("security") == []) != by_row[key].public]
    assert not [key for key, o in operations.items() if ("step-up-required" in o.get("description", "")) != by_row[key].step_up]
    assert not [key for key, o in operations.items() for status, answer in o["responses"].items() if status[0] == "2" and not answer["content"]]
    assert all(set(answer["content"]) == {"application/problem+json"} for answer in spec["components"]["responses"].values())
    versioned = [key for key, o in operations.items() if any(p["name"] == "If-Match" for p in o["parameters"])]
    assert len(versioned) > 50
    browsers = {role: house.signed_in(role) for role in house.people}
    for method, path in versioned:  # what is said to need a version is refused without one, whatever else is wrong
        browser = browsers[sorted(by_row[method, path].roles)[0]]
        answer = browser.json(method.upper(), re.sub(r"{\w+}", "999999", path), {})
        assert answer.status_code in (404, 409, 422), (method, path, answer.status_code)
    files = [path for (method, path), o in operations.items() if "multipart/form-data" in o.get("requestBody", {}).get("content", {})]
    assert len(files) == 3


def test_what_is_read_looks_as_the_description_says(house: House, spec: dict[str, Any]) -> None:
    tokens, faults, seen = {role: house.token(role) for role in house.people}, [], 0
    for row in rows():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", row.path)
        if not row.is_api or row.unsafe or path not in spec["paths"]:
            continue
        head = {} if row.public else {"Authorization": f"Bearer {tokens[sorted(row.roles)[0]]}"}
        address = path.replace("{year}", "2026").replace("{region_code}", "330106").replace("{kind}", "enterprises")
        answer = house.app.test_client().get(re.sub(r"{\w+}", "1", address), headers=head)
        said = spec["paths"][path]["get"]["responses"].get(str(answer.status_code), spec["components"]["responses"]["DEFAULT_ERROR"])
        said = spec["components"]["responses"][said["$ref"].rsplit("/", 1)[1]] if "$ref" in said else said
        if answer.mimetype not in said["content"]:
            faults.append((path, answer.status_code, answer.mimetype))
        elif answer.is_json:
            seen += answer.status_code == 200
            whole = {**said["content"][answer.mimetype]["schema"], "components": spec["components"]}
            faults += [(path, answer.status_code, error.message[:200]) for error in jsonschema_rs.validator_for(whole).iter_errors(answer.json)]
    assert not faults
    assert seen > 25


def test_the_page_shows_every_path_and_schema(house: House, spec: dict[str, Any]) -> None:
    page = house.app.test_client().get("/api/v1/docs")
    assert page.status_code == 200
    for path in spec["paths"]:
        assert f"<code>{path}</code>" in page.text.replace("&lt;", "<"), path
    for name in spec["components"]["schemas"]:
        assert f'id="schema-{name}"' in page.text, name


def test_what_the_description_allows_and_forbids_never_ends_in_a_5xx(house: House, spec: dict[str, Any]) -> None:
    """A short run of schemathesis in process: as the permitted role, with valid and with broken requests."""
    roles = {(row.method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", row.path)): sorted(row.roles)[0] for row in rows() if row.is_api}
    tokens = {role: house.token(role) for role in set(roles.values())}
    schema = schemathesis.openapi.from_dict(spec)
    schema.app = house.app
    operations = [result.ok() for result in schema.get_all_operations()]
    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    seen: list[tuple[str, int]] = []

    @seed(20261126)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def probe(data: st.DataObject) -> None:
        operation = data.draw(st.sampled_from(operations))
        case = data.draw(operation.as_strategy(generation_mode=data.draw(st.sampled_from(modes))))
        token = tokens[roles[operation.method.upper(), operation.path]]
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        seen.append((operation.label, answer.status_code))
        assert answer.status_code < 500, (operation.label, answer.status_code, case.body)
        if answer.status_code >= 400:
            assert answer.headers["content-type"][0].startswith("application/problem+json"), operation.label

    probe()
    assert len(seen) >= EXAMPLES
