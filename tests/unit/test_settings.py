from __future__ import annotations

from pathlib import Path

import pytest

from hangarstack.errors import SettingsError
from hangarstack.settings import PREFIX, Secret, Settings, documentation, environment, load


def test_an_empty_environment_gives_loopback_defaults() -> None:
    settings = load({})
    assert (settings.http_host, settings.http_port, settings.registry_host) == ("127.0.0.1", 8080, "127.0.0.1")
    assert settings.address == "http://127.0.0.1:8080"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('http_port = 9000\nsasl_username = "file"\n')
    settings = load({"HANGARSTACK_SETTINGS": str(file), "HANGARSTACK_HTTP_PORT": "9001"})
    assert (settings.http_port, settings.sasl_username) == (9001, "file")


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("HANGARSTACK_HTTP_PROT", "1", "no such setting"),
        ("HANGARSTACK_HTTP_PORT", "eighty", "whole number"),
        ("HANGARSTACK_HTTP_PORT", "65536", "between 0 and 65535"),
        ("HANGARSTACK_CLIENT_IP", "keep", "one of truncate, hash, full, none"),
        ("HANGARSTACK_SPOOL_FSYNC", "maybe", "true or false"),
        ("HANGARSTACK_DRAIN_S", "soon", "a number"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(variable: str, value: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint) as caught:
        load({variable: value})
    assert caught.value.where == variable


@pytest.mark.parametrize(
    "url", ["sr", "u:hunter2@sr", "http://u:hunter2/x@sr", "http://u:1/hunter2@sr", "http://u:hunter2@[::1"]
)
def test_a_registry_that_is_no_address_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="must begin with http:// or https://") as caught:
        load({"HANGARSTACK_REGISTRY_URL": f"https://sr, {url}"})
    assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"


@pytest.mark.parametrize("content", ["http_port = [", "\udcff".encode("utf-8", "surrogateescape").decode("latin-1")])
def test_an_unreadable_file_is_refused_by_name(tmp_path: Path, content: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(SettingsError, match="cannot be read"):
        load({"HANGARSTACK_SETTINGS": str(file)})


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load({"HANGARSTACK_SETTINGS": str(tmp_path / "none.toml")})


def test_a_secret_shows_itself_only_when_asked() -> None:
    settings = load({"HANGARSTACK_SASL_PASSWORD": "hunter2"})
    shown = f"{settings} {settings.sasl_password} {settings.sasl_password!r} {settings.sasl_password:>20}"
    assert "hunter2" not in shown
    assert settings.sasl_password.reveal() == "hunter2"


def test_children_load_exactly_the_same_settings() -> None:
    settings = load(
        {"HANGARSTACK_SASL_PASSWORD": "hunter2", "HANGARSTACK_SPOOL_FSYNC": "yes", "HANGARSTACK_HOME": "here"}
    )
    assert load(environment(settings)) == settings
    assert settings.home.is_absolute()


def test_the_state_is_in_the_tree_wherever_in_it_a_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "contracts" / "avro").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path / "docs")
    assert load({}).home == tmp_path / ".hangarstack"
    assert load({"HANGARSTACK_ROOT": str(tmp_path / "other")}).home == tmp_path / "other" / ".hangarstack"
    assert load({"HANGARSTACK_HOME": "here"}).home == tmp_path / "docs" / "here"


@pytest.mark.parametrize("key", ["HTTP_PORT", "HANGARSTACK_HTTP_PORT"])
def test_a_key_of_the_file_that_is_written_like_a_variable_is_refused_with_the_right_one(
    tmp_path: Path, key: str
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"{key} = 8099\n")
    with pytest.raises(SettingsError, match="Write it as http_port"):
        load({"HANGARSTACK_SETTINGS": str(file)})
    file.write_text("http_port = 8099\n")
    assert load({"HANGARSTACK_SETTINGS": str(file)}).http_port == 8099


def test_variables_of_the_test_suite_are_not_settings() -> None:
    assert load({"HANGARSTACK_TEST_REQUIRE": "kafka"}) == load({})


def test_every_setting_says_what_it_does() -> None:
    rows = documentation()
    assert len(rows) == len(Settings.__dataclass_fields__)
    assert all(name.startswith(PREFIX) and doc.endswith((".", "page.")) for name, doc in rows)


def test_an_empty_secret_is_recognisable() -> None:
    assert (str(Secret("")), repr(Secret(""))) == ("", "''")


@pytest.mark.parametrize("there", ["contracts/avro/ping/v1.avsc", "contracts/contracts.lock"])
def test_the_root_is_the_nearest_directory_with_contracts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str
) -> None:
    file, below = tmp_path / there, tmp_path / "services" / "billing"
    for directory in (file.parent, below):
        directory.mkdir(parents=True)
    file.touch()
    for here in (tmp_path, below):
        monkeypatch.chdir(here)
        assert load({}).root == tmp_path
    assert load({"HANGARSTACK_ROOT": str(below)}).root == below


def test_the_contracts_of_another_project_are_never_taken_for_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "contracts" / "avro").mkdir(parents=True)
    mine = tmp_path / "mine"
    (mine / ".git").mkdir(parents=True)
    monkeypatch.chdir(mine)
    assert load({}).root == mine
