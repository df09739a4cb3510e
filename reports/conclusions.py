"""结论用语: which sentence may stand beside which numbers, and the refusals.

A target is attained only by its lower bound, missed only by its upper bound; in between nothing is decided. Targeted
supervision sampling speaks for the tested batches and for nothing else, so no verdict on a target may stand in it.
"""

from __future__ import annotations

from reports import wording
from reports.content import Bulletin, ClassRow, Target
from reports.errors import ReportError

MILLION = 1_000_000
PURPOSES = ("evaluative", "supervision")
TARGETED = (
    "本次抽检属于针对性监督抽检，样品按风险和问题导向选取，不是按概率抽样取得；上述比率只说明本次所抽批次，"
    "不能据此推断市场上同类产品的总体合格水平，也不作达标判定（不可推断）。"
)


def point_attains(row: ClassRow, target: Target) -> bool:
    """Whether the share of passed among the determined reaches the target, decided on integers."""
    return row.passed * MILLION >= target.threshold_ppm * (row.passed + row.failed)


def verdict_sentence(bulletin: Bulletin) -> str:
    """The one sentence about the target; empty when there is none.

    Notes
    -----
    达标 is said only for ``attained``; 尚不能判定 names on which side of the target the point estimate lies.
    """
    target, total = bulletin.target, bulletin.total
    if bulletin.purpose == "supervision":
        return TARGETED
    if target is None:
        return ""
    value = f"；单侧检验p值为{target.p_value}" if target.p_value else ""
    opening = f"对照“{target.name}”目标（不低于{target.threshold}，{target.source}）："
    if total.verdict == "attained":
        return f"{opening}{target.confidence}置信下限不低于目标值{value}，判定为达标。"
    if total.verdict == "not_attained":
        return f"{opening}{target.confidence}置信上限低于目标值{value}，判定为未达标。"
    if total.verdict == "inconclusive":
        side = "不低于" if point_attains(total, target) else "低于"
        return f"{opening}样本合格率{side}目标值，但置信界限包含目标值{value}，按{target.confidence}置信要求尚不能判定是否达标。"
    return f"{opening}现有数据不可推断，不作达标判定。"


def check(bulletin: Bulletin) -> None:
    """Refuse a bulletin whose numbers or verdicts contradict each other.

    Raises
    ------
    ReportError
        ``bulletin-purpose``, ``bulletin-counts``, ``bulletin-rate`` or ``bulletin-verdict``; the message names the row.
    """
    if bulletin.purpose not in PURPOSES:
        raise ReportError("bulletin-purpose", f"不认识的抽检目的 {bulletin.purpose}；可用：{'、'.join(PURPOSES)}。")
    for row in (*bulletin.classes, bulletin.total):
        _check_counts(row)
        _check_verdict(bulletin, row)
    for name in ("tested", "passed", "failed", "undetermined"):
        total = sum(getattr(row, name) for row in bulletin.classes)
        if total != getattr(bulletin.total, name):
            raise ReportError(
                "bulletin-counts",
                f"分类合计（{name} {total}）与总计（{getattr(bulletin.total, name)}）不一致；请核对分类统计后再生成。",
            )
    if len({row.sample_number for row in bulletin.failing}) > bulletin.total.failed:
        raise ReportError("bulletin-counts", "不合格信息表中的样品多于不合格批次数；请核对后再生成。")


def _check_counts(row: ClassRow) -> None:
    counts = (row.tested, row.passed, row.failed, row.undetermined)
    if min(counts) < 0 or row.tested != row.passed + row.failed + row.undetermined:
        raise ReportError("bulletin-counts", f"“{row.name}”一行：抽检批次不等于合格、不合格与未判定之和；请核对。")
    if row.undetermined:
        return
    for printed, part in ((row.pass_rate, row.passed), (row.fail_rate, row.failed)):
        places = len(printed.rstrip("%").partition(".")[2])
        if row.tested and printed != wording.percent(part, row.tested, places):
            raise ReportError("bulletin-rate", f"“{row.name}”一行印出的比率 {printed} 与批次数不符；请由批次数重新计算。")


def _check_verdict(bulletin: Bulletin, row: ClassRow) -> None:
    wording.verdict(row.verdict)
    if bulletin.purpose == "supervision" and row.verdict not in ("", "not_inferable"):
        raise ReportError("bulletin-verdict", f"针对性监督抽检不能推断总体，“{row.name}”不得作达标判定；请改为不可推断。")
    target = bulletin.target
    if target is None and row.verdict in ("attained", "not_attained", "inconclusive"):
        raise ReportError("bulletin-verdict", f"没有目标值，“{row.name}”无从判定；请补充目标或去掉判定。")
    if target is None or row.verdict not in ("attained", "not_attained"):
        return
    if not row.passed + row.failed or point_attains(row, target) != (row.verdict == "attained"):
        raise ReportError(
            "bulletin-verdict", f"“{row.name}”的判定（{wording.verdict(row.verdict)}）与其合格率和目标值矛盾；请重新判定。"
        )
