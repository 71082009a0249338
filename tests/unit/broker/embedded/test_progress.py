from __future__ import annotations

import io

from rich.console import Console

from hangarstack.broker.embedded.progress import shown


def test_each_step_has_its_bar_and_a_step_of_unknown_length_too() -> None:
    output = io.StringIO()
    with shown(Console(file=output, force_terminal=True, width=100)) as progress:
        progress("Fetching", 0, 100)
        progress("Fetching", 100, 100)
        progress("Preparing", 0, 0)
    assert "Fetching" in output.getvalue()
    assert "100/100 bytes" in output.getvalue()
    assert "Preparing" in output.getvalue()
