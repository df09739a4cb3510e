"""计划: quotas, allocation, approval."""
