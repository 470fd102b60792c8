"""Make the test set anew: line-JSON of 2,060 prompts of the stream's test split with their exact answers.

    python -m data.dagset.benchmark.make --out=FILE

The set is made once and frozen; this says how, and makes the same bytes again as long as the stream is the same. Its
texts have the ranges and wordings of config/train_release_predictor.py, written down here since that file may change.
No content of the set is ever in the training split, whatever the ranges, the wording and the seed.

Every answer is computed twice: in fractions, from what the independent parser reads in the text, and by the stream,
from its labels. They must be the same text. Left out are texts whose answers have more than 24 integer digits or round
to 0 without being 0, which any guess of 0 would know, and those of more than 1,000 tokens of the `dag` tokeniser.
"""
import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count as numbers_from, product
from pathlib import Path

from configurator import clear_errors, configure
from data.answers import WRITTEN, AnswerStream
from data.dagset import Ranges, Wording, get_tokenizer, wording as wordings
from data.dagset.benchmark import GRID as _GRID, SIZES
from data.dagset.parser import parse
from data.dagset.tree import Number, evaluate, numbers, plan, post_order

out = ""                        # where the test set goes; "" is standard output
seed = 2026                     # of the stratum made first, the next has the next one, and so on

_DECIMALS = 6
_INTEGER_DIGITS = 24            # of an answer, at most
_TOKENS = 1000                  # of a text, at most
_MAX_OPS = 10
_AT_ONCE = 256                  # texts made at a time, from which those that fit a stratum are taken in order

RANGES = Ranges(max_ops=_MAX_OPS, usual_ops=6, long_rate=0.1, max_digits=20, usual_digits=12, long_number_rate=0.03,
                max_decimals=_DECIMALS, identity_rate=0.0, percent_rate=0.02, multiple_rate=0.03)
WORDING = Wording(
    english_conversion_rate=0.3, operator_word_rate=0.4, prose_rate=0.35, chain_rate=0.4, frame_rate=0.5,
    typeset_rate=0.08, times_sign_rate=0.15, square_bracket_rate=0.05, implicit_times_rate=0.15, word_variant_rate=0.3,
    compact_rate=0.25, thousands_separator_rate=0.15, leading_point_rate=0.3, and_rate=0.3, a_for_one_rate=0.2,
    oh_rate=0.1, sign_word_rate=0.05, two_hyphens_rate=0.02, capital_rate=0.3)
# What makes each class of wordings frequent enough to be found, and lets none of its ways to write go.
CLASS_RATES = {"digits": dict(english_conversion_rate=0.0, operator_word_rate=0.0, prose_rate=0.0),
               "mixed": dict(prose_rate=0.0),
               "english": dict(english_conversion_rate=1.0, operator_word_rate=1.0, prose_rate=0.0),
               "prose": dict(prose_rate=1.0)}
# Lines of the grid for each number of operations and wording, by size; texts of long numbers are long.
GRID_LINES = dict(zip(SIZES, (27, 13, 3)))


@dataclass(frozen=True)
class Stratum:
    """`count` lines from the texts of these ranges and wordings: the first that `fits`, given a line and its tree."""
    name: str
    count: int
    ranges: Ranges
    wording: Wording
    fits: Callable


def with_ops(n, **more):
    """The ranges with n operations exactly."""
    usual = dict(usual_ops=n, long_rate=0.0) if n < _MAX_OPS else dict(usual_ops=0)
    return replace(RANGES, min_ops=n, **usual, **more)


def grid():
    """The strata of the grid, one for every number of operations, wording and size of number."""
    for n, wording, (size, (low, high)) in product(range(1, _MAX_OPS + 1), wordings.WORDINGS,
                                                    SIZES.items()):
        # Numbers of the largest size stay as rare as they are, so most of these texts have one of them.
        digits = {} if high == RANGES.max_digits else dict(usual_digits=high, long_number_rate=0.0)
        yield Stratum(_GRID, GRID_LINES[size], with_ops(n, **digits), replace(WORDING, **CLASS_RATES[wording]),
                      lambda line, tree, wording=wording, low=low, high=high:
                      line["wording"] == wording and low <= line["digits"] <= high)


def themes():
    """The strata with a theme, up to six operations, or as many as are said."""
    usual, plain = replace(RANGES, long_rate=0.0), dict(percent_rate=0.0, multiple_rate=0.0)

    def digits_exactly(n):
        return dict(usual_digits=n - 1, max_digits=n, long_number_rate=1.0, **plain)

    def is_long(line, tree):
        return len(line["answer"].replace(".", "").strip("-0")) > 15           # more than a float64 is sure to hold

    yield Stratum("undefined", 50, replace(usual, zero_divisor_rate=1.0), WORDING,
                  lambda line, tree: line["answer"] == "undefined")
    yield Stratum("sum20", 50, replace(usual, usual_ops=3, operations=("add", "subtract"), **digits_exactly(20)),
                  WORDING, is_long)
    for n in (9, 11):
        yield Stratum(f"product{n}", 50, replace(with_ops(1, **digits_exactly(n)), operations=("multiply",),
                                                 integer_rate=1.0), WORDING, is_long)
    yield Stratum("percent", 70, replace(usual, percent_rate=0.2), WORDING,
                  lambda line, tree: any(isinstance(node, Number) and node.percent for node in post_order(tree)))
    yield Stratum("implicit", 70, usual, replace(WORDING, implicit_times_rate=1.0, redundant_parentheses_rate=0.1),
                  lambda line, tree: re.search(r"[0-9)\]] ?[(\[]", line["prompt"]))


def lines_of(stratum, seed, seen):
    """The lines of a stratum, without ids: dicts. Contents (int64 hashes) in the set `seen` are left out, those of the
    lines go into it."""
    stream = AnswerStream(stratum.ranges, stratum.wording, get_tokenizer("dag"), seed=seed, split="test",
                          batch_size=_AT_ONCE, num_initial_values=_MAX_OPS + 1, dag_depth=_MAX_OPS,
                          answer_places=(_INTEGER_DIGITS, _DECIMALS))
    stream.asks.fill_(True)                      # a prompt is what the wording made, with nothing behind it
    lines = []
    for start in numbers_from(0, _AT_ONCE):
        examples = stream.examples(start, _AT_ONCE)
        classes = examples.labels[:, stream.columns["wording"][0]].tolist()
        for i, content in enumerate(examples.content.tolist()):
            answer = "".join(WRITTEN[code][0] for code in examples.characters[i].tolist()).strip()
            first, length = int(examples.offsets[i]), int(examples.prompt_lengths[i])
            if answer == "too large" or length > _TOKENS or content in seen:
                continue
            prompt = stream.tokenizer.decode(examples.ids[first:first + length].tolist())
            line, tree = read_back(prompt, answer, wordings.WORDINGS[classes[i]])
            rounds_to_zero = answer == "0" and evaluate(tree)
            if not rounds_to_zero and stratum.fits(line, tree):
                seen.add(content)
                lines.append(line)
                if len(lines) == stratum.count:
                    return lines


def read_back(prompt, answer, wording):
    """(line without id, tree) of a text and its answer by the stream; raises where the parser comes to another."""
    tree = parse(prompt)
    exact = answer_text(evaluate(tree))
    if exact != answer:
        raise RuntimeError(f"{prompt!r} is {exact} as the parser reads it and {answer} by the stream's labels")
    digits = max(len(str(int(abs(number)))) for number in numbers(tree))
    return dict(prompt=prompt, answer=answer, n_ops=len(plan(tree)), digits=digits, wording=wording), tree


def answer_text(value):
    """A Fraction in decimal notation, rounded half away from zero to six decimals; "undefined" for None."""
    if value is None:
        return "undefined"
    units = (2 * 10 ** _DECIMALS * abs(value) + 1) // 2
    whole, decimals = divmod(units, 10 ** _DECIMALS)
    return f"{'-' * (value < 0 < units)}{whole}.{decimals:0{_DECIMALS}}".rstrip("0").rstrip(".")


def test_set(seed, wanted=lambda stratum: True):
    """The lines of the test set, or of those strata of it that are wanted, as text."""
    seen, numbered = set(), Counter()
    for place, stratum in enumerate([*grid(), *themes()]):
        if not wanted(stratum):
            numbered[stratum.name] += stratum.count
            continue
        for line in lines_of(stratum, seed + place, seen):
            numbered[stratum.name] += 1
            line = {"id": f"{stratum.name}-{numbered[stratum.name]:04}", **line}
            yield json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def main():
    content = "".join(test_set(seed)).encode()
    if out:
        Path(out).write_bytes(content)
    else:
        sys.stdout.buffer.write(content)


if __name__ == "__main__":
    with clear_errors():
        configure(globals())
        main()
