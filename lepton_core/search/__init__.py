"""Automatic training: which hyperparameters to try, on how many folds, and which of them win. Pure throughout."""

from lepton_core.search.candidates import Candidate, candidates, ranges
from lepton_core.search.halving import FOLDS, Search, folds_of, place
from lepton_core.search.standings import Standing, leaderboard, standings, winner

__all__ = [
    "FOLDS",
    "Candidate",
    "Search",
    "Standing",
    "candidates",
    "folds_of",
    "leaderboard",
    "place",
    "ranges",
    "standings",
    "winner",
]
