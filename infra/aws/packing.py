"""The layers and the zip as Lambda wants them: built for its Python, compiled ahead, within its limits."""

import ast
import io
import shutil
import subprocess
import sys
import tempfile
import tokenize
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.aws.template import LAYERS, PYTHON

LOCKS = Path(__file__).resolve().parents[2] / "requirements"
"""Where each layer has its lock file. The learners' lacks what the other layer has: both lie beside each other."""

MOST_ZIPPED = 50 * 2**20
"""Largest zip that is sent inline."""

MOST_UNZIPPED = 250 * 2**20
"""Most that Lambda unpacks for one function, its layers included."""

PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64")
"""What Lambda's glibc runs; pip takes each tag by its name."""

NEEDLESS = frozenset({".a", ".c", ".cpp", ".f", ".f90", ".h", ".lib", ".pxd", ".pyi", ".pxi", ".pyx"})
"""Files that only a compiler, or a checker of types, reads."""

UNUSED = ("_flight", "_s3fs", "libarrow_flight", "libarrow_python_flight", "libarrow_s3")
"""How the files of pyarrow begin that speak to a network: a third of it, which reading a file never loads."""

_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Sizes:
    """Bytes of the zip of all functions, of what is in it, and of the layers (0: not built)."""

    zipped: int
    unzipped: int
    layer: int
    learners: int = 0
    readers: int = 0

    def __str__(self) -> str:
        zipped, unzipped, layer, learners, readers = (
            size / 2**20 for size in (self.zipped, self.unzipped, self.layer, self.learners, self.readers)
        )
        return (
            f"code {zipped:.1f} MiB zipped of {MOST_ZIPPED >> 20}; code {unzipped:.1f} + layer {layer:.1f} "
            f"(+ learners {learners:.1f} or readers {readers:.1f}) MiB unzipped of {MOST_UNZIPPED >> 20}"
        )

    def check(self) -> None:
        """Raise ``ValueError`` if Lambda would refuse it: a function has one layer besides, or none."""
        most = self.unzipped + self.layer + max(self.learners, self.readers)
        if self.zipped > MOST_ZIPPED or most > MOST_UNZIPPED:
            raise ValueError(f"too large for Lambda: {self}")


def sizes(package: Path) -> Sizes:
    """The sizes of a bundle."""
    archive = package / "deployment.zip"
    with zipfile.ZipFile(archive) as code:
        unzipped = sum(entry.file_size for entry in code.infolist())
    layers = {folder: _size(package / folder) for folder in LAYERS.values()}
    return Sizes(archive.stat().st_size, unzipped, **layers)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def is_needless(path: Path) -> bool:
    """Whether a file of a library, by its ``path`` in it, is none that running it reads.

    >>> [is_needless(Path(name)) for name in ("scipy/linalg/tests/test_lapack.py", "numpy/_core/numeric.pyi")]
    [True, True]
    >>> [is_needless(Path(name)) for name in ("scipy/linalg/lapack.py", "tests/__init__.py", "numpy/testing/utils.py")]
    [False, False, False]
    """
    return "tests" in path.parts[1:-1] or path.suffix in NEEDLESS or path.name.startswith(UNUSED)


def trim(folder: Path) -> None:
    """Delete what is needless below ``folder``: of numpy, scipy and scikit-learn a seventh."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and is_needless(path.relative_to(folder)):
            path.unlink()


def build_layer(layer: str, target: Path) -> None:
    """Install the locked dependencies of ``layer`` for Lambda's Python below ``target``, and `trim` them."""
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *(
            "--target",
            str(target),
            "--requirement",
            str(LOCKS / f"{layer}.txt"),
            "--require-hashes",
            "--no-deps",
        ),
        *("--no-compile", "--only-binary", ":all:"),
        *(part for tag in PLATFORMS for part in ("--platform", tag)),
        *("--python-version", PYTHON, "--implementation", "cp"),
    ]
    subprocess.run(command, check=True)  # noqa: S603  (our own interpreter, our own arguments)
    trim(target)


def lambda_python() -> str | None:
    """An interpreter of Lambda's version: this one, or the one on the path. None: there is none that works."""
    if f"{sys.version_info.major}.{sys.version_info.minor}" == PYTHON:
        return sys.executable
    found = shutil.which(f"python{PYTHON}")
    if found is None:
        return None
    # A version manager's stand-in may lie on the path for a version that is not installed, or not chosen.
    tried = subprocess.run([found, "-c", ""], capture_output=True, check=False)  # noqa: S603
    return found if tried.returncode == 0 else None


def without_examples(source: str, *, brief: bool = False, titled: bool = True) -> str:
    """A module without the examples of its docstrings, which nobody reads on a server; every line keeps its number.

    ``brief``: those of functions and methods go as a whole, unless something is built by them, as a route is. So does
    that of the module, unless it is ``titled``: read at run time. So do comments.
    """
    lines = source.split("\n")
    for comment in _comments(source) if brief else ():
        line, column = comment.start
        lines[line - 1] = lines[line - 1][:column].rstrip()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) or not ast.get_docstring(node):
            continue
        text = node.body[0]
        end = text.end_lineno or text.lineno
        if brief and isinstance(node, ast.FunctionDef) and not node.decorator_list and len(node.body) > 1:
            lines[text.lineno - 1] = " " * text.col_offset + '""'
            lines[text.lineno : end] = [""] * (end - text.lineno)
            continue
        if brief and not titled and isinstance(node, ast.Module):
            lines[text.lineno - 1 : end] = ['""', *[""] * (end - text.lineno)]
            continue
        inside = False
        for at in range(text.lineno, end - 1):  # neither the first line nor the last
            inside = bool(lines[at].strip()) and (inside or lines[at].lstrip().startswith(">>>"))
            if inside:
                lines[at] = ""
    return "\n".join(lines)


def _comments(source: str) -> Iterator[tokenize.TokenInfo]:
    read = tokenize.generate_tokens(io.StringIO(source).readline)
    return (one for one in read if one.type == tokenize.COMMENT)


def compile_folder(folder: Path, python: str) -> None:
    """Compile every module below ``folder`` for ``python``; the sources stay.

    Lambda's folders are read-only, so without this each cold start compiles everything again. The compiled files
    are taken as they are: the times that a zip gives its files say nothing.
    """
    command = [python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run(command, check=True)  # noqa: S603


def compile_zip(archive: Path, python: str) -> None:
    """Compile every module in ``archive``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(archive) as code:
            code.extractall(folder)
        compile_folder(folder, python)
        with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as code:
            for path in sorted(folder.rglob("*.pyc")):
                entry = zipfile.ZipInfo(str(path.relative_to(folder)), _NO_TIME)
                entry.external_attr = 0o644 << 16
                code.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
