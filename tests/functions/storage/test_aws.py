"""What only the store on AWS must do: know its own writes when answers get lost, wait for others, give up."""

from functools import partial
from io import BytesIO
from itertools import count
from typing import Any

import pytest
import requests
from botocore.exceptions import ConnectTimeoutError
from botocore.response import StreamingBody

from functions.storage import BlobExists, BlobMissing, Check, Delete, Lost, Put, Record, Write
from functions.storage.aws import ATTEMPTS, SENDS
from lepton_core.errors import Unavailable
from tests.support.moto_aws import BUCKET, TABLE, MotoAws
from tests.support.stores import Store, aws_store
from tests.support.threads import together
from tests.support.waiting import BACKSTOP

SINGLE: list[tuple[str, list[Write]]] = [("PutItem", [Put("p", "k", b"mine", 0)])]
UPDATE: list[tuple[str, list[Write]]] = [("PutItem", [Put("p", "old", b"mine", 1)])]
TRANSACTIONS: list[tuple[str, list[Write]]] = [
    ("TransactWriteItems", [Put("p", "k", b"mine", 0), Put("p", "old", b"mine", 1)]),
    ("TransactWriteItems", [Delete("p", "old", 1), Put("p", "k", b"mine", 0)]),
    ("TransactWriteItems", [Check("p", "other", 1), Check("p", "none", 0), Put("p", "k", b"mine", 0)]),
]
REMOVALS: list[tuple[str, list[Write]]] = [
    ("DeleteItem", [Delete("p", "old", 1)]),
    ("TransactWriteItems", [Delete("p", "old", 1), Check("p", "other", 1)]),
    ("TransactWriteItems", [Delete("p", "old", 1), Delete("p", "other", 1)]),
]


@pytest.fixture
def store(aws: MotoAws) -> Store:
    store = aws_store(aws)
    store.records.write([Put("p", "old", b"old", 0), Put("p", "other", b"other", 0)])
    return store


def forget_tokens(aws: MotoAws) -> None:
    """Each request comes more than ten minutes after the one before, when DynamoDB does not know its token any more."""
    aws.rules.clock = count(aws.rules.clock(), 601).__next__


def after(writes: list[Write]) -> dict[str, Record]:
    records = {"old": Record("p", "old", 1, b"old"), "other": Record("p", "other", 1, b"other")}
    for write in writes:
        if isinstance(write, Put):
            records[write.key] = Record("p", write.key, write.expect + 1, write.body)
        elif isinstance(write, Delete):
            del records[write.key]
    return records


def stored(store: Store) -> dict[str, Record]:
    return {record.key: record for record in store.records.query("p")}


@pytest.mark.parametrize("forgotten", [False, True], ids=["", "token forgotten"])
@pytest.mark.parametrize("times", [1, SENDS - 1])
@pytest.mark.parametrize(("operation", "writes"), SINGLE + UPDATE + TRANSACTIONS + REMOVALS)
def test_a_lost_answer_is_no_lost_write(
    aws: MotoAws, store: Store, operation: str, writes: list[Write], times: int, forgotten: bool
) -> None:
    if forgotten:
        forget_tokens(aws)
    aws.lose_answers(operation, times=times)
    store.records.write(writes)
    assert stored(store) == after(writes)


@pytest.mark.parametrize(("operation", "writes"), SINGLE + UPDATE + TRANSACTIONS + REMOVALS)
def test_all_answers_lost(aws: MotoAws, store: Store, operation: str, writes: list[Write]) -> None:
    aws.lose_answers(operation, times=SENDS)
    with pytest.raises(Unavailable):
        store.records.write(writes)
    assert stored(store) == after(writes)


@pytest.mark.parametrize(("operation", "writes"), SINGLE + UPDATE + TRANSACTIONS)
def test_a_request_that_never_arrived_loses_to_another(
    aws: MotoAws, store: Store, operation: str, writes: list[Write]
) -> None:
    put = next(write for write in writes if isinstance(write, Put))
    item = {"pk": {"S": "p"}, "sk": {"S": put.key}, "body": {"B": b"theirs"}, "stamp": {"S": "theirs"}}
    item["revision"] = {"N": str(put.expect + 1)}

    aws.refuse(operation, ConnectTimeoutError, then=partial(put_raw, aws, item))
    with pytest.raises(Lost) as lost:
        store.records.write(writes)
    assert lost.value.key == put.key
    assert stored(store)[put.key].body == b"theirs"


def put_raw(aws: MotoAws, item: dict[str, Any]) -> None:
    # By an operation without hooks.
    aws.clients.dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": item}}]})


@pytest.mark.parametrize(("operation", "writes"), SINGLE + UPDATE + TRANSACTIONS[:1])
def test_an_answer_lost_and_the_record_written_over(
    aws: MotoAws, store: Store, operation: str, writes: list[Write]
) -> None:
    forget_tokens(aws)
    aws.lose_answers(operation, between=partial(write_over, aws, writes))
    with pytest.raises(Unavailable, match="read again"):
        store.records.write(writes)


def test_a_transaction_whose_token_is_known_was_written_whatever_came_after(
    aws: MotoAws, store: Store
) -> None:
    [(operation, writes), *_] = TRANSACTIONS
    aws.lose_answers(operation, between=partial(write_over, aws, writes))
    store.records.write(writes)
    assert {stored(store)[write.key].body for write in writes} == {b"theirs"}


def write_over(aws: MotoAws, writes: list[Write]) -> None:
    for put in writes:
        assert isinstance(put, Put)
        item = {"pk": {"S": "p"}, "sk": {"S": put.key}, "body": {"B": b"theirs"}, "stamp": {"S": "theirs"}}
        put_raw(aws, item | {"revision": {"N": str(put.expect + 2)}})


def test_a_delete_sent_once_that_finds_nothing_is_lost(aws: MotoAws, store: Store) -> None:
    store.records.write([Delete("p", "old", 1)])
    with pytest.raises(Lost):
        store.records.write([Delete("p", "old", 1)])


def test_a_repeated_delete_that_finds_another_revision_is_lost(aws: MotoAws, store: Store) -> None:
    aws.refuse(
        "DeleteItem", ConnectTimeoutError, then=partial(store.records.write, [Put("p", "old", b"2", 1)])
    )
    with pytest.raises(Lost):
        store.records.write([Delete("p", "old", 1)])
    assert stored(store)["old"].revision == 2


def test_counting_with_lost_answers(aws: MotoAws, store: Store) -> None:
    aws.lose_answers("PutItem", times=1000, every=3)

    def add(each: int) -> tuple[int, int]:
        sure = unsure = 0
        while sure + unsure < each:
            record = store.records.get("p", "counter")
            value, revision = (int(record.body), record.revision) if record else (0, 0)
            try:
                store.records.write([Put("p", "counter", b"%d" % (value + 1), revision)])
                sure += 1
            except Lost:
                pass
            except Unavailable:
                unsure += 1
        return sure, unsure

    counted = together([partial(add, 12)] * 4)
    sure, unsure = (sum(column) for column in zip(*counted, strict=True))
    record = store.records.get("p", "counter")
    assert record is not None
    assert sure <= int(record.body) <= sure + unsure
    assert sure > 20


CONFLICT = {
    "Error": {"Code": "TransactionCanceledException", "Message": ""},
    "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}],
}
ONE_CONFLICT = {"Error": {"Code": "TransactionConflictException", "Message": ""}}
IN_PROGRESS = {"Error": {"Code": "TransactionInProgressException", "Message": ""}}


@pytest.mark.parametrize(
    ("operation", "writes", "parsed"),
    [
        ("TransactWriteItems", TRANSACTIONS[0][1], CONFLICT),
        ("TransactWriteItems", TRANSACTIONS[0][1], IN_PROGRESS),
        ("PutItem", SINGLE[0][1], ONE_CONFLICT),
        ("DeleteItem", REMOVALS[0][1], ONE_CONFLICT),
    ],
)
def test_other_transactions_are_waited_for(
    aws: MotoAws, store: Store, operation: str, writes: list[Write], parsed: dict[str, Any]
) -> None:
    aws.answer(operation, 400, parsed, times=ATTEMPTS)
    with pytest.raises(Unavailable, match="others"):
        store.records.write(writes)
    assert stored(store) == after([])
    aws.answer(operation, 400, parsed, times=ATTEMPTS - 1)
    store.records.write(writes)
    assert stored(store) == after(writes)


@pytest.mark.parametrize(
    ("status", "code"), [(400, "ProvisionedThroughputExceededException"), (500, "InternalServerError")]
)
def test_a_service_that_does_not_work(aws: MotoAws, store: Store, status: int, code: str) -> None:
    parsed = {"Error": {"Code": code, "Message": ""}}
    for operation in ("GetItem", "Query", "PutItem", "PutObject", "GetObject", "HeadObject", "ListObjectsV2"):
        aws.answer(operation, status, parsed, times=1)
    for call in (
        lambda: store.records.get("p", "k"),
        lambda: store.records.query("p"),
        lambda: store.records.write([Put("p", "k", b"", 0)]),
        lambda: store.blobs.put("w/a", b""),
        lambda: store.blobs.get("w/a"),
        lambda: store.blobs.size("w/a"),
        lambda: store.blobs.keys("w/"),
    ):
        with pytest.raises(Unavailable):
            call()


@pytest.mark.parametrize("times", [1, SENDS - 1])
def test_a_blob_whose_answer_got_lost_is_ours(aws: MotoAws, store: Store, times: int) -> None:
    aws.lose_answers("PutObject", times=times)
    store.blobs.put("w/a", b"mine")
    assert store.blobs.get("w/a") == b"mine"


def test_a_blob_that_never_arrived_loses_to_another(aws: MotoAws, store: Store) -> None:
    def theirs() -> None:
        upload = aws.clients.s3.create_multipart_upload(Bucket=BUCKET, Key="w/a")
        same = {"Bucket": BUCKET, "Key": "w/a", "UploadId": upload["UploadId"]}
        part = aws.clients.s3.upload_part(**same, PartNumber=1, Body=b"mine")
        parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
        aws.clients.s3.complete_multipart_upload(**same, MultipartUpload={"Parts": parts})

    aws.refuse("PutObject", ConnectTimeoutError, then=theirs)
    with pytest.raises(BlobExists):
        store.blobs.put("w/a", b"mine")


def test_a_race_for_a_blob_is_run_again(aws: MotoAws, store: Store) -> None:
    race = {"Error": {"Code": "ConditionalRequestConflict", "Message": ""}}
    aws.answer("PutObject", 409, race, times=ATTEMPTS)
    with pytest.raises(Unavailable):
        store.blobs.put("w/a", b"mine")
    aws.answer("PutObject", 409, race, times=2)
    store.blobs.put("w/a", b"mine")
    assert store.blobs.get("w/a") == b"mine"


def test_a_blob_deleted_between_refusal_and_look_is_put_again(aws: MotoAws, store: Store) -> None:
    aws.answer("PutObject", 412, {"Error": {"Code": "PreconditionFailed", "Message": ""}})
    store.blobs.put("w/a", b"mine")
    assert store.blobs.get("w/a") == b"mine"


def test_an_answer_that_breaks_off_is_read_again(aws: MotoAws, store: Store) -> None:
    store.blobs.put("w/a", b"all of it")
    aws.answer("GetObject", 200, {"Body": StreamingBody(BytesIO(b"all"), 9)}, times=3)
    assert store.blobs.get("w/a") == b"all of it"


def test_foreign_objects_are_no_blobs(aws: MotoAws, store: Store) -> None:
    store.blobs.put("w/a/2", b"")
    store.blobs.put("w/c", b"")
    for key in ("w/", "w/a/", "w/a/.hidden", "w//b", "/w"):
        aws.clients.s3.put_object(Bucket=BUCKET, Key=key, Body=b"")
    assert store.blobs.keys("") == ["w/a/2", "w/c"]
    assert store.blobs.keys("w/", limit=1) == ["w/a/2"]
    assert store.blobs.keys("w/", after="w/a/2", limit=1) == ["w/c"]


def test_more_keys_than_one_listing_holds(aws: MotoAws, store: Store) -> None:
    def list_two(name: str, params: dict[str, Any]) -> None:
        if name == "ListObjectsV2":
            params["MaxKeys"] = min(2, params["MaxKeys"])

    keys = [f"w/{n}" for n in range(7)]
    for key in keys:
        store.blobs.put(key, b"")
    aws.watch(list_two)
    assert store.blobs.keys("w/") == keys
    assert store.blobs.keys("w/", after="w/0", limit=3) == keys[1:4]


def test_reads_are_consistent_and_nothing_is_scanned(aws: MotoAws, store: Store) -> None:
    calls: list[tuple[str, dict[str, Any]]] = []
    aws.watch(lambda name, params: calls.append((name, params)))
    store.records.write([Put("p", "k", b"", 0)])
    store.records.write([Put("p", "k", b"", 1), Check("p", "l", 0)])
    store.records.get("p", "k")
    store.records.query("p", after="a", reverse=True)
    store.records.write([Delete("p", "k", 2)])
    store.records.write([Check("p", "k", 0)])
    store.blobs.put("w/a", b"")
    names = [name for name, _ in calls]
    transaction = "TransactWriteItems"
    assert names == ["PutItem", transaction, "GetItem", "Query", "DeleteItem", transaction, "PutObject"]
    assert all(params["ConsistentRead"] for name, params in calls if name in ("GetItem", "Query"))
    assert calls[-1][1]["IfNoneMatch"] == "*"


def test_the_upload_address_signs_the_length(aws: MotoAws, store: Store) -> None:
    url = store.blobs.upload_url("w/incoming/d/u 1", size=5, seconds=60)
    assert url is not None
    assert url.startswith(f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/w/incoming/d/u%201?")
    assert "X-Amz-SignedHeaders=content-length%3Bhost" in url
    assert "X-Amz-Expires=60" in url
    for body in (b"a,b\n", b"a,b\n12"):
        assert requests.put(url, data=body, timeout=BACKSTOP).status_code == 403
    assert requests.put(url.replace("u%201", "u%202"), data=b"a,b\n1", timeout=BACKSTOP).status_code == 403
    assert requests.put(url, data=b"a,b\n1", timeout=BACKSTOP).status_code == 200
    assert store.blobs.get("w/incoming/d/u 1") == b"a,b\n1"


def test_the_download_address_gives_the_bytes_as_a_file_of_that_name(aws: MotoAws, store: Store) -> None:
    store.blobs.put("w/exports/e 1", b"model")
    url = store.blobs.download_url("w/exports/e 1", name="churn-3.lepton", seconds=60)
    assert url is not None
    assert url.startswith(f"https://{BUCKET}.s3.eu-west-1.amazonaws.com/w/exports/e%201?")
    assert "X-Amz-SignedHeaders=host" in url and "X-Amz-Expires=60" in url
    answer = requests.get(url, timeout=BACKSTOP)
    assert (answer.status_code, answer.content) == (200, b"model")
    assert answer.headers["content-disposition"] == 'attachment; filename="churn-3.lepton"'
    assert requests.get(url.replace("churn-3", "churn-4"), timeout=BACKSTOP).status_code == 403
    began = aws.rules.clock()
    aws.rules.clock = lambda: began + 61
    assert requests.get(url, timeout=BACKSTOP).status_code == 403


def test_retries_are_pinned(aws: MotoAws) -> None:
    for client in (aws.clients.dynamodb, aws.clients.s3):
        assert client.meta.config.retries == {"mode": "standard", "total_max_attempts": SENDS}
        assert client.meta.config.connect_timeout < client.meta.config.read_timeout <= 30


def test_what_is_deleted_is_gone_for_the_store_and_kept_by_the_bucket(aws: MotoAws, store: Store) -> None:
    """The bucket keeps versions: a deleted file is behind a mark, which is no file, and its key is free."""
    store.blobs.put("a/b/1", b"first")
    store.blobs.delete("a/b/1")
    store.blobs.delete("a/b/1")
    assert (store.blobs.size("a/b/1"), store.blobs.keys("a/")) == (None, [])
    with pytest.raises(BlobMissing):
        store.blobs.get("a/b/1")
    store.blobs.put("a/b/1", b"second")
    with pytest.raises(BlobExists):
        store.blobs.put("a/b/1", b"third")
    assert store.blobs.get("a/b/1") == b"second"
    versions = aws.clients.s3.list_object_versions(Bucket=BUCKET, Prefix="a/")["Versions"]
    kept = [
        aws.clients.s3.get_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"])
        for one in versions
    ]
    assert {one["Body"].read() for one in kept} == {b"first", b"second"}
