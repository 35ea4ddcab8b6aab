"""Versions that are served: loaded, counted, published."""
