"""A bulletin never says more than its numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports import bulletin, charts, conclusions, documents, printed_text
from reports import content as c
from reports.errors import ReportError
from tests.reports import samples


def _pages(content) -> list[str]:
    return ["".join(lines) for lines in printed_text.read(documents.render(content)).pages()]


def _flow(content) -> str:
    """The running text without page numbers and feet, so that a sentence may cross a page."""
    own = ("审计链头", "内容摘要", "— ", content.imprint.number + "　")
    pages = printed_text.read(documents.render(content)).pages()
    return "".join(line for page in pages for line in page if not line.startswith(own))


def _with_total(verdict: str, **changes):
    content = samples.bulletin()
    return replace(content, total=replace(content.total, verdict=verdict), **changes)


def test_the_undecided_bulletin_says_so_and_not_attained():
    text = _flow(samples.bulletin())
    assert "尚不能判定是否达标" in text and "样本合格率低于目标值" in text
    assert "判定为达标" not in text and "判定为未达标" not in text
    assert "每100批约有1.4—4.2批不合格" in text


def test_the_undecided_sentence_names_the_side_of_the_point_estimate():
    low = replace(samples.bulletin().target, threshold="97%", threshold_ppm=970_000)
    assert "样本合格率不低于目标值" in conclusions.verdict_sentence(replace(samples.bulletin(), target=low))


def test_a_targeted_sampling_carries_its_sentence_and_no_verdict():
    content = _with_total("not_inferable", purpose="supervision", target=None)
    text = _flow(content)
    assert "不能据此推断市场上同类产品的总体合格水平" in text and "不可推断" in text
    assert "每100批" not in text
    with pytest.raises(ReportError) as caught:
        bulletin.render(_with_total("inconclusive", purpose="supervision"))
    assert caught.value.code == "bulletin-verdict"


@pytest.mark.parametrize(("verdict", "threshold"), [("attained", 980_000), ("not_attained", 970_000)])
def test_a_verdict_against_its_own_rate_is_refused(verdict, threshold):
    target = replace(samples.bulletin().target, threshold_ppm=threshold)
    with pytest.raises(ReportError) as caught:
        bulletin.render(_with_total(verdict, target=target))
    assert caught.value.code == "bulletin-verdict"


def test_a_rounded_rate_does_not_reach_the_target():
    row = samples.class_row("总计", 20_000, 401)
    assert row.pass_rate == "98.00%"
    assert not conclusions.point_attains(row, samples.bulletin().target)


def test_attained_and_missed_have_their_sentences():
    target = samples.bulletin().target
    lower = replace(target, threshold="90%", threshold_ppm=900_000)
    assert conclusions.verdict_sentence(_with_total("attained", target=lower)).endswith("判定为达标。")
    upper = replace(target, threshold="99.9%", threshold_ppm=999_000)
    assert conclusions.verdict_sentence(_with_total("not_attained", target=upper)).endswith("判定为未达标。")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tested": 561}, "bulletin-counts"),
        ({"failed": 15, "passed": 545}, "bulletin-rate"),
        ({"undetermined": -1}, "bulletin-counts"),
        ({"pass_rate": "97.6%"}, "bulletin-rate"),
        ({"verdict": "ok"}, "verdict-unknown"),
    ],
)
def test_contradicting_numbers_are_refused(change, code):
    content = samples.bulletin()
    with pytest.raises(ReportError) as caught:
        bulletin.render(replace(content, total=replace(content.total, **change)))
    assert caught.value.code == code


def test_totals_must_be_the_sum_of_the_classes():
    content = samples.bulletin()
    with pytest.raises(ReportError, match="不一致"):
        bulletin.render(replace(content, classes=content.classes[:-1]))


def test_more_failing_samples_than_counted_are_refused():
    rows = tuple(samples.failing_row(number) for number in range(15))
    with pytest.raises(ReportError, match="不合格信息表"):
        bulletin.render(samples.bulletin(failing=rows))


def test_undetermined_batches_have_a_column_of_their_own():
    content = samples.bulletin()
    first = replace(content.classes[0], tested=61, undetermined=1)
    total = replace(content.total, tested=561, undetermined=1)
    text = "".join(_pages(replace(content, classes=(first, *content.classes[1:]), total=total)))
    assert "未判定1批次" in text and "未判定批次" in text


def test_a_class_without_an_interval_is_called_not_estimable():
    content = samples.bulletin()
    first = replace(content.classes[0], interval=None, rate_ppm=None)
    assert "不可估计" in "".join(_pages(replace(content, classes=(first, *content.classes[1:]))))


def test_every_annex_page_repeats_the_header_and_no_row_is_lost_or_cut():
    content = samples.bulletin()
    rows = tuple(samples.failing_row(number, failures=("毒死蜱║0.21mg/kg║≤0.05mg/kg",) * (number % 4 + 1)) for number in range(1, 15))
    pages = [page for page in _pages(replace(content, failing=rows, passing=())) if "检验结果║标准值" in page]
    assert len(pages) > 1
    for row in rows:
        own = [page for page in pages if row.unit.replace("河北省", "")[-6:] in page and row.sample_number[-4:] in page]
        assert own
    assert sum(page.count("║0.21mg/kg║") for page in pages) == sum(len(row.failures) for row in rows)


def test_the_plain_separator_becomes_the_printed_one():
    content = replace(samples.bulletin(), failing=(samples.failing_row(1, failures=("铅‖0.5‖≤0.2",)),))
    assert "铅║0.5║≤0.2" in "".join(_pages(content))


def test_digest_version_and_head_stand_in_the_foot_of_every_page():
    content = samples.bulletin()
    from reports import content as c

    for page in _pages(content):
        assert c.digest(content) in page and content.imprint.audit_head in page
    assert content.data_digest in "".join(_pages(content))


def test_the_axis_of_the_chart_holds_all_rates_and_the_target():
    assert charts.ticks(948_000, 1_000_000)[0] <= 948_000
    for low in (0, 10, 499_999, 979_999, 999_000):
        marks = charts.ticks(low, 1_000_000)
        assert marks[0] <= low and marks[-1] == 1_000_000 and 2 <= len(marks) <= 9


def test_the_funnel_draws_every_point_with_its_own_shape():
    from reportlab.graphics import renderSVG

    from reports.content import Funnel, FunnelLimit, FunnelPoint

    limits = tuple(FunnelLimit(n, 5000, 40_000, 1000, 55_000) for n in (100, 400, 1000))
    points = (FunnelPoint("甲县", 505, 47_500, "outside998"), FunnelPoint("乙县", 290, 0, "outside95"), FunnelPoint("丙县", 1, 1_000_000))
    drawing = renderSVG.drawToString(charts.funnel(Funnel(21_320, limits, points)))
    for name in ("甲县", "乙县", "丙县", "检验批次数"):
        assert name in drawing
    assert drawing.count("<circle") == 1 and drawing.count("<polyline") == 4


COSMETICS = ("序号", "标示产品名称", "注册人/备案人", "包装规格", "标示批号", "限期使用日期", "检验机构名称", "不符合规定项目", "检验结果", "规定要求", "备注")


def test_other_trades_bring_their_own_columns():
    from reports.content import Listing

    row = ("1", "某防晒霜", "某公司", "50g", "A1", "2027-01-01", "某院", "甲基异噻唑啉酮", "检出", "不得检出", "")
    listing = Listing("不符合规定的化妆品信息", COSMETICS, (1, 3, 3, 2, 2, 2, 3, 3, 2, 2, 1), (row,))
    text = "".join(_pages(samples.bulletin(listings=(listing,))))
    assert "不符合规定的化妆品信息" in text and "甲基异噻唑啉酮" in text
    for wrong in (replace(listing, rows=(row[:-1],)), replace(listing, widths=(1,))):
        with pytest.raises(ReportError) as caught:
            bulletin.render(samples.bulletin(listings=(wrong,)))
        assert caught.value.code == "listing-shape"


def test_where_every_batch_passed_one_exact_end_is_printed_and_said_in_words():
    row = replace(samples.class_row("总计", 149, 0, ends=(980_095, 1_000_000)), interval=c.Interval(980_095, 1_000_000, "≥98.01%", True))
    text = _flow(replace(samples.bulletin(), classes=(replace(row, name="糕点"),), total=row, failing=(), passing=(), target=None, per_hundred=""))
    assert "样本合格率100.00%，单侧95%置信下限为98.01%" in text and "不说明合格率就是100%" in text and "置信区间为" not in text


def test_the_signature_stands_under_text_wherever_the_page_ends():
    for count in (2, 6, 7, 8):
        content = replace(samples.bulletin(), measures=("责令下架、封存不合格产品。",) * count)
        (page,) = [page for page in _pages(content) if "（印章）" in page]
        assert "特此通告" in page, count


def test_a_single_annex_has_no_number():
    whole = samples.bulletin()
    text = _flow(replace(whole, tested_items=(), passing=(), explanations=()))
    assert "附件：抽检不合格产品信息" in text and "附件1" not in text and "1．抽检" not in text
