"""From counts to the content of a bulletin 通告; frozen content, no layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from inspection.indicators import rules
from reports import content, wording
from sampling.target import Verdict

WORDS = {
    Verdict.ATTAINED: "attained",
    Verdict.NOT_ATTAINED: "not_attained",
    Verdict.INCONCLUSIVE: "inconclusive",
    Verdict.NOT_ASSESSABLE: "not_inferable",
}
MILLION = rules.MILLION


def class_row(rate: rules.Rate, note: str = "") -> content.ClassRow:
    """A row of the class table: counts, printed rates, interval, verdict."""
    counts = rate.counts
    interval = None
    if rate.low is not None and rate.high is not None:
        interval = content.Interval(int(rate.low * MILLION), -int(-rate.high * MILLION // 1), rate.interval_text, rate.one_sided)
    return content.ClassRow(
        name=rate.name,
        tested=counts.tested,
        passed=counts.passed,
        failed=counts.failed,
        undetermined=counts.undetermined,
        fail_rate=rate.fail_text,
        pass_rate=rate.text,
        rate_ppm=counts.passed * MILLION // counts.judged if counts.judged else None,
        interval=interval,
        verdict=WORDS[rate.verdict] if rate.verdict else "",
        note=note,
    )


def rows(
    classes: Mapping[str, rules.Counts], order: Sequence[str], *, threshold: Fraction | None, assessable: bool, decimals: int
) -> tuple[tuple[content.ClassRow, ...], content.ClassRow]:
    """Class rows in order and the total; only the total is judged, classes carry intervals (one family, one question)."""
    made = [class_row(rules.rate(name, classes[name], assessable=assessable, decimals=decimals)) for name in order if name in classes]
    total = rules.rate("总计", rules.summed(classes), threshold=threshold, assessable=assessable, decimals=decimals)
    return tuple(made), class_row(total)


def per_hundred(total: content.ClassRow) -> str:
    """Plain words for the public: of every hundred batches about so many fail."""
    if total.interval is None:
        return ""
    return wording.per_hundred(MILLION - total.interval.high_ppm, MILLION - total.interval.low_ppm)
