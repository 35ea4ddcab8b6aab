"""The transformers by name. A new one is a file here and a line below."""

from collections.abc import Mapping

from lepton_core.preprocess.transformers.base import Transformer
from lepton_core.preprocess.transformers.impute import Impute
from lepton_core.preprocess.transformers.min_max import MinMax
from lepton_core.preprocess.transformers.normalize import Normalize
from lepton_core.preprocess.transformers.one_hot import OneHot
from lepton_core.preprocess.transformers.ordinal import Ordinal

TRANSFORMERS: Mapping[str, Transformer] = {
    "Normalize": Normalize(),
    "MinMax": MinMax(),
    "Impute": Impute(),
    "OneHot": OneHot(),
    "Ordinal": Ordinal(),
}

__all__ = ["TRANSFORMERS", "Transformer"]
