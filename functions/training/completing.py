"""A model that is fitted, and what was learnt out of fold beside it, as one version."""

from functions.records.files import read_file
from functions.runs.record import Run
from functions.runs.task import Learnt
from functions.storage import Workspace
from lepton_core.artifact import read_container
from lepton_core.ensemble import Ensemble
from lepton_core.predict import Predictor
from lepton_core.table import Table
from lepton_core.uncertain import Uncertain
from lepton_core.uncertainty.learnt import Uncertainty


def completed(
    store: Workspace, run: Run, learnt: Learnt, model: Predictor | Ensemble, features: Table
) -> Uncertain:
    """The ``model`` with what was ``learnt`` out of fold; it was fitted to the rows of ``features``."""
    data = read_file(store, learnt.file, f"what run {run.id!r} has learnt out of fold")
    return Uncertain.of(model, Uncertainty.unpacked(*read_container(data), len(model.classes)), features)
