"""What only POSIX systems have stands in one module, so that another system is a matter of that module."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "functions" / "storage" / "posix.py"
MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
CALLS = {
    "O_CLOEXEC",
    "O_DIRECT",
    "O_DIRECTORY",
    "O_DSYNC",
    "O_NOATIME",
    "O_NOCTTY",
    "O_NOFOLLOW",
    "O_NONBLOCK",
    "O_PATH",
    "O_SYNC",
    "O_TMPFILE",
    "fchmod",
    "fchown",
    "fdatasync",
    "fork",
    "forkpty",
    "fsync",
    "geteuid",
    "getpgid",
    "getuid",
    "hardlink_to",
    "killpg",
    "lchown",
    "link",
    "mkfifo",
    "nice",
    "register_at_fork",
    "sched_getaffinity",
    "sched_setaffinity",
    "SIGHUP",
    "SIGKILL",
    "SIGURG",
    "SIGUSR1",
    "SIG_BLOCK",
    "SIG_SETMASK",
    "pthread_sigmask",
    "setpgid",
    "setsid",
    "statvfs",
    "umask",
    "waitpid",
}


def posix_only(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each use of a module or call that other systems lack."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found = {alias.name.partition(".")[0] for alias in node.names} & MODULES
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found = {(node.module or "").partition(".")[0]} & MODULES
            if node.module == "os":
                found = {alias.name for alias in node.names} & CALLS
        elif isinstance(node, ast.Attribute) and node.attr in CALLS:
            found = {node.attr}
        else:
            continue
        yield from ((node.lineno, name) for name in sorted(found))


def test_only_one_module_calls_what_other_systems_lack() -> None:
    paths = [ROOT / "app.py"]
    for folder in ("functions", "infra", "lepton_ai", "lepton_core"):
        paths += sorted((ROOT / folder).rglob("*.py"))
    found = {
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in paths
        if path != HOME
        for line, name in posix_only(path.read_text())
    }
    assert not found, sorted(found)
    assert list(posix_only(HOME.read_text()))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import resource", ["resource"]),
        ("import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [])", ["SIG_BLOCK", "pthread_sigmask"]),
        ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)", []),
        ("from fcntl import flock", ["fcntl"]),
        ("from os import fsync, path", ["fsync"]),
        ("import os\nos.open(p, os.O_RDONLY | os.O_NOFOLLOW)", ["O_NOFOLLOW"]),
        ("path.hardlink_to(other)", ["hardlink_to"]),
        ("import os\nos.replace(a, b); os.getpid(); posix.sync_folder(a)", []),
        ("from functions.storage import posix", []),
    ],
)
def test_uses_are_found(source: str, names: list[str]) -> None:
    assert sorted(name for _, name in posix_only(source)) == names
