"""Automatic training: which hyperparameters to try, on how many folds, and which of them win. Pure throughout."""

from lepton_core.search.candidates import Candidate, candidates, opener, ranges
from lepton_core.search.halving import Search
from lepton_core.search.standings import Entry, Standing, contenders, leaderboard, standings, winner
from lepton_core.search.trial import FOLDS, RUNGS, Trial, Tried, folds_of, repeats_for

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
    "contenders",
    "folds_of",
    "leaderboard",
    "opener",
    "ranges",
    "repeats_for",
    "standings",
    "winner",
]
