"""No two files need each other, and no two folders of the models."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("functions", "infra", "lepton_ai", "lepton_core")

Graph = Mapping[str, frozenset[str]]


def modules(root: Path, packages: Iterable[str]) -> dict[str, Path]:
    """Each module's name and file."""
    found = {}
    for package in packages:
        for path in (root / package).rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def import_graph(files: Mapping[str, Path]) -> Graph:
    """Which modules each module imports, wherever in the file it does so; ``from package import module`` is one."""
    return {name: frozenset(_imported(path, name, files) - {name}) for name, path in files.items()}


def _imported(path: Path, name: str, files: Mapping[str, Path]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, path, name)
            for alias in node.names:
                below = f"{base}.{alias.name}"
                found.add(below if below in files else base)
    return found & files.keys()


def _base(node: ast.ImportFrom, path: Path, name: str) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    package = parts if path.name == "__init__.py" else parts[:-1]
    package = package[: len(package) - node.level + 1]
    return ".".join([*package, *([node.module] if node.module else [])])


def circles(graph: Graph) -> list[list[str]]:
    """The strongly connected components of more than one module, by Tarjan's algorithm."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in graph[name]:
            if other not in order:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            at = stack.index(name)
            members = sorted(stack[at:])
            del stack[at:]
            if len(members) > 1:
                found.append(members)

    for name in graph:
        if name not in order:
            visit(name)
    return found


def of_folders(graph: Graph, package: str) -> Graph:
    """Which folders directly below ``package`` import from which others."""
    folders: dict[str, set[str]] = {}

    def folder(name: str) -> str | None:
        below = name.removeprefix(f"{package}.") if name.startswith(f"{package}.") else ""
        return (
            below.partition(".")[0] if below and f"{package}.{below.partition('.')[0]}" in packages else None
        )

    packages = {name.rpartition(".")[0] for name in graph}
    for name, others in graph.items():
        own = folder(name)
        if own is not None:
            folders.setdefault(own, set()).update(
                other for other in map(folder, others) if other not in (None, own)
            )
    return {name: frozenset(others) for name, others in folders.items()}


LEFT = {"functions": [["functions.context", "functions.serving.cache"]]}
"""The circles that are still there; none may come back, and none may join them."""

GRAPH = import_graph(modules(ROOT, PACKAGES))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_two_files_need_each_other(package: str) -> None:
    mine = {name: others for name, others in GRAPH.items() if name.partition(".")[0] == package}
    assert circles({name: others & mine.keys() for name, others in mine.items()}) == LEFT.get(package, [])


def test_no_two_files_of_different_packages_need_each_other() -> None:
    assert [circle for circle in circles(GRAPH) if len({name.partition(".")[0] for name in circle}) > 1] == []


@pytest.mark.parametrize("package", ["lepton_core", "lepton_core.models"])
def test_no_two_folders_need_each_other(package: str) -> None:
    assert circles(of_folders(GRAPH, package)) == []


def test_no_file_of_the_core_imports_for_types_only() -> None:
    named = [
        name
        for name, path in modules(ROOT, ["lepton_core"]).items()
        if "TYPE_CHECKING" in path.read_text(encoding="utf-8")
    ]
    assert named == []


def test_imports_inside_functions_of_the_core_are_of_other_peoples_libraries() -> None:
    inner = {
        (name, line) for name, path in modules(ROOT, ["lepton_core"]).items() for line in _inner_imports(path)
    }
    assert inner == set()


def _inner_imports(path: Path) -> list[int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if (
            isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("lepton_core"))
        )
        or (isinstance(node, ast.Import) and any(one.name.startswith("lepton_core") for one in node.names))
    ]


def test_circles_are_found(tmp_path: Path) -> None:
    for name, text in {
        "p/__init__.py": "",
        "p/a.py": "from p import b",
        "p/b.py": "def f():\n    from .q.c import C",
        "p/q/__init__.py": "",
        "p/q/c.py": "import p.a",
        "p/q/d.py": "from p import a",
        "p/r/__init__.py": "",
        "p/r/e.py": "from p.q import d",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    graph = import_graph(modules(tmp_path, ["p"]))
    assert circles(graph) == [["p.a", "p.b", "p.q.c"]]
    assert of_folders(graph, "p") == {"q": frozenset(), "r": {"q"}}
