"""对比一页: funnel of regions or laboratories, the table beneath it, and the refusal of bare ranks."""

from __future__ import annotations

from reports import charts, pdf, wording
from reports.content import Comparison
from reports.draw_tables import listing
from reports.errors import ReportError
from reports.measures import BODY, NOTE, TITLE
from reports.press import Block, Section
from reports.result_notice import PAPER
from reports.text import Paragraph

TEXT = BODY.but(size=11, pitch=17, indent=22, tracking=0.0)
NO_RANKS = "点的高低含有抽样误差；除界限以外的点，其余各点之间不能排出先后。偏低的点不等于质量更好，应先核查检验能力、品种构成和项目数。"
FLAGS = ("", "outside95", "outside998")


def check(content: Comparison) -> None:
    """Refuse a funnel and a table that speak of different things.

    Raises
    ------
    ReportError
        ``comparison-points`` naming the first row that has no point, or other counts.
    """
    points = {point.name: point for point in content.funnel.points}
    for row in content.rows:
        point = points.get(row.name)
        if point is None or point.tested != row.tested or point.flag not in FLAGS:
            raise ReportError("comparison-points", f"“{row.name}”在图中没有相应的点，或批次数不同；请由同一份数据生成图和表。")
    if len(points) != len(content.rows):
        raise ReportError("comparison-points", "漏斗图的点与对比表的行数不同；请由同一份数据生成图和表。")


def render(content: Comparison) -> bytes:
    """The page as PDF."""
    check(content)
    rows = [(row.name, str(row.tested), str(row.failed), row.fail_rate, row.interval, row.standing) for row in content.rows]
    total = sum(row.tested for row in content.rows), sum(row.failed for row in content.rows)
    rows.append(("合计", str(total[0]), str(total[1]), wording.percent(total[1], total[0]), "—", "—"))
    heads = ("地区（机构）", "检验批次", "不合格批次", "不合格率", "95%置信区间", "与总体比较")
    legend = "实线为99.8%界限，虚线为95%界限，横线为总体不合格率；■超出99.8%界限，◇超出95%界限，●在界限以内。"
    blocks: list[Block] = [
        Paragraph(content.title, TITLE.but(size=18, pitch=27)),
        Paragraph(f"{content.imprint.authority}　{content.period}", NOTE.but(align="center", after=2)),
        charts.as_block(charts.funnel(content.funnel, PAPER.column)),
        Paragraph(f"{legend}{content.caption}", NOTE.but(after=6)),
        listing(heads, (36, 20, 22, 22, 30, 26), rows),
        *(Paragraph(text, TEXT) for text in (*content.notes, NO_RANKS)),
        Paragraph(f"数据版本：{content.data_version}；数据摘要（SHA-256）：{content.data_digest}。", NOTE.but(before=8, align="left")),
    ]
    return pdf.single(content, content.title, [Section(PAPER, blocks)])
