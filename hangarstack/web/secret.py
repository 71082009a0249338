"""The site's secret: signs the session cookie and the forms."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from hangarstack.errors import SettingsError
from hangarstack.settings import Settings

_BYTES: Final = 32
_LEAST: Final = 16


def site_secret(settings: Settings) -> bytes:
    """Return the secret of the settings, or the one kept in ``HOME/secret-key``, made when missing.

    Raises:
        SettingsError: the given secret is shorter than 16 characters, or the file cannot be made or read.
    """
    given = settings.secret_key.reveal()
    if given:
        if len(given) < _LEAST:
            raise SettingsError(
                f"the secret is shorter than {_LEAST} characters",
                where="HANGARSTACK_SECRET_KEY",
                remedy="Use a long random text, the same for every web process",
            )
        return given.encode()
    file = settings.home / "secret-key"
    try:
        # Read first: a full disk must not keep a site from starting that has its secret.
        if not file.exists():
            _make(file)
        secret = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"the secret of the web app cannot be kept: {error}",
            where=str(file),
            remedy="Set HANGARSTACK_SECRET_KEY, or HANGARSTACK_HOME to a directory you may write",
        ) from error
    if len(secret) < _LEAST:
        raise SettingsError(
            "the kept secret is damaged", where=str(file), remedy="Delete the file; visitors get new sessions"
        )
    return secret.encode()


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Made under another name and linked: a second process never reads half a secret.
    fresh = file.with_name(f".secret-key.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_hex(_BYTES))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, file)
    finally:
        fresh.unlink()
