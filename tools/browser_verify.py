"""Write inspection/static/draw/characters.js, the one table that the verifier in the browser shares with `sampling.characters`."""

from __future__ import annotations

import textwrap
from pathlib import Path

from sampling import characters

TARGET = Path(__file__).resolve().parent.parent / "inspection" / "static" / "draw" / "characters.js"
HEAD = """// Characters that no text of the draw protocol may hold (Unicode 15.0); made from sampling/characters.py by tools/browser_verify.py.
"use strict";
(globalThis.hengjian = globalThis.hengjian || {}).FORBIDDEN =
"""


def text() -> str:
    """The file as it must be."""
    lines = textwrap.wrap(characters._RANGES.strip(), 118)
    quoted = [f'  "{line} "' for line in lines[:-1]] + [f'  "{lines[-1]}"']
    return HEAD + " +\n".join(quoted) + ";\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
