"""抽样方法: the mathematics of sampling inspection. Values in, values out; no Flask, no SQLAlchemy.

The draw, on the standard library alone: `frame` (底册), `seed` (种子), `draw` (抽取), `teams` (检查组), `bundle` and `verify` (核验).
The numbers: `intervals` (区间), `target` (达标判定), `size` (样本量), `allocate` (分配), `acceptance` (批检验), `estimate` (加权估计), `monitor` (监测),
`counting` (计数与印数), `coverage` (覆盖). `python -m sampling` offers them on the command line.

Terms: a *batch* (批次, x passing of n) is one sample judged as a whole; a *rate* is a share in [0, 1], never a percentage; *conf* is a
confidence in (0, 1); N is the number of units on a roster. Every function refuses what no honest number can be computed from with one
error, `sampling.errors.SamplingError`, which names the value and what is allowed; none cuts a value to fit, and none gives an
interval without width.

This package imports nothing by itself: `import sampling.draw` must stay on the standard library alone, so that any
citizen can run a published draw again.
"""
