"""The list is whole: many tables of many publishers, each pinned and described."""

import re
from collections import Counter

from tests.benchmarks.real_tables.listed import MOST_OF_ONE_PACKAGE, listed

TABLES = listed()


def test_there_are_many_tables_of_many_publishers() -> None:
    packages = Counter(table.archive.package for table in TABLES)
    assert len(TABLES) >= 44
    assert max(packages.values()) <= MOST_OF_ONE_PACKAGE
    assert {table.task for table in TABLES} == {"classification", "regression"}


def test_names_differ_and_are_sorted() -> None:
    names = [table.name for table in TABLES]
    assert names == sorted(set(names))
    assert len({(table.archive, table.path) for table in TABLES}) == len(TABLES)


def test_archives_and_files_are_pinned_to_the_byte() -> None:
    for table in TABLES:
        assert re.fullmatch("[0-9a-f]{64}", table.sha256)
        assert re.fullmatch("[0-9a-f]{64}", table.archive.sha256)
        assert table.archive.file.endswith(".whl")
        assert f"-{table.archive.version}-" in table.archive.file


def test_each_table_says_what_is_peculiar_and_why_a_column_is_dropped() -> None:
    for table in TABLES:
        assert table.peculiar.endswith(".")
        assert all(table.reading.drop.values())
        assert table.label not in table.reading.drop


def test_no_column_is_of_two_kinds() -> None:
    for table in TABLES:
        how = table.reading
        named = [*how.drop, *how.dates, *how.texts, *how.categories, *how.money]
        assert len(named) == len(set(named)), table.name
