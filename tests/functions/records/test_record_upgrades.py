"""What an earlier Lepton wrote of a record, read as today's."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.edge.shapes import ErrorView
from functions.records.kinds import (
    DATASET_VERSIONS,
    DEPLOYMENTS,
    DUE_UPLOADS,
    MODELS,
    UPLOADS,
    VERSIONS,
    DueUpload,
)
from functions.storage import Record
from functions.storage.record_codec import decode, encode
from lepton_core.decision import choose
from lepton_core.errors import Failure, InvalidData
from lepton_core.evaluate import LabelRule, LabelWish
from lepton_core.outcomes import outcomes
from lepton_core.remedy import RemedyRequest, call
from lepton_core.table import ReadingOptions

NAMES = st.from_regex(r"[a-z0-9][A-Za-z0-9_.-]{0,30}", fullmatch=True)


@given(workspace=NAMES, dataset=NAMES, upload=NAMES)
def test_a_pointer_to_an_upload_was_one_text_and_has_fields(
    workspace: str, dataset: str, upload: str
) -> None:
    body = {"workspace": workspace, "subject": f"{dataset}:{upload}", "since": "2030-01-01T00:00:00Z"}
    key = f"{workspace}:{dataset}:{upload}"
    found = decode(DUE_UPLOADS, Record("_system/due_uploads", key, 1, json.dumps(body).encode()))
    assert found == DueUpload(workspace, dataset, upload, datetime(2030, 1, 1, tzinfo=UTC))
    assert decode(DUE_UPLOADS, Record("_system/due_uploads", key, 2, encode(DUE_UPLOADS, found))) == found


def test_of_an_upload_of_before_nothing_was_said() -> None:
    body = {"id": "up-1", "dataset": "m", "state": "waiting", "created": "2030-01-01T00:00:00Z", "label": "y"}
    found = decode(UPLOADS, Record("w/uploads/m", "up-1", 1, json.dumps(body).encode()))
    assert (found.label, found.reading) == ("y", ReadingOptions())
    assert decode(UPLOADS, Record("w/uploads/m", "up-1", 2, encode(UPLOADS, found))) == found


def test_a_failure_of_before_keeps_its_message_and_one_of_now_its_request() -> None:
    body: dict[str, Any] = {"format": 5, "id": "up-1", "dataset": "m", "state": "rejected"}
    way = call(exclude=["zip"])
    told = {"code": "invalid_data", "message": f"is missing; to go on without it: {way}"}
    written = {**body, "created": "2030-01-01T00:00:00Z", "error": told}
    found = decode(UPLOADS, Record("w/uploads/m", "up-1", 1, json.dumps(written).encode()))
    assert found.error == Failure(**told)
    assert ErrorView.of(found.error).request is None
    now = msgspec.structs.replace(found, error=InvalidData(told["message"], remedies=[way]).failure)
    read = decode(UPLOADS, Record("w/uploads/m", "up-1", 2, encode(UPLOADS, now)))
    assert read == now
    assert read.error is not None
    assert ErrorView.of(read.error).request == RemedyRequest("upload", {"exclude": ["zip"]})


def test_a_dataset_version_of_before_is_open_and_has_no_report() -> None:
    body = {
        **{"format": 4, "dataset": "m", "version": 1, "digest": "d", "rows": 2, "label": "y", "columns": []},
        **{"column_count": 0, "parts": [], "upload": "up-1", "created": "2030-01-01T00:00:00Z"},
    }
    found = decode(DATASET_VERSIONS, Record("w/dataset_versions/m", "1", 1, json.dumps(body).encode()))
    assert (found.state, found.report, found.reading) == ("open", None, ReadingOptions())
    again = encode(DATASET_VERSIONS, found)
    assert decode(DATASET_VERSIONS, Record("w/dataset_versions/m", "1", 2, again)) == found


def test_the_policy_of_a_model_of_before_waits_for_what_is_held() -> None:
    body = {
        **{"name": "m", "algorithm": "svm", "dataset": "m", "created": "2030-01-01T00:00:00Z"},
        **{"policy": {"update": "manual", "tolerance": 0.5}},
    }
    found = decode(MODELS, Record("w/models", "m", 1, json.dumps(body).encode()))
    assert (found.policy.update, found.policy.tolerance, found.policy.held) == ("manual", 0.5, "wait")
    assert found.policy.margin == 0.02
    assert decode(MODELS, Record("w/models", "m", 2, encode(MODELS, found))) == found


def test_a_version_and_a_deployment_of_before_have_no_rule_for_labels() -> None:
    file, now = {"key": "w/runs/r/artifact-1", "digest": "sha256:0"}, "2030-01-01T00:00:00Z"
    body: dict[str, Any] = {
        **{"format": 2, "model": "m", "state": "serving", "created": now, "updated": now},
        "routes": [{"version": 1, "artifact": file, "weight": 1.0}],
    }
    found = decode(DEPLOYMENTS, Record("w/deployments", "m", 1, json.dumps(body).encode()))
    assert [share.rule for share in found.routes] == [None]
    ruled = replace(found, routes=[replace(found.routes[0], rule=LabelRule("yes", 0.25))])
    assert decode(DEPLOYMENTS, Record("w/deployments", "m", 2, encode(DEPLOYMENTS, ruled))) == ruled
    body = {
        **{"format": 6, "model": "m", "version": 1, "algorithm": "svm", "task": "classification", "run": "r"},
        **{"artifact": file, "evaluation": file, "created": now, "dataset": "m", "dataset_version": 1},
        **{"dataset_digest": "d", "hyperparameters": {}, "metrics": {}, "loss": []},
    }
    version = decode(VERSIONS, Record("w/versions/m", "1", 1, json.dumps(body).encode()))
    assert version.decision is None
    kept = outcomes(np.array([0, 1]), np.eye(2), ["no", "yes"])
    for wish in (LabelWish("recall", 0.9, "yes"), LabelWish("costs", costs={"yes": 5.0})):
        decided = replace(version, decision=choose(wish, kept))
        assert decode(VERSIONS, Record("w/versions/m", "1", 2, encode(VERSIONS, decided))) == decided
