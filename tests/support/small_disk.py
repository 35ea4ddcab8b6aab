"""A file system of its own, so small that a test can fill it, or that can be made read-only."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class SmallDisk:
    """A file system at ``path``."""

    path: Path

    @property
    def _ballast(self) -> Path:
        return self.path / ".ballast"

    def fill(self, leave: int = 0) -> None:
        """Take all the room but ``leave`` bytes."""
        size = 1 << 16
        with self._ballast.open("ab", buffering=0) as file:
            while size >= 512:
                try:
                    file.write(bytes(size))
                except OSError:
                    size //= 2
        os.truncate(self._ballast, self._ballast.stat().st_size - leave)

    def empty(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink()

    def make_read_only(self) -> None:
        """Refuse every write from now on."""
        _run("mount", "-o", "remount,ro", str(self.path))


@contextmanager
def small_disk(path: Path, size: int) -> Iterator[SmallDisk]:
    """A file system of ``size`` bytes in memory. The test is skipped where this user may not mount one."""
    path.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("no 'mount' here")
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(path))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no file system can be mounted by this user: {error.stderr.strip()}")
    try:
        yield SmallDisk(path)
    finally:
        _run("umount", "--lazy", str(path))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
