"""Pictures of every screen of the console, over real data: light, dark and as narrow as a telephone.

``make screenshots`` writes them to ``build/screenshots``, and those of the README to ``docs/pictures``.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page, sync_playwright
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from lepton_ai import Data, Model
from lepton_ai.embedded import start_service, stop_service
from lepton_ai.http import HttpTransport
from lepton_ai.transport import Transport
from tests.functions.console.conftest import QUIET, Here, serving
from tests.functions.console.filled import cancel_a_run
from tests.functions.console.walk import Walker
from tests.infra.local.service.kit import forsaken
from tests.support.browser import CHROMIUM

LOOKS = {"light": ("light", 1280), "dark": ("dark", 1280), "narrow": ("light", 390)}
HEIGHT = 860
SHARPNESS = 2
IN_README = {
    "evaluate": ("#/models/tumours/evaluate?version=2", "The threshold, and what it costs", 1000),
    "try": ("#/models/diabetes/try", "", HEIGHT),
    "monitor": ("#/models/tumours/monitor", "What moved", HEIGHT),
}
"""The three pictures of the README: of each the address, the heading at its top, and the window's height."""


def tables() -> dict[str, tuple[str, str, pd.DataFrame]]:
    """Of each model its algorithm, its label and its rows, from the tables that scikit-learn ships."""
    cells = load_breast_cancer(as_frame=True)
    tumours = cells.data.assign(diagnosis=cells.target.map({0: "malignant", 1: "benign"}))
    bottles = load_wine(as_frame=True)
    wines = bottles.data.assign(grape=bottles.target.map({0: "Barolo", 1: "Grignolino", 2: "Barbera"}))
    patients = load_diabetes(as_frame=True, scaled=False)
    return {
        "tumours": ("logistic_regression", "diagnosis", tumours),
        "wines": ("random_forest", "grape", wines),
        "diabetes": ("linear_regression", "target", patients.frame),
    }


def changed(frame: pd.DataFrame) -> pd.DataFrame:
    """Some rows as another device might measure them."""
    rows = frame.sample(300, random_state=1)
    return rows.assign(
        **{"mean radius": rows["mean radius"] * 1.25, "mean texture": rows["mean texture"] + 4}
    )


def fill(transport: Transport) -> None:
    """Three models that serve, one of them with a challenger, traffic that drifts and a held version of its data.

    A run of another one was cancelled, and can be resumed.
    """
    for name, (algorithm, label, frame) in tables().items():
        model = Model(algorithm, name=name, quiet=True, transport=transport)
        model.upload_data(Data.from_pandas(frame, label=label, quiet=True))
        model.train()
        model.deploy()
        rows = changed(frame) if name == "tumours" else frame
        rows = rows.drop(columns=label)
        for begin in range(0, len(rows), 40):
            model.predict(rows.iloc[begin : begin + 40])
    tumours = Model(name="tumours", quiet=True, transport=transport)
    tumours.train(auto=True, seconds=10)
    tumours.monitor()
    later = changed(tables()["tumours"][2])
    flipped = later.assign(diagnosis=later["diagnosis"].map({"malignant": "benign", "benign": "malignant"}))
    tumours.upload_data(Data.from_pandas(flipped, label="diagnosis", quiet=True))
    cancel_a_run(transport, "diabetes")


@contextmanager
def opened(here: Here, scheme: str, width: int) -> Iterator[Page]:
    """A browser that is signed in and looks at the platform so."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            color_scheme=scheme,  # type: ignore[arg-type]
            device_scale_factor=SHARPNESS,
            locale="en-US",
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.goto(here.address())
        page.locator("main h1").wait_for()
        yield page
        browser.close()


def file_name(address: str) -> str:
    """The name of a screen's picture: ``#/models/churn/try`` is ``models-churn-try``."""
    kept = "".join(one if one.isalnum() else "-" for one in address.removeprefix("#/")) or "start"
    return kept.strip("-")[:80]


def whole(page: Page, path: Path) -> None:
    """A picture in a window as high as the page, so that what stands at the edge of a window stands there."""
    size = page.viewport_size
    assert size is not None
    height = max(HEIGHT, page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": size["width"], "height": height})
    page.screenshot(path=path, full_page=True)
    page.set_viewport_size(size)


def take(here: Here, folder: Path) -> list[Path]:
    """A picture of each kind of screen in each look."""
    made = []
    for look, (scheme, width) in LOOKS.items():
        with opened(here, scheme, width) as page:
            walker = Walker(page, here.url)
            seen = set()
            for address in walker.screens():
                if walker.kinds[address] not in seen:
                    seen.add(walker.kinds[address])
                    made.append(folder / f"{file_name(address)}.{look}.png")
                    whole(page, made[-1])
    return made


def take_for_readme(here: Here, folder: Path) -> list[Path]:
    """The pictures that the README shows, as large as a window."""
    made = []
    with opened(here, "light", 1280) as page:
        walker = Walker(page, here.url)
        for name, (address, heading, height) in IN_README.items():
            page.set_viewport_size({"width": 1280, "height": height})
            walker.show(address)
            if heading:
                page.get_by_role("heading", name=heading).evaluate(
                    "(one) => window.scrollTo(0, one.closest('section').offsetTop - 20)"
                )
            made.append(folder / f"{name}.png")
            page.screenshot(path=made[-1])
    return made


def main(folder: Path, readme: Path) -> None:
    """Fill a platform, and take all pictures."""
    if CHROMIUM is None:
        raise SystemExit("no browser: run `make browser`, or name one in LEPTON_CHROMIUM")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    readme.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, serving(Path(data) / "platform") as here:
        fill(HttpTransport(here.url, here.key))
        forsaken(Path(data) / "platform", "bottles", "wines")
        start_service(Path(data) / "platform", "tumours", "tumours", 0)
        made = take(here, folder) + take_for_readme(here, readme)
        stop_service(Path(data) / "platform", "tumours")
    sys.stdout.write(f"{len(made)} pictures in {folder} and {readme}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
