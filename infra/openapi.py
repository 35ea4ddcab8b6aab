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
from functions.context import VERSION
from functions.edge.openapi import document
from infra.compatibility import breaks

COMMITTED = Path(__file__).parent.parent / "docs" / "openapi.json"
COMMAND = "python -m infra.openapi"


def current_document() -> dict[str, Any]:
    """The document of the app as it is now."""
    shown = document([one for one in edge.ROUTES if one.path in app.routes], version=VERSION)
    found: dict[str, Any] = json.loads(json.dumps(shown))
    return found


def text(of: dict[str, Any]) -> str:
    """A document as it is committed: by name, whatever the order in which its routes were declared.

    >>> print(text({"paths": {"/b": {}, "/a": {}}}), end="")
    {
      "paths": {
        "/a": {},
        "/b": {}
      }
    }
    """
    return json.dumps(of, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the file; exit status 1 and the reasons if clients would break."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write docs/openapi.json.")
    parser.add_argument(
        "--breaking", action="store_true", help="even if clients of the present one would break"
    )
    asked = parser.parse_args(arguments)
    found = breaks(json.loads(COMMITTED.read_text()), current_document()) if COMMITTED.exists() else []
    if found and not asked.breaking:
        sys.exit("not written, as clients would break:\n" + "\n".join(found))
    COMMITTED.write_text(text(current_document()))


if __name__ == "__main__":
    main()
