"""Tests find what they look for on a slow machine too: by where it stands, by what it says, and once it is there."""

import json
import re
from pathlib import Path

from functions.console import files

EVERYWHERE = ("place.", "tab.", "datatab.")
_OF_THE_WHOLE_PAGE = re.compile(r'\bpage\.get_by_role\(\s*"link",\s*name="([^"]+)"')


def test_no_test_looks_on_the_whole_page_for_a_link_of_every_screen() -> None:
    words = json.loads((files.STATIC / "words-en.json").read_text())
    named = {text for name, text in words.items() if name.startswith(EVERYWHERE)}
    texts = [path.read_text() for path in Path(__file__).parent.glob("*.py")]
    looked_for = {name for text in texts for name in _OF_THE_WHOLE_PAGE.findall(text)}
    assert len(named) > 15
    assert len(looked_for) > 10
    assert not looked_for & named


_ANY_STATUS = re.compile(r'\.get_by_role\("status"\)(?!\.(?:filter|get_by_text|get_by_role)\()')
_AT_ONCE = re.compile(r'locator\("[^"]*\.answer\b[^"]*"\)[.\w]*\.(?:inner_text|text_content|all)\(')


def test_no_test_takes_a_status_for_the_only_one_though_each_part_of_a_screen_says_that_it_loads() -> None:
    assert _ANY_STATUS.search('expect(page.get_by_role("status")).to_contain_text("Saved")')
    assert not found_in_tests(_ANY_STATUS)


def test_no_test_reads_an_answer_at_once_though_the_next_one_may_be_on_its_way() -> None:
    assert _AT_ONCE.search('page.locator(".answer .label small").inner_text()')
    assert not found_in_tests(_AT_ONCE)


def found_in_tests(pattern: re.Pattern[str]) -> list[str]:
    """The tests of the console, but this one, that ``pattern`` is found in."""
    paths = [path for path in Path(__file__).parent.glob("*.py") if path != Path(__file__)]
    assert len(paths) > 10
    return [path.name for path in paths if pattern.search(path.read_text())]
