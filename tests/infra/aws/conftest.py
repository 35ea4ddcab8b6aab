import json
import re
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from infra.aws.bundle import bundle
from infra.aws.packing import LOCKS, compile_folder, is_needless


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, without the layers: these need a package index."""
    return bundle(tmp_path_factory.mktemp("bundle"), layers=False)


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
    """What the layer of every function holds, and no other library."""
    return linked("layer", tmp_path_factory.mktemp("layer").resolve())


@pytest.fixture(scope="session")
def learners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What those that train have besides."""
    return linked("learners", tmp_path_factory.mktemp("learners").resolve())


@pytest.fixture(scope="session")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What those that take up files have besides."""
    return linked("readers", tmp_path_factory.mktemp("readers").resolve())


def linked(layer: str, folder: Path) -> Path:
    """Links to the files that are not needless of the installed distributions that the layer's lock file names."""
    for name in re.findall(r"^([a-z0-9-]+)==", (LOCKS / f"{layer}.txt").read_text(), re.MULTILINE):
        files = distribution(name).files
        assert files is not None
        for file in files:
            if ".." not in file.parts and not is_needless(Path(file)):
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).symlink_to(Path(str(file.locate())))
    return folder
