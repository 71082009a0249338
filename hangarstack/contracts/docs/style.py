"""The style sheet of the pages."""

from __future__ import annotations

from typing import Final

CSS: Final = """\
:root { color-scheme: light dark; --line: #8886; --good: #0a7d38; --bad: #b3261e; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --good: #5fd38a; --bad: #ff8a80; --warn: #ffc766; } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 small { font-weight: normal; opacity: .7; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
.lead { font-size: 1.15rem; }
code, pre { font: .9em/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--line); border-radius: .4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; }
dt { opacity: .7; }
dd { margin: 0; overflow-wrap: anywhere; }
td p { margin: 0; opacity: .8; }
.scroller { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
.pii { border: 1px solid var(--warn); color: var(--warn); border-radius: .3rem; padding: 0 .3rem; font-size: .8em; }
.changes { list-style: none; padding: 0; }
.added, .yes { color: var(--good); }
.removed, .no { color: var(--bad); }
.changed, .but { color: var(--warn); }
@media (max-width: 56rem) {
  thead { position: absolute; clip-path: inset(50%); }
  tr { display: grid; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  td { border: 0; padding: .1rem 0; overflow-wrap: anywhere; }
  td:empty { display: none; }
  td + td::before { content: attr(data-label) " "; opacity: .7; font-size: .9em; }
}
"""
