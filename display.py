"""A plan for people: its steps as lines, its result as an indented tree; shares and texts fit to be read. Plain values
in, text out.

Imports nothing else of this project. A slot is called n0, n1, ... where it holds a number that was read, and s0, s1,
... where a step computed it.
"""
import math

SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}     # what operations look like in steps
INDENT = "  "


def slot_names(n_numbers, n_steps):
    return [f"n{k}" for k in range(n_numbers)] + [f"s{s}" for s in range(n_steps)]


def percent(share, decimals=1):
    """A share in per cent, cut off, never rounded up: of 0.99996 "99.9"; "100" is all of it."""
    whole = 100 * 10 ** decimals
    return "100" if share >= 1 else f"{min(math.floor(whole * share + 1e-6), whole - 1) / 10 ** decimals:.{decimals}f}"


def clean(text):
    """`text` on one line, with a mark in the place of each letter that can't be printed, or be held by XML."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(str(text).split()))


class PlanDisplay:
    """What the result of a plan is made of.

    steps: (operation, operand1, operand2), a name and two slots each. values: a text for each slot, numbers first.
    Identities, which pass a value on, and slots that the result doesn't depend on are left out.
    """

    def __init__(self, steps, values):
        self.steps, self.values, self.n_numbers = steps, values, len(values) - len(steps)
        self.names = slot_names(self.n_numbers, len(steps))
        self.result = self._source(len(values) - 1)
        self.used, todo = set(), [self.result]
        while todo:
            slot = todo.pop()
            if slot not in self.used:
                self.used.add(slot)
                todo += self.operands(slot)

    def _source(self, slot):
        """The slot whose value `slot` passes on, itself if it computes one."""
        while slot >= self.n_numbers and self.steps[slot - self.n_numbers][0] == "identity":
            slot = self.steps[slot - self.n_numbers][1]
        return slot

    def operation(self, slot):
        """The name of the operation that computes a slot, None of a number read."""
        return self.steps[slot - self.n_numbers][0] if slot >= self.n_numbers else None

    def operands(self, slot):
        """The slots that a slot is computed from, none of a number read."""
        return [self._source(at) for at in self.steps[slot - self.n_numbers][1:]] if slot >= self.n_numbers else []

    def formula(self, slot):
        """What a step computes: "n1 * n2"."""
        return f" {SYMBOLS[self.operation(slot)]} ".join(self.names[at] for at in self.operands(slot))

    def numbers(self):
        """The numbers read: ["n0 = 5", "n1 = 2.5"]."""
        return [f"{self.names[slot]} = {self.values[slot]}" for slot in sorted(self.used) if slot < self.n_numbers]

    def slots(self):
        """The steps in the order they run: ["s0 = n1 * n2 = 7.5"]."""
        return [f"{self.names[slot]} = {self.formula(slot)} = {self.values[slot]}"
                for slot in sorted(self.used) if slot >= self.n_numbers]

    def tree(self):
        """The result as lines, what an operation reads indented below it; a step that is read twice stands out once."""
        lines, shown = [], set()

        def show(slot, depth):
            text = f"{INDENT * depth}{self.values[slot]}"
            if slot >= self.n_numbers:
                text = f"{INDENT * depth}{self.operation(slot)} ({self.names[slot]})"
                if slot in shown:
                    text += ", as above"
            lines.append(text)
            if slot not in shown:
                shown.add(slot)
                for operand in self.operands(slot):
                    show(operand, depth + 1)

        show(self.result, 0)
        return lines

    def lines(self):
        """All three, each part under its heading."""
        parts = dict(numbers=["   ".join(self.numbers())], plan=self.tree(), slots=self.slots())
        return [f"{INDENT}{heading if n == 0 else '':<9}{line}"
                for heading, of_part in parts.items() for n, line in enumerate(of_part)]
