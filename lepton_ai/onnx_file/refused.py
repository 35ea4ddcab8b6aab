"""The error for what ONNX cannot hold."""

from lepton_ai.errors import InvalidInput


def refused(what: str, remedy: str) -> InvalidInput:
    """The error (field 'path') that names ``what`` has no form in a file of ONNX.

    >>> print(refused("the algorithm svm", "train another one"))
    the algorithm svm has no form in a file of ONNX here; train another one, or export into a .lepton file
    """
    return InvalidInput(
        f"{what} has no form in a file of ONNX here; {remedy}, or export into a .lepton file", field="path"
    )
