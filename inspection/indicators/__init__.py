"""指标: targets of policy, rates, verdicts."""
