import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.file_length import MOST_LINES, files, too_long

ROOT = Path(__file__).resolve().parents[2]
LONG = "x = 1\n" * (MOST_LINES + 1)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with long files of every kind; those that may not be long are called long.*."""
    for name in (
        "long.md",
        "code/long.py",
        ".ci/long",
        "data.csv",
        "requirements/dev.txt",
        "build/deep/made.py",
        "some.egg-info/made.txt",
        ".chalice/deployed/made.json",
        ".venv/lib/made.py",
        "made.log",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(LONG)
    (tmp_path / "code" / "good.py").write_text("x = 1\n" * MOST_LINES)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0" + b"\n" * 1000)
    (tmp_path / "again.md").symlink_to("long.md")
    (tmp_path / ".gitignore").write_text("build/\n*.egg-info/\n.chalice/deployed/\n.venv/\n*.log\n")
    return tmp_path


def found(tree: Path) -> list[str]:
    return sorted(path.relative_to(tree).as_posix() for path, _ in too_long([tree]))


def git(folder: Path, *arguments: str) -> None:
    # Whatever the user has configured, and whichever clone these tests run for.
    alone = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    alone["GIT_CONFIG_GLOBAL"] = os.devnull
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    subprocess.run(command, check=True, capture_output=True, env=alone)


LONG_ONES = [".ci/long", "code/long.py", "long.md"]


def test_without_git_all_is_measured_but_what_gitignore_names(tree: Path) -> None:
    assert found(tree) == LONG_ONES


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_in_a_clone_git_says_what_is_measured(tree: Path) -> None:
    git(tree, "init")
    git(tree, "add", "long.md", "code", "requirements", "picture.png", "again.md", ".gitignore")
    git(tree, "commit", "-m", "all")
    (tree / "new.py").write_text(LONG)
    git(tree, "mv", "code/good.py", "code/better.py")
    (tree / "code" / "better.py").unlink()
    assert found(tree) == [*LONG_ONES, "new.py"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_folder_that_another_clone_ignores_is_measured(tree: Path) -> None:
    git(tree, "init")
    inside = tree / "build" / "lepton"
    inside.mkdir()
    (inside / "long.py").write_text(LONG)
    assert found(inside) == ["long.py"]


def test_a_clone_that_git_does_not_read_is_measured(tree: Path) -> None:
    (tree / ".git").write_text("gitdir: /nowhere\n")
    assert found(tree) == LONG_ONES


def test_the_command_names_what_is_too_long(tree: Path) -> None:
    command = [sys.executable, "-m", "infra.file_length", "long.md", "code/good.py"]
    done = subprocess.run(
        command, cwd=tree, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"long.md: {MOST_LINES + 1} lines; the most is {MOST_LINES}\n"


def test_no_file_of_the_repository_is_too_long() -> None:
    measured = {path.relative_to(ROOT).as_posix() for path in files(ROOT)}
    assert {"Makefile", "README.md", "docs/http-api.md", "infra/file_length.py", ".ci/run"} <= measured
    assert not [name for name in measured if name.startswith((".venv/", ".git/")) or "__pycache__" in name]
    assert list(too_long([ROOT])) == []
