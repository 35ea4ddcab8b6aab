"""The Python SDK of Lepton: create, upload, train, evaluate, deploy, predict, monitor, update, retire.

    from lepton_ai import Data, Model

    model = Model("logistic_regression", name="my_model")
    model.upload_data(Data.from_csv("train_data.csv"))
    model.train()
    model.deploy()
    model.predict({"age": 41, "colour": "red"}).label

With no address configured the platform runs inside this process, with its state in ``.lepton/``. With
``LEPTON_URL`` and ``LEPTON_API_KEY`` the same calls go over HTTP.
"""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lepton_ai import errors
from lepton_ai.errors import (
    Conflict,
    Damaged,
    Diverged,
    Forbidden,
    InvalidArtifact,
    InvalidData,
    InvalidInput,
    LeptonError,
    NewerFormat,
    NotFound,
    StorageFull,
    TooLarge,
    TooMany,
    Unauthorized,
    Unavailable,
    UnsupportedMediaType,
)

if TYPE_CHECKING:
    from lepton_ai.catalog import Algorithm, Hyperparameter, algorithms
    from lepton_ai.comparison import VersionComparison
    from lepton_ai.data import Data
    from lepton_ai.data_report import DataReport
    from lepton_ai.dataset import Dataset, datasets
    from lepton_ai.evaluation import Evaluation
    from lepton_ai.exported import ExportedModel, load
    from lepton_ai.fitted import from_sklearn
    from lepton_ai.labels import Labels
    from lepton_ai.model import Model
    from lepton_ai.predictions import Prediction, Predictions
    from lepton_ai.preprocessor import DataPreprocessor
    from lepton_ai.report import MonitorReport
    from lepton_ai.results import Run, Update, Upload, Version
    from lepton_ai.served import Deployment, HistoryEntry
    from lepton_ai.split import Split
    from lepton_ai.trial import Trial

# A library is silent unless its user wants to hear it; `lepton up` does.
logging.getLogger("lepton").addHandler(logging.NullHandler())

__all__ = [
    "Algorithm",
    "Conflict",
    "Damaged",
    "Data",
    "DataPreprocessor",
    "DataReport",
    "Dataset",
    "Deployment",
    "Diverged",
    "Evaluation",
    "ExportedModel",
    "Forbidden",
    "HistoryEntry",
    "Hyperparameter",
    "InvalidArtifact",
    "InvalidData",
    "InvalidInput",
    "Labels",
    "LeptonError",
    "Model",
    "MonitorReport",
    "NewerFormat",
    "NotFound",
    "Prediction",
    "Predictions",
    "Run",
    "Split",
    "StorageFull",
    "TooLarge",
    "TooMany",
    "Trial",
    "Unauthorized",
    "Unavailable",
    "UnsupportedMediaType",
    "Update",
    "Upload",
    "Version",
    "VersionComparison",
    "algorithms",
    "datasets",
    "errors",
    "from_sklearn",
    "load",
]

# These modules load numpy or the HTTP client: they are imported when their name is first used.
_HOMES = {
    "Algorithm": "catalog",
    "VersionComparison": "comparison",
    "Data": "data",
    "DataPreprocessor": "preprocessor",
    "DataReport": "data_report",
    "Dataset": "dataset",
    "Deployment": "served",
    "Evaluation": "evaluation",
    "HistoryEntry": "served",
    "Hyperparameter": "catalog",
    "Labels": "labels",
    "Model": "model",
    "MonitorReport": "report",
    "Prediction": "predictions",
    "Predictions": "predictions",
    "Run": "results",
    "Split": "split",
    "Trial": "trial",
    "Update": "results",
    "Upload": "results",
    "Version": "results",
    "ExportedModel": "exported",
    "algorithms": "catalog",
    "datasets": "dataset",
    "from_sklearn": "fitted",
    "load": "exported",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
