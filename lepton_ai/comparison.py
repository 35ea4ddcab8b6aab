"""Two versions of a model on the same rows: the result of `Model.compare`."""

import msgspec

from lepton_core.promotion import LossComparison


class VersionComparison(msgspec.Struct, frozen=True):
    """``version`` beside an ``earlier`` one, on rows that version ``dataset_version`` of the data holds out.

    ``beside`` has the verdict and its numbers; None: there are no rows that neither has learnt from, or too many to
    compare them while you wait. ``sentence`` says what is shown, or why nothing can be.
    """

    model: str
    version: int
    earlier: int
    sentence: str
    dataset_version: int | None = None
    beside: LossComparison | None = None

    def __str__(self) -> str:
        """One line."""
        return f"{self.model} {self.sentence}"
