"""A fitted preprocessor as operators: from a tensor for each column to the design matrix."""

from collections.abc import Mapping

import numpy as np

from lepton_ai.onnx_file.graph import ML, Graph, Tensor
from lepton_ai.onnx_file.refused import refused
from lepton_core.predict import Predictor
from lepton_core.preprocess import Preprocessor
from lepton_core.preprocess.curves import SignedLog
from lepton_core.preprocess.design import Design
from lepton_core.preprocess.lookup import Lookup
from lepton_core.table import ColumnSchema
from lepton_core.table.spelling import MISSING_SPELLINGS

_NUMBERS = frozenset({"number", "integer", "boolean"})
_TEXTS = frozenset({"category"})


def inputs_of(graph: Graph, predictor: Predictor) -> dict[str, Tensor]:
    """An input ``(N, 1)`` for each column that the model reads, by its name: float64, or texts for categories.

    Raises `InvalidInput` (field 'path') that names a column of another kind.
    """
    made = {}
    for column in predictor.schema.columns:
        if column.name not in predictor.reads:
            continue
        if column.kind not in _NUMBERS | _TEXTS:
            raise refused(
                f"the {column.kind} column {column.name!r}", "leave the column out of the data with Drop"
            )
        made[column.name] = graph.input(column.name, is_text=column.kind in _TEXTS)
    return made


def matrix(graph: Graph, predictor: Predictor, inputs: Mapping[str, Tensor]) -> Tensor:
    """The design matrix ``(N, p)``, NaN where a value is missing and nothing fills it.

    Raises `InvalidInput` (field 'path') that names the transformer that has no form.
    """
    return _Columns(graph, predictor.preprocessor, inputs).of(predictor.preprocessor.design)


class _Columns:
    def __init__(self, graph: Graph, chain: Preprocessor, inputs: Mapping[str, Tensor]) -> None:
        self._graph, self._chain, self._inputs = graph, chain, inputs

    def of(self, design: Design) -> Tensor:
        """The columns of ``design``: scaled, and filled where they are missing."""
        graph = self._graph
        raw = graph.beside([one for _, one in sorted(self._pieces(design).items())])
        made = graph.add("Sub", raw, graph.constant(design.center[None]))
        made = graph.add("Div", made, graph.constant(design.divisor[None]))
        made = graph.add("Add", made, graph.constant(design.offset[None]))
        return graph.add("Where", graph.add("IsNaN", raw), graph.constant(design.fill[None]), made)

    def _pieces(self, design: Design) -> dict[int, Tensor]:
        """By their first column."""
        graph = self._graph
        made: dict[int, Tensor] = {j: self._inputs[name] for j, name in design.numbers}
        for some in design.indicators:
            wanted = graph.constant(np.arange(some.first, some.first + some.width)[None])
            made[some.start] = graph.cast(graph.add("Equal", self._places(some.lookup, design), wanted))
        for j, lookup in design.codes:
            made[j] = self._places(lookup, design)
        for derived in design.derived:
            for j in derived.at.tolist():
                made[j] = self._derived(design, j)
        return made

    def _derived(self, design: Design, j: int) -> Tensor:
        feature, graph = design.features[j], self._graph
        if not isinstance(feature.curve, SignedLog):
            raise refused(self._maker(feature.source), "train with a preprocessor without it")
        x = self.of(Design.of(feature.curve.inputs, design.schema))
        return graph.add("Mul", graph.add("Sign", x), self._log_of_one_more(graph.add("Abs", x)))

    def _log_of_one_more(self, x: Tensor) -> Tensor:
        """log(1 + x) without the digits that a small x loses in the sum (Kahan): u = 1 + x, log(u) x / (u - 1)."""
        graph, one = self._graph, self._graph.constant(1.0)
        more = graph.add("Add", x, one)
        kept = graph.add("Sub", more, one)
        grown = graph.add("Mul", graph.add("Log", more), graph.add("Div", x, kept))
        return graph.add("Where", graph.add("Equal", kept, graph.constant(0.0)), x, grown)

    def _maker(self, source: str) -> str:
        """The step that makes more of a column than a number that is scaled, in words."""
        plain = {
            "Impute",
            "Normalize",
            "MinMax",
            "RobustScale",
            "OneHot",
            "Ordinal",
            "MissingIndicator",
            "Log",
        }
        for step in self._chain.steps:
            if step.transformer not in plain and step.state is not None and source in step.state.columns:
                return f"{step.transformer} of the column {source!r}"
        return f"what the preprocessor makes of the column {source!r}"

    def _places(self, lookup: Lookup, design: Design) -> Tensor:
        """The place of each cell among the levels, ``(N, 1)``; NaN where it has none."""
        cell = self._inputs[lookup.source]
        if lookup.numeric:
            return self._places_of_numbers(lookup, cell)
        place = {str(level): float(at) for at, level in enumerate(lookup.levels)}
        other = float(len(lookup.levels)) if lookup.pooled else np.nan
        gone = np.nan if lookup.absent is None else place.get(str(lookup.absent), other)
        every = dict.fromkeys(_missing(design.schema[lookup.source]), gone) | place
        helper, kind = self._graph.onnx.helper, self._graph.onnx.TensorProto
        texts = [one.encode() for one in every]
        return self._graph.add(
            "LabelEncoder",
            cell,
            domain=ML,
            keys_tensor=helper.make_tensor("keys", kind.STRING, [len(texts)], texts),
            values_tensor=self._graph.doubles("values", list(every.values())),
            default_tensor=self._graph.doubles("default", [other]),
        )

    def _places_of_numbers(self, lookup: Lookup, cell: Tensor) -> Tensor:
        graph = self._graph
        if lookup.absent is not None:
            cell = graph.add("Where", graph.add("IsNaN", cell), graph.constant([[lookup.absent]]), cell)
        gone, nothing = graph.add("IsNaN", cell), graph.constant([[np.nan]])
        other = graph.constant([[float(len(lookup.levels))]]) if lookup.pooled else nothing
        other = graph.add("Where", gone, nothing, other)
        if not lookup.levels:
            return other
        same = graph.cast(graph.add("Equal", cell, graph.constant([lookup.levels])))
        weights = graph.constant(np.arange(1.0, len(lookup.levels) + 1)[:, None])
        found = graph.add("MatMul", same, weights)
        place = graph.add("Sub", found, graph.constant(1.0))
        return graph.add("Where", graph.add("Greater", found, graph.constant(0.0)), place, other)


def _missing(column: ColumnSchema) -> tuple[str, ...]:
    words = MISSING_SPELLINGS if column.missing_words is None else column.missing_words
    return tuple(sorted({"", *words}))
