"""What expressions are made of: the settings of the stream that say which, in ranges and rates. Imports nothing of ours."""
from dataclasses import dataclass

SPLITS = {"train": 0, "val": 1, "test": 2}
OPERATIONS = ("add", "subtract", "multiply", "divide")
MAX_DIGITS = 20                               # of a number before its point
MAX_DECIMALS = 12


class RangeError(Exception):
    """Settings that no expression, or too few, can satisfy."""
    is_user_error = True


@dataclass(frozen=True)
class Ranges:
    """What expressions are made of. Rates are probabilities."""
    min_ops: int = 1
    max_ops: int = 3
    usual_ops: int = 0                # texts of more operations come at long_rate alone; 0: none is unusual
    long_rate: float = 0.1
    max_digits: int = 4               # integer digits; their number is uniform in 1 .. max_digits (log-uniform size)
    usual_digits: int = 0             # numbers of more come at long_number_rate alone; 0: none is unusual
    long_number_rate: float = 0.1
    short_rate: float = 0.0           # share of examples whose numbers, but percents, have at most 3 digits, 2 decimals
    single_digit_rate: float = 0.0    # share of those whose numbers, but percents and fractions, have a single digit
    max_decimals: int = 4             # uniform in 1 .. max_decimals where a number has any
    usual_decimals: int = 0           # numbers of more come at long_number_rate alone; 0: none is unusual
    integer_rate: float = 0.5         # share of numbers without decimals
    round_rate: float = 0.0           # share of integers that keep only some first digits, 30 or 2,500,000; half of it
                                      # as whole texts
    negative_rate: float = 0.15       # share of negative numbers
    identity_rate: float = 0.02       # share of examples that are a single number
    zero_divisor_rate: float = 0.01   # share of divisions by a number without a name, the first of an example, by zero
    percent_rate: float = 0.0         # share of numbers in percent: 25% is 0.25; four times that before a product
    multiple_rate: float = 0.0        # share of products and quotients of a number where it has a name: twice 8, a third
                                      # of 8; eight times that of products of a fraction: two thirds of
                                      # 8; and of texts in which numbers are 2 to be doubled by: 8, double it
    fraction_rate: float = 0.0        # share of numbers that end in a half or a quarter: two and a half
    list_rate: float = 0.0            # share of texts of several operations with a list: the sum of 12, 5 and 9
    formula_rate: float = 0.0         # share of texts that come to what scenes are listed under (`formulas.py`), each scene as
                                      # often as others; stories leave some of the numbers unsaid: the average of 8 and 12
    positive_rate: float = 0.0        # share of those whose numbers are such that no step comes to zero or less, as people's do
    operations: tuple = OPERATIONS

    def __post_init__(self):
        if not 0 <= self.min_ops <= self.max_ops <= 15:
            raise RangeError(f"min_ops={self.min_ops}, max_ops={self.max_ops}: need 0 <= min_ops <= max_ops <= 15")
        if self.usual_ops and not self.min_ops <= self.usual_ops < self.max_ops:
            raise RangeError(f"usual_ops={self.usual_ops} must be from min_ops={self.min_ops} to less than "
                             f"max_ops={self.max_ops}, or 0 for none")
        if not 1 <= self.max_digits <= MAX_DIGITS:
            raise RangeError(f"max_digits={self.max_digits}: integer digits must be 1 to {MAX_DIGITS}")
        if self.usual_digits and not 1 <= self.usual_digits < self.max_digits:
            raise RangeError(f"usual_digits={self.usual_digits} must be from 1 to less than max_digits="
                             f"{self.max_digits}, or 0 for none")
        if not 0 <= self.max_decimals <= MAX_DECIMALS:
            raise RangeError(f"max_decimals={self.max_decimals}: decimals must be 0 to {MAX_DECIMALS}")
        if self.usual_decimals and not 1 <= self.usual_decimals < self.max_decimals:
            raise RangeError(f"usual_decimals={self.usual_decimals} must be from 1 to less than max_decimals="
                             f"{self.max_decimals}, or 0 for none")
        unknown = [name for name in self.operations if name not in OPERATIONS]
        if unknown or not self.operations:
            raise RangeError(f"operations {self.operations}: choose among {OPERATIONS}")
        for name in ("long_rate", "long_number_rate", "short_rate", "single_digit_rate", "integer_rate", "round_rate",
                     "negative_rate", "identity_rate", "zero_divisor_rate", "percent_rate", "multiple_rate", "fraction_rate",
                     "list_rate", "formula_rate", "positive_rate"):
            if not 0 <= getattr(self, name) <= 1:
                raise RangeError(f"{name}={getattr(self, name)}: a rate lies between 0 and 1")
        for name in ("percent_rate", "multiple_rate", "fraction_rate"):
            if getattr(self, name) and self.max_decimals < 2:
                raise RangeError(f"{name}={getattr(self, name)}, max_decimals={self.max_decimals}: percents and "
                                 f"quarters have two decimals, raise max_decimals to 2 or set {name} to 0")
        if self.multiple_rate and self.max_digits < 2:
            raise RangeError(f"multiple_rate={self.multiple_rate}, max_digits={self.max_digits}: \"a tenth of\" is a number "
                             "of two digits, raise max_digits to 2 or set multiple_rate to 0")
        if self.list_rate and not {"add", "multiply"} & set(self.operations):
            raise RangeError(f"list_rate={self.list_rate}, operations={self.operations}: lists are sums and products, "
                             "add one of the two to operations or set list_rate to 0")

    @property
    def depth(self):
        return max(self.max_ops, 1)

    @property
    def integer_groups(self):
        return -(-self.max_digits // 3)

    @property
    def decimal_groups(self):
        return -(-self.max_decimals // 3)
