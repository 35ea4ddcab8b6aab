"""What the README and the documentation show is run, and what they link to exists."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.world import two_classes

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def blocks() -> list[tuple[str, str]]:
    """Each page that has Python in it, with all its blocks as one program, in order."""
    found = [(page, "\n".join(_BLOCK.findall(page.read_text()))) for page in PAGES]
    return [(str(page.relative_to(ROOT)), code) for page, code in found if code]


@pytest.mark.parametrize(("page", "code"), blocks(), ids=lambda value: value if value.endswith(".md") else "")
def test_the_examples_of_a_page_run(tmp_path: Path, page: str, code: str) -> None:
    (tmp_path / "train_data.csv").write_bytes(two_classes(300))
    (tmp_path / "update_data.csv").write_bytes(two_classes(400, seed=1))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LEPTON_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{page}:\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_links_to_exists(page: Path) -> None:
    for target in _LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_shows_both_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "make demo" in readme
    assert "make test" in readme
