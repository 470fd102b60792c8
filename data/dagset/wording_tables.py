"""Every row of token ids that a text can be made of, and a bound on a text's tokens.

Choices (forms, frames, signs, groups of digits) index the attributes of `Tables`, which give rows of one ragged table, made
once. Imports `number_text`, `numbers`, `phrases`, `pieces`, `ranges` and `stories`.
"""
import functools

import torch

from data.dagset.number_text import number_tables
from data.dagset.numbers import FIRST_DENOMINATOR, FIRST_NUMERATOR, FIRST_PART, NAMES
from data.dagset.phrases import (ACTS_AS, AMOUNTS, ANNOTATIONS, BRACKETS, CONNECTIVES, FORMS, FRAME_GROUPS, GREETINGS,
                                 IMPERATIVE, INFIX, LEADS, LINK, LIST_IMPERATIVE, NOUNS, PASSIVE, QUESTION, REQUESTS,
                                 SENTENCE, SENTENCE_START, SUBJECTS, SYMBOL_SETS, THANKS, TIMES_SETS, TOGETHER, UNITS,
                                 UNSAID_LINK, UNSAID_SENTENCE, UNSAID_SENTENCE_START, UNSAID_START)
from data.dagset.pieces import CAPITAL, GLUED, SPACED, PieceTable, joined
from data.dagset.ranges import OPERATIONS
from data.dagset.stories import LONGEST, LONGEST_CHAIN, story_tables

OF = next(f for f, form in enumerate(FORMS) if form[3] == "of")
IMPLICIT = len(FORMS) + 8 * len(SYMBOL_SETS)           # the form of "2(3 + 4)"; the ones after it are
SPACED_TIMES, SPACED_OVER, PART_OF = range(IMPLICIT + 1, IMPLICIT + 4)      # "2 (3 + 4)", "two thirds", "a third of 8"
TOLD = PART_OF + 1                                     # what a story says


class Tables:
    """Every row that a text can be made of: attribute tensors map choices to rows of (ids, start, length). Those of stories,
    more than half of them, are there if `with_stories`, their scenes with swapped words, too, if `with_swapped`."""

    def __init__(self, tokenizer, integer_groups, depth, with_stories, with_swapped):
        pieces, int32 = PieceTable(tokenizer), torch.int32
        add = pieces.add
        vars(self).update(number_tables(add, integer_groups))
        if with_stories:
            vars(self).update(story_tables(add, with_swapped))
        self.closers = torch.tensor([[add(*bracket[1] * count) for count in range(depth + 2)] for bracket in BRACKETS],
                                    dtype=int32)

        # Operators: word forms, then each set of symbols spaced and compact, then what says nothing between.
        forms = FORMS + [(INFIX, name, "", symbol, False) for symbols in SYMBOL_SETS for glued in (False, True)
                         for name, symbol in zip(OPERATIONS, symbols)] + 2 * [(INFIX, "multiply", "", "", False)] + [
                         (INFIX, "divide", "", "", is_reversed) for is_reversed in (False, True)] + [
                         (LINK, "add", "", "", False)]
        n_words = len(FORMS)
        is_glued = [n_words <= f < IMPLICIT and (f - n_words) % 8 >= 4 for f in range(IMPLICIT)] + [True, False, False, False, False]
        self.glued_after = torch.tensor(is_glued)
        self.between = torch.tensor([
            add(middle if glued or middle[:1] in ("", ",", ".") else " " + middle)
            for (_, _, _, middle, _), glued in zip(forms, is_glued)], dtype=int32)
        self.glued_hyphen, self.glued_letter = (
            torch.tensor([glued and middle in signs for (_, _, _, middle, _), glued in zip(forms, is_glued)])
            for signs in (("-",), ("x", "X")))
        self.times_sets = torch.tensor(TIMES_SETS, dtype=int32)
        self.kind = torch.tensor([ACTS_AS.get(kind, kind) for kind, *_ in forms], dtype=int32)
        self.parted_by_and = torch.tensor([" and " in f" {middle} " and bool(opener or middle)
                                           for _, _, opener, middle, _ in forms])
        # [kind] -> the kind of the same where the operation names its second number
        self.unsaid_kind = torch.tensor([{IMPERATIVE: UNSAID_START, LINK: UNSAID_LINK, SENTENCE: UNSAID_SENTENCE,
                                          SENTENCE_START: UNSAID_SENTENCE_START}.get(kind, kind)
                                         for kind in range(UNSAID_SENTENCE + 1)], dtype=int32)
        self.is_unsaid = torch.tensor([kind >= UNSAID_START for kind, *_ in forms])
        # [name of the number before] -> the form of an operator that the name says
        self.named_form = torch.tensor([0] + [
            SPACED_TIMES if name < FIRST_PART else PART_OF if name < FIRST_NUMERATOR else
            SPACED_OVER if name < FIRST_DENOMINATOR else SPACED_TIMES for name in range(1, 1 + len(NAMES))], dtype=int32)
        self.is_passive = torch.tensor([kind == PASSIVE for kind, *_ in forms])
        self.can_be_together = torch.tensor([kind == LIST_IMPERATIVE and opener in TOGETHER
                                             for kind, _, opener, _, _ in forms])
        self.together = torch.tensor([0, add(" together")], dtype=int32)
        self.unit = torch.tensor([add(unit) for unit in UNITS], dtype=int32)
        self.reversed = torch.tensor([is_reversed for *_, is_reversed in forms])
        # bracket if any, form, joint
        self.opener = torch.tensor([[[add(*self._opener(bracket[:1], opener, joint))
                                      for joint in (GLUED, SPACED, CAPITAL)] for _, _, opener, _, _ in forms]
                                    for bracket in ("", *BRACKETS)], dtype=int32)
        self.has_opener = torch.tensor([bool(opener) for _, _, opener, _, _ in forms])
        # [operation, kind] -> which forms there are: (operation, kind, choice) and how many
        choices = [[[f for f, form in enumerate(FORMS) if form[0] == kind and form[1] == name and f != OF]
                    for kind in range(UNSAID_SENTENCE + 1)] for name in OPERATIONS]
        # There is no relation for products and quotients, say: their plain words stand in.
        choices = [[some or by_kind[INFIX][:1] for some in by_kind] for by_kind in choices]
        self.n_choices = torch.tensor([[len(some) for some in by_kind] for by_kind in choices], dtype=int32)
        most = int(self.n_choices.max())
        self.choices = torch.tensor([[(some * most)[:most] for some in by_kind] for by_kind in choices], dtype=int32)

        frames = [("", ""), *(frame for group in FRAME_GROUPS for frame in group)]
        self.n_frames = torch.tensor([len(group) for group in FRAME_GROUPS], dtype=int32)
        self.first_frame = 1 + self.n_frames.cumsum(0, dtype=int32) - self.n_frames
        self.before = torch.tensor([add(*(joined(word, SPACED if w else GLUED) for w, word in
                                          enumerate(before.split(" ")))) for before, _ in frames], dtype=int32)
        self.after = torch.tensor([add(after) for _, after in frames], dtype=int32)
        self.greeting = torch.tensor([add(text) for text in GREETINGS], dtype=int32)
        # [in lower case?] -> what stands before, behind a greeting
        self.before_inside = torch.tensor([[add(*(joined(word, SPACED) for word in part(before).split(" ")))
                                            if before else add("") for before, _ in frames]
                                           for part in (str, self._lower)], dtype=int32)
        self.request, self.thanks = (torch.tensor([add(text) for text in texts], dtype=int32)
                                     for texts in (REQUESTS, THANKS))
        self.can_request, self.can_thank = (torch.tensor([after in ends for _, after in frames])
                                            for ends in (("?", ".", ""), ("?", ".")))
        self.has_before = torch.tensor([bool(before) for before, _ in frames])
        # annotations: what stands before a text's expression, piece by piece, then between it and its second copy
        self.aside = [torch.tensor([add(text) for text in texts], dtype=torch.int32) for texts in (
            SUBJECTS, AMOUNTS, NOUNS, CONNECTIVES, AMOUNTS, NOUNS, (".",))]
        self.leads = torch.tensor([[[add(first + text) for text in texts] for first in ("", " ")] for texts in LEADS],
                                  dtype=torch.int32)
        self.annotations = torch.tensor([[add(text) for text in texts] for texts in ANNOTATIONS], dtype=torch.int32)
        self.equals = torch.tensor([0, add("=")], dtype=torch.int32)
        self.asks_again = torch.tensor(add(" ="), dtype=torch.int32)
        self.is_question = torch.tensor([after.endswith("?") for _, after in frames])
        self.begins_line = torch.tensor([before[-1:] in ("", "\n") for before, _ in frames])
        self.ids, self.start, self.length = pieces.tensors()

    @staticmethod
    def _lower(before):
        """What stands before an expression as it goes on from a comma; "I" and "Q:" stay."""
        first = before.split(" ")[0]
        return before if first.endswith(":") or first.split("'")[0] in ("I", "Q.") else before[:1].lower() + before[1:]

    @staticmethod
    def _opener(bracket, opener, joint):
        parts = [joined(bracket, joint)] if bracket else []
        for w, word in enumerate(opener.split()):
            parts.append(joined(word, SPACED if w else GLUED if bracket else joint))
        return parts

    def to(self, device):
        for name, value in vars(self).items():
            setattr(self, name, [part.to(device) for part in value] if isinstance(value, list) else value.to(device))
        return self


@functools.lru_cache(maxsize=8)
def get_tables(tokenizer, integer_groups, depth, with_stories, with_swapped, device):
    return Tables(tokenizer, integer_groups, depth, with_stories, with_swapped).to(device)


def longest_text(tokenizer, ranges, wording):
    """A bound on the tokens of a text: each of its pieces at its longest, whether they go together or not, and whatever
    its rate, but for stories, which are longer than all else where ranges are small."""
    with_stories = wording.story_rate > 0
    tables = get_tables(tokenizer, ranges.integer_groups, ranges.depth, with_stories, wording.swap_rate > 0, torch.device("cpu"))

    def longest(table):
        return int(tables.length[table.flatten().long()].max())

    once = torch.tensor([kind in (IMPERATIVE, QUESTION) for kind in tables.kind.tolist()])      # forms of one operator alone
    operator = longest(tables.opener[:, ~once]) + longest(tables.between[~once]) + 1        # and its closer
    asked = longest(tables.opener) + longest(tables.between) + 1 + longest(tables.together)
    # The highest group of 20 digits has two.
    in_words = sum(longest(tables.words[:, :, :, g, :, :10 ** min(3, ranges.max_digits - 3 * g)])
                   for g in range(ranges.integer_groups)) + max(
        ranges.decimal_groups * longest(tables.decimal_words), longest(tables.fraction))
    number = longest(tables.head) + in_words + max(longest(tables.percent), longest(tables.unit)) + 1
    text = ((ranges.depth - 1) * operator + asked + (ranges.depth + 1) * number + longest(tables.before)
            + longest(tables.after) + longest(tables.greeting)
            + max(longest(tables.request) + longest(tables.asks_again), longest(tables.thanks)))
    story = 0
    if with_stories:
        told = number + longest(tables.story_tail)
        events = min(ranges.depth, LONGEST_CHAIN)
        leads = max(map(longest, (tables.story_lead, tables.story_passing, tables.story_other)))
        chain = (max(map(longest, (tables.story_opening, tables.story_there))) + (events + 1) * told
                 + events * (leads + longest(tables.story_verb))
                 + longest(tables.story_head) + longest(tables.story_thing) + longest(tables.story_ask))
        scene = int(tables.length[tables.story_scene.long()].sum(-1).max()) + (min(ranges.depth, LONGEST) + 1) * told
        story = max(chain, scene) + longest(tables.story_end) + longest(tables.greeting) + longest(tables.thanks)
    # An annotation says it twice, but in digits.
    number = longest(tables.head) + 3 * ranges.integer_groups + 1 + 3 * ranges.decimal_groups + 1
    annotation = (sum(map(longest, tables.aside)) + longest(tables.leads) + longest(tables.annotations) + 1
                  + 2 * (ranges.depth * 3 + (ranges.depth + 1) * number))
    return max(text, story, annotation)
