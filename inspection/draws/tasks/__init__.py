"""抽查任务 and their draws: what a task gives a draw, what a draw must keep to, how far the work has come."""
