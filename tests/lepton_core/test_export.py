"""The file of an exported version: it holds what was put in, and each damage of it is refused with one error."""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lepton_core.artifact import digest, read_container, write_container
from lepton_core.errors import InvalidArtifact, NewerFormat
from lepton_core.evaluate import LabelRule, LabelWish
from lepton_core.export import (
    FORMAT,
    Export,
    ExportedData,
    ExportedFit,
    ExportedMember,
    ExportHead,
    _digest,
    read_export,
)
from lepton_core.table import Categories, Numbers, ReadingOptions, Split, Table
from lepton_core.train import Recipe, train

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 60))
TABLE = Table(
    (
        Numbers("a", A),
        Numbers("b", B),
        Categories.of("label", ["yes" if a + b > 0 else "no" for a, b in zip(A, B, strict=True)]),
    )
)
ARTIFACT = train(Recipe("logistic_regression", "label", {"iterations": 5}), TABLE, np.arange(60)).dump()
HEAD = ExportHead(
    model="churn",
    version=3,
    created="2030-01-02T03:04:05+00:00",
    algorithm="logistic_regression",
    task="classification",
    hyperparameters={"iterations": 5, "l2": 1e-7, "hidden": [6, 4], "optimizer": None},
    data=ExportedData("churn", 2, "sha256:0"),
    split=Split("group-1", 0.25, "patient"),
    default_steps="default-1",
    metrics={"accuracy": 0.75, "auc": None, "least": -0.0, "large": 1e300},
    judged=ExportedFit("sha256:1", 48),
    served=ExportedFit(digest(ARTIFACT), 60),
    rule=LabelRule("yes", threshold=0.25),
    wish=LabelWish("recall", 0.9),
    members=(ExportedMember("knn", {"neighbours": 3}, 1.0),),
    preprocessor={"format": 1, "steps": []},
    class_weight={"yes": 2.0},
    calibrate=True,
    reading=ReadingOptions(kinds={"zip": "category"}, missing={"a": ("-", "?")}, header=3, decimal=","),
    libraries={"numpy": "2"},
    notes=("'yes' from 0.25 on",),
)
EXPORT = Export(HEAD, ARTIFACT, "<!DOCTYPE html><p>ö", b'{"task": "classification"}')
FILE = EXPORT.dump()


def made(**changes: Any) -> bytes:
    """The file with another meta, whose digest is right."""
    arrays, meta = read_container(FILE)
    meta |= changes
    parts = {name: array.data for name, array in arrays.items()}
    return write_container(
        arrays, {"digest": _digest(meta["head"], parts), **{k: meta[k] for k in meta if k != "digest"}}
    )


def head(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = read_container(FILE)[1]["head"]
    return {**found, **changes}


def test_what_was_put_in_comes_out_and_makes_the_same_bytes() -> None:
    found = read_export(FILE)
    assert found.head == HEAD and found.card == EXPORT.card
    assert (bytes(found.artifact), bytes(found.evaluation)) == (ARTIFACT, EXPORT.evaluation)
    assert found.dump() == FILE == EXPORT.dump()
    assert found.head.answers == HEAD.served
    least = replace(HEAD, served=None, judged=ExportedFit(digest(ARTIFACT), 60), rule=None, wish=None)
    assert read_export(replace(EXPORT, head=least).dump()).head == least


def test_the_version_predicts_the_same_bits_from_the_file() -> None:
    features = TABLE.without("label")
    assert np.array_equal(read_export(FILE).load().predict(features), EXPORT.load().predict(features))


def test_the_reader_of_safetensors_reads_it() -> None:
    from safetensors.numpy import load

    found = load(FILE)
    assert found["artifact"].tobytes() == ARTIFACT
    assert found["card"].tobytes().decode() == EXPORT.card


def test_a_newer_format_is_named_as_such() -> None:
    with pytest.raises(NewerFormat, match="made by a newer Lepton") as refused:
        read_export(made(export=FORMAT + 1, head={"anything": 1}))
    assert refused.value.field == "export"


@pytest.mark.parametrize(
    "data", [b"", b"a,b\n1,2\n", ARTIFACT, write_container({}, {}), FILE[:-1], FILE + b" "]
)
def test_what_is_no_export_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidArtifact):
        read_export(data)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"version": 0}, "head.version"),
        ({"version": "3"}, "head.version"),
        ({"task": "clustering"}, "head.task"),
        ({"unknown": 1}, "head.unknown"),
        ({"split": {"rule": "copies-2", "fraction": 7.0, "column": None, "after": None}}, "split.fraction"),
        ({"served": {"digest": "sha256:2", "rows": 60}}, "head.served.digest"),
        ({"served": None}, "head.judged.digest"),
        ({"rule": {"label": "yes", "threshold": "0.25"}}, "head.rule.threshold"),
        ({"members": [{"algorithm": "knn"}]}, "head.members[0].hyperparameters"),
        ({"reading": {"delimiter": 3}}, "head.reading.delimiter"),
    ],
    ids=str,
)
def test_a_head_that_is_not_as_its_format_says_is_refused_by_its_field(
    changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidArtifact) as refused:
        read_export(made(head=head(**changed)))
    assert refused.value.field == field


def test_a_field_that_is_missing_is_named() -> None:
    told = head()
    del told["model"]
    with pytest.raises(InvalidArtifact, match=r"head\.model: missing"):
        read_export(made(head=told))


def test_a_head_that_is_nested_too_deep_is_refused() -> None:
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    told = made(head=head(hyperparameters={"x": deep}))
    assert read_export(told).head.hyperparameters["x"]
    text = json.dumps(json.dumps({"export": 1, "digest": "", "head": 0})).replace(
        "0}", "[" * 100_000 + "]" * 100_000 + "}"
    )
    header = f'{{"__metadata__":{{"lepton":{text}}}}}'.encode()
    with pytest.raises(InvalidArtifact):
        read_export(struct.pack("<Q", len(header)) + header)


@pytest.mark.parametrize(
    "rule",
    [
        {"label": "maybe", "threshold": 0.5},
        {"label": None, "threshold": 0.5},
        {"label": "yes", "threshold": 0.5, "costs": {"yes": 1.0}},
        {"label": None},
        {"costs": {}},
        {"costs": {"maybe": 1.0}},
        {"costs": {"yes": -1.0}},
    ],
    ids=str,
)
def test_a_rule_that_does_not_fit_the_classes_is_refused(rule: dict[str, Any]) -> None:
    found = read_export(made(head=head(rule=rule)))
    with pytest.raises(InvalidArtifact, match="does not fit the classes") as refused:
        found.load()
    assert refused.value.field == "head.rule"


@pytest.mark.parametrize("changed", [{"algorithm": "knn"}, {"task": "regression"}], ids=str)
def test_another_algorithm_than_that_of_the_artifact_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidArtifact) as refused:
        read_export(made(head=head(**changed))).load()
    assert refused.value.field == f"head.{next(iter(changed))}"


def test_parts_that_are_not_those_of_the_format_are_refused() -> None:
    arrays, meta = read_container(FILE)
    for other in (
        {**arrays, "more": arrays["card"]},
        {"artifact": arrays["artifact"]},
        {**arrays, "card": np.zeros(3)},
        {**arrays, "evaluation": arrays["evaluation"].reshape(1, -1)},
    ):
        with pytest.raises(InvalidArtifact):
            read_export(write_container(other, meta))
    no_text = replace(EXPORT, evaluation=b"").dump()
    arrays, meta = read_container(no_text)
    arrays["card"] = np.array([0xFF], np.uint8)
    meta["digest"] = _digest(meta["head"], {name: array.data for name, array in arrays.items()})
    with pytest.raises(InvalidArtifact, match="is no text"):
        read_export(write_container(arrays, meta))
    with pytest.raises(InvalidArtifact, match="the parts"):
        read_export(write_container(arrays, {**meta, "more": 1}))


ODD: list[Any] = [None, True, -1, 2**63, 1e308, "", "x", [], {}, [[]], {"a": {}}]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of each value in a document."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def test_any_other_value_at_any_place_is_read_or_refused_with_one_error() -> None:
    told = head()
    seen = {"refused": 0, "read": 0}
    for path in places(told):
        for odd in ODD:
            document = {"head": json.loads(json.dumps(told))}
            inner: Any = document
            for key in ("head", *path)[:-1]:
                inner = inner[key]
            inner[("head", *path)[-1]] = odd
            try:
                read_export(made(head=document["head"])).load()
            except InvalidArtifact:
                seen["refused"] += 1
            else:
                seen["read"] += 1
    assert seen["refused"] > 300 and seen["read"] > 100


def flipped(rng: np.random.Generator) -> bytes:
    data = bytearray(FILE)
    data[int(rng.integers(0, len(data)))] ^= 1 << int(rng.integers(0, 8))
    return bytes(data)


def cut(rng: np.random.Generator) -> bytes:
    return FILE[: int(rng.integers(0, len(FILE)))]


def moved(rng: np.random.Generator) -> bytes:
    start, to, size = (int(one) for one in rng.integers(0, len(FILE) - 64, 3))
    piece = FILE[start : start + 1 + size % 64]
    return FILE[:to] + piece + FILE[to + len(piece) :]


@pytest.mark.parametrize("damage", [flipped, cut, moved])
def test_a_damaged_file_is_refused_with_one_error_and_never_predicts_otherwise(
    damage: Callable[[np.random.Generator], bytes],
) -> None:
    rng = np.random.default_rng(11)
    refused = 0
    for _ in range(300):
        data = damage(rng)
        try:
            found = read_export(data)
        except InvalidArtifact:
            refused += 1
        else:  # blanks behind the header, or bytes that were put where the same ones are
            assert found == read_export(FILE)
    assert refused > 280
