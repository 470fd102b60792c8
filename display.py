"""A plan for people: its steps as lines, its result as an indented tree. Plain values in, text out.

Imports nothing else of this project. A slot is called n0, n1, ... where it holds a number that was read, and s0, s1,
... where a step computed it.
"""
SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/"}     # what operations look like in steps
INDENT = "  "


def slot_names(n_numbers, n_steps):
    return [f"n{k}" for k in range(n_numbers)] + [f"s{s}" for s in range(n_steps)]


def step_text(name, operation, operand1, operand2, value):
    """One step: "s0 = n1 * n2 = 7.5". All are texts; identity has one operand."""
    reads = operand1 if operation == "identity" else f"{operand1} {SYMBOLS[operation]} {operand2}"
    return f"{name} = {reads} = {value}"


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
                todo += self._operands(slot)

    def _source(self, slot):
        """The slot whose value `slot` passes on, itself if it computes one."""
        while slot >= self.n_numbers and self.steps[slot - self.n_numbers][0] == "identity":
            slot = self.steps[slot - self.n_numbers][1]
        return slot

    def _operands(self, slot):
        return [self._source(at) for at in self.steps[slot - self.n_numbers][1:]] if slot >= self.n_numbers else []

    def numbers(self):
        """The numbers read: ["n0 = 5", "n1 = 2.5"]."""
        return [f"{self.names[slot]} = {self.values[slot]}" for slot in sorted(self.used) if slot < self.n_numbers]

    def slots(self):
        """The steps in the order they run: ["s0 = n1 * n2 = 7.5"]."""
        return [step_text(self.names[slot], self.steps[slot - self.n_numbers][0],
                          *(self.names[at] for at in self._operands(slot)), self.values[slot])
                for slot in sorted(self.used) if slot >= self.n_numbers]

    def tree(self):
        """The result as lines, what an operation reads indented below it; a step that is read twice stands out once."""
        lines, shown = [], set()

        def show(slot, depth):
            text = f"{INDENT * depth}{self.values[slot]}"
            if slot >= self.n_numbers:
                text = f"{INDENT * depth}{self.steps[slot - self.n_numbers][0]} ({self.names[slot]})"
                if slot in shown:
                    text += ", as above"
            lines.append(text)
            if slot not in shown:
                shown.add(slot)
                for operand in self._operands(slot):
                    show(operand, depth + 1)

        show(self.result, 0)
        return lines

    def lines(self):
        """All three, each part under its heading."""
        parts = dict(numbers=["   ".join(self.numbers())], plan=self.tree(), slots=self.slots())
        return [f"{INDENT}{heading if n == 0 else '':<9}{line}"
                for heading, of_part in parts.items() for n, line in enumerate(of_part)]
