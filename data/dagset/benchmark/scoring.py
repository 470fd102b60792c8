"""Which predictions are right, and what shares of them: rules and figures, no printing and no settings.

Imports this folder's test set alone.
"""
import json
import math
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import NamedTuple

from data.dagset.benchmark import GRID, SIZES, THEMES, BenchmarkError, stratum_of

NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+|(?=\.\d))(\.\d*)?([eE][-+]?\d{1,4})?", re.ASCII)
LAST_PLACE = Decimal("0.000001")
MAX_EXPONENT = 40                   # of a power of ten that answers stay below
ROUNDING = Context(prec=MAX_EXPONENT + 10, rounding=ROUND_HALF_UP)            # half away from zero
Z = 1.959963984540054               # of the normal distribution: 95 % lie within


def is_right(prediction, answer):
    """Whether a prediction, a str or None, is the answer: the same number to six decimals, or nothing or "undefined"
    where that is the answer. Numbers may be written as 1,234 or +3 or 2.50 or 1e+20."""
    text = "undefined" if prediction is None else prediction.strip()
    if answer == "undefined" or not NUMBER.fullmatch(text):
        return text.lower() == answer
    numbers = Decimal(text.replace(",", "")), Decimal(answer)
    if any(number and number.adjusted() > MAX_EXPONENT for number in numbers):   # a few characters may say 10,000 digits
        return False
    said, wanted = (number.quantize(LAST_PLACE, context=ROUNDING) for number in numbers)
    return said == wanted


def read_predictions(path, lines):
    """The predictions of a line-JSON file, a str or None each, in the order of the test set's `lines`.

    Its lines are {"prediction": ...}, one a prompt in the prompts' order, or {"id": ..., "prediction": ...} in any.
    Raises BenchmarkError naming the line, the id or both numbers of lines.
    """
    entries = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                entries.append((number, read_entry(line, f"{path}, line {number}")))
    with_id = sum("id" in entry for _, entry in entries)
    if with_id not in (0, len(entries)):
        raise BenchmarkError(f"{path}: {with_id:,} of {len(entries):,} lines have an id; give all of them one, or none "
                             "and the predictions in the order of the prompts")
    if with_id:
        return in_order(path, entries, [line["id"] for line in lines])
    if len(entries) != len(lines):
        raise BenchmarkError(f"{path} has {len(entries):,} predictions, the test set {len(lines):,} prompts: give one "
                             "a prompt, null where there is none")
    return [entry["prediction"] for _, entry in entries]


def read_entry(line, where):
    """{"prediction": a str or None} of a line, with the "id" if there is one; numbers as the text they were written."""
    try:
        entry = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise BenchmarkError(f"{where}: not JSON ({error}); each line must be like "
                             '{"prediction": "4"}') from None
    if not isinstance(entry, dict) or not isinstance(entry.get("prediction", False), str | None):
        raise BenchmarkError(f"{where}: no number, text or null under \"prediction\" in {line.strip()[:80]!r}; each "
                             'line must be like {"prediction": "4"}')
    if not isinstance(entry.get("id", ""), str):
        raise BenchmarkError(f"{where}: the id in {line.strip()[:80]!r} is no text; ids are those of the test set, "
                             f'such as "{GRID}-0001"')
    return entry


def in_order(path, entries, ids):
    """The predictions of (line number, entry) pairs in the order of `ids`."""
    known, found = set(ids), {}
    for number, entry in entries:
        name = entry["id"]
        if name not in known:
            raise BenchmarkError(f"{path}, line {number}: the test set has no id {name[:40]!r}; its ids are like "
                                 f"{ids[0]!r}")
        if name in found:
            raise BenchmarkError(f"{path}, line {number}: a second prediction for {name!r}; give one a prompt")
        found[name] = entry["prediction"]
    missing = [name for name in ids if name not in found]
    if missing:
        raise BenchmarkError(f"{path} has {len(found):,} predictions for {len(ids):,} prompts: {missing[0]!r} is "
                             f"missing{f' and {len(missing) - 1:,} more' if missing[1:] else ''}; give null for none")
    return [found[name] for name in ids]


class Share(NamedTuple):
    """Figures of some prompts. `low` and `high` bound the share that is right, with 95 % confidence."""
    label: str
    prompts: int
    right: int
    share: float
    low: float
    high: float
    commonest: float        # the share of the commonest answer: what always giving the same one achieves


def wilson(right, count):
    """The 95 % confidence interval (low, high) of the share `right` of `count` > 0 (Wilson 1927, "Probable inference,
    the law of succession, and statistical inference")."""
    share, spread = right / count, Z * Z / count
    half = Z * math.sqrt(share * (1 - share) / count + spread / (4 * count))
    return tuple(min(max((share + spread / 2 + side * half) / (1 + spread), 0.0), 1.0) for side in (-1, 1))


def breakdown(lines, predictions):
    """[Share]: all lines; the grid's by operations, by wording and by size of number; then each theme's."""
    right = [is_right(prediction, line["answer"]) for prediction, line in zip(predictions, lines, strict=True)]

    def share(label, is_in):
        chosen = [n for n, line in enumerate(lines) if is_in(line)]
        answers, count = Counter(lines[n]["answer"] for n in chosen), sum(right[n] for n in chosen)
        return Share(label, len(chosen), count, count / len(chosen), *wilson(count, len(chosen)),
                     max(answers.values()) / len(chosen))

    def of_grid(**wanted):
        return lambda line: stratum_of(line) == GRID and all(line[name] == value for name, value in wanted.items())

    shares = [share("all", lambda line: True)]
    shares += [share(f"{n} operation{'s' * (n != 1)}", of_grid(n_ops=n)) for n in sorted({x["n_ops"] for x in lines})]
    shares += [share(name, of_grid(wording=name)) for name in dict.fromkeys(line["wording"] for line in lines)]
    shares += [share(label, lambda line, low=low, high=high: of_grid()(line) and low <= line["digits"] <= high)
               for label, (low, high) in SIZES.items()]
    return shares + [share(label, lambda line, name=name: stratum_of(line) == name) for name, label in THEMES.items()]
