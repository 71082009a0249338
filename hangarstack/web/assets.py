"""Style sheets, scripts and pictures: in memory, under an address that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, request

DIRECTORY: Final = Path(__file__).parent / "static"
PREFIX: Final = "/assets"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_FOR_NOW: Final = "public, max-age=60"
_COMPRESSED: Final = frozenset({".css", ".js", ".svg"})
# The table of the operating system differs from machine to machine, and a script needs its type.
_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    gzipped: bytes | None
    content_type: str


class Assets:
    """Every file of a directory, read once; their common hash is part of each address.

    One hash for all, so that a script may import another by its relative name.

    Args:
        directory: the files, without sub-directories.
    """

    def __init__(self, directory: Path = DIRECTORY) -> None:
        files = {path.name: path for path in sorted(directory.iterdir()) if path.is_file()}
        self._assets: Mapping[str, _Asset] = {name: _read(path) for name, path in files.items()}
        digest = hashlib.blake2b(digest_size=6)
        for name, asset in self._assets.items():
            digest.update(name.encode() + b"\0" + asset.body)
        self.version = digest.hexdigest()

    def url(self, name: str) -> str:
        """Return the address of a file, good for as long as its content is."""
        if name not in self._assets:
            raise KeyError(name)
        return f"{PREFIX}/{self.version}/{name}"

    def blueprint(self) -> Blueprint:
        """Return what serves the files."""
        blueprint = Blueprint("assets", __name__, url_prefix=PREFIX)

        @blueprint.get("/<version>/<name>")
        def asset(version: str, name: str) -> Response:
            found = self._assets.get(name)
            if found is None:
                abort(404)
            # A page of an older process may ask for an older version: it gets this one, but not for ever.
            lasting = _FOR_EVER if version == self.version else _FOR_NOW
            compress = found.gzipped is not None and "gzip" in request.headers.get("Accept-Encoding", "")
            response = Response(found.gzipped if compress else found.body, content_type=found.content_type)
            response.headers["Cache-Control"] = lasting
            if found.gzipped is not None:
                response.headers["Vary"] = "Accept-Encoding"
            if compress:
                response.headers["Content-Encoding"] = "gzip"
            return response

        return blueprint


def _read(path: Path) -> _Asset:
    body = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    # mtime=0: the same bytes on every machine.
    return _Asset(body, gzip.compress(body, mtime=0) if path.suffix in _COMPRESSED else None, kind)
