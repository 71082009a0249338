from __future__ import annotations

from pathlib import Path

import pytest

from hangarstack.errors import SettingsError
from hangarstack.settings import Secret, Settings
from hangarstack.web.secret import site_secret
from tests.unit.producers.samples import files_no_larger_than


def test_a_secret_is_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    first = site_secret(settings)
    assert site_secret(settings) == first
    file = tmp_path / "home" / "secret-key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["secret-key"]


def test_a_full_disk_does_not_keep_the_secret_that_is_there_from_being_read(tmp_path: Path) -> None:
    first = site_secret(Settings(home=tmp_path))
    with files_no_larger_than(0):
        assert site_secret(Settings(home=tmp_path)) == first
        with pytest.raises(SettingsError, match="File too large"):
            site_secret(Settings(home=tmp_path / "other"))
    assert list((tmp_path / "other").iterdir()) == []


def test_a_given_secret_is_used(tmp_path: Path) -> None:
    assert site_secret(Settings(home=tmp_path, secret_key=Secret("long enough a secret"))) == b"long enough a secret"


def test_a_short_secret_is_refused_without_being_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="shorter than 16") as caught:
        site_secret(Settings(home=tmp_path, secret_key=Secret("hunter2")))
    assert "hunter2" not in str(caught.value)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("x")
    with pytest.raises(SettingsError, match="damaged"):
        site_secret(Settings(home=tmp_path))


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot be kept"):
        site_secret(Settings(home=tmp_path / "file" / "home"))
