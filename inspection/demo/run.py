"""The whole main job in order, with progress; writes its products; safe to run again."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from inspection import audit, clock, migrate
from inspection.actor import SYSTEM, Actor
from inspection.cli.console import progress_bar
from inspection.db import Database
from inspection.demo import annual, bulletins, drawing, drawn, earlier, laboratory, people, planning, registers, special
from inspection.draws.models import Reveal
from inspection.plans import documents as plan_documents
from inspection.plans import service as plans
from inspection.registers.models import Inspector
from inspection.settings import Settings
from inspection.visits import notices, printing
from inspection.visits import service as visits
from inspection.visits.models import Visit, VisitMember
from reports import wording

JANUARY = datetime(2026, 1, 12, 1, 0, tzinfo=UTC)
ISSUED = datetime(2026, 11, 12, 1, 0, tzinfo=UTC)
EARLIER = earlier.Earlier(sum(n for _, n in registers.CLASSES) + registers.CLOSED)
INSPECTORS = ("ZF-0001", "ZF-0002")
DONE = "COMPLETE.json"
Say = Callable[[str], None]


class Demonstration:
    """One run into one folder."""

    def __init__(self, settings: Settings, database: Database, folder: Path, say: Say) -> None:
        self.settings, self.database, self.folder, self.say = settings, database, folder, say
        self.made: list[str] = []

    def run(self) -> str:
        """Everything; gives the password of the demonstration's accounts."""
        migrate.upgrade(self.database)
        with clock.at(JANUARY):
            password = self._registers()
            city, county = self._plans()
            task_id = self._annual()
        self._laboratory(county)
        self._bulletins(county)
        self._special()
        draw_id, reveal = self._draw(task_id)
        self._notices(draw_id, reveal)
        self._visits(draw_id)
        self._plan_papers(city)
        with self.database.read() as session:
            chain = audit.verify(session)
        self.say(f"审计链 {chain.events} 条，{'完整' if chain.ok else '断裂：' + chain.reason}，链首 {chain.head[:12]}")
        return password

    def _write(self, name: str, data: bytes, what: str) -> None:
        (self.folder / name).write_bytes(data)
        self.made.append(name)
        self.say(f"  → {self.folder / name}  {what}")

    def _who(self, login: str) -> Actor:
        return people.actor(self.database, login)

    def _registers(self) -> str:
        self.say("一、名录：行政区划、12,098 户企业、40 名执法人员、3 家检验机构、408 条限量")
        password = people.create(self.database)
        registers.packaged(self.database, SYSTEM)
        registers.places(self.database, SYSTEM)
        registers.item_list(self.database, SYSTEM)
        registers.publish_items(self.database, self._who("gongbu"))
        for kind, name, data in (
            ("enterprises", "企业名录.csv", registers.enterprises_file(last=EARLIER.states())),
            ("inspectors", "执法人员.csv", registers.inspectors_file()),
            ("conflicts", "回避登记.csv", registers.conflicts_file()),
        ):
            written, refused = registers.import_file(self.database, SYSTEM, kind, name, data)
            self.say(f"  导入 {name}：写入 {written} 行，退回 {refused} 行")
        registers.laboratories(self.database, SYSTEM)
        registers.limits(self.database, SYSTEM)
        people.grant(self.database, INSPECTORS, "LAB-A")
        return password

    def _plans(self) -> tuple[int, int]:
        self.say("二、计划：盐城 7 批次/千人，九个区县 × 35 类，每行每列合计准确")
        planner, leader = self._who("jihua"), self._who("lingdao")
        city = planning.city_plan(self.database, planner, leader)
        county = planning.county_plan(self.database, planner, leader)
        with self.database.read() as session:
            plan = plans.get(session, city)
            faults = plans.check(plan)
            self.say(f"  {plan_documents.formula(plan)}；合计核对：{'、'.join(faults) or '全部准确'}")
        return city, county

    def _annual(self) -> int:
        task_id = annual.plan(self.database, self._who("jihua"), self._who("lingdao"), self.settings.office_name)
        self.say("  年度双随机抽查计划和任务：已批准、已公布，比例表 A/B/C/D")
        return task_id

    def _laboratory(self, county: int) -> None:
        self.say("三、检验：252 份样品；3,000 行结果表，其中 14 行有误")
        entry, reviewer, signer = self._who("luru"), self._who("shenhe"), self._who("qianfa")
        codes = laboratory.take_samples(self.database, self._who("chouyang"), county)
        laboratory.receive(self.database, entry, codes)
        laboratory.approve_first(self.database, entry, reviewer, signer, codes[0])
        rows = laboratory.truth(codes[2:], laboratory.FAILING)
        bad, good = laboratory.workbook(laboratory.with_faults(rows, codes[0], codes[1])), laboratory.workbook(rows)
        self._write("检验结果-3000行.xlsx", bad, "检验机构上传的表")
        new, same, refused, errors = laboratory.import_workbook(self.database, entry, "检验结果-3000行.xlsx", bad)
        self.say(f"  导入：新增 {new}，不变 {same}，退回 {refused}")
        self._write("错误清单-14行.xlsx", errors or b"", "退回的行，附原因，可改后重新导入")
        self._write("检验结果-改正.xlsx", good, "改正后的表")
        new, same, refused, _ = laboratory.import_workbook(self.database, entry, "检验结果-改正.xlsx", good)
        self.say(f"  再导入：新增 {new}，不变 {same}，退回 {refused}")
        signed = laboratory.sign(self.database, entry, reviewer, signer)
        cases = laboratory.follow_up(self.database, self._who("chuzhi"))
        self.say(f"  三人签发报告 {signed} 份；不合格立案 {cases} 件")

    def _bulletins(self, county: int) -> None:
        self.say("四、通告：2019 年下半年公布的全国数据；亭湖区自己的评价性抽检")
        author, leader = self._who("gongbu"), self._who("lingdao")
        issuer = author
        first = bulletins.national(self.database, self._who("jihua"), author, leader, issuer, self.settings)
        self._write("通告-2019年下半年.pdf", first.pdf, first.number)
        second = bulletins.county(self.database, author, leader, issuer, self.settings, county)
        self._write("通告-亭湖区.pdf", second.pdf, second.number)
        total = second.content["content"]["total"]
        interval = total["interval"]["text"] if total["interval"] else "—"
        self.say(f"  亭湖区合格率 {total['pass_rate']}，95% 区间 {interval}，判定 {wording.verdict(total['verdict'])}")

    def _special(self) -> None:
        n = special.inspect(self.database, EARLIER, self.settings.office_name)
        written, _ = earlier.imported(self.database, earlier.OCTOBER, EARLIER.october())
        self.say(f"  十月专项检查 {n} 户，其他部门和上级的检查 {written} 条：抽取时按规则排除")

    def _draw(self, task_id: int) -> tuple[int, Reveal]:
        self.say("五、抽取：12,000 户，A/B/C/D 2/6/16/32%，两部门同组")
        draw_id, reveal = drawing.draw(self.database, self._who("chouqu"), self._who("lingdao"), self.settings, task_id)
        self._write("draw-2026-001.zip", reveal.bundle, f"抽中 {reveal.n_selected}，候补 {reveal.n_reserve}，未满席位 {reveal.n_unfilled}")
        return draw_id, reveal

    def _notices(self, draw_id: int, reveal: Reveal) -> None:
        self.say(f"六、通知书：{reveal.n_selected} 份")
        officer = self._who("chouqu")
        with clock.at(ISSUED):
            with self.database.write(officer) as session:
                visits.open_from_draw(session, officer, draw_id)
            for form, ending in (("bound", "pdf"), ("each", "zip")):
                self._write(f"通知书-600份.{ending}", self._printed(draw_id, form, reveal.n_selected), printing.FORMS[form])

    def _visits(self, draw_id: int) -> None:
        self.say("七、检查：两名检查人员分到的对象，到 11 月 24 日")
        earlier.imported(self.database, earlier.NOVEMBER, EARLIER.november())
        drawing.open_draws(self.database, self._who("chouqu"), self.settings)
        done = drawn.inspect(self.database, self._own(draw_id))
        self.say(f"  已公示 {done['published']}，待公示 {done['approved']}，待审核 {done['submitted']}，退回 {done['returned']}，未完成 {done['entered'] + done['pending']}")

    def _own(self, draw_id: int) -> list[tuple[int, str]]:
        """Visits of the first inspector who has an account, and every second one of the other: she still has work to do."""
        seats = select(VisitMember.visit_id, Inspector.code).join(Inspector, Inspector.id == VisitMember.inspector_id).where(Inspector.code.in_(INSPECTORS))
        writers: dict[int, str] = {}
        with self.database.read() as session:
            query = seats.join(Visit, Visit.id == VisitMember.visit_id).where(Visit.draw_id == draw_id).order_by(Visit.number, Inspector.code)
            for visit_id, code in session.execute(query):
                writers.setdefault(visit_id, code)
        left = set([visit_id for visit_id, code in writers.items() if code != INSPECTORS[0]][::2])
        return [row for row in writers.items() if row[0] not in left]

    def _printed(self, draw_id: int, form: str, per_volume: int) -> bytes:
        """The print run of the background job, here with its bar on the terminal."""
        with tempfile.TemporaryDirectory() as folder, progress_bar(f"  {printing.FORMS[form]}") as tell:
            run = printing.run(Path(folder), form, per_volume)
            with self.database.read() as session:
                _, total = run.freeze(notices.each(session, draw_id, self.settings))
            for _, done in run.make():
                tell(f"{done}/{total}", done, total)
            return run.bind(ISSUED.date()).read_bytes()

    def _plan_papers(self, city: int) -> None:
        with self.database.read() as session:
            plan = plans.get(session, city)
            self._write("抽检计划通知.pdf", plan_documents.notice(session, plan, self.settings), "附分配表")
            self._write("任务分配.xlsx", plan_documents.workbook(plan), "全年与四个季度")


def finished(folder: Path) -> dict[str, object] | None:
    """What an earlier run left, None when none was completed."""
    try:
        return dict(json.loads((folder / DONE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None


def prepare(folder: Path) -> None:
    """An empty folder for a fresh run."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
