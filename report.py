"""One page about a run, to be looked at in a browser: report.html, which needs no network and nothing beside it.

    python report.py out/dag-cpu                            # writes out/dag-cpu/report.html
    python report.py out/dag-cpu out/gpt-baseline           # curves of both; what isn't a curve is of the first
    python report.py out/dag-cpu --out=page.html --against=minutes

Reads metrics.jsonl, and of the newest checkpoint, if there is one, what was trained. Needs matplotlib.
"""
import os
import re
import sys
from html import escape

import charts
from checkpoint import CheckpointError, latest_checkpoint, load_checkpoint
from configurator import ConfigError, clear_errors, configure
from display import PlanDisplay, percent
from drawing import CONFIDENCE as _CONFIDENCE, plan_svg, write
from metrics import EVALUATIONS as _EVALUATIONS, read_metrics
from webpage import Page, grid, table

out = ""                        # the page; "" is report.html in the first folder
labels = ""                     # of the runs, parted by commas; "" takes their folders' names
against = "iterations"          # what curves go over: "iterations", or "minutes" of training

_TIMELINES = 4                  # samples whose values are followed through training
_PREDICTOR, _GPT_DAG, _GPT = "plan predictor (Phase 1)", "language model with a DAG (Phase 2)", "plain language model"
_SCORES = ("exact_plan", "exact_answer")
# Figures that training and evaluating log; those of the model's inside are explained where they are made.
_MEANINGS = {
    "loss": "what is minimised, the sum of its weighted parts",
    "grad_norm": "norm of the gradient in all weights, before it is clipped",
    "lr": "learning rate",
    "examples_per_second": "examples trained on a second, since the line before",
    "tokens_per_second": "the same in tokens",
    "sign": "cross-entropy of the numbers' signs",
    "digits": "cross-entropy of the numbers' digits",
    "log_magnitude": "error of the numbers' log-magnitudes",
    "operation": "cross-entropy of the steps' operations",
    "operands": "cross-entropy of the steps' operands",
    "router": "cross-entropy of where answers fall due",
    "gate": "cross-entropy of the gate with what is a token of an answer",
    "answer": "minus the log-likelihood of the plans that come to the answer, where no plan is taught",
    "answer_loss": "negative log-likelihood of the tokens of answers",
    "text_loss": "nats a token of the whole text",
    "prose_loss": "nats a token outside of answers",
    "exact_plan": "share of expressions with every sign, digit, operation and operand right",
    "exact_value": "share of expressions whose plan comes to the right value",
    "exact_answer": "share of answers with every token right",
    "unlabelled_exact_answer": "the same of expressions whose plans were not taught",
    "sign_accuracy": "share of signs that are right",
    "log_magnitude_mae": "mean error of log-magnitudes, in decades",
    "operation_accuracy": "share of operations that are right",
    "operand_accuracy": "share of steps with both operands right",
    "false_shut": "share of answers' tokens with a shut gate",
    "false_open": "share of other tokens with an open gate",
}


# ---- parts of the page --------------------------------------------------------------------------------------------

def absent(what, kind, lacking=()):
    """Why a section is empty. lacking: the kinds of model that have nothing of what it shows."""
    why = f"a {kind} has none" if kind in lacking else "the run has logged none so far"
    return f'<p class="absent">There are no {what}: {why}.</p>'


def curve_chart(page, runs, keys, kinds, ylabel, title, **axis):
    """A chart of figures of all runs, {key: name in the legend}; "" where no run has any of them. axis: log, share."""
    found = {(name, label): points for key, name in keys.items() for label, run in runs.items()
             if (points := run.series(key, *kinds, against="iter" if against == "iterations" else "minutes"))}
    if not found:
        return ""
    last = ", ".join(f"{name} of {label} {points[-1][1]:.4g}" for (name, label), points in found.items())
    xlabel = "iterations" if against == "iterations" else "minutes of training"
    return page.chart(charts.curves(found, xlabel, ylabel, title, **axis), f"{title} over {xlabel}; at the end {last}")


def curve_section(page, title, intro, drawn, nothing):
    """A section of charts, or of `nothing` where all of them are ""."""
    page.add(title, *([f"<p>{intro}</p>", grid(*drawn)] if any(drawn) else [nothing]))


# ---- what the run is ----------------------------------------------------------------------------------------------

def checkpoint_of(folder):
    """(the newest checkpoint of a run, its path), (None, None) where none is whole."""
    try:
        path = latest_checkpoint(folder, warn=lambda _: None)
        return load_checkpoint(path), path
    except CheckpointError:
        return None, None


def kind_of(run, checkpoint):
    if checkpoint is not None:
        has_dag = checkpoint["model_config"]["dag_depth"] > 0
        return _PREDICTOR if checkpoint.get("phase") == 1 else _GPT_DAG if has_dag else _GPT
    return _PREDICTOR if "exact_plan" in run.keys(*_EVALUATIONS) else "model of a kind that is unknown"


def facts(run, checkpoint, path):
    """{what: text} of a run."""
    seconds = max(entry.get("seconds", 0.0) for entry in run.entries)
    shown = {"model": kind_of(run, checkpoint), "iterations": f"{max(entry['iter'] for entry in run.entries):,}",
             "minutes": f"{seconds / 60:.1f}"}
    for score in _SCORES:
        if points := run.series(score, *_EVALUATIONS):
            iteration, best = max(points, key=lambda point: point[1])
            shown[f"best {score}"] = f"{percent(best, 3)} % at iteration {iteration:,}"
    if checkpoint is not None:
        settings, config = checkpoint["settings"], checkpoint["model_config"]
        weights = {tensor.data_ptr(): tensor.numel() for tensor in checkpoint["model"].values()}    # tied ones once
        if "dataset" in settings:
            shown["data set"] = settings["dataset"]
        shown.update({"parameters": f"{sum(weights.values()):,}",
                      "shape": f"{config['n_layer']} layers of width {config['n_embd']}, {config['n_head']} heads, "
                               f"{config['block_size']} tokens at most"})
        if config["dag_depth"]:
            shown.update({"numbers read (K)": config["num_initial_values"], "steps (D)": config["dag_depth"],
                          "operations": ", ".join(config["dag_ops"])})
        shown.update({"operations in an expression": f"{settings.get('min_ops')} to {settings.get('max_ops')}",
                      "digits": f"{config['max_digits']} + {config['max_decimals']}",
                      "batch size": settings["batch_size"], "learning rate": settings["learning_rate"],
                      "seed": settings["seed"]})
    shown["checkpoint"] = os.path.basename(path) if path else "none that is whole, so the settings are unknown"
    if run.damaged:
        shown["damaged lines"] = f"{run.damaged} of metrics.jsonl, left out"
    return shown


def lead(runs, checkpoints):
    of_runs = [facts(run, *checkpoints[label]) for label, run in runs.items()]
    names = dict.fromkeys(name for shown in of_runs for name in shown)
    rows = [[escape(name), *(escape(str(shown.get(name, "–"))) for shown in of_runs)] for name in names]
    heading = " and ".join(f"<code>{escape(label)}</code>" for label in runs)
    notes = "" if len(runs) == 1 else (f"<p>Curves are of all {len(runs)} runs, everything else of "
                                       f"<code>{escape(next(iter(runs)))}</code>.</p>")
    return f"<h1>{heading}</h1>{notes}" + table(["", *map(escape, runs)], rows, "What was trained")


# ---- sections -----------------------------------------------------------------------------------------------------

def add_curves(page, runs, kind):
    first = next(iter(runs.values()))
    of_val = list(dict.fromkeys(key for run in runs.values() for key in run.keys(*_EVALUATIONS)))
    exact = {key: key.replace("_", " ") for key in of_val if "exact" in key}
    losses = {key: key.replace("_", " ") for key in of_val if key.endswith("_loss")}
    parts = [key for key in first.keys("train") if key in _MEANINGS and key not in
             ("loss", "grad_norm", "lr", "examples_per_second", "tokens_per_second")]
    own = {next(iter(runs)): first}
    drawn = [curve_chart(page, runs, {"loss": "loss"}, ("train",), "loss", "Loss in training", log=True),
             curve_chart(page, runs, exact, _EVALUATIONS, "share", "Exact on validation", share=True),
             curve_chart(page, runs, losses, _EVALUATIONS, "nats a token", "Loss of text on validation"),
             curve_chart(page, own, {key: key.replace("_", " ") for key in parts}, ("train",), "loss",
                         "Parts of the loss", log=True),
             curve_chart(page, runs, {"grad_norm": "norm"}, ("train",), "norm", "Gradient's norm", log=True),
             curve_chart(page, runs, {"examples_per_second": "speed"}, ("train",), "examples a second", "Speed")]
    page.add("Loss and exactness", "" if exact else absent("figures of exactness", kind), grid(*drawn))


def add_accuracy(page, run, kind):
    rows = run.rows("cells")
    if not any(row["count"] for row in rows):
        return page.add("Accuracy by wording and operations", absent("evaluated expressions", kind))
    iteration = run.of("cells")[-1]["iter"]
    said = ", ".join(f"{row['wording']} with {row['n_ops']} operations {percent(row['exact'] / row['count'])} %"
                     for row in rows if row["count"])
    over = [page.chart(charts.curves(exact_by(run, key), "iterations", "share", f"Exact by {name}", share=True),
                       f"share of exact expressions by {name} over iterations")
            for key, name in (("wording", "wording"), ("n_ops", "operations"))]
    page.add("Accuracy by wording and operations",
             f"<p>Exact expressions in per cent at iteration {iteration:,}, cut off, not rounded; beside it, how they "
             "became exact.</p>", grid(page.chart(charts.accuracy(rows), said), *over))


def exact_by(run, key):
    """{(value of `key`, ""): [(iteration, share of exact expressions)]}, as `charts.curves` takes them."""
    series = {}
    for entry in run.of("cells"):
        for value in dict.fromkeys(row[key] for row in entry["rows"]):
            count, exact = (sum(row[of] for row in entry["rows"] if row[key] == value) for of in ("count", "exact"))
            if count:
                series.setdefault((str(value), ""), []).append((entry["iter"], exact / count))
    return series


def add_gates(page, runs, run, kind, dag):
    rows = run.rows("gates")
    drawn = []
    for dataset in dict.fromkeys(row["dataset"] for row in rows):
        chosen = [row for row in rows if row["dataset"] == dataset and any(row["counts"])]
        if chosen:
            said = ", ".join(f"{row['counts'][-1]} of {sum(row['counts'])} tokens of {row['tokens']} in the last bin"
                             for row in chosen)
            drawn.append(page.chart(charts.gates(chosen, dataset), f"histogram of the gate on {dataset}: {said}"))
    keys = [key for key in dag if key.startswith("gate/") and key.endswith(("/mean", "/max"))]
    drawn.append(curve_chart(page, runs, {key: key.removeprefix("gate/") for key in keys}, ("dag",), "gate",
                             "Gate over training", share=True))
    curve_section(page, "Gate", "The gate should be open on the tokens of answers and shut on all others. Counts are "
                  "logarithmic.", drawn, absent("gates", kind, (_PREDICTOR, _GPT)))


def followed_samples(run):
    """[(text, the result's name, {name of a slot: [(iteration, value)]}, truth)] of the sample expressions that are
    planned, those whose results depend on most slots last."""
    histories, found = {}, []
    for entry in run.of("plans"):
        for n, row in enumerate(entry["rows"]):
            histories.setdefault((n, row["text"]), []).append((entry["iter"], row))
    for (_, text), history in histories.items():
        history = [(iteration, row) for iteration, row in history if row["steps"]]
        if history:
            newest = history[-1][1]
            plan = PlanDisplay(newest["steps"], newest["values"])
            points = {plan.names[slot]: [(iteration, row["slots"][slot]) for iteration, row in history
                                         if row["slots"][slot] is not None] for slot in sorted(plan.used)}
            found.append((text, plan.names[plan.result], points, number_or_none(newest["truth"])))
    return sorted(found, key=lambda sample: len(sample[2]))


def followed_tokens(run):
    """The same of the tokens that are logged with the model's inside: keys nodes/{sample}/{slot}."""
    found = {}
    for key in run.keys("dag"):
        if key.startswith("nodes/"):
            _, sample, slot = key.split("/")
            found.setdefault(sample, {})[slot] = run.series(key, "dag")
    return [(f"sample token {sample}", None, slots, None) for sample, slots in found.items()]


def add_timeline(page, run, kind):
    samples = followed_samples(run) or followed_tokens(run)
    count = min(_TIMELINES, len(samples))
    some = [samples[n * len(samples) // count] for n in range(count)]
    drawn = []
    for text, result, points, truth in some:
        points = {name: values for name, values in points.items() if values}
        if points:
            drawn.append(page.chart(charts.timeline(points, result, truth),
                                    f"values of {', '.join(points)} over iterations: {text}", text))
    curve_section(page, "Values of slots over training", "Slots of the plans of some expressions: n0, n1, ... are "
                  "numbers read, s0, s1, ... steps; the thick line is the result. What is undefined has no point.",
                  drawn, absent("plans whose values to follow", kind, (_GPT,)))


def number_or_none(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def add_plans(page, run, kind):
    rows = run.rows("plans")
    if not rows:
        return page.add("Plans of validation expressions", absent("plans", kind, (_GPT,)))
    right = sum(bool(row["right"]) for row in rows)
    legend = " ".join(f'<span class="chip" style="border-color:{colour}">{escape(text)}</span>'
                      for _, colour, text in _CONFIDENCE)
    page.add("Plans of validation expressions",
             f"<p>{right} of these {len(rows)} are right at iteration {run.of('plans')[-1]['iter']:,}. Numbers read "
             "are round, steps are boxes, the result has the thick edge; slots it doesn't depend on are left out. A "
             "dashed line is the second operand of a subtraction or division. How sure the predictor was: "
             f"{legend}</p>",
             grid(*(f'<figure>{plan_svg(row)}</figure>' for row in rows), kind="plans"))


def meanings():
    """{key or pattern: text} of all figures."""
    try:
        from dag_logger import MEANINGS
    except ImportError:
        MEANINGS = {}
    return {**_MEANINGS, **MEANINGS}


def meaning(key, known):
    """What a figure means; in patterns {...} stands for a name. Of another data set its name and a slash come first."""
    for pattern, text in known.items():
        if re.fullmatch(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(pattern)), key):
            return text
    dataset, slash, rest = key.partition("/")
    return f"{known[rest]} ({dataset})" if slash and rest in known else ""


def add_table(page, run):
    known, rows = meanings(), []
    for heading, kinds in (("training", ("train",)), ("validation", _EVALUATIONS), ("inside", ("dag",))):
        for key in run.keys(*kinds):
            iteration, value = run.series(key, *kinds)[-1]
            rows.append([f"<code>{escape(key)}</code>", f"{value:.6g}", escape(meaning(key, known)), heading,
                         f"{iteration:,}"])
    page.add("Every figure, its latest value", table(["figure", "value", "meaning", "of", "iteration"], rows,
                                                     "The latest value of every figure", "wide"))


def add_inside(page, runs, kind, keys):
    def of(prefix, *, but=(), only=None):
        chosen = [key for key in keys if key.startswith(prefix) and key not in but and (only is None or key in only)]
        return {key: key.removeprefix(prefix) for key in chosen}

    def chart(chosen, *names, **axis):
        return curve_chart(page, runs, chosen, ("dag",), *names, **axis)

    of_operations, ratio = of("grad/op/"), ("hidden/dag_ratio",)
    curve_section(page, "Gradients", "Norms of the loss's gradient, at the choice of each operation and at states and "
                  "values.", [
                      chart(of_operations, "norm", "Gradient of each operation", log=True),
                      chart(of("grad/", but=of_operations), "norm", "Gradient of states and values", log=True)],
                  absent("gradients of plans", kind, (_GPT,)))
    curve_section(page, "Certainty", "Entropies of the plan's choices, where 0 is certain, and how probable the digits "
                  "read are.", [chart(of("entropy/"), "nats", "Entropy"),
                                chart(of("digits/"), "probability", "Digits", share=True)],
                  absent("entropies", kind, (_GPT,)))
    curve_section(page, "Hidden states", "How loud the DAG is in the states it is mixed into, where the gate is open.",
                  [chart(of("hidden/", but=ratio), "root mean square", "Norms of states"),
                   chart(of("hidden/", only=ratio), "ratio", "The DAG's norm to the original one")],
                  absent("norms", kind, (_PREDICTOR, _GPT)))


def report(runs):
    """The page about runs {label: Metrics}, as HTML."""
    page, checkpoints = Page(), {label: checkpoint_of(run.folder) for label, run in runs.items()}
    label, first = next(iter(runs.items()))
    kind = kind_of(first, checkpoints[label][0])
    inside = list(dict.fromkeys(key for run in runs.values() for key in run.keys("dag")))
    add_curves(page, runs, kind)
    add_accuracy(page, first, kind)
    add_plans(page, first, kind)
    add_timeline(page, first, kind)
    add_gates(page, runs, first, kind, inside)
    add_inside(page, runs, kind, inside)
    add_table(page, first)
    return page.html(f"Report: {', '.join(runs)}", lead(runs, checkpoints))


def main(folders):
    if not folders:
        raise ConfigError("which run? name its out_dir: python report.py out/dag-cpu")
    if against not in ("iterations", "minutes"):
        raise ConfigError(f"--against={against} must be iterations or minutes")
    metrics = [read_metrics(folder) for folder in folders]
    names = [name.strip() for name in labels.split(",")] if labels else [run.name for run in metrics]
    if len(names) != len(folders):
        raise ConfigError(f"labels={labels!r} names {len(names)} runs, there are {len(folders)}")
    runs = {}
    for name, run in zip(names, metrics):               # folders of one name in different places are told apart
        runs[name if name not in runs else f"{name} ({run.folder})"] = run
    path = out or os.path.join(folders[0], "report.html")
    write(path, report(runs))
    damaged = sum(run.damaged for run in metrics)
    print(f"report of {len(runs)} run{'s' * (len(runs) != 1)} in {path}"
          + f"; {damaged} damaged line{'s' * (damaged != 1)} of metrics.jsonl left out" * bool(damaged))


if __name__ == "__main__":
    with clear_errors():
        configure(globals(), [item for item in sys.argv[1:] if item.startswith("-")])
        main([item for item in sys.argv[1:] if not item.startswith("-")])
