"""A root with nothing in it but a Python and what is named, and that nothing can write: as a container's is."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pytest

SITE = "/site"
"""Where in it the distributions are that a program may import."""

NOBODY = 10_001

_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_MOUNT = """\
set -eu
root=$1; shift
mount -t tmpfs -o mode=755 tmpfs "$root"
while [ "$1" != -- ]; do
  if [ -L "$1" ]; then
    mkdir -p "$root$(dirname "$2")"
    cp -P "$1" "$root$2"
  else
    if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$root$(dirname "$2")"; : > "$root$2"; fi
    mount --bind "$1" "$root$2"
    mount -o remount,bind,ro "$root$2"
  fi
  shift 2
done
shift
mount -o remount,ro "$root"
exec "$@"
"""
_ENTER = """\
import os, sys
_, root, folder, user, *words = sys.argv
os.chroot(root)
os.chdir(folder)
if int(user):
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
os.execv(words[0], words)
"""


def command_in(
    root: Path, words: Sequence[str], *, folder: str, places: Mapping[Path, str], distributions: Sequence[str]
) -> list[str]:
    """The command that runs Python with ``words`` in the ``folder`` of such a root, for which ``root`` is a new folder.

    ``places`` says what else is there, and where. The user has no rights where that can be had. The test is skipped
    where this user may mount nothing.
    """
    unshare = _unshare()
    root.mkdir()
    home = Path(sys.base_prefix)
    python = str(home / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")
    inside = {Path(one): one for one in _LIBRARIES if Path(one).exists()} | {home: str(home)} | dict(places)
    inside |= {one: f"{SITE}/{one.name}" for name in distributions for one in _files_of(name)}
    pairs = [str(one) for pair in inside.items() for one in pair]
    user = str(NOBODY if os.geteuid() == 0 else 0)
    # Without what is installed beside this Python.
    enter = [sys.executable, "-c", _ENTER, str(root), folder, user, python, "-S", *words]
    return [*unshare, "sh", "-c", _MOUNT, "sh", str(root), *pairs, "--", *enter]


def _files_of(name: str) -> set[Path]:
    """The folders and files that a distribution has beside others."""
    found = distribution(name)
    tops = {one.parts[0] for one in found.files or () if one.parts[0] != ".."}
    return {Path(str(found.locate_file(top))) for top in tops if top != "__pycache__"}


@cache
def _unshare() -> list[str]:
    command = ["unshare", "--mount", *(() if os.geteuid() == 0 else ("--user", "--map-root-user"))]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no root of its own can be made by this user: {error}")
    return command
