"""`python -m infra.file_length FOLDER...`: a file answers one question, so none is longer than 400 lines."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

MOST_LINES = 400
KINDS = frozenset({".css", ".html", ".js", ".json", ".py"})


def too_long(places: Iterable[Path]) -> Iterator[tuple[Path, int]]:
    """Each source file at or below ``places`` with more than `MOST_LINES` lines, and how many it has."""
    for place in places:
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if path.suffix in KINDS and path.is_file():
                lines = path.read_bytes().count(b"\n")
                if lines > MOST_LINES:
                    yield path, lines


def main() -> None:
    """Name what is too long; exit status 1 if anything is."""
    found = [
        f"{path}: {lines} lines; the most is {MOST_LINES}"
        for path, lines in too_long(map(Path, sys.argv[1:]))
    ]
    sys.exit("\n".join(found) or 0)


if __name__ == "__main__":
    main()
