"""Each language's data file against its sample: what it defines, uses, imports, tests and documents."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.code.extraction import KINDS, extract
from draftsmith.code.index.record import pack, unpack
from draftsmith.code.languages import LANGUAGES, language_of, languages
from draftsmith.code.words import terms_of

SAMPLES = Path(__file__).parent / "samples"
DATA_ONLY = {"json", "yaml", "toml"}
NO_TESTS = DATA_ONLY | {"html", "css", "sql", "dart"}
"""Languages whose tests are no definitions of their own."""


def sample(language: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / f"{language}.toml").read_text("utf-8"))


def test_there_are_at_least_25_languages_and_each_has_a_sample() -> None:
    assert len(LANGUAGES) >= 25
    assert {path.stem for path in SAMPLES.iterdir()} == LANGUAGES


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_sample_of_a_language_is_read_as_it_says(language: str) -> None:
    wanted = sample(language)
    source = wanted["source"].encode()
    assert language_of(wanted["path"], source) == language
    found = extract(source, language)
    assert [f"{KINDS[one.kind]} {one.name.decode()}" for one in found.definitions] == wanted["definitions"]
    assert [one.name.decode() for one in found.definitions if one.test] == wanted["tests"]
    assert sorted(name.decode() for name, called in found.references if called) == wanted["calls"]
    assert sorted(name.decode() for name, called in found.references if not called) == wanted["references"]
    assert [module.decode() for module, _ in found.imports] == wanted["imports"]
    assert {one.name.decode(): one.doc.decode() for one in found.definitions if one.doc} == wanted["docs"]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_sample_shows_all_that_its_language_can_say(language: str) -> None:
    wanted, data = sample(language), languages()[language]
    assert wanted["definitions"]
    assert wanted["docs"] or language == "json"
    assert data.title
    assert wanted["tests"] or language in NO_TESTS
    assert wanted["imports"] or language in DATA_ONLY | {"sql"}
    assert wanted["calls"] or wanted["references"] or language in DATA_ONLY


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_places_lie_where_the_names_stand(language: str) -> None:
    source = sample(language)["source"].encode()
    lines = source.split(b"\n")
    found = extract(source, language)
    for one in found.definitions:
        assert one.name in lines[one.line - 1].replace(b'"', b"").replace(b"'", b"")
        assert one.start_line <= one.line <= one.end_line <= len(lines)
        assert one.signature == lines[one.line - 1].rstrip()[:160]
    for (name, _), places in found.references.items():
        assert all(name in lines[line - 1] for line in places)


@given(st.sampled_from(sorted(LANGUAGES)), st.binary(max_size=400))
def test_any_bytes_can_be_read_and_packed(language: str, content: bytes) -> None:
    found = extract(content, language)
    record = unpack(pack(found, 3))
    assert record.counts[0] == len(found.definitions)
    assert record.counts[1] == len(found.references)
    assert (record.language, record.skipped) == (3, 0)
    assert len(record.terms) == len(found.words)


@pytest.mark.parametrize(
    ("path", "content", "language"),
    [
        ("tool", b"#!/usr/bin/env python3\n", "python"),
        ("tool", b"#!/usr/bin/env -S node --harmony\n", "javascript"),
        ("tool", b"#!/bin/bash -e\n", "bash"),
        ("Gemfile", b"", "ruby"),
        ("a.H", b"", "cpp"),
        ("notes.txt", b"#!/bin/sh\n", None),
        (".profile", b"", "bash"),
    ],
)
def test_a_language_is_known_by_name_or_first_line(path: str, content: bytes, language: str | None) -> None:
    assert language_of(path, content) == language


@pytest.mark.parametrize(
    ("word", "terms"),
    [
        (b"parseHTTPHeader", (b"pars", b"http", b"header")),
        (b"parse_http_headers", (b"pars", b"http", b"header")),
        (b"Parsing", (b"pars",)),
        (b"_", ()),
        (b"getX", (b"get",)),
    ],
)
def test_spellings_of_a_word_share_their_terms(word: bytes, terms: tuple[bytes, ...]) -> None:
    assert terms_of(word) == terms
