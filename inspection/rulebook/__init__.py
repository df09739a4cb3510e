"""规则库: dated rules as data, each with its source."""
