"""Expressions with their answers, as running text: what a language model learns arithmetic from.

A prompt that doesn't end in a sign that asks (PROMPT_ENDS) gets " ="; then come the answer, a space before it unless
the prompt ends in a glued "=", and a newline: "5 + 3 = 8\\n", "5+3=8\\n", "What is five plus 3? 8\\n". Answers are
rounded half away from zero; a division by zero is "undefined", and what has too many digits is "too large".

Imports `exact`, `data.text` for its batches, `data.prompts` and `data.dagset`.
"""
import re
from dataclasses import dataclass

import torch

import exact
from data.dagset.expression import lower_digits
from data.dagset.phrases import FORMS
from data.dagset.ranges import RangeError
from data.dagset.stream import Examples, Stream
from data.prompts import asked, normalised
from data.text import IGNORE, TextBatch

# Not ".", which might be the decimal point of a number that goes on.
PROMPT_ENDS = ("=", " =", "?", " ?", ":", " is", " equals")
# What each character of an answer is written with, after a space and glued; "" is no token. END closes an answer in
# running text by a newline, in a calculator annotation by ">".
WRITTEN = {**{digit: (str(digit), str(digit)) for digit in range(10)}, exact.POINT: (".", "."), exact.SPACE: (" ", ""),
           exact.MINUS: (" -", "-"), exact.END: ("\n", "\n"), exact.UNDEFINED: (" undefined", " undefined"),
           exact.TOO: (" too", " too"), exact.LARGE: (" large", " large"), exact.NOTHING: ("", "")}
# An operator with no space round it, between what can end and begin an operand; but 3/4 of 120 is a fraction's sign.
COMPACT_SIGN = re.compile(r"(?<=[\d)\]%])(?!/\d+ of\b)([-−+*×/÷])(?=[-−\d.(\[$€£])")
ALSO_WRITTEN = {exact.END: (">",)}


def single_token(tokenizer, text):
    ids = tokenizer.encode(text)
    if len(ids) != 1:
        raise RangeError(f"tokenizer {tokenizer.name!r} writes {text!r} in {len(ids)} tokens, answers need it in one; "
                         "use --tokenizer=dag")
    return ids[0]


def character_token_ids(tokenizer):
    """For each code of `exact`'s characters, the ids of the tokens that write it."""
    texts = [(*WRITTEN[code], *ALSO_WRITTEN.get(code, ())) for code in range(exact.N_CHARACTERS)]
    return tuple(tuple(sorted({single_token(tokenizer, text) for text in some if text})) for some in texts)


def character_tokens(tokenizer, device=None):
    """(2, V) int64: the token that writes each code of `exact`'s characters, after a space and glued; -1 is none."""
    return torch.tensor([[single_token(tokenizer, WRITTEN[code][glued]) if WRITTEN[code][glued] else -1
                          for code in range(exact.N_CHARACTERS)] for glued in (0, 1)], device=device)


def completed_prompt(text, asks_again=False):
    """A prompt as people type it, made to ask: normalised, with " =" behind it unless it ends in a sign that asks, of
    which with `asks_again` a question mark is none.

    Of two ways to write the same the one is asked that no model here takes for anything else: "2*3+4" as "2 * 3 + 4", a
    final "=" with a space, and of a text that ends within a calculator annotation, "He has 2*9 = <<2*9=", what that asks.
    """
    text = COMPACT_SIGN.sub(r" \1 ", asked(normalised(text)))
    if text.endswith("="):
        return text[:-1].rstrip() + " ="
    return text if text.endswith(PROMPT_ENDS) and not (asks_again and text.endswith("?")) else text + " ="


def forms_of(phrase):
    """Indices of the operator forms that a phrase belongs to. Raises RangeError for one that none has."""
    found = [n for n, (_, _, before, between, _) in enumerate(FORMS) if phrase in (before, between)]
    if not found:
        known = sorted({text for _, _, before, between, _ in FORMS for text in (before, between) if text})
        raise RangeError(f"no operator is worded {phrase!r}; there are {', '.join(known)}")
    return found


@dataclass
class AnsweredExamples(Examples):
    prompt_lengths: torch.Tensor    # (N,) int64 tokens before the answer
    unlabelled: torch.Tensor        # (N,) bool: the plan's labels are held out
    characters: torch.Tensor        # (N, C) int8 of the answer


@dataclass
class AnswerBatch(TextBatch):
    """One expression a row, R = 1."""
    has_prompts = True
    n_ops: torch.Tensor = None      # (B,) int64
    wording: torch.Tensor = None    # (B,) int64 index into wording.WORDINGS


class AnswerStream(Stream):
    """Batches of expressions with answers. answer_places: (integer digits, decimals) of answers.

    unlabelled_wording: an operator's phrase, like "over"; texts with it come without plan labels, "" is none.
    """

    def __init__(self, *arguments, answer_places=(16, 6), unlabelled_wording="", **options):
        super().__init__(*arguments, **options)
        self.answer_places = answer_places
        ends = [self.tokenizer.encode(end)[-1] for end in PROMPT_ENDS]
        self.asks = torch.zeros(self.tokenizer.n_vocab, dtype=torch.bool)
        self.asks[ends] = True
        self.asks = self.asks.to(self.device)
        self.equals, self.glued_equals = (single_token(self.tokenizer, text) for text in (" =", "="))
        self.annotated = single_token(self.tokenizer, ALSO_WRITTEN[exact.END][0])
        self.token_of = character_tokens(self.tokenizer, self.device).to(torch.int32)
        self.held_out = torch.tensor(forms_of(unlabelled_wording) if unlabelled_wording else [], dtype=torch.int32,
                                     device=self.device)

    @property
    def max_tokens(self):
        return super().max_tokens + 1 + exact.n_answer_characters(*self.answer_places)

    def _labelled(self, e, texts, plan):
        examples = super()._labelled(e, texts, plan)
        characters = self._characters(e, plan)                                             # (N, C)
        lengths = texts.offsets.diff()
        last = texts.ids[texts.offsets[1:] - 1]
        tails = torch.where(self.asks[last.long()], -1, self.equals).to(torch.int32)
        glued = (last == self.glued_equals).long()
        answer = self.token_of[glued[:, None], characters]
        answer = torch.where(texts.annotated[:, None] & (characters == exact.END), self.annotated, answer)
        tails = torch.cat((tails[:, None], answer), 1)                                     # (N, 1 + C), -1 is no token
        filled = tails >= 0
        offsets = torch.zeros_like(texts.offsets)
        torch.cumsum(lengths + filled.sum(1), 0, out=offsets[1:])
        ids = torch.empty(int(offsets[-1]), dtype=torch.int32, device=self.device)
        is_tail = torch.ones_like(ids, dtype=torch.bool)
        row = torch.repeat_interleave(torch.arange(len(lengths), device=self.device), lengths,
                                      output_size=len(texts.ids))
        is_tail[torch.arange(len(texts.ids), device=self.device) + (offsets[:-1] - texts.offsets[:-1])[row]] = False
        ids[~is_tail], ids[is_tail] = texts.ids, tails[filled]
        unlabelled = (torch.isin(texts.form, self.held_out) & e.used).any(0)
        return AnsweredExamples(ids=ids, offsets=offsets, labels=examples.labels, values=examples.values,
                                content=examples.content, prompt_lengths=lengths + filled[:, 0], unlabelled=unlabelled,
                                characters=characters.to(torch.int8))

    def _characters(self, e, plan):
        """The answers' characters (N, C) int64."""
        decimals = self.ranges.max_decimals
        upper, integer = (half if half is None else
                          (torch.where(e.negative, -half, half) * e.number_used).t().contiguous()
                          for half in e.units(decimals))
        numbers = exact.from_scaled(integer, decimals, exact.n_parts(self.places, self.answer_places), upper,
                                    lower_digits(decimals) + decimals)
        return exact.answers(numbers, *(part.t().long() for part in plan), self.dag_ops, *self.answer_places)

    def collate(self, examples, chosen, width):
        ids, lengths = self._padded(examples, chosen, width)
        labels = {name: values[:, None] for name, values in self._unpacked(examples, chosen).items()
                  if name not in ("n_ops", "wording")}
        n_ops, wording = (self._unpacked(examples, chosen)[name] for name in ("n_ops", "wording"))
        readers = examples.prompt_lengths[chosen, None] - 1
        position = torch.arange(width - 1, device=self.device)
        is_text = position < lengths[:, None] - 1
        return AnswerBatch(ids=ids[:, :-1], targets=torch.where(is_text, ids[:, 1:], IGNORE), readers=readers,
                           reader_mask=torch.ones_like(readers, dtype=torch.bool),
                           answering=is_text & (position >= readers), labelled=~examples.unlabelled[chosen, None],
                           exact=torch.ones_like(readers, dtype=torch.bool),
                           characters=examples.characters[chosen, None].long(), n_ops=n_ops, wording=wording, **labels)
