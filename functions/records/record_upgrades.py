"""Bodies of records in the formats of earlier releases, made into those of today. Pure: JSON in, JSON out."""

from typing import Any

Body = dict[str, Any]

NOT_KEPT = ""
"""The digest of a file whose record did not keep one."""

BY_CONTENT = {"rule": "content-1"}
"""The split of everything from before there was a choice."""


def as_it_was(body: Body) -> Body:
    """A format that only gained a field, or a value, which an older program does not know: nothing had it before."""
    return body


def version_with_files(body: Body) -> Body:
    """Format 1 to 2: files are named with their digests; an importance that lay in the record stays where it is."""
    artifact = {"key": body.pop("artifact"), "digest": body.pop("digest")}
    evaluation = {"key": body.pop("evaluation"), "digest": NOT_KEPT}
    weighed = body.pop("importance", None)
    return {**body, "artifact": artifact, "evaluation": evaluation, "importance_inside": weighed}


def dataset_version_with_keys(body: Body) -> Body:
    """Format 3 to 4: no part of before has the keys of its rows behind its columns."""
    return {**body, "parts": [{**part, "keyed": False} for part in body["parts"]]}


def version_with_split(body: Body) -> Body:
    """Format 2 to 3: what was trained before there was a choice held out by content, and says so."""
    return {**body, "split": dict(BY_CONTENT)}


def deployment_with_files(body: Body) -> Body:
    """Format 1 to 2: a share of the traffic names its artifact with its digest."""
    shares = [
        {
            "version": share["version"],
            "weight": share["weight"],
            "artifact": {"key": share["artifact"], "digest": share["digest"]},
        }
        for share in body["routes"]
    ]
    return {**body, "routes": shares}


def dataset_version_with_parts(body: Body) -> Body:
    """Format 1 to 2: the one file of a table becomes its one part."""
    file = {"key": body.pop("table"), "digest": body["digest"]}
    return {**body, "parts": [{"file": file, "rows": body["rows"]}]}


def dataset_version_with_column_count(body: Body) -> Body:
    """Format 2 to 3: the columns, which lay in the record always, are counted."""
    return {**body, "column_count": len(body["columns"])}


def dataset_version_with_state(body: Body) -> Body:
    """Format 4 to 5: nothing was held, or said of how to read a file."""
    return {**body, "reading": {}, "state": "open"}


def dataset_version_with_life(body: Body) -> Body:
    """Format 5 to 6: nothing could be deleted."""
    return {**body, "life": "kept"}


def dataset_version_with_key_form(body: Body) -> Body:
    """Format 6 to 7: the keys of rows were made by the names of columns; later versions go on with that."""
    return {**body, "key_form": 1}


def dataset_with_numbers(body: Body) -> Body:
    """Format 1 to 2: the newest version had the last number that was given."""
    return {**body, "given": body["latest"]}


def model_with_held(body: Body) -> Body:
    """Format 1 to 2: the policy says what is done about data that is held, of which there was none."""
    return {**body, "policy": {**body.get("policy", {}), "held": "wait"}}


def upload_with_reading(body: Body) -> Body:
    """Format 1 to 2: nothing was said of how to read the file."""
    return {**body, "reading": {}}


def upload_with_mode(body: Body) -> Body:
    """Format 2 to 3: every file was a version by itself."""
    return {**body, "mode": "replace"}


def due_upload_with_fields(body: Body) -> Body:
    """Format 1 to 2: the dataset and the id of an upload, which were one text, are two fields."""
    dataset, _, upload = body.pop("subject").partition(":")
    return {**body, "dataset": dataset, "upload": upload}
