"""Charts of a run's figures: curves, the table of accuracy, gates, values of slots. Plain values in, matplotlib's Figures out.

Imports `display`, and matplotlib only where a chart is drawn, without pyplot: no display is asked
for. `svg` turns a Figure into text to be embedded in a page, whose colours and other pictures it doesn't disturb.
"""
import io
import math
import re
import xml.etree.ElementTree as ElementTree

from display import percent

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
        axes.set_title(title)
        axes.grid(True)
        axes.set_axisbelow(True)
    return figure, axes


def with_legend(figure, axes):
    """The Figure, taller by a legend below the axes, where it covers no curve."""
    handles, names = axes.get_legend_handles_labels()
    columns = max(1, min(4, int(44 / (6 + max(map(len, names))))))
    figure.set_figheight(figure.get_figheight() + 0.05 + 0.19 * math.ceil(len(names) / columns))
    figure.legend(handles, names, loc="outside lower center", ncols=columns, frameon=False, fontsize=9, labelcolor=INK,
                  labelspacing=0.3, columnspacing=1.2)
    return figure


def thinned(points):
    """At most about MOST_POINTS of (x, y) points: of every stretch the least and the greatest, so that no spike is lost."""
    if len(points) <= MOST_POINTS:
        return points
    size = math.ceil(len(points) / (MOST_POINTS // 2))
    stretches = [points[start:start + size] for start in range(0, len(points), size)]
    kept = [sorted({min(stretch, key=lambda p: p[1]), max(stretch, key=lambda p: p[1])}) for stretch in stretches]
    return [point for pair in kept for point in pair]


def curves(series, xlabel, ylabel, title="", log=False):
    """Curves {(name, run): [(x, y)]}: a colour for each name and a dash for each run, or for whichever there are several of.

    log: a logarithmic axis, if all values are positive.
    """
    figure, axes = new_figure(title)
    names, runs = (list(dict.fromkeys(key[n] for key in series)) for n in (0, 1))
    for (name, run), points in series.items():
        first, second = names.index(name), runs.index(run)
        if len(names) == 1:
            first = second
        label = ", ".join(([name] if len(names) > 1 else []) + ([run] if len(runs) > 1 else [])) or name
        axes.plot(*zip(*thinned(points)), label=label.replace("$", r"\$"), color=COLOURS[first % len(COLOURS)],
                  linestyle=DASHES[(second if len(runs) > 1 else first) % len(DASHES)],
                  marker="o" if len(points) < 40 else None, markersize=3)
    if log and all(y > 0 for points in series.values() for _, y in points):
        axes.set_yscale("log")
    axes.set(xlabel=xlabel, ylabel=ylabel)
    return with_legend(figure, axes) if len(series) > 1 else figure


def accuracy(rows, title=""):
    """Shares of exact examples, wordings down and operations across, of rows {"wording", "n_ops", "count", "exact"}."""
    wordings, operations = list(dict.fromkeys(row["wording"] for row in rows)), sorted({row["n_ops"] for row in rows})
    figure, axes = new_figure(title, (max(SIZE[0], 1.2 + 0.75 * len(operations)), 1.1 + 0.62 * len(wordings)))
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
                axes.text(x + 0.5, y + 0.75, f"of {count:,}", fontsize=8, **place)
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
        width = 1 / len(row["counts"]) / len(rows)
        axes.bar([(bar * len(rows) + n + 0.5) * width for bar in range(len(row["counts"]))], row["counts"], width * 0.9,
                 color=COLOURS[n], hatch=("", "////")[n % 2], edgecolor="white", linewidth=0,
                 label=f"tokens of {row['tokens']}" if row["tokens"] == "answers" else "all other tokens")
    axes.set(xlabel="gate (0 shut, 1 open)", ylabel="tokens", yscale="log", xlim=(0, 1), ylim=(0.7, None))
    return with_legend(figure, axes)


def timeline(slots, truth=None, title="", xlabel="iterations"):
    """Values of a plan's slots over training, {name: [(x, y)]}; truth: of the last of them, a thin line."""
    figure, axes = new_figure(title)
    for n, (name, points) in enumerate(slots.items()):
        is_last = n == len(slots) - 1
        axes.plot(*zip(*points), label=name, color=COLOURS[n % len(COLOURS)], linestyle=DASHES[n % len(DASHES)],
                  linewidth=2.4 if is_last else 1.4, marker="o", markersize=3)
    if truth is not None:
        axes.axhline(truth, color=INK, linewidth=0.8, linestyle=(0, (1, 3)), label="truth")
    # Values of a wrong plan may be a million times those of the right one.
    axes.set_yscale("symlog", linthresh=1.0)
    axes.set(xlabel=xlabel, ylabel="value")
    return with_legend(figure, axes)


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
    root.attrib.update({"stroke-linejoin": "round", "fill": "currentColor", "role": "img", "aria-label": description})
    return ElementTree.tostring(root, encoding="unicode")
