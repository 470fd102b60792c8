"""What a run logged, read back from its metrics.jsonl. Imports nothing else of this project.

A line is a JSON object with a `kind` and an `iter`, of one of two forms: figures by name (kinds "train", "val", the
last evaluation "final", "dag"), or `rows`, a list of dicts (kinds "cells", "gates", "plans").
"""
import json
import math
import os
from dataclasses import dataclass, field

ROWS = {"cells": {"wording", "n_ops", "count", "exact"}, "gates": {"dataset", "tokens", "counts"},
        "plans": {"text", "truth", "answer", "reason", "right", "steps", "values", "slots", "confidence"}}
EVALUATIONS = ("val", "final")


class MetricsError(Exception):
    """A folder without what a run logs; one line."""
    is_user_error = True


@dataclass
class Metrics:
    """The lines of a run, in their order, and how many of them were damaged and left out."""
    folder: str
    entries: list = field(default_factory=list)
    damaged: int = 0

    @property
    def name(self):
        return os.path.basename(os.path.abspath(self.folder))

    def of(self, *kinds):
        return [entry for entry in self.entries if entry["kind"] in kinds]

    def rows(self, kind):
        """The newest rows of a kind, none where the run has none."""
        found = self.of(kind)
        return found[-1]["rows"] if found else []

    def keys(self, *kinds):
        """Names of figures, in the order they came up."""
        return list(dict.fromkeys(key for entry in self.of(*kinds) for key, value in entry.items()
                                  if key not in ("kind", "iter", "seconds", "examples") and is_number(value)))

    def series(self, key, *kinds, against="iter"):
        """[(iteration, value)] of a figure; against="minutes": of training. Where it is null or absent is no point."""
        return [(entry["iter"] if against == "iter" else entry.get("seconds", 0.0) / 60, entry[key])
                for entry in self.of(*kinds) if is_number(entry.get(key))]


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_whole(entry):
    """Whether a line's object has what its kind promises."""
    if not isinstance(entry, dict) or not isinstance(entry.get("kind"), str) or not is_number(entry.get("iter")):
        return False
    if not is_number(entry.get("seconds", 0.0)):
        return False
    if entry["kind"] not in ROWS:
        return True
    rows = entry.get("rows")
    return isinstance(rows, list) and all(isinstance(row, dict) and ROWS[entry["kind"]] <= set(row) for row in rows)


def read_metrics(folder):
    """The Metrics of a run's out_dir. Raises MetricsError where there is none, or no whole line."""
    path = os.path.join(folder, "metrics.jsonl")
    if not os.path.isdir(folder):
        raise MetricsError(f"there is no folder {folder}: name the out_dir of a run")
    if not os.path.isfile(path):
        raise MetricsError(f"no {path}: name the out_dir of a run")
    metrics = Metrics(folder)
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                entry = None
            if is_whole(entry):
                metrics.entries.append(entry)
            else:
                metrics.damaged += 1
    if not metrics.entries:
        raise MetricsError(f"{path} has no whole line ({metrics.damaged} damaged ones): train until the first is "
                           "logged, or name another run")
    return metrics
