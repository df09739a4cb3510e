"""Fetch the open fonts the documents are set in, cut them to the characters of the trade and write `reports/fonts`.

    python tools/fonts.py            # needs npm, apt-get, dpkg-deb and fonttools; run once per font upgrade

The result is checked in, so nobody needs a network to print. Every package is compared with its SHA-256 before it is
opened, and the written files are listed with theirs in `reports/fonts/fonts.lock`. The Noto fonts are cut (their licence
reserves no name of theirs); LXGW WenKai has reserved names and is shipped as it came.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

TARGET = Path(__file__).resolve().parent.parent / "reports" / "fonts"
NPM = {
    "@expo-google-fonts/noto-serif-sc@0.4.3": "ff6bcf5ba68d92dfecc05544bb150f9e724741a932354a0dd97e7289c40a3f5e",
    "@expo-google-fonts/noto-sans-sc@0.4.3": "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
}
DEBIAN = {"fonts-lxgw-wenkai": "6d1e4c4aac78ad32062aefa2c836ee4d6e58f9dcf8b3f4407c9eefe304615318"}


def is_han(code: int) -> bool:
    """Whether a code point is a Chinese character of any plane."""
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or code >= 0x20000


def encodable(code: int, encoding: str) -> bool:
    """Whether the national encoding knows the character."""
    try:
        chr(code).encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def wide(code: int) -> bool:
    """正文: all of GBK, every sign, and the characters beyond it that the national list of 2013 added."""
    return not 0x4E00 <= code <= 0x9FFF or encodable(code, "gbk") or code > 0x9FA5


def narrow(code: int) -> bool:
    """标题与黑体: GB 2312 and signs; a rarer character falls back to the body font."""
    return not is_han(code) or encodable(code, "gb2312")


def checked(path: Path, expected: str) -> Path:
    """Stop when a downloaded package is not the one that was reviewed."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise SystemExit(f"{path.name}: SHA-256 {found}, expected {expected}")
    return path


def fetch(folder: Path) -> None:
    """Download the packages and unpack what is needed from them."""
    for package, digest in NPM.items():
        subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        stem = package.lstrip("@").replace("/", "-").replace("@", "-")
        with tarfile.open(checked(folder / f"{stem}.tgz", digest)) as archive:
            archive.extractall(folder / stem.rsplit("-", 1)[0], filter="data")
    for package, digest in DEBIAN.items():
        subprocess.run(["apt-get", "download", package], cwd=folder, check=True, capture_output=True)
        (archive_path,) = folder.glob(f"{package}_*.deb")
        subprocess.run(["dpkg-deb", "-x", str(checked(archive_path, digest)), package], cwd=folder, check=True)


def cut(source: Path, target: Path, keep: Callable[[int], bool]) -> None:
    """Keep the wanted characters; drop hints and layout tables, which the PDF writer does not read."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "DSIG", "vhea", "vmtx", "VORG", "gasp", "meta"]
    options.name_IDs = ["*"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for code in font.getBestCmap() if keep(code)])
    subsetter.subset(font)
    font.save(target)


def written(folder: Path) -> Iterator[Path]:
    """Write the four fonts and the licence texts."""
    serif, sans = folder / "expo-google-fonts-noto-serif-sc", folder / "expo-google-fonts-noto-sans-sc"
    wenkai = folder / "fonts-lxgw-wenkai" / "usr" / "share"
    for source, name, keep in (
        (serif / "package/400Regular/NotoSerifSC_400Regular.ttf", "NotoSerifSC-Regular.ttf", wide),
        (serif / "package/900Black/NotoSerifSC_900Black.ttf", "NotoSerifSC-Black.ttf", narrow),
        (sans / "package/500Medium/NotoSansSC_500Medium.ttf", "NotoSansSC-Medium.ttf", narrow),
    ):
        cut(source, TARGET / name, keep)
        yield TARGET / name
    for source, name in (
        (wenkai / "fonts/truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf", "LXGWWenKai-Regular.ttf"),
        (wenkai / "doc/fonts-lxgw-wenkai/copyright", "LICENSE-LXGWWenKai.txt"),
        (serif / "package/LICENSE_FONT", "LICENSE-NotoSerifSC.txt"),
        (sans / "package/LICENSE_FONT", "LICENSE-NotoSansSC.txt"),
    ):
        shutil.copyfile(source, TARGET / name)
        yield TARGET / name


def main() -> int:
    """Fetch, cut, write and lock."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        fetch(Path(scratch))
        lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}" for path in written(Path(scratch))]
    (TARGET / "fonts.lock").write_text("\n".join(sorted(lines, key=lambda line: line[66:])) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
