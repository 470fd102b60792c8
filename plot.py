"""Curves of runs, side by side, from their metrics.jsonl.

    python plot.py out/dag-cpu out/gpt-baseline --out=curves.svg
    python plot.py out/answers-only out/detached --figure=unlabelled_exact_answer --labels="with,without gradient"

Needs matplotlib.
"""
import sys

from charts import curves
from configurator import ConfigError, clear_errors, configure
from metrics import EVALUATIONS as _EVALUATIONS, read_metrics

figure = "exact_answer"         # of the lines of kind `kind` in metrics.jsonl
kind = "val"                    # "val", with the run's final evaluation; "train"
labels = ""                     # of the runs, parted by commas; "" takes their folders' names
title = ""
out = "curves.svg"              # .svg, .png or .pdf


def main(folders):
    if not folders:
        raise ConfigError("which runs? name their out_dirs: python plot.py out/dag-cpu out/gpt-baseline")
    names = [name.strip() for name in labels.split(",")] if labels else [None] * len(folders)
    if len(names) != len(folders):
        raise ConfigError(f"labels={labels!r} names {len(names)} runs, there are {len(folders)}")
    kinds, series = _EVALUATIONS if kind == "val" else (kind,), {}
    for folder, name in zip(folders, names):
        run = read_metrics(folder)
        points = run.series(figure, *kinds, against="minutes")
        if not points:
            raise ConfigError(f"{folder} has no figure={figure!r} in lines of kind={kind!r}; there are "
                              f"{', '.join(sorted(run.keys(*kinds))) or 'none'}")
        series[figure, name or run.name] = points
    curves(series, "minutes of training", figure.replace("_", " "), title).savefig(out, dpi=150)
    print(f"{len(folders)} curves of {figure} in {out}")


if __name__ == "__main__":
    with clear_errors():
        arguments = [item for item in sys.argv[1:] if item.startswith("-")]
        configure(globals(), arguments)
        main([item for item in sys.argv[1:] if not item.startswith("-")])
