"""In Chinese, what the platform says in English is said in Chinese, or marked as English."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from lepton_ai import Data, Dataset
from lepton_ai.http import HttpTransport
from tests.functions.console.conftest import BACKSTOP_MS, Here

pytestmark = pytest.mark.slow


@pytest.fixture
def chinese(browser: Browser, here: Here, tmp_path: Path) -> Iterator[Page]:
    """A page in Chinese, of a platform that has the data set "shop" with warnings."""
    path = tmp_path / "shop.csv"
    rows = (
        f"{7 * n % 50},{'' if n % 3 else n},DE,{'yes' if n % 50 == 0 else 'no'},{'x' if n % 50 == 0 else ''}"
        for n in range(300)
    )
    path.write_text("\n".join(["age,visits,country,left,refund", *rows, ""]))
    transport = HttpTransport(here.url, here.key)
    Dataset("shop", transport=transport).upload(Data.from_csv(path, label="left", quiet=True), quiet=True)
    transport.close()
    context = browser.new_context(locale="zh-CN")
    context.set_default_timeout(BACKSTOP_MS)
    page = context.new_page()
    page.goto(here.address())
    page.locator("main h1").wait_for()
    yield page
    context.close()


def test_findings_are_told_in_chinese_and_the_figures_of_the_platform_stand_below(chinese: Page) -> None:
    chinese.goto(f"{chinese.url.partition('#')[0]}#/data/shop/report")
    finding = chinese.locator(".found li")
    constant = finding.filter(has_text="“country”只有一个值，学不到东西。")
    expect(constant.locator("[lang=en]")).to_contain_text("'country' has one value only")
    expect(finding.filter(has_text="总是回答“no”就有 98% 正确")).to_have_count(1)


def test_settings_are_explained_in_chinese(chinese: Page) -> None:
    chinese.goto(f"{chinese.url.partition('#')[0]}#/new?data=shop&by=gradient_boosting")
    helps = chinese.locator(".setting .hint > span:first-child")
    expect(helps.filter(has_text="一棵树的最多叶子数。")).to_have_count(1)
    assert helps.count() > 10
    assert [one for one in helps.all_text_contents() if one.isascii()] == []


def test_what_has_no_code_is_marked_as_english(chinese: Page) -> None:
    chinese.goto(f"{chinese.url.partition('#')[0]}#/data/shop/columns?column=age")
    why = chinese.locator(".column details:not(.words) p").first
    expect(why).to_have_attribute("lang", "en")
    expect(chinese.locator("html")).to_have_attribute("lang", "zh")
