"""What a search tried: a line of its leaderboard, and all of them as a table."""

from collections.abc import Sequence
from typing import Any

import msgspec

from lepton_ai.show import figure, text_table
from lepton_core.errors import Failure


class Trial(msgspec.Struct, frozen=True):
    """One candidate of automatic training: its mean ``loss`` over the ``folds`` on which it was measured.

    ``rung`` is how far it came; ``error`` is what ended it, and then it has no loss.
    """

    candidate: int
    algorithm: str
    hyperparameters: dict[str, Any]
    loss: float | None
    folds: int
    rung: int
    seconds: float
    error: Failure | None = None

    def __str__(self) -> str:
        """One line."""
        measured = f"held-out loss {figure(self.loss)} over {self.folds} fold{'s' * (self.folds > 1)}"
        return f"candidate {self.candidate}: {measured if self.error is None else 'failed'}, {self.what}"

    @property
    def what(self) -> str:
        """Its configuration in words, and its error, if it failed."""
        given = ", ".join(f"{name}={value}" for name, value in self.hyperparameters.items())
        configured = f"{self.algorithm}({given})"
        return configured if self.error is None else f"{configured}: {self.error.message}"


def leaderboard_table(trials: Sequence[Trial]) -> str:
    """The trials as a table, in their order."""
    head = ["candidate", "held-out loss", "folds", "seconds"]
    rows = [[str(one.candidate), figure(one.loss), str(one.folds), figure(one.seconds)] for one in trials]
    lines = text_table(head, rows).splitlines()
    return "\n".join(
        f"{line}  {what}" for line, what in zip(lines, ["tried", *(one.what for one in trials)], strict=True)
    )
