"""What the docstrings of a package's public names lack, found in its sources alone.

Every public class, function and method has a docstring. One whose annotations (of a class: those of its fields) hold
an array names a shape. One with a `raise Error` in its own body (of a class: in its constructor) names the error in
backticks. Where a docstring says "See `P`", that of the method of the same name in the Protocol P is a part of it.
Examples do not count, and what the functions called in a body raise is not looked at.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef

# Of the words in parentheses only these are lengths; all else, like (arrays, meta) or (0, 1), is no shape.
_LENGTH = r"(?:\d+|K \(n \+ 1\)|[bkmnprBK]'?|columns|groups|iteration|len\([\w.]+\))"
_LENGTHS = re.compile(rf"{_LENGTH}(?: [+-] {_LENGTH})*")
_TUPLE = re.compile(r"\(((?:[^()]|(?:len|K )\([^()]*\))*)\)")
_WORDS = re.compile(r"\b(?:scalar|any shape|same shape|shaped like|shape of ``\w+``)")
_EXAMPLE = re.compile(r"^\s*>>>.*?(?:\n\s*\n|\Z)", re.M | re.S)
_CONSTRUCTORS = ("__init__", "__new__", "__post_init__")


@dataclass(frozen=True)
class _Public:
    """A public function or class: ``of`` is the class that holds it, if one does."""

    node: Function | ast.ClassDef
    of: str = ""

    @property
    def name(self) -> str:
        return f"{self.of}.{self.node.name}" if self.of else self.node.name


def lacking(sources: Mapping[str, str]) -> list[str]:
    """One line for each thing that is missing in the modules of a package, source by path: 'path:line name lacks x'."""
    modules = {path: ast.parse(source) for path, source in sources.items()}
    arrays = _array_names(modules.values())
    contracts = {
        f"{one.of}.{one.node.name}": _prose(one.node)
        for tree in modules.values()
        for klass in tree.body
        if isinstance(klass, ast.ClassDef) and any(_last(base) == "Protocol" for base in klass.bases)
        for one in _public([klass])
        if one.of
    }
    return [
        f"{path}:{one.node.lineno} {one.name} lacks {what}"
        for path, tree in modules.items()
        if not any(part.startswith("_") and part != "__init__.py" for part in path.split("/"))
        for one in _public(tree.body)
        for what in _lacks(one, arrays, contracts)
    ]


def names_a_shape(text: str) -> bool:
    """Whether ``(m,)``, ``(K, n + 1)``, ``(len(levels) + 2,)`` or "same shape" and its like occur in the text."""
    return bool(_WORDS.search(text)) or any(map(_is_shape, _TUPLE.findall(text)))


def _is_shape(inner: str) -> bool:
    parts = re.split(r", ?", inner.removesuffix(","))
    fits = all(part == "..." or _LENGTHS.fullmatch(part) for part in parts)
    one = len(parts) == 1
    return fits and (inner.endswith(",") if one else any(not part.isdigit() for part in parts))


def _public(body: list[ast.stmt], of: str = "") -> Iterator[_Public]:
    for node in body:
        if isinstance(node, (Function, ast.ClassDef)) and not node.name.startswith("_"):
            yield _Public(node, of)
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{of}.{node.name}" if of else node.name)


def _lacks(one: _Public, arrays: set[str], contracts: Mapping[str, str]) -> Iterator[str]:
    text = _prose(one.node)
    if not text:
        yield "a docstring"
        return
    for protocol in re.findall(r"\bSee `(\w+)`", text):
        text += contracts.get(f"{protocol}.{one.node.name}", "")
    if _names_in(_annotations(one.node)) & arrays and not names_a_shape(text):
        yield "a shape"
    bodies = [one.node] if isinstance(one.node, Function) else _constructors(one.node)
    for error in sorted({error for body in bodies for error in _raised(body)}):
        if not re.search(rf"`{error}`", text):
            yield f"`{error}`, which it raises"


def _prose(node: Function | ast.ClassDef) -> str:
    return _EXAMPLE.sub("", ast.get_docstring(node) or "")


def _constructors(node: ast.ClassDef) -> list[Function]:
    return [part for part in node.body if isinstance(part, Function) and part.name in _CONSTRUCTORS]


def _annotations(node: Function | ast.ClassDef) -> list[ast.expr]:
    if isinstance(node, ast.ClassDef):
        return [part.annotation for part in node.body if isinstance(part, ast.AnnAssign)]
    of = node.args
    every = [*of.posonlyargs, *of.args, *of.kwonlyargs, of.vararg, of.kwarg]
    found = [node.returns, *(one.annotation for one in every if one is not None)]
    return [annotation for annotation in found if annotation is not None]


def _names_in(annotations: list[ast.expr]) -> set[str]:
    names: set[str] = set()
    for node in (node for annotation in annotations for node in ast.walk(annotation)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            names |= set(re.findall(r"\w+", node.value))
        elif isinstance(node, (ast.Name, ast.Attribute)):
            names.add(_last(node))
    return names


def _array_names(modules: Iterable[ast.Module]) -> set[str]:
    """numpy's own names for arrays and the package's aliases of them, aliases of aliases included."""
    aliases = [
        (_last(target), _names_in([node.value]))
        for tree in modules
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Subscript, ast.BinOp, ast.Name))
        for target in node.targets
    ]
    names, before = {"NDArray", "ndarray", "ArrayLike"}, 0
    while len(names) > before:
        before = len(names)
        names |= {alias for alias, parts in aliases if parts & names}
    return names


def _raised(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (Function, ast.ClassDef)):
            continue
        if isinstance(child, ast.Raise) and child.exc is not None:
            error = child.exc.func if isinstance(child.exc, ast.Call) else child.exc
            if _last(error)[:1].isupper():
                yield _last(error)
        yield from _raised(child)


def _last(node: ast.expr) -> str:
    """X of X, of a.b.X and of X[Y]."""
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
