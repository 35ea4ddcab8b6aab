import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.tags import mac_platforms, platform_tags

from infra.native import compiler, glibc_said, needed_glibc
from infra.wheel_hook import NATIVE, OLDEST_GLIBC, machine, rewrite, wheel_files

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


@pytest.mark.skipif(
    compiler() is None or shutil.which("objdump") is None or not sys.platform.startswith("linux"),
    reason="needs Linux, a C compiler and objdump",
)
def test_it_claims_the_linux_systems_whose_glibc_has_all_that_the_library_asks_for(
    wheel: Path, tmp_path: Path
) -> None:
    path = Path(zipfile.ZipFile(wheel).extract(NATIVE, tmp_path))
    # The names of versions stand in the file as plain text.
    versions = re.findall(rb"GLIBC_([0-9]+)\.([0-9]+)", path.read_bytes())
    newest = max((int(major), int(minor)) for major, minor in versions)
    assert needed_glibc(path) == newest <= OLDEST_GLIBC, "it asks for more than it did"
    assert wheel.stem.split("-")[-1] == f"manylinux_2_17_{os.uname().machine}"
    assert f"Tag: py3-none-manylinux_2_17_{os.uname().machine}\n" in _metadata(wheel)


@pytest.mark.slow
@pytest.mark.parametrize("with_compiler", [True, False])
def test_an_sdist_gives_the_library_where_there_is_a_compiler(tmp_path: Path, with_compiler: bool) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)]
    subprocess.run([*build, "-t", "sdist"], cwd=ROOT, check=True, capture_output=True)
    (packed,) = tmp_path.glob("*.tar.gz")
    shutil.unpack_archive(packed, tmp_path, filter="data")
    environment = {**os.environ, "PATH": os.environ["PATH"] if with_compiler else str(tmp_path)}
    environment.pop("CC", None)
    unpacked = tmp_path / packed.name.removesuffix(".tar.gz")
    done = subprocess.run(
        [*build, "-t", "wheel"], cwd=unpacked, env=environment, check=True, capture_output=True, text=True
    )
    (built,) = tmp_path.glob("*.whl")
    is_compiled = with_compiler and compiler() is not None
    assert (NATIVE in zipfile.ZipFile(built).namelist()) == is_compiled
    assert built.stem.endswith("py3-none-any") != is_compiled
    assert ("there is no C compiler" in done.stdout + done.stderr) != is_compiled


def _metadata(wheel: Path) -> str:
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/WHEEL"))
    return archive.read(name).decode()


def headers(needed: list[str], versions: dict[str, list[str]]) -> str:
    """What `objdump -p` prints of a library."""
    said = "".join(
        f"  required from {file}:\n" + "".join(f"    0x09691a75 0x00 02 {one}\n" for one in of_file)
        for file, of_file in versions.items()
    )
    return "".join(f"  NEEDED               {one}\n" for one in needed) + f"\nVersion References:\n{said}"


@pytest.mark.parametrize(
    ("needed", "versions", "oldest"),
    [
        (["libc.so.6"], {"libc.so.6": ["GLIBC_2.2.5", "GLIBC_2.14"]}, (2, 14)),
        (["libc.so.6"], {"libc.so.6": ["GLIBC_2.34", "GLIBC_2.4"]}, (2, 34)),
        (["libc.so.6"], {"libc.so.6": ["GLIBC_2.4", "GLIBC_PRIVATE"]}, None),
        (["libc.so.6", "libm.so.6"], {"libc.so.6": ["GLIBC_2.4"], "libm.so.6": ["GLIBC_2.29"]}, None),
        (["libc.musl-x86_64.so.1"], {}, None),
        ([], {}, None),
    ],
)
def test_what_needs_more_than_a_version_of_glibc_claims_no_other_system(
    needed: list[str], versions: dict[str, list[str]], oldest: tuple[int, int] | None
) -> None:
    assert glibc_said(headers(needed, versions)) == oldest
    tags = ["manylinux_2_40_x86_64", "manylinux_2_17_x86_64", "musllinux_1_2_x86_64", "linux_x86_64"]
    is_old = oldest is not None and oldest <= OLDEST_GLIBC
    assert machine(tags, oldest) == ("manylinux_2_17_x86_64" if is_old else "linux_x86_64")


def test_of_another_processor_and_without_objdump_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert machine(["linux_riscv64"], (2, 14)) == "linux_riscv64"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert needed_glibc(tmp_path / "compiled.bin") is None


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
