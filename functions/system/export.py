"""A version as one file, gathered from its record and its blobs, and how it gets out."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

from functions.context import Platform
from functions.records import find
from functions.records.files import File, read_file, write_once
from functions.records.kinds import Version
from functions.records.names import name_of
from functions.storage import Workspace
from lepton_core.artifact import digest
from lepton_core.errors import NotFound, TooLarge
from lepton_core.export import Export, ExportedData, ExportedFit, ExportedMember, ExportHead
from lepton_core.table import ReadingOptions
from lepton_core.typed import of_json

ADDRESS_SECONDS = 3600
"""How long an address is good. The files under `exports` of a day stay for another day at least."""

MOST_SENT = 4_000_000
"""Bytes of a file that Lambda sends: it may answer 6 MB, and the file travels as base64."""


def exported(store: Workspace, version: Version, card: str) -> Export:
    """The version with that ``card``. Raises `Damaged` if a file of it is gone, or not what was written."""
    what = f"version {version.version} of model {version.model!r}"
    artifact = read_file(store, version.answers, f"the file of {what}")
    evaluation = read_file(store, version.evaluation, f"the evaluation of {what}")
    if version.imported is not None:
        head = _head_as_it_came(store, version, version.imported.head)
    else:
        head = _head(store, version, digest(artifact))
    return Export(head, artifact, card, evaluation)


def _head_as_it_came(store: Workspace, version: Version, file: File) -> ExportHead:
    """That of the file that a version was imported from, with the rule for labels that the version has now."""
    what = f"what the file of version {version.version} of model {version.model!r} said"
    head = of_json(json.loads(read_file(store, file, what)), ExportHead, "head")
    decided = version.decision
    has = (None, None) if decided is None else (decided.rule, decided.wish)
    if has == (head.rule, head.wish):
        return head
    notes = () if decided is None else (decided.sentence,)
    return replace(head, rule=has[0], wish=has[1], notes=notes)


def file_name(version: Version) -> str:
    """The name under which people keep the file.

    Names of models have letters, digits and "_-." alone.
    """
    return f"{version.model}-{version.version}.lepton"


def address(platform: Platform, store: Workspace, version: Version, card: Callable[[], str]) -> str | None:
    """Where the file lies for an hour, for whoever has the address; None if this store gives out none.

    It is written once a day, under its digest; the store removes it by itself (`infra/aws/resources.json`).
    """
    day = platform.clock().astimezone(UTC).strftime("%Y-%m-%d")
    if platform.blobs.download_url(store.blob("exports", day), name="", seconds=ADDRESS_SECONDS) is None:
        return None
    data = exported(store, version, card()).dump()
    key = store.blob("exports", day, digest(data).removeprefix("sha256:"))
    write_once(store, key, data)
    return platform.blobs.download_url(key, name=file_name(version), seconds=ADDRESS_SECONDS)


def check_sent(platform: Platform, store: Workspace, version: Version, size: int) -> None:
    """Raise `TooLarge` for a file of more bytes than an answer has, where the store has an address for it."""
    if size <= MOST_SENT or platform.blobs.download_url(store.blob("exports"), name="", seconds=1) is None:
        return
    way = f"/v1/models/{version.model}/versions/{version.version}/export"
    raise TooLarge(f"the file has {size} bytes; an answer holds {MOST_SENT}: GET {way} tells its address")


def _head(store: Workspace, version: Version, answers: str) -> ExportHead:
    """What the record says; ``answers`` is the digest of the artifact, which records of before have not."""
    again, decided = version.served, version.decision
    judged = answers if again is None else version.artifact.digest
    return ExportHead(
        model=version.model,
        version=version.version,
        created=version.created.astimezone(UTC).isoformat(),
        algorithm=version.algorithm,
        task=version.task,
        hyperparameters=version.hyperparameters,
        data=ExportedData(name_of(store, version.dataset), version.dataset_version, version.dataset_digest),
        split=version.split,
        default_steps=version.default_steps,
        metrics=version.metrics,
        judged=ExportedFit(judged, version.rows),
        served=None if again is None else ExportedFit(answers, again.rows),
        rule=None if decided is None else decided.rule,
        wish=None if decided is None else decided.wish,
        members=tuple(
            ExportedMember(one.algorithm, one.hyperparameters, one.weight) for one in version.members
        ),
        preprocessor=version.preprocessor,
        class_weight=version.class_weight,
        calibrate=version.extras.calibrate,
        uncertainty=version.extras.uncertainty,
        reading=_reading(store, version),
        libraries=version.libraries,
        notes=() if decided is None else (decided.sentence,),
    )


def _reading(store: Workspace, version: Version) -> ReadingOptions:
    """What was said of the files of the data set, as of its newest version; nothing if it was deleted."""
    try:
        newest = find.dataset(store, version.dataset).value.latest
        return find.dataset_version(store, version.dataset, newest).value.reading
    except NotFound:
        return ReadingOptions()
