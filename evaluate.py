"""Evaluate a checkpoint, or answer a file of prompts with it.

    python evaluate.py --ckpt=out/predictor-cpu                      # table by operations and wording, JSON last
    python evaluate.py --ckpt=out/predictor-cpu --split=val --examples=50000
    python evaluate.py --ckpt=PATH --file=IN.jsonl --out=OUT.jsonl   # {"prompt": ...} -> {"prediction": ...}

Predictions are numbers as text, every digit of them where they end, in the order of the prompts; null where the plan
divides by zero or overflows, and where a prompt is empty, too long or, as far as the parser understands it, outside of
what the model was trained to read: then the first reason is said, and the exit status is 2. The answers are written
all the same.
"""
import json
import math
import os
import sys
from functools import partial

from tqdm import tqdm

from assembly import load_predictor
from checkpoint import latest_checkpoint, load_checkpoint, write_atomically
from configurator import ConfigError, checked, clear_errors, configure, fail
from data.dagset import Ranges, Stream, Wording, settings_of
from evaluation import FIGURES as _FIGURES, UNDEFINED as _UNDEFINED, answer, breakdown, number_text, read_prompts
from training import resolve_device

ckpt = ""                       # a checkpoint, or the out_dir of a run: then its best.pt, else its newest
device = "auto"                 # "cpu", "cuda", "cuda:1"
batch_size = 256
split = "test"                  # "val" is what training looks at
examples = 10000                # of different content
eval_seed = 1
file = ""                       # line-JSON of {"prompt": ...} to answer, instead of evaluating
out = ""                        # where answers go; "" is standard output
# Ranges and wordings are those the checkpoint was trained on; {"name": value} of train_predictor.py's settings change
# them for this evaluation, e.g. --data={"max_ops":2,"english_conversion_rate":1.0}
data = "{}"


def find_checkpoint(path):
    if not path:
        raise ConfigError("which checkpoint? give --ckpt=PATH, a .pt file or the out_dir of a run")
    if os.path.isdir(path):
        best = os.path.join(path, "best.pt")
        return best if os.path.exists(best) else latest_checkpoint(path)
    return path


def trained_stream(settings, changes, tokenizer, model, device):
    """The stream of the split over the ranges and wordings that the checkpoint's settings name, with some changed."""
    config = model.config
    known = {*Ranges.__dataclass_fields__, *Wording.__dataclass_fields__}
    for name in changes:
        if name not in known:
            raise ConfigError(f"--data: {name!r} is not a range or a wording; there are {', '.join(sorted(known))}")
    settings = {**settings, **{name: checked(name, value, settings[name], "in --data")
                               for name, value in changes.items()}}
    for name, limit in (("max_digits", config.max_digits), ("max_decimals", config.max_decimals),
                        ("max_ops", config.dag_depth)):
        if settings[name] > limit:
            raise ConfigError(f"--data: {name}={settings[name]} exceeds the {limit} of the model in --ckpt")
    # Narrower numbers keep the model's places: the labels' width is the model's.
    return Stream(settings_of(Ranges, settings), settings_of(Wording, settings), tokenizer, seed=eval_seed, split=split,
                  batch_size=batch_size, num_initial_values=config.num_initial_values, dag_depth=config.dag_depth,
                  dag_ops=config.dag_ops, places=(config.max_digits, config.max_decimals), device=device)


def table(rows):
    """Lines of the breakdown for people: shares in per cent, log-magnitude errors in decades, each with that of the
    best constant answer."""
    def shown(name, value):
        if value is None:
            return "-"
        # Shares are cut off, never rounded up: 99.996 is not 100.
        return f"{value:.4f}" if name == "log_magnitude_mae" else f"{math.floor(1e5 * value + 1e-6) / 1e3:.3f}"
    head = ["", "examples", *(name.replace("_", " ") for name in _FIGURES)]
    body = [[label, f"{count:,}", *(f"{shown(name, figures[name])} ({shown(name, trivial[name])})" for name in _FIGURES)]
            for label, count, figures, trivial in rows]
    widths = [max(len(line[c]) for line in [head, *body]) for c in range(len(head))]
    return ["  ".join(text.ljust(width) if c == 0 else text.rjust(width)
                      for c, (text, width) in enumerate(zip(line, widths))).rstrip() for line in [head, *body]]


def evaluate_split(model, tokenizer, checkpoint, path):
    try:
        changes = json.loads(data)
    except ValueError as error:
        raise ConfigError(f"--data={data} is not JSON: {error}") from None
    if not isinstance(changes, dict):
        raise ConfigError(f'--data={data} must be an object such as {{"max_ops": 2}}')
    if examples < 1:
        raise ConfigError(f"--examples={examples} must be at least 1")
    stream = trained_stream(checkpoint["settings"], changes, tokenizer, model, resolve_device(device))
    batches = stream.evaluation_set(examples)
    rows = breakdown(model, batches, partial(tqdm, unit="batch", disable=not sys.stderr.isatty(), leave=False))
    print(f"{path}, iteration {checkpoint['iter']}: {examples:,} {split} examples of different content; shares in %, "
          "log-magnitude error in decades, in parentheses those of the best constant answers")
    print("\n".join(table(rows)))
    figures = {label: {"examples": count, **row, "trivial": trivial} for label, count, row, trivial in rows}
    print(json.dumps({"ckpt": path, "iter": checkpoint["iter"], "split": split, **figures.pop("all"),
                      "breakdown": figures}))


def answer_file(model, tokenizer):
    prompts = read_prompts(file)
    bar = tqdm(total=len(prompts), unit="prompt", disable=not sys.stderr.isatty(), leave=False)
    values, reasons = answer(model, tokenizer, prompts, resolve_device(device), batch_size, on_batch=bar.update)
    bar.close()
    lines = "".join(json.dumps({"prediction": None if value is None else number_text(value)}) + "\n"
                    for value in values)
    if out:
        write_atomically(out, lines.encode())
    else:
        sys.stdout.write(lines)
    refused = [(number, reason) for number, reason in enumerate(reasons, 1)
               if reason is not None and reason not in _UNDEFINED]
    undefined = sum(reason in _UNDEFINED for reason in reasons)
    print(f"{len(prompts):,} prompts, {len(prompts) - len(refused) - undefined:,} answered, {undefined} undefined "
          f"(division by zero or overflow), {len(refused)} refused{f'; written to {out}' if out else ''}", file=sys.stderr)
    if refused:
        number, reason = refused[0]
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        fail(f"{file}, prompt {number}: {reason}{more}; shorten it, or use a checkpoint trained on wider ranges")


def main():
    path = find_checkpoint(ckpt)
    checkpoint = load_checkpoint(path)
    model, tokenizer = load_predictor(checkpoint, path)
    model.to(resolve_device(device))
    if batch_size < 1:
        raise ConfigError(f"--batch_size={batch_size} must be at least 1")
    if file:
        answer_file(model, tokenizer)
    else:
        evaluate_split(model, tokenizer, checkpoint, path)


if __name__ == "__main__":
    with clear_errors():
        configure(globals())
        main()
