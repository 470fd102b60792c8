"""Evaluate a checkpoint, or answer a file of prompts with it.

    python evaluate.py --ckpt=out/predictor-cpu                      # table by operations and wording, JSON last
    python evaluate.py --ckpt=out/predictor-cpu --split=val --examples=50000
    python evaluate.py --ckpt=out/gpt --dataset=gsm8k                # a prepared text, with a checkpoint of train.py
    python evaluate.py --ckpt=PATH --file=IN.jsonl --out=OUT.jsonl   # {"prompt": ...} -> {"prediction": ...}
    python evaluate.py --file=IN.jsonl --out=OUT.jsonl               # {"prompt": ..., "answer": ...}: and how many are right

Checkpoints of both phases are read. Phase 1 is judged by its plans, Phase 2 by what the language model prints and, on
expressions, by its own plans, too. Without --ckpt it is the published one in pretrained/, if there is one.

Predictions are numbers as text, in the order of the prompts: of Phase 1 the plan's value, every digit of it where it
ends; of Phase 2 what the model prints. They are null where the plan divides by zero or overflows, where what is printed
is no number, and where a prompt is empty, too long, asks for an operation that no model here has ("2^3") or is, as far
as the parser understands it, outside of what the model was trained to read: then the first reason is said, and the exit
status is 2. The answers are written all the same. Where every line of the file has an "answer", too, a number or "undefined", it is
said how many predictions are right, to six decimals, and of which "kind", if lines have one.
"""
import json
import math
import sys

from tqdm import tqdm

from answering import (NO_END as _NO_END, NUMBER as _NUMBER, PRINTED as _PRINTED, UNDEFINED as _UNDEFINED, answer,
                       answer_gpt, number_text, read_entries, way_out)
from assembly import TEXTS as _TEXTS, answer_stream, load_gpt, load_predictor, stream_of
from checkpoint import find_checkpoint, load_checkpoint, write_atomically
from configurator import ConfigError, checked, clear_errors, configure, fail
from data.dagset import Ranges, Stream, Wording, settings_of
from data.dagset.benchmark.scoring import is_right, wilson
from devices import keep_freed_memory, mixed_precision, resolve_device
from display import percent as _share
from evaluation import FIGURES as _FIGURES, breakdown, breakdown_gpt

ckpt = ""                       # a checkpoint, or the out_dir of a run: its best.pt, else its newest; "" is pretrained/
device = "auto"                 # "cpu", "cuda", "cuda:1"
dtype = "float32"               # of matrix products; "bfloat16" is faster on GPUs and on CPUs with AVX512-BF16 or AMX
batch_size = 256
dataset = ""                    # "gsm8k", "shakespeare": that prepared text's whole split; "" is expressions
split = "test"                  # "val" is what training looks at
examples = 10000                # expressions of different content
eval_seed = 1
file = ""                       # line-JSON of {"prompt": ...} to answer, instead of evaluating
out = ""                        # where answers go; "" is standard output
# Ranges and wordings are those the checkpoint was trained on; {"name": value} of train_predictor.py's settings change
# them for this evaluation, e.g. --data={"max_ops":2,"english_conversion_rate":1.0}
data = "{}"

# Columns of a GPT's table; those of its plans where there are any.
_ANSWER_FIGURES = ("exact_answer", "exact_plan", "exact_value", "text_loss", "false_open", "false_shut")


def changed_settings(settings, config, max_ops):
    """The checkpoint's settings with the ranges and wordings that --data changes, none beyond what the model reads."""
    try:
        changes = json.loads(data)
    except ValueError as error:
        raise ConfigError(f"--data={data} is not JSON: {error}") from None
    if not isinstance(changes, dict):
        raise ConfigError(f'--data={data} must be an object such as {{"max_ops": 2}}')
    known = {**Ranges.__dataclass_fields__, **Wording.__dataclass_fields__}
    for name in changes:
        if name not in known:
            raise ConfigError(f"--data: {name!r} is not a range or a wording; there are {', '.join(sorted(known))}")
    # An older checkpoint's settings lack the wordings that have come since: they were off.
    settings = {**{name: field.default for name, field in known.items()}, **settings}
    settings.update({name: checked(name, value, settings[name], "in --data") for name, value in changes.items()})
    for name, limit in (("max_digits", config.max_digits), ("max_decimals", config.max_decimals),
                        ("max_ops", max_ops)):
        if settings[name] > limit:
            raise ConfigError(f"--data: {name}={settings[name]} exceeds the {limit} of the model in --ckpt")
    return settings


def trained_stream(settings, tokenizer, model, device):
    """The stream of the split over the ranges and wordings that a Phase 1 checkpoint's settings name, some changed."""
    config = model.config
    settings = changed_settings(settings, config, config.dag_depth)
    # Narrower numbers keep the model's places: the labels' width is the model's.
    return Stream(settings_of(Ranges, settings), settings_of(Wording, settings), tokenizer, seed=eval_seed, split=split,
                  batch_size=batch_size, num_initial_values=config.num_initial_values, dag_depth=config.dag_depth,
                  dag_ops=config.dag_ops, places=(config.max_digits, config.max_decimals), device=device)


def percent(value):
    # Shares are cut off, never rounded up: 99.996 is not 100.
    return f"{math.floor(1e5 * value + 1e-6) / 1e3:.3f}"


def table(rows):
    """Lines of the breakdown for people: shares in per cent, log-magnitude errors in decades, each with that of the
    best constant answer."""
    def shown(name, value):
        if value is None:
            return "-"
        return f"{value:.4f}" if name == "log_magnitude_mae" else percent(value)

    head = ["", "examples", *(name.replace("_", " ") for name in _FIGURES)]
    return aligned([head, *([label, f"{count:,}", *(f"{shown(name, figures[name])} ({shown(name, trivial[name])})"
                                                    for name in _FIGURES)] for label, count, figures, trivial in rows)])


def answer_table(rows):
    """Lines of a GPT's breakdown for people: shares in per cent, losses in nats a token."""
    def shown(name, value):
        if value is None:
            return "-"
        return f"{value:.4f}" if name == "text_loss" else percent(value)

    columns = [name for name in _ANSWER_FIGURES if any(figures.get(name) is not None for _, _, figures, _ in rows)]
    lines = [["", "answers", *(name.replace("_", " ") for name in columns)]]
    for label, count, figures, trivial in rows:
        first, *others = (shown(name, figures.get(name)) for name in columns)
        lines.append([label, f"{count:,}", f"{first} ({shown('trivial', trivial)})", *others])
    return aligned(lines)


def aligned(lines):
    widths = [max(len(line[c]) for line in lines) for c in range(len(lines[0]))]
    return ["  ".join(text.ljust(width) if c == 0 else text.rjust(width)
                      for c, (text, width) in enumerate(zip(line, widths))).rstrip() for line in lines]


def progress(batches):
    return tqdm(batches, unit="batch", disable=not sys.stderr.isatty(), leave=False)


def evaluate_plans(model, tokenizer, checkpoint, path):
    """Phase 1 on expressions."""
    if dataset not in ("", "dagset"):
        raise ConfigError(f"--dataset={dataset} takes a language model, {path} is a checkpoint of phase 1: give one "
                          "that train.py wrote")
    batches = trained_stream(checkpoint["settings"], tokenizer, model, resolve_device(device)).evaluation_set(examples)
    rows = breakdown(model, batches, progress)
    print(f"{path}, iteration {checkpoint['iter']}: {examples:,} {split} examples of different content; shares in %, "
          "log-magnitude error in decades, in parentheses those of the best constant answers")
    print("\n".join(table(rows)))
    figures = {label: {"examples": count, **row, "trivial": trivial} for label, count, row, trivial in rows}
    print(json.dumps({"ckpt": path, "iter": checkpoint["iter"], "split": split, **figures.pop("all"),
                      "breakdown": figures}))


def evaluate_answers(model, tokenizer, checkpoint, path):
    """Phase 2 on expressions or on a prepared text."""
    settings, name = checkpoint["settings"], dataset or "dagset"
    if name not in ("dagset", *_TEXTS):
        raise ConfigError(f"--dataset={name}: there are dagset, {', '.join(_TEXTS)}")
    if name == "dagset":
        settings = changed_settings(settings, model.config, settings["label_depth"])
        stream = answer_stream(settings, split, eval_seed, resolve_device(device), batch_size,
                               places=(model.config.max_digits, model.config.max_decimals))     # as in trained_stream
        batches = stream.evaluation_set(examples)
        said = f"{examples:,} {split} examples of different content"
    elif data != "{}":
        raise ConfigError(f"--data={data} changes expressions, --dataset={name} has none: drop one of them")
    else:
        # Documents are several times as long as expressions.
        rows_at_once = max(1, batch_size // 8)
        batches = stream_of(settings, name, split, eval_seed, resolve_device(device), rows_at_once
                            ).batches_of_all(rows_at_once)
        said = f"the {split} split of {name}, {sum(map(len, batches)):,} texts"
    rows = breakdown_gpt(model, batches, tokenizer, progress)
    print(f"{path}, iteration {checkpoint['iter']}: {said}; shares in %, loss in nats a token, in parentheses the "
          "share of the commonest answer")
    print("\n".join(answer_table(rows)))
    figures = {label: {"examples": count, **row, "trivial": {"exact_answer": trivial}}
               for label, count, row, trivial in rows}
    of_all = {**figures.pop("all"), "examples": sum(map(len, batches)), "answers": rows[0][1]}
    print(json.dumps({"ckpt": path, "iter": checkpoint["iter"], "dataset": name, "split": split, **of_all,
                      "breakdown": figures}))


def predict(model, tokenizer, phase, prompts, on_batch):
    """(predictions, reasons): for each prompt a number as text or None, and why None, a reason of `evaluation`."""
    arguments = model, tokenizer, prompts, resolve_device(device), batch_size, on_batch
    if phase == 1:
        values, reasons = answer(*arguments)
        return [None if value is None else number_text(value) for value in values], reasons
    texts, reasons, _ = answer_gpt(*arguments, execute=False)
    why = {text: reason for reason, text in _PRINTED.items()}
    predictions = [text if text is not None and _NUMBER.fullmatch(text) else None for text in texts]
    # What is printed but no number is an answer without an end, as far as numbers go.
    return predictions, [reason if text is None else why.get(text, None if prediction is not None else _NO_END)
                         for text, prediction, reason in zip(texts, predictions, reasons)]


def known_answers(entries):
    """The right answers, numbers as text or "undefined"; none where not every entry has one."""
    if not all("answer" in entry for entry in entries):
        return []
    answers = ["undefined" if entry["answer"] is None else str(entry["answer"]) for entry in entries]
    for entry, wanted in zip(entries, answers):
        if not (wanted == "undefined" or _NUMBER.fullmatch(wanted)):
            raise ConfigError(f"{file}, line {entry['line']}: the answer {wanted!r} is neither a number nor \"undefined\"; correct "
                              "it, or leave the answers out of all lines")
    return answers


def scores(entries, answers, predictions):
    """Lines that say how many predictions are right, by kind; none without answers."""
    right, texts = {}, []
    for entry, wanted, prediction in zip(entries, answers, predictions):
        for kind in ("all", *([str(entry["kind"])] if "kind" in entry else [])):
            right.setdefault(kind, []).append(is_right(prediction, wanted))
    for kind, of_kind in right.items():
        low, high = wilson(sum(of_kind), len(of_kind))
        texts.append(f"{kind}: {sum(of_kind):,} of {len(of_kind):,} right, {_share(sum(of_kind) / len(of_kind), 2)} % "
                     f"({_share(low, 2)} - {_share(high, 2)})")
    return texts


def answer_file(model, tokenizer, phase):
    entries = read_entries(file)
    prompts, answers = [entry["prompt"] for entry in entries], known_answers(entries)      # before any time is spent
    bar = tqdm(total=len(prompts), unit="prompt", disable=not sys.stderr.isatty(), leave=False)
    predictions, reasons = predict(model, tokenizer, phase, prompts, bar.update)
    bar.close()
    lines = "".join(json.dumps({"prediction": prediction}) + "\n" for prediction in predictions)
    if out:
        write_atomically(out, lines.encode())
    else:
        sys.stdout.write(lines)
    refused = [(number, reason) for number, reason in enumerate(reasons, 1)
               if reason is not None and reason not in (*_UNDEFINED, _NO_END)]
    undefined = sum(reason in _UNDEFINED for reason in reasons)
    no_number = sum(reason == _NO_END for reason in reasons)
    answered = len(prompts) - len(refused) - undefined - no_number
    print(f"{len(prompts):,} prompts, {answered:,} answered, {undefined} undefined (division by zero or overflow), "
          f"{f'{no_number} answered without a number, ' if no_number else ''}{len(refused)} refused"
          f"{f'; written to {out}' if out else ''}", file=sys.stderr)
    print("".join(f"{text}\n" for text in scores(entries, answers, predictions)), end="", file=sys.stderr)
    if refused:
        number, reason = refused[0]
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        fail(f"{file}, prompt {number}: {reason}{more}; {way_out(reason)}")


def main():
    path = find_checkpoint(ckpt)
    checkpoint = load_checkpoint(path)
    phase = checkpoint.get("phase")
    model, tokenizer = (load_gpt if phase == 2 else load_predictor)(checkpoint, path)
    model.to(resolve_device(device))
    keep_freed_memory()
    for name, value in (("batch_size", batch_size), ("examples", examples)):
        if value < 1:
            raise ConfigError(f"--{name}={value} must be at least 1")
    with mixed_precision(dtype, resolve_device(device)):
        if file:
            answer_file(model, tokenizer, phase)
        else:
            (evaluate_answers if phase == 2 else evaluate_plans)(model, tokenizer, checkpoint, path)


if __name__ == "__main__":
    with clear_errors():
        configure(globals())
        main()
