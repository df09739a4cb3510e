"""Result files 结果文件: below data_dir, complete and flushed before the row says so, checked when handed out."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from inspection.errors import NotFound, Refused
from inspection.jobs.models import Job
from inspection.jobs.registry import Result
from inspection.jobs.service import safe_filename
from inspection.settings import Settings


@dataclass(frozen=True, slots=True)
class KeptFile:
    path: str
    sha256: str
    filename: str


def workspace(settings: Settings, job_id: int) -> Path:
    """The folder where a job may leave half-finished files between attempts."""
    folder = settings.data_dir / "jobs" / f"{job_id}.work"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def keep(settings: Settings, job_id: int, folder: Path, result: Result) -> KeptFile | None:
    """Put the result where it stays; flushed to the disk with its folder, then renamed, so that it is whole or absent."""
    if not result.filename:
        return None
    source = result.path or folder / "content.part"
    if result.content is not None:
        source.write_bytes(result.content)
    digest = sha256_of(source)
    with source.open("rb") as handle:
        os.fsync(handle.fileno())
    relative = Path("jobs") / f"{job_id}-{digest[:16]}.result"
    target = settings.data_dir / relative
    source.replace(target)
    sync_folder(target.parent)
    return KeptFile(str(relative), digest, safe_filename(result.filename))


def open_result(settings: Settings, job: Job) -> Path:
    """The file of a finished job, after comparing it with its digest."""
    if not job.result_path:
        raise NotFound("job-no-result", "这个任务没有结果文件。")
    path = settings.data_dir / job.result_path
    if not path.is_file():
        raise NotFound("job-result-missing", "结果文件不在本机（可能在另一台主机上，或已被清理）。请重新发起任务，或让各主机共用 data_dir。")
    if sha256_of(path) != job.result_sha256:
        raise Refused("job-result-damaged", "结果文件与登记的摘要不符，可能已损坏或被改动，不予下载。请重新发起任务并通知系统管理员。")
    return path


def sha256_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries, so that a rename survives a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
