"""What the story does with versions: out as a file and in again, and rolled out beside each other."""

import io
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import boto3
import openpyxl
import pyarrow as pa
import pyarrow.parquet

from functions.context import utc_now
from functions.records.kinds import DUE_RUNS, Due
from functions.storage import SYSTEM, Workspace
from functions.storage.aws import AwsBlobs, AwsRecords, aws_clients
from lepton_ai.transport import ANY_BYTES
from lepton_core.export import read_export
from tests.infra.aws.cloud import Cloud
from tests.infra.aws.data_calls import contents
from tests.infra.aws.run_calls import leave_file
from tests.support.written_files import arrow_stream, feather, parquet, xlsx

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
    swept = story.ok("POST", "/v1/models/swept/import", {"size": len(file)})
    path = f"/v1/models/swept/import/{swept['id']}"
    story.ok("PUT", path, file, kind="application/octet-stream")
    story.twice(lambda: story.cloud.tick("SweepMinutely"))
    assert story.ok("GET", path)["made"] is True
    assert not [key for key in contents(story.cloud)[1] if "/imports/" in key]
    story.ok("POST", f"{other}/deploy", {})
    assert story.ok("POST", f"{other}/predict", {"rows": [{"a": 1.0, "b": 1.0}]})["predictions"]
    story.ok("POST", f"{other}/retire", {})


def score(story: Teller) -> None:
    """A file is scored that came by way of the bucket, and some that somebody put there."""
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
    sent_again = f"default/scoring/m/{sent['id']}"
    boto3.client("s3").put_object(Bucket=story.cloud.bucket, Key=sent_again, Body=rows)
    unfinished(story, done["run"])
    assert sent_again not in contents(story.cloud)[1]
    story.twice(lambda: story.ok("DELETE", path))
    for function in ("ReadFile", "WorkTask"):
        remove_while_it_writes(story, rows, function)
    story.cloud.landed = []
    other = story.ok("POST", f"{MODEL}/score", {"file": "rows.csv", "size": len(rows)})
    landed(story, {f"default/scoring/m/{other['id']}": rows + rows})
    assert story.ok("GET", f"{MODEL}/score/{other['id']}")["state"] == "rejected"
    resumed(story, rows)
    for name, (data, open_it) in FILES.items():
        send_typed(story, name, data, open_it)
    assert not [key for key in contents(story.cloud)[1] if "/scoring/" in key]
    drop(story, rows)


def remove_while_it_writes(story: Teller, rows: bytes, function: str) -> None:
    """A file is removed while a function of its run is about to write: what that writes late goes, too."""
    again = story.ok("POST", f"{MODEL}/score", {"file": "rows.csv", "size": len(rows)})
    path = f"{MODEL}/score/{again['id']}"
    for _ in range(2):
        assert story.ok("PUT", path, rows, kind="text/csv")["state"] == "waiting"
    watchers = story.cloud.functions[function].watchers

    def remove_now(operation: str) -> None:
        if operation == "PutObject":
            watchers.clear()
            story.ok("DELETE", path)

    watchers.append(remove_now)
    story.cloud.tick("SweepMinutely")  # its event was lost
    assert not watchers
    story.twice(lambda: story.ok("DELETE", path))
    assert story.ok("GET", path)["state"] == "cancelled"


GIVEN = {"a": [1.5, -2.5], "b": [1, 2]}


def of_excel(data: bytes) -> list[list[str]]:
    """The rows of a scored file of Excel, as CSV has them."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [list(map(str, row)) for row in book.worksheets[0].iter_rows(values_only=True)]


def of_arrow(table: Any) -> list[list[str]]:
    """The rows of a scored table of Arrow, as CSV has them."""
    rows = zip(*(map(str, column.to_pylist()) for column in table.columns), strict=True)
    return [table.column_names, *map(list, rows)]


FILES: Mapping[str, tuple[bytes, Callable[[bytes], list[list[str]]]]] = {
    "typed.parquet": (parquet(GIVEN), lambda data: of_arrow(pa.parquet.read_table(io.BytesIO(data)))),
    "typed.feather": (feather(GIVEN), lambda data: of_arrow(pa.ipc.open_file(data).read_all())),
    "typed.arrows": (arrow_stream(GIVEN), lambda data: of_arrow(pa.ipc.open_stream(data).read_all())),
    "typed.xlsx": (xlsx(["a", "b"], [1.5, 1], [-2.5, 2]), of_excel),
}
"""Files whose columns have types, and how the result of each is opened."""


def send_typed(story: Teller, name: str, data: bytes, open_it: Callable[[bytes], list[list[str]]]) -> None:
    """Such a file has the answers of `predict` beside its rows: sent by the API, and put into the folder."""
    rows = [dict(zip(GIVEN, row, strict=True)) for row in zip(*GIVEN.values(), strict=True)]
    wanted = story.ok("POST", f"{MODEL}/predict", {"rows": rows})["predictions"]
    sent = story.ok("POST", f"{MODEL}/score", {"file": name, "size": len(data)})
    assert story.cloud.put(sent["url"], data) == 200
    story.cloud.deliver()
    story.cloud.tick("SweepMinutely")
    done = story.ok("GET", f"{MODEL}/score/{sent['id']}")
    status, made = story.cloud.get(done["url"])
    head, *found = open_it(made)
    assert (status, head[:3]) == (200, ["a", "b", "label"])
    assert [row[:2] for row in found] == [["1.5", "1"], ["-2.5", "2"]]
    assert [row[2] for row in found] == [one["label"] for one in wanted]
    shares = [
        {name[2:-1]: float(cell) for name, cell in zip(head[3:], row[3:], strict=True)} for row in found
    ]
    assert shares == [one["probabilities"] for one in wanted]
    key = f"default/predict/m/{name}"
    landed(story, {key: data})
    story.cloud.tick("SweepMinutely")
    beside = key.replace("typed.", "typed.scored.")
    bucket = boto3.client("s3")
    assert bucket.get_object(Bucket=story.cloud.bucket, Key=beside)["Body"].read() == made
    for one in (key, beside):
        bucket.delete_object(Bucket=story.cloud.bucket, Key=one)


def resumed(story: Teller, rows: bytes) -> None:
    """A run that scores a file is cancelled before the sweep comes, and then begun at once."""
    sent = story.ok("POST", f"{MODEL}/score", {"file": "rows.csv", "size": len(rows)})
    land_unbegun(story, {f"default/scoring/m/{sent['id']}": rows})
    run = story.ok("GET", f"{MODEL}/score/{sent['id']}")["run"]
    story.ok("POST", f"/v1/runs/{run}/cancel")
    story.ok("POST", f"/v1/runs/{run}/resume")
    assert story.ok("GET", f"{MODEL}/score/{sent['id']}")["state"] == "succeeded"


def drop(story: Teller, rows: bytes) -> None:
    """Somebody puts files into folders of models: one that is scored at once, one whose run is resumed, and others."""
    folder = "default/predict/m/"
    files = {
        folder: b"",  # what S3 has for a folder that somebody made
        f"{folder}rows.csv": rows,
        f"{folder}zip.csv": b"zip\n1\n",
        "default/predict/nobody/rows.csv": rows,
    }
    landed(story, files)
    story.twice(lambda: story.cloud.tick("SweepMinutely"))
    land_unbegun(story, {f"{folder}more.csv": rows})
    run = story.ok("GET", "/v1/runs", query={"limit": "1"})["items"][0]
    assert (run["kind"], run["state"]) == ("score", "queued")
    story.ok("POST", f"/v1/runs/{run['id']}/cancel")
    story.ok("POST", f"/v1/runs/{run['id']}/resume")
    scored = f"{folder}more.scored.csv"
    boto3.client("s3").delete_object(Bucket=story.cloud.bucket, Key=scored)
    unfinished(story, run["id"])
    assert scored in contents(story.cloud)[1]
    beside = {key for key in contents(story.cloud)[1] if "/predict/" in key} - files.keys()
    assert beside == {
        f"{folder}rows.scored.csv",
        f"{folder}zip.csv.error.txt",
        f"{folder}more.csv",
        f"{folder}more.scored.csv",
        "default/predict/nobody/rows.csv.error.txt",
    }


def unfinished(story: Teller, run: str) -> None:
    """A run whose last Plan was killed behind its ending, and tried again in vain: the sweep finishes it."""
    clients = aws_clients()
    records = AwsRecords(clients.dynamodb, story.cloud.table)
    system = Workspace(SYSTEM, records, AwsBlobs(clients.s3, story.cloud.bucket))
    due = Due("default", run, utc_now())
    system.write(system.put(DUE_RUNS, f"default:{run}", value=due, expect=0))
    story.twice(lambda: story.cloud.tick("SweepMinutely"))
    assert f"_system/due_runs default:{run}" not in contents(story.cloud)[0]


def landed(story: Teller, files: Mapping[str, bytes]) -> None:
    """Files come to the bucket past the API; what they lead to is told twice."""
    for key, data in files.items():
        boto3.client("s3").put_object(Bucket=story.cloud.bucket, Key=key, Body=data)
        story.cloud.landed.append((key, len(data)))
    story.twice(story.cloud.deliver)
    story.cloud.landed = []


def land_unbegun(story: Teller, files: Mapping[str, bytes]) -> None:
    """A file comes to the bucket, and no execution can be begun for its run, however often its event comes."""
    lose = story.cloud.invoking.lose
    lose += ["StartExecution"] * 2
    landed(story, files)
    assert lose == []


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
