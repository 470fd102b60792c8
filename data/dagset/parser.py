"""Reads the texts of the stream back: text -> expression tree -> value and plan.

This is the independent proof that every label of the stream is recoverable from its text alone, so it
imports nothing of ours and shares no table with the code that words the expressions. It is also
more general than that code: any whitespace, any case, several spellings of a symbol.

    clause      := expression | factor RELATION factor          RELATION: "added to", "less than", ...
    expression  := term (("+" | "-") term)*                     left associative, symbols or words
    term        := factor (("*" | "/") factor)*                 left associative, symbols or words
    factor      := sign* (number | "(" clause ")" | "[" clause "]" | noun form)
    noun form   := "the sum of" factor "and" factor, ...
    text        := lead-in* (clause | imperative) lead-out*     imperative: "subtract" factor "from" factor, ...
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

MAX_CHARACTERS = 10_000  # of a text; keeps the exact arithmetic of a hostile one short
MAX_DIGITS = 1_000       # of a number in digits; Python itself refuses to convert more than 4,300
MAX_NESTING = 100        # of brackets and noun forms; each takes four Python frames of the default 1,000


class ParseError(ValueError):
    """A text that isn't an expression. The message is one line; `position` counts characters from 1."""

    is_user_error = True

    def __init__(self, text, position, expected, found):
        shown = text if len(text) <= 80 else text[:77] + "..."
        super().__init__(f"expected {expected} at character {position}, found {found}, in {shown!r}")
        self.position = position


# ---------------------------------------------------------------------------------------------
# What a text says

@dataclass(frozen=True, slots=True)
class Number:
    """A number of the text, its sign included. `text[span[0]:span[1]]` is how it was written."""
    value: Fraction
    span: tuple[int, int] = field(compare=False)  # so that "2 + 3" equals "two plus three"


@dataclass(frozen=True, slots=True)
class Operation:
    """`left` and `right` are in semantic order: in "subtract a from b" `left` is b and `reversed` is true."""
    name: str  # "add", "subtract", "multiply" or "divide"
    left: "Expression"
    right: "Expression"
    reversed: bool = False  # the text names `right` first


Expression = Number | Operation
Operand = tuple[str, int]  # ("number", i): the text's i-th number; ("step", j): the result of step j


class Step(NamedTuple):
    operation: str
    operand1: Operand
    operand2: Operand


def post_order(tree: Expression):
    """Every node after its children, children in the order of the text. No recursion: sums may be long."""
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


def numbers(tree: Expression) -> list[Fraction]:
    """The numbers in reading order."""
    return [node.value for node in post_order(tree) if isinstance(node, Number)]


def evaluate(tree: Expression) -> Fraction | None:
    """The exact value, or None where something is divided by zero."""
    def apply(node, left, right):
        if left is None or right is None:
            return None
        if node.name == "divide":
            return left / right if right else None
        return {"add": left.__add__, "subtract": left.__sub__, "multiply": left.__mul__}[node.name](right)

    return fold(tree, lambda node: node.value, apply)


def plan(tree: Expression) -> list[Step]:
    """The steps in post-order of the text; operands in semantic order. A single number takes no step."""
    steps, seen = [], 0

    def number(node):
        nonlocal seen
        seen += 1
        return "number", seen - 1

    def operation(node, left, right):
        steps.append(Step(node.name, left, right))
        return "step", len(steps) - 1

    fold(tree, number, operation)
    return steps


# ---------------------------------------------------------------------------------------------
# Words of the grammar. A phrase is a tuple of lower-case tokens.

LEXEMES = re.compile(r"""
    (?P<digits> (?: [1-9][0-9]{0,2} (?: ,[0-9]{3} )+ (?![0-9]) | [0-9]+ ) (?: \.[0-9]+ )? | \.[0-9]+ )
  | (?P<word> [A-Za-z]+ (?: ['’] [A-Za-z]+ )? )
  | (?P<symbol> [-−–+*×/÷()\[\],.:?!=] )
""", re.VERBOSE)
SAME_SYMBOL = {"−": "-", "–": "-", "×": "*", "÷": "/"}


def phrases(*spellings):
    return [tuple(spelling.split()) for spelling in spellings]


LEAD_INS = phrases(
    "what is", "what's", "how much is", "calculate", "compute", "evaluate", "find", "work out", "solve", "tell me",
    "please", "can you", "q :", "question :", "the value of", "the answer to", ":")
LEAD_OUTS = phrases("?", ".", "!", "=", "equals", "is", "a :", "answer :")

SUMS = {("+",): "add", ("plus",): "add", ("-",): "subtract", ("minus",): "subtract", ("less",): "subtract"}
PRODUCTS = {("*",): "multiply", ("x",): "multiply", ("times",): "multiply", ("multiplied", "by"): "multiply",
            ("/",): "divide", ("divided", "by"): "divide", ("over",): "divide"}

# phrase: (operation, whether the text names the right operand first)
RELATIONS = {
    ("added", "to"): ("add", False), ("more", "than"): ("add", False), ("increased", "by"): ("add", False),
    ("subtracted", "from"): ("subtract", True), ("less", "than"): ("subtract", True),
    ("decreased", "by"): ("subtract", False), ("reduced", "by"): ("subtract", False),
}
# phrase: (operation, word before the second operand, whether the text names the right operand first)
IMPERATIVES = {
    ("add",): ("add", "to", False), ("subtract",): ("subtract", "from", True),
    ("take", "away"): ("subtract", "from", True), ("take",): ("subtract", "from", True),
    ("multiply",): ("multiply", "by", False), ("divide",): ("divide", "by", False),
}
# phrase: (operation, word before the second operand)
NOUN_FORMS = {
    ("sum", "of"): ("add", "and"), ("product", "of"): ("multiply", "and"), ("quotient", "of"): ("divide", "and"),
    ("difference", "between"): ("subtract", "and"), ("difference", "of"): ("subtract", "and"),
    ("ratio", "of"): ("divide", "to"),
}

SIGNS = {"-": -1, "minus": -1, "negative": -1, "+": 1, "positive": 1}
CLOSERS = {"(": ")", "[": "]"}
DIGITS = {word: value for value, word in enumerate("zero one two three four five six seven eight nine".split())}
TEENS = {word: 10 + value for value, word in enumerate(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split())}
TENS = {word: 10 * value for value, word in enumerate(
    "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


# ---------------------------------------------------------------------------------------------
# Reading

def parse(text: str) -> Expression:
    """The expression that `text` says, without its frame. Raises ParseError on anything else."""
    if len(text) > MAX_CHARACTERS:
        raise ParseError(text, MAX_CHARACTERS + 1, f"the end of a text of at most {MAX_CHARACTERS:,} characters",
                         f"{len(text):,} characters")
    words, spans = split(text)
    try:
        return Reader(text, words, spans).text_expression()
    except ParseError:
        # In "the sum of one hundred and five" the "and" parts two numbers. "The sum of one hundred and five
        # and three" makes sense only the other way, so that reading has the second try.
        if "and" not in words:
            raise
        try:
            return Reader(text, words, spans, separators_first=False).text_expression()
        except ParseError:
            pass
        raise


def split(text):
    """Lower-case tokens and their (start, end) in `text`."""
    words, spans, at = [], [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        match = LEXEMES.match(text, at)
        if match is None:
            raise ParseError(text, at + 1, "a number, a word or an operator", repr(text[at]))
        word = match.group().lower().replace("’", "'")
        words.append(SAME_SYMBOL.get(word, word))
        spans.append(match.span())
        at = match.end()
    return words, spans


class Reader:
    """Recursive descent over the tokens `words[at:end]`; `at` is where it has got to."""

    def __init__(self, text, words, spans, separators_first=True):
        self.text, self.words, self.spans = text, words, spans
        self.separators_first = separators_first
        self.at, self.end = 0, len(words)
        self.nesting = 0
        self.awaited = 0  # noun forms around this place, within the same brackets, whose "and" is yet to come

    # Looking at tokens

    def peek(self):
        return self.words[self.at] if self.at < self.end else ""

    def accept(self, *phrase):
        """Step over `phrase` if it stands here."""
        stop = self.at + len(phrase)
        if stop <= self.end and tuple(self.words[self.at:stop]) == phrase:
            self.at = stop
            return True
        return False

    def accept_any(self, table):
        """Step over the one of the table's phrases that stands here and return its entry, else None."""
        return next((entry for phrase, entry in table.items() if self.accept(*phrase)), None)

    def error(self, expected, at=None):
        at = self.at if at is None else at
        if at < self.end:
            start, stop = self.spans[at]
            return ParseError(self.text, start + 1, expected, repr(self.text[start:stop][:40]))
        position = self.spans[self.end - 1][1] + 1 if self.end else 1
        return ParseError(self.text, position, expected, "the end of the expression")

    def expect(self, word, expected=None):
        if not self.accept(word):
            raise self.error(expected or repr(word))

    # The grammar, largest first

    def text_expression(self):
        while any(self.accept(*phrase) for phrase in LEAD_INS):
            pass
        while any(self.drop_last(phrase) for phrase in LEAD_OUTS):
            pass
        form = self.accept_any(IMPERATIVES)
        if form is None:
            tree = self.clause()
        else:
            name, separator, is_reversed = form
            first = self.factor()
            self.expect(separator)
            tree = operation(name, first, self.factor(), is_reversed)
        if self.at < self.end:
            raise self.error("an operator or the end")
        return tree

    def drop_last(self, phrase):
        start = self.end - len(phrase)
        if start >= self.at and tuple(self.words[start:self.end]) == phrase:
            self.end = start
            return True
        return False

    def clause(self):
        start = self.at
        factor = self.factor()
        relation = self.accept_any(RELATIONS)
        if relation is None:
            return self.expression(factor)
        name, is_reversed = relation
        return operation(name, factor, self.factor(), is_reversed)

    def expression(self, first):
        """A sum whose first factor has been read already."""
        tree = self.term(first)
        # "2 + 3 less than 4" is nobody's grammar: the relation is left standing, and refused where it stands.
        while not self.at_relation() and (name := self.accept_any(SUMS)):
            tree = Operation(name, tree, self.term(self.factor()))
        return tree

    def at_relation(self):
        return tuple(self.words[self.at:min(self.at + 2, self.end)]) in RELATIONS

    def term(self, tree):
        while name := self.accept_any(PRODUCTS):
            tree = Operation(name, tree, self.factor())
        return tree

    def factor(self):
        start, sign = self.at, 1
        while self.peek() in SIGNS:
            sign *= SIGNS[self.peek()]
            self.at += 1
        tree = self.bracketed() or self.noun_form() or self.number()
        if self.at == start or start == self.at:
            return tree
        return tree
