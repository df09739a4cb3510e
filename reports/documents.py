"""文书目录: which content is printed by which function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reports import (
    bulletin,
    commitment,
    comparison,
    draw_certificate,
    handover,
    labels,
    letter,
    notice,
    plan_notice,
    record_sheet,
    result_notice,
    sampling_sheet,
    secret_half,
)
from reports import content as c
from reports.errors import ReportError

RENDERERS: dict[type, Callable[[Any], bytes]] = {
    c.Notice: notice.render,
    c.NoticeVolume: notice.render_volume,
    c.SamplingSheet: sampling_sheet.render,
    c.SheetVolume: sampling_sheet.render_volume,
    c.Bulletin: bulletin.render,
    c.PlanNotice: plan_notice.render,
    c.Commitment: commitment.render,
    c.SecretHalf: secret_half.render,
    c.DrawCertificate: draw_certificate.render,
    c.RecordSheet: record_sheet.render,
    c.ResultNotice: result_notice.render,
    c.Handover: handover.render,
    c.LabelSheet: labels.render,
    c.Letter: letter.render,
    c.Comparison: comparison.render,
}
KINDS = {kind.__name__: kind for kind in RENDERERS}


def render(content: Any) -> bytes:
    """Print any content; raises ``content-kind`` for something that is no document."""
    printer = RENDERERS.get(type(content))
    if printer is None:
        raise ReportError("content-kind", f"{type(content).__name__} 不是文书内容；可用：{'、'.join(KINDS)}。")
    return printer(content)


def read(data: bytes) -> Any:
    """Content of any kind from its canonical JSON."""
    kind = c.kind_of(data)
    if kind not in KINDS:
        raise ReportError("content-kind", f"不认识的文书种类 {kind}；可能由更新版本的软件生成，请用新版本核验。")
    return c.from_json(KINDS[kind], data)
