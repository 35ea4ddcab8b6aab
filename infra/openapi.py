"""`python -m infra.openapi`: write docs/openapi.json, the API as clients may rely on it.

A change that would break a client is refused; with `--breaking` it is written all the same.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app import app
from functions import edge
from functions.edge.openapi import document
from functions.release import VERSION
from infra.compatibility import breaks

COMMITTED = Path(__file__).parent.parent / "docs" / "openapi.json"
COMMAND = "python -m infra.openapi"


def current() -> dict[str, Any]:
    """The document of the app as it is now."""
    shown = document([one for one in edge.ROUTES if one.path in app.routes], version=VERSION)
    found: dict[str, Any] = json.loads(json.dumps(shown))
    return found


def text(of: dict[str, Any]) -> str:
    """A document as it is committed: the paths in the order of the lifecycle, all else by name.

    >>> print(text({"paths": {"/b": {}, "/a": {}}, "info": {"z": 1, "a": 2}}), end="")
    {
      "info": {
        "a": 2,
        "z": 1
      },
      "paths": {
        "/b": {},
        "/a": {}
      }
    }
    """
    ordered = {key: value if key == "paths" else _by_name(value) for key, value in sorted(of.items())}
    return json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"


def _by_name(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _by_name(value[key]) for key in sorted(value)}
    return [_by_name(one) for one in value] if isinstance(value, list) else value


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file; exit status 1 and the reasons if clients would break."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write docs/openapi.json.")
    parser.add_argument(
        "--breaking", action="store_true", help="even if clients of the present one would break"
    )
    asked = parser.parse_args(arguments)
    found = breaks(json.loads(COMMITTED.read_text()), current()) if COMMITTED.exists() else []
    if found and not asked.breaking:
        sys.exit("not written, as clients would break:\n" + "\n".join(found))
    COMMITTED.write_text(text(current()))


if __name__ == "__main__":
    main()
