"""`python -m infra.file_length [PLACE...]`: a file answers one question, so none is longer than 400 lines."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

MOST_LINES = 400
EXEMPT = (
    "*.csv",
    "docs/benchmarks/*_logs.txt",
    "requirements/*.txt",
    "docs/openapi.json",
    "functions/console/static/words-*.json",
)
"""Files that programs write: tables of data, logs, locks, the API. And the words of a language: one list."""


def too_long(places: Iterable[Path]) -> Iterator[tuple[Path, int]]:
    """Each text file at or below ``places`` with more than `MOST_LINES` lines, and how many it has."""
    for place in places:
        for path in files(place) if place.is_dir() else [place]:
            if any(fnmatch(path.relative_to(place).as_posix(), pattern) for pattern in EXEMPT):
                continue
            content = path.read_bytes()
            lines = content.count(b"\n")
            if lines > MOST_LINES and b"\0" not in content:
                yield path, lines


def files(root: Path) -> list[Path]:
    """The files at and below ``root``, but for what its .gitignore leaves out; sorted.

    In a clone git says which they are, new ones that are not committed yet among them. Elsewhere (an unpacked
    archive, a machine without git) all are taken but those in folders that .gitignore names.
    """
    found = _of_git(root)
    paths = _below(root) if found is None else (root / name for name in found)
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def _of_git(root: Path) -> list[str] | None:
    # Only at the top of a clone: an archive unpacked inside another one is not that one's to list.
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    command = [git, "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  (git itself, of the path)
    return os.fsdecode(done.stdout).split("\0")[:-1] if done.returncode == 0 else None


def _below(root: Path) -> Iterator[Path]:
    ignore = root / ".gitignore"
    lines = ignore.read_text().split() if ignore.is_file() else []
    ignored = [".git", *(line.rstrip("/") for line in lines)]

    def kept(path: Path) -> bool:
        place = path.relative_to(root).as_posix()
        return not any(fnmatch(place if "/" in pattern else path.name, pattern) for pattern in ignored)

    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if kept(Path(folder, name))]
        yield from (path for name in names if kept(path := Path(folder, name)))


def main() -> None:
    """Name what is too long in the places given, or in this folder; exit status 1 if anything is."""
    places = [Path(place) for place in sys.argv[1:] or ["."]]
    found = [f"{path}: {lines} lines; the most is {MOST_LINES}" for path, lines in too_long(places)]
    sys.exit("\n".join(found) or 0)


if __name__ == "__main__":
    main()
