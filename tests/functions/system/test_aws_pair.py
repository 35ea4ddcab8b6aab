"""The pair with which clients of AWS sign: who is told it, and that it is the same each time."""

from datetime import timedelta

from functions.edge.signature import secret_of
from tests.functions.edge.kit import new_key
from tests.support.stores import Store
from tests.support.world import World, world

PATH = "/v1/keys/{}/aws"


def asked_by(here: World, key: str, of: str) -> tuple[int, object]:
    return here.again(owner=None).ask("POST", PATH.format(of), headers={"authorization": f"Bearer {key}"})


def test_the_pair_is_told_to_the_key_itself_and_to_an_admin(store: Store) -> None:
    here = world(store)
    mine, other, admin, reader = (
        new_key(here.platform, "default", scopes=scopes)
        for scopes in (["predict"], ["predict"], ["predict", "admin"], ["read", "admin"])
    )
    own = mine.split("_")[1]
    wanted = {"access_key_id": own, "secret_access_key": secret_of(here.platform, own)}
    assert asked_by(here, mine, own) == asked_by(here, admin, own) == (200, wanted)
    assert here.ok("POST", PATH.format(own)) == wanted
    assert asked_by(here, other, own)[0] == 404
    assert asked_by(here, reader, own)[0] == 403
    stranger = new_key(here.platform, "zeta", scopes=["predict", "admin"])
    assert asked_by(here, stranger, own)[0] == 404
    assert here.refused("POST", PATH.format("key-0"))["message"] == "no key 'key-0'"


def test_an_admin_whose_key_ends_is_told_no_pair_that_outlives_it(store: Store) -> None:
    here = world(store)
    now = here.platform.clock()
    soon, later = now + timedelta(minutes=1), now + timedelta(minutes=2)
    admin = new_key(here.platform, "default", scopes=["predict", "admin"], expires=soon)
    for ends, status in ((None, 403), (later, 403), (soon, 200)):
        other = new_key(here.platform, "default", scopes=["predict"], expires=ends).split("_")[1]
        assert asked_by(here, admin, other)[0] == status, ends
    assert asked_by(here, admin, admin.split("_")[1])[0] == 200


def test_the_secret_is_in_this_answer_and_nowhere_else(store: Store) -> None:
    here = world(store)
    made = here.ok("POST", "/v1/keys", {"scopes": ["predict"]})
    secret = here.ok("POST", PATH.format(made["id"]))["secret_access_key"]
    assert secret not in made["secret"]
    assert secret not in str(here.ok("GET", "/v1/keys"))
    rotated = here.ok("POST", f"/v1/keys/{made['id']}/rotate", {})
    assert here.ok("POST", PATH.format(rotated["id"]))["secret_access_key"] != secret
