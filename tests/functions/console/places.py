"""The links that stand on every screen: many a screen offers one of the same name once more, sooner or later."""

import re

from playwright.sync_api import Locator, Page


def place(page: Page, name: str) -> Locator:
    """Of the places beside every screen the one called ``name``."""
    return page.get_by_role("navigation", name="Places").get_by_role("link", name=name, exact=True)


def part(page: Page, name: str) -> Locator:
    """Of the parts of what is shown, a model's or a data set's, the one called ``name``."""
    parts = page.get_by_role("navigation", name=re.compile("^Parts of "))
    return parts.get_by_role("link", name=name, exact=True)


_SHOWN = """([how, value]) => import(document.querySelector("script").src.replace(/[^/]*$/, "words.js"))
  .then((words) => words[how](value))"""


def shown(page: Page, how: str, value: float) -> str:
    """A value as the page writes it: as a ``figure``, or as a ``share``."""
    return str(page.evaluate(_SHOWN, [how, value]))
