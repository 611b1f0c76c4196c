"""Of all programs for hosts: what one takes from another by a name that is not there. Prints JSON."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path


def is_python(path: Path) -> bool:
    return path.suffix == ".py" or path.read_bytes().startswith(b"#!/usr/bin/python3")


def names(body: list[ast.stmt]) -> Iterator[str]:
    """What a module has at its top."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))
        elif isinstance(node, ast.If):
            yield from names(node.body)


def taken(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module and name."""
    modules = {alias.asname or alias.name: alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield modules[node.value.id], node.attr


trees = {path: ast.parse(path.read_text()) for path in sorted(Path("src").glob("*/onhost/*")) if is_python(path)}
own = {path.stem: {*names(tree.body), "__file__"} for path, tree in trees.items()}
missing = [
    f"{path}: {module}.{name}" for path, tree in trees.items() for module, name in taken(tree) if module in own and name not in own[module]
]
print(json.dumps({"programs": len(trees), "missing": missing}))
