"""Exact arithmetic on tensors: sums of float64, plans run on them, and their values as decimal characters.

A value is an unevaluated sum of two float64 tensors, a pair (high, low), |low| <= half a unit in the last place of
high, which holds about 31 decimal digits (double-double arithmetic: Dekker 1971, doi:10.1007/BF01397083; Hida, Li and
Bailey 2001, "Library for double-double and quad-double arithmetic"), or of three, a triple, which holds about 47
(Fabiano, Muller and Picot 2019, "Algorithms for triple-word arithmetic", doi:10.1109/TC.2019.2918451). `n_parts` says
what numbers and answers of so many digits need; every function takes both kinds. Both the stream, whose labels must be
right, and the model, whose answers must be, compute in it. Imports torch alone.

Axes: `...` any leading axes; K numbers; D steps; S = K + D slots; O operations; P digits of a number; C characters.
"""
import torch

OPERATIONS = ("add", "subtract", "multiply", "divide", "identity")
# Magnitudes beyond this count as overflow: the product of any two values within it is still finite in float64.
MAX_MAGNITUDE = 1e150
# By parts of a value: a bound on an operation's rounding, relative to its result or, in a sum, to the larger term; and
# how far, relative to a value, its decimals may lie from a tie and be taken for one.
ROUNDING = {2: 2.0 ** -101, 3: 2.0 ** -150}
TIE = {2: 2.0 ** -98, 3: 2.0 ** -147}
# Pairs hold values of 31 digits, but what rounding leaves of a tie must lie far below the last digit of a product, which
# has twice its factors' decimals: from the first digit of an answer to that one there are at most PAIR_PRODUCT_DIGITS.
# Triples do so to 45, so that of factors of 12 decimals products below 10**20 are rounded rightly however near a tie they lie.
PAIR_DIGITS, PAIR_PRODUCT_DIGITS = 22, 28
MAX_NUMBER_DIGITS = 32            # of a number that is read, decimals included: two int64 hold it
MAX_ANSWER_DIGITS, MAX_ANSWER_DECIMALS = 25, 12
HALF = 15                         # decimal digits that a float64 holds whatever they are
LOWER = 18                        # decimal digits that an int64 holds whatever they are

# What an answer is written with, beside the digits 0 to 9. An answer's first character is SPACE or MINUS, or
# UNDEFINED or TOO, which is followed by LARGE; its last is END; NOTHING comes after it.
POINT, SPACE, MINUS, END, UNDEFINED, TOO, LARGE, NOTHING = range(10, 18)
N_CHARACTERS = 18


# ---- pairs and triples --------------------------------------------------------------------------------------------

def two_sum(a, b):
    """(fl(a + b), what it rounded away), exactly (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def quick_two_sum(a, b):
    """`two_sum` for |a| >= |b|."""
    total = a + b
    return total, b - (total - a)


def two_product(a, b):
    """(fl(a b), what it rounded away), exactly within MAX_MAGNITUDE (Dekker; Veltkamp's splitting)."""
    def split(x):
        scaled = 134217729.0 * x                # 2**27 + 1
        high = scaled - (scaled - x)
        return high, x - high

    product = a * b
    (a1, a2), (b1, b2) = split(a), split(b)
    return product, ((a1 * b1 - product) + a1 * b2 + a2 * b1) + a2 * b2


def normalised(a, b, c):
    """A triple of three terms of falling magnitude that may overlap."""
    b, c = two_sum(b, c)
    a, b = two_sum(a, b)
    return a, *quick_two_sum(b, c)


def add(x, y):
    """x + y; decimals that cancel may leave their rounding, which `execute` takes for the zero it is."""
    high, low = two_sum(x[0], y[0])
    more, rest = two_sum(x[1], y[1])
    if len(x) == 3:
        low, carry = two_sum(low, more)
        return normalised(high, low, x[2] + y[2] + (rest + carry))
    high, low = quick_two_sum(high, low + more)
    return quick_two_sum(high, low + rest)


def negate(x):
    return tuple(-part for part in x)


def multiply(x, y):
    if len(x) == 2:
        high, low = two_product(x[0], y[0])
        return quick_two_sum(high, low + (x[0] * y[1] + x[1] * y[0]))
    # One product of stacked tensors, not three: on a GPU every operation costs its launch.
    (high, first, second), (low, *rests) = (part.unbind() for part in two_product(torch.stack((x[0], x[0], x[1])),
                                                                                 torch.stack((y[0], y[1], y[0]))))
    middle, rest = two_sum(first, second)
    low, carry = two_sum(low, middle)
    return normalised(high, low, x[0] * y[2] + x[1] * y[1] + x[2] * y[0] + (rests[0] + rests[1]) + (rest + carry))


def scale(x, factor):
    """x times a float64 tensor."""
    if len(x) == 2:
        high, low = two_product(x[0], factor)
        return quick_two_sum(high, low + x[1] * factor)
    (high, middle), (low, rest) = (part.unbind() for part in two_product(torch.stack(x[:2]), factor))
    low, carry = two_sum(low, middle)
    return normalised(high, low, x[2] * factor + (rest + carry))


def divide(x, y):
    """x / y, y not zero, by three steps of long division, of triples four; beyond MAX_MAGNITUDE as float64 has it, or
    inf."""
    first = x[0] / y[0]
    rest = add(x, negate(scale(y, first)))
    if len(x) == 2:
        second = rest[0] / y[0]
        rest = add(rest, negate(scale(y, second)))
        high, low = quick_two_sum(first, second)
        quotient = quick_two_sum(high, low + rest[0] / y[0])
    else:                         # what remains is 2**-53 of x: its first two parts say enough of it
        quotient = normalised(first, *divide(rest[:2], y[:2]))
    # What overflows has no remainder: infinity less infinity would make a NaN of it.
    overflows = first.abs() > MAX_MAGNITUDE
    return torch.where(overflows, first, quotient[0]), *(part.masked_fill(overflows, 0.0) for part in quotient[1:])


# ---- numbers ------------------------------------------------------------------------------------------------------

def n_parts(places, answer_places):
    """The parts, 2 or 3, of values that keep numbers of places = (integer digits, decimals) and answers of
    answer_places right to the last digit."""
    fits = max(sum(places), sum(answer_places)) <= PAIR_DIGITS
    return 2 if fits and answer_places[0] + 2 * places[1] <= PAIR_PRODUCT_DIGITS else 3


def from_scaled(integer, decimals, parts=2, upper=None, shift=LOWER):
    """integer (...,) int64 of magnitude up to 10**18, in units of 10**-decimals (0 to 18), as a pair or triple.

    upper (...,) int64 of the same sign and magnitude up to 10**14: the number is upper 10**shift + integer such units,
    shift up to 22. A triple holds all of that; a pair 31 digits.
    """
    high = integer.double()
    value = high, (integer - high.to(torch.int64)).double(), *[torch.zeros_like(high)] * (parts - 2)
    if upper is not None:
        above = two_product(upper.double(), torch.full_like(high, 10.0 ** shift))
        value = add((*above, *value[2:]), value)
    if decimals == 0:
        return value
    return divide(value, (torch.full_like(high, 10.0 ** decimals), *[torch.zeros_like(high)] * (parts - 1)))


def spelled_integers(digits):
    """(upper, integer), each (...,) int64: digits (..., P) int64, most significant first, spell upper 10**LOWER +
    integer; upper is None where P is at most LOWER."""
    def spelled(some):
        return (some * 10 ** torch.arange(some.shape[-1] - 1, -1, -1, dtype=torch.int64, device=some.device)).sum(-1)

    above = digits.shape[-1] - LOWER
    return (spelled(digits[..., :above]), spelled(digits[..., above:])) if above > 0 else (None, spelled(digits))


def from_digits(digits, negative, decimals, parts=2):
    """Numbers (...,) of digits (..., P) int64, P up to MAX_NUMBER_DIGITS, the last `decimals` of them behind the point;
    negative where `negative` (...,) bool says so."""
    upper, integer = (half if half is None else torch.where(negative, -half, half) for half in spelled_integers(digits))
    return from_scaled(integer, decimals, parts, upper)


# ---- plans --------------------------------------------------------------------------------------------------------

def execute(numbers, operation, operand1, operand2, dag_ops):
    """`execute_with_bounds` without the bounds: (high, low, defined), or (high, low, lowest, defined)."""
    return execute_with_bounds(numbers, operation, operand1, operand2, dag_ops)[:-1]


def execute_with_bounds(numbers, operation, operand1, operand2, dag_ops):
    """Run plans of indices: numbers a pair or triple of (..., K) float64; operation, operand1, operand2 (..., D) int64.

    Returns (the two or three parts (..., S), defined (..., S) bool, bound (..., S)), always finite. Division by zero
    and magnitudes beyond MAX_MAGNITUDE are undefined, with the value 0 or the bound; a slot computed from an undefined
    one is undefined. Raises ValueError for a name in dag_ops that is none of OPERATIONS.

    Decimals aren't exact in binary, so 0.1 + 0.2 - 0.3 leaves a remainder. `bound` is how far rounding can have moved
    each slot, and a sum within it is zero: dividing by it is undefined.
    """
    for name in dag_ops:
        if name not in OPERATIONS:
            raise ValueError(f"unknown operation {name!r}; there are {', '.join(OPERATIONS)}")
    code = {name: dag_ops.index(name) if name in dag_ops else -1 for name in OPERATIONS}
    rounding = ROUNDING[len(numbers)]
    slots = [[*part.double().unbind(-1)] for part in numbers]
    defined = [*torch.ones_like(numbers[0], dtype=torch.bool).unbind(-1)]
    errors = [number.abs() * rounding for number in slots[0]]
    for s in range(operation.shape[-1]):
        *values, known, error = (torch.stack(part, -1) for part in (*slots, defined, errors))
        first, second, chosen = operand1[..., s, None], operand2[..., s, None], operation[..., s]
        is_divided = chosen == code["divide"]
        a, b = (tuple(part.gather(-1, at)[..., 0] for part in values) for at in (first, second))
        error_a, error_b = (error.gather(-1, at)[..., 0] for at in (first, second))

        is_subtracted = chosen == code["subtract"]
        total = add(a, tuple(torch.where(is_subtracted, -part, part) for part in b))
        total_error = error_a + error_b + rounding * torch.maximum(a[0].abs(), b[0].abs())
        is_zero = total[0].abs() <= total_error
        total, total_error = [part.masked_fill(is_zero, 0.0) for part in total], total_error.masked_fill(is_zero, 0.0)

        product = multiply(a, b)
        product_error = a[0].abs() * error_b + b[0].abs() * error_a + rounding * product[0].abs()

        divisible = b[0] != 0
        divisor = torch.where(divisible, b[0], 1.0), *b[1:]       # the other parts of a zero are zero, too
        quotient = [part.masked_fill(~divisible, 0.0) for part in divide(a, divisor)]
        quotient_error = ((error_a + quotient[0].abs() * error_b) / divisor[0].abs() + rounding * quotient[0].abs())

        *result, wrong = (*a, error_a)
        for is_chosen, *computed in ((is_subtracted | (chosen == code["add"]), *total, total_error),
                                     (chosen == code["multiply"], *product, product_error),
                                     (is_divided, *quotient, quotient_error)):
            *result, wrong = (torch.where(is_chosen, new, old) for new, old in zip(computed, (*result, wrong)))
        fits = result[0].abs() <= MAX_MAGNITUDE
        slots[0].append(result[0].clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE))
        for part, new in zip(slots[1:], result[1:]):
            part.append(torch.where(fits, new, 0.0))
        errors.append(wrong)
        defined.append((divisible | ~is_divided) & fits & known.gather(-1, first)[..., 0]
                       & (known.gather(-1, second)[..., 0] | (chosen == code["identity"])))
    return tuple(torch.stack(part, -1) for part in (*slots, defined, errors))


# ---- decimals -----------------------------------------------------------------------------------------------------

def decimal_digits(value, whole, decimals, bound=0.0):
    """|value| (...,) rounded half away from zero: (digits (..., whole + decimals) int64, most significant first; fits
    (...,) bool, False where it has more than `whole` integer digits). whole up to MAX_ANSWER_DIGITS, decimals up to
    MAX_ANSWER_DECIMALS.

    bound (...,): how far rounding can have moved the value; what falls short of a tie by no more is one.
    """
    size = value[0].abs()
    fits = size < 2.0 * 10.0 ** whole
    size = torch.where(fits, size, 0.0)
    value = size, *(torch.where(fits, torch.where(value[0] < 0, -part, part), 0.0) for part in value[1:])
    slack = (bound + size * TIE[len(value)]) * 10.0 ** decimals

    def places(integer, count):
        """The last `count` digits of integers below 2**53: quotients of such are rounded down rightly in float64."""
        powers = 10 ** torch.arange(count, -1, -1, dtype=torch.int64, device=integer.device)
        quotients = (integer.double()[..., None] / powers.double()).floor()
        return (quotients[..., 1:] - 10.0 * quotients[..., :-1]).to(torch.int64)

    is_long = whole + 1 > LOWER   # more than the int64 below can hold: take off the digits above HALF, perhaps one off
    if is_long:
        upper = (size / 10.0 ** HALF).floor()
        above = two_product(upper, torch.full_like(size, 10.0 ** HALF))
        value = add(value, (*negate(above), *[torch.zeros_like(size)] * (len(value) - 2)))
    units = value[0].trunc()          # exact, where the floor of a value just below zero would not be
    fraction = two_sum(value[0] - units, value[1]) if len(value) == 2 else normalised(value[0] - units, *value[1:])
    scaled = scale(fraction, torch.full_like(size, 10.0 ** decimals))
    rounded, rest = two_sum(scaled[0], torch.full_like(size, 0.5))
    rounded, rest = quick_two_sum(rounded, rest + sum(scaled[1:], slack))
    base = rounded.floor()
    base = (base + torch.where(base == rounded, rest.floor(), 0.0)).to(torch.int64)
    unit = 10 ** decimals
    units = units.to(torch.int64) + base.div(unit, rounding_mode="floor")
    digits = [places(base % unit, decimals)]
    if whole > HALF:
        carry = units.div(10 ** HALF, rounding_mode="floor")
        digits.insert(0, places(units - carry * 10 ** HALF, HALF))
        units, whole = carry + upper.to(torch.int64) if is_long else carry, whole - HALF
    digits.insert(0, places(units, whole))
    return torch.cat(digits, -1), fits & (units < 10 ** whole)


def n_answer_characters(whole, decimals):
    """C: the sign, the digits, the point and the end."""
    return 1 + whole + 1 + decimals + 1


def answers(numbers, operation, operand1, operand2, dag_ops, whole, decimals):
    """What plans come to, in `answer_characters` (..., C) of their last slot; arguments as `execute` has them."""
    *value, defined, bound = (part[..., -1] for part in execute_with_bounds(numbers, operation, operand1, operand2,
                                                                            dag_ops))
    return answer_characters(value, defined, whole, decimals, bound)


def answer_characters(value, defined, whole, decimals, bound=0.0):
    """The characters (..., C) int64 of values (...,), which are undefined where `defined` (...,) is False.

    In reading order: SPACE or MINUS, integer digits without leading zeros, and, if there are any, the POINT and the
    decimals without trailing zeros; END. Division by zero is UNDEFINED; a value of more than `whole` integer digits,
    overflow included, is TOO LARGE. Zero has no sign. bound: as `decimal_digits` has it.
    """
    digits, fits = decimal_digits(value, whole, decimals, bound)
    C, device = n_answer_characters(whole, decimals), digits.device
    place = torch.arange(whole + decimals, device=device)
    is_leading = (digits[..., :whole] == 0).to(torch.int64).cumprod(-1).sum(-1).clamp(max=whole - 1)   # leading zeros
    last = ((digits != 0) & (place >= whole)) * (place - whole + 1)
    n_decimals = last.amax(-1) if decimals else torch.zeros_like(is_leading)
    n_whole = whole - is_leading

    at = torch.arange(C, device=device)
    n_whole, n_decimals = n_whole[..., None], n_decimals[..., None]
    # Character j is place j - 1 + leading zeros up to the point, and one place less after it.
    source = at - 1 + is_leading[..., None] - (at > n_whole).to(torch.int64)
    characters = digits.gather(-1, source.clamp(0, whole + decimals - 1))
    has_point = (n_decimals > 0).to(torch.int64)
    end = 1 + n_whole + has_point + n_decimals
    characters = torch.where((at == 1 + n_whole) & (has_point > 0), POINT, characters)
    is_negative = (value[0] < 0) & (digits != 0).any(-1)
    characters = torch.where(at == 0, torch.where(is_negative, MINUS, SPACE)[..., None], characters)
    characters = torch.where(at == end, END, torch.where(at > end, NOTHING, characters))

    def word(first, second=END):
        rest = torch.where((at == 2) & (second != END), END, NOTHING)
        return torch.where(at == 0, first, torch.where(at == 1, second, rest))

    overflowed = defined.logical_not() & (value[0].abs() >= MAX_MAGNITUDE)
    characters = torch.where((fits | ~defined)[..., None], characters, word(TOO, LARGE))
    characters = torch.where(defined[..., None], characters, word(UNDEFINED))
    return torch.where(overflowed[..., None], word(TOO, LARGE), characters)


def spelled(characters):
    """The text of one answer's characters, a sequence of codes: what it prints, without a leading space."""
    signs = {POINT: ".", SPACE: "", MINUS: "-", END: "", UNDEFINED: "undefined", TOO: "too", LARGE: " large",
             NOTHING: ""}
    return "".join(str(code) if code < 10 else signs[code] for code in map(int, characters))
