"""A graph of ONNX under construction: operators over named tensors, constants and inputs."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lepton_ai.errors import InvalidInput
from lepton_ai.onnx_file.refused import refused

OPSET, ML_OPSET, IR_VERSION = 19, 5, 10
"""The first with texts that are compared, and with trees of float64; the form of the file that goes with them."""

ML = "ai.onnx.ml"

LARGEST_FILE = 2**31 - 1
"""Of one file: protobuf takes no more."""

Tensor = str
"""The name of what an operator gives."""


def library() -> Any:
    """The library onnx. Raises `InvalidInput` (field 'path') that says how to install it."""
    try:
        import onnx  # noqa: PLC0415  (optional)
    except ImportError:
        raise InvalidInput(
            "a file of ONNX is written by the library onnx: pip install 'lepton-ai[onnx]'", field="path"
        ) from None
    return onnx


class Graph:
    """Nodes and constants in the order in which they were added."""

    def __init__(self) -> None:
        self.onnx = library()
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._columns: set[str] = set()

    def input(self, name: str, *, is_text: bool) -> Tensor:
        """A column ``(N, 1)`` of the caller: texts, or float64."""
        kind = self.onnx.TensorProto.STRING if is_text else self.onnx.TensorProto.DOUBLE
        self._inputs.append(self.onnx.helper.make_tensor_value_info(name, kind, ["N", 1]))
        self._columns.add(name)
        return name

    def unused(self, name: str) -> Tensor:
        """``name``, with as many strokes behind it as it takes to be none of an input; those are there before."""
        while name in self._columns:
            name += "_"
        return name

    def constant(self, values: Any, dtype: Any = np.float64) -> Tensor:
        """``values``, of any shape, as a tensor of this ``dtype``."""
        name = self.unused(f"constant {len(self._constants)}")
        array = np.asarray(values, dtype=dtype)
        self._constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def constant_texts(self, values: Sequence[str]) -> Tensor:
        """``values`` as a tensor ``(k,)``."""
        name = self.unused(f"constant {len(self._constants)}")
        texts = [one.encode() for one in values]
        kind = self.onnx.TensorProto.STRING
        self._constants.append(self.onnx.helper.make_tensor(name, kind, [len(texts)], texts))
        return name

    def add(
        self, operator: str, *inputs: Tensor, domain: str = "", to: str | None = None, **given: Any
    ) -> Tensor:
        """The tensor that ``operator`` makes of ``inputs``, with these attributes, called ``to`` if that is said."""
        name = self.unused(f"{operator} {len(self._nodes)}" if to is None else to)
        self._nodes.append(self.onnx.helper.make_node(operator, inputs, [name], domain=domain, **given))
        return name

    def cast(self, tensor: Tensor, kind: str = "DOUBLE") -> Tensor:
        """The same as another type of ONNX."""
        name = self.unused(f"Cast {len(self._nodes)}")
        node = self.onnx.helper.make_node("Cast", [tensor], [name], to=getattr(self.onnx.TensorProto, kind))
        self._nodes.append(node)
        return name

    def doubles(self, name: str, values: NDArray[np.float64] | Sequence[float]) -> Any:
        """An attribute of float64, (k,)."""
        return self.onnx.helper.make_tensor(name, self.onnx.TensorProto.DOUBLE, [len(values)], list(values))

    def beside(self, tensors: Sequence[Tensor]) -> Tensor:
        """All columns of ``tensors`` (N, k) as one."""
        return tensors[0] if len(tensors) == 1 else self.add("Concat", *tensors, axis=1)

    def finished(
        self, name: str, outputs: Sequence[tuple[Tensor, str, list[Any]]], said: dict[str, str]
    ) -> bytes:
        """The checked file with these ``outputs``: name, type and shape of each; ``said`` are notes for people.

        Raises `InvalidInput` (field 'path') for one of more than `LARGEST_FILE`.
        """
        helper = self.onnx.helper
        told = [
            helper.make_tensor_value_info(one, getattr(self.onnx.TensorProto, kind), shape)
            for one, kind, shape in outputs
        ]
        graph = helper.make_graph(self._nodes, name, self._inputs, told, self._constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="lepton")
        helper.set_model_props(model, said)
        data = _bytes(model)
        self.onnx.checker.check_model(data)
        return data


def _bytes(model: Any) -> bytes:
    too_large = import_module("google.protobuf.message").EncodeError
    try:
        data: bytes = model.SerializeToString()
    except (too_large, ValueError):
        data = b""
    if not 0 < len(data) <= LARGEST_FILE:
        raise refused("a version of more than 2 GB", "train fewer or smaller trees")
    return data
