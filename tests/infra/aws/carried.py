"""The SDK's transport to a stack: API Gateway for our own paths, S3 for an address that the platform signed."""

from collections.abc import Mapping
from typing import Any

import msgspec

from lepton_ai.transport import Decoder, Sent, decode, encode
from tests.infra.aws.cloud import Cloud
from tests.infra.aws.stack import ADDRESS


class Carried:
    """`lepton_ai.transport.Transport` to ``cloud``; no call is ever lost, so none is sent again, and no sweep comes."""

    def __init__(self, cloud: Cloud, key: str) -> None:
        self._cloud = cloud
        self._key = key
        self.address = self.url = ADDRESS

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str | None = None,
        sent: Sent | None = None,
        once: bool = False,
        repeatable: bool = False,
        decoder: Decoder = msgspec.json.decode,
        entity: str | None = None,
    ) -> Any:
        data = encode(body)
        if path.startswith("https://"):
            status = self._cloud.put(path, data)
            self._cloud.deliver()
            return decode(status, b"", source=self.address)
        kind = content_type or "application/json"
        status, answer = self._cloud.http(
            method, path, data, key=self._key, query=dict(query or {}), kind=kind
        )
        return decode(status, msgspec.json.encode(answer), source=self.address, decoder=decoder)
