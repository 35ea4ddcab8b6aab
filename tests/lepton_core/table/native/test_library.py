"""The compiled functions keep to their memory, and files are read without them as well."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.native import compile_native, compiler
from lepton_core.table.native.library import FILE, fitting, loaded, native, using
from lepton_core.table.native.signatures import SIGNATURES, interface
from lepton_core.table.native.sources import FLAGS
from tests.support import sampling

ROOT = Path(__file__).parents[4]
ROUNDS = sampling.examples(3000)
needs_compiler = pytest.mark.skipif(compiler() is None, reason="there is no C compiler")


@needs_compiler
def test_an_installation_compiles_them() -> None:
    assert FILE.exists()
    assert native() is not None


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs Python with arguments, behind them a library that ends the process at a byte that is not its own."""
    if compiler() is None:
        pytest.skip("there is no C compiler")
    library = tmp_path_factory.mktemp("watched") / "watched.so"
    assert not compile_native(
        ROOT, library, "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"
    )
    runtime = output(str(compiler()), "-print-file-name=libasan.so")
    if not Path(runtime).is_absolute():
        pytest.skip("the compiler has no address sanitizer")
    watching = {"LD_PRELOAD": runtime, "ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments, str(library), sampling.seed(), str(ROUNDS)]
        environment = {**os.environ, **watching}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    return run


def output(*command: str, cwd: Path = ROOT, **more: str) -> str:
    environment = {**os.environ, **more}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.slow
def test_no_bytes_make_them_read_or_write_memory_that_is_not_theirs(
    watched: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = watched("-m", "tests.lepton_core.table.native.hostile")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{ROUNDS} rounds" in done.stdout


@pytest.mark.slow
def test_that_would_have_been_noticed(watched: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    probe = (
        "import sys, numpy as np; from pathlib import Path;"
        "from lepton_core.table.native.library import at, loaded;"
        "rows = np.zeros(5, dtype=np.uint64);"
        "loaded(Path(sys.argv[1])).lepton_mix(at(rows, np.uint64), at(rows, np.uint64), 500)"
    )
    assert "heap-buffer-overflow" in watched("-c", probe).stderr


def test_a_library_of_another_machine_is_as_if_there_was_none(tmp_path: Path) -> None:
    other = tmp_path / "other.so"
    other.write_bytes(b"\xcf\xfa\xed\xfe not of this machine")
    assert loaded(other) is None
    with using(loaded(other)):
        assert native() is None


@pytest.mark.slow
@needs_compiler
def test_what_was_compiled_from_other_sources_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "lepton_core/table/native"
    shutil.copytree(
        ROOT / "lepton_core", tmp_path / "lepton_core", ignore=shutil.ignore_patterns("__pycache__")
    )
    assert not compile_native(tmp_path, folder / FILE.name)
    probe = "from lepton_core.table.native.library import native; print(native() is None)"
    assert output(sys.executable, "-c", probe, PYTHONPATH=str(tmp_path), cwd=tmp_path) == "False"
    with (folder / "split.c").open("a") as file:
        file.write("/* changed */\n")
    assert (
        output(sys.executable, "-W", "ignore", "-c", probe, PYTHONPATH=str(tmp_path), cwd=tmp_path) == "True"
    )


def test_what_is_said_of_the_functions_is_what_their_sources_say() -> None:
    text = "".join(path.read_text() for path in sorted(FILE.parent.glob("*.c")))
    found = {}
    for gives, name, takes in re.findall(r"^(\w+) (lepton_\w+)\(([^)]*)\) \{", text, re.MULTILINE):
        words = [
            re.fullmatch(r"(?:const )?(\w+?)(?:_t)? ?(\*?)(?:const )?\w*", one.strip())
            for one in takes.removeprefix("void").split(",")
        ]
        found[name] = (gives, [f"{word[1]}{word[2]}" for word in words if word])

    def told(signature: str) -> tuple[str, list[str]]:
        gives, _, takes = signature.replace("bytes", "uint8*").partition(":")
        return gives if gives == "void" else f"{gives}_t", takes.split()

    assert found == {name: told(signature) for name, signature in SIGNATURES.items()}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Sources that are soon compiled: functions that do nothing, and the two that say what they were made from."""
    folder = tmp_path / "lepton_core/table/native"
    folder.mkdir(parents=True)
    for name in ("sources.py", "signatures.py"):
        shutil.copyfile(FILE.with_name(name), folder / name)
    getters = ("sources", "interface")
    lines = [f"uint64_t lepton_{name}(void) {{ return LEPTON_{name.upper()}; }}" for name in getters]
    others = SIGNATURES.keys() - {f"lepton_{name}" for name in getters}
    lines += [f"int64_t {name}(void) {{ return 0; }}" for name in sorted(others)]
    (folder / "small.c").write_text("\n".join(["#include <stdint.h>", *lines, ""]))
    return tmp_path


def made(root: Path, *more: str) -> Path:
    """What is compiled of the sources below ``root``, beside them."""
    file = root / "lepton_core/table/native" / FILE.name
    assert not compile_native(root, file, *more)
    return file


@needs_compiler
@pytest.mark.parametrize("more", [(), ("-Werror", "-Wshadow")])
def test_a_library_of_the_same_sources_flags_and_arguments_is_used(
    small: Path, more: tuple[str, ...]
) -> None:
    assert fitting(made(small, *more)) is not None


def demand_refused(file: Path) -> None:
    with pytest.warns(RuntimeWarning, match="was compiled from other sources, and is not used"):
        assert fitting(file) is None


@needs_compiler
def test_a_library_of_other_sources_is_refused(small: Path) -> None:
    file = made(small)
    with file.with_name("small.c").open("a") as sources:
        sources.write("/* changed */\n")
    demand_refused(file)


def test_other_arguments_or_flags_make_another_interface() -> None:
    assert interface(FLAGS) == interface([*FLAGS, "-Wshadow"]) != interface([*FLAGS, "-ffast-math"])


@needs_compiler
@pytest.mark.parametrize("way", ["flags", "arguments", "a function less"])
def test_a_library_that_was_made_otherwise_is_refused_with_its_sources_and_in_a_wheel(
    small: Path, way: str
) -> None:
    more = {"flags": ["-O0"], "a function less": ["-Dlepton_interface=lepton_nothing"]}.get(way, [])
    if way == "arguments":
        path = small / "lepton_core/table/native/signatures.py"
        path.write_text(path.read_text().replace("bytes int64 int64", "bytes int64 int32"))
    file = made(small, *more)
    demand_refused(file)
    demand_refused(file.rename(small / "without sources"))


@pytest.mark.parametrize("switch", ["0", "1"])
def test_a_person_can_have_files_read_by_numpy(switch: str) -> None:
    probe = "from lepton_core.table.native.library import native; print(native() is None)"
    found = output(sys.executable, "-c", probe, LEPTON_NATIVE=switch)
    assert found == str(switch == "0" or not FILE.exists())


def test_without_a_compiler_an_installation_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    assert "apt install gcc" in compile_native(ROOT, tmp_path / "made.so")
    assert not (tmp_path / "made.so").exists()
