"""密值托管: the office's secret on paper in two halves, with two holders; what lets it be revealed when the office will not or cannot."""
