"""What each distribution of Lepton takes: ``python -m tests.benchmarks.sizes [FILE]`` writes, or prints, the page.

Each wheel is built and installed by pip into an environment of its own, as a user would; pip itself is not counted.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measured import measured_at
from tests.support.light import ROOT, build, install

COMMAND = "python -m tests.benchmarks.sizes docs/benchmarks/sizes.md"
WHEELS = {"lepton-ai": ROOT, "lepton-ai-serve": ROOT / "infra/light"}


def page(lines: list[str]) -> str:
    """The page with these lines of its table."""
    return f"""# What each distribution takes

`{COMMAND}` builds both wheels, and installs each into an empty environment. {measured_at("numpy", "scikit-learn")}

| distribution | wheel, MB | distributions installed | environment, MB |
|---|---|---|---|
{"".join(f"{line}{chr(10)}" for line in lines)}"""


def figures(wheels: dict[str, Path]) -> Iterator[str]:
    """A line of the table for each of the ``wheels``, built from its folder. Raises ``OSError`` without an index."""
    for name, project in wheels.items():
        with TemporaryDirectory() as place:
            folder = Path(place, "environment")
            wheel = build(Path(place), project)
            told = install(wheel, folder)
            if told:
                raise OSError(told)
            count = len(list(folder.glob("lib/*/site-packages/*.dist-info")))
            yield f"| `{name}` | {_mega(wheel)} | {count} | {_mega(*folder.rglob('*'))} |"


def _mega(*files: Path) -> str:
    """The bytes of ``files``, in millions."""
    return f"{sum(one.stat().st_size for one in files if one.is_file() and not one.is_symlink()) / 1e6:.1f}"


if __name__ == "__main__":
    written = page(list(figures(WHEELS)))
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(written, "utf-8")
    else:
        sys.stdout.write(written)
