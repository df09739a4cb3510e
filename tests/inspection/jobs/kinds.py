"""Job kinds of these tests, importable by a worker process that is going to be killed."""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from inspection import clock
from inspection.db import Database
from inspection.errors import Refused
from inspection.health import HealthProbe
from inspection.jobs import Context, Result, job, runner
from inspection.settings import Settings


@job("test.count", title="逐步计数")
def count(context: Context, params: dict[str, Any]) -> Result:
    """One row per step, each in the transaction of its checkpoint; a repeated step would break the primary key."""
    for step in range(context.saved.get("next", 0), params["steps"]):
        with context.write() as session:
            session.add(HealthProbe(name=f"step-{step}", at=clock.now()))
            context.checkpoint(session, {"next": step + 1}, done=step + 1, total=params["steps"], note=f"第 {step + 1} 步")
        context.progress(step + 1)
        time.sleep(params.get("pause", 0))
    text = "\n".join(f"step-{step}" for step in range(params["steps"]))
    return Result({"steps": params["steps"]}, filename="步骤/清单.txt", content=text.encode())


@job("test.refuse", title="被拒绝")
def refuse(context: Context, params: dict[str, Any]) -> Result:
    raise Refused("plan-not-approved", "计划尚未批准。")


@job("test.break", title="出错")
def broken(context: Context, params: dict[str, Any]) -> Result:
    raise ZeroDivisionError("with a secret detail")


def main(url: str, data_dir: str, job_id: str) -> None:
    """Work on one job in this process, with a short lease."""
    settings = Settings.of({"secret_key": os.environ["TEST_SECRET"], "database_url": url, "data_dir": Path(data_dir)})
    runner.run_one(Database(url), settings, int(job_id), lease=timedelta(seconds=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
