"""Whether a client made for one OpenAPI document still works with a later one. Pure: two documents in, reasons out.

What a client sends must still be taken, what it reads must still be there: a request may get wider and an answer
richer, never the other way. A member that is new in an answer is an addition, as clients skip what they do not know;
a value that is new in an answer's enum is not, as clients made from the document refuse it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

JsonSchema = Mapping[str, Any]

_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAME = ("pattern", "format", "contentMediaType")


def breaks(old: JsonSchema, new: JsonSchema) -> list[str]:
    """Why a client of the document ``old`` may fail with ``new``, one reason a line; empty if none does.

    >>> paths = {"/v1/x": {"get": {"responses": {"200": {"description": "OK"}}}}}
    >>> breaks({"paths": paths}, {"paths": {}})
    ['GET /v1/x: is gone']
    >>> breaks({"paths": {}}, {"paths": paths})
    []
    """
    return list(_Comparison(old, new).reasons())


@dataclass(frozen=True)
class _Comparison:
    old: JsonSchema
    new: JsonSchema

    def reasons(self) -> Iterator[str]:
        for path, ways in self.old["paths"].items():
            for method, before in ways.items():
                place = f"{method.upper()} {path}"
                after = self.new["paths"].get(path, {}).get(method)
                if after is None:
                    yield f"{place}: is gone"
                else:
                    yield from self._parameters(place, before, after)
                    yield from self._body(place, before, after)
                    yield from self._responses(place, before, after)

    def _parameters(self, place: str, before: JsonSchema, after: JsonSchema) -> Iterator[str]:
        old, new = _named(before), _named(after)
        for key, one in new.items():
            if one.get("required", False) and not old.get(key, {}).get("required", False):
                yield f"{place}: {key} is required now"
        for key, one in old.items():
            if key not in new:
                yield f"{place}: {key} is gone"
            else:
                sent = _Fit(self.old, self.new)
                yield from sent.misfits(f"{place}: {key}", one.get("schema", {}), new[key].get("schema", {}))

    def _body(self, place: str, before: JsonSchema, after: JsonSchema) -> Iterator[str]:
        old, new = before.get("requestBody", {}), after.get("requestBody", {})
        if new.get("required", False) and not old.get("required", False):
            yield f"{place}: a body is required now"
        for kind, one in old.get("content", {}).items():
            if kind not in new.get("content", {}):
                yield f"{place}: no body of {kind} is taken any more"
            else:
                there = new["content"][kind].get("schema", {})
                yield from _Fit(self.old, self.new).misfits(f"{place}: body", one.get("schema", {}), there)

    def _responses(self, place: str, before: JsonSchema, after: JsonSchema) -> Iterator[str]:
        for status, one in before["responses"].items():
            answer = after["responses"].get(status)
            if answer is None:
                yield f"{place}: the status {status} is gone"
                continue
            old, new = _resolved(self.old, one), _resolved(self.new, answer)
            for kind, shown in old.get("content", {}).items():
                if kind not in new.get("content", {}):
                    yield f"{place}: {status} is no {kind} any more"
                else:
                    there = new["content"][kind].get("schema", {})
                    read = _Fit(self.new, self.old, all_named=True)
                    yield from read.misfits(f"{place}: {status}", there, shown.get("schema", {}))


@dataclass(frozen=True)
class _Fit:
    """Whether each value that a schema of the document ``giver`` allows is one that a schema of ``taker`` expects.

    ``all_named``: and whether every member that ``taker`` names is known to ``giver``.
    """

    giver: JsonSchema
    taker: JsonSchema
    all_named: bool = False
    seen: tuple[tuple[str, str], ...] = ()

    def misfits(self, place: str, given: JsonSchema, taken: JsonSchema) -> Iterator[str]:
        """The reasons why not, each with its place."""
        names = (given.get("$ref", ""), taken.get("$ref", ""))
        if any(names) and names in self.seen:
            return
        inner = _Fit(self.giver, self.taker, self.all_named, (*self.seen, names))
        expected = list(_alternatives(self.taker, taken))
        for one in _alternatives(self.giver, given):
            tries = [(other, list(inner._alternative(place, one, other))) for other in expected]
            if all(reasons for _, reasons in tries):
                # Of several alternatives the one of the same type says best what is wrong.
                yield from min(tries, key=lambda tried: tried[0].get("type") != one.get("type"))[1]

    def _alternative(self, place: str, given: JsonSchema, taken: JsonSchema) -> Iterator[str]:
        was = taken.get("type")
        if was is not None and given.get("type") not in ((was, "integer") if was == "number" else (was,)):
            yield f"{place}: {given.get('type', 'anything')} where {was} was"
            return
        yield from self._choices(place, given, taken)
        yield from _bounds(place, given, taken)
        yield from self._members(place, given, taken)
        if "items" in taken:
            yield from self.misfits(f"{place}[]", given.get("items", {}), taken["items"])
        if given.get("prefixItems") != taken.get("prefixItems"):
            yield f"{place}: its items are others"

    def _choices(self, place: str, given: JsonSchema, taken: JsonSchema) -> Iterator[str]:
        expected, offered = _choices(taken), _choices(given)
        if expected is None:
            return
        more = ["any"] if offered is None else [repr(one) for one in offered if one not in expected]
        if more:
            yield f"{place}: {', '.join(more)} beside {', '.join(map(repr, expected))}"

    def _members(self, place: str, given: JsonSchema, taken: JsonSchema) -> Iterator[str]:
        old, new = given.get("properties", {}), taken.get("properties", {})
        for name in taken.get("required", ()):
            if name not in given.get("required", ()) and (name in old or not self.all_named):
                yield f"{place}.{name}: may be missing on one side and is required on the other"
        for name, schema in new.items():
            if name in old:
                yield from self.misfits(f"{place}.{name}", old[name], schema)
            elif self.all_named:
                yield f"{place}.{name}: is gone"
        others = taken.get("additionalProperties", True)
        for name, schema in old.items():
            if name not in new and others is not True and not self.all_named:
                if others is False:
                    yield f"{place}.{name}: is gone"
                else:
                    yield from self.misfits(f"{place}.{name}", schema, others)
        if isinstance(others, Mapping) and given.get("additionalProperties", True) is not False:
            free = given.get("additionalProperties", {})
            yield from self.misfits(f"{place}.*", {} if free is True else free, others)
        elif others is False and given.get("additionalProperties", True) is not False:
            yield f"{place}: takes no other members any more"


def _bounds(place: str, given: JsonSchema, taken: JsonSchema) -> Iterator[str]:
    for key in _LEAST:
        if key in taken and not (key in given and given[key] >= taken[key]):
            yield f"{place}: {key} {given.get(key, 'none')} beside {taken[key]}"
    for key in _MOST:
        if key in taken and not (key in given and given[key] <= taken[key]):
            yield f"{place}: {key} {given.get(key, 'none')} beside {taken[key]}"
    for key in _SAME:
        if key in taken and given.get(key) != taken[key]:
            yield f"{place}: {key} {given.get(key, 'none')} beside {taken[key]}"


def _choices(schema: JsonSchema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _alternatives(document: JsonSchema, schema: JsonSchema) -> Iterator[JsonSchema]:
    """The schemas of which a value needs to fit one, none of them a reference or a choice itself."""
    found = _resolved(document, schema)
    choices = found.get("anyOf") or found.get("oneOf")
    if choices:
        for one in choices:
            yield from _alternatives(document, one)
    elif isinstance(found.get("type"), list):
        yield from ({**found, "type": kind} for kind in found["type"])
    else:
        yield found


def _resolved(document: JsonSchema, value: JsonSchema) -> JsonSchema:
    while "$ref" in value:
        found: Any = document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        value = found
    return value


def _named(operation: JsonSchema) -> dict[str, JsonSchema]:
    return {f"{one['in']} parameter {one['name']}": one for one in operation.get("parameters", ())}
