"""Training that scikit-learn does. What comes of it are arrays; nothing but training needs scikit-learn."""

from importlib import import_module
from types import ModuleType

from lepton_core.errors import InvalidInput


def scikit_learn(algorithm: str, module: str = "sklearn") -> ModuleType:
    """The module of scikit-learn. Raises `InvalidInput` (field 'algorithm') if it is not installed.

    >>> scikit_learn("decision_tree", "sklearn.tree").__name__
    'sklearn.tree'
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise InvalidInput(
            f"{algorithm} needs scikit-learn to train: pip install scikit-learn", field="algorithm"
        ) from error
