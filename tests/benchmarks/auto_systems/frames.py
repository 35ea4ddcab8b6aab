"""The files of a job as frames of pandas, as a user of the rivals reads them. Nothing of Lepton is imported here."""

import pandas as pd

from tests.benchmarks.auto_systems.job import Job


def training(job: Job) -> pd.DataFrame:
    """The training rows as `pandas.read_csv` reads them; columns of booleans are words, since a gap makes them so."""
    frame = pd.read_csv(job.training, low_memory=False)
    for name in frame.columns.drop(job.label):
        if frame[name].dtype == bool:
            frame[name] = frame[name].astype("str")
    return frame


def asked(job: Job, trained: pd.DataFrame) -> pd.DataFrame:
    """The held-out rows with the types that the training rows have: a cell that is no number there is missing."""
    texts = [name for name in trained.columns.drop(job.label) if not is_number(trained[name])]
    frame = pd.read_csv(job.asked, dtype=dict.fromkeys(texts, "str"), low_memory=False)
    for name in frame.columns.difference(texts):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    return frame


def is_number(column: pd.Series) -> bool:
    """Whether the column holds numbers."""
    return bool(pd.api.types.is_numeric_dtype(column))


def labels(job: Job, frame: pd.DataFrame) -> pd.Series:
    """The label: numbers, or classes as texts."""
    column = frame[job.label]
    return column.astype("float64") if job.task == "regression" else column.astype("str").str.strip()
