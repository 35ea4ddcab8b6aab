"""What the story does with versions: out as a file and in again, and rolled out beside each other."""

from collections.abc import Callable
from typing import Any, Protocol

from lepton_ai.transport import ANY_BYTES
from lepton_core.export import read_export
from tests.infra.aws.cloud import Cloud
from tests.infra.aws.data_calls import contents
from tests.infra.aws.run_calls import leave_file

MODEL = "/v1/models/m"


class Teller(Protocol):
    """The story, as far as it is told here."""

    cloud: Cloud

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The answer, which must be a success."""

    def twice(self, deliver: Callable[[], Any]) -> None:
        """An event that comes twice: the second one changes nothing."""


def take_out(story: Teller) -> None:
    """The file of a version lies in the bucket for an hour; a small one comes through the API, too."""
    told = story.ok("GET", f"{MODEL}/versions/1/export")
    assert story.ok("GET", f"{MODEL}/versions/1/export")["file"] == told["file"] == "m-1.lepton"
    status, data = story.cloud.get(told["url"])
    assert (status, read_export(data).head.version) == (200, 1)
    assert story.ok("GET", f"{MODEL}/versions/1/export/file", Accept=ANY_BYTES) == data
    take_in(story, data)


def take_in(story: Teller, file: bytes) -> None:
    """The file becomes a version of another model: by way of the bucket, by way of the API, or when the sweep comes."""
    other = "/v1/models/taken"
    sent = story.ok("POST", f"{other}/import", {"size": len(file)})
    assert story.cloud.put(sent["url"], file) == 200
    late = leave_file(story, sent["id"])
    story.twice(story.cloud.deliver)
    assert late not in contents(story.cloud)[1]
    story.cloud.landed = []
    done = story.ok("GET", f"{other}/import/{sent['id']}")
    assert (done["state"], done["version"], done["made"]) == ("accepted", 1, True)
    again = story.ok("POST", f"{other}/import", {"size": len(file)})
    path = f"{other}/import/{again['id']}"
    for _ in range(2):
        assert story.ok("PUT", path, file, kind="application/octet-stream")["state"] == "waiting"
    story.twice(lambda: story.cloud.tick("SweepMinutely"))
    done = story.ok("GET", path)
    assert (done["state"], done["version"], done["made"]) == ("accepted", 1, False)
    assert not [key for key in contents(story.cloud)[1] if "/imports/" in key]
    story.ok("POST", f"{other}/deploy", {})
    assert story.ok("POST", f"{other}/predict", {"rows": [{"a": 1.0, "b": 1.0}]})["predictions"]
    story.ok("POST", f"{other}/retire", {})


def score(story: Teller) -> None:
    """A file is scored that came by way of the bucket; another one that the API took is deleted before it is scored."""
    rows = b"a,b\n1,2\nmuch,3\n"
    sent = story.ok("POST", f"{MODEL}/score", {"file": "rows.csv", "size": len(rows)})
    path = f"{MODEL}/score/{sent['id']}"
    assert story.cloud.put(sent["url"], rows) == 200
    story.twice(story.cloud.deliver)
    story.twice(lambda: story.cloud.tick("SweepMinutely"))
    done = story.ok("GET", path)
    assert (done["state"], done["rows"], done["refused"]) == ("succeeded", 2, 1)
    assert (len(done["first"]), len(done["errors"])) == (2, 1)
    status, data = story.cloud.get(done["url"])
    assert (status, data.count(b"\n")) == (200, 3)
    assert story.ok("GET", f"{path}/file", Accept=ANY_BYTES) == data
    story.twice(lambda: story.ok("DELETE", path))
    again = story.ok("POST", f"{MODEL}/score", {"file": "rows.csv", "size": len(rows)})
    path = f"{MODEL}/score/{again['id']}"
    assert story.ok("PUT", path, rows, kind="text/csv")["state"] == "waiting"
    story.twice(lambda: story.ok("DELETE", path))
    story.cloud.landed = []


def roll_out(story: Teller) -> None:
    """Another version as a canary, and back again; each step comes twice."""
    served = story.ok("GET", f"{MODEL}/deployment")["routes"][0]["version"]
    other = 2 if served == 1 else 1
    story.twice(lambda: story.ok("POST", f"{MODEL}/deploy", {"version": other, "canary": 0.5}))
    story.ok("POST", f"{MODEL}/predict", {"rows": [{"a": 1.0, "b": 1.0}]})
    for step in ("pause", "resume", "promote", "rollback"):
        story.twice(lambda step=step: story.ok("POST", f"{MODEL}/deployment/{step}", {}))
    assert story.ok("GET", f"{MODEL}/deployment")["routes"] == [{"version": served, "weight": 1.0}]
    story.cloud.tick("SweepMinutely")
