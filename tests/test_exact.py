"""Pairs and triples of float64 hold what fractions say, plans run on them, and their decimals are the right ones."""
import random
from fractions import Fraction

import pytest
import torch
from torch.overrides import TorchFunctionMode

import exact
from exact import (END, LARGE, MAX_MAGNITUDE, MINUS, NOTHING, POINT, SPACE, TOO, UNDEFINED, answer_characters,
                   decimal_digits, from_scaled, spelled)

ADD, SUBTRACT, MULTIPLY, DIVIDE, IDENTITY = range(5)
PRECISION = {2: Fraction(1, 2**98), 3: Fraction(1, 2**150)}


def fractions(value):
    """The values of a pair or triple (N,), exactly."""
    return [sum(map(Fraction, parts)) for parts in zip(*(part.tolist() for part in value))]


def random_values(N, seed, low=-60, high=60, parts=2):
    """Random values (N,) of both signs with all of their bits in use, from 10**low to 10**high."""
    draw = random.Random(seed)
    values = [draw.choice((-1, 1)) * draw.uniform(1, 10) * 10.0 ** draw.randint(low, high) for _ in range(N)]
    terms = [values]
    for _ in range(parts - 1):
        terms.append([term * draw.uniform(-1, 1) * 2.0**-54 for term in terms[-1]])
    terms = [torch.tensor(part, dtype=torch.float64) for part in terms]
    return exact.two_sum(*terms) if parts == 2 else exact.normalised(*terms)


def numbers_of(integers, P, decimals, parts):
    """integers, in units of 10**-decimals, by way of their P digits."""
    digits = torch.tensor([[int(digit) for digit in f"{abs(n):0{P}d}"] for n in integers])
    return exact.from_digits(digits, torch.tensor(integers, dtype=torch.float64) < 0, decimals, parts)


def decimals(texts, parts=2):
    """Values (N,) of decimal texts of up to 18 digits."""
    places = max(len(text.partition(".")[2]) for text in texts)
    return from_scaled(torch.tensor([int(Fraction(text) * 10**places) for text in texts]), places, parts)


def run(numbers, steps, parts=2):
    """One plan's (high, low, defined) in its last slot, numbers as decimal texts."""
    steps = (torch.tensor([part]) for part in zip(*steps))
    values = tuple(part[None] for part in decimals(numbers, parts))
    high, low, *_, defined = exact.execute(values, *steps, exact.OPERATIONS)
    return high[0, -1].item(), low[0, -1].item(), defined[0, -1].item()


def rounded(value, places):
    """round(value * 10**places), half away from zero: an integer."""
    whole, rest = divmod(abs(value) * 10**places, 1)
    return (-1 if value < 0 else 1) * int(whole + (rest >= Fraction(1, 2)))


def written(value, whole, places):
    """What an answer should print: `value` a Fraction, None after a division by zero."""
    if value is None:
        return "undefined"
    units = rounded(value, places)
    if abs(units) >= 10 ** (whole + places):
        return "too large"
    text = f"{abs(units):0{places + 1}}"
    text = f"{text[:-places]}.{text[-places:]}".rstrip("0").rstrip(".") if places else text
    return "-" * (units < 0) + text


def texts_of(pair, whole, places, defined=None):
    defined = torch.ones_like(pair[0], dtype=torch.bool) if defined is None else defined
    return [spelled(row) for row in answer_characters(pair, defined, whole, places).tolist()]


# ---- pairs --------------------------------------------------------------------------------------------------------

@pytest.mark.slow
@pytest.mark.parametrize("parts", [2, 3])
@pytest.mark.parametrize("name, right", [("add", lambda a, b: a + b), ("multiply", lambda a, b: a * b),
                                         ("divide", lambda a, b: a / b)])
def test_arithmetic_of_pairs_is_right_to_98_bits_and_of_triples_to_150(name, right, parts):
    close = 1 if name == "add" else 60                         # terms of like size, so that both matter
    x, y = random_values(1500, 1, -close, close, parts), random_values(1500, 2, -close, close, parts)
    result = getattr(exact, name)(x, y)
    scale = (lambda a, b, c: max(abs(a), abs(b))) if name == "add" else (lambda a, b, c: abs(c))
    for a, b, c in zip(fractions(x), fractions(y), fractions(result)):
        assert abs(c - right(a, b)) < PRECISION[parts] * scale(a, b, right(a, b))
    for high, low in zip(result, result[1:]):
        assert (high + low).equal(high)                                 # normalised: high is the nearest float64


@pytest.mark.slow
def test_sums_that_lose_no_digit_are_right_to_98_bits_of_themselves():
    for parts in (2, 3):
        x, y = random_values(1000, 3, 0, 0, parts), random_values(1000, 4, 0, 0, parts)
        same_sign = tuple(torch.where(x[0] * y[0] < 0, -part, part) for part in y)
        for a, b, c in zip(*map(fractions, (x, same_sign, exact.add(x, same_sign)))):
            assert abs(c - (a + b)) < PRECISION[parts] * abs(a + b)


@pytest.mark.slow
@pytest.mark.parametrize("parts", [2, 3])
def test_a_sum_of_decimals_that_cancels_is_zero_to_the_last_bit(parts):
    assert 0.3 - 0.1 - 0.2 != 0 and 0.1 + 0.2 - 0.3 != 0
    for numbers, steps in (
            (["0.3", "0.1", "0.2"], [(SUBTRACT, 0, 1), (SUBTRACT, 3, 2)]),
            (["0.1", "0.2", "0.3"], [(ADD, 0, 1), (SUBTRACT, 3, 2)]),
            (["0.1", "0.7", "0.07"], [(MULTIPLY, 0, 1), (SUBTRACT, 3, 2)]),
            (["1", "3", "3"], [(DIVIDE, 0, 1), (MULTIPLY, 3, 2), (SUBTRACT, 4, 0)]),
            # The rounding is that of a term long gone, 10**12 times as large as what remains.
            (["123456789012.1", "0.2", "123456789012", "0.3"], [(ADD, 0, 1), (SUBTRACT, 4, 2), (SUBTRACT, 5, 3)]),
            (["123456.7", "9876.3", "0.1"], [(MULTIPLY, 0, 1), (ADD, 3, 2), (SUBTRACT, 4, 3), (SUBTRACT, 5, 2)])):
        assert run(numbers, steps, parts) == (0.0, 0.0, True)
        last = len(numbers) + len(steps) - 1
        assert run(numbers, [*steps, (DIVIDE, 0, last)], parts)[2] is False    # and dividing by it is undefined
    large = 10**14 - 1                                                  # what differs in the 28th digit isn't zero
    squares = [(MULTIPLY, 0, 0), (MULTIPLY, 1, 2), (SUBTRACT, 3, 4)]
    assert run([str(large), str(large - 1), str(large + 1)], squares, parts)[0] == 1
    assert run(["0.300001", "0.1", "0.2"], [(SUBTRACT, 0, 1), (SUBTRACT, 3, 2)], parts)[0] == 1e-6


@pytest.mark.slow
def test_whole_numbers_of_eighteen_digits_are_held_in_full():
    draw = random.Random(0)
    integers = [draw.choice((-1, 1)) * draw.randrange(10 ** draw.randrange(1, 19)) for _ in range(1000)] + [10**18, 0]
    assert fractions(from_scaled(torch.tensor(integers), 0)) == integers
    for places in (1, 6, 18):
        for value, n in zip(fractions(from_scaled(torch.tensor(integers), places)), integers):
            assert abs(value - Fraction(n, 10**places)) <= PRECISION[2] * abs(Fraction(n, 10**places))


def test_long_sums_and_products_are_exact_to_the_last_digit():
    draw = random.Random(1)
    for digits, name, right in ((18, "add", int.__add__), (9, "multiply", int.__mul__), (11, "multiply", int.__mul__)):
        a, b = ([draw.choice((-1, 1)) * draw.randrange(10 ** (digits - 1), 10**digits) for _ in range(500)]
                for _ in range(2))
        result = getattr(exact, name)(from_scaled(torch.tensor(a), 0), from_scaled(torch.tensor(b), 0))
        assert fractions(result) == list(map(right, a, b))
    # Sums of twenty digits, of products.
    a, b, c = ([draw.randrange(10**9, 10**10) for _ in range(500)] for _ in range(3))
    x, y, z = (from_scaled(torch.tensor(part), 0) for part in (a, b, c))
    total = exact.add(exact.multiply(x, y), exact.multiply(y, z))
    assert fractions(total) == [i * j + j * k for i, j, k in zip(a, b, c)] and max(fractions(total)) > 10**19


def test_numbers_of_up_to_thirty_digits_are_held_in_full():
    draw = random.Random(3)
    integers = [draw.choice((-1, 1)) * draw.randrange(10 ** draw.randrange(1, 31)) for _ in range(150)]
    for P, parts in ((30, 2), (30, 3), (26, 3)):
        some = [n for n in integers if abs(n) < 10**P]
        assert fractions(numbers_of(some, P, 0, parts)) == some
        for value, n in zip(fractions(numbers_of(some, P, 6, parts)), some):
            assert abs(value - Fraction(n, 10**6)) <= PRECISION[parts] * abs(Fraction(n, 10**6))


ARITHMETIC = (Fraction.__add__, Fraction.__sub__, Fraction.__mul__, Fraction.__truediv__)


def near_ties(draw, places, operation, N, P, decimals):
    """N (a, b), integers in units of 10**-decimals, whose product or quotient is a tie in the last of `places`, or a
    unit of a factor away from one; of sums there are none."""
    pairs = []
    for _ in range(N):
        odd = 2 * draw.randrange(10 ** (P - 2)) + 1
        if operation == MULTIPLY:               # odd / 10**decimals times 5 / 10**(places + 1 - decimals)
            a, b = odd, 5 * 10 ** max(2 * decimals - places - 1, 0)
        else:                                   # odd / (2 * 10**places): ends in a five
            a, b = odd, 2 * 10 ** places
        pairs.append((a + draw.choice((-1, 0, 0, 1)), b * draw.choice((-1, 1))))
    return pairs


@pytest.mark.slow
@pytest.mark.parametrize("whole, places, digits, decimals", [
    (16, 6, 4, 4), (16, 6, 12, 6), (22, 0, 11, 0), (21, 0, 20, 0), (18, 0, 9, 0), (24, 6, 11, 6), (24, 6, 9, 2),
    (24, 6, 20, 6), (25, 12, 12, 6), (25, 6, 24, 6), (24, 5, 20, 6)])
def test_long_sums_products_and_quotients_are_fractions_rounded_to_the_last_digit(whole, places, digits, decimals):
    draw, P = random.Random(whole * digits), digits + decimals
    parts, one = exact.n_parts((digits, decimals), (whole, places)), torch.ones(1, 1, dtype=torch.int64)
    for operation, right in enumerate(ARITHMETIC):
        operands = [tuple(draw.choice((-1, 1)) * draw.randrange(1, 10 ** draw.randrange(P - 2, P + 1)) for _ in "ab")
                    for _ in range(300)]
        if operation >= MULTIPLY and decimals >= 4:
            operands += near_ties(draw, places, operation, 200, P, decimals)
        numbers = [numbers_of(some, P, decimals, parts) for some in zip(*operands)]
        numbers = tuple(torch.stack(part, -1) for part in zip(*numbers))
        steps = (index.expand(len(operands), 1) for index in (one * operation, one * 0, one))
        codes = exact.answers(numbers, *steps, exact.OPERATIONS, whole, places)
        unit = 10**decimals
        expected = [written(right(Fraction(a, unit), Fraction(b, unit)), whole, places) for a, b in operands]
        assert [(pair, text, spelled(row)) for pair, text, row in zip(operands, expected, codes.tolist())
                if spelled(row) != text] == []


def test_plans_are_finite_and_say_where_they_are_defined():
    assert run(["1", "0"], [(DIVIDE, 0, 1)]) == (0.0, 0.0, False)
    squares = [(MULTIPLY, n, n) for n in range(1, 10)]
    high, low, defined = run(["-1", "999999999999"], squares)           # 10**12 to the 512th
    assert (high, low, defined) == (MAX_MAGNITUDE, 0.0, False)
    high, low, defined = run(["-1", "999999999999"], [*squares[:3], (MULTIPLY, 0, 4), *[(MULTIPLY, 4, 4 + n) for n in
                                                                                      range(1, 7)]])
    assert abs(high) <= MAX_MAGNITUDE and abs(low) < MAX_MAGNITUDE
    # Tiny divisors overflow in the quotient itself, where there is no remainder to correct it by.
    tiny = torch.tensor([[1.0, 1e-320], [-1e150, 1e-200], [1e150, 5e-324]], dtype=torch.float64)
    zero, one = torch.zeros(3, 1, dtype=torch.int64), torch.ones(3, 1, dtype=torch.int64)
    for rest in ([torch.zeros_like(tiny)], [torch.zeros_like(tiny)] * 2):
        high, *lows, defined = exact.execute((tiny, *rest), one * DIVIDE, zero, one, exact.OPERATIONS)
        assert high[:, 2].tolist() == [MAX_MAGNITUDE, -MAX_MAGNITUDE, MAX_MAGNITUDE]
        assert not any(low[:, 2].any() for low in lows) and not defined[:, 2].any()
    with pytest.raises(ValueError, match="power"):
        exact.execute((tiny, tiny), zero, zero, one, ("power",))


# ---- decimals -----------------------------------------------------------------------------------------------------

TEXTS = [("0", "0"), ("7", "7"), ("-7", "-7"), ("100", "100"), ("0.5", "0.5"), ("-0.5", "-0.5"), ("12.340", "12.34"),
         ("0.0000005", "0.000001"), ("-0.0000005", "-0.000001"), ("0.00000049", "0"), ("-0.00000049", "0"),
         ("-0.0", "0"), ("9999.9999994", "9999.999999"), ("9999.9999995", "too large"), ("-9999.9999995", "too large"),
         ("10000", "too large"), ("9999", "9999"), ("1000.000001", "1000.000001"), ("20000", "too large"),
         ("1.0000015", "1.000002"), ("2.0000025", "2.000003"), ("-1.5000005", "-1.500001")]


def test_answers_are_written_the_short_way():
    assert texts_of(decimals([text for text, _ in TEXTS]), 4, 6) == [expected for _, expected in TEXTS]
    assert all(written(Fraction(text), 4, 6) == expected for text, expected in TEXTS)


def test_an_answer_is_a_sign_its_digits_an_end_and_then_nothing():
    codes = answer_characters(decimals(["-3.25", "40", "0"]), torch.tensor([True, True, False]), 3, 2)
    assert codes.tolist() == [[MINUS, 3, POINT, 2, 5, END, NOTHING, NOTHING], [SPACE, 4, 0] + [END] + [NOTHING] * 4,
                              [UNDEFINED, END] + [NOTHING] * 6]
    assert answer_characters(decimals(["12"]), torch.tensor([True]), 1, 0).tolist() == [[TOO, LARGE, END, NOTHING]]
    assert codes.shape[1] == exact.n_answer_characters(3, 2) and codes.dtype == torch.int64


def test_overflow_is_too_large_and_division_by_zero_undefined_whatever_else_is_true():
    high = torch.tensor([MAX_MAGNITUDE, -MAX_MAGNITUDE, 0.0, 5.0, 1e149], dtype=torch.float64)
    defined = torch.tensor([False, False, False, False, True])
    assert texts_of((high, torch.zeros_like(high)), 16, 6, defined) == ["too large", "too large", "undefined",
                                                                        "undefined", "too large"]


@pytest.mark.slow
@pytest.mark.parametrize("whole, places", [(16, 6), (17, 12), (4, 0), (1, 3), (25, 12), (24, 6)])
def test_digits_are_fractions_rounded_half_away_from_zero(whole, places):
    draw = random.Random(whole)
    # Whole numbers of halves of the last place, of any length: every other one is a tie.
    longest, parts = min(whole + places, exact.MAX_NUMBER_DIGITS - 1), exact.n_parts((1, 0), (whole, places))
    halves = [draw.choice((-1, 1)) * draw.randrange(10 ** draw.randrange(1, longest + 2))
              for _ in range(600)] + [0, 1, -1, 2 * 10**longest - 1]
    two = tuple(torch.tensor(part, dtype=torch.float64).expand(len(halves)) for part in (2.0, 0.0, 0.0)[:parts])
    value = exact.divide(numbers_of(halves, exact.MAX_NUMBER_DIGITS, places, parts), two)
    rights = [Fraction(n, 2 * 10**places) for n in halves]
    digits, fits = decimal_digits(value, whole, places)
    assert digits.shape == (len(halves), whole + places) and digits.min() >= 0 and digits.max() <= 9
    for row, fit, right in zip(digits.tolist(), fits.tolist(), rights):
        units = abs(rounded(right, places))
        assert fit == (units < 10 ** (whole + places)), right
        assert not fit or int("".join(map(str, row))) == units, right
    assert texts_of(value, whole, places) == [written(right, whole, places) for right in rights]


@pytest.mark.slow
def test_answers_of_random_plans_are_those_of_fractions():
    draw = random.Random(7)
    N, K, D = 3000, 4, 3
    scaled, steps, expected = [], [], []
    for _ in range(N):
        integers = [draw.choice((-1, 1)) * draw.randrange(10 ** draw.randrange(1, 9)) for _ in range(K)]
        slots, plan = [Fraction(n, 10**4) for n in integers], []
        for s in range(D):
            operation, a, b = draw.choice((0, 0, 1, 1, 2, 2, 3)), draw.randrange(K + s), draw.randrange(K + s)
            undefined = slots[a] is None or slots[b] is None or operation == DIVIDE and slots[b] == 0
            slots.append(None if undefined else ARITHMETIC[operation](slots[a], slots[b]))
            plan.append((operation, a, b))
        scaled.append(integers), steps.append(plan), expected.append(written(slots[-1], 9, 6))
    for parts in (2, 3):
        numbers = from_scaled(torch.tensor(scaled), 4, parts)
        codes = exact.answers(numbers, *torch.tensor(steps).unbind(-1), exact.OPERATIONS, 9, 6)
        texts = [spelled(row) for row in codes.tolist()]
        assert [pair for pair in zip(texts, expected) if pair[0] != pair[1]] == []
    assert {"undefined", "too large", "0"} < set(texts) and sum("." in text for text in texts) > N / 4


def test_axes_before_the_last_are_free_and_rows_dont_touch_one_another():
    x = random_values(24, 5, -3, 3)
    shaped = tuple(part.view(2, 3, 4) for part in x)
    defined = torch.ones(2, 3, 4, dtype=torch.bool)
    assert answer_characters(shaped, defined, 5, 3).flatten(0, 2).equal(
        torch.cat([answer_characters(tuple(part[n:n + 1] for part in x), defined[0, 0, :1], 5, 3) for n in range(24)]))


class Calls(TorchFunctionMode):
    """Names of the tensor operations that run within it."""

    def __enter__(self):
        self.names = []
        return super().__enter__()

    def __torch_function__(self, function, types, arguments=(), options=None):
        self.names.append(getattr(function, "__name__", ""))
        return function(*arguments, **options or {})


def test_no_function_loops_over_elements_or_waits_for_a_device_to_tell_one():
    calls = []
    for N in (2, 200):
        x, defined, index = random_values(3 * N, 6), torch.ones(N, dtype=torch.bool), torch.zeros(N, 4, dtype=torch.int64)
        with Calls() as seen:
            high, low, _ = exact.execute(tuple(part.view(N, 3) for part in x), index + DIVIDE, index, index + 1,
                                         exact.OPERATIONS)
            answer_characters((high[:, -1], low[:, -1]), defined, 16, 6)
            triple = exact.from_digits(index[:, :3, None].expand(N, 3, 26), index[:, :3] > 0, 6, 3)
            exact.answers(triple, index + DIVIDE, index, index + 1, exact.OPERATIONS, 24, 6)
        calls.append(seen.names)
    assert calls[0] == calls[1] and not {"item", "tolist", "__bool__", "__int__", "nonzero"} & set(calls[0])
    assert len(calls[0]) > 100


def test_what_lies_near_a_tie_is_rounded_to_its_own_side():
    """0.999999 * 1.000001 * 0.000001 * 0.5 is 4.99999...95e-07, half a unit in the sixth decimal less 5e-13 of one."""
    numbers = from_scaled(torch.tensor([[999999, 1000001, 1, 500000], [1000000, 1000000, 1, 500000]]), 6)
    steps = (torch.full((2, 3), MULTIPLY), torch.tensor([[0, 4, 5]] * 2), torch.tensor([[1, 2, 3]] * 2))
    codes = exact.answers(numbers, *steps, exact.OPERATIONS, 16, 6)
    assert [spelled(row) for row in codes.tolist()] == ["0", "0.000001"]
