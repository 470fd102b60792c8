"""From (model, batches) to named figures, and from prompts to answers. No printing, no settings.

Imports `exact`, `checkpoint`, `data` and `models`; scripts and tests import it. Axes as in `models/dag_model.py`.
"""
import json
import re
from collections import Counter
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from itertools import groupby

import torch

import exact
from data.answers import completed_prompt, single_token
from data.dagset import WORDINGS
from data.dagset.parser import ParseError, numbers, parse, plan as plan_of
from models.dag_model import IGNORE, Plan
from models.executor import MAX_MAGNITUDE, log_magnitude, magnitude

# The figures of a table, in order. All are shares, but log_magnitude_mae, in decades.
FIGURES = ("exact_plan", "exact_value", "sign_accuracy", "log_magnitude_mae", "operation_accuracy", "operand_accuracy")
RELATIVE_TOLERANCE = 1e-9         # of exact_value
UNDEFINED = ("division by zero", "overflow")      # why a plan has no value
PRINTED = {"division by zero": "undefined", "overflow": "too large"}      # what answers call it
GATE_BINS = 20                    # of the histograms of gates
NO_END = "what was printed doesn't end within an answer's length"        # why a GPT has no answer
NUMBER = re.compile(r"-?\d+(\.\d+)?")            # what a GPT's answer must be to count as one


class EvaluationError(Exception):
    """Prompts or a checkpoint that can't be used; one line."""
    is_user_error = True


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


# ---- answers ------------------------------------------------------------------------------------------------------

def out_of_range(text, ids, config):
    """Why the model can't be trusted with a prompt, in a few words that name both values; None where it can.

    Numbers and operations are read by the network alone; this only measures prompts that the parser understands.
    """
    if not text.strip():
        return "the prompt is empty"
    if len(ids) > config.block_size:
        return f"{len(ids)} tokens exceed block_size={config.block_size}"
    try:
        tree = parse(text)
    except ParseError:
        return None
    found, steps = numbers(tree), len(plan_of(tree))
    if len(found) > config.num_initial_values:
        return f"{len(found)} numbers exceed num_initial_values={config.num_initial_values}"
    if config.dag_depth and steps > config.dag_depth:      # a plain GPT has no plan that could be too short
        return f"{steps} operations exceed dag_depth={config.dag_depth}"
    for number in found:
        if abs(number) >= 10 ** config.max_digits:
            return f"{number_text(number)} has more integer digits than max_digits={config.max_digits}"
        if (number * 10 ** config.max_decimals).denominator != 1:
            return f"{number_text(number)} has more decimals than max_decimals={config.max_decimals}"
    return None


@dataclass
class ExecutedPlan:
    """The most probable plan at one reader, run without rounding.

    steps: (operation, operand1, operand2), a name and two slots each. slots: a Fraction or one of UNDEFINED each, the
    numbers read first. text: what its value prints as. confidence: of each slot the probability that the predictor
    gives what makes it, a number's sign and digits or a step's operation and operands.
    """
    steps: list
    slots: list
    text: str
    confidence: list


def answer(model, tokenizer, prompts, device, batch_size=256, on_batch=None):
    """Predictions for prompts, in order: (list of Fraction or None, list of str or None saying why None).

    None where the plan's value is undefined (a reason in UNDEFINED) and where `out_of_range` objects (any other).
    on_batch(count) is called after each batch.
    """
    plans, reasons = plan_prompts(model, tokenizer, prompts, device, batch_size, on_batch)
    values = [None if plan is None else plan.slots[-1] for plan in plans]
    reasons = [value if value in UNDEFINED else reason for value, reason in zip(values, reasons)]
    return [None if value in UNDEFINED else value for value in values], reasons


@torch.no_grad()
def plan_prompts(model, tokenizer, prompts, device, batch_size=256, on_batch=None):
    """A PredictorOnlyModel's plans for prompts, in order: (list of ExecutedPlan or None, list of str or None: why)."""
    config = model.config
    encoded = [tokenizer.encode(prompt, disallowed_special=()) for prompt in prompts]
    reasons = [out_of_range(prompt, ids, config) for prompt, ids in zip(prompts, encoded)]
    plans = [None] * len(prompts)
    todo = sorted((n for n, reason in enumerate(reasons) if reason is None), key=lambda n: len(encoded[n]))
    for start in range(0, len(todo), batch_size):
        chosen = todo[start:start + batch_size]
        width = max(len(encoded[n]) for n in chosen)
        ids = torch.tensor([encoded[n] + [0] * (width - len(encoded[n])) for n in chosen], device=device)
        lengths = torch.tensor([len(encoded[n]) for n in chosen], device=device)
        for n, plan in zip(chosen, executed_plans(model(ids, lengths), config)):
            plans[n] = plan
        if on_batch:
            on_batch(len(chosen))
    return plans, reasons


@torch.no_grad()
def answer_gpt(model, tokenizer, prompts, device, batch_size=256, on_batch=None):
    """What a GPT prints behind prompts, greedily: (texts, reasons, plans), lists in the order of the prompts.

    A prompt is completed so that it asks (`data.answers.completed_prompt`). texts: str, what stands before the token
    that ends an answer; None where a reason says why: what `out_of_range` objects to, too little room for an answer,
    or NO_END. plans: the ExecutedPlan that was offered to the language model, its text in the characters it was offered
    as; None where no answer fell due. on_batch(count) is called after each batch.
    """
    config = model.config
    longest = exact.n_answer_characters(config.answer_digits, config.answer_decimals)
    newline, ends = single_token(tokenizer, "\n"), set(config.character_token_ids[exact.END])
    encoded = [tokenizer.encode(completed_prompt(prompt), disallowed_special=()) for prompt in prompts]
    reasons = [out_of_range(prompt, ids, config) for prompt, ids in zip(prompts, encoded)]
    texts, plans = [None] * len(prompts), [None] * len(prompts)
    for n, ids in enumerate(encoded):
        if reasons[n] is None and len(ids) + longest > config.block_size:
            reasons[n] = f"{len(ids)} tokens and {longest} for an answer exceed block_size={config.block_size}"

    def length(n):
        return len(encoded[n])

    # Only prompts of one length go together: padding would be text to a language model.
    todo = sorted((n for n, reason in enumerate(reasons) if reason is None), key=length)
    for _, same in groupby(todo, key=length):
        same = list(same)
        for start in range(0, len(same), batch_size):
            chosen = same[start:start + batch_size]

            def keep(rows, plan, characters):
                flat = Plan(*(field[:, 0] for field in vars(plan).values()))
                found = zip(rows.tolist(), executed_plans(flat, config), characters[:, 0].tolist())
                for row, executed, codes in found:
                    if plans[chosen[row]] is None:      # later ones come behind the answer
                        plans[chosen[row]] = replace(executed, text=exact.spelled(codes))

            ids = torch.tensor([encoded[n] for n in chosen], device=device)
            written = model.generate(ids, longest, temperature=0, stop=newline, on_plan=keep)[:, ids.size(1):]
            for n, tokens in zip(chosen, written.tolist()):
                end = next((place for place, token in enumerate(tokens) if token in ends), None)
                if end is None:
                    reasons[n] = NO_END
                else:
                    texts[n] = tokenizer.decode(tokens[:end]).strip()
            if on_batch:
                on_batch(len(chosen))
    return texts, reasons, plans


def executed_plans(plan, config):
    """The most probable plans of a Plan, fields (B, ...), as a list of ExecutedPlan."""
    negative = plan.sign_logits.argmax(-1).tolist()
    digits = plan.digit_logits.argmax(-1).tolist()
    operations = plan.operation_logits.argmax(-1).tolist()
    operands1, operands2 = plan.operand1_logits.argmax(-1).tolist(), plan.operand2_logits.argmax(-1).tolist()
    confidence = slot_confidence(plan, config.dag_ops.index("identity")).tolist()
    results = []
    for *example, of_slots in zip(negative, digits, operations, operands1, operands2, confidence):
        slots = [Fraction(int("".join(map(str, number))), 10 ** config.max_decimals) * (-1) ** sign
                 for sign, number in zip(*example[:2])]
        steps = [(config.dag_ops[operation], *operands) for operation, *operands in zip(*example[2:])]
        for operation, operand1, operand2 in steps:
            slots.append(apply(operation, slots[operand1], slots[operand2]))
        results.append(ExecutedPlan(steps, slots, value_text(slots[-1]), of_slots))
    return results


def slot_confidence(plan, identity):
    """(B, S) float: the probability of each slot's most probable choices together, those of its operands' not included.

    identity has no second operand.
    """
    sign, digits, operation, operand1, operand2 = (
        logits.float().softmax(-1).amax(-1) for logits in (plan.sign_logits, plan.digit_logits, plan.operation_logits,
                                                           plan.operand1_logits, plan.operand2_logits))
    passes_on = plan.operation_logits.argmax(-1) == identity
    return torch.cat((sign * digits.prod(-1), operation * operand1 * torch.where(passes_on, 1.0, operand2)), -1)


def exact_values(plan, config):
    """The most probable plans' results, without rounding however long: a Fraction each, or one of UNDEFINED."""
    return [executed.slots[-1] for executed in executed_plans(plan, config)]


def apply(name, a, b):
    """One operation on Fractions. What is undefined stays so, and so does everything computed from it."""
    if a in UNDEFINED:
        return a
    if name == "identity":
        return a
    if b in UNDEFINED:
        return b
    if name == "divide" and not b:
        return UNDEFINED[0]
    result = a / b if name == "divide" else a + b if name == "add" else a - b if name == "subtract" else a * b
    return result if abs(result) <= MAX_MAGNITUDE else UNDEFINED[1]


def value_text(value):
    """A slot's value for people: `number_text`, or what an answer says where it is undefined."""
    return PRINTED[value] if value in UNDEFINED else number_text(value)


def number_text(value, decimals=12, significant=15, longest=60):
    """A Fraction in decimal digits: all of them where it ends within `longest` decimals, else rounded half to even to
    `decimals` decimals, or as many as `significant` digits take."""
    denominator, twos, fives = value.denominator, 0, 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    shown = max(twos, fives)
    if denominator != 1 or shown > longest:
        leading_zeros = len(str(value.denominator)) - len(str(abs(value.numerator)))
        shown = max(decimals, significant + max(leading_zeros, 0))
    scaled = round(abs(value) * 10 ** shown)
    digits = str(scaled).rjust(shown + 1, "0")
    whole, fraction = digits[:len(digits) - shown], digits[len(digits) - shown:].rstrip("0")
    return ("-" if value < 0 and scaled else "") + whole + ("." + fraction if fraction else "")


def read_prompts(path):
    """The prompts of a line-JSON file. Raises EvaluationError naming the line of anything malformed."""
    prompts = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise EvaluationError(f"{path}, line {number}: not JSON ({error}); each line must be like "
                                      '{"prompt": "2 + 2"}') from None
            if not isinstance(entry, dict) or not isinstance(entry.get("prompt"), str):
                raise EvaluationError(f"{path}, line {number}: no text under \"prompt\" in {line.strip()[:80]!r}; each "
                                      'line must be like {"prompt": "2 + 2"}')
            prompts.append(entry["prompt"])
    return prompts


# ---- Phase 2 ------------------------------------------------------------------------------------------------------

@torch.no_grad()
def score_answers(model, batches):
    """What a GPT does on TextBatches when its own router decides: sums and per-row results, on the CPU.

    Returns {name: (rows,) float64}: `answers` due in a row and how many of them are `exact_answers`, every token that
    greedy generation would write, its end included; `tokens` and their `loss`; `shut`: answer tokens with a shut gate;
    `open`: others with an open one; `gate_bins` (rows, 2, GATE_BINS): histograms of the gates of both. Greedy generation writes an answer exactly if each of its
    tokens is the most probable one after the right ones before it, so one pass over the whole text tells.
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

    return dict(exact_answer=share("exact_answers", "answers"), text_loss=share("loss", "tokens"),
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


def labelled_value(batch, row, config):
    """What the labelled plan of a row of Phase 1 comes to, as a text."""
    def sure(indices, count):
        return torch.nn.functional.one_hot(indices[row, ...][None], count).float()

    S = config.n_slots
    plan = Plan(sure(batch.negative, 2), sure(batch.digits, 10), sure(batch.operation, len(config.dag_ops)),
                sure(batch.operand1, S), sure(batch.operand2, S))
    return executed_plans(plan, config)[0].text


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
    scores, rows = score_answers(model, watch(batches)), answer_texts(batches, tokenizer)

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
