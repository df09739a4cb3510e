"""Pages after GB/T 9704-2012, lines after the rules of Chinese composition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.units import mm

from reports import content as c
from reports import documents, fonts, printed_text
from reports.errors import ReportError
from reports.forms import ticked
from reports.grid import Cell, Table
from reports.measures import BODY, PORTRAIT
from reports.text import Style, break_lines
from tests.reports import samples

CHARS = st.sampled_from("抽检结果合格的产品，。、；：？！”“》《（）〔〕—…%‰0123456789ABCxyz.- 𠮷")


def _pages(content) -> list[list[str]]:
    return printed_text.read(documents.render(content)).pages()


@settings(max_examples=300, deadline=None)
@given(st.text(CHARS, min_size=1, max_size=160), st.integers(60, 400))
def test_lines_keep_every_character_and_fit(text, width):
    lines = break_lines([(text, "song")], Style(size=10), width)
    joined = "".join(piece for line in lines for _, piece in line.pieces)
    assert joined.replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert line.width <= width + 5.01


CLOSING, OPENING = "，。、；：？！”’》〉）】〕」』…％", "“‘《〈（【〔「『"


PHRASES = st.lists(
    st.tuples(st.text(st.sampled_from("抽检结果合格的"), min_size=1, max_size=13), st.sampled_from(CLOSING + OPENING)), min_size=1, max_size=12
)


@settings(max_examples=300, deadline=None)
@given(PHRASES.map(lambda phrases: "".join(words + mark for words, mark in phrases) + "国"))
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text):
    lines = ["".join(piece for _, piece in line.pieces) for line in break_lines([(text, "song")], Style(size=10), 105)]
    for line in lines[1:]:
        assert line[0] not in CLOSING, lines
    for line in lines[:-1]:
        assert line[-1] not in OPENING, lines


@pytest.mark.parametrize("mark", CLOSING)
def test_a_closing_mark_that_would_begin_a_line_is_taken_along(mark):
    lines = ["".join(piece for _, piece in line.pieces) for line in break_lines([("国" * 10 + mark + "国", "song")], Style(size=10), 100)]
    assert lines in (["国" * 9, f"国{mark}国"], ["国" * 10 + mark, "国"])


def test_numbers_and_codes_stay_whole():
    lines = break_lines([("统一社会信用代码91130534MA0EXAMPLE", "song")], Style(size=10), 120)
    assert ["".join(piece for _, piece in line.pieces) for line in lines][1] == "91130534MA0EXAMPLE"


def test_the_type_area_is_the_national_one():
    assert pytest.approx(156 * mm) == PORTRAIT.column
    assert pytest.approx(225 * mm) == PORTRAIT.depth
    assert int(PORTRAIT.depth / BODY.pitch + 0.01) == 22
    width = fonts.width("国" * 28, BODY.face, BODY.size) + 28 * BODY.tracking
    assert width == pytest.approx(PORTRAIT.column, abs=0.3)
    assert len(break_lines([("国" * 28, BODY.face)], BODY.but(indent=0), PORTRAIT.column)) == 1


def test_the_signature_never_stands_alone_on_a_page():
    for count in range(1, 14):
        duties = tuple(f"第{number}项义务：请予以配合，如实提供有关材料，拒绝、阻碍检查的依法处理。" for number in range(count))
        for page in _pages(samples.notice(duties=duties)):
            if "2026年9月6日" in page:
                assert page.index("2026年9月6日") >= 2


def test_copies_are_marked_and_numbered_on_their_own():
    pages = _pages(samples.sheet())
    assert len(pages) == 4
    holders = ("组织抽样部门", "核查处置部门", "抽样单位", "被抽样单位")
    for number, (page, holder) in enumerate(zip(pages, holders, strict=True)):
        assert f"第{'一二三四'[number]}联（共四联）　{holder}存" in page


def test_an_empty_field_is_a_stroke_on_a_finished_form_and_blank_on_one_to_fill_in():
    assert "／" in _pages(samples.sheet())[0]
    assert "／" not in _pages(samples.sheet(blank=True, serial="1"))[0]


def test_an_unknown_stage_is_refused_and_an_unknown_place_is_named_as_other():
    with pytest.raises(ReportError) as caught:
        documents.render(samples.sheet(stage="运输"))
    assert caught.value.code == "stage-unknown"
    assert ticked("夜市", ("超市", "其他")) == "□超市 ■其他（夜市）"


def test_a_provisional_date_marks_itself_and_the_paper():
    day = c.Day(date(2027, 2, 12), provisional=True)
    marked = "".join(_pages(samples.notice(ends=day))[0])
    assert "2027年2月12日※" in marked and "节假日安排未公布" in marked
    assert "节假日安排未公布" not in "".join(_pages(samples.notice())[0])


def test_a_demonstration_paper_says_so_on_every_page():
    for page in _pages(samples.bulletin(imprint=replace(samples.IMPRINT, demo=True))):
        assert "演示" in page and "演示数据，不具有法律效力" in page
    assert not any("演示" in page for page in _pages(samples.bulletin()))


def test_a_volume_keeps_number_and_digest_of_each_notice():
    notices = tuple(samples.notice(addressee=f"第{number}公司") for number in range(3))
    pages = _pages(c.NoticeVolume(notices))
    for page, item in zip(pages, notices, strict=True):
        assert "— 1 —" in page and any(c.digest(item) in line for line in page)


def test_covered_rows_stay_together_and_a_giant_row_is_broken_by_lines():
    style = Style(size=10, pitch=12)
    body = [[Cell("甲", style, rows=2), Cell("1", style)], [Cell("2", style)], [Cell("乙", style), Cell("3", style)]]
    table = Table([50, 50], [[Cell("头", style), Cell("头", style)]], body)
    first, second = table.split(100, 16 * 3 + 1)
    assert first.height(100) == 48 and second.height(100) == 32
    assert table.split(100, 16 * 2 + 1) is None
    giant = "很长的说明" * 900
    text = "".join("".join(page) for page in _pages(samples.bulletin(failing=(samples.failing_row(1, remark=giant),))))
    assert text.count("很长的说明"[0]) == 900


def test_an_allocation_that_does_not_add_up_is_refused():
    content = samples.plan_notice(3, 4)
    wrong = replace(content.allocation, total=content.allocation.total + 1)
    with pytest.raises(ReportError) as caught:
        documents.render(replace(content, allocation=wrong))
    assert caught.value.code == "allocation-margins"


def test_the_certificate_lists_every_unit_and_the_void_attempt():
    text = "".join("".join(page) for page in _pages(samples.certificate(60)))
    assert all(f"9113053400{number:06d}" in text for number in range(1, 61))
    assert "随机源停售一期" in text and "作废" in text and text.count(samples.HEX) >= 60


def test_a_rejected_sample_needs_a_reason():
    row = c.HandoverRow("S1", "面粉", "2件", decision="拒收")
    with pytest.raises(ReportError) as caught:
        documents.render(samples.handover(rows=(row,)))
    assert caught.value.code == "handover-reason"


@pytest.mark.parametrize("preset", ["60x40", "50x30", "40x30", "70x50", "a4-3x8", "a4-2x7"])
def test_label_presets_have_their_size_and_place_all_labels(preset):
    from io import BytesIO

    from pypdf import PdfReader

    from reports import labels

    form = labels.PRESETS[preset]
    data = documents.render(samples.label_sheet(preset, 30))
    pages = PdfReader(BytesIO(data)).pages
    assert len(pages) == -(-30 // form.places)
    assert float(pages[0].mediabox.width) == pytest.approx(form.paper[0] * mm, abs=0.1)
    text = "".join("".join(page) for page in printed_text.read(data).pages())
    assert all(f"SC2613053403{number:04d}" in text for number in range(1, 31))


def test_a_label_code_must_fit_the_bar_code():
    with pytest.raises(ReportError) as caught:
        documents.render(c.LabelSheet("60x40", (c.Label("样品1"),)))
    assert caught.value.code == "label-code"
    with pytest.raises(ReportError, match="60x40"):
        documents.render(c.LabelSheet("61x40", (c.Label("A1"),)))


def test_a_letter_carries_its_facts_deadline_boxes_and_slip():
    text = "".join("".join(page) for page in _pages(samples.letter()))
    for words in ("责令改正通知书", "李𠮷䶮", "2026年11月30日", "负责人审批", "责令改正通知书回执", "附件：检验报告"):
        assert words in text
    plain = samples.letter(facts=(), deadline=None, approvals=(), receipt=(), contact=None, addressees=())
    assert "回执" not in "".join(_pages(plain)[0])


def test_the_funnel_and_its_table_must_be_of_the_same_data():
    content = samples.comparison()
    text = "".join("".join(page) for page in _pages(content))
    assert "不能排出先后" in text and "2.13%" in text and "5300" in text
    with pytest.raises(ReportError) as caught:
        documents.render(replace(content, rows=content.rows[1:]))
    assert caught.value.code == "comparison-points"
    with pytest.raises(ReportError, match="A县"):
        documents.render(replace(content, rows=(replace(content.rows[0], tested=1), *content.rows[1:])))


def test_the_folder_of_the_fonts_does_not_change_the_bytes(tmp_path, monkeypatch):
    import shutil

    for name in ("HENGJIAN_FONT_DIR", "HENGJIAN_PDF_FONT_FANGSONG"):
        monkeypatch.setenv(name, "")
    before = documents.render(samples.notice())
    for source in fonts.SHIPPED.glob("*.ttf"):
        shutil.copy(source, tmp_path)
    try:
        fonts.configure(str(tmp_path))
        assert documents.render(samples.notice()) == before
    finally:
        fonts.configure()


def test_every_copy_counts_its_own_pages():
    pages = _pages(samples.handover())
    assert len(pages) == 2 and all("— 1 —" in page for page in pages)


def test_a_sheet_of_an_online_purchase_made_to_order_still_fits_one_page_per_copy():
    online = c.OnlineOrder("某平台", "91130534MA0EXAMPLE", "某店", "https://shop.example/1", "2026091600001")
    content = samples.sheet(online=online, entruster=c.Contact("某委托企业", "某地", "某人", "0319"), deliver_by=c.Day(date(2027, 2, 12), True))
    assert len(_pages(content)) == len(content.copies)


@pytest.mark.parametrize(("text", "width"), [("告〔2026〕1号", 35), ("铅≤0.5mg/kg", 45), ("约10/20/<10/2.2×10²/1.0E2", 70)])
def test_a_bracket_or_a_comparison_stays_with_its_number_even_in_a_narrow_cell(text, width):
    lines = ["".join(piece for _, piece in line.pieces) for line in break_lines([(text, "song")], Style(size=10), width)]
    assert len(lines) > 1
    assert not any(line[-1] in "〔≤<×" for line in lines[:-1]), lines
