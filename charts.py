"""Charts of a run: curves, the table of accuracy, gates, values of slots. Plain values in, matplotlib's Figures out.

Imports `display` and `drawing`, and matplotlib only where a chart is drawn, without pyplot: no display is asked
for. `svg` turns a Figure into text to be embedded in a page, whose colours and other pictures it doesn't disturb.
"""
import io
import math
import re
import xml.etree.ElementTree as ElementTree

from display import clean, percent
from drawing import plans_svg

INK = "#10151b"                 # of text and axes; in a page it gives way to the page's own
COLOURS = ("#2b7fd4", "#e07b00", "#129a7a", "#c95fa5", "#8a6fd6", "#9a8500", "#d64545", "#5f8b99")
DASHES = ("-", "--", ":", "-.")
SIZE = (4.3, 2.8)               # inches: at 72 units an inch no wider than a phone, so letters stay readable there
MOST_POINTS = 600               # of a curve; more would make a page heavy and look the same
SVG = "http://www.w3.org/2000/svg"


class ChartError(Exception):
    """A chart that can't be drawn here; one line."""
    is_user_error = True


def new_figure(title="", size=SIZE):
    """(Figure, its axes) in the style of all charts."""
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise ChartError("charts need matplotlib: pip install matplotlib") from None
    style = {"font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.titlesize": 10,
             "axes.titleweight": "bold", "axes.titlelocation": "left",
             "grid.alpha": 0.25, "grid.color": INK, "lines.linewidth": 1.6,
             **{name: INK for name in ("text.color", "axes.labelcolor", "axes.edgecolor", "axes.titlecolor",
                                       "xtick.color", "ytick.color")}}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        axes.set_title(plain(title))
        axes.grid(True)
        axes.set_axisbelow(True)
    return figure, axes


def colour(n):
    return COLOURS[n % len(COLOURS)]


def dash(n):
    return DASHES[(n + n // len(COLOURS)) % len(DASHES)]        # where colours come round, dashes don't


def with_legend(figure, handles, texts):
    """The Figure, taller by a legend below the axes, where it covers no curve."""
    columns = max(1, min(4, int(44 / (6 + max(map(len, texts))))))
    figure.set_figheight(figure.get_figheight() + 0.05 + 0.19 * math.ceil(len(texts) / columns))
    figure.legend(handles, [plain(text) for text in texts], loc="outside lower center", ncols=columns, frameon=False,
                  fontsize=9, labelcolor=INK, labelspacing=0.3, columnspacing=1.2)
    return figure


def plain(text):
    """`text` for matplotlib to write as it is: dollars make no formula there, legends skip what begins with a _."""
    return (" " * text.startswith("_") + clean(text)).replace("$", r"\$")


def thinned(points):
    """At most about MOST_POINTS of (x, y) points: of every stretch the least and the greatest, so no spike is lost."""
    if len(points) <= MOST_POINTS:
        return points
    size = math.ceil(len(points) / (MOST_POINTS // 2))
    stretches = [points[start:start + size] for start in range(0, len(points), size)]
    kept = [sorted({min(stretch, key=lambda p: p[1]), max(stretch, key=lambda p: p[1])}) for stretch in stretches]
    return [point for pair in kept for point in pair]


def curves(series, xlabel, ylabel, title="", log=False, share=False):
    """Curves {(name, run): [(x, y)]}: a colour for each name and a dash for each run, or both for whichever differs.

    log: a logarithmic axis, where values are positive and differ tenfold. share: an axis from 0 to 1.
    """
    figure, axes = new_figure(title)
    names, runs = (list(dict.fromkeys(key[n] for key in series)) for n in (0, 1))
    handles, texts, one_axis = [], [], len(names) == 1 or len(runs) == 1
    for (name, run), points in series.items():
        n, r = names.index(name), runs.index(run)
        if one_axis:
            n = r = n + r
        handles += axes.plot(*zip(*thinned(points)), color=colour(n), linestyle=dash(r),
                             marker="o" if len(points) < 40 else None, markersize=3)
        texts.append(name if len(runs) == 1 else run)
    values = [y for points in series.values() for _, y in points]
    if log and min(values) > 0 and max(values) > 10 * min(values):
        axes.set_yscale("log")
    if share:
        axes.set_ylim(-0.02, 1.02)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if len(series) == 1:
        return figure
    if len(names) > 1 and len(runs) > 1:            # the colours, then the dashes, rather than every pair of them
        from matplotlib.lines import Line2D
        texts = names + runs
        handles = [Line2D([], [], color=colour(n)) for n in range(len(names))]
        handles += [Line2D([], [], color=INK, linestyle=dash(r)) for r in range(len(runs))]
    return with_legend(figure, handles, texts)


def accuracy(rows, title=""):
    """Shares of exact examples, wordings down and operations across, of rows {"wording", "n_ops", "count", "exact"}."""
    wordings, operations = list(dict.fromkeys(row["wording"] for row in rows)), sorted({row["n_ops"] for row in rows})
    figure, axes = new_figure(title, (max(SIZE[0], 1.0 + 0.68 * len(operations)), 1.0 + 0.5 * len(wordings)))
    found = {(row["wording"], row["n_ops"]): (row["exact"], row["count"]) for row in rows if row["count"]}
    grid = [[exact / count for exact, count in (found.get((wording, n), (math.nan, 1)) for n in operations)]
            for wording in wordings]
    axes.pcolormesh(grid, vmin=0, vmax=1, cmap="YlGnBu", edgecolors="#8a8f98", linewidth=0.5)
    for y, wording in enumerate(wordings):
        for x, n in enumerate(operations):
            exact, count = found.get((wording, n), (0, 0))
            # The colour of a cell is its own, so the letters' must be, too.
            ink = INK if not count else "#ffffff" if exact / count > 0.55 else "#111111"
            place = dict(ha="center", va="center", color=ink)
            axes.text(x + 0.5, y + 0.4, percent(exact / count) if count else "–", **place)
            if count:
                axes.text(x + 0.5, y + 0.75, f"of {count:,}", fontsize=8.5, **place)
    axes.set(xlabel="operations", xticks=[x + 0.5 for x in range(len(operations))], xticklabels=operations,
             yticks=[y + 0.5 for y in range(len(wordings))], yticklabels=wordings)
    axes.invert_yaxis()
    axes.grid(False)
    axes.tick_params(length=0)
    return figure


def gates(rows, title=""):
    """Histograms of the gate of one data set, on tokens of answers and on all others: rows {"tokens", "counts"}."""
    figure, axes = new_figure(title)
    for n, row in enumerate(rows):
        of_answers = row["tokens"] == "answers"
        width = 1 / len(row["counts"]) / len(rows)
        axes.bar([(bar * len(rows) + n + 0.5) * width for bar in range(len(row["counts"]))], row["counts"], width * 0.9,
                 color=COLOURS[not of_answers], hatch="" if of_answers else "////", edgecolor="white", linewidth=0,
                 label="tokens of answers" if of_answers else "all other tokens")
    axes.set(xlabel="gate (0 shut, 1 open)", ylabel="tokens", yscale="log", xlim=(0, 1), ylim=(0.7, None))
    return with_legend(figure, *axes.get_legend_handles_labels())


def pictures_of(kind, rows):
    """{name: pixels (height, width, 4) uint8, or SVG text} of an evaluation's rows; none of a kind without a picture."""
    if kind == "cells" and rows:
        return {"accuracy": pixels(accuracy(rows, "exact, % by wording and operations"))}
    if kind == "gates":
        return {f"gates/{name}": pixels(gates([row for row in rows if row["dataset"] == name], f"gates on {name}"))
                for name in dict.fromkeys(row["dataset"] for row in rows)}
    return {"plans/picture": plans_svg(rows)} if kind == "plans" and rows else {}


def pixels(figure, dpi=150):
    """A Figure as an array (height, width, 4) of uint8, on white."""
    import numpy
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return numpy.asarray(canvas.buffer_rgba()).copy()


def timeline(slots, result, truth=None, title="", xlabel="iterations"):
    """Values of a plan's slots over training, {name: [(x, y)]}; the slot `result` stands out, truth is a thin line."""
    figure, axes = new_figure(title)
    for n, (name, points) in enumerate(slots.items()):
        axes.plot(*zip(*points), label=name, color=colour(n), linestyle=dash(n),
                  linewidth=2.6 if name == result else 1.4, marker="o", markersize=3)
    if truth is not None:
        axes.axhline(truth, color=INK, linewidth=0.8, linestyle=(0, (1, 3)), label="truth")
    sizes = [abs(value) for points in slots.values() for _, value in points if value]
    if sizes and max(sizes) > 1000 * min(sizes):        # values of a wrong plan may be a million times the right one's
        axes.set_yscale("symlog", linthresh=max(min(sizes), max(sizes) / 1e6))
    axes.set(xlabel=xlabel, ylabel="value")
    return with_legend(figure, *axes.get_legend_handles_labels())


def svg(figure, name, description):
    """A Figure as SVG text for a page: the page's own colour for text and axes, no background, every id beginning with
    `name`, no style that reaches beyond it, and `description` for those who don't see it."""
    import matplotlib
    ElementTree.register_namespace("", SVG)
    written = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    root = ElementTree.fromstring(written.getvalue())
    reference = re.compile(r"url\(#|^#(?![0-9a-fA-F]{6}$)")
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{SVG}}}metadata", f"{{{SVG}}}style"):
                parent.remove(child)
        for key, value in list(parent.attrib.items()):
            del parent.attrib[key]
            key = key.rpartition("}")[2]                        # xlink:href is plain href by now
            if key == "id":
                value = f"{name}-{value}"
            else:
                value = reference.sub(lambda found: f"{found[0]}{name}-", value).replace(INK, "currentColor")
            parent.set(key, value)
    # What the style said of all elements
    width = round(figure.get_figwidth() * 72)           # a page that is narrower scrolls: letters would be too small
    root.attrib.update({"stroke-linejoin": "round", "fill": "currentColor", "style": f"min-width:{width}px",
                        "role": "img", "aria-label": clean(description)})
    return ElementTree.tostring(root, encoding="unicode")
