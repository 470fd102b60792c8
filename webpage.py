"""A page that is one file: sections of text, pictures and tables, light or dark, on a screen of any width or on paper.

It fetches nothing and runs nothing, and says so to the browser. Imports `charts`, for Figures that it embeds. What is
given as a text is escaped; what is given as HTML says so.
"""
from html import escape

import charts

STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --paper: #ffffff; --soft: #59636e; --line: #d0d7de; --box: #f6f8fa; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0f1318; --soft: #9aa4af; --line: #323a43; --box: #171c23; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, -apple-system, "Segoe UI",
       Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 16px; }
h1 { font-size: 1.6rem; margin: .4em 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2em 0 .4em; padding-top: .6em; border-top: 1px solid var(--line); }
p { max-width: 75ch; margin: .5em 0; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .93em; }
.absent { color: var(--soft); font-style: italic; }
nav ul { display: flex; flex-wrap: wrap; gap: .2em 1.2em; padding: 0; list-style: none; }
a { color: inherit; }
.charts, .plans { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 360px), 1fr)); }
.plans { align-items: start; }
figure { margin: 0; min-width: 0; overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; padding: 8px; }
figure svg { display: block; }
.charts svg { width: 100%; height: auto; max-width: 640px; margin: 0 auto; }
figcaption { color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; }
.chip { display: inline-block; border: 2px solid; border-radius: 6px; padding: 0 .5em; white-space: nowrap; }
.box { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; vertical-align: top; padding: .35em .8em; border-bottom: 1px solid var(--line); }
thead th { background: var(--box); }
tbody th { font-weight: normal; color: var(--soft); white-space: nowrap; }
td { font-variant-numeric: tabular-nums; }
.wide { min-width: 56rem; }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --soft: #444; --line: #bbb; --box: #eee; }
  nav { display: none; } figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
  .box, figure { overflow: visible; } .wide { min-width: 0; }
  main { max-width: none; padding: 0; } }
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<header>{lead}</header>
<nav aria-label="sections"><ul>{links}</ul></nav>
{body}
</main>
</body>
</html>
"""


class Page:
    """Sections, in order, and the names of charts, which their ids begin with."""

    def __init__(self):
        self.sections, self.charts = [], 0

    def add(self, title, *parts):
        self.sections.append((title, "".join(parts)))

    def chart(self, figure, description, caption=""):
        self.charts += 1
        drawn = charts.svg(figure, f"chart{self.charts}", description)
        return f"<figure>{drawn}{f'<figcaption>{escape(caption)}</figcaption>' if caption else ''}</figure>"

    def html(self, title, lead):
        """The page. title: a text; lead: what stands above the sections, as HTML."""
        sections = [(f"section{n}", escape(name), content) for n, (name, content) in enumerate(self.sections)]
        links = "".join(f'<li><a href="#{id}">{name}</a></li>' for id, name, _ in sections)
        body = "".join(f'<section aria-labelledby="{id}"><h2 id="{id}">{name}</h2>{content}</section>'
                       for id, name, content in sections)
        return PAGE.format(title=escape(title), style=STYLE, lead=lead, links=links, body=body)


def grid(*figures, kind="charts"):
    return f'<div class="{kind}">{"".join(figures)}</div>'


def table(columns, rows, caption, kind=""):
    """A table in a box of its own. Cells are HTML, the first of a row heads it. kind="wide" scrolls before it wraps."""
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    body = "".join("<tr>" + "".join(f'<th scope="row">{cell}</th>' if n == 0 else f"<td>{cell}</td>"
                                    for n, cell in enumerate(row)) + "</tr>" for row in rows)
    return (f'<div class="box" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="{kind}">'
            f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>")
