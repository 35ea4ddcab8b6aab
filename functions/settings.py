"""The times and the limits of a platform, and how an operator sets them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from lepton_core.errors import InvalidInput

PREFIX = "LEPTON_"

LEAST: Mapping[str, float] = {
    "lease_seconds": 1.0,
    "slice_seconds": 0.01,
    "attempts": 1,
    "longest_wait_seconds": 1.0,
    "run_seconds": 1.0,
    "most_runs": 1,
    "most_uploads": 1,
    "max_upload_bytes": 1,
    "large_file_bytes": 1,
}
"""The least value of each setting that a platform can work with; 0 for the others."""

LONGEST_SECONDS = 31_536_000
"""The largest value of a time: a year."""

LARGEST_COUNT = 10**12
"""The largest value of every other setting."""

_ALIKE = 0.8
"""From which likeness on a name is taken for a misspelt one; the other variables of Lepton are less like a setting."""


@dataclass(frozen=True)
class Settings:
    """Times are in seconds.

    - ``lease_seconds``: how long a run is held without a sign of its holder.
    - ``slice_seconds``: the longest that one task trains before it leaves a checkpoint.
    - ``attempts``: how many crashes in a row, without any progress in between, fail a run.
    - ``longest_wait_seconds``: the longest pause of a run while a store is away.
    - ``run_seconds``: the longest that one run may be worked on.
    - ``cancelled_seconds``: how long the results of a cancelled run are kept, so that it can be resumed; 0: not at all.
    - ``most_runs``, ``most_uploads``: how many runs, and announced files, one workspace may have under way.
    - ``quiet_seconds``: how long new data rests before the update that comes of it by itself, so that its owner can
      begin something else with it.
    - ``max_upload_bytes``: the largest file; S3 takes 5 GiB in one request.
    - ``large_file_bytes``: from which size on a text file is read some of it at a time, as it may not fit in memory.
    - ``memory_bytes``: how much memory one training, or one file that is read, may need; 0: nobody knows.
    - ``key_cache_seconds``, ``route_cache_seconds``: how long a key, and a deployment, is trusted without another look.
    - ``session_seconds``: how long a browser stays signed in.
    - ``flush_seconds``: how often traffic is written.
    """

    lease_seconds: float = 30.0
    slice_seconds: float = 2.0
    attempts: int = 5
    longest_wait_seconds: float = 300.0
    run_seconds: float = 86_400.0
    cancelled_seconds: float = 604_800.0
    most_runs: int = 200
    most_uploads: int = 1000
    quiet_seconds: float = 0.0
    max_upload_bytes: int = 5_000_000_000
    large_file_bytes: int = 64_000_000
    memory_bytes: int = 0
    key_cache_seconds: float = 5.0
    route_cache_seconds: float = 5.0
    session_seconds: float = 604_800.0
    flush_seconds: float = 1.0


def set_by(environment: Mapping[str, str], settings: Settings) -> Settings:
    """``settings`` with those that the environment names, each by ``LEPTON_`` and its name in capitals.

    Raises `InvalidInput` naming the variable for a value that is not a number within the setting's range, and for a
    variable that looks like a misspelt setting.

    >>> set_by({"LEPTON_MOST_RUNS": "500", "HOME": "/root"}, Settings()).most_runs
    500
    """
    names = {f"{PREFIX}{one.name.upper()}": one.name for one in fields(settings)}
    found: dict[str, Any] = {}
    for variable, text in environment.items():
        if variable in names:
            name = names[variable]
            found[name] = _number(text, variable, name, type(getattr(settings, name)))
        elif variable.startswith(PREFIX):
            _check_spelling(variable, list(names))
    return replace(settings, **found)


def _check_spelling(variable: str, known: list[str]) -> None:
    # The prefix, which all have, would make any two of them look alike.
    meant = get_close_matches(
        variable.removeprefix(PREFIX), [name.removeprefix(PREFIX) for name in known], 1, _ALIKE
    )
    if meant:
        raise InvalidInput(f"{variable} is no setting; did you mean {PREFIX}{meant[0]}?", field=variable)


def _number(text: str, variable: str, name: str, kind: type[int] | type[float]) -> float:
    least = LEAST.get(name, 0)
    most = LONGEST_SECONDS if kind is float else LARGEST_COUNT
    wanted = "a number" if kind is float else "a whole number"
    refused = InvalidInput(
        f"{variable} must be {wanted} from {least:g} to {most}, not {text[:40]!r}", field=variable
    )
    try:
        value = kind(text)
    except ValueError:
        raise refused from None
    if not least <= value <= most:
        raise refused
    return value
