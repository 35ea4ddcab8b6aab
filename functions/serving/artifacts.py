"""Trained versions, loaded from their files."""

from typing import TYPE_CHECKING

from functions.records import find
from functions.records.files import File, read_file
from functions.storage import Workspace
from lepton_core.errors import Damaged, InvalidArtifact
from lepton_core.load import load

if TYPE_CHECKING:
    from lepton_core.servable import Servable


def read_predictor(store: Workspace, model: str, version: int, artifact: File) -> "Servable":
    """Load a version's artifact. Raises `Damaged` if it is gone, or not what was written."""
    what = f"the file of version {version} of model {model!r}"
    data = read_file(store, artifact, what)
    try:
        return load(data)
    except InvalidArtifact as error:
        raise Damaged(f"{what} is damaged ({error.message}); deploy another version") from error


def read_version(store: Workspace, model: str, wanted: int) -> "Servable":
    """The judged predictor of one version, which has not seen its held-out rows. Raises `NotFound` and `Damaged`."""
    version = find.version(store, model, wanted).value
    return read_predictor(store, model, wanted, version.artifact)
