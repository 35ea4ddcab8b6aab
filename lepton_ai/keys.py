"""API keys of the platform, for clients that sign in place of sending one."""

from urllib.parse import quote

import msgspec

from lepton_ai.connect import connect
from lepton_ai.replies import read
from lepton_ai.transport import Transport

_PREFIX = "lpt_"


class AwsPair(msgspec.Struct, frozen=True):
    """What a client of AWS signs with: the id of a key, and the secret beside it, which its text does not show."""

    access_key_id: str
    secret_access_key: str

    def __repr__(self) -> str:
        return f"<AwsPair {self.access_key_id}>"


def aws_pair(key: str, transport: Transport | None = None) -> AwsPair:
    """The pair with which ``boto3.client("sagemaker-runtime")`` signs in the name of ``key``, an id or a whole key.

    It is told to the key itself, and to one with the scope 'admin' beside 'predict'. Raises `NotFound`.
    """
    key_id = key.removeprefix(_PREFIX).partition("_")[0] if key.startswith(_PREFIX) else key
    path = f"/v1/keys/{quote(key_id, safe='')}/aws"
    return read((transport or connect()).call("POST", path, repeatable=True), AwsPair)
