"""What the inspectors of the demonstration find: ready records of every kind of result, complete as the rules ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from inspection import clock
from inspection.visits.rules import ItemEntry, VisitEntry


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of record; `term` days after the visit is the term of the rectification."""

    summary: str
    outcome: str = "01"
    results: tuple[str, ...] = ("no_problem",)
    found: str = "none"
    problem: str = ""
    measure: str = ""
    follow_up: str = ""
    term: int | None = None
    witness: str = ""

    def record(self, day: date, n_items: int, slot: int = 0, *, due: date | None = None) -> VisitEntry:
        """The record of a visit on that day, the `slot`th of the day; `due` instead of the usual term."""
        if self.outcome != "01":
            return VisitEntry(outcome=self.outcome, visited_on=day, results=self.results, summary=self.summary, follow_up=self.follow_up, witness=self.witness)
        begun = clock.local(day, 8 + 2 * slot, 40)
        first = ItemEntry(1, self.found, self.problem, self.measure)
        return VisitEntry(
            outcome=self.outcome, visited_on=day, items=(first, *(ItemEntry(n, "none") for n in range(2, n_items + 1))), results=self.results,
            follow_up=self.follow_up, rectify_by=due or (day + timedelta(self.term) if self.term else None), summary=self.summary, started_at=begun,
            ended_at=begun + timedelta(minutes=70), place="被检查单位经营场所", methods=("实地核查",), recusal_asked=True, recusal_answer="不申请回避",
            opinion="无异议",
        )  # fmt: skip


CLEAN = Finding("查验主体资格、进货查验记录、贮存条件和从业人员健康证明，未见异常。")
COLD = Finding(
    "冷藏柜显示温度 12 ℃，高于标签要求的贮存条件；其余各项未见异常。", results=("corrected",), found="problem", problem="冷藏食品贮存温度不符合标签要求",
    measure="责令限期改正", follow_up="correct", term=14,
)  # fmt: skip
LEDGER = Finding(
    "抽查 10 个批次，3 个批次没有供货者资质和进货凭证。", results=("corrected",), found="problem", problem="进货查验记录不完整", measure="责令限期改正",
    follow_up="correct", term=10,
)  # fmt: skip
REPORT = Finding(
    "食品经营情况未见异常；核对公示系统，年度报告逾期未公示，行政许可信息未公示。", results=("annual_report", "other_information"), found="problem",
    problem="未按规定公示年度报告和许可信息", measure="责令改正，移交信用监管", follow_up="correct", term=20,
)  # fmt: skip
PENDING = Finding(
    "货架上有 4 件食品超过保质期，已拍照、登记保存。", results=("pending",), found="problem", problem="经营超过保质期的食品", measure="先行登记保存，移送办案机构",
    follow_up="case",
)  # fmt: skip
INACTIVE = Finding("登记地址现为仓库，没有开展食品生产经营活动。", results=("no_activity",), found="not_applicable")
CLOSED = Finding("现场大门上锁，张贴停业告示；邻近商户称已停业两个月。", outcome="03", results=())
REFUSED = Finding("出示执法证并说明来意后，现场负责人拒绝检查人员进入经营场所。", outcome="05", results=("uncooperative",), follow_up="case", witness="社区网格员（演示）")
UNREACHED = Finding("两次到登记住所均无此单位，门牌现为其他单位使用。", outcome="02", results=("no_contact",), follow_up="other")
