"""``docs/lint.md``: the rules in the words of the rules themselves."""

from __future__ import annotations

from hangarstack.contracts.lint.finding import Rule
from hangarstack.contracts.lint.rules import RULES

_HEAD = """# The rules of `contracts lint`

<!-- Made by `hangarstack contracts lint --explain`; edit hangarstack/contracts/lint/rules.py instead. -->

`hangarstack contracts lint` holds every contract against these rules and exits 1 when one finds an error, 2 when
nothing can be said because a `contract.toml` or `lint.toml` cannot be understood. (`contracts check` exits 2 where a
version is not well-formed: it can judge nothing then.) A tree may change how severe a rule is, and exempt a place from
one, in `contracts/lint.toml`:

```toml
[severity]
logical-time = "error" # error, warning or off

[[exempt]]
rule = "personal-data"
contract = "system_event" # its directory
field = "component.address" # optional: one field or type of it
reason = "An address of a process, not of a person."
```

An exemption needs a reason, and one that exempts nothing is an error itself.

| rule | severity | asks that |
|---|---|---|
"""


def documentation() -> str:
    """Return the whole page, Markdown."""
    rows = "\n".join(f"| [`{rule.name}`](#{rule.name}) | {rule.severity} | {_row(rule.what)} |" for rule in RULES)
    return f"{_HEAD}{rows}\n" + "".join(map(_section, RULES))


def _row(sentence: str) -> str:
    text = sentence.removesuffix(".").replace("|", "\\|")
    return text if text.startswith(("`", "PII")) else text[0].lower() + text[1:]


def _section(rule: Rule) -> str:
    return (
        f"\n## {rule.name}\n\n{rule.what} {rule.why} Severity: {rule.severity}.\n"
        f"\nNot so:\n\n{_example(rule.bad)}\n\nBut so:\n\n{_example(rule.good)}\n"
    )


def _example(text: str) -> str:
    return f"```json\n{text}\n```" if text.startswith("{") else f"> {text}"
