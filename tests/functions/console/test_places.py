"""Tests reach what stands on every screen by where it stands, so that no second link of the same name is in the way."""

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
