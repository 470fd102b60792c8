"""Put expressions into words: digits or English, symbols or operator words, prose, frames, as token ids.

Every text is a fixed sequence of pieces, each a row of the ragged table of token ids in `wording_tables.py`: openers of each
operator, head of each number (spaces, bracket, sign), its digit groups, closers, the operator. Most pieces are
empty in most texts. Choosing the rows and gathering them are tensor operations; there is no loop over examples.

What texts mean is in the docstring of `parser.py`, which reads them back and shares no code with this file: operators
bind as on paper, from left to right, a missing times sign as any other (6/2(1+2) is 9), and 25% is the number 0.25.
Axes as in `expression.py`. Imports `counter_rng`, `number_text`, `numbers`, `phrases`, `pieces`, `ranges`, `stories`
and `wording_tables`.
"""
from dataclasses import dataclass

import torch

from data.dagset.counter_rng import chance, draw_fields, scaled
from data.dagset.number_text import NumberRows, as_written, choose_percents, choose_signs
from data.dagset.numbers import FIRST_DENOMINATOR, FIRST_NUMERATOR, FIRST_UNSAID, places_table
from data.dagset.phrases import (CURRENCIES, FORMS, GREETINGS, HYPHEN, IMPERATIVE, INFIX, ITEM, LINK,
                                 LIST_IMPERATIVE, LIST_NOUN, LOWER_FROM, MINUS, NEGATIVE, NO_SIGN, NOUN, PASSIVE,
                                 PERCENT_SIGN, PLAIN_SET, QUESTION, RELATION, REQUESTS, SENTENCE, SENTENCE_START,
                                 THANKS, TIMES_SETS, TYPESET, UNITS)
from data.dagset.pieces import CAPITAL, GLUED, SPACED, gather_pieces, pick
from data.dagset.ranges import OPERATIONS, RangeError
from data.dagset.stories import Stories, can_be_told
from data.dagset.wording_tables import IMPLICIT, OF, TOLD, get_tables

WORDING_LANE, STORY_LANE = 512, 448      # where this purpose's random lanes start, and behind that those of stories
WORDINGS = ("digits", "mixed", "english", "prose")     # classes that figures are split by


@dataclass(frozen=True)
class Wording:
    """How expressions are written. Every rate is a share or a probability; 0 turns the wording off."""
    english_conversion_rate: float = 0.3    # share of numbers in words; half of it comes as whole texts in English
    operator_word_rate: float = 0.3         # of operators between operands that are in words, outside such texts
    prose_rate: float = 0.0                 # texts with "the sum of a and b", "subtract a from b", "a less than b"
    chain_rate: float = 0.0                 # of the imperatives among them that go on: ", then multiply by c"
    sentence_rate: float = 0.0              # of chains as sentences: "Take 10. Subtract 4. Then multiply by 3."
    question_rate: float = 0.0              # of prose "How much more is a than b?", "When a is added to b, ...?", and
                                            # of frames "Can you ... for me?"
    frame_rate: float = 0.0                 # texts in a sentence: "What is ...?", "Q: ... \n\nA:", "... ="
    story_rate: float = 0.0                 # of up to 6 operations on plain numbers, where they can be told:
                                            # "Tom had 12 apples and bought 9 more. How many does he have now? ="
    swap_rate: float = 0.0                  # of scenes among them with some words put for others that few scenes have: "N owls"
                                            # for "N dancers"; for training alone
    equals_rate: float = 0.0                # of the questions that end in a question mark, with " =" behind it
    chat_rate: float = 0.0                  # texts that a chat's words stand before, and as many behind: Hello! ... Thanks!
    redundant_parentheses_rate: float = 0.02    # of operators and of numbers in needless parentheses
    compact_rate: float = 0.1               # texts without spaces round symbols
    typeset_rate: float = 0.0               # texts with × ÷ − for * / -
    times_sign_rate: float = 0.0            # texts with x, X, × or · for *
    square_bracket_rate: float = 0.0        # texts with [] for ()
    implicit_times_rate: float = 0.0        # of the multiplications by what is in parentheses, in symbols: 2(3 + 4)
    word_variant_rate: float = 0.0          # operator words other than plus, minus, times, divided by
    thousands_separator_rate: float = 0.0   # texts whose digits are grouped: 1,234
    leading_point_rate: float = 0.0         # of numbers below one without their zero: .5, point five
    and_rate: float = 0.0                   # English texts with "one hundred and five", but where "and" parts operands
    hyphen_rate: float = 0.5                # texts with twenty-five, against twenty five
    a_for_one_rate: float = 0.0             # English texts with "a hundred and five", "a thousand"
    oh_rate: float = 0.0                    # English texts with "oh" for a zero after the point
    minus_word_rate: float = 0.2            # negative English numbers as "minus three", against "negative three"
    annotation_rate: float = 0.0            # texts as calculator annotations in prose: "He has 2*9 = <<2*9=", in digits
    currency_rate: float = 0.0              # texts whose numbers in digits, but percents, have a currency: $5, -$3
    unit_rate: float = 0.0                  # texts with what is counted behind most numbers: 5 apples plus 3
    mixed_number_rate: float = 0.0          # numbers that end in a half or a quarter, in digits among words: "2 and a half"
    sign_word_rate: float = 0.0             # negative numbers in digits as "negative 3"
    two_hyphens_rate: float = 0.0           # positive numbers in digits as "--3"
    capital_rate: float = 0.0               # texts that begin with a capital where they begin with a word

    def __post_init__(self):
        for name, rate in vars(self).items():
            if not 0 <= rate <= 1:
                raise RangeError(f"{name}={rate}: a rate lies between 0 and 1")


@dataclass
class Texts:
    """N texts, ragged: text n is ids[offsets[n] : offsets[n + 1]]."""
    ids: torch.Tensor          # (total,) int32 token ids
    offsets: torch.Tensor      # (N + 1,) int64
    reversed: torch.Tensor     # (D, N) bool: the operand read first is operand 2
    places: torch.Tensor | None    # (K, N) int64: where among the text's numbers that of each leaf of the tree stands; None: in order
    wording: torch.Tensor      # (N,) int32 index into WORDINGS
    form: torch.Tensor         # (D, N) int32 index of each operator's form: FORMS, then symbols
    annotated: torch.Tensor    # (N,) bool: a calculator annotation in prose


def choose_forms(wording, tables, e, ranges, example, more, fields, english_text, annotated):
    """Each operator's form (D, N), whether the text is prose (N,), and whether it is a chain of sentences (N,).
    annotated (N,) bool: texts that are in compact symbols."""
    is_prose = (chance(example[0], wording.prose_rate) & (e.n_ops > 0) & ~annotated) | e.listed.any(0)
    is_root = e.used & ~e.parent.any(0)
    # "Take 8, double it": texts that have such numbers are chains
    doubles = torch.zeros_like(is_prose)
    if ranges.multiple_rate and wording.chain_rate:
        doubles = ((e.name == FIRST_UNSAID) & e.number_used).any(0) & ~annotated & ~(e.percent & e.number_used).any(0)
        is_prose |= doubles
    # A root is imperative, noun, relation or plain words, a quarter each; below it 3/8, 1/8 and one half.
    kind_of = torch.tensor([[NOUN, NOUN, NOUN, RELATION, INFIX, INFIX, INFIX, INFIX],
                            [NOUN, NOUN, RELATION, RELATION, IMPERATIVE, IMPERATIVE, INFIX, NOUN]],
                           dtype=torch.int32, device=fields.device)
    kind = pick(kind_of, is_root.to(torch.int32), scaled(fields[0], 8)) * is_prose
    kind = torch.where(doubles & is_root, IMPERATIVE, kind)
    has_percent, chain = (e.percent & e.number_used).any(0), torch.zeros_like(is_prose)
    sentences = chain
    if wording.question_rate:
        asks = is_root & is_prose & ~has_percent & ~doubles & chance(more[0], wording.question_rate)
        kind = torch.where(asks, QUESTION, kind)
    if wording.chain_rate:
        # "Add 3 to 4, then multiply by 5": all whose span begins with the text goes on from operator 0. No percents.
        chain = (kind == IMPERATIVE).any(0) & (chance(example[15], wording.chain_rate) | doubles)
        chain &= ~has_percent
        sentences = chain & chance(more[1], wording.sentence_rate)
        start = torch.where(sentences & ((more[2] & 1) == 0), SENTENCE_START, IMPERATIVE)
        kind = torch.where(chain & e.used & (e.first == 0), torch.where(sentences, SENTENCE, LINK), kind)
        kind[0] = torch.where(chain, start, kind[0])
    if ranges.list_rate:
        # "Add 3, 4 and 5" where the text begins so or goes on from it, else "the sum of 3, 4 and 5".
        ends = e.listed & ~(e.parent & e.listed[:, None]).any(0)
        asked = (chain & (e.first == 0)) | (is_root & ~has_percent & ((more[3] & 1) == 0))
        kind = torch.where(e.listed, torch.where(ends, torch.where(asked, LIST_IMPERATIVE, LIST_NOUN), ITEM), kind)
    kind = torch.where((kind == QUESTION) & ((more[0] & 1) == 0), PASSIVE, kind).to(torch.int32)
    if ranges.multiple_rate and wording.chain_rate:
        goes_on = chain & (e.first == 0) & e.used & (e.name.roll(-1, 0)[:len(kind)] == FIRST_UNSAID)
        kind = torch.where(goes_on, pick(tables.unsaid_kind, kind), kind)
    worded = (is_prose | english_text | chance(fields[1], wording.operator_word_rate)) & ~annotated
    bound = pick(tables.n_choices, e.operation, kind)
    choice = scaled(fields[2], bound) * (chance(fields[3], wording.word_variant_rate) | (kind != INFIX))
    word_form = pick(tables.choices, e.operation, kind, choice)
    symbols = TYPESET * chance(example[1], wording.typeset_rate).to(torch.int32)
    if wording.times_sign_rate:
        times = pick(tables.times_sets, scaled(example[11], len(TIMES_SETS)))
        symbols = torch.where(chance(example[10], wording.times_sign_rate), times, symbols)
    style = torch.where(annotated, 2 * PLAIN_SET + 1, 2 * symbols + chance(example[2], wording.compact_rate))
    symbol_form = len(FORMS) + 4 * style + e.operation
    return torch.where(worded, word_form, symbol_form), is_prose, sentences


def choose_names(tables, e, form, annotated):
    """(named, unsaid): the names (K, N) int32 that numbers go by, 0 for none, and whether (K, N) bool nothing is written for
    one, since an operator's form says it: "double it"."""
    D = len(form)
    name = e.name * (e.number_used & ~annotated)
    unsaid = torch.zeros_like(e.number_used)
    unsaid[1:D + 1] = pick(tables.is_unsaid, form) & e.used
    # A name stands before its operator in plain words; of a fraction both operators must be.
    plain = (pick(tables.kind, form) == INFIX) & e.used
    begins, ends = ((first <= name) & (name < first + FIRST_DENOMINATOR - FIRST_NUMERATOR)
                    for first in (FIRST_NUMERATOR, FIRST_DENOMINATOR))
    can = torch.zeros_like(unsaid)
    can[:D] = plain & (name[:D] < FIRST_UNSAID)
    both = can & can.roll(-1, 0)
    can = torch.where(begins, both, torch.where(ends, both.roll(1, 0), can))
    return (name * can).to(torch.int32), unsaid


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
    needed = torch.where(kind == INFIX, infix, torch.where(kind == NOUN, noun, kind == RELATION))
    return needed & has_parent & e.used


def suit_percents(tables, e, form, keys):
    """Forms that mean what they say of percents: three in four products of one have "of", as in 25% of 80."""
    D, kind = len(form), pick(tables.kind, form)
    position = torch.arange(D, dtype=torch.int32, device=form.device)[:, None]
    left, right = ((e.first == position) & e.percent[:D], (e.last == position + 1) & e.percent.roll(-1, 0)[:D])
    is_part = e.used & (e.operation == OPERATIONS.index("multiply")) & (kind == INFIX) & left
    form = torch.where(is_part & chance(draw_fields(keys, WORDING_LANE + 192, D), 0.75), OF, form)
    # Whoever reduces 80 by 10% is left with 72, not with 79.9: such sums and differences are in plain words.
    changes = ((kind == RELATION) | (kind == IMPERATIVE)) & (e.operation < 2) & (left | right)
    return torch.where(changes, pick(tables.choices, e.operation, kind * 0 + INFIX, kind * 0), form)


def take_fractions_of(wording, tables, e, form, keys, in_digits):
    """Forms with "of" where a product's left operand is a fraction in compact symbols and digits: 3/4 of 120.

    in_digits: (K, N) bool, numbers that are in digits and no percentages."""
    D = len(form)
    position = torch.arange(D, dtype=torch.int32, device=form.device)[:, None]
    in_digits = ((e.first == position[:, None]) & (in_digits[:D] & in_digits.roll(-1, 0)[:D])[:, None]).any(0)
    fraction = (in_digits & e.used & (e.operation == OPERATIONS.index("divide")) & (e.first + 1 == e.last) & ~e.is_right
                & (form >= len(FORMS)) & pick(tables.glued_after, form))
    of_it = e.used & (e.operation == OPERATIONS.index("multiply")) & (e.parent & fraction[None]).any(1)
    of_it &= chance(draw_fields(keys, WORDING_LANE + 256, D), wording.word_variant_rate)
    return torch.where(of_it & (pick(tables.kind, form) == INFIX), OF, form)


def keep_apart(wording, tables, e, form, ends_in_word, begins_with_word):
    """Forms with spaces round the glued symbols that would make something else of the words beside them."""
    # "sixty-six" is one number, and "sixty-6" might be. A symbol with spaces stands four forms before it without.
    D = len(form)
    unclear = pick(tables.glued_hyphen, form) & ends_in_word[:D]
    if wording.times_sign_rate:
        # Nor is "threexfour" a sum: an x between words.
        position = torch.arange(1, D + 1, dtype=torch.int32, device=form.device)[:, None, None]
        words_open = ((e.first[None] == position) & (pick(tables.has_opener, form) & e.used)[None]).any(1)
        following = begins_with_word.roll(-1, 0)[:D]
        unclear |= pick(tables.glued_letter, form) & (ends_in_word[:D] | words_open | following)
    return form - 4 * unclear.to(torch.int32)


def leave_out_times(wording, tables, e, form, keys, parentheses, own_parenthesis, ends_well):
    """Forms with no sign at all where a product's right operand is in parentheses: 2(3 + 4).

    ends_well: (K, N) bool, whether what ends with a number ends in a digit or in a parenthesis.
    """
    D = len(form)
    position = torch.arange(D, dtype=torch.int32, device=form.device)[:, None]
    stands_apart = (e.parent & (e.is_right & parentheses)[None]).any(1)              # the right operand, an operation
    stands_apart |= (e.last == position + 1) & own_parenthesis.roll(-1, 0)[:D]       # a number
    field = draw_fields(keys, WORDING_LANE + 128, D)
    implied = (e.used & (e.operation == OPERATIONS.index("multiply")) & (form >= len(FORMS)) & stands_apart
               & ends_well[:D] & chance(field, wording.implicit_times_rate))
    spaced = ~pick(tables.glued_after, form) & ((field & 3) == 0)
    return torch.where(implied, IMPLICIT + spaced.to(torch.int32), form)


def annotated_rows(tables, note, annotated, rows, with_digit):
    """The rows of texts, of the annotated (N,) bool ones with what makes a calculator annotation in prose of them:
    "Tom has 12 books. So he pays $2*9 = $<<2*9=". with_digit (N,) bool: their expression begins with a digit.

    Three in four have a sentence before, three in four the expression twice, of which the second is asked.
    """
    aside, copied = (annotated & ((field & 3) > 0) for field in note[1:3])
    longer = aside & ((note[3] & 1) > 0)                        # "Tom has 12 books and 3 pens."
    greeting, before, *expression, request, after, thanks = rows
    pieces = [pick(table, scaled(field, len(table))) * (longer if 3 <= n < 6 else aside)
              for n, (table, field) in enumerate(zip(tables.aside, note[4:11]))]
    lead = torch.where(copied, torch.where(with_digit & ((note[3] & 2) > 0), 0, 1), 2)
    lead = pick(tables.leads, lead, aside.int(), scaled(note[11], tables.leads.size(2))) * annotated
    opener = pick(tables.annotations, copied.int(), (note[1] >> 2) & 3) * annotated
    return [greeting, before, *pieces, lead, *(row * copied for row in expression), opener, *expression,
            request, after + pick(tables.equals, annotated.int()), thanks]


def render(wording, tokenizer, e, keys, ranges):
    """Texts of expressions `e` under the examples' keys (N,) int64; deterministic in both."""
    D, K, N = ranges.depth, e.n_digits.shape[0], keys.shape[0]
    tables = get_tables(tokenizer, ranges.integer_groups, D, wording.story_rate > 0, wording.swap_rate > 0, keys.device)
    int32 = torch.int32

    example = draw_fields(keys, WORDING_LANE, 16)
    by_operator = draw_fields(keys, WORDING_LANE + 16, 5 * D).view(5, D, N)
    by_number = draw_fields(keys, WORDING_LANE + 64, 6 * K).view(6, K, N)
    more = draw_fields(keys, WORDING_LANE + 224, 8)

    note = draw_fields(keys, WORDING_LANE + 240, 12)
    annotated = chance(note[0], wording.annotation_rate) & (e.n_ops > 0) & ~(e.percent & e.number_used).any(0)
    annotated &= ~e.listed.any(0)

    # Half of the English rate comes as whole texts in English, the rest number by number.
    whole = wording.english_conversion_rate / 2
    english_text = chance(example[3], whole) & ~annotated
    english = (english_text | chance(by_number[0], whole / (1 - whole))) & ~annotated           # (K, N)

    form, is_prose, sentences = choose_forms(wording, tables, e, ranges, example, more, by_operator,
                                              english_text, annotated)
    chat = draw_fields(keys, WORDING_LANE + 400, 5)
    greeted, polite = (chance(chat[n], wording.chat_rate) & ~annotated for n in (0, 2))
    greeting = scaled(chat[1], len(GREETINGS))
    thanks, can_thank = scaled(chat[4], len(THANKS)), (chat[3] & 1) == 1
    stories, told = None, torch.zeros_like(annotated)
    if wording.story_rate and ranges.max_ops:
        story = draw_fields(keys, WORDING_LANE + STORY_LANE, 1 + Stories.n_draws(K))
        as_chain, as_scene, group = can_be_told(tables, e)
        told = (as_chain | as_scene) & (chance(story[0], wording.story_rate) | (e.formula > 0)) & ~annotated
        stories = Stories(tables, e, story[1:], english, told, as_chain, as_scene, group, greeted,
                          greeted & (greeting >= LOWER_FROM), polite & can_thank, thanks, wording.swap_rate)
        form = torch.where(told & e.used, TOLD, form)
        is_prose, sentences = is_prose | told, sentences & ~told
    # "Two thousand, five" would be one number of a list's, or of the average of "two thousand, five and six".
    has_list = e.listed.any(0) | told
    english = english & ~(has_list & (e.integer[0] == 0) & (e.n_digits > 3) & (e.n_decimals == 0))
    unsaid = e.unsaid & told
    if ranges.multiple_rate:
        named, unsaid_too = choose_names(tables, e, form, annotated)
        unsaid |= unsaid_too
        form = torch.where(named[:D] > 0, pick(tables.named_form, named[:D]), form)
        english = english | (named > 0)
    sign = choose_signs(wording, e, english, example, by_number)
    sign = torch.where(annotated | told, torch.where(e.negative, HYPHEN, NO_SIGN), sign).to(int32)
    # Words may part "three and a half" in a list: "the sum of two, three and a half".
    mixed, has_mixed = torch.zeros_like(english), ~e.listed.any(0) & ~annotated
    if stories:
        has_mixed &= ~told | stories.has_mixed
    if ranges.fraction_rate and wording.mixed_number_rate:
        mixed = chance(draw_fields(keys, WORDING_LANE + 144, K), wording.mixed_number_rate) & (e.fraction > 0) & ~english
        mixed &= is_prose & has_mixed
        if stories:
            mixed &= ~stories.in_currency
    ends_in_word = english | mixed
    if ranges.percent_rate:
        percent = choose_percents(e, english, draw_fields(keys, WORDING_LANE + 160, K))
        ends_in_word = ends_in_word | (percent > PERCENT_SIGN)
        form = suit_percents(tables, e, form, keys)
    in_currency = chance(more[6], wording.currency_rate) & ~english & ~e.percent & ~mixed & ~(annotated | told)    # (K, N)
    units = draw_fields(keys, WORDING_LANE + 320, 2 + K)
    has_unit = chance(units[0], wording.unit_rate) & ~(annotated | told) & ((units[2:] & 3) > 0) & ~in_currency & ~e.percent
    if ranges.multiple_rate:
        has_unit &= (named == 0) & ~unsaid
    ends_in_word = ends_in_word | has_unit
    if wording.word_variant_rate:
        in_digits = ~(english | e.percent | has_unit | mixed)
        form = torch.where(annotated, form, take_fractions_of(wording, tables, e, form, keys, in_digits))
    form = keep_apart(wording, tables, e, form, ends_in_word, english | (sign == NEGATIVE) | (sign == MINUS))
    kind = pick(tables.kind, form)
    parentheses = needs_parentheses(e, kind)
    own_parenthesis = chance(by_number[1], wording.redundant_parentheses_rate) & e.number_used & ~told
    needless = chance(by_operator[4], wording.redundant_parentheses_rate) & e.used & (kind < IMPERATIVE)
    if ranges.multiple_rate:
        parentheses &= named[:D] == 0                           # "twice 8" binds like a number
        needless &= (named[:D] < FIRST_NUMERATOR) | (named[:D] >= FIRST_DENOMINATOR)        # "(two thirds) of 8"
        own_parenthesis &= (named == 0) & ~unsaid
    # So does "25% of 8"; in symbols' products it has them all the same, since "6 / 25% of 8" reads as if it were either.
    in_product = (e.parent & ((kind == INFIX) & (e.operation >= 2))[:, None]).any(0)
    parentheses &= (form != OF) | in_product | (e.first != torch.arange(D, dtype=int32, device=keys.device)[:, None])
    parentheses = (parentheses | needless) & ~told
    closing = (parentheses[None] & (e.last[None] == torch.arange(K, device=keys.device)[:, None, None])).sum(1)
    closing = (closing + own_parenthesis).to(int32)
    if wording.implicit_times_rate:
        form = leave_out_times(wording, tables, e, form, keys, parentheses, own_parenthesis,
                               ((closing > 0) | ~(english | e.percent | has_unit | mixed)) & ~annotated)
    square = (chance(example[12], wording.square_bracket_rate) & ~annotated).to(int32)          # (N,)
    parentheses, own_parenthesis = (is_there * (1 + square) for is_there in (parentheses, own_parenthesis))

    root_is_imperative = ((kind == IMPERATIVE) & e.used).any(0)
    passive = (pick(tables.is_passive, form) & e.used).any(0)
    framed = (chance(example[4], wording.frame_rate) | passive) & ~annotated & ~told
    group = root_is_imperative.to(int32)                       # index into FRAME_GROUPS
    group = group + 4 * chance(more[4], wording.question_rate)
    group = torch.where((kind == QUESTION).any(0), torch.where(passive, 6, 3), group)
    group = torch.where(sentences, 2, group).to(int32)
    frame = (pick(tables.first_frame, group) + scaled(example[5], pick(tables.n_frames, group))) * framed
    begins = CAPITAL * (chance(example[6], wording.capital_rate) | sentences).to(int32)
    begins = torch.where(greeted & ~pick(tables.has_before, frame), SPACED, begins)
    joint = torch.where(pick(tables.begins_line, frame) & ~told, begins, SPACED).to(int32)

    # Openers of operators whose span begins at number k, outermost first: column (k, how many stand outside).
    outside = ((e.first[None] == e.first[:, None]) & (e.last[None] > e.last[:, None]) & e.used[None])
    column = e.first * D + outside.sum(1, dtype=int32)
    opening = ((parentheses > 0) | pick(tables.has_opener, form)) & e.used
    code = torch.where(opening, 1 + form * 4 + parentheses, 0).to(int32)
    grid = code.new_zeros(K * D + 1, N)
    grid.scatter_(0, torch.where(e.used, column, K * D).to(torch.int64), code)

    # Texts are put together left to right; `joint` says how the next thing joins what stands before it.
    glued_after = pick(tables.glued_after, form)
    between = pick(tables.between, form) * e.used
    inside = pick(tables.before_inside, (greeting >= LOWER_FROM).to(int32), frame)
    rows, used = [torch.where(greeted, inside, pick(tables.before, frame))], e.number_used
    if stories:
        joint = torch.where(stories.begins, begins, joint)
        in_currency = in_currency | stories.in_currency
        rows[0] = torch.where(told, stories.before, rows[0])
    written = as_written(e) if ranges.percent_rate else e
    parted_by_and = (is_prose & (pick(tables.parted_by_and, form) & e.used).any(0)) | told
    number_rows = NumberRows(wording, tables, written, english, sign, example, by_number, parted_by_and,
                             e.listed.any(0) | annotated, ranges.round_rate > 0, has_mixed, mixed)
    if ranges.list_rate:
        # "Add 3, 4 and 5 together": behind the list's last number
        together = pick(tables.can_be_together, form) & e.used & ((more[5] & 1) == 0)
        last_of_list = torch.where(together, e.last, -1).amax(0)
    unit = pick(tables.unit, scaled(units[1], len(UNITS)))
    begins_with = number_rows.begins_with_digit
    if wording.currency_rate or stories:
        # Most stories are of dollars, and all whose amounts may be in words.
        of_dollars = told & (((more[7] & 1) == 0) | (english & used).any(0))
        currency = scaled(more[7], len(CURRENCIES)) * ~of_dollars
        begins_with = torch.where(in_currency, 2 + currency, begins_with).to(int32)
    for k in range(K):
        for d in range(D - k):
            code = grid[k * D + d]
            has, bracket, opener_form = code > 0, (code - 1) & 3, (code - 1).clamp(min=0) >> 2
            rows.append(pick(tables.opener, bracket * has, opener_form, joint) * has)
            spaced = pick(tables.has_opener, opener_form).to(int32)           # after words a space, after "(" none
            joint = torch.where(has, spaced, joint)
        written_out = used[k] & ~unsaid[k]
        rows.append(pick(tables.head, begins_with[k], own_parenthesis[k], sign[k], joint) * written_out)
        # After a sign in words comes a space, after other signs and parentheses none; else the number itself begins.
        after_sign = (sign[k] == NEGATIVE) | (sign[k] == MINUS)
        joint = torch.where((sign[k] > 0) | (own_parenthesis[k] > 0), after_sign.to(int32), joint)
        joint = torch.where(begins_with[k] > 1, GLUED, joint).to(int32)
        if ranges.multiple_rate:
            rows.append(pick(tables.name, named[k], joint))
            written_out = written_out & (named[k] == 0)
        rows += [row * written_out for row in number_rows.of(k, joint)]
        if ranges.percent_rate:
            rows.append(pick(tables.percent, percent[k]) * used[k])
        if wording.unit_rate:
            rows.append(unit * (used[k] & has_unit[k]))
        if stories:
            rows.append(stories.tails[k] * (told & used[k]))
        rows.append(pick(tables.closers, square, closing[k]) * used[k])
        if ranges.list_rate:
            rows.append(pick(tables.together, (last_of_list == k).to(int32)))
        if k < D:
            if stories and k < len(stories.lines):
                rows += [line * (told & e.used[k]) for line in stories.lines[k]]
            rows.append(between[k])
            joint = (~glued_after[k]).to(int32)
    if stories:
        rows += [row * told for row in stories.after]
    polite &= ~told                                             # stories have thanks of their own
    requests, thanked = (polite & which & pick(can, frame) for which, can in (
        (~can_thank, tables.can_request), (can_thank, tables.can_thank)))
    rows.append(pick(tables.request, scaled(chat[4], len(REQUESTS))) * requests)
    rows.append(pick(tables.after, frame))
    again = pick(tables.is_question, frame) & chance(more[5], wording.equals_rate) & ~annotated
    rows.append(torch.where(thanked, pick(tables.thanks, thanks), tables.asks_again * again))
    rows.insert(0, pick(tables.greeting, greeting) * greeted)
    if wording.annotation_rate:
        with_digit = ~(grid[:D] > 0).any(0) & ~own_parenthesis[0].bool() & (sign[0] == NO_SIGN) & (begins_with[0] == 1)
        rows = annotated_rows(tables, note, annotated, rows, with_digit)

    ids, offsets = gather_pieces(tables, torch.stack(rows))
    in_words = (english | ~used).all(0)
    no_words = ~(english & used).any(0)
    symbols = ~((form < len(FORMS)) & e.used).any(0)
    words = ~((form >= len(FORMS)) & e.used).any(0)
    label = torch.where(is_prose, 3, torch.where(in_words & words, 2, torch.where(no_words & symbols, 0, 1)))
    is_reversed = pick(tables.reversed, form) & e.used
    if stories:
        is_reversed = (is_reversed | stories.is_reversed & told) ^ (e.flipped & told)
    places = places_table(K, keys.device).index_select(1, e.formula * told) if stories and ranges.formula_rate else None
    return Texts(ids, offsets, is_reversed, places, label.to(int32), form, annotated)
