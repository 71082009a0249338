from __future__ import annotations

from pathlib import Path

from jinja2 import DictLoader, Environment

from hangarstack.web.compiled import CompiledTemplates
from tests.unit.producers.samples import files_no_larger_than


def render(directory: Path) -> str:
    cache = CompiledTemplates.at(directory)
    environment = Environment(loader=DictLoader({"page": "{{ name }}"}), bytecode_cache=cache, autoescape=True)
    return environment.get_template("page").render(name="F-16")


def test_a_template_is_kept_compiled(tmp_path: Path) -> None:
    assert render(tmp_path / "cache") == "F-16"
    [kept] = (tmp_path / "cache").iterdir()
    before = kept.stat()
    assert render(tmp_path / "cache") == "F-16"
    assert kept.stat().st_mtime_ns == before.st_mtime_ns


def test_a_full_disk_breaks_no_page(tmp_path: Path) -> None:
    with files_no_larger_than(0):
        assert render(tmp_path / "cache") == "F-16"
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_is_kept_but_cannot_be_read_is_compiled_again(tmp_path: Path) -> None:
    render(tmp_path / "cache")
    [kept] = (tmp_path / "cache").iterdir()
    kept.unlink()
    kept.symlink_to(kept)
    assert render(tmp_path / "cache") == "F-16"


def test_without_a_directory_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert CompiledTemplates.at(tmp_path / "file" / "cache") is None
    assert render(tmp_path / "file" / "cache") == "F-16"
