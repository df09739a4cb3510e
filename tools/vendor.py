"""Fetch the front-end libraries that are checked in under inspection/static/vendor, from the npm registry.

Run it to move to other versions; the tests compare the files with manifest.json, so nothing changes unnoticed.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "inspection" / "static" / "vendor"
FILES = {
    "bootstrap@5.3.8": {
        "dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
        "dist/js/bootstrap.bundle.min.js": "bootstrap/bootstrap.bundle.min.js",
        "LICENSE": "bootstrap/LICENSE",
    },
    "htmx.org@2.0.8": {"dist/htmx.min.js": "htmx/htmx.min.js", "LICENSE": "htmx/LICENSE"},
    "fflate@0.8.3": {"umd/index.js": "fflate/fflate.js", "LICENSE": "fflate/LICENSE"},
    "axe-core@4.11.0": {"axe.min.js": "../../../tests/browser/vendor/axe.min.js", "LICENSE": "../../../tests/browser/vendor/LICENSE-axe-core"},
}


def main() -> None:
    """Download every package, copy the listed files, write the manifest."""
    manifest = {}
    for package, files in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            name = subprocess.run(
                ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True
            ).stdout.split()[-1]
            with tarfile.open(Path(folder) / name) as archive:
                for source, target in files.items():
                    member = archive.extractfile(f"package/{source}")
                    assert member is not None
                    data = member.read()
                    path = (TARGET / target).resolve()
                    path.parent.mkdir(parents=True, exist_ok=True)
                    # source maps are not shipped, so the comment that points to them would be a broken request
                    data = b"\n".join(line for line in data.split(b"\n") if b"sourceMappingURL=" not in line)
                    path.write_bytes(data)
                    manifest[str(path.relative_to(ROOT))] = {"package": package, "sha256": hashlib.sha256(data).hexdigest()}
    (TARGET / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
