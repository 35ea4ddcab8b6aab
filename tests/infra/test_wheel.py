import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.wheel_hook import rewrite

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
