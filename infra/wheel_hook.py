"""Hatchling's build hook: in the wheel, what could collide with a user's modules is in `lepton_platform`.

In the repository ``functions``, ``infra`` and ``app`` are top-level names, as Chalice wants them. Installed
under those names they would shadow, or be shadowed by, a user's own ``functions.py``. The wheel therefore
holds them as ``lepton_platform.functions`` and so on, with every import rewritten; an editable install keeps
the repository's names.

Both get the compiled half of `lepton_core.table.native` if there is a C compiler, and then a wheel is for one kind of
machine; without a compiler, or with LEPTON_NATIVE=0, it is for all.

The wheel `lepton-ai-serve` (`infra/light`) has some of the same files, with the same bytes at the same places, and
nothing that is compiled.
"""

import ast
import os
import re
import runpy
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags

PACKAGE = "lepton_platform"
KEPT = ("lepton_ai", "lepton_core")
MOVED = ("functions", "infra", "app")
BACKED_UP = ("__init__", "keeping", "stack_stores")
"""What of the AWS host the command needs for backups of a stack."""

NATIVE = "lepton_core/table/native/compiled.bin"
MANY_LINUX = ("linux_x86_64", "linux_aarch64")
OLDEST_GLIBC = (2, 17)
"""That of manylinux2014, the oldest one for which both processors have a name."""

LEFT_OUT = (".pyc", ".bin", ".c", ".h")

_INSIDE = "|".join(MOVED)
_IMPORTS = (
    (re.compile(rf"^(\s*(?:>>> |\.\.\. )?)from ({_INSIDE})(?=[. ])", re.M), rf"\1from {PACKAGE}.\2"),
    (
        re.compile(rf"^(\s*(?:>>> |\.\.\. )?)import ({_INSIDE})(?=\s*$| as )", re.M),
        rf"\1from {PACKAGE} import \2",
    ),
    (re.compile(rf"^(\s*(?:>>> |\.\.\. )?)import ((?:{_INSIDE})\.\S+ as )", re.M), rf"\1import {PACKAGE}.\2"),
)


def rewrite(source: str, name: str = "<source>") -> str:
    """``source`` with the imports of the moved packages pointing below `lepton_platform`.

    Raises ``ValueError`` when one is written in a way that this cannot move (``import functions.x`` without
    ``as``).

    >>> rewrite("from functions.values import number")
    'from lepton_platform.functions.values import number'
    """
    for pattern, replacement in _IMPORTS:
        source = pattern.sub(replacement, source)
    for node in ast.walk(ast.parse(source, name)):
        for module in _imported(node):
            if module.partition(".")[0] in MOVED:
                raise ValueError(f"{name}: write the import of {module!r} as `from ... import ...`")
    return source


def wheel_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Each source file that the wheel holds, with its place in it."""
    for package in KEPT:
        yield from _below(root, package, package)
    yield from _below(root, "functions", f"{PACKAGE}/functions")
    yield from _below(root, "infra/local", f"{PACKAGE}/infra/local")
    for name in ("infra/__init__.py", *(f"infra/aws/{one}.py" for one in BACKED_UP)):
        yield root / name, f"{PACKAGE}/{name}"
    yield root / "app.py", f"{PACKAGE}/app.py"


def light_files(root: Path) -> Iterator[tuple[Path, str]]:
    """Those of `wheel_files` that a server of one model may use."""
    serves = runpy.run_path(str(root / "infra/local/service/light.py"))["serves"]
    chalice = root / "app.py"
    return ((path, place) for path, place in wheel_files(root) if path != chalice and serves(place))


def stage(root: Path, target: Path, *, light: bool = False) -> dict[str, str]:
    """Write the files of the wheel, or of the ``light`` one, below ``target``; the place of each in the wheel."""
    placed = {}
    chosen = light_files(root) if light else wheel_files(root)
    files = [*chosen, (None, f"{PACKAGE}/__init__.py")]
    for source, place in files:
        path = target / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if source is None:
            path.write_text('"""The platform behind `lepton_ai`, run in its process or by `lepton up`."""\n')
        elif source.suffix == ".py":
            path.write_text(rewrite(source.read_text("utf-8"), str(source.relative_to(root))), "utf-8")
        else:
            shutil.copyfile(source, path)
        placed[str(path)] = place
    return placed


def machine(tags: Iterable[str], glibc: tuple[int, int] | None = None) -> str:
    """Of the platforms whose wheels this Python takes, the best first, the one that a compiler here makes code for.

    A Python for both processors of a Mac takes wheels for both; what is compiled runs on one of them, and on no older
    system. Of Linux it is every system with a glibc from 2014 on (`OLDEST_GLIBC`), if the library needs no newer
    ``glibc``; if that is not known, no claim is made about other systems.

    >>> machine(["macosx_14_0_arm64", "macosx_14_0_universal2"])
    'macosx_14_0_arm64'
    >>> linux = ["manylinux_2_36_x86_64", "manylinux_2_17_x86_64", "linux_x86_64"]
    >>> machine(linux), machine(linux, (2, 14)), machine(linux, (2, 34))
    ('linux_x86_64', 'manylinux_2_17_x86_64', 'linux_x86_64')
    """
    found = next(tag for tag in tags if not tag.startswith(("manylinux", "musllinux")))
    if found not in MANY_LINUX or glibc is None or glibc > OLDEST_GLIBC:
        return found
    return found.replace("linux", "manylinux_{}_{}".format(*OLDEST_GLIBC))


class WheelHook(BuildHookInterface[Any]):
    """Puts the staged files, and nothing else, into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build."""
        root, light = self._sources, bool(self.config.get("light", False))
        if version == "editable":
            self._compiled(root / NATIVE)
            return
        self._staged = tempfile.TemporaryDirectory(prefix="lepton-wheel-")
        target = Path(self._staged.name)
        build_data["force_include"].update(stage(root, target, light=light))
        if not light and self._compiled(target / NATIVE):
            build_data["force_include"][str(target / NATIVE)] = NATIVE
            build_data["pure_python"] = False
            glibc = self._native()["needed_glibc"](target / NATIVE)
            build_data["tag"] = f"py3-none-{machine(platform_tags(), glibc)}"

    @property
    def _sources(self) -> Path:
        return Path(self.root, self.config.get("sources", "."))

    def _compiled(self, target: Path) -> bool:
        """Whether the hot loops of reading could be compiled; a build without them is as good, but for the time."""
        if os.environ.get("LEPTON_NATIVE") == "0":
            return False
        reason = self._native()["compile_native"](self._sources, target)
        if reason:
            self.app.display_warning(f"files will be read by numpy, which takes longer: {reason}")
        return not reason

    def _native(self) -> dict[str, Any]:
        return runpy.run_path(str(self._sources / "infra/native.py"))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Called by hatchling after each build."""
        if version != "editable":
            self._staged.cleanup()


def _below(root: Path, folder: str, place: str) -> Iterator[tuple[Path, str]]:
    for path in sorted((root / folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.suffix not in LEFT_OUT:
            yield path, f"{place}/{path.relative_to(root / folder).as_posix()}"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
        return [node.module]
    return []
