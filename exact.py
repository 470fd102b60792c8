"""Exact arithmetic on tensors: pairs of float64, plans run on them, and their values as decimal characters.

A value is an unevaluated sum of two float64 tensors (high, low), |low| <= half a unit in the last place of high, which
holds about 31 decimal digits (double-double arithmetic: Dekker 1971, doi:10.1007/BF01397083; Hida, Li and Bailey 2001,
"Library for double-double and quad-double arithmetic"). Both the stream, whose labels must be right, and the model,
whose answers must be, compute in it. Imports torch alone.

Axes: `...` any leading axes; K numbers; D steps; S = K + D slots; O operations; C characters.
"""
import torch

OPERATIONS = ("add", "subtract", "multiply", "divide", "identity")
# Magnitudes beyond this count as overflow: the product of any two values within it is still finite in float64.
MAX_MAGNITUDE = 1e150
# A bound on an operation's rounding, relative to its result or, in a sum, to the larger term.
ROUNDING = 2.0 ** -101

# What an answer is written with, beside the digits 0 to 9. An answer's first character is SPACE or MINUS, or
# UNDEFINED or TOO, which is followed by LARGE; its last is END; NOTHING comes after it.
POINT, SPACE, MINUS, END, UNDEFINED, TOO, LARGE, NOTHING = range(10, 18)
N_CHARACTERS = 18


# ---- pairs --------------------------------------------------------------------------------------------------------

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


def add(x, y):
    """x + y of pairs; decimals that cancel may leave their rounding, which `execute` takes for the zero it is."""
    high, low = two_sum(x[0], y[0])
    more, rest = two_sum(x[1], y[1])
    high, low = quick_two_sum(high, low + more)
    return quick_two_sum(high, low + rest)


def negate(x):
    return -x[0], -x[1]


def multiply(x, y):
    high, low = two_product(x[0], y[0])
    return quick_two_sum(high, low + (x[0] * y[1] + x[1] * y[0]))


def divide(x, y):
    """x / y of pairs, y not zero, by three steps of long division; beyond MAX_MAGNITUDE as float64 has it, or inf."""
    first = x[0] / y[0]
    rest = add(x, negate(multiply(y, (first, torch.zeros_like(first)))))
    second = rest[0] / y[0]
    rest = add(rest, negate(multiply(y, (second, torch.zeros_like(second)))))
    high, low = quick_two_sum(first, second)
    high, low = quick_two_sum(high, low + rest[0] / y[0])
    # What overflows has no remainder: infinity less infinity would make a NaN of it.
    overflows = first.abs() > MAX_MAGNITUDE
    return torch.where(overflows, first, high), low.masked_fill(overflows, 0.0)


def from_scaled(integer, decimals):
    """integer (...,) int64 of magnitude up to 10**18, in units of 10**-decimals (0 to 18), as a pair."""
    high = integer.double()
    low = (integer - high.to(torch.int64)).double()
    if decimals == 0:
        return high, low
    return divide((high, low), (torch.full_like(high, 10.0 ** decimals), torch.zeros_like(high)))


# ---- plans --------------------------------------------------------------------------------------------------------

def execute(numbers, operation, operand1, operand2, dag_ops):
    """`execute_with_bounds` without the bounds: (high, low, defined)."""
    return execute_with_bounds(numbers, operation, operand1, operand2, dag_ops)[:3]


def execute_with_bounds(numbers, operation, operand1, operand2, dag_ops):
    """Run plans of indices: numbers a pair of (..., K) float64; operation, operand1, operand2 (..., D) int64.

    Returns (high (..., S), low (..., S), defined (..., S) bool, bound (..., S)), always finite. Division by zero and magnitudes beyond
    MAX_MAGNITUDE are undefined, with the value 0 or the bound; a slot computed from an undefined one is undefined.

    Decimals aren't exact in binary, so 0.1 + 0.2 - 0.3 leaves a remainder. `bound` is how far rounding can have moved
    each slot, and a sum within it is zero: dividing by it is undefined.
    """
    highs, lows = [*numbers[0].double().unbind(-1)], [*numbers[1].double().unbind(-1)]
    defined = [*torch.ones_like(numbers[0], dtype=torch.bool).unbind(-1)]
    errors = [number.abs() * ROUNDING for number in highs]
    identity = dag_ops.index("identity") if "identity" in dag_ops else -1
    for s in range(operation.shape[-1]):
        high, low, known, error = (torch.stack(part, -1) for part in (highs, lows, defined, errors))
        first, second, chosen = operand1[..., s, None], operand2[..., s, None], operation[..., s]
        a, b = ((high.gather(-1, at)[..., 0], low.gather(-1, at)[..., 0]) for at in (first, second))
        error_a, error_b = (error.gather(-1, at)[..., 0] for at in (first, second))
        minus_b, divisible = negate(b), b[0] != 0
        divisor = torch.where(divisible, b[0], 1.0), torch.where(divisible, b[1], 0.0)
        result, wrong, valid = a, error_a, torch.ones_like(divisible)
        for code, name in enumerate(dag_ops):
            if name == "identity":
                continue
            if name in ("add", "subtract"):
                computed = add(a, b if name == "add" else minus_b)
                bound = error_a + error_b + ROUNDING * torch.maximum(a[0].abs(), b[0].abs())
                is_zero = computed[0].abs() <= bound
                computed, bound = [part.masked_fill(is_zero, 0.0) for part in computed], bound.masked_fill(is_zero, 0.0)
            elif name == "multiply":
                computed = multiply(a, b)
                bound = a[0].abs() * error_b + b[0].abs() * error_a + ROUNDING * computed[0].abs()
            elif name == "divide":
                computed = [part.masked_fill(~divisible, 0.0) for part in divide(a, divisor)]
                bound = (error_a + computed[0].abs() * error_b) / divisor[0].abs() + ROUNDING * computed[0].abs()
                valid = valid & (divisible | (chosen != code))
            else:
                raise ValueError(f"unknown operation {name!r}")
            result = tuple(torch.where(chosen == code, new, old) for new, old in zip(computed, result))
            wrong = torch.where(chosen == code, bound, wrong)
        fits = result[0].abs() <= MAX_MAGNITUDE
        highs.append(result[0].clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE))
        lows.append(torch.where(fits, result[1], 0.0))
        errors.append(wrong)
        defined.append(valid & fits & known.gather(-1, first)[..., 0]
                       & (known.gather(-1, second)[..., 0] | (chosen == identity)))
    return tuple(torch.stack(part, -1) for part in (highs, lows, defined, errors))


# ---- decimals -----------------------------------------------------------------------------------------------------

def decimal_digits(value, whole, decimals, bound=0.0):
    """|value| of a pair (...,) rounded half away from zero: (digits (..., whole + decimals) int64, most significant
    first; fits (...,) bool, False where it has more than `whole` integer digits). whole and decimals up to 17.

    bound (...,): how far rounding can have moved the value; what falls short of a tie by no more is one.
    """
    high, low = value[0].abs(), torch.where(value[0] < 0, -value[1], value[1])
    fits = high < 2.0 * 10.0 ** whole
    high, low = torch.where(fits, high, 0.0), torch.where(fits, low, 0.0)
    units = high.floor()
    scale = torch.full_like(high, 10.0 ** decimals)
    scaled = multiply(two_sum(high - units, low), (scale, torch.zeros_like(scale)))
    slack = (bound + high * 2.0 ** -98) * 10.0 ** decimals
    rounded, rest = two_sum(scaled[0], torch.full_like(scale, 0.5))
    rounded, rest = quick_two_sum(rounded, rest + scaled[1] + slack)
    base = rounded.floor()
    base = (base + torch.where(base == rounded, rest.floor(), 0.0)).to(torch.int64)
    unit = 10 ** decimals
    units = units.to(torch.int64) + base.div(unit, rounding_mode="floor")
    fits = fits & (units < 10 ** whole)

    def places(integer, count):
        powers = 10 ** torch.arange(count - 1, -1, -1, dtype=torch.int64, device=integer.device)
        return integer[..., None].div(powers, rounding_mode="floor") % 10

    return torch.cat((places(units, whole), places(base % unit, decimals)), -1), fits


def n_answer_characters(whole, decimals):
    """C: the sign, the digits, the point and the end."""
    return 1 + whole + 1 + decimals + 1


def answers(numbers, operation, operand1, operand2, dag_ops, whole, decimals):
    """What plans come to, in `answer_characters` (..., C) of their last slot; arguments as `execute` has them."""
    high, low, defined, bound = (part[..., -1] for part in execute_with_bounds(numbers, operation, operand1, operand2,
                                                                               dag_ops))
    return answer_characters((high, low), defined, whole, decimals, bound)


def answer_characters(value, defined, whole, decimals, bound=0.0):
    """The characters (..., C) int64 of values: pairs (...,), which are undefined where `defined` (...,) is False.

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
