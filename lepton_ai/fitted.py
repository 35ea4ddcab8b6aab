"""A fitted model of scikit-learn, written as an exported version."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lepton_ai.errors import InvalidInput
from lepton_ai.exporting import file_to_write, write_whole
from lepton_ai.transport import checked_name


def from_sklearn(
    estimator: Any,
    path: str | Path,
    *,
    name: str,
    label: str,
    features: Sequence[str] | None = None,
    X_test: Any = None,
    y_test: Any = None,
) -> Path:
    """Write the fitted ``estimator`` of scikit-learn into the file ``path``, as an exported version; its path.

    `load`, ``lepton serve --file`` and, if it was evaluated, `Model.import_` take the file. It predicts as the
    estimator does, to 1e-9. It is a linear or logistic regression, a tree, a forest of random or extra trees, histogram
    boosting, or a ``Pipeline`` of ``StandardScaler`` and ``SimpleImputer`` before one. The model is called ``name``,
    and what it predicts ``label``. ``features`` are the names of the columns, if it was fitted to an array. By
    ``X_test`` ``(m, n)`` and ``y_test`` ``(m,)``, rows that it has not learnt from, it is evaluated; later rows are
    watched and explained against those, of which up to a hundred stand in the file. Nothing is unpickled, and nothing
    of the file can run.

    Raises ``InvalidInput`` that names what cannot be held: field 'estimator', 'features', 'label', 'X_test' or
    'y_test'; and ``InvalidData`` for test rows that it cannot predict.
    """
    from lepton_core.artifact import digest  # noqa: PLC0415  (loads numpy)
    from lepton_core.export import Export, ExportedData, ExportedFit, ExportHead  # noqa: PLC0415
    from lepton_core.fitted import bare_card, judge, predictor, table_of, take  # noqa: PLC0415
    from lepton_core.table import Split  # noqa: PLC0415

    target, checked = file_to_write(path), checked_name(name)
    if not isinstance(label, str) or not label:
        raise InvalidInput("must be the name of what it predicts", field="label")
    if (X_test is None) != (y_test is None):
        raise InvalidInput("goes with X_test, and X_test with it", field="y_test")
    taken = take(estimator, features)
    rows = None if X_test is None else table_of(taken, X_test, "X_test")
    answers = predictor(taken, label, rows)
    judged = None if rows is None else judge(taken, answers, rows, y_test, "y_test")
    artifact, now = answers.dump(), datetime.now(UTC)
    evaluation = b""
    if judged is not None:
        kept = {} if judged.outcomes is None else {"outcomes": judged.outcomes}
        evaluation = msgspec.json.encode({**msgspec.to_builtins(judged.report), **kept})
    chain = answers.preprocessor.unfitted()
    head = ExportHead(
        model=checked,
        version=1,
        created=now.isoformat(),
        algorithm=taken.algorithm,
        task="classification" if taken.classes else "regression",
        hyperparameters={"seed": 0},
        data=ExportedData("", 0, ""),
        split=Split(),
        default_steps="default-5",
        metrics={} if judged is None else judged.metrics,
        judged=ExportedFit(digest(artifact), 0),
        preprocessor=chain.as_dict() if chain.steps else None,
        libraries=None if taken.version is None else {"scikit-learn": taken.version},
        notes=(f"fitted by scikit-learn, as {taken.made_by}",),
    )
    card = bare_card(checked, label, now.strftime("%Y-%m-%d %H:%M UTC"), taken, judged)
    write_whole(target, Export(head, artifact, card, evaluation).dump())
    return target
