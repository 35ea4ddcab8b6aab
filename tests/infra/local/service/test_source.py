"""What a server of one model takes for a model, and what it says of a file that holds none."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.local.service.source import of_file
from lepton_core.errors import InvalidArtifact, InvalidInput
from lepton_core.export import read_export
from tests.support.exported import exported


def written(folder: Path, **changes: Any) -> Path:
    """The file of a version with another head, whose digest is right."""
    found = read_export(exported().file)
    path = folder / "a.lepton"
    path.write_bytes(replace(found, head=replace(found.head, **changes)).dump())
    return path


@pytest.mark.parametrize("odd", ["", "a/b", "\x1b[2J", "a\nb", "{version}", "x" * 300])
def test_a_file_whose_model_cannot_be_called_so_needs_another_name(tmp_path: Path, odd: str) -> None:
    path = written(tmp_path, model=odd)
    with pytest.raises(InvalidInput, match="give it another name") as refused:
        of_file(path)
    assert refused.value.field == "name"
    assert refused.value.message.isprintable()
    assert of_file(path, "m").name == "m"


def test_a_file_that_was_made_at_no_time_is_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path, created="yesterday")
    with pytest.raises(InvalidArtifact, match=r"a\.lepton.*made at no time, but at 'yesterday'"):
        of_file(path)
    assert of_file(written(tmp_path, created="2030-01-01T00:00:00")).origin().created.utcoffset() is not None
