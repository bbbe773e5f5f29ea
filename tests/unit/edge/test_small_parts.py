"""URIs, folders, settings, comments, papers: what is read from editors and from people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from draftsmith.edge.action_kinds import is_wanted
from draftsmith.edge.comments import comment_at
from draftsmith.edge.documents import Documents
from draftsmith.edge.features import features_of
from draftsmith.edge.folders import Folder, Folders
from draftsmith.edge.papers.desk import Paper, note, plan_of, words_of
from draftsmith.edge.rpc.errors import InvalidParams
from draftsmith.edge.settings import Settings, for_one_session, settings_of
from draftsmith.edge.showing.hover import escaped, fenced
from draftsmith.edge.sides import side_of_uri, uri_of_side
from draftsmith.edge.text import Position, Range
from draftsmith.edge.uris import path_of, uri_of


@given(st.text(alphabet=st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_every_path_comes_back_from_its_uri(name: str) -> None:
    if name not in (".", ".."):
        assert path_of(uri_of(f"/ws/{name}")) == f"/ws/{name}"


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b%20c.py", "/a/b c.py"),
        ("file:///a/b c.py", "/a/b c.py"),
        ("file://localhost/a", "/a"),
        ("file:/a/../b", "/b"),
        ("file:///a#b?c", "/a#b?c"),
        ("file:///caf%C3%A9", "/café"),
        ("untitled:Untitled-1", None),
        ("vscode-notebook-cell:/a.ipynb#1", None),
        ("file:relative", None),
        ("", None),
    ],
)
def test_uris_are_read_as_clients_write_them(uri: str, path: str | None) -> None:
    assert path_of(uri) == path


def test_a_uri_of_a_side_tells_side_session_and_path() -> None:
    uri = uri_of_side("draft", "s_1", "/ws/a b.py")
    assert uri == "draftsmith:/draft/s_1/ws/a%20b.py"
    assert side_of_uri(uri) == ("draft", "s_1", "/ws/a b.py")
    with pytest.raises(InvalidParams):
        side_of_uri("draftsmith:/draft")


def test_folders_lead_from_the_editors_path_to_the_real_one_and_back() -> None:
    folders = Folders()
    folders.change([Folder(path="/link", real="/real/ws"), Folder(path="/other", real="/other")], ())
    assert folders.real_path("/link/a.py") == "/real/ws/a.py"
    assert folders.editor_path("/real/ws/a.py") == "/link/a.py"
    assert folders.real_path("/linked/a.py") == "/linked/a.py"
    assert folders.concerns(["/real"])
    assert folders.concerns(["/other/part"])
    assert not folders.concerns(["/others"])
    folders.change([], ["/link"])
    assert folders.real == ["/other"]


def test_settings_that_make_no_sense_are_told_and_the_rest_counts() -> None:
    found = settings_of({"model": "openai/x", "autonomy": "wild", "budget": -1, "functionLenses": "yes", "more": 1})
    assert (found.model, found.autonomy, found.budget_nano_usd, found.function_lenses) == (
        "openai/x",
        "ask",
        None,
        False,
    )
    assert len(found.problems) == 3
    assert settings_of({"budget": 0.5}).budget_nano_usd == 500_000_000
    assert settings_of(None) == settings_of({})


def test_a_client_that_says_nothing_is_asked_for_edits_and_nothing_else() -> None:
    nothing = features_of({})
    assert not any((nothing.code_lens, nothing.progress, nothing.knows_us, nothing.own_questions))
    assert not nothing.undoable_files
    assert nothing.apply_edit
    assert not features_of({"capabilities": {"workspace": {"applyEdit": False}}}).apply_edit
    assert features_of({"capabilities": [], "initializationOptions": 7}).client == "lsp"


@pytest.mark.parametrize(
    ("language", "text", "line", "words"),
    [
        ("python", "x = 1\n# add a test\n# for x\ny = 2\n", 2, "add a test\nfor x"),
        ("python", "x = 1\n", 0, None),
        ("python", "x = 1  # make it 2\n", 0, "make it 2"),
        ("python", "#!/usr/bin/python\n", 0, None),
        ("go", "// do this\n//   and that\n", 0, "do this\n  and that"),
        ("c", "#include <x.h>\n", 0, None),
        ("c", "/* one\n * two\n */\nint x;\n", 1, "one\ntwo"),
        ("c", "/* one\n * two\n */\nint x;\n", 3, None),
        ("markdown", "# Heading\n", 0, None),
        ("html", "<!-- make it red -->\n", 0, "make it red"),
        ("lua", "-- say why\n", 0, "say why"),
        ("vim", '" map it\n', 0, "map it"),
        ("python", "#\n", 0, None),
        ("python", "", 0, None),
    ],
)
def test_a_comment_is_found_with_its_words(language: str, text: str, line: int, words: str | None) -> None:
    document = Documents().open("file:///a", language, 1, text)
    assert comment_at(document, Range(Position(line, 0), Position(line, 0))) == words


def test_words_are_what_stands_beside_our_notes() -> None:
    text = note("Write below --> here", "-- and so on") + "\nMake it faster.\n<!-- a thought -->\n"
    assert words_of(text) == "Make it faster."
    assert plan_of("<!--\nx\n-->\n# Plan\n").splitlines() == ["", "", "", "# Plan"]
    assert Paper(kind="answer", subject="s_1", detail="d_2").file_name == "answer-s_1.d_2.md"


def test_text_of_a_model_does_nothing_in_markdown() -> None:
    assert escaped("<img src=x> ![a](b)") == "&lt;img src=x> \\!\\[a](b)"
    assert fenced("```\nx\n```", "py").startswith("````py\n")


@pytest.mark.parametrize(
    ("kind", "only", "wanted"),
    [
        ("refactor.rewrite.draftsmith", ("refactor",), True),
        ("quickfix", ("quickfix",), True),
        ("quickfix", ("quickfix.draftsmith",), False),
        ("source.draftsmith.session", ("source",), True),
        ("quickfix", ("",), True),
        ("quickfix", ("quick",), False),
        ("quickfix", None, True),
        ("quickfix", (), False),
    ],
)
def test_kinds_are_wanted_with_those_above_them(kind: str, only: tuple[str, ...] | None, wanted: bool) -> None:
    assert is_wanted(kind, only) is wanted


def test_limits_are_read_from_settings_and_from_one_start() -> None:
    settings = settings_of({"budget": 0.5, "steps": 40, "minutes": 1.5})
    assert (settings.budget_nano_usd, settings.steps, settings.seconds) == (500_000_000, 40, 90)
    assert settings.problems == ()
    chosen = for_one_session(settings, {"steps": 3, "model": "a/b"})
    assert (chosen.model, chosen.steps, chosen.seconds, chosen.budget_nano_usd) == ("a/b", 3, 90, 500_000_000)
    assert for_one_session(settings, {"seconds": 3}).problems != ()


@pytest.mark.parametrize("raw", [{"steps": 1.5}, {"steps": -1}, {"steps": "7"}, {"minutes": 1e9}, {"minutes": True}])
def test_limits_that_make_no_sense_are_said_and_left_out(raw: dict[str, float | str | bool]) -> None:
    settings = settings_of(dict(raw))
    assert len(settings.problems) == 1
    assert (settings.steps, settings.seconds) == (Settings().steps, Settings().seconds)
