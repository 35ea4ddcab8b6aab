import json
import re
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from infra.aws.bundle import bundle
from infra.aws.packing import LAYER_LOCK, compile_folder


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, without the layer: that needs a package index."""
    return bundle(tmp_path_factory.mktemp("bundle"), layer=False)


@pytest.fixture(scope="session")
def template(package: Path) -> dict[str, Any]:
    """The template that is deployed."""
    loaded: dict[str, Any] = json.loads((package / "sam.json").read_text())
    return loaded


@pytest.fixture(scope="session")
def task(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked zip, compiled for the Python that runs the tests."""
    unpacked = tmp_path_factory.mktemp("task").resolve()
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        archive.extractall(unpacked)
    compile_folder(unpacked, sys.executable)
    return unpacked


@pytest.fixture(scope="session")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the layer holds, and no other library: links to the installed distributions that its lock file names."""
    folder = tmp_path_factory.mktemp("layer").resolve()
    for name in re.findall(r"^([a-z0-9-]+)==", LAYER_LOCK.read_text(), re.MULTILINE):
        files = distribution(name).files
        assert files is not None
        for top in {file.parts[0] for file in files} - {".."}:
            (folder / top).symlink_to(Path(str(distribution(name).locate_file(top))))
    return folder
