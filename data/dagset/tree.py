"""What a text says: the tree of its expression, the tree's exact value and its plan. Imports nothing of ours."""

import operator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the text, its sign included. `text[span[0]:span[1]]` is how it was written."""
    value: Fraction
    span: tuple[int, int] = field(compare=False)  # so that "2 + 3" equals "two plus three"
    percent: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """`left` and `right` are in semantic order: in "subtract a from b" `left` is b and `reversed` is true."""
    name: str  # "add", "subtract", "multiply" or "divide"
    left: "Expression"
    right: "Expression"
    reversed: bool = False  # the text names `right` first


Expression = Number | Operation
ARITHMETIC = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv}
Operand = tuple[str, int]  # ("number", i): the text's i-th number; ("step", j): the result of step j


class Step(NamedTuple):
    """One step of a plan; operands are in semantic order."""
    operation: str
    operand1: Operand
    operand2: Operand


def post_order(tree: Expression):
    """Every node after its children, the child first that is named first. No recursion: sums may be long."""
    stack = [(tree, False)]
    while stack:
        node, children_done = stack.pop()
        if children_done or isinstance(node, Number):
            yield node
        else:
            first, second = (node.right, node.left) if node.reversed else (node.left, node.right)
            stack += [(node, True), (second, False), (first, False)]


def fold(tree: Expression, number, operation):
    """What `operation(node, left, right)` makes of the root, when numbers become `number(node)`."""
    results = []
    for node in post_order(tree):
        if isinstance(node, Number):
            results.append(number(node))
        else:
            second, first = results.pop(), results.pop()
            left, right = (second, first) if node.reversed else (first, second)
            results.append(operation(node, left, right))
    return results.pop()


def reading_order(tree: Expression) -> list[int]:
    """Which of the tree's numbers, as `post_order` has them, comes first in the text, which second, ... One that the text
    doesn't say follows the one that it follows in the tree, one that it doesn't say again what it repeats, too."""
    seen, before, starts = set(), -1, []
    for node in post_order(tree):
        if isinstance(node, Number):
            start, end = node.span
            is_said = start < end
            if is_said and node.span not in seen:
                seen.add(node.span)
                before = start
            starts.append(max(before, start) if is_said else before)
    return sorted(range(len(starts)), key=starts.__getitem__)


def numbers(tree: Expression) -> list[Fraction]:
    """The numbers in reading order."""
    values = [node.value for node in post_order(tree) if isinstance(node, Number)]
    return [values[which] for which in reading_order(tree)]


def evaluate(tree: Expression) -> Fraction | None:
    """The exact value, or None where something is divided by zero."""
    def apply(node, left, right):
        if left is None or right is None:
            return None
        if node.name == "divide" and right == 0:
            return None
        return ARITHMETIC[node.name](left, right)

    return fold(tree, lambda node: node.value, apply)


def plan(tree: Expression) -> list[Step]:
    """The steps in post-order of the text; operands in semantic order. A single number takes no step."""
    steps, seen, order = [], 0, reading_order(tree)
    places = sorted(range(len(order)), key=order.__getitem__)

    def read(node):
        nonlocal seen
        seen += 1
        return "number", places[seen - 1]

    def execute(node, left, right):
        steps.append(Step(node.name, left, right))
        return "step", len(steps) - 1

    fold(tree, read, execute)
    return steps
