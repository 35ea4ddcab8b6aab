"""Dataclasses out of JSON of others: what is not as their fields say is refused by the name of the field."""

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from lepton_core.errors import InvalidArtifact
from lepton_core.table import ReadingOptions, Split
from lepton_core.typed import of_json


@dataclass(frozen=True)
class Inner:
    name: str
    share: float = 0.5


@dataclass(frozen=True)
class Outer:
    """One field of each form."""

    kind: Literal["a", "b"]
    count: int
    is_on: bool
    inner: Inner | None = None
    several: tuple[Inner, ...] = ()
    by_name: dict[str, float | None] | None = None
    more: Any = None


LEAST: dict[str, Any] = {"kind": "a", "count": 3, "is_on": True}


def test_what_the_fields_say_comes_out_typed() -> None:
    given = LEAST | {
        "inner": {"name": "x", "share": 1},
        "several": [{"name": "y"}],
        "by_name": {"a": 1.5, "b": None},
        "more": [1, {"z": "w"}],
    }
    found = of_json(given, Outer)
    several = (Inner("y"),)
    assert found == Outer("a", 3, True, Inner("x", 1.0), several, {"a": 1.5, "b": None}, [1, {"z": "w"}])
    assert type(found.inner and found.inner.share) is float


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "c"}, "kind"),
        ({"kind": True}, "kind"),
        ({"count": 3.0}, "count"),
        ({"count": True}, "count"),
        ({"is_on": 1}, "is_on"),
        ({"is_on": None}, "is_on"),
        ({"inner": []}, "inner"),
        ({"inner": {}}, "inner.name"),
        ({"inner": {"name": 7}}, "inner.name"),
        ({"inner": {"name": "x", "share": "all"}}, "inner.share"),
        ({"inner": {"name": "x", "share": 10**400}}, "inner.share"),
        ({"inner": {"name": "x", "extra": 1}}, "inner.extra"),
        ({"several": {"name": "x"}}, "several"),
        ({"several": [{"name": "x"}, None]}, "several[1]"),
        ({"by_name": {"a": "1"}}, "by_name.a"),
        ({"extra": 1}, "extra"),
    ],
    ids=str,
)
def test_anything_else_is_refused_by_the_name_of_its_field(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidArtifact) as refused:
        of_json(LEAST | changed, Outer)
    assert refused.value.field == field


@pytest.mark.parametrize("given", [None, [], "x", 3])
def test_what_is_no_object_is_refused(given: Any) -> None:
    with pytest.raises(InvalidArtifact, match="an object was expected") as refused:
        of_json(given, Outer, "head")
    assert refused.value.field == "head"


def test_what_the_dataclass_refuses_itself_is_an_invalid_artifact() -> None:
    with pytest.raises(InvalidArtifact) as refused:
        of_json({"rule": "copies-2", "fraction": 2.0}, Split, "split")
    assert refused.value.field == "split.fraction"


def test_a_field_of_several_forms_takes_each_of_them() -> None:
    for given in ({"missing": ["x"]}, {"missing": {"a": ["x"]}}, {"header": 3}, {"header": False}):
        found = of_json(given, ReadingOptions)
        assert (
            of_json(
                {name: list(one) if isinstance(one, tuple) else one for name, one in given.items()},
                ReadingOptions,
            )
            == found
        )
    assert of_json({"missing": {"a": ["x"]}}, ReadingOptions).missing == {"a": ("x",)}
    with pytest.raises(InvalidArtifact):
        of_json({"missing": {"a": [1]}}, ReadingOptions)
