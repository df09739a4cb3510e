"""A configuration as a draw keeps it, there and back."""

from __future__ import annotations

from datetime import date
from typing import Any

from inspection.draws import rules
from inspection.draws.models import Draw
from sampling.teams import Seat


def columns_of(given: rules.Configuration) -> dict[str, Any]:
    """The configuration as the columns of its draw."""
    return {
        "title": given.title,
        "region_code": given.region_code,
        "kind": given.kind,
        "item_codes": list(given.item_codes),
        "period_from": given.period_from.isoformat() if given.period_from else "",
        "period_to": given.period_to.isoformat() if given.period_to else "",
        "announced": given.announced,
        "embargo_until": given.embargo_until,
        "repeats_id": given.repeats_id,
        "supplements_id": given.supplements_id,
        "task_id": given.task_id,
        "scheme_id": given.scheme_id,
        "scheme_version": given.scheme_version,
        "filters": {name: list(getattr(given, name)) for name in rules.FILTERS},
        "settings": {
            "sizes": dict(given.sizes),
            "product_codes": list(given.product_codes),
            "keep_reason": given.keep_reason,
            "rates": {name: list(rate) for name, rate in given.rates.items()},
            "reserve_percent": given.reserve_percent,
            "stratify_by": given.stratify_by,
            "seats": [seat.member() for seat in given.seats],
            "exclusions": list(given.exclusions),
            "avoid_own_station": given.avoid_own_station,
        },
    }


def configuration_of(draw: Draw) -> rules.Configuration:
    """The stored configuration as a value."""
    kept = draw.settings
    return rules.Configuration(
        title=draw.title,
        region_code=draw.region_code,
        item_codes=tuple(draw.item_codes),
        rates={name: (p, q) for name, (p, q) in kept["rates"].items()},
        reserve_percent=kept["reserve_percent"],
        stratify_by=kept["stratify_by"],
        sizes=kept.get("sizes", {}),
        product_codes=tuple(kept.get("product_codes", ())),
        keep_reason=kept.get("keep_reason", ""),
        seats=tuple(Seat.of(member) for member in kept["seats"]),
        exclusions=tuple(kept["exclusions"]),
        avoid_own_station=kept["avoid_own_station"],
        announced=draw.announced,
        kind=draw.kind,
        period_from=date.fromisoformat(draw.period_from) if draw.period_from else None,
        period_to=date.fromisoformat(draw.period_to) if draw.period_to else None,
        embargo_until=draw.embargo_until,
        repeats_id=draw.repeats_id,
        supplements_id=draw.supplements_id,
        task_id=draw.task_id,
        scheme_id=draw.scheme_id,
        scheme_version=draw.scheme_version,
        **{name: tuple(draw.filters.get(name, ())) for name in rules.FILTERS},
    )
