"""HTML pages of the registers, one file per part of the menu."""

from __future__ import annotations

from inspection.registers.pages import enterprises, imports, laboratories, outside, people, products, regions
from inspection.registers.pages.blueprint import bp

__all__ = ["bp", "enterprises", "imports", "laboratories", "outside", "people", "products", "regions"]
