"""Monitoring 监测: where and when the failing rate is not what it was, without counting noise as news.

`funnel` for many regions at one time, `p_chart`, `laney`, `ewma`, `cusum` (with `threshold`) for one region over time,
`homogeneity` and `trend` for tests, `adjusted` for many looks, `scan` for clusters.
"""

from sampling.monitor.charts import Chart, Cusum, cusum, ewma, laney, p_chart
from sampling.monitor.compare import ChiSquare, adjusted, homogeneity, trend
from sampling.monitor.funnel import Funnel, funnel, limits
from sampling.monitor.run_length import Threshold, threshold
from sampling.monitor.signals import Scan, Signal, scan, tally

__all__ = [
    "Chart", "ChiSquare", "Cusum", "Funnel", "Scan", "Signal", "Threshold", "adjusted", "cusum", "ewma", "funnel",
    "homogeneity", "laney", "limits", "p_chart", "scan", "tally", "threshold", "trend",
]
