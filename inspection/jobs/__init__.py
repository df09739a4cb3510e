"""后台任务: long work outside the request, with progress, cancellation, resumption and a result file."""
