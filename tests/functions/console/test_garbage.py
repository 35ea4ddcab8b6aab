"""Whatever an address says, and whatever people call their things: each screen is drawn, and says what it has."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from functions.system.keys import issue_key
from infra.local.stack import WORKSPACE
from lepton_ai import Data, Model
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import Here, serving
from tests.functions.console.filled import cancel_a_run
from tests.functions.console.places import place
from tests.functions.console.walk import Walker
from tests.support.sampling import some

pytestmark = pytest.mark.slow

OF_EVERY_OBJECT = ("constructor", "__proto__", "toString", "valueOf")
"""Names that every object of a browser has something under."""

MODEL = OF_EVERY_OBJECT[0]

PATHS = (
    "models",
    "models/.",
    "models/..",
    "models/%E4%zz",
    "models/a%2fb",
    "runs/.",
    "runs/..",
    "data/.",
    "data/..",
    "keys/x/y",
    *OF_EVERY_OBJECT,
    *(f"{place}/{name}" for place in ("models", "runs", "data") for name in OF_EVERY_OBJECT),
    *(f"{place}/{MODEL}/{name}" for place in ("models", "data") for name in OF_EVERY_OBJECT),
)

QUERIES = {
    "": ("show=-1&search=%", "show=1e99&state=x"),
    f"models/{MODEL}/evaluate": (
        "version=abc&threshold=abc&missed=-1&alarm=x",
        "version=1.5&class=__proto__&column=valueOf&folds=7&run=..",
        "version=99&run=nope&recall=abc&precision=-1",
        "recall=1e9&precision=50",
    ),
    f"models/{MODEL}/compare": ("a=1&b=", "a=1.5&b=0", "a=99&b=-1", "a=1&b=1"),
    f"models/{MODEL}/try": (
        "protocol=constructor&call=__proto__",
        "row={bad",
        'row={"constructor":{"a":1},"zz":1}&at=9999',
        "row=[1]&at=-5",
        "row=%",
    ),
    f"models/{MODEL}/monitor": ("hours=-1&after=%00", "hours=abc&after=zzz", "before=0.5"),
    f"models/{MODEL}/versions": (
        "before=-1",
        "before=abc",
        "before=1e30",
        "canary=abc&version=-1&bake_minutes=1e999&approval=x",
        "canary=%20&version=1.5&history=%00&served=x",
        "history=zzz&served=99999-01-01",
        "on=__proto__&port=-1&workers=1e999&service=%00",
    ),
    f"models/{MODEL}/update": ("show=-1", "show=abc"),
    "data": ("q=%25%E4&tag=..", "tag=<b>&after=%2e%2e"),
    f"data/{MODEL}": ("version=1.5", "version=-1", "version=Infinity&before=1e30"),
    f"data/{MODEL}/columns": ("page=999", "page=0.5&show=x", "column=valueOf", "column=nope&page=-1"),
    f"data/{MODEL}/rows": ("page=999", "page=0.5&from=0.5", "page=abc&from=99999999999"),
    f"data/{MODEL}/lags": (
        'lags={"constructor":[1],"__proto__":["a"],"zz":7}&by=nope&group=__proto__&known=["valueOf"]',
        "lags=[[]]&known={}&to=..&by=<b>",
        "lags=7&to=%20",
    ),
    f"data/{MODEL}/versions": ("diff=99", "diff=-1&before=Infinity", "diff=abc&mode=x"),
    "runs": (
        "compare=a,b",
        "compare=..,.",
        "chosen=__proto__,constructor",
        "state=x&kind=y&model=../..",
        "show=-1",
        "show=abc",
    ),
    "services": ("model=..&on=constructor&port=abc&workers=0.5", "on=image&port=0&service=<b>"),
    "new": (
        "data=..",
        f"data={MODEL}&by=constructor&task=constructor&find=9",
        f'data={MODEL}&by=deep_learning&set={{"layers":5,"hidden":5,"iterations":[1]}}',
        f'data={MODEL}&steps=[{{"transformer":"zz","input":{{"a":1}},"options":{{"x":{{}}}}}}]',
        f"data={MODEL}&seconds=-3&name=%20",
    ),
}

SHOWN_AS_IT_IS = (
    r"() => /\bundefined\b|\bNaN\b|\[object/.exec(document.querySelector('main').innerText)?.[0] ?? null"
)


def named_like_a_part_of_every_object(rows: int = 90) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({name: rng.normal(size=rows) for name in OF_EVERY_OBJECT[:3]})
    frame["level"] = [OF_EVERY_OBJECT[at % 4] for at in range(rows)]
    frame["valueOf"] = [OF_EVERY_OBJECT[at % 3] for at in range(rows)]
    return frame


@pytest.fixture(scope="module")
def odd(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """A platform whose model, columns, levels and classes have the names of `OF_EVERY_OBJECT`."""
    with serving(tmp_path_factory.mktemp("odd")) as made:
        transport = HttpTransport(made.url, made.key)
        model = Model("logistic_regression", name=MODEL, quiet=True, transport=transport)
        frame = named_like_a_part_of_every_object()
        model.upload_data(Data.from_pandas(frame, label="valueOf", quiet=True))
        model.train(iterations=3)
        model.deploy()
        model.predict(frame.drop(columns="valueOf").head(5))
        cancel_a_run(transport, MODEL)
        yield made


@pytest.fixture
def walker(odd: Here, page: Page, expected: list[str]) -> Walker:
    expected += ["status of 400", "status of 401", "status of 404", "status of 422"]
    page.goto(odd.address())
    page.locator("main h1").wait_for()
    return Walker(page, odd.url)


def whole(page: Page) -> None:
    """The screen has its frame and its heading, and shows nothing as only a program would."""
    expect(page.get_by_role("navigation", name="Places")).to_be_visible()
    assert page.locator("main h1").inner_text(), page.url
    assert page.evaluate(SHOWN_AS_IT_IS) is None, page.url


@pytest.mark.lengthy
def test_each_screen_is_drawn_whatever_things_are_called(walker: Walker) -> None:
    for _ in walker.screens():
        whole(walker.page)


def test_each_screen_is_drawn_whatever_the_address_says(walker: Walker) -> None:
    addresses = [*PATHS, *(f"{screen}?{query}" for screen, queries in QUERIES.items() for query in queries)]
    for address in some("addresses that make no sense", addresses, 15):
        walker.page.goto("about:blank")
        walker.show(f"#/{address}")
        whole(walker.page)


def test_a_screen_that_cannot_be_drawn_leaves_the_others(walker: Walker, expected: list[str]) -> None:
    """An answer as no platform gives it: the rest of the page stays, and another screen is drawn."""
    expected.append("Cannot read properties")
    page = walker.page

    def nonsense(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body='{"items": [null]}')

    page.route("**/v1/runs?*", nonsense)
    page.goto(f"{walker.url}/#/runs")
    expect(page.get_by_role("heading", level=1)).to_have_text("This part of the page is broken.")
    place(page, "Keys").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keys")
    page.unroute_all()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs")


def test_text_is_copied_by_hand_where_the_browser_offers_no_clipboard(walker: Walker) -> None:
    page = walker.page
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto("about:blank")
    walker.show("#/settings")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("alert")).to_contain_text("copy it with the keyboard")
    assert "LEPTON_URL" in page.evaluate("String(getSelection())")


def test_what_is_signed_out_elsewhere_can_be_signed_out_here(walker: Walker) -> None:
    page = walker.page
    page.context.clear_cookies()
    page.evaluate(
        "[...document.querySelectorAll('aside button')].at(-1)?.click()"
    )  # unless the page has seen it before
    expect(page.get_by_label("API key")).to_be_visible()


def test_a_key_that_may_not_read_is_no_dead_end(odd: Here, page: Page, expected: list[str]) -> None:
    expected.append("status of 403")
    system, now = odd.platform.system, odd.platform.clock()
    _, secret = issue_key(system, workspace=WORKSPACE, scopes=frozenset({"predict"}), now=now)
    page.goto(odd.url)
    page.get_by_label("API key").fill(secret)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("lacks the scope 'read'")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("lacks the scope 'read'")
    page.get_by_label("API key").fill(odd.key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name=MODEL)).to_be_visible()
