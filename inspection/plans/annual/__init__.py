"""年度抽查: the annual inspection plan, its ratio tables and its tasks, from the draft to the public board."""
