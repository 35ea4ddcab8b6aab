"""The files of the console: complete in each language, small, as their makers published them, and nothing inline."""

import ast
import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import get_args
from urllib.parse import quote, urljoin

import pytest

import lepton_core
from app import app
from functions.console import files
from functions.console.pages import console_policy
from functions.records.deployments import Cause
from lepton_core.models import ALGORITHMS
from lepton_core.models.listing import listing
from lepton_core.preprocess import TRANSFORMERS
from lepton_core.preprocess.options import transformer_listing
from lepton_core.report.splits import SPLIT_CODES
from lepton_core.table.kinds import BY_NAME
from tests.functions.edge.kit import memory_platform, send
from tests.support.stores import Store

LANGUAGES = ("en", "zh")
MOST_FIRST_BYTES = 60_000
"""What the first load may weigh, compressed."""

VENDORED = json.loads((files.STATIC.parent / "vendored.json").read_text())
OWN = {name: text for name, text in files.files().items() if name.endswith(".js") and name not in VENDORED}
LATER = ("rollout", "score", "serve")
"""Of words that not every screen needs the file: a module with some of them waits for it."""


def _words(name: str, language: str) -> dict[str, str]:
    words: dict[str, str] = json.loads(files.files()[f"{name}-{language}.json"])
    return words


WORDS = {
    language: {word: text for name in ("words", *LATER) for word, text in _words(name, language).items()}
    for language in LANGUAGES
}

_ASKED = re.compile(r'\bt\(\s*"([^"]+)"')
_CHOSEN = re.compile(r'\bt\([^")]*\? "([^"]+)" : "([^"]+)"')
_STATE = re.compile(r"const \[(\w*)(?:, (\w+))?\] = useState\b")
_OF_A_FIELD = re.compile(r"\b(?:value|checked|defaultValue|text|typed|onInput|onChange)=\$\{")

IN_MEMORY_ALONE = {
    ("app.js", "key"): "a key is kept nowhere",
    ("data-versions.js", "second"): "it is a file, which the page alone has",
    ("scored.js", "page"): "it is of a file that the page alone has",
    ("scored.js", "wrong"): "it is of a file that the page alone has",
    ("scored.js", "guard"): "it is of a file that the page alone has",
    ("sending.js", "name"): "it is of a file that the page alone has",
    ("threshold.js", "text"): "the number stands in the address",
    ("try.js", "texts"): "the row stands in the address and in a draft",
}
"""Fields whose value a reload may lose, or that is kept otherwise than by `useDraft`: why."""

_SAID = re.compile(r'\bt\(`(\w+)\.\$|\bsaid\("(\w+)"')


def _asked(text: str) -> set[str]:
    """The words that a text asks for by their names."""
    return set(_ASKED.findall(text)) | {name for pair in _CHOSEN.findall(text) for name in pair}


def _groups(text: str) -> set[str]:
    """The groups of words of which it says those that the API names."""
    return {name for pair in _SAID.findall(text) for name in pair if name}


def _group(word: str) -> str:
    return word.partition(".")[0]


def test_every_language_has_the_same_words_and_the_same_values_in_them() -> None:
    first, *others = WORDS.values()
    for other in others:
        assert other.keys() == first.keys()
        for name, text in first.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", other[name])), name
            assert other[name].strip(), name


def test_every_word_that_a_screen_asks_for_is_there_and_no_other() -> None:
    whole = "\n".join(OWN.values())
    asked, groups = _asked(whole), _groups(whole)
    known = WORDS["en"].keys()
    assert len(asked) > 80
    assert asked <= known
    assert {name for name in known if name.partition(".")[0] not in groups} <= asked


@pytest.mark.parametrize("name", LATER)
def test_words_that_are_loaded_later_are_waited_for(name: str) -> None:
    words, first = _words(name, "en").keys(), _words("words", "en").keys()
    assert not words & first
    groups = set(map(_group, words)) - set(map(_group, first))
    asking = {module for module, text in OWN.items() if _asked(text) & words or _groups(text) & groups}
    assert len(asking) >= 4
    assert {module for module, text in OWN.items() if f'await more("{name}")' in text} == asking


def _expression(text: str, begin: int) -> str:
    """What stands from ``begin`` to the brace that ends it."""
    depth = 1
    for at in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return text[begin:at]
    raise AssertionError(f"nothing ends {text[begin : begin + 80]!r}")


def test_what_is_typed_in_a_field_is_a_draft() -> None:
    bare, states = set(), 0
    for name, text in OWN.items():
        fields = [_expression(text, one.end()) for one in _OF_A_FIELD.finditer(text)]
        words = set(re.findall(r"\w+", " ".join(fields)))
        found = [(one[1], one[2]) for one in _STATE.finditer(text)]
        states += len(found)
        bare |= {(name, value) for value, change in found if value in words or change in words}
    assert states > 40
    assert bare == IN_MEMORY_ALONE.keys()


def test_what_the_api_may_say_has_words() -> None:
    known = WORDS["en"].keys()
    assert {f"algorithm.{name}" for name in (*ALGORITHMS, "ensemble")} <= known
    assert {f"{group}.{name}" for group in ("algorithm", "about") for name in ALGORITHMS} <= known
    assert {
        f"{group}.{task}" for group in ("task", "unfit") for task in ("classification", "regression")
    } <= known
    settings = {one.name for algorithm in listing() for one in algorithm.hyperparameters}
    options = {one.name for step in transformer_listing() for one in step.options}
    assert {f"setting.{name}" for name in settings | options} <= known
    assert {f"step.{name}" for name in TRANSFORMERS} <= known
    assert {f"column.{name}" for name in BY_NAME} <= known
    states = ("queued", "running", "succeeded", "failed", "cancelled", "active", "retired", "serving", "held")
    assert {f"state.{name}" for name in states} <= known
    assert {f"kind.{name}" for name in ("train", "evaluate", "update", "score")} <= known
    assert {f"cause.{name}" for name in get_args(Cause)} <= known
    assert {f"by.{name}" for name in ("schedule", "failing", "slow", "update", "training", "you")} <= known


SAID = {
    language: json.loads(files.files()[f"said-{language}.json"]) for language in LANGUAGES if language != "en"
}
"""What the platform says itself in English, by its text or its code."""

_REPORTED, _NOTED = frozenset({"Finding", "found"}), frozenset({"Note"})


def _codes(folder: Path, makers: frozenset[str]) -> set[str]:
    """The codes that are given to calls of ``makers`` below ``folder``, as far as they stand there."""
    calls = (
        node
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers
    )
    parts = (part for call in calls if call.args for part in ast.walk(call.args[0]))
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_every_help_and_every_finding_has_words_in_each_other_language() -> None:
    helps = {one.help for algorithm in listing() for one in algorithm.hyperparameters}
    helps |= {one.help for step in transformer_listing() for one in (step, *step.options)}
    core = Path(lepton_core.__file__).parent
    codes = _codes(core / "report", _REPORTED) | set(SPLIT_CODES.values()) | _codes(core / "table", _NOTED)
    assert len(codes) > 70 and len(helps) > 80
    for said in SAID.values():
        assert said["help"].keys() == helps - {""}
        assert said["findings"].keys() == codes
        assert all(re.search("[\u4e00-\u9fff]", text) for texts in said.values() for text in texts.values())


@pytest.mark.parametrize("name", VENDORED)
def test_a_vendored_file_is_the_one_that_was_looked_at(name: str) -> None:
    assert hashlib.sha256((files.STATIC / name).read_bytes()).hexdigest() == VENDORED[name]["sha256"]


def test_the_first_load_is_small() -> None:
    named = set(re.findall(r"console/\w+/([\w.-]+)", files.page())) | {"words-en.json"}
    assert {"app.js", "style.css", "preact.js"} <= named
    sizes = [len(gzip.compress(files.files()[name].encode(), 9)) for name in named]
    assert sum(sizes) + len(files.page()) < MOST_FIRST_BYTES


def test_all_that_is_imported_at_once_is_named_in_the_page() -> None:
    named = set(re.findall(r"console/\w+/([\w.-]+)", files.page()))
    wanted, seen = ["app.js"], set()
    while wanted:
        one = wanted.pop()
        seen.add(one)
        found = re.findall(r'from ?["\']\./([\w.-]+)["\']', files.files()[one])
        wanted += [name for name in found if name not in seen]
    assert seen <= named


def test_nothing_runs_but_what_lies_in_files_of_the_same_origin() -> None:
    policy = console_policy(None)
    assert "'unsafe" not in policy and "default-src 'none'" in policy
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|javascript:", files.page())
    for name, text in OWN.items():
        assert not re.search(r"innerHTML|dangerouslySet|\beval\(|new Function|https?://", text), name


def test_a_file_is_kept_for_ever_and_the_page_never() -> None:
    platform = memory_platform()
    page = send(app, platform, "GET", "/")
    assert (page.status, page.headers["Cache-Control"]) == (200, "no-store")
    assert page.headers["Content-Security-Policy"] == console_policy(None)
    path = {"build": files.build(), "file": "app.js"}
    script = send(app, platform, "GET", "/console/{build}/{file}", path=path)
    assert (script.status, "immutable" in script.headers["Cache-Control"]) == (200, True)
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.body == files.files()["app.js"]


def test_the_page_may_send_files_to_where_uploads_go_and_to_nowhere_else(store: Store) -> None:
    page = send(app, memory_platform(blobs=store.blobs), "GET", "/")
    [connects] = re.findall(r"connect-src ([^;]+)", page.headers["Content-Security-Policy"])
    url = store.blobs.upload_url("acme/incoming/d/upload-1", size=1, seconds=60)
    if url is None:
        assert connects == "'self'"
        return
    own, uploads = connects.split(" ")
    assert (own, url.partition("/acme/")[0]) == ("'self'", uploads)
    assert re.fullmatch(r"https://[a-z0-9-]+\.s3\.[a-z0-9-]+\.amazonaws\.com", uploads)


@pytest.mark.parametrize("at", ["/", "/api/", "/api", "/below/lepton", "/a b"])
def test_the_page_finds_its_files_with_and_without_a_slash_behind_its_address(at: str) -> None:
    event = {"requestContext": {"httpMethod": "GET", "resourcePath": "/", "path": at}}
    page = send(app, memory_platform(), "GET", "/", event=event)
    named = re.findall(r'(?:src|href)="([^"]+)"', page.body)
    assert len(named) > 8
    found = {urljoin(f"https://host{quote(at)}", one).rpartition("/")[0] for one in named}
    assert found == {f"https://host{quote(at.rstrip('/'))}/console/{files.build()}"}


@pytest.mark.parametrize(
    ("build", "file"),
    [("old", "app.js"), ("now", "index.html"), ("now", "..files.py"), ("now", "vendored.json")],
)
def test_nothing_else_is_served(build: str, file: str) -> None:
    path = {"build": files.build() if build == "now" else build, "file": file}
    answer = send(app, memory_platform(), "GET", "/console/{build}/{file}", path=path)
    assert (answer.status, answer.error["code"]) == (404, "not_found")


def test_what_listens_does_so_before_the_screen_can_be_seen() -> None:
    """`useEffect` runs after the screen is painted: what somebody does in between would be lost."""
    effect = re.compile(r"^( *)(use\w*Effect)\(\(\) => \{\n(.*?)^\1\}, \[", re.M | re.S)
    listening = {
        (name, hook)
        for name, text in OWN.items()
        for _, hook, body in effect.findall(text)
        if "addEventListener" in body
    }
    assert len(listening) >= 5
    assert {hook for _, hook in listening} == {"useLayoutEffect"}
