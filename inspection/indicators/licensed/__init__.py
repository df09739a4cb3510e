"""获证企业监督检查覆盖率: which holders of a licence were inspected this year, exact, and the others by name."""
