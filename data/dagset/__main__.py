"""Print examples of the stream, for people: each text and what its labels say.

    python -m data.dagset --n=20
    python -m data.dagset --max_ops=6 --max_digits=12 --prose_rate=0.5 --frame_rate=0.5 --split=val --seed=2
    python -m data.dagset --config=config/train_predictor_config.py --json=True

Every field of Ranges (ranges.py) and of Wording (wording.py), which explain them, is a setting as well. What stands
on the command line goes before what the training config says.
"""
import math
import runpy
from dataclasses import fields
from decimal import Decimal
from json import dumps

import torch

from configurator import ConfigError, clear_errors, configure
from data.dagset import Ranges, Stream, Wording, get_tokenizer, settings_of, wording as wordings

SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}     # what operations look like in steps

globals().update({field.name: field.default for kind in (Ranges, Wording) for field in fields(kind)})

n = 20                          # examples
json = False                    # one JSON object a line
split = "train"                 # "val", "test"
seed = 1
config = ""                     # a config file of train_predictor.py, whose settings of the data are taken
tokenizer = "dag"               # "gpt2"
max_ops = -1                    # -1 is dag_depth
dag_depth = 0                   # steps of a plan; 0 is max_ops, or 3 where that isn't given either
num_initial_values = 0          # numbers a plan can hold; 0 is dag_depth + 1


def data_settings(path):
    """The settings of the data in a training config, a dict."""
    try:
        chosen = runpy.run_path(path, init_globals={"device": "cpu"})      # some decide by it
    except OSError:
        raise
    except Exception as error:
        raise ConfigError(f"{path}: {type(error).__name__}: {error}") from None
    if "dag_ops" in chosen:
        chosen["operations"] = tuple(name for name in chosen["dag_ops"] if name != "identity")
    names = {field.name for kind in (Ranges, Wording) for field in fields(kind)}
    names |= {"tokenizer", "dag_depth", "num_initial_values"}
    return {name: value for name, value in chosen.items() if name in names}


def describe(stream, batch, i):
    """Example i of a batch as plain Python values. Numbers are n0, n1, ..., results of steps s0, s1, ..."""
    labels = zip(batch.negative[i].tolist(), batch.digits[i].tolist(), batch.number_mask[i].tolist())
    numbers = [("-" if negative else "") + decimal_text(digits, stream.ranges.max_decimals)
               for negative, digits, used in labels if used]
    names = [f"n{k}" for k in range(stream.K)] + [f"s{s}" for s in range(stream.D)]
    values = [None if math.isnan(value) else value for value in batch.values[i].tolist()]
    steps = [dict(step=f"s{s}", operation=stream.dag_ops[operation], operand1=names[operand1], operand2=names[operand2],
                  value=values[stream.K + s])
             for s, (operation, operand1, operand2) in enumerate(zip(
                 batch.operation[i].tolist(), batch.operand1[i].tolist(), batch.operand2[i].tolist()))][:batch.n_ops[i]]
    ids = batch.ids[i, :batch.lengths[i]].tolist()
    return dict(text=stream.tokenizer.decode(ids), numbers=numbers, steps=steps, value=values[-1],
                wording=wordings.WORDINGS[batch.wording[i]], tokens=len(ids))


def decimal_text(digits, n_decimals):
    return format(Decimal(int("".join(map(str, digits)))).scaleb(-n_decimals).normalize(), "f")


def shown(value):
    return "undefined" if value is None else f"{value:.12g}"


def in_lines(number, example):
    """An example's description for people."""
    numbers = "  ".join(f"n{k} = {text}" for k, text in enumerate(example["numbers"]))
    steps = ["{step} = {operand1} {} {operand2} = {}".format(SYMBOLS[step["operation"]], shown(step["value"]), **step)
             for step in example["steps"]]
    return "\n".join([f"{number:>4}  {example['text']!r}", f"      {numbers}", *(f"      {step}" for step in steps),
                      f"      value {shown(example['value'])}, {example['wording']}, {example['tokens']} tokens"])


def main(settings):
    if settings["n"] < 1:
        raise ConfigError(f"n={settings['n']} examples: ask for at least 1")
    given = settings["max_ops"] >= 0
    depth = settings["dag_depth"] or (max(settings["max_ops"], 1) if given else Ranges.max_ops)
    ranges = settings_of(Ranges, {**settings, "max_ops": settings["max_ops"] if given else depth})
    stream = Stream(ranges, settings_of(Wording, settings), get_tokenizer(settings["tokenizer"]), seed=settings["seed"],
                    split=settings["split"], batch_size=settings["n"], dag_depth=depth,
                    num_initial_values=settings["num_initial_values"] or depth + 1)
    examples = stream.examples(0, settings["n"])
    batch = stream.collate(examples, torch.arange(settings["n"]), int(examples.offsets.diff().max()))
    for i in range(settings["n"]):
        example = describe(stream, batch, i)
        print(dumps(example, ensure_ascii=False) if settings["json"] else in_lines(i, example))


if __name__ == "__main__":
    with clear_errors():
        settings = configure(globals())
        if settings["config"]:
            settings = configure({**globals(), **data_settings(settings["config"])})
        main(settings)
