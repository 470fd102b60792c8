"""Draw the numbers of expressions, digit group by digit group, and give some of them names.

Axes as in `expression.py`. Imports `counter_rng`, `formulas` and `ranges`.
"""
import functools

import torch

from data.dagset.counter_rng import GOLDEN, chance, draw_fields, hash64, scaled
from data.dagset.formulas import LISTED, outline
from data.dagset.ranges import OPERATIONS

SHORT_DIGITS, SHORT_DECIMALS = 3, 2           # the most that a short number has
# What a number can be called where it multiplies: its name, its integer part and its thousandths,
MULTIPLES = (("half of", 0, 500), ("half of", 0, 500), ("a quarter of", 0, 250), ("three quarters of", 0, 750),
             ("twice", 2, 0), ("twice", 2, 0), ("double", 2, 0), ("triple", 3, 0), ("quadruple", 4, 0),
             ("twice as much as", 2, 0), ("half as much as", 0, 500))
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

# What a number of a formula is: any, one in percent, another one again (ONE_AGAIN less its place) or itself.
ANY, IN_PERCENT, ONE_AGAIN = 0, -1, -2

# Where each purpose's random lanes start; those of `expression.py` lie between
FRACTION_LANE, NUMBER_LANE, PERCENT_LANE, MULTIPLE_LANE, ROUND_LANE = 64, 256, 448, 480, 1024


def sample_numbers(ranges, keys, num_initial_values):
    """Numbers digit group by digit group: a dict of `Expressions`' numeric fields, all K slots filled."""
    G, F, K, device = ranges.integer_groups, ranges.decimal_groups, num_initial_values, keys.device
    unusual = (ranges.usual_digits > 0) + (ranges.usual_decimals > 0)
    fields = draw_fields(keys, NUMBER_LANE, (G + F + 4 + unusual) * K).view(G + F + 4 + unusual, K, -1)

    usual = ranges.usual_digits or ranges.max_digits
    n_digits = 1 + scaled(fields[0], usual)
    if ranges.usual_digits:
        n_digits = torch.where(chance(fields[4 + G + F], ranges.long_number_rate),
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
        usual = ranges.usual_decimals or ranges.max_decimals
        n_decimals = 1 + scaled(fields[1], usual)
        if ranges.usual_decimals:
            n_decimals = torch.where(chance(fields[-1], ranges.long_number_rate),
                                     usual + 1 + scaled(fields[1], ranges.max_decimals - usual), n_decimals)
        if short is not None:
            n_decimals = torch.where(short, 1 + scaled(fields[1], min(usual, SHORT_DECIMALS)), n_decimals)
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
    if ranges.formula_rate:
        kind = kinds_table(len(like), keys.device).index_select(1, structure["formula"])
        percent = torch.where(structure["formula"] > 0, kind == IN_PERCENT, percent)

    # Half are multiples of five up to a hundred. One in four has a decimal or two of its own, as far as there is room.
    most = torch.where(structure["formula"] > 0, 100, 200)          # nobody sells 150% of his apples
    written = torch.where((fields[1] & 1) == 0, 5 + 5 * scaled(fields[1], 20), 1 + scaled(fields[1], most))
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


def kinds_of(leaves):
    """A code for each of a formula's leaves as `outline` has them: ANY, IN_PERCENT, ONE_AGAIN less the place of the number it
    repeats, or, if positive, 1 more than the number itself."""
    return [1 + int(leaf) if leaf.isdigit() else ONE_AGAIN - leaves.index(leaf) if leaves.index(leaf) < place
            else IN_PERCENT if leaf.isupper() else ANY for place, leaf in enumerate(leaves)]


@functools.lru_cache(maxsize=8)
def kinds_table(K, device):
    """(K, 1 + formulas) int32: `kinds_of` each formula, behind a column for texts that are none."""
    rows = [K * [ANY], *(kinds_of(outline(formula)[1]) for formula in LISTED)]
    return torch.tensor([(row + K * [ANY])[:K] for row in rows], dtype=torch.int32, device=device).t().contiguous()


@functools.lru_cache(maxsize=8)
def places_table(K, device):
    """(K, 1 + formulas) int64: where in the text the leaves of each formula's tree stand, as `outline` has it, behind a column
    for texts that are none."""
    rows = [[], *(outline(formula)[2] for formula in LISTED)]
    return torch.tensor([[*row, *range(len(row), K)][:K] for row in rows], device=device).t().contiguous()


def settle_formulas(ranges, structure, numbers):
    """Numbers of formulas that are given by them, and none of theirs negative."""
    formula = structure["formula"]
    numbers["unsaid"] = torch.zeros_like(numbers["negative"])
    if not ranges.formula_rate:
        return numbers
    kind = kinds_table(len(numbers["n_digits"]), formula.device).index_select(1, formula)                # (K, N)
    constant, again, value = kind > 0, kind <= ONE_AGAIN, kind - 1
    numbers["negative"] = numbers["negative"] & (formula == 0)
    for g in range(len(numbers["integer"])):
        group = value // 1000 ** g % 1000 if g < 3 else 0                                   # of an int32
        numbers["integer"][g] = torch.where(constant, group, numbers["integer"][g])
    numbers["decimal"] = numbers["decimal"] * ~constant
    n_digits = 1 + sum((value >= 10 ** places).to(torch.int32) for places in range(1, 10))
    numbers["n_digits"] = torch.where(constant, n_digits, numbers["n_digits"]).to(torch.int32)
    numbers["n_decimals"] = numbers["n_decimals"] * ~constant
    numbers["unsaid"] = constant | again
    return numbers


def settle_repeats(ranges, structure, numbers):
    """Numbers of formulas that are others again. Comes last, so that they stay the same."""
    if not ranges.formula_rate:
        return numbers
    kind = kinds_table(len(numbers["n_digits"]), structure["formula"].device).index_select(1, structure["formula"])      # (K, N)
    position = torch.arange(len(kind), dtype=torch.int32, device=kind.device)[:, None]
    source = torch.where(kind <= ONE_AGAIN, ONE_AGAIN - kind, position).long()
    for name in ("integer", "decimal", "n_digits", "n_decimals"):
        values = numbers[name]
        numbers[name] = values.gather(-2, source.expand_as(values))
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

    name *= structure["formula"] == 0
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


def settle_fractions(ranges, keys, structure, numbers):
    """Mixed numbers in their share, as in "two and a half". One that is below 1 is none: "a half" is half of what?"""
    numbers["fraction"] = torch.zeros_like(numbers["n_digits"])
    if not ranges.fraction_rate:
        return numbers
    fields = draw_fields(keys, FRACTION_LANE, 2 * len(numbers["n_digits"])).view(2, *numbers["n_digits"].shape)
    chosen = chance(fields[0], ranges.fraction_rate) & ~numbers["percent"] & (numbers["name"] == 0)
    chosen &= numbers["integer"].sum(0) > 0
    if ranges.formula_rate:
        chosen &= kinds_table(len(chosen), keys.device).index_select(1, structure["formula"]) == ANY
    index = scaled(fields[1], len(FRACTIONS))
    thousandths = torch.tensor([each for _, each in FRACTIONS], dtype=torch.int32, device=keys.device)[index.long()]
    numbers["fraction"] = torch.where(chosen, 1 + index, 0).to(torch.int32)
    numbers["decimal"][0] = torch.where(chosen, thousandths, numbers["decimal"][0])
    numbers["decimal"][1:] *= ~chosen
    numbers["n_decimals"] = torch.where(chosen, 1 + (thousandths % 100 > 0).to(torch.int32), numbers["n_decimals"])
    return numbers


def settle_divisors(ranges, keys, structure, numbers):
    """Zero divisors in their named share, and no other number is one behind what it divides, unless as a repeat of another;
    zeros are never negative."""
    D = structure["operation"].shape[0]
    divides = structure["used"] & (structure["operation"] == OPERATIONS.index("divide"))
    divides &= structure["last"] == torch.arange(1, D + 1, dtype=torch.int32, device=keys.device)[:, None]
    can_be_zero = (numbers["name"] == 0) & ~numbers["unsaid"]
    places = places_table(len(can_be_zero), can_be_zero.device).index_select(1, structure["formula"]) if ranges.formula_rate else None
    if places is not None:
        can_be_zero = can_be_zero.gather(0, places)
    divides &= can_be_zero.roll(-1, 0)[:D]
    wanted = chance(draw_fields(keys, NUMBER_LANE - 1, 1)[0], ranges.zero_divisor_rate)
    first_of_them = divides & (divides.cumsum(0) == 1)
    make_zero = torch.zeros_like(numbers["negative"])
    make_zero[1:D + 1] = first_of_them & wanted
    is_divisor = torch.zeros_like(make_zero)
    is_divisor[1:D + 1] = divides
    if places is not None:                      # from the tree's order to that of a story; other texts keep the tree's
        make_zero, in_story = (torch.empty_like(is_it).scatter_(0, places, is_it) for is_it in (make_zero, is_divisor))
        is_divisor |= in_story

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
    numbers = settle_fractions(ranges, keys, structure, numbers)
    numbers = settle_formulas(ranges, structure, numbers)
    numbers = settle_repeats(ranges, structure, settle_divisors(ranges, keys, structure, numbers))
    numbers["integer_part"] = joined_groups(numbers["integer"].flip(0), numbers)
    numbers["decimal_part"] = joined_groups(numbers["decimal"], numbers)
    numbers["content"] = content_hash(structure, numbers, number_used)
    return numbers


def content_hash(structure, numbers, number_used):
    """(N,) int64: a hash of the numbers and operations alone, in whatever order or notation."""
    F = numbers["decimal"].shape[0]
    # Six decimals, and more where there are any, so that ranges don't move a split
    decimals = numbers["decimal_part"] * 1000 ** max(2 - F, 0)
    unit = 1000 ** max(F - 2, 0)
    rest = decimals % unit
    number = hash64(hash64(numbers["integer_part"] * 2 + numbers["negative"]) + decimals // unit * GOLDEN
                    + hash64(rest) * (rest > 0))
    operation = hash64(torch.arange(1, len(OPERATIONS) + 1, device=number.device) * GOLDEN)
    operation = operation.index_select(0, structure["operation"].flatten()).view(structure["operation"].shape)
    content = (number * number_used).sum(0) + (operation * structure["used"]).sum(0)
    return hash64(content)
