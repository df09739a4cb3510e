"""Checks of arguments shared by the statistical modules: every refusal is one `SamplingError` naming the values.

Nothing is repaired here. A count that is not a whole number, a rate beyond its range or a confidence of 95 instead of
0.95 is refused, because every silent repair would end as a published figure.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from sampling.errors import SamplingError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Exact = int | str | float | Decimal | Fraction

_SHOWN = 5
_LONGEST = 80
_MOST_DIGITS = 400  # of a number given as text: "1e999999999" would fill the memory as an exact fraction
_LARGEST = 1e50  # its fourth power is still far from the end of a double
_SMALLEST = 1e-50
_LARGEST_COUNT = 2**53  # beyond it a float no longer holds every whole number


def _listed(values: npt.NDArray[Any], wrong: Bools) -> str:
    """The first offending values with their positions, for the message."""
    if values.ndim == 0:
        return str(values[()])
    found = np.argwhere(wrong)
    shown = "、".join(f"[{', '.join(map(str, at))}]={values[tuple(at)]}" for at in found[:_SHOWN])
    return shown + (f" 等 {len(found)} 处" if len(found) > _SHOWN else "")


def shown(value: Any) -> str:
    """A value for a message, cut short."""
    text = repr(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def refuse_where(wrong: Bools | np.bool_, values: npt.NDArray[Any], name: str, allowed: str) -> None:
    """Raise one error listing the values where `wrong` is true; do nothing when none is."""
    if np.any(wrong):
        raise SamplingError(f"{name} 不合法：{_listed(values, np.asarray(wrong))}；应为{allowed}")


def numbers(values: Any, name: str) -> Floats:
    """Finite numbers as a float array of any shape."""
    try:
        raw = np.asarray(values)
    except ValueError:
        raise SamplingError(f"{name} 各行长短不一；应为规整的数列或表") from None
    if raw.dtype.kind not in "iuf":
        raise SamplingError(f"{name} 不是数值：{shown(values)}；应为有限的数")
    result = raw.astype(np.float64)
    refuse_where(~np.isfinite(result), raw, name, "有限的数（不可为 NaN 或无穷大）")
    refuse_where(np.abs(result) > _LARGEST, raw, name, f"绝对值不大于 {_LARGEST:g} 的数")
    return result


def counts(values: Any, name: str, least: int = 0) -> Ints:
    """Whole numbers of at least `least` as an int64 array of any shape; 98.0 passes, 98.5 and True do not."""
    result = numbers(values, name)
    wrong = (result < least) | (result != np.floor(result)) | (result > _LARGEST_COUNT)
    refuse_where(wrong, np.asarray(values), name, f"不小于 {least} 的整数")
    return result.astype(np.int64)


def passed_and_tested(x: Any, n: Any, name_x: str = "x", name_n: str = "n") -> tuple[Ints, Ints]:
    """Counts with 0 <= x <= n and n >= 1 in one shape; one of them may be a single number for all cells, a column of one may not."""
    tested = counts(n, name_n, least=1)
    passed = counts(x, name_x)
    if passed.ndim and tested.ndim and passed.shape != tested.shape:
        raise SamplingError(f"{name_x} 与 {name_n} 的形状不一致：{passed.shape} 与 {tested.shape}；应等长，或其中一个是单独的数")
    passed, tested = np.broadcast_arrays(passed, tested)
    refuse_where(passed > tested, passed, name_x, f"不大于 {name_n} 的整数（{name_n}={_listed(tested, passed > tested)}）")
    return passed, tested


def same_length(**columns: npt.NDArray[Any]) -> None:
    """One-dimensional arrays of equal, non-zero length."""
    shapes = {name: column.shape for name, column in columns.items()}
    lengths = {column.shape for column in columns.values()}
    if len(lengths) != 1 or any(column.ndim != 1 or column.size == 0 for column in columns.values()):
        raise SamplingError(f"各列应为等长的非空一维数列：{shapes}")


def confidence(conf: Any) -> float:
    """A confidence strictly between 0 and 1."""
    return probability(conf, "置信水平 conf")


def probability(value: Any, name: str) -> float:
    """One number strictly between 0 and 1."""
    result = number(value, name)
    if not 0 < result < 1:
        raise SamplingError(f"{name} 不合法：{value!r}；应在 0 与 1 之间（不含两端），例如 0.95")
    return result


def number(value: Any, name: str) -> float:
    """One finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating | Decimal | Fraction):
        raise SamplingError(f"{name} 不是数值：{shown(value)}；应为有限的数")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not abs(result) <= _LARGEST:
        raise SamplingError(f"{name} 不合法：{shown(value)}；应为有限的数（不可为 NaN 或无穷大，绝对值不大于 {_LARGEST:g}）")
    return result


def positive(value: Any, name: str) -> float:
    """One finite number above zero."""
    result = number(value, name)
    if result < _SMALLEST:
        raise SamplingError(f"{name} 不合法：{value!r}；应大于 0（不小于 {_SMALLEST:g}）")
    return result


def whole(value: Any, name: str, least: int = 0) -> int:
    """One whole number of at least `least`, as a Python integer."""
    result = number(value, name)
    if result != math.floor(result) or result < least or result > _LARGEST_COUNT:
        raise SamplingError(f"{name} 不合法：{shown(value)}；应为不小于 {least} 的整数")
    return int(value)


def wholes(values: Any, name: str, least: int = 0) -> list[int]:
    """Whole numbers of at least `least` as a list."""
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise SamplingError(f"{name} 不合法：{shown(values)}；应为若干个不小于 {least} 的整数")
    return [whole(value, name, least) for value in values]


def one_sample(x: Any, n: Any) -> tuple[int, int]:
    """One pair of counts with 0 <= x <= n and n >= 1."""
    tested, passed = whole(n, "n", least=1), whole(x, "x")
    if passed > tested:
        raise SamplingError(f"x 不合法：{passed}；应为不大于 n 的整数（n={tested}）")
    return passed, tested


def one_of(value: str, allowed: Sequence[str], name: str) -> str:
    """A word out of a stated list."""
    if not isinstance(value, str) or value not in allowed:
        raise SamplingError(f"{name} 不合法：{shown(value)}；可选 {'、'.join(allowed)}")
    return value


def exact_fraction(value: Exact, name: str) -> Fraction:
    """A rate or confidence as an exact fraction; a float counts as the shortest decimal that prints it (0.98 is 49/50).

    Text may be a decimal ("0.98"), a percentage ("98%") or a ratio ("49/50").
    """
    text = repr(float(value)) if isinstance(value, float) else str(value).strip()
    per_cent = text.endswith(("%", "％"))
    refusal = SamplingError(f"{name} 不合法：{shown(value)}；应为有限的数，例如 0.98、\"98%\" 或 Fraction(49, 50)")
    if isinstance(value, bool) or len(text) > _MOST_DIGITS or _exponent(text) > _MOST_DIGITS:
        raise refusal
    try:
        result = Fraction(text[:-1] if per_cent else text)
    except (ValueError, ZeroDivisionError, InvalidOperation):
        raise refusal from None
    return result / 100 if per_cent else result


def _exponent(text: str) -> int:
    """The size of a written power of ten, 0 when there is none."""
    _, _, power = text.rstrip("%％").lower().partition("e")
    digits = power.lstrip("+-")
    return int(digits) if digits.isdecimal() else 0


def exact_tail(conf: Any, name: str = "置信水平 conf") -> Fraction:
    """α = 1 − conf, taken from the decimal that was written: 0.9 leaves 1/10 and not 0.09999999999999998."""
    probability(conf, name)
    return 1 - exact_fraction(conf, name)


def tail(conf: Any, name: str = "置信水平 conf") -> float:
    """`exact_tail` as the nearest float, which must still lie between 0 and 1."""
    result = float(exact_tail(conf, name))
    if not 0 < result < 1:
        raise SamplingError(f"{name} 不合法：{conf!r}；与 0 或 1 过近，双精度无法分辨")
    return result


def target_rate(value: Exact, name: str = "目标 target") -> Fraction:
    """A target rate in (0, 1] as an exact fraction."""
    result = exact_fraction(value, name)
    if not 0 < result <= 1:
        raise SamplingError(f"{name} 不合法：{value!r}；应大于 0 且不大于 1（98% 写作 0.98 或 \"98%\"）")
    return result


def over_distinct_pairs(
    x: Ints, n: Ints, limits: Callable[[Floats, Floats], tuple[Floats, Floats]]
) -> tuple[Floats, Floats]:
    """Evaluate `limits` once per distinct (x, n) and spread the answers back over the cells.

    A table of 122,400 regional cells holds some 3,500 distinct pairs, so this is where the time of a bulletin is saved.
    """
    span = int(n.max()) + 1 if n.size else 1
    if span > 2**31:  # the packed key would leave 64 bits
        return limits(x.astype(np.float64), n.astype(np.float64))
    keys, inverse = np.unique((n * span + x).ravel(), return_inverse=True)
    low, high = limits((keys % span).astype(np.float64), (keys // span).astype(np.float64))
    return low[inverse].reshape(x.shape), high[inverse].reshape(x.shape)
