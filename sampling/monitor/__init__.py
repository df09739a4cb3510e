"""Monitoring 监测: where and when the failing rate is not what it was, without counting noise as news.

`funnel` for many regions at one time, `p_chart`, `laney`, `ewma`, `cusum` (with `threshold`) for one region over time,
`homogeneity` and `trend` for tests, `adjusted` for many looks, `scan` for clusters,
`standardised` and `orders` for comparing regions.
"""

from sampling.monitor.charts import Chart, Cusum, cusum, ewma, laney, p_chart
from sampling.monitor.compare import ChiSquare, adjusted, homogeneity, trend
from sampling.monitor.funnel import Funnel, funnel, limits
from sampling.monitor.run_length import Threshold, threshold
from sampling.monitor.signals import Scan, Signal, scan, tally
from sampling.monitor.standardise import Order, orders, standardised

__all__ = [
    "Chart", "ChiSquare", "Cusum", "Funnel", "Order", "Scan", "Signal", "Threshold", "adjusted", "cusum", "ewma", "funnel",
    "homogeneity", "laney", "limits", "orders", "p_chart", "scan", "standardised", "tally", "threshold", "trend",
]
