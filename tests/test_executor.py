"""Executors compute: hard exactly, soft as Python's floats do, with the gradients of finite differences."""
import math
import random
from fractions import Fraction

import pytest
import torch
from torch.nn.functional import one_hot

import exact
from models.executor import MAX_MAGNITUDE, OPERATIONS, execute_hard, execute_soft

ADD, SUBTRACT, MULTIPLY, DIVIDE, IDENTITY = range(5)


def random_plans(N, K=4, D=5, seed=0):
    """Numbers (N, K) float64 and indices operation, operand1, operand2 (N, D) of plans that keep to their slots."""
    draw = random.Random(seed)
    numbers = [[draw.choice([0.0, 1.0, round(draw.uniform(-99, 99), 2)]) for _ in range(K)] for _ in range(N)]
    steps = [[[draw.randrange(n) for n in (5, K + s, K + s)] for s in range(D)] for _ in range(N)]
    return torch.tensor(numbers, dtype=torch.float64), *torch.tensor(steps).unbind(-1)


def in_python(numbers, *steps):
    """The same in plain Python: slots as its numbers, floats or Fractions, None where undefined."""
    slots = list(numbers)
    for operation, first, second in zip(*steps):
        a, b = slots[first], slots[second]
        if a is None or b is None and operation != IDENTITY or operation == DIVIDE and b == 0:
            slots.append(None)
        else:
            slots.append([lambda: a + b, lambda: a - b, lambda: a * b, lambda: a / b, lambda: a][operation]())
    return slots


def probabilities(operation, operand1, operand2, K):
    S = K + operation.shape[-1]
    return one_hot(operation, 5).double(), one_hot(operand1, S).double(), one_hot(operand2, S).double()


def quotients(operation, operand1, operand2):
    """Which slots of a plan of 4 numbers a division went into."""
    found = [False] * 4
    for name, first, second in zip(operation, operand1, operand2):
        found.append(name == DIVIDE or found[first] or name != IDENTITY and found[second])
    return found


def is_nearest(value, expected, inexact):
    """The float64 nearest to a Fraction, or beside it where the value went through an inexact division."""
    nearest = float(expected)
    return value == nearest or inexact and abs(value - nearest) <= math.ulp(nearest)


def wrong_slots(slots, defined, expected, steps):
    """(slots of plans that differ from `expected`, lists of Fractions or None where undefined; how many slots)."""
    there = [[(value if known else None, right, inexact) for value, known, right, inexact in zip(
        *row, quotients(*plan))] for *row, plan in zip(slots.tolist(), defined.tolist(), expected, zip(
            *(part.tolist() for part in steps)))]
    pairs = sum(there, [])
    return [(value, right) for value, right, inexact in pairs if (value is None) != (right is None)
            or value is not None and not is_nearest(value, right, inexact)], len(pairs)


@pytest.mark.slow
def test_hard_execution_on_decimals_is_exact_and_rounded_once():
    numbers, *steps = random_plans(500)
    hundredths = (numbers * 100).round().long()
    high, low, defined = exact.execute(exact.from_scaled(hundredths, 2), *steps, OPERATIONS)
    expected = [in_python([Fraction(n, 100) for n in row], *plan) for row, *plan in zip(
        hundredths.tolist(), *(part.tolist() for part in steps))]
    wrong, count = wrong_slots(high, defined, expected, steps)
    assert not wrong and count == 4500
    assert 0.02 < 1 - defined.double().mean() < 0.5 and high.isfinite().all() and low.isfinite().all()
    for a, b, known, row in zip(high.tolist(), low.tolist(), defined.tolist(), expected):
        assert all(abs(Fraction(x) + Fraction(y) - right) <= abs(right) * Fraction(1, 2**80)
                   for x, y, there, right in zip(a, b, known, row) if there)


def test_hard_execution_takes_floats_for_what_they_are():
    numbers, *steps = random_plans(300, seed=2)
    slots, defined = execute_hard(numbers, *steps, OPERATIONS)
    expected = [in_python(list(map(Fraction, row)), *plan) for row, *plan in zip(
        numbers.tolist(), *(part.tolist() for part in steps))]
    wrong, count = wrong_slots(slots, defined, expected, steps)
    assert not wrong and count == 2700 and slots.isfinite().all()


def test_soft_execution_of_one_hot_plans_is_pythons_float_arithmetic_bit_for_bit():
    numbers, *steps = random_plans(500, seed=1)
    slots = execute_soft(numbers, *probabilities(*steps, K=4), OPERATIONS)
    expected = [in_python(*plan) for plan in zip(numbers.tolist(), *(part.tolist() for part in steps))]
    assert all(right is None or value == right for row in zip(slots.tolist(), expected) for value, right in zip(*row))


def test_soft_execution_equals_hard_on_one_hot_plans():
    numbers, *steps = random_plans(500, seed=1)
    hard, defined = execute_hard(numbers, *steps, OPERATIONS)
    soft = execute_soft(numbers, *probabilities(*steps, K=4), OPERATIONS)
    # Float64's rounding is relative to the largest value on the way: a difference of two has no more digits than they.
    largest = hard.abs().cummax(-1).values
    assert ((soft - hard).abs() <= 1e-12 * largest).all() and 0.5 < defined.double().mean() < 1


def softly(numbers, *logits):
    return execute_soft(numbers, *(x.softmax(-1) for x in logits), OPERATIONS)


def soft_inputs():
    torch.manual_seed(0)
    numbers = torch.tensor([[2.5, -1.5, 3.0], [0.5, 4.0, -2.0]], dtype=torch.float64, requires_grad=True)
    return numbers, *(torch.randn(2, 2, 5, dtype=torch.float64, requires_grad=True) for _ in range(3))


def test_gradients_of_soft_execution_are_those_of_finite_differences():
    inputs = soft_inputs()
    gradients = torch.autograd.grad(softly(*inputs).sum(), inputs)
    for i, gradient in enumerate(gradients):
        direction = torch.randn_like(gradient)
        ahead, behind = (softly(*(x + h * direction if n == i else x for n, x in enumerate(inputs))).sum()
                         for h in (1e-6, -1e-6))
        assert (gradient * direction).sum().item() == pytest.approx(((ahead - behind) / 2e-6).item(), rel=1e-6)


@pytest.mark.slow                                                       # its first use imports sympy
def test_soft_execution_passes_gradcheck():
    assert torch.autograd.gradcheck(softly, soft_inputs())


def test_values_and_gradients_stay_finite_at_zero_tiny_and_huge_operands():
    extremes = torch.tensor([0.0, 1e-320, -1e-200, 1e-50, 1.0, -1e18, 1e150, -1e150], dtype=torch.float64)
    numbers = torch.cartesian_prod(extremes, extremes).requires_grad_()
    N = len(numbers)
    certain = []
    for steps in ([(DIVIDE, 0, 1), (DIVIDE, 2, 1), (MULTIPLY, 3, 3)], [(MULTIPLY, 0, 1), (MULTIPLY, 2, 2), (ADD, 3, 3)],
                  [(SUBTRACT, 0, 0), (DIVIDE, 1, 2), (DIVIDE, 3, 2)], [(DIVIDE, 0, 1), (DIVIDE, 1, 2), (DIVIDE, 3, 2)]):
        operation, operand1, operand2 = (torch.tensor(part).expand(N, 3) for part in zip(*steps))
        certain.append(probabilities(operation, operand1, operand2, K=2))
        hard, defined = execute_hard(numbers.detach(), operation, operand1, operand2, OPERATIONS)
        assert hard.isfinite().all() and (hard[:, 2:].abs() <= MAX_MAGNITUDE).all()
        a, b = numbers.detach().unbind(-1)
        if steps[0] == (DIVIDE, 0, 1):
            assert defined[:, 2].equal((b != 0) & ((a / b).abs() <= MAX_MAGNITUDE))
        if steps[0] == (MULTIPLY, 0, 1):
            assert defined[:, 2].equal((a * b).abs() <= MAX_MAGNITUDE)
    spread = [(p + 1) / (p + 1).sum(-1, keepdim=True) for p in certain[0]]
    for probs in (*certain, spread):
        probs = [p.clone().requires_grad_() for p in probs]
        slots = execute_soft(numbers, *probs, OPERATIONS)
        gradients = torch.autograd.grad(slots[:, 2:].sum(), [numbers, *probs])
        assert slots.isfinite().all() and all(gradient.isfinite().all() for gradient in gradients)


def test_undefined_values_spread_to_what_reads_them_and_no_further():
    numbers = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    steps = [(DIVIDE, 0, 1), (ADD, 0, 2), (IDENTITY, 3, 0), (IDENTITY, 0, 2), (ADD, 5, 0)]
    slots, defined = execute_hard(numbers, *(torch.tensor([part]) for part in zip(*steps)), OPERATIONS)
    assert defined.tolist() == [[True, True, False, False, False, True, True]]
    assert slots[0, -2:].tolist() == [1.0, 2.0]
