"""The forms of the console: of each a field, what is typed there, and what sends it and puts it back."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from tests.functions.console.filled import NAMES
from tests.support.world import two_classes

OVER = "Start over"
STEP = {"transformer": "MinMax", "input": "X", "output": "", "options": {}}
LONG = "x" * 1600
"""More than an address holds of a row."""


def labelled(name: str) -> Callable[[Page], Locator]:
    return lambda page: page.locator("main").get_by_label(name, exact=True)


def drop(page: Page) -> None:
    table = {"name": "dropped.csv", "mimeType": "text/csv", "buffer": two_classes(60)}
    page.locator("main input[type=file]").first.set_input_files(table)


def opened(page: Page) -> None:
    page.locator("details.otherwise").evaluate("(one) => { one.open = true; }")


def sure(page: Page) -> None:
    page.get_by_label("Say how sure each prediction is").check()


def one_column(page: Page) -> None:
    opened(page)
    page.get_by_label("Words for a missing cell of one column").select_option("months")


def rename_back(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill(NAMES.bare)
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAMES.bare)


def nothing(page: Page) -> None:
    pass


@dataclass(frozen=True)
class Form:
    """A form: one of its fields, what is typed there, and the buttons that send it and put it back."""

    name: str
    address: str
    find: Callable[[Page], Locator]
    typed: str
    chosen: bool = False
    back: str | None = OVER
    send: str | None = None
    prepare: Callable[[Page], None] = nothing
    undo: Callable[[Page], None] = nothing

    def fill(self, page: Page, more: str = "") -> None:
        self.prepare(page)
        if self.chosen:
            self.find(page).select_option(self.typed)
        else:
            self.find(page).fill(self.typed + more)

    def is_there(self, page: Page) -> None:
        expect(self.find(page)).to_have_value(self.typed)

    def is_not_there(self, page: Page) -> None:
        assert not self.find(page).count() or self.find(page).input_value() != self.typed


FORMS = (
    Form(
        "a setting",
        "new?data=churn&by=decision_tree",
        lambda page: page.get_by_role("spinbutton", name="Greatest depth"),
        "3",
        back="Back to the default of Greatest depth",
    ),
    Form(
        "a step to add",
        "new?data=churn&steps=[]",
        labelled("Which step"),
        "MinMax",
        True,
        None,
        "Add the step",
    ),
    Form(
        "an option of a step",
        f"new?data=churn&steps={quote(json.dumps([STEP]))}",
        labelled("Makes the block"),
        "scaled",
        back=None,
    ),
    Form("the name of a model", "new?data=churn", labelled("Name of the model"), "mine", back=None),
    Form(
        "a kind of column",
        f"data/{NAMES.classes}/columns",
        labelled("What months is"),
        "leave out",
        True,
        "Forget them",
        "Read again, 1 changed",
    ),
    Form("a row", f"models/{NAMES.served}/try", labelled("months"), "1234", back="As it was"),
    Form(
        "a long row",
        f"models/{NAMES.served}/try",
        labelled("plan, another value"),
        LONG,
        back="As it was",
        prepare=lambda page: page.get_by_label("plan", exact=True).select_option("other") and None,
    ),
    Form("a certainty", f"models/{NAMES.numbers}/try", labelled("Certainty"), "75", back="90 %"),
    Form(
        "a certainty of a file",
        f"models/{NAMES.numbers}/score",
        labelled("Certainty"),
        "75",
        back=None,
        prepare=sure,
    ),
    Form(
        "words of one column",
        f"models/{NAMES.served}/score",
        lambda page: page.get_by_role("textbox", name="Words for a missing cell of months"),
        "none",
        back=None,
        prepare=one_column,
    ),
    Form(
        "folds",
        f"models/{NAMES.numbers}/evaluate",
        lambda page: page.get_by_role("spinbutton", name="Folds"),
        "7",
        back="Back to the default of Folds",
        prepare=opened,
    ),
    Form(
        "a setting of an update",
        f"models/{NAMES.numbers}/update",
        lambda page: page.get_by_role("spinbutton", name="Iterations"),
        "7",
        back="Back to the default of Iterations",
        prepare=opened,
    ),
    Form(
        "a share of a rollout",
        f"models/{NAMES.served}/versions",
        lambda page: page.get_by_role("spinbutton", name="Share of the calls"),
        "25",
        back="Back to the default of Share of the calls, in %",
    ),
    Form(
        "a time of the history",
        f"models/{NAMES.served}/versions",
        labelled("What was served at"),
        "2026-02-03T04:05:06",
        back=None,
    ),
    Form("a cost", f"models/{NAMES.served}/evaluate", labelled("A missed one costs"), "50", back=None),
    Form(
        "costs of classes",
        f"models/{NAMES.classes}/evaluate",
        labelled("basic"),
        "7",
        send="Let the costs decide",
    ),
    Form(
        "a policy",
        f"models/{NAMES.served}/update",
        labelled("May be worse by a share of"),
        "7",
        send="Save",
    ),
    Form(
        "another name",
        f"data/{NAMES.bare}/use",
        labelled("Name"),
        "renamed",
        send="Rename",
        undo=rename_back,
    ),
    Form("tags", f"data/{NAMES.retired}/use", labelled("More tags"), "eu", back=None, send="Add"),
    Form("a key", "keys", labelled("Name"), "a program", send="Make the key"),
    Form("the end of a key", "keys", labelled("It works for"), "2592000", True, send="Make the key"),
    Form(
        "a dropped table",
        "",
        labelled("How long may it take?"),
        "5",
        True,
        send="Find the best model and serve it",
        prepare=drop,
    ),
)
