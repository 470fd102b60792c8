"""Curves of runs, side by side, from their metrics.jsonl.

    python plot.py out/dag-cpu out/gpt-baseline --out=curves.svg
    python plot.py out/answers-only out/detached --figure=unlabelled_exact_answer --labels="with,without gradient"

Needs matplotlib.
"""
import json
import os
import sys

from configurator import ConfigError, clear_errors, configure

figure = "exact_answer"         # of the lines of kind `kind` in metrics.jsonl
kind = "val"                    # "val", with the run's final evaluation; "train"
labels = ""                     # of the runs, parted by commas; "" takes their folders' names
title = ""
out = "curves.svg"              # .svg, .png or .pdf


def curve(folder):
    """(minutes, values) of a run. Raises ConfigError where it has none."""
    path = os.path.join(folder, "metrics.jsonl")
    if not os.path.isfile(path):
        raise ConfigError(f"no {path}: name the out_dir of a run")
    with open(path, encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    kinds = ("val", "final") if kind == "val" else (kind,)
    points = [(entry["seconds"] / 60, entry[figure]) for entry in entries if entry["kind"] in kinds and figure in entry]
    if not points:
        known = sorted({name for entry in entries if entry["kind"] in kinds for name in entry})
        raise ConfigError(f"{path} has no figure={figure!r} in lines of kind={kind!r}; there are {', '.join(known)}")
    return zip(*points)


def main(folders):
    if not folders:
        raise ConfigError("which runs? name their out_dirs: python plot.py out/dag-cpu out/gpt-baseline")
    names = labels.split(",") if labels else [os.path.basename(os.path.normpath(folder)) for folder in folders]
    if len(names) != len(folders):
        raise ConfigError(f"labels={labels!r} names {len(names)} runs, there are {len(folders)}")
    curves = [curve(folder) for folder in folders]
    try:
        from matplotlib.figure import Figure        # without pyplot: no display is asked for
    except ImportError:
        raise ConfigError("plot.py needs matplotlib: pip install matplotlib") from None
    canvas = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = canvas.subplots()
    for name, (minutes, values) in zip(names, curves):
        axes.plot(minutes, values, marker="o", markersize=3, label=name.strip())
    axes.set(xlabel="minutes of training", ylabel=figure.replace("_", " "), title=title)
    axes.grid(alpha=0.3)
    axes.legend()
    canvas.savefig(out, dpi=150)
    print(f"{len(folders)} curves of {figure} in {out}")


if __name__ == "__main__":
    with clear_errors():
        arguments = [item for item in sys.argv[1:] if item.startswith("-")]
        configure(globals(), arguments)
        main([item for item in sys.argv[1:] if not item.startswith("-")])
