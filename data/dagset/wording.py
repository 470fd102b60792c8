"""Put expressions into words: digits or English, symbols or operator words, prose, frames, as token ids.

Every text is a fixed sequence of pieces, each a row of one ragged table of token ids that is made once: openers of
each operator, head of each number (spaces, parenthesis, sign), its digit groups, closers, the operator. Most pieces are
empty in most texts. Choosing the rows and gathering them are tensor operations; there is no loop over examples.

The texts' grammar is in the docstring of `parser.py`, which reads them back and shares no code with this file.
Axes as in `expression.py`. Imports `counter_rng` and `expression`.
"""
import functools
from dataclasses import dataclass

import torch

from data.dagset.counter_rng import chance, draw_fields, scaled
from data.dagset.expression import OPERATIONS, RangeError
from data.dagset.phrases import (FORMS, FRAMES, HYPHEN, IMPERATIVE, IMPERATIVE_FRAMES, INFIX, MINUS, NEGATIVE, NOUN, ONES,
                                 RELATION, SCALES, SIGN_TEXTS, SYMBOLS, TENS, TWO_HYPHENS, TYPESET_SYMBOLS)

WORDING_LANE = 512                       # where this purpose's random lanes start
WORDINGS = ("digits", "mixed", "english", "prose")     # classes that figures are split by

GLUED, SPACED, CAPITAL = 0, 1, 2         # how a piece joins the text before it; CAPITAL begins a sentence


@dataclass(frozen=True)
class Wording:
    """How expressions are written. Every rate is a share or a probability; 0 turns the wording off."""
    english_conversion_rate: float = 0.3    # share of numbers in words; half of it comes as whole texts in English
    operator_word_rate: float = 0.3         # of operators between operands that are in words, outside such texts
    prose_rate: float = 0.0                 # texts with "the sum of a and b", "subtract a from b", "a less than b"
    frame_rate: float = 0.0                 # texts in a sentence: "What is ...?", "Q: ... \n\nA:", "... ="
    redundant_parentheses_rate: float = 0.02    # of operators and of numbers in needless parentheses
    compact_rate: float = 0.1               # texts without spaces round symbols
    typeset_rate: float = 0.0               # texts with × ÷ − for * / -
    word_variant_rate: float = 0.0          # operator words other than plus, minus, times, divided by
    thousands_separator_rate: float = 0.0   # texts whose digits are grouped: 1,234
    leading_point_rate: float = 0.0         # of numbers below one without their zero: .5, point five
    and_rate: float = 0.0                   # English texts without prose with "one hundred and five"
    hyphen_rate: float = 0.5                # texts with twenty-five, against twenty five
    minus_word_rate: float = 0.2            # negative English numbers as "minus three", against "negative three"
    sign_word_rate: float = 0.0             # negative numbers in digits as "negative 3"
    two_hyphens_rate: float = 0.0           # positive numbers in digits as "--3"
    capital_rate: float = 0.0               # texts that begin with a capital where they begin with a word

    def __post_init__(self):
        for name, rate in vars(self).items():
            if not 0 <= rate <= 1:
                raise RangeError(f"{name}={rate}: a rate lies between 0 and 1")


class PieceTable:
    """A ragged table of token ids; row 0 is empty. `add` returns the row of a text."""

    def __init__(self, tokenizer):
        self.encode = functools.lru_cache(maxsize=None)(lambda text: tuple(tokenizer.encode(text)))
        self.rows = {(): 0}

    def add(self, *texts):
        """The row of the texts' tokens one after another; texts must meet where the tokeniser would split."""
        ids = ()
        for text in texts:
            ids += self.encode(text)
        return self.rows.setdefault(ids, len(self.rows))

    def tensors(self):
        """(ids, start, length) int32: row r is ids[start[r] : start[r] + length[r]]."""
        rows = list(self.rows)
        length = torch.tensor([len(ids) for ids in rows], dtype=torch.int32)
        start = torch.cat((length.new_zeros(1), length.cumsum(0, dtype=torch.int32)[:-1]))
        return torch.tensor([i for ids in rows for i in ids], dtype=torch.int32), start, length


def joined(text, joint):
    """`text` as it stands after what the joint says."""
    return " " + text if joint == SPACED else text[:1].upper() + text[1:] if joint == CAPITAL else text


def group_words(value, hyphen, use_and):
    """The words of 1..999, each with the space or hyphen before it; the first has a space."""
    words = []
    if value >= 100:
        words += [" " + ONES[value // 100], " hundred"]
        value %= 100
        if value and use_and:
            words.append(" and")
    if value >= 20:
        words.append(" " + TENS[value // 10 - 2])
        if value % 10:
            words += ["-", ONES[value % 10]] if hyphen else [" " + ONES[value % 10]]
    elif value:
        words.append(" " + ONES[value])
    return words


class Tables:
    """Every row that a text can be made of: attribute tensors map choices to rows of (ids, start, length)."""

    def __init__(self, tokenizer, integer_groups, depth):
        pieces, int32 = PieceTable(tokenizer), torch.int32
        add = pieces.add

        def first_joined(words, joint):
            return (joined(words[0].strip(), joint), *words[1:]) if words else ()

        # (style: plain, with and, with and before it), hyphen, scale, joint, value
        self.words = torch.tensor([[[[[
            add(*first_joined(([" and"] if style == 2 and value < 100 else []) + group_words(value, hyphen, style > 0)
                              + ([" " + SCALES[scale]] if scale else []), joint)) if value else 0
            for value in range(1000)] for joint in (GLUED, SPACED, CAPITAL)] for scale in range(integer_groups)]
            for hyphen in (0, 1)] for style in (0, 1, 2)], dtype=int32)
        self.zero = torch.tensor([add(joined("zero", joint)) for joint in (GLUED, SPACED, CAPITAL)], dtype=int32)
        # leading group, filled group, filled group after a comma
        self.digits = torch.tensor([[add(*form.format(value)) for value in range(1000)]
                                    for form in ("{}", "{:03}", ",{:03}")], dtype=int32)
        # first group (after the point) or a later one; joint; digits shown, 0..3; value filled with zeros on the right
        self.decimal_digits = torch.tensor([[[[
            add(*((" ." if joint == SPACED else ".",) if group == 0 and shown else ()), *f"{value:03}"[:shown])
            for value in range(1000)] for shown in range(4)] for joint in (GLUED, SPACED, CAPITAL)]
            for group in (0, 1)], dtype=int32)
        self.decimal_words = torch.tensor([[[[
            add(*((joined("point", joint),) if group == 0 and shown else ()),
                *(" " + ONES[int(digit)] for digit in f"{value:03}"[:shown]))
            for value in range(1000)] for shown in range(4)] for joint in (GLUED, SPACED, CAPITAL)]
            for group in (0, 1)], dtype=int32)
        # does the number begin with a digit, own parenthesis, sign, joint: all that stands before the number itself
        self.head = torch.tensor([[[[add(*self._head(digit, parenthesis, sign, joint))
                                     for joint in (GLUED, SPACED, CAPITAL)] for sign in SIGN_TEXTS]
                                   for parenthesis in (0, 1)] for digit in (0, 1)], dtype=int32)
        self.closers = torch.tensor([add(*")" * count) for count in range(depth + 2)], dtype=int32)

        # Operators: word forms, then symbols spaced and compact, then typeset symbols spaced and compact.
        forms = FORMS + [(INFIX, name, "", symbol, False) for symbols in (SYMBOLS, TYPESET_SYMBOLS)
                         for glued in (False, True) for name, symbol in symbols]
        n_words = len(FORMS)
        self.symbol_form = torch.tensor([[n_words + 8 * typeset + 4 * glued + o for o in range(4)]
                                         for typeset in (0, 1) for glued in (0, 1)], dtype=int32)
        self.between = torch.tensor([add(*(" " + word for word in middle.split())) if form < n_words
                                     else add((" " if (form - n_words) % 8 < 4 else "") + middle)
                                     for form, (_, _, _, middle, _) in enumerate(forms)], dtype=int32)
        self.glued_after = torch.tensor([form >= n_words and (form - n_words) % 8 >= 4 for form in range(len(forms))])
        self.kind = torch.tensor([kind for kind, *_ in forms], dtype=int32)
        self.reversed = torch.tensor([is_reversed for *_, is_reversed in forms])
        # parenthesis or not, form, joint
        self.opener = torch.tensor([[[add(*self._opener(parenthesis, opener, joint))
                                      for joint in (GLUED, SPACED, CAPITAL)] for _, _, opener, _, _ in forms]
                                    for parenthesis in (0, 1)], dtype=int32)
        self.has_opener = torch.tensor([bool(opener) for _, _, opener, _, _ in forms])
        # [operation, kind] -> which forms there are: (operation, kind, choice) and how many
        choices = [[[f for f, form in enumerate(FORMS) if form[0] == kind and form[1] == name]
                    for kind in (INFIX, NOUN, RELATION, IMPERATIVE)] for name in OPERATIONS]
        # There is no relation for products and quotients: their plain words stand in.
        choices = [[some or by_kind[INFIX][:1] for some in by_kind] for by_kind in choices]
        self.n_choices = torch.tensor([[len(some) for some in by_kind] for by_kind in choices], dtype=int32)
        most = int(self.n_choices.max())
        self.choices = torch.tensor([[(some * most)[:most] for some in by_kind] for by_kind in choices], dtype=int32)

        frames = [("", "")] + FRAMES + IMPERATIVE_FRAMES
        self.before = torch.tensor([add(*(joined(word, SPACED if w else GLUED) for w, word in
                                          enumerate(before.split(" ")))) for before, _ in frames], dtype=int32)
        self.after = torch.tensor([add(after) for _, after in frames], dtype=int32)
        self.begins_line = torch.tensor([before[-1:] in ("", "\n") for before, _ in frames])
        self.ids, self.start, self.length = pieces.tensors()

    @staticmethod
    def _head(digit, parenthesis, sign, joint):
        parts = [joined("(", joint)] if parenthesis else []
        after_parenthesis = GLUED if parenthesis else joint
        if sign:
            parts.append(joined(sign, after_parenthesis))
        if digit:
            # Digits, unlike words and points, have no space of their own: it is a token before them.
            needs_space = sign[:1].isalpha() or (not sign and after_parenthesis == SPACED)
            parts += [" "] if needs_space else []
        return parts

    @staticmethod
    def _opener(parenthesis, opener, joint):
        parts = [joined("(", joint)] if parenthesis else []
        for w, word in enumerate(opener.split()):
            parts.append(joined(word, SPACED if w else GLUED if parenthesis else joint))
        return parts

    def to(self, device):
        for name, value in vars(self).items():
            setattr(self, name, value.to(device))
        return self


@functools.lru_cache(maxsize=8)
def get_tables(tokenizer, integer_groups, depth, device):
    return Tables(tokenizer, integer_groups, depth).to(device)


def longest_text(tokenizer, ranges):
    """A bound on the tokens of a text: each of its pieces at its longest, whether they go together or not."""
    tables = get_tables(tokenizer, ranges.integer_groups, ranges.depth, torch.device("cpu"))

    def longest(table):
        return int(tables.length[table.flatten().long()].max())

    operator = longest(tables.opener) + longest(tables.between) + 1                         # and its closer
    in_words = ranges.integer_groups * longest(tables.words) + ranges.decimal_groups * longest(tables.decimal_words)
    number = longest(tables.head) + in_words + 1
    return (ranges.depth * operator + (ranges.depth + 1) * number + longest(tables.before) + longest(tables.after))


def pick(table, *indices):
    """table[indices] for integer index tensors of one shape: one flat gather, several times faster than indexing."""
    flat = indices[0]
    for size, index in zip(table.shape[1:], indices[1:]):
        flat = flat * size + index
    return table.flatten().index_select(0, flat.flatten()).view(flat.shape)


@dataclass
class Texts:
    """N texts, ragged: text n is ids[offsets[n] : offsets[n + 1]]."""
    ids: torch.Tensor          # (total,) int32 token ids
    offsets: torch.Tensor      # (N + 1,) int64
    reversed: torch.Tensor     # (D, N) bool: the operand read first is operand 2
    wording: torch.Tensor      # (N,) int32 index into WORDINGS
    form: torch.Tensor         # (D, N) int32 index of each operator's form: FORMS, then symbols


def choose_forms(wording, tables, e, example, fields, english_text):
    """Each operator's form (D, N), and whether the text is prose (N,)."""
    is_prose = chance(example[0], wording.prose_rate) & (e.n_ops > 0)
    is_root = e.used & ~e.parent.any(0)
    # A root is imperative, noun, relation or plain words, a quarter each; below it 3/8, 1/8 and one half.
    kind_of = torch.tensor([[NOUN, NOUN, NOUN, RELATION, INFIX, INFIX, INFIX, INFIX],
                            [NOUN, NOUN, RELATION, RELATION, IMPERATIVE, IMPERATIVE, INFIX, NOUN]],
                           dtype=torch.int32, device=fields.device)
    kind = pick(kind_of, is_root.to(torch.int32), scaled(fields[0], 8)) * is_prose
    worded = is_prose | english_text | chance(fields[1], wording.operator_word_rate)
    bound = pick(tables.n_choices, e.operation, kind)
    choice = scaled(fields[2], bound) * (chance(fields[3], wording.word_variant_rate) | (kind != INFIX))
    word_form = pick(tables.choices, e.operation, kind, choice)
    style = (2 * chance(example[1], wording.typeset_rate) + chance(example[2], wording.compact_rate)).to(torch.int32)
    symbol_form = pick(tables.symbol_form, style.expand_as(e.operation), e.operation)
    return torch.where(worded, word_form, symbol_form), is_prose


def needs_parentheses(e, kind):
    """(D, N) bool: operators whose text must stand in parentheses for the tree to be read back."""
    precedence = 1 + (e.operation >= 2).to(torch.int8)
    precedence = torch.where(kind == INFIX, precedence, 0).to(torch.int8)     # prose binds weakest
    parent_precedence = (e.parent * precedence[:, None]).sum(0, dtype=torch.int8)
    has_parent = e.parent.any(0)
    under_infix = parent_precedence > 0
    looser = (precedence < parent_precedence) | ((precedence == parent_precedence) & e.is_right)
    ends_text = e.is_right & (e.last == e.n_ops)
    infix = torch.where(under_infix, looser, True)
    noun = under_infix & ~ends_text
    needed = torch.where(kind == INFIX, infix, torch.where(kind == NOUN, noun, True))
    return needed & has_parent & e.used


def render(wording, tokenizer, e, keys, ranges):
    """Texts of expressions `e` under the examples' keys (N,) int64; deterministic in both."""
    D, K, N = ranges.depth, e.n_digits.shape[0], keys.shape[0]
    tables = get_tables(tokenizer, ranges.integer_groups, D, keys.device)
    int32 = torch.int32

    example = draw_fields(keys, WORDING_LANE, 12)
    by_operator = draw_fields(keys, WORDING_LANE + 16, 5 * D).view(5, D, N)
    by_number = draw_fields(keys, WORDING_LANE + 64, 6 * K).view(6, K, N)

    # Half of the English rate comes as whole texts in English, the rest number by number.
    whole = wording.english_conversion_rate / 2
    english_text = chance(example[3], whole)
    english = english_text | chance(by_number[0], whole / (1 - whole))                          # (K, N)

    form, is_prose = choose_forms(wording, tables, e, example, by_operator, english_text)
    # "sixty-six" is one number, and "sixty-6" might be: after words a glued hyphen gets its spaces back, which stand
    # four forms before it.
    glued_hyphen = len(FORMS) + len(SYMBOLS) + OPERATIONS.index("subtract")
    form = form - len(SYMBOLS) * ((form == glued_hyphen) & english[:D]).to(int32)
    kind = pick(tables.kind, form)
    parentheses = needs_parentheses(e, kind)
    parentheses |= chance(by_operator[4], wording.redundant_parentheses_rate) & e.used & (kind != IMPERATIVE)
    root_is_imperative = ((kind == IMPERATIVE) & e.used).any(0)

    framed = chance(example[4], wording.frame_rate)
    frame = torch.where(root_is_imperative, 1 + len(FRAMES) + scaled(example[5], len(IMPERATIVE_FRAMES)),
                        1 + scaled(example[5], len(FRAMES))).to(int32) * framed
    begins = CAPITAL * chance(example[6], wording.capital_rate).to(int32)
    joint = torch.where(pick(tables.begins_line, frame), begins, SPACED).to(int32)

    # Openers of operators whose span begins at number k, outermost first: column (k, how many stand outside).
    outside = ((e.first[None] == e.first[:, None]) & (e.last[None] > e.last[:, None]) & e.used[None])
    column = e.first * D + outside.sum(1, dtype=int32)
    opening = (parentheses | pick(tables.has_opener, form)) & e.used
    code = torch.where(opening, 1 + form * 2 + parentheses, 0).to(int32)
    grid = code.new_zeros(K * D + 1, N)
    grid.scatter_(0, torch.where(e.used, column, K * D).to(torch.int64), code)

    # Texts are put together left to right; `joint` says how the next thing joins what stands before it.
    sign = choose_signs(wording, e, english, example, by_number)
    own_parenthesis = chance(by_number[1], wording.redundant_parentheses_rate) & e.number_used
    closing = (parentheses[None] & (e.last[None] == torch.arange(K, device=keys.device)[:, None, None])).sum(1)
    closing = (closing + own_parenthesis).to(int32)
    glued_after = pick(tables.glued_after, form)
    between = pick(tables.between, form) * e.used
    rows, used = [pick(tables.before, frame)], e.number_used
    number_rows = NumberRows(wording, tables, e, english, example, by_number, is_prose)
    for k in range(K):
        for d in range(D - k):
            code = grid[k * D + d]
            has, parenthesis, opener_form = code > 0, (code - 1) & 1, (code - 1).clamp(min=0) >> 1
            rows.append(pick(tables.opener, parenthesis, opener_form, joint) * has)
            spaced = pick(tables.has_opener, opener_form).to(int32)           # after words a space, after "(" none
            joint = torch.where(has, spaced, joint)
        rows.append(pick(tables.head, number_rows.begins_with_digit[k], own_parenthesis[k].to(int32), sign[k], joint)
                    * used[k])
        # After a sign in words comes a space, after other signs and parentheses none; else the number itself begins.
        after_sign = (sign[k] == NEGATIVE) | (sign[k] == MINUS)
        joint = torch.where((sign[k] > 0) | own_parenthesis[k], after_sign.to(int32), joint)
        rows += [row * used[k] for row in number_rows.of(k, joint)]
        rows.append(pick(tables.closers, closing[k]) * used[k])
        if k < D:
            rows.append(between[k])
            joint = (~glued_after[k]).to(int32)
    rows.append(pick(tables.after, frame))

    ids, offsets = gather_pieces(tables, torch.stack(rows))
    in_words = (english | ~used).all(0)
    no_words = ~(english & used).any(0)
    symbols = ~((form < len(FORMS)) & e.used).any(0)
    words = ~((form >= len(FORMS)) & e.used).any(0)
    label = torch.where(is_prose, 3, torch.where(in_words & words, 2, torch.where(no_words & symbols, 0, 1)))
    return Texts(ids, offsets, pick(tables.reversed, form) & e.used, label.to(int32), form)


def choose_signs(wording, e, english, example, fields):
    """(K, N) int32 codes into SIGN_TEXTS."""
    typeset = chance(example[1], wording.typeset_rate).to(torch.int32)
    in_words = NEGATIVE + chance(fields[2], wording.minus_word_rate).to(torch.int32)
    worded = english | chance(fields[3], wording.sign_word_rate)
    negative = torch.where(worded, in_words, HYPHEN + typeset)
    two = chance(fields[4], wording.two_hyphens_rate) & ~english
    return torch.where(e.negative, negative, TWO_HYPHENS * two).to(torch.int32)


class NumberRows:
    """The rows of number k's digit groups, integer then decimals, in digits or in words."""

    def __init__(self, wording, tables, e, english, example, fields, is_prose):
        int32 = torch.int32
        self.tables, self.e, self.english = tables, e, english
        use_and = (chance(example[7], wording.and_rate) & ~is_prose).to(int32)
        self.style = use_and                                                   # (N,)
        self.hyphen = chance(example[8], wording.hyphen_rate).to(int32)
        self.comma = chance(example[9], wording.thousands_separator_rate).to(int32)
        leading = chance(fields[5], wording.leading_point_rate)
        self.is_zero = e.integer.sum(0) == 0                                   # integer part, (K, N)
        self.hide_zero = leading & self.is_zero & (e.n_decimals > 0)
        self.begins_with_digit = (~english & ~self.hide_zero).to(int32)
        self.leading_group = (e.n_digits - 1) // 3

    def of(self, k, joint):
        tables, e, G, F = self.tables, self.e, self.e.integer.shape[0], self.e.decimal.shape[0]
        int32, english, rows = torch.int32, self.english[k], []
        started = torch.zeros_like(english)
        for g in reversed(range(G)):
            value = e.integer[g, k]
            comma_or_not = torch.where(self.leading_group[k] == g, 0, 1 + self.comma)
            in_digits = pick(tables.digits, comma_or_not, value) * (self.leading_group[k] >= g)
            style = self.style + (self.style * started if g == 0 else 0)
            here = torch.where(started, SPACED, joint).to(int32)
            in_words = pick(tables.words, style.to(int32), self.hyphen, torch.full_like(value, g), here, value)
            if g == 0:
                in_digits = in_digits * ~self.hide_zero[k]
                in_words = torch.where(self.is_zero[k] & ~self.hide_zero[k], pick(tables.zero, joint), in_words)
            started = started | (value > 0)
            rows.append(torch.where(english, in_words, in_digits))
        after = torch.where(self.hide_zero[k], joint, SPACED).to(int32)
        for f in range(F):
            value, shown = e.decimal[f, k], (e.n_decimals[k] - 3 * f).clamp(0, 3)
            later = torch.full_like(value, min(f, 1))
            in_digits = pick(tables.decimal_digits, later, after * self.hide_zero[k], shown, value)
            in_words = pick(tables.decimal_words, later, after, shown, value)
            rows.append(torch.where(english, in_words, in_digits))
        return rows


def gather_pieces(tables, rows):
    """Token ids of rows (P, N), text by text: (ids (total,) int32, offsets (N + 1,) int64)."""
    rows = rows.t().contiguous()                                # (N, P)
    pieces = torch.zeros(len(rows) + 1, dtype=torch.int64, device=rows.device)
    torch.cumsum((rows != 0).sum(1), 0, out=pieces[1:])         # filled pieces up to the end of each text
    rows = rows.flatten().index_select(0, rows.flatten().nonzero().squeeze(1))
    length = tables.length.index_select(0, rows)
    ends = torch.zeros(len(rows) + 1, dtype=torch.int64, device=rows.device)
    torch.cumsum(length, 0, out=ends[1:])
    offsets = ends.index_select(0, pieces)
    # Token t of a piece is table[start + t - where the piece begins]: one jump per piece, summed up, gives the rest.
    begins = ends[:-1]
    shift = tables.start.index_select(0, rows) - begins.to(torch.int32)
    jump = torch.ones(int(ends[-1]), dtype=torch.int32, device=rows.device)
    jump.scatter_(0, begins, torch.cat((shift[:1], shift.diff() + 1)))
    return tables.ids.index_select(0, jump.cumsum(0, dtype=torch.int32)), offsets
