"""The names under which a platform on one machine answers."""

import urllib3
from chalice.app import Chalice

from functions.context import Platform
from infra.local.hosts import is_ours, listed
from tests.infra.local.test_server import running
from tests.support.waiting import BACKSTOP


def test_addresses_and_names_of_this_machine_are_ours() -> None:
    for host in ("127.0.0.1", "127.0.0.1:80", "[::1]:8642", "[::1]", "192.168.1.7:1", "localhost", "LOCALHOST:80",
                 "a.localhost", "lepton", "lepton:8642", ""):  # fmt: skip
        assert is_ours(host, []), host


def test_other_names_are_not_unless_they_are_listed() -> None:
    for host in (
        "evil.example",
        "evil.example:8642",
        "127.0.0.1.evil.example",
        "a.b",
        "localhost.evil.example.",
        "1.2.3",
    ):
        assert not is_ours(host, ["ml.example.org"]), host
    assert is_ours("ML.example.org:443", listed(" ml.example.org,, x.y "))


def test_a_foreign_name_is_refused_before_anything_is_done(small_app: Chalice, platform: Platform) -> None:
    with running(small_app, platform) as server, urllib3.PoolManager(retries=False, timeout=BACKSTOP) as http:
        answer = http.request("GET", f"{server.url}/v1/health", headers={"Host": "evil.example"})
        assert (answer.status, answer.json()["error"]["code"]) == (421, "misdirected")
        assert "LEPTON_HOSTS" in answer.json()["error"]["message"]
        assert http.request("GET", f"{server.url}/v1/health", headers={"Host": "127.0.0.1"}).status == 200
