"""An exported version as the bytes of a file of ONNX."""

from typing import TYPE_CHECKING, Any

import numpy as np

from lepton_ai.onnx_file.columns import inputs_of, matrix
from lepton_ai.onnx_file.graph import Graph, Tensor
from lepton_ai.onnx_file.models import BUILDS
from lepton_ai.onnx_file.refused import refused
from lepton_core.predict import Predictor
from lepton_core.uncertain import Uncertain

if TYPE_CHECKING:
    from lepton_core.evaluate import LabelRule
    from lepton_core.export import Export
    from lepton_core.servable import Servable


def onnx_bytes(export: "Export") -> bytes:
    """The file: an input ``(N, 1)`` for each column, float64 or texts; `value`, or `probabilities` and `label`.

    They equal those of the version to 1e-6. The rule for labels is that of the ``export``. Raises `InvalidInput` (field
    'path') that names the algorithm, the transformer or the kind of column that has no form, or the library that is
    not installed.
    """
    head, graph = export.head, Graph()
    predictor = _single(export.load())
    inputs = inputs_of(graph, predictor)
    if not inputs:
        raise refused("a model that reads no column", "train one that does")
    X = matrix(graph, predictor, inputs)
    classes = len(predictor.classes)
    answer = BUILDS[predictor.algorithm](graph, predictor.parameters, X, classes)
    said = {
        "model": head.model,
        "version": str(head.version),
        "algorithm": head.algorithm,
        "label": predictor.label,
    }
    if not classes:
        value = graph.add("Reshape", answer, graph.constant([-1], np.int64), to="value")
        return graph.finished(head.model, [(value, "DOUBLE", ["N"])], said)
    shares = graph.add("Identity", answer, to="probabilities")
    label = _label(graph, shares, predictor.classes, head.rule)
    outputs: list[tuple[str, str, list[Any]]] = [(label, "STRING", ["N"]), (shares, "DOUBLE", ["N", classes])]
    return graph.finished(head.model, outputs, said | {"classes": "\n".join(predictor.classes)})


def _single(version: "Servable") -> Predictor:
    if isinstance(version, Uncertain):
        if version.uncertainty.calibrator is not None:
            raise refused("calibration of probabilities", "train with calibrate=False")
        version = version.model
    if not isinstance(version, Predictor):
        raise refused("a blend of models", "train one algorithm")
    if version.algorithm not in BUILDS:
        raise refused(f"the algorithm {version.algorithm}", f"train one of {', '.join(sorted(BUILDS))}")
    return version


def _label(graph: Graph, shares: Tensor, classes: tuple[str, ...], rule: "LabelRule | None") -> Tensor:
    if rule is not None and rule.threshold is not None:
        at = classes.index(rule.label or "")
        share = graph.add("Gather", shares, graph.constant(at, np.int64), axis=1)
        is_there = graph.add("GreaterOrEqual", share, graph.constant(rule.threshold))
        chosen = graph.constant(at, np.int64), graph.constant(1 - at, np.int64)
        place = graph.add("Where", is_there, *chosen)
    else:
        costs = None if rule is None else rule.costs
        weighed = shares
        if costs is not None:
            weighed = graph.add("Mul", shares, graph.constant([[costs.get(one, 1.0) for one in classes]]))
        place = graph.add("ArgMax", weighed, axis=1, keepdims=0)
    names = graph.constant_texts(classes)
    return graph.add("Gather", names, place, axis=0, to="label")
