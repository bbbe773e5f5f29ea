"""Layers of settings: what wins, what is refused, what of a file survives a change."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from draftsmith.domain.errors import UserError
from draftsmith.domain.settings import SETTINGS, wrong_with
from draftsmith.hub.http.guard import public_place
from draftsmith.hub.settings_book import SettingNow, SettingsBook
from draftsmith.models.discovery import local_addresses
from draftsmith.pipeline import money
from draftsmith.platform.settings_file import read_settings, settings_file, write_setting
from draftsmith.sandbox.choosing import SANDBOX_VARIABLE, setting_of
from draftsmith.sandbox.limits import LIMITS_VARIABLE, configured_limits
from draftsmith.tools.formats import parse_setting

DOCUMENT = Path(__file__).parents[4] / "docs" / "configuration.md"


def named(settings: tuple[SettingNow, ...], name: str) -> SettingNow:
    return next(one for one in settings if one.setting.name == name)


def refused(name: str, value: str) -> bool:
    """Whether what reads the setting refuses the value."""
    try:
        match name:
            case "runner_limits":
                configured_limits({LIMITS_VARIABLE: value})
            case "runner_edit_formats":
                parse_setting(value)
            case "runner_local_servers":
                local_addresses(value)
            case "web_url":
                public_place(value, 1)
            case "sandbox":
                setting_of({SANDBOX_VARIABLE: value})
            case _:
                raise AssertionError(name)
    except UserError:
        return True
    return False


WORDS = {
    "runner_limits": ("cpu=", "memory=4000", "processes=none", "disk=0", "files=12", "x=1", "9" * 20, " ", ",", "none"),
    "runner_edit_formats": ("search", "symbol", "patch", "lines", "gpt-*=", ";", ",", "other", "*=", " "),
    "runner_local_servers": ("ollama=", "vllm=", "http://127.0.0.1:1/v1", "off", ";", "ftp://x", "other=", " "),
    "web_url": ("https://", "http://", "example.org", ":99", "/a", "?q", "#f", "u@", " ", ":x"),
    "sandbox": ("auto", "docker", "bubblewrap", "unconfined", "podman"),
}


@pytest.mark.parametrize("name", WORDS)
@given(data=st.data())
def test_what_a_field_accepts_its_reader_accepts(name: str, data: st.DataObject) -> None:
    value = "".join(data.draw(st.lists(st.sampled_from(WORDS[name]), max_size=5))).strip()
    if value and not wrong_with(name, value):
        assert not refused(name, value), value


@given(st.text(max_size=30) | st.sampled_from(("off", "2.50", "-1", "nan", "inf", "1e3", "5")))
def test_an_amount_that_a_field_accepts_its_reader_accepts(text: str) -> None:
    value = text.strip()
    if not value or wrong_with("runner_ask_above", value):
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(money.SETTING, value)
        money.ask_above()


def test_every_setting_is_documented_with_its_variable() -> None:
    documented = DOCUMENT.read_text()
    assert [one.variable for one in SETTINGS if f"`{one.variable}`" not in documented] == []


def test_what_is_usual_is_a_value_that_the_setting_can_have() -> None:
    assert [(one.name, one.usual) for one in SETTINGS if one.usual and wrong_with(one.name, one.usual)] == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("web_port", "99999", "65,535"),
        ("web_port", "eighty", "whole number"),
        ("sandbox", "podman", "auto, bubblewrap, docker, unconfined"),
        ("runner_limits", "memory=lots", "'memory=lots' is no limit"),
        ("runner_advisories", "here", "whole path"),
        ("web_url", "example.org", "https://"),
        ("nothing", "1", "no setting"),
        ("runner_advisories", "/a\nb", "one line"),
    ],
)
def test_a_bad_value_is_refused_in_words(name: str, value: str, words: str) -> None:
    assert words in wrong_with(name, value)


async def test_the_environment_wins_over_the_file_and_the_file_over_what_is_usual(tmp_path: Path) -> None:
    settings_file(tmp_path).write_text('sandbox = "docker"\nweb_port = 7777\nmax_files = 10\n')
    live = {"DRAFTSMITH_SANDBOX": "bubblewrap", "OTHER": "kept"}
    book = SettingsBook(tmp_path, live)
    assert book.load() == ()
    found = await book.read()
    assert [(one.value, one.origin) for one in (named(found, name) for name in ("sandbox", "web_port"))] == [
        ("bubblewrap", "environment"),
        ("7777", "file"),
    ]
    assert (named(found, "sandbox").in_file, named(found, "sandbox").waits) == ("docker", False)
    assert (named(found, "max_megabytes").value, named(found, "max_megabytes").origin) == ("4096", "usual")
    assert live == {
        "DRAFTSMITH_SANDBOX": "bubblewrap",
        "DRAFTSMITH_WEB_PORT": "7777",
        "DRAFTSMITH_MAX_FILES": "10",
        "OTHER": "kept",
    }


async def test_a_change_counts_at_once_where_it_can_and_else_says_that_it_waits(tmp_path: Path) -> None:
    renewed: list[str] = []
    live: dict[str, str] = {}
    book = SettingsBook(tmp_path, live, lambda: renewed.append("runner"))
    book.load()
    after = named(await book.write("max_files", "12"), "max_files")
    assert (after.value, after.origin, after.waits) == ("12", "file", False)
    assert renewed == ["runner"]
    await book.write("max_files", "12")
    assert renewed == ["runner"], "nothing changed"
    waiting = named(await book.write("web_port", "7777"), "web_port")
    assert (waiting.value, waiting.in_file, waiting.waits) == ("", "7777", True)
    assert live == {"DRAFTSMITH_MAX_FILES": "12"}
    gone = named(await book.write("max_files", ""), "max_files")
    assert (gone.value, gone.origin, gone.in_file) == ("250000", "usual", "")
    assert live == {}


async def test_what_the_environment_says_is_not_changed_by_the_file(tmp_path: Path) -> None:
    renewed: list[str] = []
    live = {"DRAFTSMITH_SANDBOX": "docker"}
    book = SettingsBook(tmp_path, live, lambda: renewed.append("runner"))
    book.load()
    after = named(await book.write("sandbox", "bubblewrap"), "sandbox")
    assert (after.value, after.origin, after.in_file) == ("docker", "environment", "bubblewrap")
    assert (live, renewed) == ({"DRAFTSMITH_SANDBOX": "docker"}, [])


async def test_a_bad_value_changes_nothing(tmp_path: Path) -> None:
    book = SettingsBook(tmp_path, {})
    book.load()
    with pytest.raises(UserError, match="65,535"):
        await book.write("web_port", "0")
    assert not settings_file(tmp_path).exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("sandbox = ", "not TOML"),
        ("colour = 3\n", "no setting colour"),
        ('web_port = "x"\n', "web_port: Give a whole number"),
        ("sandbox = [1]\n", "sandbox is no text"),
        ("\udc80", "not TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_and_does_not_count(tmp_path: Path, content: str, words: str) -> None:
    settings_file(tmp_path).write_bytes(content.encode("utf-8", "surrogateescape"))
    live: dict[str, str] = {}
    (told,) = SettingsBook(tmp_path, live).load()
    assert words in told
    assert live == {}


def test_a_file_that_is_no_toml_is_never_written_over(tmp_path: Path) -> None:
    settings_file(tmp_path).write_text("sandbox = \n# mine\n")
    with pytest.raises(UserError, match="not TOML"):
        write_setting(tmp_path, "sandbox", "docker")
    assert settings_file(tmp_path).read_text() == "sandbox = \n# mine\n"


COMMENTS = st.lists(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12), max_size=4)


@given(
    comments=COMMENTS,
    value=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30),
)
@example(comments=["x = 1"], value='"\\')
def test_a_change_keeps_every_other_line(
    tmp_path_factory: pytest.TempPathFactory, comments: list[str], value: str
) -> None:
    state = tmp_path_factory.mktemp("state")
    lines = [f"# {one}" for one in comments]
    settings_file(state).write_text("\n".join([*lines, 'other = "kept" # why', "sandbox = 'auto'", ""]))
    write_setting(state, "sandbox", value)
    after = settings_file(state).read_text()
    assert tomllib.loads(after) == {"other": "kept", "sandbox": value}
    assert after.splitlines()[: len(lines) + 1] == [*lines, 'other = "kept" # why']
    write_setting(state, "sandbox", "")
    assert read_settings(state).values == {"other": "kept"}
    assert settings_file(state).stat().st_mode & 0o777 == 0o600
