"""How the pages look: colours for light, dark and paper, and the style sheet made of them.

Text reaches a contrast of 4.5 on its ground, marks of charts 3 (WCAG 2.2, 1.4.3 and 1.4.11), and
nothing is said by colour alone.
"""

from collections.abc import Mapping

LIGHT: Mapping[str, str] = {
    "ground": "#ffffff",
    "raised": "#f1f4f8",
    "ink": "#14202e",
    "quiet": "#526070",
    "line": "#c6d0da",
    "accent": "#0b5cad",
    "step-0": "#946200",
    "step-1": "#b3266f",
    "step-2": "#0a766c",
    "gain": "#0b6b2e",
    "loss": "#b3123c",
    "notice": "#864600",
}
DARK: Mapping[str, str] = {
    "ground": "#10161f",
    "raised": "#1a2330",
    "ink": "#eef2f6",
    "quiet": "#a9b6c4",
    "line": "#3d4a59",
    "accent": "#72baff",
    "step-0": "#ffc43d",
    "step-1": "#ff7aa2",
    "step-2": "#5cdbc8",
    "gain": "#74d492",
    "loss": "#ff92a6",
    "notice": "#ffce5c",
}

_LAYOUT = """
* { box-sizing: border-box; }
html { font: 16px/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); }
main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3, p, ol, ul, dl, figure, table { margin: 0; padding: 0; }
h1 { font-size: 1.35rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin-bottom: .4rem; color: var(--accent); }
h3 { font-size: .9rem; margin: .9rem 0 .1rem; color: var(--ink); }
section { margin-top: 1.5rem; }
.quiet, caption, figcaption, th, dt { color: var(--quiet); }
.small, figcaption, caption { font-size: .8rem; }
ul.facts { list-style: none; display: flex; flex-wrap: wrap; gap: 0 .4rem; margin-top: .3rem; }
header .facts li:not(:last-child)::after { content: " ·"; color: var(--quiet); }
.result { display: grid; gap: .2rem 1.5rem; align-items: center; margin-top: .4rem; }
.score { font-size: 3rem; line-height: 1.1; font-weight: 700; color: var(--accent); }
.score small { font-size: 1rem; font-weight: 400; color: var(--quiet); }
.notices { list-style: none; margin-top: .8rem; padding: .6rem .8rem; background: var(--raised);
  border-left: .3rem solid var(--notice); }
.notices li { padding-left: 1.1rem; text-indent: -1.1rem; }
code { font: inherit; white-space: nowrap; }
.notices b { display: inline-block; width: 1.1rem; text-indent: 0; color: var(--notice); }
:not(svg) > svg { display: block; width: 100%; overflow: visible; }
svg text { fill: var(--ink); font-size: .75rem; }
svg text.quiet { fill: var(--quiet); }
.strip { list-style: none; display: grid; gap: .35rem;
  grid-template-columns: repeat(4, minmax(0, 1fr)); }
.strip img { display: block; width: 100%; height: auto; background: var(--raised); }
.strip li { border-top: .25rem solid; min-width: 0; }
.strip li.step-0 { border-top-style: dotted; } .strip li.step-1 { border-top-style: solid; }
.strip li.step-2 { border-top-style: double; }
.strip li.step-0, .strip li.step-1, .strip li.step-2 { border-color: var(--step); }
.strip li[aria-current] { outline: .2rem solid var(--accent); outline-offset: .1rem; }
.strip:focus-visible, button:focus-visible { outline: .2rem solid var(--accent); }
.scripted .strip li { cursor: pointer; }
.step-0 { --step: var(--step-0); } .step-1 { --step: var(--step-1); }
.step-2 { --step: var(--step-2); }
.band { fill: var(--step); fill-opacity: .2; stroke: var(--step); }
.hatch { stroke: var(--step); stroke-width: 1.5; fill: none; }
.grid { stroke: var(--line); stroke-width: 1; }
.curve { fill: none; stroke: var(--step); stroke-width: 2.2; vector-effect: non-scaling-stroke; }
.curve.step-2 { stroke-dasharray: 7 4; }
.transition { stroke: var(--step); stroke-width: 1.5; }
.tick { stroke: var(--quiet); stroke-width: 1; }
.cursor { stroke: var(--ink); stroke-width: 2; visibility: hidden; }
.cursor.shown { visibility: visible; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.2rem; margin-top: .3rem; list-style: none; }
.legend li > svg { display: inline-block; width: 2rem; height: .7rem; vertical-align: middle; }
.doubt { color: var(--notice); font-weight: 600; white-space: nowrap; }
.gain { color: var(--gain); } .loss { color: var(--loss); }
.moving { fill: currentColor; }
.still { fill: none; stroke: currentColor; stroke-width: 2; }
.end { stroke: var(--ink); stroke-width: 2; }
.level { stroke: var(--accent); stroke-width: 2; }
.spread { fill: var(--accent); fill-opacity: .25; stroke: var(--accent); }
.dot { fill: var(--accent); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; }
th, td { padding: .22rem .6rem .22rem 0; text-align: left; font-weight: 400;
  border-bottom: 1px solid var(--line); vertical-align: middle; }
tbody th { color: var(--ink); overflow-wrap: anywhere; min-width: 5.5rem; }
.number { text-align: right; white-space: nowrap; }
.when, .exemplar { white-space: nowrap; }
.exemplar { width: 1%; font-size: .85rem; }
.votes :is(th, td), .neighbours :is(th, td) { padding-right: .45rem; }
.votes .chart { width: 24%; min-width: 4rem; }
.measures { font-size: .9rem; }
tr.sum > * { font-weight: 700; }
.chart { width: 38%; padding-right: 0; }
.ends { display: flex; justify-content: space-between; font-size: .75rem; }
.viewer { display: none; }
.scripted .viewer { display: block; max-width: 20rem; }
.viewer img { display: block; width: 100%; height: auto; }
.timeline { touch-action: pan-y; }
.hint, .printed { display: none; }
.scripted .hint { display: block; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem .9rem; }
dd { margin: 0; overflow-wrap: anywhere; }
button { font: inherit; color: inherit; background: none; border: 0; padding: .3rem 0;
  cursor: pointer; text-align: inherit; }
th[aria-sort="ascending"] button::after { content: " ▲"; }
th[aria-sort="descending"] button::after { content: " ▼"; }
.scroll { overflow-x: auto; container-type: inline-size; }
.brief { display: none; }
@container (max-width: 33rem) { .whole { display: none; } .brief { display: inline; } }
.sortable { border-collapse: separate; border-spacing: 0; }
.sortable tbody th { min-width: 9rem; }
.sortable :is(tbody th, thead th:nth-child(2)) { position: sticky; left: 0;
  background: var(--ground); }
.sortable caption span { display: inline-block; position: sticky; left: 0; max-width: 100cqi; }
.sortable td { white-space: nowrap; }
.notes { list-style: none; margin-top: .6rem; }
.notes b { display: inline-block; min-width: 1.2rem; color: var(--notice); }
.failures { padding-left: 1.2rem; }
main:has(.sortable) { max-width: 96rem; }
@media (max-width: 40rem) {
  html { font-size: 15px; }
  .votes .chart, .wide, tspan.narrow { display: none; }
  th, td { padding-right: .4rem; }
  .exemplar, .steps thead th { font-size: .75rem; }
  .neighbours :is(th, td) { padding-right: .2rem; font-size: .68rem; }
  .steps tr { display: grid; grid-template-columns: minmax(0, 1fr) repeat(3, 4.6rem);
    align-items: center; border-bottom: 1px solid var(--line); }
  .steps th, .steps td { border-bottom: 0; }
  .steps th[colspan] { grid-column: span 3; }
  .steps .chart { grid-column: 1 / -1; width: auto; padding: .1rem 0; }
}
@media (min-width: 56rem) {
  main { padding: 1.5rem 2rem; }
  .result { grid-template-columns: max-content minmax(0, 1fr); }
  .strip { grid-template-columns: repeat(8, minmax(0, 1fr)); }
  .scripted .watch { display: grid; grid-template-columns: minmax(0, 1fr) 14rem; gap: 1.5rem; }
  .pair { display: grid; gap: 0 2.5rem; grid-template-columns: minmax(0, 4fr) minmax(0, 5fr); }
}
"""

_PAPER = """
@page { size: A4; margin: 8mm 10mm; }
@media print {
  html { font-size: 7.8pt; line-height: 1.24; }
  main { max-width: none; padding: 0; }
  section { margin-top: 2.6mm; break-inside: avoid; }
  .result { grid-template-columns: max-content minmax(0, 1fr); }
  .score { font-size: 24pt; }
  .strip { grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 1mm; }
  .pair { display: grid; gap: 0 6mm; grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .scripted .viewer, .scripted .hint, .cursor.shown, .votes .chart, .screen { display: none; }
  .scripted .watch { display: block; }
  .timeline, .steps svg { zoom: .75; }
  .timeline text { font-size: 1rem; }
  .measured .facts { font-size: .85rem; margin: 0; }
  .strip li[aria-current] { outline: none; }
  .printed { display: block; }
  tr.printed { display: table-row; }
  .votes tbody tr.beyond { display: none; }
  .notices { margin-top: 2mm; padding: 1mm 2mm; }
  .sortable tbody th { min-width: 0; }
  .pair dl { grid-template-columns: max-content minmax(0, 1fr); gap: 0 2mm; }
  th, td { padding-top: .3mm; padding-bottom: .3mm; }
  h2 { margin-bottom: .6mm; }
  button { padding: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def _variables(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


def style_sheet() -> str:
    """Return the style of every page: light or dark as the reader's screen asks, light on paper."""
    return (
        f":root {{ color-scheme: light dark; {_variables(LIGHT)} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}\n"
        f"{_LAYOUT.strip()}\n{_PAPER.strip()}\n"
    )
