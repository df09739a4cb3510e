"""Allocation 分配: quotas from population, one margin, two margins, quarters, laboratories; exact to the last batch.

Deterministic: the same input gives the same table, ties by the stated order. Infeasible demands are explained by row, column
and shortfall instead of being relaxed.
"""

from sampling.allocate.apportion import METHODS, apportion, hamilton, huntington_hill, jefferson, webster
from sampling.allocate.laboratories import Assignment, Laboratory, assign_laboratories
from sampling.allocate.margins import Table, TwoMargins, fit_table, two_margins
from sampling.allocate.optimum import binary_spread, neyman, neyman_shares, power, power_shares, variance
from sampling.allocate.quarters import Quarters, split_quarters
from sampling.allocate.quota import quota

__all__ = [
    "METHODS", "Assignment", "Laboratory", "Quarters", "Table", "TwoMargins", "apportion", "assign_laboratories", "binary_spread",
    "fit_table", "hamilton", "huntington_hill", "jefferson", "neyman", "neyman_shares", "power", "power_shares", "quota",
    "split_quarters", "two_margins", "variance", "webster",
]
