"""Reads the texts of the stream back: text -> expression tree -> value and plan.

This is the independent proof that every label of the stream is recoverable from its text alone, so it imports nothing
of ours but its words, `parser_words.py` and `parser_stories.py`, and what they come to, `tree.py`, and shares no table
with the code that words the expressions; only scenes stand once, listed under what they come to (told/*.txt). It is also
more general than that code: any whitespace, any case, several spellings of a symbol, any name and thing in a scene.

    clause      := expression | factor RELATION factor          RELATION: "added to", "less than", "plus what is", ...
    expression  := term (("+" | "-") term)*                     left associative, symbols or words
    term        := factor (("*" | "/") factor | bracketed)*     left associative, symbols or words; "2(3 + 4)",
                                                                and "of" after a fraction, "3/4 of 8"
    factor      := sign* (number | bracketed | noun form) | percentage "of" factor | "twice" factor | "half of" factor, ...
                 | "a third of" factor, ... (a quotient) | "two thirds of" factor, ... (a product of a quotient)
    bracketed   := "(" clause ")" | "[" clause "]"
    number      := digits [scale] | words ["point" digit words] | (whole digits | words) "and a half", ...,
                   where no "of" follows,
                   and behind it what is counted, "apples", ..., which changes nothing
    noun form   := "the sum of" factor "and" factor, ...        "the" may be missing
    imperative  := "subtract" factor "from" factor, ...
    list        := factor ("," factor)+ [","]                   the first operand of an "and" for a sum or a product:
                                                                "the sum of 2, 3 and 4", "multiply 2, 3, and 4"
    question    := "how much more is" factor "than" factor, ...
    text        := [anything "<<"] lead-in* (clause | question | (imperative | noun form) link*) lead-out* | story
    story       := [greeting] "Tom had" number "apples and bought" number "more. How many does he have?", ...: `parser_stories.py`
    link        := ", then multiply by" factor, ...             takes all before it as its first operand, in whose place
                 | ", double it" | ", halve it", ...            ". Now multiply by" may begin a sentence

What a text means where people differ: products and quotients go left to right, as do sums and differences, and a
times sign left out, after a digit or a bracket and before a bracket, binds like one that is written: 6/2(1+2) is 9.
A currency's sign changes nothing: -$5 is -5. Percents are one number, a hundredth of what is written: 25% is 0.25,
80 + 10% is 80.1, "25% of 80" is 0.25 * 80. Only "80 reduced by 10%", "add 10% to 80", ..., as whole texts, are changes by
a part of what is changed, 72 and 88, as are the other formulas of told/*.txt; within others they are not read, since
10% of what is then in doubt, nor is "a divided into b", for its order. A percentage of something is a factor, as "twice 8"
is: 6 / 25% of 8 is 3.
"""

import ast
from contextlib import suppress
from fractions import Fraction

from data.dagset import parser_stories
from data.dagset.parser_words import (CHANGES, CLOSERS, CURRENCIES, DIGITS, FRACTIONS, FRACTIONS_OF, GREETINGS, IMPERATIVES,
                                      LEAD_INS, LEAD_OUTS, LEXEMES, LINKS, LISTED, MULTIPLES, NOUN_FORMS,
                                      PART_WORDS, PARTS_OF, PERCENT, Phrases, PRODUCTS, QUESTIONS, RELATIONS, SAME_SYMBOL, SCALES,
                                      SIGNS, SUMS, TEENS, TENS, THANKS, UNITS, UNKNOWNS)
from data.dagset.tree import Expression, Number, Operation, evaluate

MAX_CHARACTERS = 10_000  # of a text; keeps the exact arithmetic of a hostile one short
MAX_DIGITS = 1_000       # of a number in digits; Python itself refuses to convert more than 4,300
MAX_STORY = 150          # tokens of a story
MAX_NESTING = 100        # of brackets and noun forms; one takes up to five of Python's 1,000 frames


class ParseError(ValueError):
    """A text that isn't an expression. The message is one line; `position` counts characters from 1."""

    is_user_error = True

    def __init__(self, text, position, expected, found):
        shown = text if len(text) <= 80 else text[:77] + "..."
        super().__init__(f"expected {expected} at character {position}, found {found}, in {shown!r}")
        self.position = position


# Reading

def parse(text: str) -> Expression:
    """The expression that `text` says, without its frame; in a calculator annotation, what it asks. Raises ParseError where
    it says none."""
    if len(text) > MAX_CHARACTERS:
        raise ParseError(text, MAX_CHARACTERS + 1, f"the end of a text of at most {MAX_CHARACTERS:,} characters",
                         f"{len(text):,} characters")
    inside = text[text.rfind("<<") + 2:]
    if "<<" in text and inside[:1].strip() and not set(inside) & set(">\n"):        # "5 << 3" opens none
        text = inside
    words, spans = split(text)
    try:
        return Reader(text, words, spans).text_expression()
    except ParseError:
        # In "the sum of one hundred and five" the "and" parts two numbers. "The sum of one hundred and five
        # and three" makes sense only the other way, so that reading has the second try.
        if "and" in words:
            with suppress(ParseError):
                return Reader(text, words, spans, separators_first=False).text_expression()
        if story := Reader(text, words, spans).story():
            return story
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
        self.noun_end = -1
        self.in_story = False                           # where "three quarters" are three coins
        self.awaited = 0  # noun forms around this place, within the same brackets, whose "and" is yet to come

    # Looking at tokens

    def peek(self):
        return self.words[self.at] if self.at < self.end else ""

    def accept(self, word):
        """Step over `word` if it stands here."""
        found = self.at < self.end and self.words[self.at] == word
        self.at += found
        return found

    def accept_any(self, table):
        """Step over the longest of the table's phrases that stands here and return its entry, else None."""
        longest = table.longest.get(self.peek(), 0)
        for stop in range(min(self.at + longest, self.end), self.at, -1):
            entry = table.get(tuple(self.words[self.at:stop]))
            if entry is not None:
                self.at = stop
                return entry
        return None

    def reach(self, table):
        """Where the longest of the table's phrases that stands here ends; here if there is none."""
        start = self.at
        self.accept_any(table)
        end, self.at = self.at, start
        return end

    def stands_here(self, table):
        return self.reach(table) > self.at

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
        while self.reach(LEAD_INS) > self.reach(QUESTIONS):      # "if you ..." leads in, "if 3 is added to 4" asks
            self.accept_any(LEAD_INS)
        while any(self.drop_last(phrase) for phrase in LEAD_OUTS.get(self.words[self.end - 1] if self.end else "", ())):
            pass
        if question := self.accept_any(QUESTIONS):
            tree, goes_on = self.operation(question, changes=True), False
        else:
            is_noun = self.stands_here(NOUN_FORMS)                   # "sum of 2 and 3", against "sum 2 and 3"
            separators = None if is_noun else self.accept_any(IMPERATIVES)
            change = None if is_noun or separators else self.accept_any(CHANGES)
            if change:                                               # "halve 8"
                said = self.operand(change)
                tree = self.change(change, self.factor(), said)
            else:
                tree = self.operation(separators, changes=True) if separators else self.clause()
            goes_on = change or separators or self.at == self.noun_end     # after "find the sum of 2 and 3", too
        while goes_on and (link := self.accept_any(LINKS)):
            tree = self.change(link, tree, self.operand(link))
        if self.at < self.end:
            raise self.error("an operator or the end")
        return tree

    def story(self):
        """What a text tells, "Tom had 12 apples and bought 9 more. How many does he have now?", or None. A greeting may stand
        before it and thanks behind it."""
        if self.end > MAX_STORY:
            return None
        starts = [self.at]
        while self.accept_any(GREETINGS):
            starts.insert(0, self.at)
        any(self.drop_last(phrase) for phrase in THANKS)
        # "And" or "please", say, may be a story's own.
        return next(filter(None, map(self.told, starts)), None)

    def told(self, start):
        """What is told from this token on, or None."""
        self.at, words, found = start, [], []
        for word, number in self.words_of_story():
            words.append(word)
            found += [] if number is None else [number]
        for sign in ("=", "?", "."):
            words = words[:-1] if words[-1:] == [sign] else words
        said = parser_stories.what_it_says(words)
        return said and as_tree(ast.parse(said, mode="eval").body, found)

    def words_of_story(self):
        """(a word, None) or ("N" or "P", the number it stands for) of each that follows."""
        self.awaited, self.in_story = 1, True                                               # no "and" within numbers
        while self.at < self.end:
            start = self.at
            try:
                number = self.number(counted=False)
                yield "NP"[number.percent], number
            except ParseError:
                self.at = self.end_of_word(start)
                yield "".join(self.words[start:self.at]), None

    def end_of_word(self, at):
        """Where the word ends that begins with this token: "km/h" and "left-handers" are one."""
        while self.words[at].isalpha() and self.words[at + 1:at + 2] in (["-"], ["/"]) and self.words[at + 2:at + 3] and (
                self.words[at + 2].isalpha() and self.spans[at][1] + 1 == self.spans[at + 2][0]):
            at += 2
        return at + 1

    def drop_last(self, phrase):
        start = self.end - len(phrase)
        if start >= self.at and tuple(self.words[start:self.end]) == phrase:
            self.end = start
            return True
        return False

    def clause(self):
        factor = self.factor()
        relation = self.accept_any(RELATIONS) or self.accept_any(UNKNOWNS)
        if relation is None:
            return self.expression(factor)
        return self.change(relation, factor, self.factor())

    def change(self, meaning, *operands):
        """An operation that changes a number by others, which are no percentages of it."""
        if meaning[0] in ("add", "subtract") and any(isinstance(operand, Number) and operand.percent
                                                     for operand in operands):
            raise self.error("no percentage in a change", self.at - 1)
        return operation(meaning, *operands)

    def expression(self, factor):
        """A sum, `factor` being the first of its factors."""
        tree = self.term(factor)
        # In "2 + 3 less than 4" the "less" is no operator; the relation is refused where it stands.
        while not self.at_relation() and (name := self.accept_any(SUMS)):
            tree = Operation(name, tree, self.term(self.factor()))
        return tree

    def at_relation(self):
        return tuple(self.words[self.at:min(self.at + 2, self.end)]) in RELATIONS

    def term(self, tree):
        while name := (self.accept_any(PRODUCTS) or self.at_implicit_times() and "multiply"
                       or is_fraction(tree) and self.accept("of") and "multiply"):                 # "3/4 of 120"
            tree = Operation(name, tree, self.factor())
        return tree

    def at_implicit_times(self):
        """Whether a bracket opens here right after a digit or a bracket, but not after a noun form, whose it may be."""
        before = self.words[self.at - 1] if self.at else ""
        return (self.peek() in CLOSERS and (before[-1:].isdigit() or before in CLOSERS.values())
                and self.at != self.noun_end)

    def factor(self):
        start, sign = self.at, 1
        multiple = self.accept_any(MULTIPLES)
        if multiple is not None:
            number = Number(multiple, (self.spans[start][0], self.spans[self.at - 1][1]))
            return Operation("multiply", number, self.nested(self.factor))
        divisor = self.accept_any(PARTS_OF)
        if divisor is not None:
            number = Number(Fraction(divisor), self.spans[self.at - 2])
            return Operation("divide", self.nested(self.factor), number, reversed=True)
        fraction = self.accept_any(FRACTIONS_OF)
        if fraction is not None:
            numbers = map(Number, map(Fraction, fraction), (self.spans[start], self.spans[self.at - 2]))
            return Operation("multiply", Operation("divide", *numbers), self.nested(self.factor))
        while self.peek() in SIGNS:
            sign *= SIGNS[self.peek()]
            self.at += 1
        signed, unsigned = self.at > start, self.at
        tree = self.bracketed() or self.noun_form() or self.number()
        if signed and isinstance(tree, Operation):
            raise self.error("a number after its sign", unsigned)
        if signed:
            tree = Number(sign * tree.value, (self.spans[start][0], tree.span[1]), tree.percent)
        if isinstance(tree, Number) and tree.percent and self.accept("of"):
            tree = Operation("multiply", tree, self.nested(self.factor))
        return tree

    def bracketed(self):
        """A clause in brackets, or None. A separator awaited outside can't stand inside."""
        closer = CLOSERS.get(self.peek())
        if closer is None:
            return None
        self.at += 1
        awaited, self.awaited = self.awaited, 0
        tree = self.nested(self.clause)
        self.expect(closer, f"an operator or {closer!r}")
        self.awaited = awaited
        return tree

    def noun_form(self):
        """An operation as a noun, "the sum of a and b", or None."""
        start = self.at
        self.accept("the")
        separators = self.accept_any(NOUN_FORMS)
        if separators is None:
            self.at = start
            return None
        tree = self.operation(separators)
        self.noun_end = self.at
        return tree

    def operation(self, separators, changes=False):
        """Two factors and what stands between them, which says what is done with them. An "and" for a sum or a product
        may stand before the last of several factors: "the sum of 2, 3 and 4" is (2 + 3) + 4.
        """
        waits = any(phrase[0] == "and" for phrase in separators)
        listed = separators.get(("and",)) in LISTED
        self.awaited += waits
        factors = [self.nested(self.factor)]
        while listed and self.accept(","):
            if len(factors) > 1 and self.peek() == "and":                    # "2, 3, and 4"
                break
            factors.append(self.nested(self.factor))
        self.awaited -= waits
        if len(factors) > 1:
            separators = Phrases({("and",): separators["and",]})
        meaning = self.accept_any(separators)
        if meaning is None:
            raise self.error(" or ".join(repr(" ".join(phrase)) for phrase in list(separators)[:2]))
        factors.append(self.operand(meaning))
        if meaning in LISTED:
            self.accept("together")
        return self.change(meaning, *factors) if changes else operation(meaning, *factors)

    def operand(self, meaning):
        """What stands behind a phrase of this meaning, or the number that it says itself: "double it"."""
        if len(meaning) == 2:
            return self.nested(self.factor)
        return Number(Fraction(meaning[2]), (0, 0))                       # nobody says it

    def nested(self, rule):
        self.nesting += 1
        if self.nesting > MAX_NESTING:
            raise self.error(f"at most {MAX_NESTING} levels of brackets and noun forms")
        tree = rule()
        self.nesting -= 1
        return tree

    # Numbers

    def number(self, counted=True):
        """A number, and what is counted behind it."""
        start = self.at
        in_currency = self.accept_any(CURRENCIES)
        word = self.peek()
        if word[:1].isdigit() or word[:1] == "." and len(word) > 1:
            if len(word) > MAX_DIGITS:
                raise self.error(f"a number of at most {MAX_DIGITS:,} characters")
            self.at += 1
            value = Fraction(word.replace(",", ""))
            if scale := self.accept_any_word(SCALES):                                               # "2.5 million"
                value *= scale
            elif value and "." not in word and not in_currency:                                     # "2 and a half"
                value += self.fraction_words() or 0
        elif in_currency:
            raise self.error("a number in digits")
        else:
            whole = self.integer_words()
            decimals = self.decimal_words()
            if whole is None and decimals is None:
                raise self.error("a number")
            fraction = self.fraction_words() if whole and decimals is None else None
            value = (whole or 0) + (decimals or fraction or Fraction(0))
        percent = not in_currency and self.accept_any(PERCENT) is not None
        if counted and not (in_currency or percent):
            self.accept_any(UNITS)
        return Number(value / 100 if percent else value, (self.spans[start][0], self.spans[self.at - 1][1]), percent)

    def integer_words(self):
        """An integer in words, its groups of three digits joined by nothing, "," or "and"; None if there is none."""
        if self.accept("zero"):
            return 0
        value = self.below_thousand()
        if value is None:
            return None
        scale = self.accept_any_word(SCALES) or 1
        total = value * scale
        while scale > 1:
            start = self.at
            self.accept(",")
            self.accept_and()
            value = self.below_thousand()
            smaller = value and (self.accept_any_word(SCALES) or 1)
            if value is None or smaller >= scale:
                self.at = start  # what stands here is another number, or none
                break
            total, scale = total + value * smaller, smaller
        return total

    def below_thousand(self):
        """1 to 999 in words, or None."""
        value = self.article() or self.below_hundred()
        if value is None or value > 9 or not self.accept("hundred"):
            return value
        start = self.at
        self.accept_and()
        rest = self.below_hundred()
        if rest is None or self.peek() == "hundred":  # "one hundred and two hundred" are two numbers
            self.at = start
            return 100 * value
        return 100 * value + rest

    def article(self):
        """1 where "a" stands for it, in "a hundred" and "a thousand", else None."""
        counted = self.words[self.at + 1:self.at + 2] if self.at + 1 < self.end else []
        return 1 if counted and (counted[0] == "hundred" or counted[0] in SCALES) and self.accept("a") else None

    def below_hundred(self):
        """1 to 99 in words, or None."""
        tens = self.accept_any_word(TENS)
        if tens is None:
            return self.accept_any_word(TEENS) or self.unit()
        start = self.at
        # A hyphen, "twenty-five", touches both words; "twenty - five" and "twenty−five" are 20 - 5.
        if self.touches(start) and self.touches(start + 1) and self.text[self.spans[start][0]] == "-":
            self.at += 1
        unit = self.unit()
        if unit is None:
            self.at = start
            return tens
        return tens + unit

    def unit(self):
        following = self.words[self.at + 1] if self.at + 1 < self.end else ""
        # In "two hundred and three quarters" nothing counts three.
        return None if self.peek() == "zero" or following in PART_WORDS and not self.in_story else (
            self.accept_any_word(DIGITS))

    def decimal_words(self):
        """The word "point" and digit words as a fraction below one, or None."""
        if not self.accept("point"):
            return None
        digits = ""
        while (digit := 0 if self.accept("oh") else self.accept_any_word(DIGITS)) is not None:
            digits += str(digit)
        if not digits:
            raise self.error("a digit in words after 'point'")
        return Fraction(int(digits), 10 ** len(digits))

    def fraction_words(self):
        """What a mixed number ends in, "and a half", or None."""
        start = self.at
        fraction = self.accept_any(FRACTIONS)
        if fraction is not None and self.peek() == "of":
            self.at = start
            return None
        return fraction

    def accept_any_word(self, table):
        value = table.get(self.peek())
        if value is not None:
            self.at += 1
        return value

    def accept_and(self):
        """Step over an "and" that may belong to a number here."""
        if not (self.separators_first and self.awaited):
            self.accept("and")

    def touches(self, at):
        """Whether no space parts token `at` from the one before it."""
        return at < self.end and self.spans[at][0] == self.spans[at - 1][1]


def is_fraction(tree):
    """Whether a tree is one number over another, no percentages."""
    return (isinstance(tree, Operation) and tree.name == "divide"
            and all(isinstance(part, Number) and not part.percent for part in (tree.left, tree.right)))


SIGN_NAMES = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}


def as_tree(node, leaves):
    """The tree of an expression of letters as Python reads it; `leaves` are what they stand for, a or A the first. Numbers
    that it has itself are nowhere in the text."""
    def letters(node):
        return [part.id.lower() for part in ast.walk(node) if isinstance(part, ast.Name) and part.id != "abs"]

    if isinstance(node, ast.Call):                      # abs(a - b)
        tree = as_tree(node.args[0], leaves)
        value = evaluate(tree)
        return tree if value is None or value >= 0 else Operation(tree.name, tree.right, tree.left, not tree.reversed)
    if isinstance(node, ast.Name):
        return leaves[ord(node.id.lower()) - ord("a")]
    if isinstance(node, ast.Constant):
        return Number(Fraction(node.value), (0, 0))
    left, right = letters(node.left), letters(node.right)
    return Operation(SIGN_NAMES[type(node.op)], as_tree(node.left, leaves), as_tree(node.right, leaves),
                     reversed=bool(left and right) and min(right) < min(left))


def operation(meaning, first, *others):
    """The `Operation` of operands that are given in the order of the text, more than two from left to right."""
    name, is_reversed = meaning[:2]
    for other in others:
        left, right = (other, first) if is_reversed else (first, other)
        first = Operation(name, left, right, is_reversed)
    return first
