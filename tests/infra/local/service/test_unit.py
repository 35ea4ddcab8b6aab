"""The unit of systemd runs the very command, and restarts it only if it did not end by itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.service.unit import unit


def test_it_says_what_runs_where() -> None:
    command = ["/usr/bin/python3", "-m", "lepton_ai", "serve", "a b%", "$HOME"]
    found = unit("churn", command, Path("/srv/my data/$5"), 2.5)
    lines = found.splitlines()
    assert 'ExecStart=/usr/bin/python3 -m lepton_ai serve "a b%%" "$$HOME"' in lines
    assert "WorkingDirectory=/srv/my data/$5" in lines
    assert 'ReadWritePaths="/srv/my data/$5"' in lines
    assert "Restart=on-failure" in lines
    assert "TimeoutStopSec=17" in lines


def verified(text: str, folder: Path) -> str:
    """What systemd has to say against a unit; the test is skipped where there is none."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd here")
    path = folder / "lepton.service"
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [program, "--user", "verify", str(path)], env={**os.environ, "XDG_RUNTIME_DIR": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["data", "my data", "50%", "$HOME", 'a "b"', "it's", "a\\b", "größe", "%h", "#;"]
)
def test_systemd_finds_no_fault_with_it_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-m", "lepton_ai", "serve", name]
    assert verified(unit(name, command, tmp_path / name, 1.0), tmp_path) == ""


@pytest.mark.slow
def test_a_unit_that_is_none_would_be_told(tmp_path: Path) -> None:
    found = unit("churn", [sys.executable], tmp_path, 1.0).replace("ReadWritePaths=", "ReadWritePaths=no")
    assert "ReadWritePaths" in verified(found, tmp_path)
