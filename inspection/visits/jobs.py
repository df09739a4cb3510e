"""Long work of visits: the notices of a draw, as bound volumes or one file per firm."""

from __future__ import annotations

from typing import Any

from inspection.draws import service as draws
from inspection.jobs import Context, Result, job
from inspection.jobs.printing import carry_out, ending
from inspection.visits import notices, printing


@job(printing.KIND, title="随机抽查通知书")
def notices_of_draw(context: Context, params: dict[str, Any]) -> Result:
    """Every notice the owner may see, frozen in one snapshot, then printed piece by piece."""
    with context.read() as session:
        draw = draws.get(session, params["draw_id"])
        printing.may_print(session, context.actor, draw)  # rights and embargo as they are now
    run = printing.run(context.workspace, params["form"])
    count, path = carry_out(context, run, lambda session: notices.each(session, draw.id, context.settings, context.actor))
    return Result({"通知书份数": count}, filename=f"通知书-{draw.number}-{printing.FORMS[params['form']]}.{ending(path)}", path=path)
