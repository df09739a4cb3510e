"""Every vector of the protocol: bundles rebuilt to the byte, refused ones refused for the stated reason."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sampling import bundle, draw, verify
from sampling.frame import Difference

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent.parent / "golden" / "draw_vectors.json").read_text(encoding="utf-8"))
BUNDLES = {vector["name"]: vector for vector in VECTORS["bundles"]}


def files_of(vector: dict[str, Any]) -> dict[str, bytes]:
    base = BUNDLES[vector["base"]]["files"] if "base" in vector else {}
    texts = {**base, **vector.get("files", {}), **vector.get("files_changed", {})}
    return {name: text.encode("utf-8", "surrogatepass") for name, text in texts.items()}


@pytest.mark.parametrize("name", BUNDLES)
def test_a_published_bundle_is_rebuilt_to_the_byte(name: str) -> None:
    vector = BUNDLES[name]
    files = files_of(vector)
    found = verify.check_bundle(bundle.build(files))
    assert found.outcome.seed == vector["S"]
    assert found.line == vector["verify"]
    assert found.outcome.files() == {name: files[name] for name in ("selection.tsv", "teams.tsv")}


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda v: v["name"])
def test_a_wrong_bundle_is_refused_for_the_stated_reason(vector: dict[str, Any]) -> None:
    with pytest.raises(Difference) as caught:
        verify.check_files(files_of(vector))
    where, line = caught.value.file, caught.value.line
    assert f"DIFFERENCE {where}{'' if line is None else f':{line}'} {caught.value.check}" == vector["reason"]


def test_the_ranking_of_a_hundred_thousand_ids() -> None:
    vector = VECTORS["ranking_100k"]
    ranked = [id_ for _, id_ in draw.rank_srs(vector["S"], (f"{i:018d}" for i in range(100_000)))]
    assert ranked[:3] == vector["first"] and ranked[-1] == vector["last"]
    joined = "".join(f"{id_}\n" for id_ in ranked).encode()
    assert hashlib.sha256(joined).hexdigest() == vector["digest_of_ids_joined_by_newline_with_final_newline"]


def test_the_command_says_ok_difference_or_not_a_bundle(tmp_path: Path) -> None:
    files = files_of(BUNDLES["2026-002"])
    good, bad, other = tmp_path / "good.zip", tmp_path / "bad.zip", tmp_path / "other.zip"
    good.write_bytes(bundle.build(files))
    bad.write_bytes(bundle.build({**files, "frame.tsv": files["frame.tsv"].replace(b"ok", b"CAP", 1)}))
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("frame.tsv", files["frame.tsv"])
    for path, code, start in ((good, 0, "OK  draw 2026-002"), (bad, 1, "DIFFERENCE frame.tsv digest"), (other, 2, "NOT A BUNDLE")):
        done = subprocess.run([sys.executable, "-m", "sampling", "verify", str(path)], capture_output=True, text=True)
        assert (done.returncode, done.stdout.startswith(start)) == (code, True), done.stdout + done.stderr


def test_a_commitment_obtained_elsewhere_is_compared() -> None:
    data = bundle.build(files_of(BUNDLES["2026-001"]))
    own = verify.check_bundle(data).commitment
    assert verify.check_bundle(data, own).commitment == own
    with pytest.raises(Difference):
        verify.check_bundle(data, "0" * 64)


def test_drawing_needs_no_numerical_library() -> None:
    code = "import sys, sampling.draw, sampling.verify, sampling.teams; print([m for m in ('numpy', 'scipy') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize("change", ["prefix", "suffix", "comment", "extra", "missing", "twice"])
def test_an_archive_with_anything_else_is_not_a_bundle(change: str, tmp_path: Path) -> None:
    files = files_of(BUNDLES["2026-001"])
    data = bundle.build(files)
    path = tmp_path / "x.zip"
    path.write_bytes(data)
    if change == "prefix":
        data = b"x" + data
    elif change == "suffix":
        data += b"x"
    elif change == "missing":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("rule.json", b"{}")
        data = path.read_bytes()
    else:
        with zipfile.ZipFile(path, "a") as archive:
            if change == "comment":
                archive.comment = b"hello"
            elif change == "extra":
                archive.writestr("notes.txt", b"x")
            else:
                with pytest.warns(UserWarning):
                    archive.writestr("rule.json", files["rule.json"])
        data = path.read_bytes()
    with pytest.raises(bundle.NotABundle):
        bundle.unpack(data)


def test_the_single_file_verifier_is_current_and_agrees_on_every_vector(tmp_path: Path) -> None:
    import runpy

    tool = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "single_file_verify.py"))
    path: Path = tool["TARGET"]
    assert path.read_text(encoding="utf-8") == tool["build"](), "run tools/single_file_verify.py"
    target = tmp_path / "bundle.zip"
    cases = [(files_of(v), v["verify"]) for v in VECTORS["bundles"][:2]] + [(files_of(v), v["reason"]) for v in VECTORS["refused"]]
    script = tmp_path / "verify.py"
    script.write_bytes(path.read_bytes())
    for files, expected in cases:
        target.write_bytes(bundle.build(files))
        done = subprocess.run([sys.executable, "-I", str(script), str(target)], capture_output=True, text=True, cwd=tmp_path)
        assert done.stdout.startswith(expected), (expected, done.stdout, done.stderr)
