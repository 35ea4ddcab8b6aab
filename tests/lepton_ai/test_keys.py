"""The pair with which clients of AWS sign, from Python and from the shell."""

import json

import pytest

from lepton_ai import NotFound
from lepton_ai.connect import connect
from lepton_ai.keys import AwsPair, aws_pair
from tests.lepton_ai.conftest import FakePlatform
from tests.lepton_ai.test_cli import Lepton, lepton

__all__ = ["lepton"]

SECRET = "5e" * 32


def test_a_key_is_named_by_its_id_or_by_its_text_which_is_not_sent() -> None:
    fake = FakePlatform()
    fake.on("POST", "/v1/keys/key-1/aws", {"access_key_id": "key-1", "secret_access_key": SECRET})
    pair = aws_pair("key-1", fake)
    assert pair == AwsPair("key-1", SECRET) == aws_pair(f"lpt_key-1_{'0' * 72}", fake)
    assert {(path, body) for _, path, body in fake.calls} == {("/v1/keys/key-1/aws", None)}
    assert SECRET not in repr(pair)
    with pytest.raises(NotFound):
        aws_pair("key/2", fake)


@pytest.mark.slow
def test_the_command_prints_the_two_variables(lepton: Lepton) -> None:
    made = connect().call("POST", "/v1/keys", body={"scopes": ["predict"]})
    status, out, _ = lepton("keys", "aws", made["secret"])
    names = dict(line.split("=") for line in out.splitlines())
    assert status == 0 and list(names) == ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    assert names["AWS_ACCESS_KEY_ID"] == made["id"]
    _, out, _ = lepton("keys", "aws", made["id"], "--json")
    assert json.loads(out)["secret_access_key"] == names["AWS_SECRET_ACCESS_KEY"]
    status, out, err = lepton("keys", "aws", "key-0")
    assert (status, out) == (1, "") and "no key 'key-0'" in err
