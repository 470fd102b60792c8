"""Plans as pure functions of tensors: numbers from digits, and two executions of one plan, soft and hard.

The hard execution takes the most probable sign, digits, operations and operands and is exact arithmetic (`exact`). The
soft one takes expectations over them, so that a gradient reaches every probability; on one-hot plans both agree.
`StraightThrough` joins them: hard values forward, soft gradients backward. All in float64; callers keep autocast away.
Imports `exact`.

Axes: `...` any leading axes (batch, tokens); K slots for numbers read; P digits of a number, integer digits first;
D steps; S = K + D slots; O operations.
"""
import torch

import exact
from exact import MAX_MAGNITUDE, OPERATIONS

# The soft execution's bounds: with them a divisor's partial derivative, at most 1e150 / 1e-50**2, times a gradient
# that arrives stays below float64's 1e308, so that no infinity can meet a zero and make a NaN.
MIN_SOFT_DIVISOR = 1e-50
MAX_GRADIENT = 1e50


def digit_weights(max_digits, max_decimals, device=None):
    """(P,) float64 place values 10**(max_digits - 1) .. 10**-max_decimals."""
    exponents = torch.arange(max_digits - 1, -max_decimals - 1, -1, dtype=torch.float64, device=device)
    return 10.0 ** exponents


def magnitude(digits, max_decimals):
    """The magnitude (...,) float64 that digits (..., P) int64, most significant first, spell.

    Summed as an integer and divided once: the nearest float64 to the decimal where P <= 15, within one unit in the last
    place up to P = 18, within two beyond. The divisor is a tensor, since CUDA would multiply by a Python number's
    reciprocal.
    """
    divisor = torch.full((), 10.0 ** max_decimals, dtype=torch.float64, device=digits.device)
    upper, integer = exact.spelled_integers(digits)
    units = integer.double() if upper is None else upper.double() * 10.0 ** exact.LOWER + integer.double()
    return units / divisor


def hard_numbers(sign_logits, digit_logits, max_decimals):
    """The numbers of the most probable signs (..., K, 2) and digits (..., K, P, 10): (..., K) float64."""
    size = magnitude(digit_logits.argmax(-1), max_decimals)
    return torch.where(sign_logits.argmax(-1) == 1, -size, size)


def exact_numbers(sign_logits, digit_logits, max_decimals, parts=2):
    """`hard_numbers` as a pair or triple (`exact`), every digit held."""
    return exact.from_digits(digit_logits.argmax(-1), sign_logits.argmax(-1) == 1, max_decimals, parts)


def soft_magnitude(digit_logits, max_digits, max_decimals):
    """Expected magnitude (..., K) float64 of digit logits (..., K, P, 10)."""
    faces = torch.arange(10, dtype=torch.float64, device=digit_logits.device)
    expected = (digit_logits.double().softmax(-1) * faces).sum(-1)
    return (expected * digit_weights(max_digits, max_decimals, digit_logits.device)).sum(-1)


def soft_numbers(sign_logits, digit_logits, max_digits, max_decimals):
    """Expected numbers (..., K) float64: expected sign times expected magnitude."""
    probabilities = sign_logits.double().softmax(-1)
    return (probabilities[..., 0] - probabilities[..., 1]) * soft_magnitude(digit_logits, max_digits, max_decimals)


def log_magnitude(size, max_decimals):
    """log10 of magnitudes, of any float dtype; zero counts as a tenth of the last decimal, so the result is finite."""
    return torch.log10(size.clamp(min=10.0 ** -(max_decimals + 1)))


def apply_operations(a, b, dag_ops, min_divisor=0.0):
    """Every operation's result (..., O) on float64 operands (...,), and where it is defined (..., O) bool.

    Divisors of magnitude <= min_divisor and results beyond MAX_MAGNITUDE leave it undefined; the value is then 0 or the
    bound, so all stays finite.
    """
    results, defined = [], []
    for name in dag_ops:
        valid = torch.ones_like(b, dtype=torch.bool)
        if name == "add":
            result = a + b
        elif name == "subtract":
            result = a - b
        elif name == "multiply":
            result = a * b
        elif name == "divide":
            valid = b.abs() > min_divisor
            result = torch.where(valid, a / torch.where(valid, b, 1.0), 0.0)
        elif name == "identity":
            result = a
        else:
            raise ValueError(f"unknown operation {name!r}; there are {', '.join(OPERATIONS)}")
        valid = valid & (result.abs() <= MAX_MAGNITUDE)
        results.append(result.clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE))
        defined.append(valid)
    return torch.stack(results, -1), torch.stack(defined, -1)


def execute_hard(numbers, operation, operand1, operand2, dag_ops):
    """Run plans of indices: numbers (..., K) float64, operation, operand1, operand2 (..., D) int64.

    Returns (slots (..., S) float64, defined (..., S) bool), computed as `exact.execute` does. A slot computed from an
    undefined one is undefined.
    """
    high, _, defined = exact.execute((numbers.double(), torch.zeros_like(numbers, dtype=torch.float64)),
                                     operation, operand1, operand2, dag_ops)
    return high, defined


def execute_soft(numbers, operation_probs, operand1_probs, operand2_probs, dag_ops):
    """Run plans of probabilities: numbers (..., K), operation (..., D, O), operands (..., D, S), all to float64.

    Step s reads the expected operands over slots 0 .. K + s - 1 and appends the expected result: slots (..., S).
    Finite, with finite gradients, for all numbers within MAX_MAGNITUDE; a divisor within MIN_SOFT_DIVISOR of zero
    gives 0.
    """
    slots = numbers.double()
    operation_probs, operand1_probs, operand2_probs = (
        p.double() for p in (operation_probs, operand1_probs, operand2_probs))
    for s in range(operation_probs.shape[-2]):
        visible = slots.shape[-1]
        a = (operand1_probs[..., s, :visible] * slots).sum(-1)
        b = (operand2_probs[..., s, :visible] * slots).sum(-1)
        results, _ = apply_operations(a, b, dag_ops, MIN_SOFT_DIVISOR)
        result = (operation_probs[..., s, :] * results).sum(-1, keepdim=True)
        slots = torch.cat((slots, BoundGradient.apply(result)), -1)
    return slots


class BoundGradient(torch.autograd.Function):
    """The identity; its gradient is clamped to +-MAX_GRADIENT."""

    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient.clamp(-MAX_GRADIENT, MAX_GRADIENT)


class StraightThrough(torch.autograd.Function):
    """hard forward, bit for bit; the gradient goes to soft. Both tensors of one shape."""

    @staticmethod
    def forward(ctx, hard, soft):
        return hard.clone()

    @staticmethod
    def backward(ctx, gradient):
        return None, gradient
