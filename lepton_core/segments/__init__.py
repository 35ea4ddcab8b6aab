"""Where a version is wrong: segments of the held-out rows, by each column, whose loss is higher than elsewhere."""

from lepton_core.segments.find import KnownColumns, weak_of_classes, weak_of_values

__all__ = ["KnownColumns", "weak_of_classes", "weak_of_values"]
