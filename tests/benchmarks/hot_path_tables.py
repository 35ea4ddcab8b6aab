"""The tables of the benchmark of predictions, as dicts, and what a user of scikit-learn predicts such dicts with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

Row = dict[str, Any]

_SENTENCE = (
    "the late parcel came broken and a happy shop paid the money back in three days after my long phone call"
)
_BEGINNING = datetime(2024, 1, 1)


@dataclass(frozen=True)
class Rows:
    """Some ``rows`` with their ``labels``, and a ``pipeline`` of scikit-learn for a frame of such rows."""

    rows: list[Row]
    labels: list[str]
    pipeline: Pipeline

    @property
    def frame(self) -> pd.DataFrame:
        """The rows and their labels."""
        return pd.DataFrame(self.rows).assign(label=self.labels)

    def fitted(self) -> Callable[[list[Row]], Any]:
        """What gives scikit-learn's probabilities of dicts: through a frame, as its pipelines take columns by name."""
        fitted = self.pipeline.fit(pd.DataFrame(self.rows), self.labels)
        return lambda rows: fitted.predict_proba(pd.DataFrame(rows))


def numbers(count: int) -> Rows:
    """Breast cancer: 30 numbers."""
    bunch = load_breast_cancer()
    names = list(map(str, bunch.feature_names))
    rows = [dict(zip(names, row, strict=True)) for row in np.resize(bunch.data, (count, len(names))).tolist()]
    labels = np.resize(bunch.target_names[bunch.target].astype(str), count).tolist()
    return Rows(rows, labels, make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)))


def mixed(count: int) -> Rows:
    """Five numbers, some with gaps, three categories, two dates and two truth values."""
    return _rows(count, texts=False)


def with_texts(count: int) -> Rows:
    """The same, and a text of some words."""
    return _rows(count, texts=True)


TABLES: Mapping[str, Callable[[int], Rows]] = {
    "30 numbers": numbers,
    "5 numbers, 3 categories, 2 dates, 2 truth values": mixed,
    "- and a text of 4 to 13 words": with_texts,
}


def _rows(count: int, *, texts: bool) -> Rows:
    rng = np.random.default_rng(0)
    rows, labels = [], []
    for _ in range(count):
        row = _row(rng)
        if texts:
            row["note"] = " ".join(rng.choice(_SENTENCE.split(), rng.integers(4, 14)).tolist())
        rows.append(row)
        labels.append("yes" if row["score"] + (row["plan"] == "pro") + rng.normal() > 0.8 else "no")
    return Rows(rows, labels, _pipeline(texts=texts))


def _row(rng: np.random.Generator) -> Row:
    def or_missing(cell: Any, share: float) -> Any:
        return None if rng.random() < share else cell

    def one_of(*cells: Any) -> Any:
        return cells[rng.integers(len(cells))]

    return {
        "age": or_missing(round(rng.normal(40, 12), 1), 0.05),
        "income": round(float(rng.lognormal(10, 0.5)), 2),
        "visits": int(rng.integers(40)),
        "score": float(rng.random()),
        "balance": or_missing(float(rng.normal()), 0.1),
        "plan": one_of("free", "basic", "pro"),
        "town": f"town {rng.integers(60)}",
        "channel": one_of("web", "app", "shop", None),
        "joined": (_BEGINNING - timedelta(days=int(rng.integers(1500)))).date().isoformat(),
        "seen": (_BEGINNING + timedelta(seconds=int(rng.integers(10**7)))).isoformat(sep=" "),
        "active": one_of(True, False),
        "mail": one_of(True, False, None),
    }


def _pipeline(*, texts: bool) -> Pipeline:
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    parts = [
        ("numbers", scaled, ["age", "income", "visits", "score", "balance"]),
        ("categories", OneHotEncoder(handle_unknown="ignore"), ["plan", "town", "channel"]),
        ("dates", make_pipeline(FunctionTransformer(_date_parts), StandardScaler()), ["joined", "seen"]),
        ("truth", make_pipeline(FunctionTransformer(_as_numbers), scaled), ["active", "mail"]),
    ]
    notes = [("texts", HashingVectorizer(ngram_range=(1, 2)), "note")] if texts else []
    return make_pipeline(ColumnTransformer([*parts, *notes]), LogisticRegression(max_iter=1000))


def _date_parts(frame: pd.DataFrame) -> pd.DataFrame:
    parts = {}
    for name in frame:
        when = pd.to_datetime(frame[name])
        own = when.dt
        parts |= {
            f"{name}.{part}": getattr(own, part) for part in ("year", "month", "day_of_year", "day_of_week")
        }
        parts[f"{name}.elapsed"] = when.astype("int64")
    return pd.DataFrame(parts)


def _as_numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype("float64")
