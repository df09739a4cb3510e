"""Same content, same bytes: twice, in other processes, and through JSON."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from reports import canonical, documents
from reports import content as c
from reports.errors import ReportError
from tests.reports import samples

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import hashlib
from reports import documents
from tests.reports import samples
for content in samples.every():
    print(type(content).__name__, hashlib.sha256(documents.render(content)).hexdigest())
"""


def _digests(seed: str, zone: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_two_processes_with_other_hash_seeds_and_time_zones_print_the_same_bytes():
    first, second = _digests("1", "Asia/Shanghai"), _digests("4711", "America/New_York")
    assert first == second
    assert len(first.splitlines()) == len(samples.every())


def test_every_document_has_a_renderer_and_comes_back_from_json():
    contents = samples.every()
    assert {type(content) for content in contents} == set(documents.RENDERERS)
    for content in contents:
        data = c.to_json(content)
        assert documents.read(data) == content
        assert c.to_json(documents.read(data)) == data


def test_a_changed_content_has_another_digest_and_other_bytes():
    before, after = samples.notice(), samples.notice(visits_this_year=2)
    assert c.digest(before) != c.digest(after)
    assert documents.render(before) != documents.render(after)


def test_canonical_json_agrees_with_rfc_8785():
    import rfc8785

    for content in samples.every():
        tree = {"content": canonical.plain(content), "kind": type(content).__name__}
        assert c.to_json(content) == rfc8785.dumps(tree)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b'{"content":{"on":"2026-02-30","provisional":false},"kind":"Day"}', "on"),
        (b'{"content":{"on":"2026-02-03","provisional":0},"kind":"Day"}', "provisional"),
        (b'{"content":{"provisional":false},"kind":"Day"}', "on"),
        (b'{"content":{"on":"2026-02-03","x":1},"kind":"Day"}', "x"),
        (b'{"content":{"on":"2026-02-03"},"kind":"Notice"}', "kind"),
    ],
)
def test_a_content_that_does_not_fit_is_refused_with_its_place(data, word):
    with pytest.raises(ReportError) as caught:
        c.from_json(c.Day, data)
    assert caught.value.code == "content-shape" and word in str(caught.value)


@pytest.mark.parametrize("data", [b"[1]", b"\xff", b'{"a":1.5}', b'{"a":1,"a":2}', b'{"a":NaN}', b"{"])
def test_json_that_is_not_a_content_is_refused(data):
    with pytest.raises(ReportError):
        c.from_json(c.Day, data)


def test_floats_and_lone_surrogates_never_enter_a_content():
    with pytest.raises(ReportError, match="float"):
        c.to_json(c.Label("A1", payload=1.5))  # type: ignore[arg-type]
    with pytest.raises(ReportError) as caught:
        c.to_json(c.Label("A1", ("\ud800",)))
    assert caught.value.code == "content-surrogate"


def test_the_digest_covers_the_date():
    imprint = samples.IMPRINT
    assert c.digest(imprint) != c.digest(replace(imprint, issued_on=date(2026, 9, 7)))


def test_something_that_is_no_document_is_refused():
    with pytest.raises(ReportError) as caught:
        documents.render(samples.IMPRINT)
    assert caught.value.code == "content-kind"


def test_threads_that_print_at_once_do_not_mix_their_papers():
    from concurrent.futures import ThreadPoolExecutor

    contents = [samples.notice(addressee=f"第{number}公司𠮷") for number in range(12)] + samples.every()
    alone = [documents.render(content) for content in contents]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(documents.render, contents)) == alone
