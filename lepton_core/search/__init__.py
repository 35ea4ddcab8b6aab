"""Automatic training: which hyperparameters to try, on how many folds, and which of them win. Pure throughout."""

from lepton_core.search.candidates import Candidate, candidates, ranges
from lepton_core.search.halving import FOLDS, RUNGS, Search, Trial, Tried, folds_of, repeats_for
from lepton_core.search.standings import Entry, Standing, leaderboard, standings, winner

__all__ = [
    "FOLDS",
    "RUNGS",
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
    "repeats_for",
    "standings",
    "winner",
]
