"""Acceptance of lots 批检验: plans (n, Ac, Re), where they come from, and what they do.

An AQL is an index on the producer's side: a plan for AQL 1.0 still accepts lots of 2 % with a probability of 78 %. Never read it
as "the pass rate we require"; show the operating characteristic.
"""

from sampling.acceptance.curves import KINDS, Plan, accept_probability, aoq, aoql, asn, ati, find_plan
from sampling.acceptance.standard import Table, code_letter, packaged_table, plan_for_lot, read_table, single_plan
from sampling.acceptance.switching import Inspection, State, after_lots
from sampling.acceptance.verification import Verification, rejection_risk, verification, verification_finite

__all__ = [
    "KINDS", "Inspection", "Plan", "State", "Table", "Verification", "accept_probability", "after_lots", "aoq", "aoql", "asn", "ati",
    "code_letter", "find_plan", "packaged_table", "plan_for_lot", "read_table", "rejection_risk", "single_plan", "verification",
    "verification_finite",
]
