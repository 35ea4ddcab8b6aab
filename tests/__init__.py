"""Tests, in the shape of the tree they test; `tests.support` holds what they share."""
