"""名录导入: one declarative table of everything that can be imported into the registers."""

from __future__ import annotations

from inspection.errors import NotFound
from inspection.registers.imports import firms, labs, outside, people, places, products
from inspection.registers.imports.kind import Examination, ImportKind, examine

KINDS: dict[str, ImportKind] = {
    kind.key: kind
    for kind in (
        ImportKind("regions", "行政区划", places.REGION_COLUMNS, places.Regions, "先省后市县；上级由代码推定。"),
        ImportKind("populations", "人口", places.POPULATION_COLUMNS, places.Populations, "同一地区、年份、口径再次导入即更正。"),
        ImportKind("departments", "执法部门", places.DEPARTMENT_COLUMNS, places.Departments),
        ImportKind("enterprises", "检查对象", firms.ENTERPRISE_COLUMNS, firms.Enterprises, "文件中没有的列不改动；标签整体替换，许可证只增补。"),
        ImportKind("licences", "许可证", firms.LICENCE_COLUMNS, firms.Licences),
        ImportKind("check_items", "抽查事项清单", products.CHECK_ITEM_COLUMNS, products.CheckItems, "施行日期较新的行成为下一版，旧版保留。"),
        ImportKind("inspectors", "检查人员", people.INSPECTOR_COLUMNS, people.Inspectors),
        ImportKind("conflicts", "回避", people.CONFLICT_COLUMNS, people.Conflicts),
        ImportKind("outside_checks", "外部检查", outside.OUTSIDE_COLUMNS, outside.OutsideChecks, "其他部门和上级的检查、抽样和抽中名单，供抽取前查重和计算频次。"),
        ImportKind("laboratories", "检验机构", labs.LABORATORY_COLUMNS, labs.Laboratories),
        ImportKind("scopes", "承检范围", labs.SCOPE_COLUMNS, labs.Scopes),
        ImportKind("capacities", "承检能力", labs.CAPACITY_COLUMNS, labs.Capacities),
        ImportKind("product_categories", "产品分类", products.PRODUCT_COLUMNS, products.ProductCategories, "上级写在下级之前。"),
        ImportKind("test_items", "检验项目", products.TEST_ITEM_COLUMNS, products.TestItems),
        ImportKind("limits", "限量", products.LIMIT_COLUMNS, products.Limits, "已登记的限量不可更改，只可以新的施行日期续立。"),
    )
}


def kind_of(name: str) -> ImportKind:
    """The kind by its name in addresses and commands."""
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound("import-kind", "没有“%(name)s”这种名录。可用的有：%(names)s。", name=name[:40], names="、".join(KINDS))
    return kind


__all__ = ["KINDS", "Examination", "ImportKind", "examine", "kind_of"]
