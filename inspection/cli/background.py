"""hengjian jobs: look at background jobs, follow one, cancel one, run what waits."""

from __future__ import annotations

import threading
import time

import click
from sqlalchemy import select

from inspection import clock
from inspection.cli.console import Console, pass_console, progress_bar
from inspection.jobs import runner, service
from inspection.jobs.models import Job


@click.group()
def jobs() -> None:
    """后台任务：列出、跟踪、取消、立即执行。"""


@jobs.command("list")
@click.option("--all", "everything", is_flag=True, help="也列出已结束的（最近 50 个）。")
@pass_console
def list_jobs(console: Console, everything: bool) -> None:
    """列出任务。"""
    statement = select(Job).order_by(Job.id.desc()).limit(50)
    with console.database.read() as session:
        for job in session.scalars(statement if everything else statement.where(Job.state.in_(("queued", "running")))):
            share = "—" if job.percent is None else f"{job.percent}%"
            click.echo("\t".join((str(job.id), service.STATES[job.state], share, job.title, job.owner_name, clock.stamp(job.created_at))))


@jobs.command()
@click.argument("job_id", type=int)
@pass_console
def watch(console: Console, job_id: int) -> int:
    """跟踪一个任务直到结束，显示进度条。"""
    return report(follow(console, job_id))


@jobs.command()
@click.argument("job_id", type=int)
@pass_console
def cancel(console: Console, job_id: int) -> None:
    """取消一个任务；已保存的部分保留。"""
    with console.database.write(console.operator) as session:
        job = service.cancel(session, console.operator, job_id)
    click.echo("已取消。" if job.finished else "已请求取消，将在当前一步完成后停止。")


@jobs.command()
@pass_console
def run(console: Console) -> None:
    """在本窗口执行所有等待中的任务（不需要 worker）。"""
    click.echo(f"执行了 {runner.run_pending(console.database, console.settings)} 个任务。")


def follow(console: Console, job_id: int, pause: float = 0.5) -> Job:
    """Show the bar of a job until it has ended."""
    with progress_bar(f"任务 {job_id}") as tell:
        while not (job := _load(console, job_id)).finished:
            tell(job.note, job.done, job.total)
            time.sleep(pause)
        tell(job.note, 1, 1)
    return job


def carry_out(console: Console, job_id: int) -> Job:
    """Work on a job in this window with its bar, or follow the worker that was quicker; Ctrl-C puts it back into the queue."""
    stopping = threading.Event()

    def work() -> None:  # again and again: the lease of a worker that was killed takes a while to run out
        while not runner.run_one(console.database, console.settings, job_id, stopping=stopping) and not stopping.wait(0.5):
            pass

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        return follow(console, job_id, pause=0.1)
    finally:
        stopping.set()
        worker.join()


def _load(console: Console, job_id: int) -> Job:
    with console.database.read() as session:
        return service.load(session, console.operator, job_id)


def report(job: Job) -> int:
    click.echo(f"{job.title}：{service.STATES[job.state]}")
    for name, value in job.result.items():
        click.echo(f"  {name}：{value}")
    if job.result_filename:
        click.echo(f"  结果文件 {job.result_filename}（{job.result_path}，SHA-256 {job.result_sha256}）")
    if job.error:
        click.echo(f"  {job.error}", err=True)
    return 0 if job.state == "done" else 1
