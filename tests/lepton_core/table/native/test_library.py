"""The compiled functions keep to their memory, and files are read without them as well."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.native import compile_native, compiler
from lepton_core.table.native.library import FILE, loaded, native, using
from tests.support import sampling

ROOT = Path(__file__).parents[4]
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
        command = [sys.executable, *arguments, str(library), sampling.seed()]
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
    assert "3000 rounds" in done.stdout


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
