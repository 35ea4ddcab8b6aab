"""A version as a file of ONNX, for other programs to predict with."""

from lepton_ai.onnx_file.write import onnx_bytes

__all__ = ["onnx_bytes"]
