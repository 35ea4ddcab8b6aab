"""The times and the limits of a platform, and how an operator sets them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from lepton_core.errors import InvalidInput

PREFIX = "LEPTON_"


@dataclass(frozen=True)
class Settings:
    """Times are in seconds.

    - ``lease_seconds``: how long a run is held without a sign of its holder.
    - ``slice_seconds``: the longest that one task trains before it leaves a checkpoint.
    - ``attempts``: how many crashes in a row, without any progress in between, fail a run.
    - ``longest_wait_seconds``: the longest pause of a run while a store is away.
    - ``run_seconds``: the longest that one run may be worked on.
    - ``most_runs``, ``most_uploads``: how many runs, and announced files, one workspace may have under way.
    - ``quiet_seconds``: how long new data rests before the update that comes of it by itself, so that its owner can
      begin something else with it.
    - ``max_upload_bytes``: the largest file.
    - ``key_cache_seconds``, ``route_cache_seconds``: how long a key, and a deployment, is trusted without another look.
    - ``flush_seconds``: how often traffic is written.
    """

    lease_seconds: float = 30.0
    slice_seconds: float = 2.0
    attempts: int = 5
    longest_wait_seconds: float = 300.0
    run_seconds: float = 86_400.0
    most_runs: int = 200
    most_uploads: int = 1000
    quiet_seconds: float = 0.0
    max_upload_bytes: int = 2_000_000_000
    key_cache_seconds: float = 5.0
    route_cache_seconds: float = 5.0
    flush_seconds: float = 1.0


def set_by(environment: Mapping[str, str], settings: Settings) -> Settings:
    """``settings`` with those that the environment names, each by ``LEPTON_`` and its name in capitals.

    Raises `InvalidInput` naming the variable for a value that is not a number, or is negative.

    >>> set_by({"LEPTON_MOST_RUNS": "500", "HOME": "/root"}, Settings()).most_runs
    500
    """
    found: dict[str, Any] = {}
    for one in fields(settings):
        variable = f"{PREFIX}{one.name.upper()}"
        text = environment.get(variable)
        if text is not None:
            found[one.name] = _number(text, variable, type(getattr(settings, one.name)))
    return replace(settings, **found)


def _number(text: str, variable: str, kind: type[int] | type[float]) -> float:
    try:
        value = kind(text)
    except ValueError:
        raise InvalidInput(f"must be a number, not {text[:40]!r}", field=variable) from None
    if not 0 <= value < float("inf"):
        raise InvalidInput(f"must be a number of at least 0, not {text[:40]!r}", field=variable)
    return value
