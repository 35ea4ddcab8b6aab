"""What the README and the documentation show is run, what they name exists, and what they list is complete."""

import logging
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import msgspec
import pytest

import lepton_ai
from app import app
from functions import edge
from infra.local.gateway import match
from lepton_ai.embedded import close_all
from lepton_core.models import ALGORITHMS
from lepton_core.table.kinds import KINDS
from tests.support.pages import Block, Session, blocks, check_usage, commands, differs, give_data, request
from tests.support.tables import TABLES, tables_of, written

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
RUN = [page for page in PAGES if "adr" not in page.parts]
_LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_CALL = re.compile(r"(GET|POST|PUT|DELETE) (/[^\s?]*)")
_MEMBER = re.compile(r"\b(Model|Data|DataPreprocessor|Evaluation|MonitorReport|Update|Predictions)\.(\w+)")
_SOURCE = re.compile(r"(?:lepton_core|lepton_ai|functions|infra|tests)(?:/[a-z0-9_]+)*(?:/|\.py|\.md)?\Z")
_ENDPOINTS = {(one.method, one.path): one for one in edge.ROUTES}


def _curls(block: Block) -> Iterator[list[str]]:
    return (words for words in commands(block) if block.language == "sh" and words[0] == "curl")


def each(pages: list[Path]) -> Any:
    return pytest.mark.parametrize("page", pages, ids=lambda page: str(page.relative_to(ROOT)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A reader's folder."""
    give_data(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in ("LEPTON_URL", "LEPTON_API_KEY", "LEPTON_DATA"):
        monkeypatch.delenv(name, raising=False)
    logger = logging.getLogger("lepton")
    level = logger.level
    yield tmp_path
    logger.setLevel(level)
    close_all()


@pytest.mark.sampled(40)
@each(RUN)
def test_a_page_can_be_followed(folder: Path, page: Path) -> None:
    Session(shell=page.parent != ROOT).follow(page)  # the README speaks of data that only its reader has


def test_the_first_model_of_the_readme_needs_nothing_but_the_clone(folder: Path) -> None:
    for given in folder.glob("*.csv"):
        given.unlink()
    readme = ROOT / "README.md"
    (code,) = (block.code for block in blocks(readme) if block.language == "python")
    exec(compile(code, str(readme), "exec"), {})  # noqa: S102  (our own)
    (asked,) = (words for block in blocks(readme) for words in _curls(block))
    rows = msgspec.json.decode(request(asked).body or "")["rows"]
    (predicted,) = lepton_ai.Model(name="my_model").predict(rows)
    assert predicted.label in ("no", "yes")


@each(PAGES)
def test_the_commands_of_a_page_exist(page: Path) -> None:
    for block in blocks(page):
        for words in commands(block) if block.language == "sh" else ():
            if words[0] == "lepton":
                try:
                    check_usage(words)
                except click.exceptions.Exit:
                    pass  # --help and --version end here
                except click.UsageError as error:
                    pytest.fail(f"{page.name}, line {block.line}: {error.format_message()}")


@each(PAGES)
def test_the_requests_of_a_page_can_be_sent(page: Path) -> None:
    for block in blocks(page):
        for words in commands(block) if block.language == "sh" else ():
            if words[0] != "curl":
                continue
            asked = request(words)
            found = match(app, asked.path.replace("$", ""))
            endpoint = _ENDPOINTS.get((asked.method, found.resource if found else ""))
            assert endpoint is not None, f"{page.name}, line {block.line}: {asked.method} {asked.path}"
            expects_error = '"error":' in (block.shows or "")
            is_file = endpoint.body in (bytes, edge.Received)
            if asked.body is not None and not is_file and not expects_error:
                msgspec.json.decode(asked.body, type=endpoint.body)


_REQUESTS = {one.body.__name__: one.body for one in edge.ROUTES if one.body not in (None, bytes)}


@each(PAGES)
def test_an_example_that_names_a_request_is_one(page: Path) -> None:
    for block in blocks(page):
        if block.language == "json" and block.info:
            msgspec.json.decode(block.code, type=_REQUESTS[block.info])


@each(PAGES)
def test_what_a_page_quotes_stands_there(page: Path) -> None:
    for block in blocks(page):
        if block.language == "python" and block.info:
            assert block.code in (ROOT / block.info).read_text(), f"{page.name}, line {block.line}"


@each(PAGES)
def test_what_a_page_names_in_passing_exists(page: Path) -> None:
    if "adr" in page.parts:
        return
    for span in _SPAN.findall(page.read_text()):
        for method, path in _CALL.findall(span):
            found = match(app, path)
            assert (method, found.resource if found else "") in _ENDPOINTS, f"{page.name}: {span}"
        for kind, member in _MEMBER.findall(span):
            assert hasattr(getattr(lepton_ai, kind), member) or member in _fields(kind), (
                f"{page.name}: {span}"
            )
        if span.startswith("lepton "):
            _check_words(page, span.split())
        if _SOURCE.match(span):
            assert (ROOT / span).exists() or (ROOT / f"{span}.py").exists(), f"{page.name}: {span}"


def _fields(kind: str) -> tuple[str, ...]:
    return getattr(getattr(lepton_ai, kind), "__struct_fields__", ())


def _check_words(page: Path, words: list[str]) -> None:
    command = command_called(words[1])
    assert command is not None, f"{page.name}: {' '.join(words)}"
    if isinstance(command, click.Group) and len(words) > 2:
        assert words[2] in command.commands, f"{page.name}: {' '.join(words)}"
        command = command.commands[words[2]]
    named = (name for option in command.params for name in (*option.opts, *option.secondary_opts))
    known = {*named, "--help", "--version"}
    for word in words[2:]:
        option = word.strip("[]").partition("=")[0]
        assert not option.startswith("-") or option in known, f"{page.name}: {' '.join(words)}"


def command_called(name: str) -> click.Command | None:
    from lepton_ai.cli import cli

    return cli if name.startswith("-") else cli.get_command(click.Context(cli), name)


@each(PAGES)
def test_what_a_page_links_to_exists(page: Path) -> None:
    for target, anchor in _LINK.findall(page.read_text()):
        other = page.parent / target if target else page
        assert other.exists(), f"{page.name} links to {target}"
        if anchor and other.suffix == ".md":
            assert anchor in anchors(other), f"{page.name} links to {target}#{anchor}"


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@each(PAGES)
def test_the_tables_of_a_page_are_those_of_the_code(page: Path) -> None:
    text = page.read_text()
    assert written(text) == text, "python -m tests.support.tables writes them"


def test_every_table_is_on_a_page() -> None:
    shown = {name for page in PAGES for name, _ in tables_of(page.read_text())}
    assert shown == set(TABLES)


def test_every_kind_of_column_has_its_page() -> None:
    pages = {page.stem for page in (DOCS / "kinds").glob("*.md")}
    assert pages == {"README"} | {kind.name for kind in KINDS}
    common = [
        line for line in (DOCS / "kinds" / "number.md").read_text().splitlines() if line.startswith("## ")
    ]
    for kind in KINDS:
        page = (DOCS / "kinds" / f"{kind.name}.md").read_text()
        assert [line for line in page.splitlines() if line.startswith("## ")] == common, kind.name


def test_every_choice_of_an_algorithm_is_explained() -> None:
    common = (DOCS / "optimizers.md").read_text()
    for name, of in ALGORITHMS.items():
        page = common + (DOCS / "algorithms" / f"{name}.md").read_text()
        for one in fields(of.defaults):
            for choice in one.metadata["choices"] or ():
                assert f"\n| `{choice}` |" in page, f"{name}: {one.name}: {choice}"


def test_every_variable_of_the_environment_is_explained() -> None:
    page = (DOCS / "operating.md").read_text()
    sources = [path.read_text() for path in (ROOT / "lepton_ai").rglob("*.py")]
    for name in {name for text in sources for name in re.findall(r'"(LEPTON_[A-Z_]+)"', text)}:
        assert f"| `{name}` |" in page, name


def test_the_picture_stands_alone() -> None:
    picture = DOCS / "architecture.svg"
    names = {name for element in ElementTree.parse(picture).iter() for name in element.attrib}  # noqa: S314  (our own file)
    assert not [name for name in names if name.endswith(("href", "src"))]
    assert "prefers-color-scheme: dark" in picture.read_text()


def test_every_page_is_in_the_index() -> None:
    index = {target for target, _ in _LINK.findall((DOCS / "README.md").read_text())}
    for page in [*DOCS.glob("*.md"), *DOCS.glob("*/README.md")]:
        name = str(page.relative_to(DOCS))
        assert name == "README.md" or name in index or f"{page.parent.name}/" in index, name


def test_the_readme_shows_both_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "make demo" in readme
    assert "make test" in readme


def test_an_example_with_another_key_is_found() -> None:
    assert (
        differs({"id": "run-1", "colour": 1}, {"id": "run-2"})
        == "top: the example has colour, the answer has no more"
    )
