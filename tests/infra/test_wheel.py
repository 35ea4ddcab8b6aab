import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.tags import mac_platforms, platform_tags

from infra.native import compiler
from infra.wheel_hook import NATIVE, machine, rewrite, wheel_files

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("from functions.values import Run", "from lepton_platform.functions.values import Run"),
        ("from functions import lookup, runs", "from lepton_platform.functions import lookup, runs"),
        (
            "    from infra.local.stack import Stack",
            "    from lepton_platform.infra.local.stack import Stack",
        ),
        ("from app import app", "from lepton_platform.app import app"),
        ("import app", "from lepton_platform import app"),
        ("import app as a", "from lepton_platform import app as a"),
        ("import functions.values as v", "import lepton_platform.functions.values as v"),
        ("from functionsx import y", "from functionsx import y"),
        ("import application", "import application"),
        ("from lepton_core.table import Table", "from lepton_core.table import Table"),
        ("app = 'from functions.x import y'", "app = 'from functions.x import y'"),
        ('"""\n>>> from app import app\n"""', '"""\n>>> from lepton_platform.app import app\n"""'),
        ("from . import app", "from . import app"),
    ],
)
def test_imports_are_rewritten(written: str, moved: str) -> None:
    indented = written.startswith(" ")
    assert rewrite(f"if True:\n{written}\n" if indented else written + "\n").endswith(moved + "\n")


def test_an_import_that_cannot_be_moved_stops_the_build() -> None:
    for source in ("import functions.values", "import os, app", "if True: from app import app"):
        with pytest.raises(ValueError, match=r"from \.\.\. import"):
            rewrite(source)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = target.glob("*.whl")
    return built


def test_the_wheel_takes_no_name_that_a_user_could_have(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names}
    (info,) = (name for name in top if name.endswith(".dist-info"))
    assert top == {"lepton_ai", "lepton_core", "lepton_platform", info}
    assert {"lepton_ai/py.typed", "lepton_core/py.typed"} <= set(names)
    assert "lepton_platform/app.py" in names
    assert "lepton_platform/functions/storage/disk_blobs.py" in names
    assert "lepton_platform/infra/local/up.py" in names
    assert not [name for name in names if "__pycache__" in name or "wheel_hook" in name or "test_" in name]
    assert not [name for name in names if name.endswith((".c", ".h"))]


def test_what_is_compiled_in_it_is_for_this_machine_and_is_used(wheel: Path, tmp_path: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    is_compiled = compiler() is not None
    assert (NATIVE in names) == is_compiled
    assert [name for name in names if name.endswith(".bin")] == [NATIVE] * is_compiled
    tag = wheel.stem.split("-")[-1]
    assert tag in set(platform_tags()) if is_compiled else tag == "any"
    zipfile.ZipFile(wheel).extractall(tmp_path)
    probe = "from lepton_core.table.native.library import FILE, native; print(native() is not None, FILE)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", probe],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    used, place = done.stdout.split()
    assert used == str(is_compiled) and Path(place).is_relative_to(tmp_path)


@pytest.mark.parametrize(
    ("version", "processor"), [((14, 2), "arm64"), ((11, 0), "arm64"), ((10, 15), "x86_64")]
)
def test_a_wheel_of_a_python_for_both_processors_of_a_mac_is_for_one(
    version: tuple[int, int], processor: str
) -> None:
    tags = list(mac_platforms(version, processor))
    found = machine(tags)
    assert found.endswith(f"_{processor}") and found in tags
    older = list(mac_platforms((version[0] - 1, 15), processor))
    assert found not in older


@pytest.mark.parametrize("how", ["exit 1", "kill -9 $PPID"])
def test_a_compiler_that_fails_or_is_stopped_leaves_nothing_in_a_wheel(how: str, tmp_path: Path) -> None:
    native = tmp_path / "root/lepton_core/table/native"
    shutil.copytree(
        ROOT / "lepton_core/table/native", native, ignore=shutil.ignore_patterns("__pycache__", "*.bin")
    )
    fake = tmp_path / "cc"
    fake.write_text(f'#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\necho half > "$2"\n{how}\n')
    fake.chmod(0o755)
    script = (
        "import sys; from pathlib import Path; from infra.native import compile_native;"
        "root = Path(sys.argv[1]); compile_native(root, root / sys.argv[2])"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "root"), NATIVE],
        env={**os.environ, "CC": str(fake), "PYTHONPATH": str(ROOT)},
        check=False,
    )
    left = {path.name for path in native.iterdir() if path.suffix == ".bin"}
    assert bool(left) == how.startswith("kill") and Path(NATIVE).name not in left
    assert not [place for _, place in wheel_files(tmp_path / "root") if "compiled" in place]


def test_it_imports_beside_a_users_own_modules_of_the_same_names(wheel: Path, tmp_path: Path) -> None:
    for name in ("functions.py", "infra.py", "app.py"):
        (tmp_path / name).write_text("raise SystemExit('the user\\'s own module was imported')\n")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    probe = (
        "import lepton_platform.app, lepton_platform.infra.local.up, lepton_ai, sys;"
        "print(len(lepton_platform.app.app.routes), 'functions' in sys.modules, lepton_ai.__file__)"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{tmp_path / 'site'}"}
    done = subprocess.run(
        [sys.executable, "-c", probe],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    routes, shadowed, place = done.stdout.split()
    assert int(routes) > 5
    assert shadowed == "False"
    assert Path(place).is_relative_to(tmp_path)
