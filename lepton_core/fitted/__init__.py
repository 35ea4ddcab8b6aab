"""Fitted models of scikit-learn as versions of ours. Nothing here imports it: the caller hands over an object."""

from lepton_core.fitted.card import bare_card
from lepton_core.fitted.judge import Verified, judge, predictor, table_of
from lepton_core.fitted.model import TakenOver, take

__all__ = ["TakenOver", "Verified", "bare_card", "judge", "predictor", "table_of", "take"]
