"""Names are text: nothing in a name is an instruction, and no character is lost without a trace."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from reports import documents, fonts
from tests.reports import samples

NASTY = [
    "</para><img src=\"http://127.0.0.1:9/x.png\"/>食品",
    "<a href='file:///etc/passwd'>链接</a>公司",
    "<font size=99>大</font>&amp;&lt;小&gt;",
    "%(name)s {0} ${HOME} %s\\n\\050(()",
    "𠮷野家（䶮店）𬭚𰻞",
    "A/Bé—“引号”’‘…·",
    "一" * 120,
    "W" * 300,
]


def _text(data: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", NASTY)
def test_the_text_layer_holds_the_name_exactly(name):
    data = documents.render(samples.notice(addressee=name))
    assert _bare(name) in _bare(_text(data))


@pytest.mark.parametrize("name", NASTY[:4])
def test_no_link_no_image_no_action_comes_from_a_name(name):
    reader = PdfReader(BytesIO(documents.render(samples.sheet(remark=name))))
    for page in reader.pages:
        assert "/Annots" not in page
        assert "/XObject" not in page["/Resources"]
    assert "/OpenAction" not in reader.trailer["/Root"]


@pytest.mark.parametrize("char", ["😀", "\u202e", "\x00", "\u200d", "\ufeff", "\u3164", "\ue000"])
def test_what_cannot_be_drawn_or_seen_is_marked(char):
    mark = f"U+{ord(char):04X}"
    assert fonts.missing_glyphs(f"甲{char}乙{char}") == [char]
    assert mark in _text(documents.render(samples.notice(addressee=f"甲{char}乙")))


def test_every_font_is_embedded_and_maps_back_to_text():
    for content in samples.every():
        for page in PdfReader(BytesIO(documents.render(content))).pages:
            for font in page["/Resources"]["/Font"].values():
                entry = font.get_object()
                assert "/FontFile2" in entry["/FontDescriptor"], entry["/BaseFont"]
                assert "/ToUnicode" in entry


def test_all_national_characters_have_a_glyph():
    level = [bytes([high, low]).decode("gbk", "ignore") for high in range(0x81, 0xFE) for low in range(0x40, 0xFF)]
    han = "".join(char for char in level if len(char) == 1 and 0x4E00 <= ord(char) <= 0x9FA5)
    assert len(han) > 20_000
    assert fonts.missing_glyphs(han) == []
    assert fonts.missing_glyphs("㛃䶮𬭸𫟹𬱖喆堃镕𠮷①②№㎡℃≤≥±×‰║‖〔〕□■※") == []


def test_a_missing_font_stops_the_document_with_a_clear_message(monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "SHIPPED", tmp_path)
    monkeypatch.setattr(fonts, "_LOADED", {})
    with pytest.raises(fonts.ReportError, match=r"NotoSerifSC-Regular\.ttf") as caught:
        fonts.check()
    assert caught.value.code == "font-missing"


def test_a_font_of_the_wrong_kind_is_named(monkeypatch, tmp_path):
    (tmp_path / "FangSong.ttf").write_bytes(b"OTTO not a truetype font")
    monkeypatch.setenv("HENGJIAN_FONT_DIR", str(tmp_path))
    monkeypatch.setattr(fonts, "_LOADED", {})
    with pytest.raises(fonts.ReportError) as caught:
        fonts.check()
    assert caught.value.code == "font-unreadable" and "FangSong.ttf" in str(caught.value)


def test_the_shipped_fonts_are_the_locked_ones():
    import hashlib

    for line in (fonts.SHIPPED / "fonts.lock").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((fonts.SHIPPED / name).read_bytes()).hexdigest() == digest, name


def test_an_office_may_name_its_own_fangsong_and_a_wrong_path_is_refused(monkeypatch, tmp_path):
    for name in ("HENGJIAN_FONT_DIR", "HENGJIAN_PDF_FONT_FANGSONG"):
        monkeypatch.setenv(name, "")
    try:
        before = fonts.fingerprint()
        fonts.configure(fangsong=str(fonts.SHIPPED / "LXGWWenKai-Regular.ttf"))
        reader = PdfReader(BytesIO(documents.render(samples.bulletin())))
        names = {font["/BaseFont"] for font in reader.pages[0]["/Resources"]["/Font"].values()}
        assert any("LXGWWenKai" in name for name in names) and fonts.fingerprint() != before
        fonts.configure(fangsong=str(tmp_path / "none.ttf"))
        with pytest.raises(fonts.ReportError, match="pdf_font_fangsong"):
            fonts.check()
    finally:
        fonts.configure()
    assert fonts.fingerprint() == before
