"""Automatic training: which hyperparameters to try, on how many folds, and which of them win. Pure throughout."""

from lepton_core.search.candidates import Candidate, candidates, ranges
from lepton_core.search.halving import FOLDS, Search, Trial, Tried, folds_of
from lepton_core.search.standings import Entry, Standing, leaderboard, standings, winner

__all__ = [
    "FOLDS",
    "Candidate",
    "Entry",
    "Search",
    "Standing",
    "Trial",
    "Tried",
    "candidates",
    "folds_of",
    "leaderboard",
    "ranges",
    "standings",
    "winner",
]
