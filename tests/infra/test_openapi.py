"""docs/openapi.json is what clients may rely on."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from infra import openapi
from infra.compatibility import breaks
from infra.openapi import COMMAND, COMMITTED, current_document, main, text
from tests.support import sampling


def test_no_client_of_the_committed_document_breaks() -> None:
    assert breaks(json.loads(COMMITTED.read_text()), current_document()) == []


def test_the_committed_document_is_the_apps() -> None:
    assert COMMITTED.read_text() == text(current_document()), f"the API changed; run: {COMMAND}"


def test_the_committed_document_goes_through_the_comparison_whole() -> None:
    document = current_document()
    operations = [(path, method) for path, ways in document["paths"].items() for method in ways]
    for path, method in sampling.some("operations taken out of the document", operations, 12):
        without = copy.deepcopy(document)
        del without["paths"][path][method]
        assert breaks(document, without) == [f"{method.upper()} {path}: is gone"]
        assert breaks(without, document) == []


def test_a_change_that_breaks_clients_is_written_on_demand_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "openapi.json"
    monkeypatch.setattr(openapi, "COMMITTED", target)
    main([])
    assert target.read_text() == COMMITTED.read_text()
    richer = current_document()
    richer["paths"]["/v1/more"] = richer["paths"]["/v1/health"]
    target.write_text(text(richer))
    with pytest.raises(SystemExit, match="GET /v1/more: is gone"):
        main([])
    assert target.read_text() == text(richer)
    main(["--breaking"])
    assert target.read_text() == COMMITTED.read_text()


def test_the_command_that_the_tests_name_exists() -> None:
    command = [sys.executable, *COMMAND.split()[1:], "--help"]
    assert "--breaking" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
