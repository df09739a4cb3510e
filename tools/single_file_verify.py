"""Build the single-file verifier that the portal offers: the draw modules of `sampling`, one after the other.

The file needs Python 3.10 or newer and nothing else. It is checked in; a test builds it again and compares.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "inspection" / "static" / "draw" / "verify.py"
MODULES = ("errors", "characters", "frame", "seed", "draw", "teams", "bundle", "afterwards", "verify")
NAMES = {"afterwards", "bundle", "draw", "frame", "seed", "teams"}
HEAD = '''#!/usr/bin/env python3
"""衡鉴 Hengjian: verify a published draw on your own machine. Python 3.10 or newer, no package needed.

    python3 verify.py draw-2026-001.zip [--commitment DIGEST] [--calls calls.tsv] [--swaps swaps.tsv] [--json]

Exit code 0: the same draw; 1: a difference, named; 2: not a bundle. Made from the package `sampling`, module by module.
"""

from __future__ import annotations

'''


class _Flat(ast.NodeTransformer):
    """`frame.digest` of another module becomes `digest` in the one file; names that two modules share keep a prefix."""

    def __init__(self, renamed: dict[tuple[str, str], str], module: str) -> None:
        self.renamed, self.module = renamed, module
        self.local: list[set[str]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        arguments = node.args
        names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
        names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        self.local.append(names)
        self.generic_visit(node)
        self.local.pop()
        return node

    def _shadowed(self, name: str) -> bool:
        return any(name in names for names in self.local)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in NAMES and not self._shadowed(node.value.id):
            return ast.copy_location(ast.Name(self.renamed.get((node.value.id, node.attr), node.attr), node.ctx), node)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if not self._shadowed(node.id):
            node.id = self.renamed.get((self.module, node.id), node.id)
        return node


def _defined(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {t.id for t in node.targets if isinstance(t, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def _imports(tree: ast.Module) -> tuple[list[str], dict[str, str]]:
    """Imports of the standard library, and names taken from our own modules with the module they come from."""
    lines: list[str] = []
    ours: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not str(node.module).startswith(("sampling", "__future__"))):
            lines.append(ast.unparse(node))
        elif isinstance(node, ast.ImportFrom) and str(node.module).startswith("sampling."):
            ours.update({alias.name: str(node.module).removeprefix("sampling.") for alias in node.names})
    return lines, ours


def build() -> str:
    """The text of the file."""
    trees = {name: ast.parse((ROOT / "sampling" / f"{name}.py").read_text(encoding="utf-8")) for name in MODULES}
    owners: dict[str, list[str]] = {}
    for name, tree in trees.items():
        for defined in _defined(tree):
            owners.setdefault(defined, []).append(name)
    renamed = {(m, d): f"{d}_{m}" if not d.startswith("_") else f"_{m}{d}" for d, ms in owners.items() if len(ms) > 1 or d in NAMES for m in ms}
    imports: set[str] = set()
    bodies: list[str] = []
    for name, tree in trees.items():
        lines, ours = _imports(tree)
        imports |= set(lines)
        table = {**renamed, **{(name, n): renamed[(m, n)] for n, m in ours.items() if (m, n) in renamed}}
        bodies.append(_body(name, tree, table))
    return HEAD + "\n".join(sorted(imports)) + "\n" + "".join(bodies)


def _body(name: str, tree: ast.Module, renamed: dict[tuple[str, str], str]) -> str:
    kept: list[ast.stmt] = []
    for node in tree.body[1:]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.If) and name != "verify":
            continue
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.name = renamed.get((name, node.name), node.name)
        kept.append(node)
    module = _Flat(renamed, name).visit(ast.Module(kept, []))
    return f"\n\n# --- {name} " + "-" * (100 - len(name)) + "\n\n" + ast.unparse(ast.fix_missing_locations(module)) + "\n"


def main() -> None:
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(build(), encoding="utf-8")


if __name__ == "__main__":
    main()
