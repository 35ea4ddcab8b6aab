"""The rooms of the code: no two files need each other, and the rooms of `functions` are joined by few doors."""

import ast
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from infra import structure

MOST_ARROWS = 110
"""Between the files and folders that lie directly in functions; there were 156 before they had rooms."""


@pytest.fixture(scope="module")
def graph() -> structure.Graph:
    return structure.imports()


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """Not at the top of this file: every process that collects tests would read all files, and keep them."""
    return {name: ast.parse(path.read_text("utf-8")) for name, path in structure.files().items()}


def test_no_two_files_need_each_other(graph: structure.Graph) -> None:
    assert structure.circles(graph) == []
    assert structure.circles(structure.imports(packages=["tests"])) == []


@pytest.mark.parametrize("folder", [*structure.PACKAGES, *structure.folders(structure.files())])
def test_no_two_rooms_need_each_other(graph: structure.Graph, folder: str) -> None:
    assert structure.circles(structure.rooms(graph, folder)) == []


def test_the_rooms_of_the_shell_are_joined_by_few_doors(graph: structure.Graph) -> None:
    assert structure.arrows(structure.rooms(graph, "functions")) <= MOST_ARROWS


def test_a_circle_is_found_wherever_in_a_file_the_import_stands(tmp_path: Path) -> None:
    package = tmp_path / "functions"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text("def late():\n    from functions import two\n")
    (package / "two.py").write_text("if TYPE_CHECKING:\n    from functions.one import late\n")
    graph = structure.imports(tmp_path, ["functions"])
    assert structure.circles(graph) == [["functions.one", "functions.two"]]
    assert structure.arrows(structure.rooms(graph, "functions")) == 2


def test_imports_name_their_module_in_full(trees: dict[str, ast.Module]) -> None:
    """The graph is read from absolute imports."""
    for name, tree in trees.items():
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level], name


def test_no_module_only_passes_on_what_others_define(trees: dict[str, ast.Module]) -> None:
    """The door of a room (its ``__init__``) may; a file that does is one more name for the same thing."""
    for name, path in structure.files().items():
        if path.name == "__init__.py":
            continue
        body = trees[name].body
        own = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]
        assert any(not _says_nothing(node) for node in own), path


EACH_ITS_OWN = {"ALGORITHM", "FORMAT", "ROOT"}
"""The algorithm of a file, the number of a format, and the top of the tree as a command sees it."""


def test_a_public_constant_is_defined_once(trees: dict[str, ast.Module]) -> None:
    assert _doubled(trees, _constants, structure.PACKAGES) == EACH_ITS_OWN


def test_a_public_class_is_defined_once(trees: dict[str, ast.Module]) -> None:
    """The SDK shows what the others hold, under the same names."""
    assert _doubled(trees, _classes, [one for one in structure.PACKAGES if one != "lepton_ai"]) == set()


def _doubled(
    trees: dict[str, ast.Module], names: Callable[[ast.Module], set[str]], packages: Iterable[str]
) -> set[str]:
    found = Counter(
        one
        for module, tree in trees.items()
        if module.partition(".")[0] in packages
        for one in names(tree)
        if not one.startswith("_")
    )
    return {one for one, modules in found.items() if modules > 1}


def _constants(tree: ast.Module) -> set[str]:
    targets = [
        target
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    names = [one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)]
    return {name for name in names if name.isupper() and len(name) > 1}  # one letter: a type variable


def _classes(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def _says_nothing(node: ast.stmt) -> bool:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    is_all = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    return is_text or is_all
