"""Versions that are loaded and fail, or are slow, however they are asked."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.world import World


@dataclass
class Failing:
    """What is loaded, whose every prediction raises ``error`` (None: none) after so many ``seconds``.

    To explain one takes so many seconds ``to_explain``.
    """

    inner: Any
    error: Exception | None
    seconds: float = 0.0
    to_explain: float = 0.0

    def predict(self, table: Any) -> Any:
        """See `Servable.predict`."""
        time.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return self.inner.predict(table)

    def explain(self, table: Any) -> Any:
        """See `Servable.explain`."""
        time.sleep(self.to_explain)
        return self.inner.explain(table)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@contextmanager
def failing(here: World, error: Exception | None, model: str = "m") -> Iterator[None]:
    """Within the block the version that the process has loaded raises ``error``."""
    loaded: Any = here.platform.loaded.get("default", model)
    inner = loaded.predictor
    loaded.predictor = Failing(inner, error)
    try:
        yield
    finally:
        loaded.predictor = inner
