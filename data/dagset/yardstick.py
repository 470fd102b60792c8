"""One example at a time, with strings, `random`, `Decimal` and num2words: what the tensor stream is measured against.

The straightforward way to write a generator of these expressions and their labels, without prose and frames. Training
never runs it: `bench.py` times it beside the stream, and the tests hold its labels against the parser's. Imports
nothing of ours; num2words only where a generator is made.
"""
import math
import random
from decimal import Context, Decimal

# operation: (symbol, words, precedence)
OPERATORS = {
    "add": ("+", "plus", 1),
    "subtract": ("-", "minus", 1),
    "multiply": ("*", "times", 2),
    "divide": ("/", "divided by", 2),
}
OPERATIONS = list(OPERATORS)
NUMBER_PRECEDENCE = 3
DIGIT_WORDS = "zero one two three four five six seven eight nine".split()

# The stream's shares, so that both word expressions of one size.
INTEGER_RATE = 0.5    # share of numbers without decimals
NEGATIVE_RATE = 0.15  # share of negative numbers


class StringGenerator:
    """`example()` draws the next text and its labels.

    max_ops: operations of an expression, uniform in 1 .. max_ops. max_digits, max_decimals: of a number, uniform in
    1 .. max, decimals where it has any. english_conversion_rate: chance of each number and of each operator to be in
    words. num_initial_values: K, slots for numbers. dag_depth: D, steps. tokenizer: anything with `encode(text)`.
    Raises ValueError where an expression would not fit in the slots or the steps, ImportError without num2words.
    """

    def __init__(self, seed, max_ops, max_digits, max_decimals, english_conversion_rate, num_initial_values,
                 dag_depth, tokenizer):
        from num2words import num2words
        if num_initial_values < max_ops + 1:
            raise ValueError(f"num_initial_values={num_initial_values} cannot hold the {max_ops + 1} numbers of "
                             f"max_ops={max_ops} operations")
        if dag_depth < max_ops:
            raise ValueError(f"dag_depth={dag_depth} steps are fewer than max_ops={max_ops} operations")
        self.random = random.Random(seed)
        self.max_ops, self.max_digits, self.max_decimals = max_ops, max_digits, max_decimals
        self.english_conversion_rate = english_conversion_rate
        self.num_initial_values, self.dag_depth = num_initial_values, dag_depth
        self.tokenizer, self.num2words = tokenizer, num2words
        arithmetic = Context(prec=50)  # quotients are rounded, far below a float's last bit
        self.compute = {"add": arithmetic.add, "subtract": arithmetic.subtract,
                        "multiply": arithmetic.multiply, "divide": arithmetic.divide}

    def example(self):
        """A dict of one example, plain lists throughout.

        text, ids          the expression and its tokens
        signs              K of +1 or -1
        digits             K lists of max_digits + max_decimals digits, most significant first
        log_magnitudes     K natural logarithms of absolute values; 0.0 for zero and for slots the text doesn't fill
        operations         D names; steps the text doesn't need are "identity" of the slot before
        operand1, operand2 D slots: numbers in reading order from 0, step s at K + s
        values             K + D floats, one a slot, the last one the result; NaN after a division by zero
        """
        K, D = self.num_initial_values, self.dag_depth
        n_ops = self.random.randint(1, self.max_ops)
        numbers = [self.draw_number() for _ in range(n_ops + 1)]
        tree = self.draw_tree(0, n_ops)
        text, _ = self.render(tree, numbers)

        unused = K - len(numbers)
        values = [value for _, _, value in numbers] + [Decimal(0)] * unused
        steps = []
        result = self.execute(tree, values, steps)
        for slot in range(result, K + D - 1):  # the steps left over hand the result on
            steps.append(("identity", slot, slot))
            values.append(values[result])
        operations, operand1, operand2 = map(list, zip(*steps))
        return {
            "text": text,
            "ids": self.tokenizer.encode(text),
            "signs": [-1 if value < 0 else 1 for value in values[:K]],
            "digits": [self.digits(*number) for number in numbers] + [self.digits(0, "", 0)] * unused,
            "log_magnitudes": [math.log(abs(value)) if value else 0.0 for value in values[:K]],
            "operations": operations,
            "operand1": operand1,
            "operand2": operand2,
            "values": [float(value) for value in values],
        }

    # Drawing

    def draw_number(self):
        """(integer part, decimals as text, signed Decimal)."""
        draw = self.random
        n_digits = draw.randint(1, self.max_digits)
        integer = draw.randrange(10 ** (n_digits - 1) if n_digits > 1 else 0, 10 ** n_digits)
        decimals = ""
        if self.max_decimals and draw.random() >= INTEGER_RATE:
            n_decimals = draw.randint(1, self.max_decimals)
            decimals = f"{draw.randrange(10 ** n_decimals):0{n_decimals}d}"
        value = Decimal(f"{integer}.{decimals}")
        if value and draw.random() < NEGATIVE_RATE:
            value = -value
        return integer, decimals, value

    def draw_tree(self, first, last):
        """A tree over numbers first .. last: a number's slot, or (operation, left, right)."""
        if first == last:
            return first
        cut = self.random.randrange(first, last)
        name = self.random.choice(OPERATIONS)
        return name, self.draw_tree(first, cut), self.draw_tree(cut + 1, last)

    # Wording

    def render(self, tree, numbers):
        """(text, precedence of its last operation): infix with the fewest parentheses that keep the tree."""
        if isinstance(tree, int):
            return self.render_number(*numbers[tree]), NUMBER_PRECEDENCE
        name, left, right = tree
        symbol, words, precedence = OPERATORS[name]
        left, left_precedence = self.render(left, numbers)
        right, right_precedence = self.render(right, numbers)
        if left_precedence < precedence:
            left = f"({left})"
        if right_precedence <= precedence:
            right = f"({right})"
        return f"{left} {words if self.in_english() else symbol} {right}", precedence

    def render_number(self, integer, decimals, value):
        if self.in_english():
            text = self.num2words(integer)
            if decimals:  # digit by digit: num2words rounds them
                text += " point " + " ".join(DIGIT_WORDS[int(digit)] for digit in decimals)
            return "negative " + text if value < 0 else text
        text = f"{integer}.{decimals}" if decimals else str(integer)
        return "-" + text if value < 0 else text

    def in_english(self):
        return self.random.random() < self.english_conversion_rate

    # Labels

    def digits(self, integer, decimals, _):
        return [int(digit) for digit in f"{integer:0{self.max_digits}d}" + decimals.ljust(self.max_decimals, "0")]

    def execute(self, tree, values, steps):
        """The slot of the tree's result; appends its steps, in post-order, and their values."""
        if isinstance(tree, int):
            return tree
        name, left, right = tree
        operand1 = self.execute(left, values, steps)
        operand2 = self.execute(right, values, steps)
        if name == "divide" and values[operand2] == 0:
            value = Decimal("NaN")
        else:
            value = self.compute[name](values[operand1], values[operand2])
        steps.append((name, operand1, operand2))
        values.append(value)
        return len(values) - 1
