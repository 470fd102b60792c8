"""Score a model's answers to the test set: the share that is right, and where it is.

    python -m data.dagset.benchmark --answers=FILE

FILE is line-JSON: {"prediction": ...}, one line for every prompt of test.jsonl in their order, as

    python evaluate.py --ckpt=PATH --file=data/dagset/benchmark/test.jsonl --out=FILE

writes them, or {"id": ..., "prediction": ...} in any order. README.md beside this file says which are right.
The table has 95 % confidence intervals (Wilson's) and the share of the commonest answer; the last line is all of it as
JSON. Rows by operations, wording and size of number are of the grid, those below them of the strata with a theme.
"""
import json
import math

from configurator import ConfigError, clear_errors, configure
from data.dagset import benchmark
from data.dagset.benchmark.scoring import breakdown, read_predictions

answers = ""                    # line-JSON of a model's predictions


def percent(value):
    # Shares are cut off, never rounded up: 99.996 is not 100.
    return f"{math.floor(1e4 * value + 1e-6) / 1e2:.2f}"


def table(shares):
    """Lines for people, shares in per cent."""
    rows = [("", "prompts", "right", "95 % interval", "commonest answer")]
    rows += [(share.label, f"{share.prompts:,}", percent(share.share), f"{percent(share.low)} - {percent(share.high)}",
              percent(share.commonest)) for share in shares]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  ".join(text.ljust(width) if c == 0 else text.rjust(width)
                      for c, (text, width) in enumerate(zip(row, widths))) for row in rows]


def main():
    if not answers:
        raise ConfigError("there are no answers to score: give --answers=FILE, a line {\"prediction\": ...} for every "
                          f"prompt of {benchmark.TEST_SET}")
    lines = benchmark.read_test_set()
    shares = breakdown(lines, read_predictions(answers, lines))
    print(f"{answers}: predictions for the {len(lines):,} prompts of test.jsonl, SHA-256 {benchmark.SHA256[:16]}...; "
          "shares in %")
    print("\n".join(table(shares)))
    figures = {share.label: {name: value for name, value in share._asdict().items() if name != "label"}
               for share in shares}
    print(json.dumps({"answers": answers, "sha256": benchmark.SHA256, **figures.pop("all"), "breakdown": figures}))


if __name__ == "__main__":
    with clear_errors():
        configure(globals())
        main()
