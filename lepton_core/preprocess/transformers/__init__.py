"""The transformers by name. A new one is a file here and a line below."""

from collections.abc import Mapping

from lepton_core.preprocess.transformers.base import Joint, Supervised, Transformer
from lepton_core.preprocess.transformers.columns import Drop, Select
from lepton_core.preprocess.transformers.date_parts import DateParts
from lepton_core.preprocess.transformers.hash import Hash
from lepton_core.preprocess.transformers.impute import Impute
from lepton_core.preprocess.transformers.log import Log
from lepton_core.preprocess.transformers.min_max import MinMax
from lepton_core.preprocess.transformers.missing_indicator import MissingIndicator
from lepton_core.preprocess.transformers.normalize import Normalize
from lepton_core.preprocess.transformers.one_hot import OneHot
from lepton_core.preprocess.transformers.ordinal import Ordinal
from lepton_core.preprocess.transformers.polynomial_features import PolynomialFeatures
from lepton_core.preprocess.transformers.quantile import Quantile
from lepton_core.preprocess.transformers.robust_scale import RobustScale
from lepton_core.preprocess.transformers.target_encode import TargetEncode
from lepton_core.preprocess.transformers.text_hash import TextHash

_PRODUCTS = PolynomialFeatures()
_MEANS = TargetEncode()

TRANSFORMERS: Mapping[str, Transformer] = {
    "Normalize": Normalize(),
    "MinMax": MinMax(),
    "RobustScale": RobustScale(),
    "Log": Log(),
    "Quantile": Quantile(),
    "PolynomialFeatures": _PRODUCTS,
    "Impute": Impute(),
    "MissingIndicator": MissingIndicator(),
    "OneHot": OneHot(),
    "Ordinal": Ordinal(),
    "TargetEncode": _MEANS,
    "Hash": Hash(),
    "DateParts": DateParts(),
    "TextHash": TextHash(),
    "Select": Select(),
    "Drop": Drop(),
}

JOINT: Mapping[str, Joint] = {"PolynomialFeatures": _PRODUCTS}
"""Those that make features of several columns together."""

SUPERVISED: Mapping[str, Supervised] = {"TargetEncode": _MEANS}
"""Those that learn from the label: a chain with one of them is fitted to the very rows that a model is trained on."""

EXCLUSIVE = frozenset({"Select"})
"""Those that leave nothing but the columns that they are given."""

__all__ = ["EXCLUSIVE", "JOINT", "SUPERVISED", "TRANSFORMERS", "Transformer"]

OPTIONAL: Mapping[str, frozenset[str]] = {"TextHash": frozenset({"places"})}
"""Statistics that are learnt only where an option asks: a state without them is whole."""
