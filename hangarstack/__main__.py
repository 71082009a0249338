"""``python -m hangarstack`` is the ``hangarstack`` command."""

from hangarstack.cli.main import main

main()
