"""A text is read as that of an old Mac, or of DOS, where its words have Western letters there alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lepton_core.table import read_csv
from lepton_core.table.files.letters import by_letters

WORDS = {
    "German": "Köln München Düsseldorf Straße größe Länge Käse früh König schön weiß Fußball Jänner Grüße hören Füße",
    "French": "Besançon créée élève forêt français hôtel naïve Orléans Nîmes Sète Béziers reçu élue près même côte",
    "Spanish": "España año señor Málaga Córdoba León Cádiz Avilés Jaén niño según música baño Mérida corazón",
    "Swedish": "Göteborg Malmö Västerås Jönköping lön säker höst kväll Norrköping Skövde Växjö mål båt Gävle",
    "Norwegian": "Tromsø Bodø bestått gård Hønefoss kjøp månad gjær lære smør språk bokmål være født kjære",
}
"""Words of which eight tell the encoding, whichever they are, and in which of the two only some letters are right."""

MAC_AND_DOS = ("mac_roman", "cp850")
WINDOWS = ("cp1252", "latin-1", "cp1250", "cp1254", "cp1257", "iso8859-15")
OTHERS = "Plzeň Děčín Łódź Kraków Gdańsk Győr Székesfehérvár İstanbul Muş şehir București Târgu Põlva žürii Čakovec"
SIGNS = [
    "don’t",
    "it’s",
    "Anne–Marie",
    "“so”",
    "a…b",
    "Nº",
    "1ª",
    "x²y",
    "€uro",
    "mother‑in‑law",
    "§§",
    "„wo“",
]


def table(words: list[str]) -> str:
    rows = (f"{at % 50},{words[at % len(words)]},{'ja' if at % 3 else 'nein'}" for at in range(60))
    return "\n".join(["a,b,y", *rows, ""])


@pytest.mark.parametrize("name", MAC_AND_DOS)
@pytest.mark.parametrize("language", WORDS)
def test_the_letters_within_words_show_the_encoding_and_it_is_said(language: str, name: str) -> None:
    written = table(WORDS[language].split())
    found = read_csv(written.encode(name))
    assert found.table == read_csv(written.encode()).table
    [note] = [one for one in found.notes if one.code == "encoding"]
    assert f"was read as {name} (the first in line" in note.message and "cp1252" in note.remedy


@pytest.mark.parametrize("name", MAC_AND_DOS)
@given(st.data())
@settings(deadline=None, max_examples=100)
def test_it_is_never_taken_for_the_other_one(name: str, data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(sorted(WORDS)))
    words = data.draw(st.lists(st.sampled_from(WORDS[language].split()), min_size=2, max_size=9, unique=True))
    other = next(one for one in MAC_AND_DOS if one != name)
    assert by_letters(" ".join(words).encode(name)).name != other


@given(st.sampled_from(WINDOWS), st.data())
@settings(deadline=None, max_examples=300)
def test_words_of_windows_are_never_those_of_macs_or_dos(name: str, data: st.DataObject) -> None:
    every = [*" ".join(WORDS.values()).split(), *OTHERS.split(), *SIGNS]
    words = data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=20))
    assert by_letters(table(words).encode(name, "ignore")).name not in MAC_AND_DOS


def test_letters_of_the_dos_of_america_are_those_of_europe() -> None:
    written = table(WORDS["German"].split())
    assert read_csv(written.encode("cp437")).table == read_csv(written.encode()).table
