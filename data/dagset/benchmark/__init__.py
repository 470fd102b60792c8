"""The frozen test set, test.jsonl beside this file, read back whole or not at all. README.md says what it is.

`make` made it, once; `scoring` says which predictions are right; `python -m data.dagset.benchmark` prints the figures.
Imports nothing of ours.
"""
import hashlib
import json
from pathlib import Path

TEST_SET = Path(__file__).with_name("test.jsonl")
SHA256 = "fb5dd4afbc269b28deaaee96f271ac9cda8483004e999c13f201f6a9adfc5559"
GRID = "grid"                                       # the stratum that is even in operations, wordings and sizes
SIZES = {"numbers of 1 to 4 digits": (1, 4), "of 5 to 12 digits": (5, 12), "of 13 to 20 digits": (13, 20)}
# Beside the grid: the strata with a theme, by the name that ids begin with.
THEMES = {"undefined": "division by zero", "sum20": "sums of 20 digits", "product9": "products of 9 x 9 digits",
          "product11": "products of 11 x 11 digits", "percent": "percents", "implicit": "no times sign: 2(3 + 4)"}


class BenchmarkError(Exception):
    """A test set or answers that can't be used; one line."""
    is_user_error = True


def read_test_set(path=TEST_SET):
    """The lines of the test set, dicts in the file's order. Raises BenchmarkError where it isn't, byte for byte, the
    set that figures are given for."""
    content = Path(path).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise BenchmarkError(f"{path} has the SHA-256 {found[:16]}..., the test set has {SHA256[:16]}...: it was "
                             f"changed, and its figures would compare with nobody's; `git checkout -- {path}` "
                             "brings it back")
    return [json.loads(line) for line in content.splitlines()]


def stratum_of(line):
    """The stratum of a line: GRID or one of THEMES."""
    return line["id"].rpartition("-")[0]
