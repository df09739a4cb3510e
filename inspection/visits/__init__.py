"""检查: on-site records."""
