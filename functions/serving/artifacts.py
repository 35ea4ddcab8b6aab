"""Trained versions, loaded from their files."""

from functions.records import find
from functions.storage import Workspace
from lepton_core.artifact import digest
from lepton_core.errors import InvalidArtifact, Unavailable
from lepton_core.predict import Predictor


def read_predictor(store: Workspace, artifact: str, expected: str) -> Predictor:
    """Load a version's artifact; its bytes must have the digest that the record holds.

    Raises `Unavailable` for a file that was damaged or replaced: that is nothing its reader did.
    """
    data = store.blobs.get(artifact)
    try:
        if digest(data) != expected:
            raise InvalidArtifact("its digest is not the one that was recorded")
        return Predictor.load(data)
    except InvalidArtifact as error:
        raise Unavailable(f"the model file is damaged ({error.message}); deploy another version") from error


def read_version(store: Workspace, model: str, wanted: int) -> Predictor:
    """The predictor of one version."""
    version = find.version(store, model, wanted).value
    return read_predictor(store, version.artifact, version.digest)
