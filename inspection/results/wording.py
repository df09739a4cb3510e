"""How a result and a limit are written on paper and on screen: one way for notices, bulletins and pages."""

from __future__ import annotations

from typing import Any

from inspection.intake import measurement as notation

UNITLESS = frozenset({notation.NOT_DETECTED, notation.DETECTED, notation.TEXT})  # words, or a bracket that names the detection limit


def value_text(text: str, kind: str, unit: str, gap: str = "") -> str:
    """检验结果 with its unit; words carry none.

    >>> value_text("0.83", "number", "mg/kg"), value_text("未检出", "not_detected", "g/kg")
    ('0.83mg/kg', '未检出')
    """
    return text if kind in UNITLESS or not unit else f"{text}{gap}{unit}"


def limit_text(limit: dict[str, Any], gap: str = "", *, unit: bool = True) -> str:
    """标准值.

    >>> limit_text({"lower": "2.9", "unit": "g/100g"}), limit_text({"upper": "0.5", "unit": "mg/kg"}, " "), limit_text({"kind": "not_detected"})
    ('≥2.9g/100g', '≤0.5 mg/kg', '不得检出')
    >>> limit_text({"lower": "6", "upper": "8", "unit": ""}), limit_text({"kind": "info", "unit": "mg/kg"})
    ('≥6且≤8', '不判定')
    """
    if limit.get("kind") == "not_detected":
        return "不得检出"
    tail = f"{gap}{limit['unit']}" if unit and limit.get("unit") else ""
    if plan := limit.get("plan"):
        return "，".join(f"{name}={plan[name]}" for name in ("n", "c", "m", "M") if plan.get(name) not in (None, "")) + tail
    bounds = "且".join(f"{mark}{limit[name]}" for mark, name in (("≥", "lower"), ("≤", "upper")) if limit.get(name) is not None)
    return f"{bounds}{tail}" if bounds else "不判定"
