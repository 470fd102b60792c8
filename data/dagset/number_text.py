"""Numbers as text: signs, digits or words, percents, as rows of the table of pieces.

Axes as in `expression.py`. Imports `counter_rng`, `numbers`, `phrases` and `pieces`.
"""
from dataclasses import replace

import torch

from data.dagset.counter_rng import chance
from data.dagset.numbers import FRACTIONS, NAMES
from data.dagset.phrases import (BRACKETS, CURRENCIES, HYPHEN, NEGATIVE, NO_SIGN, ONES, PER_CENT, PERCENT, PERCENT_SIGN,
                                 PERCENT_TEXTS, SCALES, SIGN_TEXTS, TENS, TWO_HYPHENS)
from data.dagset.pieces import CAPITAL, GLUED, SPACED, joined, pick

JOINTS = (GLUED, SPACED, CAPITAL)


def group_words(value, hyphen, use_and, one="one"):
    """The words of 1..999, each with the space or hyphen before it; the first has a space. `one` begins a hundred."""
    words = []
    if value >= 100:
        words += [" " + (one if value < 200 else ONES[value // 100]), " hundred"]
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


def number_tables(add, integer_groups):
    """Rows of every group of digits, sign and percent, a dict of int32 tensors. `add` gives the row of texts."""
    def table(rows):
        return torch.tensor(rows, dtype=torch.int32)

    def first_joined(words, joint):
        return (joined(words[0].strip(), joint), *words[1:]) if words else ()

    def words_of(style, hyphen, scale, joint, value):
        return add(*first_joined(([" and"] if style == 2 and value < 100 else [])
                                 + group_words(value, hyphen, style > 0)
                                 + ([" " + SCALES[scale]] if scale else []), joint)) if value else 0

    def a_hundred(style, hyphen, scale, joint, value):
        said = [" a"] if value == 1 else group_words(value, hyphen, style > 0, one="a")
        return add(*first_joined(said + ([" " + SCALES[scale]] if scale else []), joint))

    # (style: plain, with and, with and before it), hyphen, scale, joint, value
    words = table([[[[[words_of(style, hyphen, scale, joint, value) for value in range(1000)] for joint in JOINTS]
                     for scale in range(integer_groups)] for hyphen in (0, 1)] for style in (0, 1, 2)])
    # The same with "a hundred", "a thousand", which only begin numbers.
    words_with_a = words.clone()
    for style, hyphen, scale, joint in torch.cartesian_prod(*(torch.arange(n) for n in words.shape[:-1])).tolist():
        said = {value: a_hundred(style, hyphen, scale, joint, value) for value in range(100, 200)}
        if scale:
            said[1] = a_hundred(style, hyphen, scale, joint, 1)
        words_with_a[style, hyphen, scale, joint, list(said)] = table(list(said.values()))

    return dict(
        words=torch.stack((words, words_with_a)),
        zero=table([add(joined("zero", joint)) for joint in JOINTS]),
        # leading group, filled group, filled group after a comma
        digits=table([[add(*form.format(value)) for value in range(1000)] for form in ("{}", "{:03}", ",{:03}")]),
        # what follows the leading group in "3 million" and "2.5 million": scale, tenths
        scaled=table([[add(*((".", str(tenths)) if tenths else ()), *((" " + SCALES[scale],) if scale else ()))
                       for tenths in range(10)] for scale in range(integer_groups)]),
        # first group (after the point) or a later one; joint; digits shown, 0..3; value filled with zeros on the right
        decimal_digits=table([[[[
            add(*((" ." if joint == SPACED else ".",) if group == 0 and shown else ()), *f"{value:03}"[:shown])
            for value in range(1000)] for shown in range(4)] for joint in JOINTS] for group in (0, 1)]),
        # "zero" or "oh", then as above
        decimal_words=table([[[[[
            add(*((joined("point", joint),) if group == 0 and shown else ()),
                *(" " + (ONES[int(digit)] if digit != "0" else zero) for digit in f"{value:03}"[:shown]))
            for value in range(1000)] for shown in range(4)] for joint in JOINTS] for group in (0, 1)]
            for zero in (ONES[0], "oh")]),
        # what the number begins with (a word or a point, a digit, a currency's sign), own bracket, sign, joint: all that
        # stands before the number itself
        head=table([[[[add(*_head(digit, currency, bracket, sign, joint)) for joint in JOINTS] for sign in SIGN_TEXTS]
                     for bracket in ("", *BRACKETS)]
                    for digit, currency in ((0, ""), (1, ""), *((0, currency) for currency in CURRENCIES))]),
        percent=table([add(text) for text in PERCENT_TEXTS]),
        fraction=table([0] + [add(" " + words) for words, _ in FRACTIONS]),
        name=table([[0] * len(JOINTS)]
                   + [[add(joined(name, joint)) if name else 0 for joint in JOINTS] for name, *_ in NAMES]))


def _head(digit, currency, bracket, sign, joint):
    parts = [joined(bracket[0], joint)] if bracket else []
    after_bracket = GLUED if bracket else joint
    if sign:
        parts.append(joined(sign, after_bracket))
    if currency:
        parts.append(joined(currency, SPACED if sign[:1].isalpha() else GLUED if sign else after_bracket))
    if digit:
        # Digits, unlike words and points, have no space of their own: it is a token before them.
        needs_space = sign[:1].isalpha() or (not sign and after_bracket == SPACED)
        parts += [" "] if needs_space else []
    return parts


def as_written(e):
    """The expressions with their percents as written: 25 for 25%, whose value is 0.25."""
    written = e.integer[0] * 100 + e.decimal[0] // 10
    own = e.decimal[0] % 10 * 100 + (e.decimal[1] // 10 if len(e.decimal) > 1 else 0)       # at most two places
    integer, decimal = e.integer * ~e.percent, e.decimal * ~e.percent
    integer[0] += written * e.percent
    decimal[0] += own * e.percent
    n_digits = 1 + (written >= 10).to(torch.int32) + (written >= 100)
    return replace(e, integer=integer, decimal=decimal, n_digits=torch.where(e.percent, n_digits, e.n_digits),
                   n_decimals=e.n_decimals - 2 * e.percent.to(torch.int32))


def choose_percents(e, english, fields):
    """(K, N) int32 codes into PERCENT_TEXTS: words after words, mostly signs after digits."""
    in_words = torch.where(fields < 8192, PER_CENT, PERCENT)
    return torch.where(e.percent, torch.where(english | ((fields & 3) == 0), in_words, PERCENT_SIGN), 0).to(torch.int32)


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

    def __init__(self, wording, tables, e, english, sign, example, fields, parted_by_and, has_list, in_scales, has_mixed, mixed):
        int32 = torch.int32
        self.tables, self.e, self.english = tables, e, english
        use_and = (chance(example[7], wording.and_rate) & ~parted_by_and).to(int32)
        self.style = use_and                                                   # (N,)
        self.hyphen = chance(example[8], wording.hyphen_rate).to(int32)
        self.comma = (chance(example[9], wording.thousands_separator_rate) & ~has_list).to(int32)
        self.with_a = chance(example[13], wording.a_for_one_rate) & (sign == NO_SIGN) & (e.formula == 0)     # (K, N)
        self.oh = chance(example[14], wording.oh_rate).to(int32)
        leading = chance(fields[5], wording.leading_point_rate)
        self.is_zero = e.integer.sum(0) == 0                                   # integer part, (K, N)
        self.hide_zero = leading & self.is_zero & (e.n_decimals > 0)
        self.leading_group = (e.n_digits - 1) // 3
        # With `in_scales` half of the round ones among words have their leading group in digits: "3 million", "2.5 million".
        group = torch.arange(len(e.integer), dtype=int32, device=english.device)[:, None, None]
        tenths = (group == self.leading_group - 1) & (e.integer % 100 == 0)
        is_round = ((e.integer == 0) | (group == self.leading_group) | tenths).all(0) & (self.leading_group > 0)
        self.scaled = english & is_round & (e.n_decimals == 0) & ((fields[4] & 1) == 0) & in_scales    # (K, N)
        self.begins_with_digit = (self.scaled | ~english & ~self.hide_zero).to(int32)
        self.fraction = e.fraction * has_mixed                                 # (K, N)
        self.mixed = mixed                                                     # (K, N): "3 and a half"

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
            with_a = (self.with_a[k] & ~started).to(int32)
            in_words = pick(tables.words, with_a, style.to(int32), self.hyphen, torch.full_like(value, g), here, value)
            if g == 0:
                in_digits = in_digits * ~self.hide_zero[k]
                in_words = torch.where(self.is_zero[k] & ~self.hide_zero[k], pick(tables.zero, joint), in_words)
            tail = pick(tables.scaled, torch.full_like(value, min(g + 1, G - 1)), value // 100)
            in_scale = torch.where(self.leading_group[k] == g, pick(tables.digits, torch.zeros_like(value), value),
                                   tail * (self.leading_group[k] == g + 1))
            in_words = torch.where(self.scaled[k], in_scale, in_words)
            started = started | (value > 0)
            rows.append(torch.where(english, in_words, in_digits))
        after = torch.where(self.hide_zero[k], joint, SPACED).to(int32)
        for f in range(F):
            value, shown = e.decimal[f, k], (e.n_decimals[k] - 3 * f).clamp(0, 3)
            later = torch.full_like(value, min(f, 1))
            in_digits = pick(tables.decimal_digits, later, after * self.hide_zero[k], shown, value)
            in_words = pick(tables.decimal_words, self.oh, later, after, shown, value)
            as_fraction = pick(tables.fraction, self.fraction[k]) if f == 0 else torch.zeros_like(in_words)
            in_words = torch.where(self.fraction[k] > 0, as_fraction, in_words)
            in_digits = torch.where(self.mixed[k], as_fraction, in_digits)
            rows.append(torch.where(english, in_words, in_digits))
        return rows
