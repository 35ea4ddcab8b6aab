"""A file that is no sound version is refused in words, whatever is wrong with it, and leaves nothing."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.system.import_check import checked
from lepton_core.artifact import digest, read_container, write_container
from lepton_core.errors import InvalidArtifact, NewerFormat
from lepton_core.evaluate import LabelRule
from lepton_core.export import FORMAT, Export, ExportedMember, ExportHead, _digest, read_export
from tests.support.exported import exported, imported, of_kind
from tests.support.sampling import examples
from tests.support.stores import Store, memory_store
from tests.support.world import World, world


def with_head(**changes: Any) -> bytes:
    """The file of version 1 with another head, whose digest is right."""
    found = read_export(exported().file)
    return replace(found, head=replace(found.head, **changes)).dump()


def with_evaluation(change: Callable[[dict[str, Any]], Any]) -> bytes:
    found = read_export(exported().file)
    told = json.loads(bytes(found.evaluation))
    return replace(found, evaluation=json.dumps(change(told) or told).encode()).dump()


def outcomes(**changes: Any) -> bytes:
    return with_evaluation(lambda told: told["outcomes"].update(changes))


def with_artifact(artifact: bytes, file: bytes | None = None) -> bytes:
    found = read_export(exported().file if file is None else file)
    fit = replace(found.head.answers, digest=digest(artifact))
    changes = {"served": fit} if found.head.served else {"judged": fit}
    return replace(found, artifact=artifact, head=replace(found.head, **changes)).dump()


def bent(name: str, change: Callable[[Any], Any]) -> bytes:
    """The file with an artifact of which one array is another one."""
    arrays, meta = read_container(read_export(exported().file).artifact)
    which = next(one for one in arrays if name in one)
    return with_artifact(write_container({**arrays, which: change(np.array(arrays[which]))}, meta))


def head() -> ExportHead:
    return read_export(exported().file).head


WRONG: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "another task": (lambda: with_head(task="regression"), "head.task"),
    "another algorithm": (lambda: with_head(algorithm="random_forest"), "head.algorithm"),
    "no seed": (lambda: with_head(hyperparameters={"iterations": 5}), "head.hyperparameters.seed"),
    "a seed that is a text": (lambda: with_head(hyperparameters={"seed": "0"}), "head.hyperparameters.seed"),
    "an unknown setting": (lambda: with_head(hyperparameters={"seed": 0, "nonsense": 1}), "head"),
    "a setting of another kind": (lambda: with_head(hyperparameters={"seed": 0, "l2": {"a": []}}), "head"),
    "members of no blend": (
        lambda: with_head(members=(ExportedMember("knn", {}, 1.0),)),
        "head.members",
    ),
    "an unknown transformer": (
        lambda: with_head(preprocessor={"format": 1, "steps": [{"transformer": "Run", "input": "a"}]}),
        "head",
    ),
    "a preprocessor that is none": (lambda: with_head(preprocessor={"steps": 5}), "head"),
    "a weight below none": (lambda: with_head(class_weight={"yes": -1.0}), "head.class_weight"),
    "fewer rows than none": (
        lambda: with_head(judged=replace(head().judged, rows=-1)),
        "head.judged.rows",
    ),
    "a name that no model has": (lambda: with_head(model="../../etc/passwd"), "head.model"),
    "a time that is none": (lambda: with_head(created="yesterday"), "head.created"),
    "a time without its zone": (lambda: with_head(created="2030-01-01T00:00:00"), "head.created"),
    "a time before all others": (lambda: with_head(created="0001-01-01T00:00:00+05:00"), "head.created"),
    "a time after all others": (lambda: with_head(created="9999-12-31T23:59:59-05:00"), "head.created"),
    "a rule without a wish": (lambda: with_head(wish=None), "head.rule"),
    "a rule of another class": (lambda: with_head(rule=LabelRule("maybe", threshold=0.5)), "head.rule"),
    "a card with a script": (
        lambda: replace(read_export(exported().file), card="<script>alert(1)</script>").dump(),
        "card",
    ),
    "an evaluation that is a list": (lambda: with_evaluation(lambda told: [told]), "evaluation"),
    "an evaluation of numbers": (
        lambda: with_evaluation(lambda told: told.update(task="regression")),
        "evaluation",
    ),
    "an evaluation without its figures": (
        lambda: with_evaluation(lambda told: told.pop("accuracy") and None),
        "evaluation",
    ),
    "an evaluation of other classes": (
        lambda: with_evaluation(lambda told: told.update(classes=["a", "b"])),
        "evaluation",
    ),
    "a confusion of other classes": (
        lambda: with_evaluation(lambda told: told.update(confusion=[[1, 2, 3]] * 3)),
        "evaluation",
    ),
    "a class without its figures": (
        lambda: with_evaluation(lambda told: told["per_class"].pop("yes") and None),
        "evaluation",
    ),
    "outcomes of other classes": (lambda: outcomes(classes=["a", "b"]), "evaluation"),
    "outcomes that go up": (
        lambda: with_evaluation(lambda told: told["outcomes"]["scores"].reverse()),
        "evaluation",
    ),
    "outcomes of fewer points": (lambda: outcomes(cuts=[0.5]), "evaluation"),
    "outcomes without a point": (lambda: outcomes(scores=[], cuts=[], found=[], alarms=[]), "evaluation"),
    "outcomes of other rows": (lambda: outcomes(support=[1, 1]), "evaluation"),
    "outcomes that are texts": (lambda: outcomes(scores=["a"]), "evaluation"),
    "an artifact that is none": (lambda: with_artifact(b"abc"), None),
    "another artifact": (
        lambda: with_artifact(bytes(read_export(of_kind("value")[0]).artifact)),
        "head.algorithm",
    ),
    "weights that are no numbers": (
        lambda: bent("weights", lambda found: np.full_like(found, np.nan)),
        None,
    ),
    "weights of another shape": (lambda: bent("weights", lambda found: found[:1]), None),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_says_what_cannot_be_is_refused_by_name_and_changes_nothing(name: str) -> None:
    make, field = WRONG[name]
    file = make()
    with pytest.raises(InvalidArtifact) as refused:
        checked(file)
    assert field in (None, refused.value.field), refused.value
    here = world(memory_store())
    done = imported(here, file)
    assert (done["state"], done["error"]["code"], done["version"]) == ("rejected", "invalid_artifact", None)
    assert done["error"]["message"] == refused.value.message
    assert here.refused("GET", "/v1/models/m")["code"] == "not_found"
    assert here.platform.blobs.keys("default/") == []


def test_a_file_of_a_newer_lepton_is_named_as_such(store: Store) -> None:
    here = world(store)
    arrays, meta = read_container(exported().file)
    parts = {one: array.data for one, array in arrays.items()}
    told = {"future": True}
    file = write_container(
        arrays,
        {"export": FORMAT + 1, "head": told, "digest": _digest(told, parts)} | {"more": meta["export"]},
    )
    with pytest.raises(NewerFormat):
        checked(file)
    assert imported(here, file)["error"]["code"] == "newer_format"


@pytest.mark.parametrize("file", [b"x", b"a,b\n1,2\n", bytes(1000), b"PK\x03\x04" + bytes(100)])
def test_what_is_no_export_at_all_is_refused(store: Store, file: bytes) -> None:
    here = world(store)
    done = imported(here, file)
    assert (done["state"], done["error"]["code"]) == ("rejected", "invalid_artifact")
    assert here.platform.blobs.keys("default/") == []


FILE = exported().file


@settings(max_examples=examples(200))
@given(at=st.integers(0, len(FILE) - 1), bit=st.integers(0, 7), end=st.booleans())
def test_no_file_that_was_changed_is_taken_for_one(at: int, bit: int, end: bool) -> None:
    changed = bytearray(FILE)
    changed[at] ^= 1 << bit
    file = bytes(FILE[:at] if end else changed)
    with pytest.raises(InvalidArtifact):
        checked(file)


def told(head: dict[str, Any]) -> bytes:
    """A file with that head, whose digest is right."""
    arrays, _ = read_container(FILE)
    parts = {one: array.data for one, array in arrays.items()}
    return write_container(arrays, {"export": FORMAT, "head": head, "digest": _digest(head, parts)})


HEAD = json.loads(json.dumps(asdict(read_export(FILE).head)))
ODD = st.sampled_from(
    [None, True, 0, -1, 10**30, 0.5, 1e308, "", "a", "\x00", "9" * 5000, [], ["a"], {}, {"a": {"b": []}}]
)


@settings(max_examples=examples(400))
@given(name=st.sampled_from(sorted(HEAD)), odd=ODD)
def test_no_head_makes_us_fail(name: str, odd: Any) -> None:
    """It is refused, or what it says is served, shown and exported again."""
    file = told({**HEAD, name: odd})
    here = world(memory_store())
    done = imported(here, file)
    if done["state"] == "rejected":
        assert done["error"]["code"] in ("invalid_artifact", "too_large")
        assert here.platform.blobs.keys("default/") == []
        return
    use(here)
    assert read_export(here.ok("GET", "/v1/models/m/versions/1/export/file")) == read_export(file)


def use(here: World) -> None:
    here.ok("POST", "/v1/models/m/deploy", {})
    here.ok("POST", "/v1/models/m/predict", {"rows": [{"a": 1, "b": 2}], "explain": True})
    for of_it in ("", "/evaluation", "/card", "/threshold"):
        here.ok("GET", f"/v1/models/m/versions/1{of_it}")
    here.refused("POST", "/v1/models/m/evaluate", {})


def test_a_sound_file_says_what_it_is() -> None:
    found = checked(FILE)
    assert isinstance(found.export, Export) and found.predictor.label == "label"
    assert found.decision is not None and found.decision.rule == found.export.head.rule
    assert found.created.utcoffset() is not None
    assert checked(of_kind("value")[0]).decision is None
