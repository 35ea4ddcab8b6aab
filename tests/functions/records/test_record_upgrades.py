"""What an earlier Lepton wrote of a record, read as today's."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from functions.records.kinds import DUE_UPLOADS, DueUpload
from functions.storage import Record
from functions.storage.record_codec import decode, encode

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
