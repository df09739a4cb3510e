"""The public checks a draw in its own browser: the published bundle, a chosen file, and a bundle that was tampered with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sampling import bundle, frame, verify
from tests.browser.site import Site
from tests.sampling.test_draw_vectors import BUNDLES, VECTORS, files_of

Visitor = Callable[..., Any]


def published(watched: Any) -> bytes:
    """The bundle as a visitor downloads it from the page of the draw."""
    with watched.page.expect_download() as loading:
        watched.page.locator("a", has_text="draw-2026-001.zip").click()
    return Path(loading.value.path()).read_bytes()


def answer(page: Any) -> str:
    page.get_by_role("button", name="在本浏览器核验").click()
    page.wait_for_selector("output .verdict")
    return str(page.locator("output").inner_text())


def test_the_published_draw_is_verified_on_its_page(visitor: Visitor, site: Site) -> None:
    watched = visitor()
    watched.page.goto(site.url + "/public/draws/2026-001")
    said = answer(watched.page)
    found = verify.check_bundle(published(watched))
    assert "核验通过" in said and " ".join(found.line.split()) in said
    assert found.outcome.seed in said and found.commitment in said and found.public_value in said
    assert watched.faults == []


def test_another_commitment_obtained_elsewhere_is_a_difference(visitor: Visitor, site: Site) -> None:
    watched = visitor()
    watched.page.goto(site.url + "/public/draws/2026-001")
    watched.page.fill("#commitment", "0" * 64)
    assert "DIFFERENCE commitment.json digest" in answer(watched.page)


def test_a_chosen_file_is_read_without_being_sent(visitor: Visitor, site: Site) -> None:
    watched = visitor()
    watched.page.goto(site.url + "/public/draws/2026-001")
    files = bundle.unpack(published(watched))
    selection = frame.rows(files["selection.tsv"])
    first, second = next(selection)[2], next(selection)[2]
    swapped = files["selection.tsv"].replace(first.encode(), b"@").replace(second.encode(), first.encode()).replace(b"@", second.encode())
    watched.page.goto(site.url + "/public/verify")
    sent: list[str] = []
    watched.page.on("request", lambda request: sent.append(f"{request.method} {request.url}") if request.method != "GET" else None)
    for data, expected in (
        (bundle.build(files), "核验通过"),
        (bundle.build({**files, "selection.tsv": swapped}), "DIFFERENCE selection.tsv:2 differs"),
        (b"PK\x03\x04 not a bundle", "这不是抽取包"),
    ):
        watched.page.set_input_files("#bundle", {"name": "draw.zip", "mimeType": "application/zip", "buffer": data})
        assert expected in answer(watched.page)
        watched.page.evaluate("document.querySelector('output').replaceChildren()")
    assert sent == [] and watched.faults == []


def test_a_chosen_table_of_calls_or_swaps_is_checked_with_the_bundle(visitor: Visitor, site: Site) -> None:
    watched = visitor()
    watched.page.goto(site.url + "/public/draws/2026-001")
    data = published(watched)
    files = bundle.unpack(data)
    row = next(cells for cells in frame.rows(files["teams.tsv"]) if cells[2])
    swaps = bundle.table_bytes("swaps.tsv", [("1", row[0], row[1], row[2], "illness", "NOBODY", "2026-11-20T09:00:00+08:00")])
    watched.page.goto(site.url + "/public/verify")
    watched.page.set_input_files("#bundle", {"name": "draw.zip", "mimeType": "application/zip", "buffer": data})
    for table, content, expected in (
        ("calls", bundle.table_bytes("calls.tsv", []), "候补递补，均按名次"),
        ("swaps", bundle.table_bytes("swaps.tsv", []), "换人，均符合席位规则"),
        ("swaps", swaps, "DIFFERENCE swaps.tsv:2 unknown id"),
        ("calls", b"seq\n", "DIFFERENCE calls.tsv:1 header"),
    ):
        watched.page.set_input_files(f"#{table}", {"name": f"{table}.tsv", "mimeType": "text/tab-separated-values", "buffer": content})
        assert expected in answer(watched.page)
    assert watched.faults == []


def test_the_page_agrees_with_the_command_on_every_vector_refused_ones_included(visitor: Visitor, site: Site) -> None:
    """The same page of Chromium reads one bundle after the other; the command's first line stands in its answer, word for word."""
    watched = visitor()
    watched.page.goto(site.url + "/public/verify")
    expected = {name: (files_of(vector), vector["verify"]) for name, vector in BUNDLES.items()}
    expected |= {vector["name"]: (files_of(vector), vector["reason"]) for vector in VECTORS["refused"]}
    assert len(expected) > 40
    for name, (files, line) in expected.items():
        watched.page.set_input_files("#bundle", {"name": "draw.zip", "mimeType": "application/zip", "buffer": bundle.build(files)})
        said = " ".join(answer(watched.page).split())
        assert " ".join(line.split()) in said and ("核验通过" in said) == line.startswith("OK"), (name, line, said[:300])
        watched.page.evaluate("document.querySelector('output').replaceChildren()")
    assert watched.faults == []
