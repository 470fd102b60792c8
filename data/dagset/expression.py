"""Sample arithmetic expressions as tensors: the tree and its numbers, before any wording.

Example i of a split is a pure function of (seed, split, i). Train, validation and test are disjoint by content: a hash
of the numbers and operations of an expression picks its split, whatever their order, wording or notation, so a sum
can't be trained in digits and tested in English. Imports `counter_rng` alone.

Axes. N examples, always last, so that every field is contiguous; K slots for numbers, in reading order; D operators in
reading order (operator i stands between numbers i and i + 1); G groups of three integer digits, lowest first; F groups
of three decimals, highest first.
"""
from dataclasses import dataclass

import torch

from data.dagset.counter_rng import GOLDEN, chance, draw_fields, hash64, scaled, stream_keys

SPLITS = {"train": 0, "val": 1, "test": 2}
TEST_SIXTEENTHS, VAL_SIXTEENTHS = 1, 1        # shares of all content, in sixteenths; training has the rest
OPERATIONS = ("add", "subtract", "multiply", "divide")
MAX_DIGITS = 20                               # of a number before its point
MAX_ATTEMPTS = 2000                           # draws of one example before its ranges are called too narrow to split

LOWER_DIGITS = 12                             # integer digits that with six decimals fit into an int64
SHORT_DIGITS, SHORT_DECIMALS = 3, 2           # the most that a short number has
# What a number can be called where it multiplies: its name, its integer part and its thousandths,
MULTIPLES = (("half of", 0, 500), ("half of", 0, 500), ("a quarter of", 0, 250), ("three quarters of", 0, 750),
             ("twice", 2, 0), ("twice", 2, 0), ("double", 2, 0), ("triple", 3, 0), ("quadruple", 4, 0))
# where it divides what comes behind it, since a third is no decimal number,
PARTS = (("a third of", 3, 0), ("one third of", 3, 0), ("a fifth of", 5, 0), ("a tenth of", 10, 0), ("a sixth of", 6, 0),
         ("one fifth of", 5, 0), ("an eighth of", 8, 0), ("one tenth of", 10, 0))
# as numerators and as denominators of products,
NUMERATORS = (("two", 2, 0), ("two", 2, 0), ("three", 3, 0), ("two", 2, 0), ("four", 4, 0), ("three", 3, 0), ("five", 5, 0),
              ("five", 5, 0), ("seven", 7, 0), ("three", 3, 0))
DENOMINATORS = (("thirds of", 3, 0), ("thirds of", 3, 0), ("fifths of", 5, 0), ("fifths of", 5, 0), ("fifths of", 5, 0),
                ("eighths of", 8, 0), ("eighths of", 8, 0), ("sixths of", 6, 0), ("tenths of", 10, 0), ("fourths of", 4, 0))
# and where nothing but the operation names it: double it, halve it.
UNSAID = (("", 2, 0),)
NAMES = MULTIPLES + PARTS + NUMERATORS + DENOMINATORS + UNSAID
FIRST_PART, FIRST_NUMERATOR, FIRST_DENOMINATOR, FIRST_UNSAID = (
    1 + len(MULTIPLES + before) for before in (
        (), PARTS, PARTS + NUMERATORS, PARTS + NUMERATORS + DENOMINATORS))           # codes of `Expressions.name`
# What a mixed number ends in: its words and its thousandths.
FRACTIONS = (("and a half", 500), ("and a half", 500), ("and a quarter", 250), ("and three quarters", 750))

# Where each purpose's random lanes start
STRUCTURE_LANE, FRACTION_LANE, LIST_LANE, NUMBER_LANE, PERCENT_LANE, MULTIPLE_LANE = 0, 64, 128, 256, 448, 480
ROUND_LANE = 1024
ATTEMPT_LANE = 65535


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
    max_decimals: int = 4
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
    fraction_rate: float = 0.0        # share of numbers that end in a half or a quarter: two and a half, in digits 2.5
    list_rate: float = 0.0            # share of texts of several operations with a list: the sum of 12, 5 and 9
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
        if not 0 <= self.max_decimals <= 6:
            raise RangeError(f"max_decimals={self.max_decimals}: decimals must be 0 to 6")
        unknown = [name for name in self.operations if name not in OPERATIONS]
        if unknown or not self.operations:
            raise RangeError(f"operations {self.operations}: choose among {OPERATIONS}")
        for name in ("long_rate", "long_number_rate", "short_rate", "single_digit_rate", "integer_rate", "round_rate",
                     "negative_rate", "identity_rate", "zero_divisor_rate", "percent_rate", "multiple_rate", "fraction_rate",
                     "list_rate"):
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


@dataclass
class Expressions:
    """N expressions. Integer tensors are int32 unless said; `left`/`right` are slots in reading order."""
    n_ops: torch.Tensor             # (N,)
    operation: torch.Tensor         # (D, N) index into OPERATIONS, by operator in reading order
    first: torch.Tensor             # (D, N) first number of the operator's span
    last: torch.Tensor              # (D, N) last number of it
    step: torch.Tensor              # (D, N) post-order step of each operator
    left: torch.Tensor              # (D, N) slot of the operand read first: number < K, or K + step
    right: torch.Tensor             # (D, N)
    parent: torch.Tensor            # (D, D, N) bool: operator p is the parent of operator i at [p, i]
    is_right: torch.Tensor          # (D, N) bool: the operator is its parent's right child
    used: torch.Tensor              # (D, N) bool
    listed: torch.Tensor            # (D, N) bool: the operator is one of a list's, a left spine of one operation
    integer: torch.Tensor           # (G, K, N) groups of three digits
    decimal: torch.Tensor           # (F, K, N) groups of three digits, zero-filled on the right
    n_digits: torch.Tensor          # (K, N) integer digits, at least 1
    n_decimals: torch.Tensor        # (K, N)
    negative: torch.Tensor          # (K, N) bool
    integer_part: torch.Tensor      # (K, N) int64; beyond 18 digits what is left of it modulo 2**64
    decimal_part: torch.Tensor      # (K, N) int64, in units of 10**(-3 F)
    percent: torch.Tensor           # (K, N) bool: the number is written in percent
    name: torch.Tensor              # (K, N) 0, or 1 + index into NAMES: what a number is called there, if wording can
    fraction: torch.Tensor          # (K, N) 0, or 1 + index into FRACTIONS: what a mixed number ends in
    number_used: torch.Tensor       # (K, N) bool
    content: torch.Tensor           # (N,) int64 hash of what picks the split

    def units(self, decimals):
        """(upper, lower), each (K, N) int64 and below 10**18: the magnitudes, to `decimals` decimals, are
        upper * 10**(LOWER_DIGITS + decimals) + lower of their units. upper is None where no number has so many digits.
        """
        low, above = LOWER_DIGITS // 3, None
        below = self.integer_part
        if len(self.integer) > low:
            above, below = (joined_groups(groups.flip(0), vars(self)) for groups in (self.integer[low:],
                                                                                     self.integer[:low]))
        return above, below * 10 ** decimals + self.decimal_part // 10 ** (3 * len(self.decimal) - decimals)


def sample_structure(ranges, keys, num_initial_values):
    """Trees over the numbers, and their operations: a dict of `Expressions`' structural fields.

    A random merge order of the operators gives the tree; the operator merged last is the root. An operator's span
    ends where a neighbour of later merge stands, and post-order is by right end, then by shorter span.
    """
    D, K = ranges.depth, num_initial_values
    fields = draw_fields(keys, STRUCTURE_LANE, 3 + 2 * D)
    usual = ranges.usual_ops or ranges.max_ops
    n_ops = ranges.min_ops + scaled(fields[0], usual - ranges.min_ops + 1)
    if usual < ranges.max_ops:
        n_ops = torch.where(chance(fields[-1], ranges.long_rate), usual + 1 + scaled(fields[0], ranges.max_ops - usual),
                            n_ops)
    n_ops = n_ops * ~chance(fields[1], ranges.identity_rate)
    choices = torch.tensor([OPERATIONS.index(name) for name in ranges.operations], dtype=torch.int32,
                           device=keys.device)
    operation = choices.index_select(0, scaled(fields[2:2 + D], len(ranges.operations)).flatten()).view(D, -1)

    position = torch.arange(D, dtype=torch.int32, device=keys.device)[:, None]           # (D, 1)
    used = position < n_ops
    # Ties would make two roots: the operator's own position is the low part. Unused ones bound their neighbours.
    order = torch.where(used, fields[2 + D:2 + 2 * D] * 16 + position, 1 << 30)
    list_fields = draw_fields(keys, LIST_LANE, 2 + D) if ranges.list_rate else None
    if ranges.list_rate:
        # Half of the texts with a list go on from left to right, so that it is of single numbers.
        has_list = chance(list_fields[0], ranges.list_rate) & (n_ops > 1)
        order = torch.where(has_list & ((list_fields[1] & 1) == 0) & used, position, order)
    later = order[None] > order[:, None]                                                # [i, j]: j merges after i
    i, j = position[:, None], position[None]
    first = ((later & (j < i)) * (j + 1)).amax(1).to(torch.int32)
    last = D - ((later & (j > i)) * (D - j)).amax(1).to(torch.int32)

    listed = torch.zeros_like(used)
    if ranges.list_rate:
        operation, listed = settle_lists(ranges, list_fields[2:], operation, first, last, used & has_list)

    rank = torch.where(used, last * 32 + (31 - first), 1 << 20)
    step = (rank[None] < rank[:, None]).sum(1, dtype=torch.int32)

    both = used[:, None] & used[None]
    is_left_child = both & (j < i) & (last[None] == i) & (first[None] == first[:, None])       # [parent, child]
    is_right_child = both & (j > i) & (first[None] == i + 1) & (last[None] == last[:, None])
    left = torch.where(first == position, position, K + (is_left_child * step[None]).sum(1, dtype=torch.int32))
    right = torch.where(last == position + 1, position + 1, K + (is_right_child * step[None]).sum(1, dtype=torch.int32))
    return dict(n_ops=n_ops, operation=operation, first=first, last=last, step=step, left=left, right=right,
                parent=is_left_child | is_right_child, is_right=is_right_child.any(0), used=used, listed=listed)


def settle_lists(ranges, fields, operation, first, last, used):
    """(operation, listed), each (D, N): one operator of the `used` and its left spine become one sum or product."""
    position = torch.arange(len(used), dtype=torch.int32, device=used.device)[:, None]
    # The left operand of the list's last operator is an operation itself, so that there are three items and more.
    can_end = used & (first < position)
    end = torch.where(can_end, fields, -1).argmax(0, keepdim=True)
    listed = used & can_end.any(0) & (first == first.gather(0, end)) & (last <= last.gather(0, end))
    sums, products = ([name] if name in ranges.operations else [] for name in ("add", "multiply"))
    becomes = torch.tensor([OPERATIONS.index((sums + products if name in ("add", "subtract") else products + sums)[0])
                            for name in OPERATIONS], dtype=torch.int32, device=used.device)
    return torch.where(listed, becomes[operation.gather(0, end).long()], operation), listed


def sample_numbers(ranges, keys, num_initial_values):
    """Numbers digit group by digit group: a dict of `Expressions`' numeric fields, all K slots filled."""
    G, F, K, device = ranges.integer_groups, ranges.decimal_groups, num_initial_values, keys.device
    unusual = int(ranges.usual_digits > 0)
    fields = draw_fields(keys, NUMBER_LANE, (G + F + 4 + unusual) * K).view(G + F + 4 + unusual, K, -1)

    usual = ranges.usual_digits or ranges.max_digits
    n_digits = 1 + scaled(fields[0], usual)
    if unusual:
        n_digits = torch.where(chance(fields[-1], ranges.long_number_rate),
                               usual + 1 + scaled(fields[0], ranges.max_digits - usual), n_digits)
    short = None
    if ranges.short_rate:
        short = chance(draw_fields(keys, NUMBER_LANE - 2, 1)[0], ranges.short_rate)
        n_digits = torch.where(short, 1 + scaled(fields[0], min(usual, SHORT_DIGITS)), n_digits)
    single = None
    if ranges.short_rate and ranges.single_digit_rate:
        single = short & chance(draw_fields(keys, NUMBER_LANE - 3, 1)[0], ranges.single_digit_rate)
        n_digits = torch.where(single, 1, n_digits)
    flat = n_digits.flatten()
    power = torch.tensor([1, 10, 100, 1000], dtype=torch.int32, device=device)
    integer = []
    for g in range(G):
        # Group g of a number with c digits is uniform: in 0..999 below the leading group, whose first digit isn't 0.
        low, span = [], []
        for c in range(ranges.max_digits + 1):
            digits = min(max(c - 3 * g, 0), 3)
            leading = 0 < c - 3 * g <= 3
            low.append(10 ** (digits - 1) if leading and c > 1 else 0)
            span.append(10 ** digits - low[-1])
        low, span = (torch.tensor(table, dtype=torch.int32, device=device).index_select(0, flat).view_as(n_digits)
                     for table in (low, span))
        integer.append(low + scaled(fields[4 + g], span))

    if ranges.round_rate:
        # All but a number's first digits become zeros; how many are left is uniform, half of the rate whole texts.
        whole = ranges.round_rate / 2
        zeros = draw_fields(keys, ROUND_LANE, 1 + 2 * K)
        is_round = chance(zeros[0], whole) | chance(zeros[1:1 + K], whole / (1 - whole))
        zeros = scaled(zeros[1 + K:], n_digits) * is_round
        for g in range(G):
            integer[g] = integer[g] - integer[g] % power[(zeros - 3 * g).clamp(0, 3).long()]
    if F:
        n_decimals = 1 + scaled(fields[1], ranges.max_decimals)
        if short is not None:
            n_decimals = torch.where(short, 1 + scaled(fields[1], min(ranges.max_decimals, SHORT_DECIMALS)), n_decimals)
        n_decimals = n_decimals * ~chance(fields[3], ranges.integer_rate)
        if single is not None:
            n_decimals = n_decimals * ~single
        if ranges.round_rate:
            n_decimals = n_decimals * ~is_round
    else:
        n_decimals = torch.zeros_like(n_digits)
    decimal = []
    for f in range(F):
        digits = (n_decimals - 3 * f).clamp(0, 3).flatten()
        group = scaled(fields[4 + G + f].flatten(), power.index_select(0, digits)) * power.index_select(0, 3 - digits)
        decimal.append(group.view_as(n_decimals))

    integer = torch.stack(integer)
    decimal = torch.stack(decimal) if F else integer.new_zeros(0, *n_digits.shape)
    return dict(integer=integer, decimal=decimal, n_digits=n_digits, n_decimals=n_decimals,
                negative=chance(fields[2], ranges.negative_rate))


def settle_percents(ranges, keys, structure, numbers):
    """Numbers that are written in percent, in their share and as people use them: mostly of 1% to 200%."""
    D, like = structure["operation"].shape[0], numbers["n_digits"]
    numbers["percent"] = torch.zeros_like(numbers["negative"])
    if not ranges.percent_rate:
        return numbers
    fields = draw_fields(keys, PERCENT_LANE, 4 * len(like)).view(4, *like.shape)
    multiplied = torch.zeros_like(numbers["negative"])
    multiplied[:D] = structure["used"] & (structure["operation"] == OPERATIONS.index("multiply"))
    percent = chance(fields[0], ranges.percent_rate) | (chance(fields[0], min(4 * ranges.percent_rate, 1)) & multiplied)

    # Half are multiples of five up to a hundred. One in four has a decimal or two of its own, as far as there is room.
    written = torch.where((fields[1] & 1) == 0, 5 + 5 * scaled(fields[1], 20), 1 + scaled(fields[1], 200))
    places = torch.where((fields[2] & 3) == 0, 1 + scaled(fields[2], 2), 0).clamp(max=ranges.max_decimals - 2)
    own = torch.where(places == 1, 10 * scaled(fields[3], 10), torch.where(places == 2, scaled(fields[3], 100), 0))
    decimals = (written % 100 * 100 + own) * 100                                        # the first six
    groups = {"integer": {0: written // 100}, "decimal": {0: decimals // 1000, 1: decimals % 1000}}
    for name, filled in groups.items():
        for g in range(len(numbers[name])):
            numbers[name][g] = torch.where(percent, filled.get(g, 0), numbers[name][g])
    numbers["n_digits"] = torch.where(percent, 1, like)
    numbers["n_decimals"] = torch.where(percent, 2 + places, numbers["n_decimals"])
    numbers["percent"] = percent
    return numbers


def settle_names(ranges, keys, structure, numbers):
    """Numbers that have a name where they multiply or divide, 2 as in "twice 8", 2 and 3 as in "two thirds of 8"."""
    numbers["name"] = name = torch.zeros_like(numbers["n_digits"])
    if not ranges.multiple_rate:
        return numbers
    D, N = structure["operation"].shape
    position = torch.arange(D, dtype=torch.int32, device=keys.device)[:, None]
    *fields, text = draw_fields(keys, MULTIPLE_LANE, 3 * D + 1).split(D)
    multiplies, divides = (structure["used"] & (structure["operation"] == OPERATIONS.index(operation))
                           for operation in ("multiply", "divide"))
    chosen, of_number = chance(fields[0], ranges.multiple_rate), structure["first"] == position
    name[:D] = torch.where(multiplies & of_number & chosen, 1 + scaled(fields[1], len(MULTIPLES)), 0)
    name[:D] = torch.where(divides & of_number & chosen, FIRST_PART + scaled(fields[1], len(PARTS)), name[:D])
    # "Take 8, double it": in texts of their own, half of the operators that go on from the start by a number
    changes = (multiplies | divides) & (structure["first"] == 0) & (structure["last"] == position + 1)
    changes &= chance(text, ranges.multiple_rate) & ((fields[2] & 1) == 0)
    name[1:D + 1] = torch.where(changes, FIRST_UNSAID, name[1:D + 1])
    # "Two thirds of 8": products whose first operand is the quotient of two numbers
    fraction = divides & of_number & (structure["last"] == position + 1)
    of_it = multiplies[1:] & (structure["first"][1:] == position[:-1]) & fraction[:-1]
    of_it &= chance(fields[2][1:], min(8 * ranges.multiple_rate, 1))
    for at, first in ((0, FIRST_NUMERATOR), (1, FIRST_DENOMINATOR)):
        name[at:D - 1 + at] = torch.where(of_it, first + scaled(fields[1][1:], len(NUMERATORS)), name[at:D - 1 + at])

    has_name = name > 0
    integer, thousandths = (torch.tensor((0, *part), dtype=torch.int32, device=keys.device)[name.long()]
                            for part in list(zip(*NAMES))[1:])
    n_decimals = (thousandths > 0).to(torch.int32) + (thousandths % 100 > 0)
    for field, value in (("integer", integer), ("decimal", thousandths)):
        if len(numbers[field]):
            numbers[field][0] = torch.where(has_name, value, numbers[field][0])
            numbers[field][1:] *= ~has_name
    for field, value in (("n_digits", 1 + (integer > 9).to(torch.int32)), ("n_decimals", n_decimals), ("negative", False),
                         ("percent", False)):
        numbers[field] = torch.where(has_name, value, numbers[field])
    return numbers


def settle_fractions(ranges, keys, numbers):
    """Mixed numbers in their share, as in "two and a half". One that is below 1 is none: "a half" is half of what?"""
    numbers["fraction"] = torch.zeros_like(numbers["n_digits"])
    if not ranges.fraction_rate:
        return numbers
    fields = draw_fields(keys, FRACTION_LANE, 2 * len(numbers["n_digits"])).view(2, *numbers["n_digits"].shape)
    chosen = chance(fields[0], ranges.fraction_rate) & ~numbers["percent"] & (numbers["name"] == 0)
    chosen &= numbers["integer"].sum(0) > 0
    index = scaled(fields[1], len(FRACTIONS))
    thousandths = torch.tensor([each for _, each in FRACTIONS], dtype=torch.int32, device=keys.device)[index.long()]
    numbers["fraction"] = torch.where(chosen, 1 + index, 0).to(torch.int32)
    numbers["decimal"][0] = torch.where(chosen, thousandths, numbers["decimal"][0])
    numbers["decimal"][1:] *= ~chosen
    numbers["n_decimals"] = torch.where(chosen, 1 + (thousandths % 100 > 0).to(torch.int32), numbers["n_decimals"])
    return numbers


def settle_divisors(ranges, keys, structure, numbers):
    """Zero divisors in their named share, and no other number is a zero divisor; zeros are never negative."""
    D = structure["operation"].shape[0]
    divides = structure["used"] & (structure["operation"] == OPERATIONS.index("divide"))
    divides &= structure["last"] == torch.arange(1, D + 1, dtype=torch.int32, device=keys.device)[:, None]
    divides &= numbers["name"].roll(-1, 0)[:D] == 0
    wanted = chance(draw_fields(keys, NUMBER_LANE - 1, 1)[0], ranges.zero_divisor_rate)
    first_of_them = divides & (divides.cumsum(0) == 1)
    make_zero = torch.zeros_like(numbers["negative"])
    make_zero[1:D + 1] = first_of_them & wanted
    is_divisor = torch.zeros_like(make_zero)
    is_divisor[1:D + 1] = divides

    numbers["integer"] = numbers["integer"] * ~make_zero
    numbers["decimal"] = numbers["decimal"] * ~make_zero
    numbers["n_digits"] = torch.where(make_zero, 1, numbers["n_digits"])
    numbers["fraction"] = numbers["fraction"] * ~make_zero
    is_zero = (numbers["integer"].sum(0) + numbers["decimal"].sum(0)) == 0
    numbers["integer"][0] += (is_zero & is_divisor & ~make_zero).to(torch.int32)
    numbers["negative"] = numbers["negative"] & (~is_zero | (is_divisor & ~make_zero))
    return numbers


def joined_groups(groups, like):
    """Groups of three digits (groups, K, N), highest first, as whole numbers (K, N) int64 of the shape of n_digits."""
    value = torch.zeros_like(like["n_digits"], dtype=torch.int64)
    for group in groups:
        value = value * 1000 + group
    return value


def draw_numbers(ranges, keys, structure, number_used):
    """Numbers that suit the operations, with the hash of their content: a dict of `Expressions`' fields."""
    numbers = settle_percents(ranges, keys, structure, sample_numbers(ranges, keys, len(number_used)))
    numbers = settle_names(ranges, keys, structure, numbers)
    numbers = settle_fractions(ranges, keys, numbers)
    numbers = settle_divisors(ranges, keys, structure, numbers)
    numbers["integer_part"] = joined_groups(numbers["integer"].flip(0), numbers)
    numbers["decimal_part"] = joined_groups(numbers["decimal"], numbers)
    numbers["content"] = content_hash(structure, numbers, number_used)
    return numbers


def content_hash(structure, numbers, number_used):
    """(N,) int64: a hash of the numbers and operations alone, in whatever order or notation."""
    F = numbers["decimal"].shape[0]
    decimals = numbers["decimal_part"] * 1000 ** (2 - F)     # to six decimals, so that ranges don't move a split
    number = hash64(hash64(numbers["integer_part"] * 2 + numbers["negative"]) + decimals * GOLDEN)
    operation = hash64(torch.arange(1, len(OPERATIONS) + 1, device=number.device) * GOLDEN)
    operation = operation.index_select(0, structure["operation"].flatten()).view(structure["operation"].shape)
    content = (number * number_used).sum(0) + (operation * structure["used"]).sum(0)
    return hash64(content)


def split_of(content):
    """Split codes (N,) of content hashes."""
    bucket = content & 15
    return ((bucket < TEST_SIXTEENTHS) * SPLITS["test"]
            + ((bucket >= TEST_SIXTEENTHS) & (bucket < TEST_SIXTEENTHS + VAL_SIXTEENTHS)) * SPLITS["val"])


def sample_expressions(ranges, seed, split, index, num_initial_values):
    """Examples `index` (N,) int64 of `split` ("train", "val", "test") as `Expressions`, on index's device.

    The structure is drawn once; the numbers are drawn again, under a new key, until their content falls in the split.
    num_initial_values (K) is at least ranges.max_ops + 1. Raises RangeError where the ranges are too narrow for that.
    """
    K, code = num_initial_values, SPLITS[split]
    keys = stream_keys(seed, code, index)
    structure = sample_structure(ranges, keys, K)
    number_used = torch.arange(K, dtype=torch.int32, device=index.device)[:, None] <= structure["n_ops"]

    numbers = draw_numbers(ranges, keys, structure, number_used)
    todo = (split_of(numbers["content"]) != code).nonzero().squeeze(1)
    attempt = 0
    while len(todo) and attempt < MAX_ATTEMPTS:
        # The fewer are left, the more attempts are made at once; an example takes its first that fits, so that the
        # company it is drawn in changes nothing.
        at_once = max(1, min(64, 512 // len(todo)))
        lane = torch.arange(attempt, attempt + at_once, device=index.device)
        part_keys = hash64(keys[todo, None] + (ATTEMPT_LANE + lane) * GOLDEN).flatten()              # (todo at_once,)
        again = todo.repeat_interleave(at_once)
        part = {name: structure[name][..., again] for name in ("operation", "first", "last", "used")}
        drawn = draw_numbers(ranges, part_keys, part, number_used[:, again])
        fits = (split_of(drawn["content"]) == code).view(-1, at_once)
        found = fits.any(1)
        took = (fits.int().argmax(1) + torch.arange(len(todo), device=index.device) * at_once)[found]
        for name, value in drawn.items():
            numbers[name][..., todo[found]] = value[..., took]
        todo, attempt = todo[~found], attempt + at_once
    if len(todo) == 0:
        return Expressions(**structure, **numbers, number_used=number_used)
    raise RangeError(f"{len(todo)} of {len(index)} examples found no content of the {split!r} split in {MAX_ATTEMPTS} "
                     "draws: the ranges are too narrow to be split; raise max_digits, max_decimals or max_ops")
