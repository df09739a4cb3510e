"""公众门户: the public reading room."""
