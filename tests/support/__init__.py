"""Helpers that tests share: stores, faults, AWS without AWS."""
