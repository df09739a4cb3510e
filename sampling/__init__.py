"""抽样方法: the mathematics of sampling inspection. Values in, values out; no Flask, no SQLAlchemy.

This package imports nothing by itself: `import sampling.draw` must stay on the standard library alone, so that any
citizen can run a published draw again.
"""
