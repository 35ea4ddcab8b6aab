"""AWS inside this process: one moto for the whole session, clients made once, a fast reset between tests."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from itertools import count
from threading import RLock
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import BotoCoreError, ReadTimeoutError
from botocore.retries.standard import RetryEventAdapter, StandardRetryConditions
from moto import mock_aws
from moto.core.base_backend import BackendDict
from moto.core.botocore_stubber import BotocoreStubber

from functions.storage.aws import SENDS, AwsClients, aws_clients
from tests.support.aws.layer import Layer
from tests.support.aws.rules import RULES
from tests.support.aws.throttling import Throttling

Hook = Callable[..., Any]

REGION = "eu-west-1"
BUCKET = "lepton-test"
TABLE = "lepton-test"

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""No real account can be reached by accident."""

NOT_SET = ("AWS_PROFILE", "AWS_ENDPOINT_URL")


@dataclass
class MotoAws:
    """A running moto with `BUCKET` and `TABLE`, clients to it, and the ``rules`` of AWS that moto does not know."""

    clients: AwsClients
    rules: Layer
    _hooks: list[tuple[Any, str, Hook]] = field(default_factory=list)

    def reset(self) -> None:
        """Forget everything, and make bucket and table again (3 ms)."""
        while self._hooks:
            client, event, hook = self._hooks.pop()
            client.meta.events.unregister(event, hook)
        self.rules.reset()
        BackendDict.reset()
        create_resources(self.clients)

    def lose_answers(
        self, operation: str, *, times: int = 1, every: int = 1, between: Hook | None = None
    ) -> None:
        """``operation`` is carried out, and the answer lost on the way back; the SDK sends again at once.

        At most ``times`` times, to each ``every``-th request; ``between`` is called after each loss.
        """
        sent, lost = count(1), count(1)
        mutex = RLock()

        def lose(event_name: str, request: Any, **_: Any) -> None:
            with mutex:
                if not event_name.endswith(f".{operation}") or next(sent) % every or next(lost) > times:
                    return
            if between is not None:
                between()
            raise ReadTimeoutError(endpoint_url=request.url)

        client = self._client(operation)
        # Moto listens to "before-send" too, and has carried the request out when the last listener hears of
        # it. Listeners to a more precise name would come first.
        self._register(client, client.meta.events.register_last, "before-send", lose)
        self._retry_at_once(client, operation)

    def refuse(
        self, operation: str, error: type[BotoCoreError], *, times: int = 1, then: Hook | None = None
    ) -> None:
        """The first ``times`` requests fail with ``error`` on their way; ``then`` is called each time."""
        refused = count(1)

        def refuse(request: Any, **_: Any) -> None:
            if next(refused) <= times:
                if then is not None:
                    then()
                raise error(endpoint_url=request.url)

        client = self._client(operation)
        self._register(client, client.meta.events.register_first, f"before-send.*.{operation}", refuse)
        self._retry_at_once(client, operation)

    def answer(self, operation: str, status: int, parsed: dict[str, Any], *, times: int = 1) -> None:
        """The first ``times`` calls get ``parsed`` with ``status``, and nothing is sent."""
        called = count(1)

        def answer(**_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
            if next(called) > times:
                return None
            metadata = {"HTTPStatusCode": status, "RetryAttempts": 0}
            return AWSResponse("", status, {}, BytesIO()), {"ResponseMetadata": metadata, **parsed}

        client = self._client(operation)
        self._register(client, client.meta.events.register_first, f"before-call.*.{operation}", answer)

    def throttle(self, share: float, seed: int = 0) -> Throttling:
        """From now on a ``share`` of all requests is refused, as `Throttling` says; the SDK sends again at once."""
        self.rules.throttling = Throttling(share, seed)
        for client in (self.clients.dynamodb, self.clients.s3):
            self._retry_at_once(client, "*")
        return self.rules.throttling

    def watch(self, seen: Callable[[str, dict[str, Any]], None]) -> None:
        """Call ``seen`` with the name and the arguments of every call."""

        def see(params: dict[str, Any], model: Any, **_: Any) -> None:
            seen(model.name, params)

        for client in (self.clients.dynamodb, self.clients.s3):
            self._register(client, client.meta.events.register_first, "before-parameter-build.*.*", see)

    def _client(self, operation: str) -> Any:
        names = self.clients.s3.meta.method_to_api_mapping.values()
        return self.clients.s3 if operation in names else self.clients.dynamodb

    def _retry_at_once(self, client: Any, operation: str) -> None:
        """What the SDK would send again after a pause, it sends again now."""

        def at_once(**event: Any) -> float | None:
            context = RetryEventAdapter().create_retry_context(**event)
            return 0.0 if StandardRetryConditions(SENDS).is_retryable(context) else None

        self._register(client, client.meta.events.register_first, f"needs-retry.*.{operation}", at_once)

    def _register(self, client: Any, register: Callable[..., None], event: str, hook: Hook) -> None:
        register(event, hook)
        self._hooks.append((client, event, hook))


@contextmanager
def moto_aws() -> Iterator[MotoAws]:
    """Start moto and make the clients; stop it and restore the environment at the end."""
    rules = Layer(RULES)
    with _environment(), _before_moto(rules):
        # The environment is ours already; moto's own handling of it would remove the variables at the end.
        core = {"mock_credentials": False, "reset_boto3_session": True}
        interpreted = {"execute_state_machine": True}
        mock = mock_aws(config={"core": core, "lambda": {"use_docker": False}, "stepfunctions": interpreted})
        mock.start()
        try:
            clients = aws_clients(REGION)
            aws = MotoAws(clients, rules)
            aws.reset()
            yield aws
        finally:
            mock.stop()


def create_resources(clients: AwsClients, *, bucket: str = BUCKET, table: str = TABLE) -> None:
    """A bucket and a table as the platform's template defines them."""
    clients.dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    place = {"LocationConstraint": clients.s3.meta.region_name}
    clients.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    clients.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


@contextmanager
def _environment() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in (*ENVIRONMENT, *NOT_SET)}
    os.environ.update(ENVIRONMENT)
    for name in NOT_SET:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _before_moto(rules: Layer) -> Iterator[None]:
    """Every request of this process to AWS, also of another process that is answered here, meets ``rules``."""
    original = BotocoreStubber.process_request

    def process_request(self: BotocoreStubber, request: Any) -> Any:
        return rules.answer(request, partial(original, self))

    BotocoreStubber.process_request = process_request  # type: ignore[method-assign]
    try:
        yield
    finally:
        BotocoreStubber.process_request = original  # type: ignore[method-assign]
