"""`python -m infra.structure`: the rooms of the code, the arrows between them and the circles, read from the imports.

An arrow goes from a file (or, between rooms, from a room) to one that it imports; imports inside functions and under
``TYPE_CHECKING`` count. A circle is a group of files (or rooms) that reach each other.
"""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("functions", "infra", "lepton_ai", "lepton_core")

Graph = Mapping[str, frozenset[str]]


def files(root: Path = ROOT, packages: Iterable[str] = PACKAGES) -> dict[str, Path]:
    """Every module below ``packages``, by its dotted name; a package stands for its ``__init__``."""
    found = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(root: Path = ROOT, packages: Iterable[str] = PACKAGES) -> Graph:
    """Each module with the modules of ours that it imports."""
    known = files(root, packages)
    return {
        name: frozenset(_imported(ast.parse(path.read_text("utf-8")), known) - {name})
        for name, path in known.items()
    }


def _imported(tree: ast.AST, known: Mapping[str, Path]) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            for alias in node.names:
                inside = f"{node.module}.{alias.name}"
                found.add(inside if inside in known else node.module)
    return found & known.keys()


def rooms(graph: Graph, folder: str) -> Graph:
    """The arrows between the files and folders that lie directly in ``folder`` (a dotted name)."""
    of = {name: _room(name, folder) for name in graph}
    found: dict[str, set[str]] = {room: set() for room in of.values() if room is not None}
    for name, targets in graph.items():
        here = of[name]
        if here is not None:
            found[here] |= {there for there in (of[one] for one in targets) if there not in (None, here)}
    return {room: frozenset(targets) for room, targets in found.items()}


def _room(name: str, folder: str) -> str | None:
    inside = name.removeprefix(f"{folder}.")
    return None if inside == name else inside.partition(".")[0]


def arrows(graph: Graph) -> int:
    """How many pairs (from, to) there are."""
    return sum(map(len, graph.values()))


def circles(graph: Graph) -> list[list[str]]:
    """The groups of more than one that reach each other, the largest first (Tarjan's strong components).

    >>> circles({"a": frozenset({"b"}), "b": frozenset({"a"}), "c": frozenset({"a"})})
    [['a', 'b']]
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> Iterator[str]:
        index[name] = low[name] = len(index)
        stack.append(name)
        for one in sorted(graph[name]):
            if one not in index:
                yield one
                low[name] = min(low[name], low[one])
            elif one in stack:
                low[name] = min(low[name], index[one])
        if low[name] == index[name]:
            at = stack.index(name)
            group = sorted(stack[at:])
            del stack[at:]
            if len(group) > 1:
                found.append(group)

    for start in graph:
        if start not in index:
            walks = [visit(start)]
            while walks:
                inner = next(walks[-1], None)
                if inner is None:
                    walks.pop()
                else:
                    walks.append(visit(inner))
    return sorted(found, key=lambda group: (-len(group), group))


def table(root: Path = ROOT) -> str:
    """The whole picture as a Markdown table: a line a folder."""
    graph = imports(root)
    lines = [
        "| folder | files and folders in it | arrows between them | circles |",
        "|---|---|---|---|",
    ]
    for folder in (*PACKAGES, *folders(graph)):
        inside = rooms(graph, folder)
        round_ = ", ".join(str(len(group)) for group in circles(inside)) or "0"
        lines.append(f"| `{folder.replace('.', '/')}/` | {len(inside)} | {arrows(inside)} | {round_} |")
    groups = circles(graph)
    sizes = ", ".join(str(len(group)) for group in groups) or "0"
    lines.append(f"| all files | {len(graph)} | {arrows(graph)} | {sizes} |")
    return "\n".join(lines)


def folders(modules: Iterable[str]) -> list[str]:
    """The dotted names of all folders below the packages that these ``modules`` lie in."""
    parents = {name.rpartition(".")[0] for name in modules}
    return sorted(one for one in parents if "." in one)


if __name__ == "__main__":
    root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT
    sys.stdout.write(table(root) + "\n")
    for group in circles(imports(root)):
        sys.stdout.write(f"circle of {len(group)}: {', '.join(group)}\n")
