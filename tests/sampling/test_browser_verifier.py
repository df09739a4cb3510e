"""The verifier in the browser says the same as the command: every vector, every kind of damage. Its engine runs here in Node."""

from __future__ import annotations

import base64
import io
import json
import random
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sampling import bundle, seed, verify
from sampling.frame import Difference
from tests.sampling.test_draw_vectors import BUNDLES, VECTORS, files_of
from tools import browser_verify

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "inspection" / "static" / "draw"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed; it runs the browser's verifier outside a browser")


def in_node(cases: list[dict[str, Any]], tmp_path: Path) -> dict[str, str]:
    """What the browser's verifier says of every case."""
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases), encoding="utf-8")
    command = [str(NODE), str(ROOT / "tests" / "browser" / "verify_in_node.js"), str(FOLDER), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def case(name: str, files: dict[str, bytes], **more: str) -> dict[str, Any]:
    return {"name": name, "files": {file: base64.b64encode(data).decode() for file, data in files.items()}, **more}


def by_command(files: dict[str, bytes], commitment: str | None = None) -> str:
    """The first line that the command prints, without its free words."""
    try:
        return verify.check_files(files, commitment).line
    except Difference as error:
        return f"DIFFERENCE {error.file}{'' if error.line is None else f':{error.line}'} {error.check}"


@needs_node
def test_every_vector_has_the_same_answer(tmp_path: Path) -> None:
    cases = [case(name, files_of(vector)) for name, vector in BUNDLES.items()]
    cases += [case(vector["name"], files_of(vector)) for vector in VECTORS["refused"]]
    answers = in_node(cases, tmp_path)
    for name, vector in BUNDLES.items():
        assert (answers[name], answers[f"{name} S"]) == (vector["verify"], vector["S"])
    assert {v["name"]: answers[v["name"]] for v in VECTORS["refused"]} == {v["name"]: v["reason"] for v in VECTORS["refused"]}


def damaged(files: dict[str, bytes], dice: random.Random) -> dict[str, bytes]:
    """The bundle with one file damaged somewhere."""
    name = dice.choice(sorted(files))
    data = bytearray(files[name])
    at = dice.randrange(len(data))
    match dice.randrange(6):
        case 0:
            data[at] = dice.randrange(256)
        case 1:
            del data[at : at + dice.randrange(1, 9)]
        case 2:
            data[at:at] = dice.choice([b"\t", b"\n", b" ", b"0", "盐".encode(), "\U0001f600".encode(), b"\xed\xa0\x80", "\u3164".encode()])
        case 3:
            lines = bytes(data).split(b"\n")
            i, j = dice.randrange(len(lines)), dice.randrange(len(lines))
            lines[i], lines[j] = lines[j], lines[i]
            data = bytearray(b"\n".join(lines))
        case 4:
            data = bytearray(bytes(data).replace(dice.choice([b"1", b"A", b"ok", b"2026", b"true", b'"']), dice.choice([b"2", b"B", b"CAP", b"1.0", b"null", b"01"]), 1))
        case _:
            data = data + dice.choice([b"\n", b" ", b"x\n"])
    return {**files, name: bytes(data)}


def resealed(files: dict[str, bytes]) -> dict[str, bytes]:
    """With the digests of the commitment and the reveal made to fit again, so that later checks are reached."""
    try:
        promised = seed.read_json("commitment.json", files["commitment.json"])
        promised["files"] = {name: verify.frame.digest(files[name]) for name in seed.COMMITTED}
        commitment = seed.canonical(promised)
        revealed = seed.read_json("reveal.json", files["reveal.json"])
        revealed["commitment"] = verify.frame.digest(commitment)
    except Difference:
        return files
    return {**files, "commitment.json": commitment, "reveal.json": seed.canonical(revealed)}


@needs_node
def test_a_thousand_damaged_bundles_have_the_same_first_difference(tmp_path: Path) -> None:
    dice = random.Random(20261126)
    cases, expected = [], {}
    for i in range(1000):
        files = damaged(files_of(BUNDLES[dice.choice(sorted(BUNDLES))]), dice)
        if dice.random() < 0.6:
            files = resealed(files)
        cases.append(case(str(i), files))
        expected[str(i)] = by_command(files)
    answers = in_node(cases, tmp_path)
    assert {name: answers[name] for name in expected} == expected
    assert len(set(expected.values())) > 60  # the damage reaches many different checks


NUMBERS = ["1.0", "1.5", "1.50", "1e5", "1e-7", "-0", "-1", "9007199254740991", "9007199254740992", "12345678901234567890", "NaN", "Infinity", "1E400"]


@needs_node
@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_of_json_are_read_alike(number: str, tmp_path: Path) -> None:
    files = files_of(BUNDLES["2026-002"])
    member = b'"reserve":' + str(json.loads(files["rule.json"])["strata"]["A"]["reserve"]).encode()
    assert member in files["rule.json"]
    files["rule.json"] = files["rule.json"].replace(member, b'"reserve":' + number.encode(), 1)
    assert in_node([case("n", files)], tmp_path) == {"n": by_command(files)}


@needs_node
def test_a_commitment_obtained_elsewhere_is_compared(tmp_path: Path) -> None:
    files = files_of(BUNDLES["2026-002"])
    own = verify.frame.digest(files["commitment.json"])
    answers = in_node([case("same", files, commitment=own.upper()), case("other", files, commitment="0" * 64)], tmp_path)
    assert answers["same"].startswith("OK") and answers["other"] == by_command(files, "0" * 64) == "DIFFERENCE commitment.json digest"


def _rezipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"", more: tuple[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        if more:
            archive.writestr(*more)
        archive.comment = comment
    return out.getvalue()


@needs_node
def test_the_zip_is_judged_alike(tmp_path: Path) -> None:
    files = files_of(BUNDLES["2026-002"])
    good = bundle.build(files)
    flipped = bytearray(good)
    flipped[60] ^= 1
    zips = {
        "built": good,
        "stored": _rezipped(files, method=zipfile.ZIP_STORED),
        "bzip2": _rezipped(files, method=zipfile.ZIP_BZIP2),
        "comment": _rezipped(files, comment=b"x"),
        "one more": _rezipped(files, more=("note.txt", b"x")),
        "twice": _rezipped(files, more=("rule.json", files["rule.json"])),
        "one less": _rezipped({name: data for name, data in files.items() if name != "teams.tsv"}),
        "before": b"x" + good,
        "after": good + b"x",
        "flipped": bytes(flipped),
        "cut": good[:-30],
        "empty": b"",
        "text": b"hello, this is not a zip at all, but long enough",
    }
    answers = in_node([{"name": name, "zip": base64.b64encode(data).decode()} for name, data in zips.items()], tmp_path)
    for name, data in zips.items():
        try:
            expected = verify.check_bundle(data).line
        except bundle.NotABundle:
            expected = "NOT A BUNDLE"
        assert answers[name] == expected, name


def test_the_table_of_characters_is_that_of_the_package() -> None:
    assert (FOLDER / "characters.js").read_text(encoding="utf-8") == browser_verify.text()
