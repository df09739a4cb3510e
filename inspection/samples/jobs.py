"""Long work of samples: sampling sheets or labels of many samples of a plan."""

from __future__ import annotations

from typing import Any

from inspection.jobs import Context, Result, job
from inspection.jobs.printing import carry_out, ending
from inspection.plans import service as plans
from inspection.samples import printing
from inspection.samples.rules import PAPERS, Wanted


@job(printing.KIND, title="抽样单和标签")
def papers(context: Context, params: dict[str, Any]) -> Result:
    """The papers of one snapshot, by township and number, printed piece by piece."""
    wanted = Wanted(**params)
    with context.read() as session:
        code = plans.get(session, wanted.plan_id).code
    run = printing.run(context.workspace, wanted.paper, context.settings)
    count, path = carry_out(context, run, lambda session: printing.contents(session, wanted, context.settings))
    name = PAPERS[wanted.paper]
    return Result({"样品数": count}, filename=f"{name}-{code}.{ending(path)}", path=path)
