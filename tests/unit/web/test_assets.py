from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from hangarstack.web.assets import DIRECTORY, Assets


def files(directory: Path, **contents: str) -> Path:
    for name, text in contents.items():
        (directory / name.replace("_", ".")).write_text(text)
    return directory


def test_the_address_changes_with_the_content_of_any_file(tmp_path: Path) -> None:
    first = Assets(files(tmp_path, a_css="one", b_js="two")).url("a.css")
    assert Assets(tmp_path).url("a.css") == first
    assert Assets(files(tmp_path, b_js="three")).url("a.css") != first


def test_an_unknown_name_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        Assets(tmp_path).url("missing.css")


def test_a_file_is_kept_by_browsers_for_ever_and_sent_small(client: FlaskClient) -> None:
    address = re.search(r'href="(/assets/[^"]+/base\.css)"', client.get("/").text)
    assert address is not None
    answer = client.get(address[1], headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type.startswith("text/css")
    assert gzip.decompress(answer.data) == (DIRECTORY / "base.css").read_bytes()
    plain = client.get(address[1])
    assert "Content-Encoding" not in plain.headers
    assert plain.data == gzip.decompress(answer.data)


def test_an_older_address_is_answered_but_not_kept_for_ever(client: FlaskClient) -> None:
    answer = client.get("/assets/000000000000/app.js")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.content_type.startswith("text/javascript")


@pytest.mark.parametrize("name", ["missing.js", "..%2fapp.py", "%2e%2e/app.py"])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/assets/x/{name}").status_code == 404


def test_scripts_import_only_files_that_are_there() -> None:
    for script in DIRECTORY.glob("*.js"):
        for name in re.findall(r'from "\./([^"]+)"', script.read_text(encoding="utf-8")):
            assert (DIRECTORY / name).is_file(), f"{script.name} imports {name}"


def test_style_sheets_load_nothing_from_elsewhere() -> None:
    for sheet in DIRECTORY.glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert "@import" not in text
        assert "url(" not in text
