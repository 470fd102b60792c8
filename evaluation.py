"""From (model, batches) to named figures. No printing, no settings.

Imports `answering`, `data` and `models`; scripts and tests import it. Axes as in `models/dag_model.py`.
"""
from collections import Counter
from dataclasses import fields
from types import SimpleNamespace

import torch

from answering import UNDEFINED, answer_gpt, executed_plans, plan_prompts, value_text
from data.dagset import WORDINGS
from models.dag_model import IGNORE, Plan
from models.executor import log_magnitude, magnitude

# The figures of a table, in order. All are shares, but log_magnitude_mae, in decades.
FIGURES = ("exact_plan", "exact_value", "sign_accuracy", "log_magnitude_mae", "operation_accuracy", "operand_accuracy")
RELATIVE_TOLERANCE = 1e-9         # of exact_value
GATE_BINS = 20                    # of the histograms of gates


# ---- figures ------------------------------------------------------------------------------------------------------

def example_scores(plan, dag, batch, identity):
    """What a plan gets right of each example: {name: (B,) float64}, with its counts of numbers and steps.

    Signs and log-magnitudes are sums over the numbers in the text, operations and operands over the steps it asks for.
    An exact plan has every sign, digit, operation and operand, and unused steps pass the result on. An exact value is
    executed and right to 1e-9 relative, or undefined where the true one is.
    """
    known = batch.number_mask
    sign = (plan.sign_logits.argmax(-1) == batch.negative) | ~known                                   # (B, K)
    digits = plan.digit_logits.argmax(-1)
    digit = (digits == batch.digits).all(-1) | ~known
    operation = plan.operation_logits.argmax(-1) == batch.operation                                   # (B, D)
    first = plan.operand1_logits.argmax(-1) == batch.operand1
    second = (plan.operand2_logits.argmax(-1) == batch.operand2) | (batch.operation == identity)

    slots, defined = dag(plan, mode="hard")
    value, truth = slots[:, -1], batch.values[:, -1]
    defined = defined[:, -1]
    close = (value - truth).abs() <= RELATIVE_TOLERANCE * truth.abs()
    asked = torch.arange(operation.size(1), device=operation.device) < batch.n_ops[:, None]

    read, true = (log_magnitude(magnitude(d, dag.max_decimals), dag.max_decimals) for d in (digits, batch.digits))
    log_error = (read - true).abs()
    return dict(
        exact_plan=(sign & digit).all(1) & (operation & first & second).all(1),
        exact_value=torch.where(truth.isnan(), ~defined, defined & close),
        sign_accuracy=(sign & known).sum(1), log_magnitude_mae=(log_error * known).sum(1),
        operation_accuracy=(operation & asked).sum(1), operand_accuracy=(first & second & asked).sum(1),
        numbers=known.sum(1), steps=batch.n_ops)


@torch.no_grad()
def score_examples(model, batches):
    """`example_scores` of all batches, joined, with `n_ops` and `wording`: {name: (N,) float64 or int64 on the CPU}."""
    identity = model.config.dag_ops.index("identity")
    parts = []
    for batch in batches:
        scores = example_scores(model(batch.ids, batch.lengths), model.dag, batch, identity)
        parts.append({**scores, "n_ops": batch.n_ops, "wording": batch.wording})
    return {name: torch.cat([part[name] for part in parts]).double().cpu() for name in parts[0]}


def mean_figures(scores, chosen=None):
    """The `FIGURES` over the chosen (bool (N,)) or all examples, a dict of floats; None where nothing counts."""
    if chosen is not None:
        scores = {name: values[chosen] for name, values in scores.items()}
    total = {name: values.sum().item() for name, values in scores.items()}
    n = len(scores["numbers"])
    per = dict(exact_plan=n, exact_value=n, sign_accuracy=total["numbers"], log_magnitude_mae=total["numbers"],
               operation_accuracy=total["steps"], operand_accuracy=total["steps"])
    return {name: total[name] / per[name] if per[name] else None for name in FIGURES}


def joined_labels(batches):
    """The labels of all batches, joined, on the CPU: {name: (N, ...)}."""
    return {field.name: torch.cat([getattr(batch, field.name).cpu() for batch in batches])
            for field in fields(batches[0]) if field.name != "ids"}


def trivial_figures(labels, max_decimals, chosen=None):
    """The same figures for the best constant answers: the most frequent sign, operation, operands, plan and value of
    these very examples (`joined_labels`), and the median log-magnitude. What a figure has to beat."""
    if chosen is not None:
        labels = {name: values[chosen] for name, values in labels.items()}
    known, n_ops = labels["number_mask"], labels["n_ops"]
    asked = torch.arange(labels["operation"].size(1)) < n_ops[:, None]
    logs = log_magnitude(labels["values"][:, :known.size(1)][known].abs(), max_decimals)
    operands = torch.stack((labels["operand1"], labels["operand2"]), -1)

    def commonest(rows):
        return torch.unique(rows, dim=0, return_counts=True)[1].max().item() / len(rows) if len(rows) else None

    plans = torch.cat([labels[name].flatten(1) for name in ("negative", "digits", "operation", "operand1",
                                                            "operand2")], 1)
    values = labels["values"][:, -1].nan_to_num(nan=float("inf"))       # undefined is one value; NaNs are all unequal
    return dict(exact_plan=commonest(plans), exact_value=commonest(values),
                sign_accuracy=commonest(labels["negative"][known]),
                log_magnitude_mae=(logs - logs.median()).abs().mean().item(),
                operation_accuracy=commonest(labels["operation"][asked]), operand_accuracy=commonest(operands[asked]))


def evaluate_predictor(model, batches):
    """Figures of a PredictorOnlyModel, {name: float}, and "cells", exact plans by wording and operations."""
    scores = score_examples(model, batches)
    return {**mean_figures(scores), "cells": cells(scores, "exact_plan")}


def cells(scores, exact):
    """[{"wording", "n_ops", "count", "exact"}]: how many examples there are of each, and how many are `exact`."""
    kinds, which = torch.stack((scores["wording"], scores["n_ops"]), 1).int().unique(dim=0, return_inverse=True)
    counts, right = (torch.zeros(len(kinds)).index_add(0, which, values.float())
                     for values in (torch.ones_like(scores[exact]), scores[exact]))
    return [dict(wording=WORDINGS[wording], n_ops=n_ops, count=int(count), exact=int(of_them))
            for (wording, n_ops), count, of_them in zip(kinds.tolist(), counts, right)]


def breakdown(model, batches, watch=iter):
    """[(label, count, figures, trivial figures)]: all examples, then by operations and by wording. watch: a progress
    bar, or anything else that iterates over the batches."""
    scores, labels = score_examples(model, watch(batches)), joined_labels(batches)
    decimals = model.config.max_decimals
    rows = [("all", len(scores["n_ops"]), mean_figures(scores), trivial_figures(labels, decimals))]
    parts = [(f"{n} operation{'s' * (n != 1)}", scores["n_ops"] == n) for n in scores["n_ops"].unique().int().tolist()]
    parts += [(WORDINGS[code], scores["wording"] == code) for code in scores["wording"].unique().int().tolist()]
    for label, chosen in parts:
        rows.append((label, int(chosen.sum()), mean_figures(scores, chosen), trivial_figures(labels, decimals, chosen)))
    return rows


# ---- Phase 2 ------------------------------------------------------------------------------------------------------

def plan_scores(model, seen, batch):
    """{"exact_plan", "exact_value": (B,) bool} of a GPT's own plans for expressions, as `example_scores` has them.

    A plan that the router didn't ask for where the answer falls due is wrong, whatever it would have been.
    """
    reader = batch.readers[:, :1]
    if seen.plan is None:
        return dict.fromkeys(("exact_plan", "exact_value"), torch.zeros_like(reader[:, 0], dtype=torch.bool))
    at = seen.readers == reader                                                            # (B, R)
    plan = Plan(*(field[torch.arange(len(at)), at.int().argmax(1)] for field in vars(seen.plan).values()))
    labels = {name: getattr(batch, name)[:, 0] for name in ("number_mask", "negative", "digits", "operation", "operand1",
                                                            "operand2")}
    values, defined = model.dag(labelled_plan(SimpleNamespace(**labels), model.config), mode="hard")
    labels.update(n_ops=batch.n_ops, values=values.masked_fill(~defined, float("nan")))
    scores = example_scores(plan, model.dag, SimpleNamespace(**labels), model.config.dag_ops.index("identity"))
    return {name: scores[name] & at.any(1) for name in ("exact_plan", "exact_value")}


@torch.no_grad()
def score_answers(model, batches, plans=False):
    """What a GPT does on TextBatches when its own router decides: sums and per-row results, on the CPU.

    Returns {name: (rows,) float64}: `answers` due in a row and how many of them are `exact_answers`, every token that
    greedy generation would write, its end included; `tokens` and their `loss`; `shut`: answer tokens with a shut gate;
    `open`: others with an open one; `gate_bins` (rows, 2, GATE_BINS): histograms of the gates of both; with `plans`, of
    expressions, `plan_scores`. Greedy generation writes an answer exactly if each of its tokens is the most probable one
    after the right ones before it, so one pass over the whole text tells.
    """
    parts = []
    for batch in batches:
        logits, _, seen = model(batch.ids, details=True)
        known = batch.targets != IGNORE
        errors = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), batch.targets.flatten(),
                                                   ignore_index=IGNORE, reduction="none").view(batch.targets.shape)
        wrong = (logits.argmax(-1) != batch.targets) & batch.answering
        is_open = seen.gate > 0.5 if seen.gate is not None else torch.zeros_like(known)
        # Tokens of answer r lie between its reader and the next one.
        readers = torch.where(batch.reader_mask, batch.readers, batch.ids.size(1))
        position = torch.arange(batch.ids.size(1), device=readers.device)
        which = (position[None, :, None] >= readers[:, None]).sum(-1) - 1                  # (B, T)
        wrongs = torch.zeros(*readers.shape, device=readers.device).scatter_add_(
            1, which.clamp(min=0), (wrong & (which >= 0)).float())
        exact = (wrongs == 0) & batch.reader_mask
        rows = dict(answers=batch.reader_mask.sum(1), exact_answers=exact.sum(1),
                    labelled=batch.exact.sum(1), exact_labelled=(exact & batch.exact).sum(1),
                    tokens=known.sum(1), loss=(errors * known).sum(1),
                    prose_loss=(errors * (known & ~batch.answering)).sum(1), answer_tokens=batch.answering.sum(1),
                    shut=(batch.answering & ~is_open).sum(1), others=(known & ~batch.answering).sum(1),
                    open=(known & ~batch.answering & is_open).sum(1))
        if getattr(batch, "n_ops", None) is not None:
            rows.update(n_ops=batch.n_ops, wording=batch.wording, unlabelled=(~batch.labelled).sum(1))
            if plans and model.config.dag_depth:
                rows.update(plan_scores(model, seen, batch))
        if seen.gate_logits is not None or hasattr(model, "router"):
            gate = seen.gate if seen.gate is not None else torch.zeros(known.shape, device=known.device)
            bins = (gate.float() * GATE_BINS).long().clamp(max=GATE_BINS - 1)
            rows["gate_bins"] = torch.stack([torch.zeros(len(bins), GATE_BINS, device=bins.device).scatter_add(
                1, bins, chosen.float()) for chosen in (batch.answering, known & ~batch.answering)], 1)
        parts.append(rows)
    return {name: torch.cat([part[name] for part in parts]).double().cpu() for name in parts[0]}


def answer_figures(scores, chosen=None):
    """Figures of `score_answers`' rows: shares, and the loss in nats a token; None where nothing counts."""
    if chosen is not None:
        scores = {name: values[chosen] for name, values in scores.items()}
    total = {name: values.sum().item() for name, values in scores.items()}

    def share(part, whole):
        return total[part] / total[whole] if total[whole] else None

    own_plans = {name: share(name, "answers") for name in ("exact_plan", "exact_value") if name in total}
    return dict(exact_answer=share("exact_answers", "answers"), **own_plans, text_loss=share("loss", "tokens"),
                prose_loss=share("prose_loss", "others"),
                false_shut=share("shut", "answer_tokens"), false_open=share("open", "others"))


def evaluate_gpt(model, sets):
    """{name: float} of a GPT on data sets {name: batches}: what training logs.

    The first set's figures have plain names, those of others begin with theirs and a slash; what a set has nothing for
    is left out. With them come "cells", exact answers of expressions by wording and operations, and, of a GPT with a
    DAG, "gates": [{"dataset", "tokens": "answers" or "others", "counts": of GATE_BINS bins from 0 to 1}].
    """
    figures, gates = {}, []
    for n, (name, batches) in enumerate(sets.items()):
        prefix = f"{name}/" if n else ""
        scores = score_answers(model, batches)
        of_set = answer_figures(scores)
        if "unlabelled" in scores and scores["unlabelled"].any():
            of_set["unlabelled_exact_answer"] = answer_figures(scores, scores["unlabelled"] > 0)["exact_answer"]
        figures.update({prefix + key: value for key, value in of_set.items() if value is not None})
        if "n_ops" in scores:
            figures["cells"] = cells(scores, "exact_answers")
        if "gate_bins" in scores:
            gates += [dict(dataset=name, tokens=tokens, counts=counts.long().tolist())
                      for tokens, counts in zip(("answers", "others"), scores["gate_bins"].sum(0))]
    return {**figures, "gates": gates} if gates else figures


# ---- plans to look at -----------------------------------------------------------------------------------------------

def chosen_examples(batches, count):
    """[(batch, row)] of `count` expressions of all lengths and wordings: evenly spaced when sorted by both."""
    found = [(n_ops, wording, number, row) for number, batch in enumerate(batches)
             for row, (n_ops, wording) in enumerate(zip(batch.n_ops.tolist(), batch.wording.tolist()))]
    found.sort()
    some = [found[n * len(found) // count] for n in range(min(count, len(found)))]
    return [(batches[number], row) for _, _, number, row in some]


def plan_rows(model, tokenizer, batches, count=12):
    """What a model of either phase makes of a few expressions: a list of dicts of plain values, for people to look at.

    text, wording, n_ops; truth and answer as texts, answer None with a reason where there is none; right; and of the
    plan steps [operation, operand1, operand2], values of slots as texts and as floats or None, and confidence; None where
    nothing was planned.
    """
    examples, device = chosen_examples(batches, count), next(model.parameters()).device
    if hasattr(model, "generate"):
        ids = [batch.ids[row, :batch.readers[row, 0] + 1].tolist() for batch, row in examples]
        truths = [answer_texts([batch], tokenizer)[row][0][0] for batch, row in examples]
        texts = [tokenizer.decode(each) for each in ids]
        answers, reasons, plans = answer_gpt(model, tokenizer, texts, device)
    else:
        texts = [tokenizer.decode(batch.ids[row, :batch.lengths[row]].tolist()) for batch, row in examples]
        truths = [labelled_value(batch, row, model.config) for batch, row in examples]
        plans, reasons = plan_prompts(model, tokenizer, texts, device)
        answers = [plan and plan.text for plan in plans]
    rows = []
    for (batch, row), text, truth, answer, reason, plan in zip(examples, texts, truths, answers, reasons, plans):
        shown = dict.fromkeys(("steps", "values", "slots", "confidence"))
        if plan is not None:
            shown = dict(steps=[list(step) for step in plan.steps], values=[value_text(slot) for slot in plan.slots],
                         slots=[None if slot in UNDEFINED else float(slot) for slot in plan.slots],
                         confidence=plan.confidence)
        rows.append(dict(text=text, wording=WORDINGS[batch.wording[row]], n_ops=int(batch.n_ops[row]), truth=truth,
                         answer=answer, reason=reason, right=answer == truth, **shown))
    return rows


def labelled_plan(labels, config):
    """The Plan, sure of everything, that labels (B, ...) of expressions describe."""
    def sure(indices, count):
        return torch.nn.functional.one_hot(indices, count).float()

    S = config.n_slots
    return Plan(sure(labels.negative, 2), sure(labels.digits, 10), sure(labels.operation, len(config.dag_ops)),
                sure(labels.operand1, S), sure(labels.operand2, S))


def labelled_value(batch, row, config):
    """What the labelled plan of a row of Phase 1 comes to, as a text."""
    labels = {name: getattr(batch, name)[row, ...][None] for name in ("negative", "digits", "operation", "operand1",
                                                                      "operand2")}
    return executed_plans(labelled_plan(SimpleNamespace(**labels), config), config)[0].text


def answer_texts(batches, tokenizer):
    """The right answers of TextBatches: for each row a list of (text, whether it is the exact value) of its answers."""
    rows = []
    for batch in batches:
        fields_of_rows = (batch.targets, batch.answering, batch.readers, batch.reader_mask, batch.exact)
        for targets, answering, readers, mask, is_exact in zip(*(field.tolist() for field in fields_of_rows)):
            row = []
            for start, is_exact_here in ((at, flag) for at, known, flag in zip(readers, mask, is_exact) if known):
                end = answering.index(False, start) if False in answering[start:] else len(answering)
                row.append((tokenizer.decode(targets[start:end - 1]).strip(), is_exact_here))
            rows.append(row)
    return rows


def commonest_share(texts):
    """The share of the most frequent text: what always giving the same answer achieves. None for no texts."""
    return Counter(texts).most_common(1)[0][1] / len(texts) if texts else None


def breakdown_gpt(model, batches, tokenizer, watch=iter):
    """[(label, count of answers, figures, share of the commonest answer)] of a GPT on TextBatches.

    All answers come first. Expressions follow by operations, by wording and, if there are any, those whose plans had no
    labels; in a prepared text, the answers that are exact values. watch: as of `breakdown`.
    """
    scores, rows = score_answers(model, watch(batches), plans=True), answer_texts(batches, tokenizer)

    def line(label, chosen):
        texts = [text for row, is_chosen in zip(rows, chosen.tolist()) if is_chosen for text, _ in row]
        return label, len(texts), answer_figures(scores, chosen), commonest_share(texts)

    lines = [line("all", torch.ones(len(rows), dtype=torch.bool))]
    if "n_ops" in scores:
        lines += [line(f"{n} operation{'s' * (n != 1)}", scores["n_ops"] == n)
                  for n in scores["n_ops"].unique().int().tolist()]
        lines += [line(WORDINGS[code], scores["wording"] == code) for code in scores["wording"].unique().int().tolist()]
        if scores["unlabelled"].any():
            lines.append(line("plan not taught", scores["unlabelled"] > 0))
    elif scores["labelled"].any():
        texts = [text for row in rows for text, is_exact in row if is_exact]
        share = scores["exact_labelled"].sum().item() / len(texts)
        lines.append(("exact values", len(texts), {"exact_answer": share}, commonest_share(texts)))
    return lines
