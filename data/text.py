"""Prepared texts as training batches, and the calculator annotations in them.

A text stream cuts a text file into batches, each a pure function of (seed, split, number) as the expression stream's are:
random windows of running text, or whole documents whose annotations "<<48/2=24>>" become readers (places where a number
is to be printed) and plan labels. Imports `exact`, `data.dagset` and `text_file`.

Axes. B rows of a batch, T tokens, R readers of a row, K slots for numbers, P digits of a number (integer digits, then
decimals), D steps. N documents or windows and A annotations of a split.
"""
import math
import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import torch

import exact
from data.dagset.counter_rng import shift_right, stream_keys
from data.dagset.ranges import OPERATIONS, SPLITS
from data.dagset.parser import ParseError, parse
from data.dagset.tokenizer import END_OF_TEXT
from data.dagset.tree import evaluate, numbers, plan
from data.text_file import TextError

IGNORE = -100            # target of a position that predicts nothing: cross_entropy's own default
RESULT_DECIMALS = 6      # a result is its exact value rounded to so many decimals, half away from zero
POOL_BATCHES = 64        # batches of documents that are sorted by length together
# Streams of hashes, apart from those of the expressions (which use 0 to 3); a split's number is added.
WINDOW_KEYS, ORDER_KEYS, POOL_KEYS = 16, 20, 24


# ---- annotations ----------------------------------------------------------------------------------------------------

class Annotation(NamedTuple):
    """A calculator annotation "<<left=result>>" in a document; places count the document's tokens."""
    reader: int      # the "=": the last token before the answer
    answer: slice    # the tokens of the result
    end: int         # the first ">", which ends the answer
    left: str
    result: str


ANNOTATION = re.compile(rb"<<([^<>\n]*)=([^<>=\n]*)>>")


def annotations(document, tokenizer):
    """The `Annotation`s of a document, a text or its token ids. Raises TextError for a tokeniser that joins "=" or ">"
    with other characters than a space before it: then no place parts question from answer."""
    ids = tokenizer.encode_ordinary(document) if isinstance(document, str) else document
    tokens = tokenizer.decode_tokens_bytes(ids)
    starts = [0, *accumulate(map(len, tokens))]
    found = []
    for match in ANNOTATION.finditer(b"".join(tokens)):
        reader, end = (bisect_right(starts, match.end(group)) - 1 for group in (1, 2))
        for at, symbol in ((reader, b"="), (end, b">")):
            if tokens[at].strip() != symbol:
                raise TextError(f"tokenizer {tokenizer.name} has {tokens[at]!r} where a token {symbol!r} is needed to "
                                "find an annotation's answer; use --tokenizer=dag")
        left, result = (part.decode(errors="replace") for part in match.groups())
        found.append(Annotation(reader, slice(reader + 1, end), end, left, result))
    return found


@dataclass
class Reading:
    """What an annotation's left side says. `reason` is why it can't be a plan label, "" where it can."""
    values: list[Fraction]      # in reading order
    steps: list                 # of parser.Step
    is_exact: bool              # the annotation's result is the left side's exact value, to RESULT_DECIMALS
    reason: str


def read_annotation(left, result, *, num_initial_values, dag_depth, dag_ops, places):
    """The `Reading` of an annotation for plans of K = num_initial_values slots and D = dag_depth steps, whose numbers
    have places = (integer digits, decimals)."""
    try:
        tree = parse(left)
    except ParseError:
        return Reading([], [], False, "the parser doesn't read the left side")
    value, written = evaluate(tree), minimal(result)
    values, steps = numbers(tree), plan(tree)
    is_exact = value is not None and written == rounded(value)
    limit, unit = 10 ** sum(places), 10 ** places[1]
    if value is None:
        reason = "it divides by zero"
    elif written is None:
        reason = "the result is no plain number"
    elif not is_exact:
        reason = f"the result isn't the exact value to {RESULT_DECIMALS} decimals"
    elif len(values) > num_initial_values or len(steps) > dag_depth:
        reason = f"more than {num_initial_values} numbers or {dag_depth} operations"
    elif any((number * unit).denominator > 1 or abs(number * unit) >= limit for number in values):
        reason = f"a number of more than {places[0]} integer digits or {places[1]} decimals"
    elif any(step.operation not in dag_ops for step in steps):
        reason = f"an operation that is not among {', '.join(dag_ops)}"
    else:
        reason = ""
    return Reading(values, steps, is_exact, reason)


PLAIN_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")


def minimal(text):
    """A number as written, less spaces, "$", "," and idle zeros ("$1,250.00" is "1250"); None if it is no number."""
    text = re.sub(r"[\s$,]", "", text)
    if not PLAIN_NUMBER.fullmatch(text):
        return None
    whole, _, decimals = text.lstrip("-").partition(".")
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    number = f"{whole}.{decimals}" if decimals else whole
    return f"-{number}" if text.startswith("-") and number != "0" else number


def rounded(value):
    """A Fraction as a minimal decimal text, rounded half away from zero to RESULT_DECIMALS."""
    units = math.floor(abs(value) * 10 ** RESULT_DECIMALS + Fraction(1, 2))
    digits = f"{units:0{RESULT_DECIMALS + 1}d}"
    return minimal(f"{'-' if value < 0 else ''}{digits[:-RESULT_DECIMALS]}.{digits[-RESULT_DECIMALS:]}")


# ---- batches --------------------------------------------------------------------------------------------------------

@dataclass
class TextBatch:
    """B rows of text. Plan labels are all zero where there are none; R is at least 1, if only for a masked reader."""
    ids: torch.Tensor             # (B, T) int64 inputs, padded on the right with the end-of-text token
    targets: torch.Tensor         # (B, T) int64; IGNORE where there is nothing to predict
    readers: torch.Tensor         # (B, R) int64 position in ids of the last token before each answer; 0 if masked
    reader_mask: torch.Tensor     # (B, R) bool
    answering: torch.Tensor       # (B, T) bool: the target is a token of an answer, or the one that ends it
    number_mask: torch.Tensor     # (B, R, K) bool: the slot holds a number of the expression
    negative: torch.Tensor        # (B, R, K) int64: 1 where the number is negative
    digits: torch.Tensor          # (B, R, K, P) int64, most significant first
    operation: torch.Tensor       # (B, R, D) int64 index into dag_ops
    operand1: torch.Tensor        # (B, R, D) int64 slot
    operand2: torch.Tensor        # (B, R, D) int64 slot; of no meaning where the operation is identity
    labelled: torch.Tensor        # (B, R) bool: the reader has plan labels
    characters: torch.Tensor      # (B, R, C) int64 codes (`exact`) of the answer, NOTHING where there is none
    exact: torch.Tensor = None    # (B, R) bool: the text's result is the exact value rounded; default: where labelled

    has_prompts = False           # is what stands before an answer a prompt, drawn at random? (of all rows alike)

    def __post_init__(self):
        if self.exact is None:
            self.exact = self.labelled.clone()

    def __len__(self):
        return len(self.ids)


class TextStream:
    """Batches of a text file: `batch(n)` is batch number n, whoever asks and whenever.

    A "windows" file gives windows of block_size tokens at random places, without readers. A "documents" file gives
    whole documents, in each epoch all of them once in another order; those over block_size are cut there.

    text_file: a `TextFile`. split: "train", "val" or "test", one of the keys that places and order are drawn with.
    num_initial_values: K. dag_depth: D. dag_ops: names of the operations, in the model's order.
    places: (integer digits, decimals) of the digit labels, answer_places those of answers. device: of the batches.

    n_cut: documents cut. Of the annotations that are left, n_annotations, n_labelled (have plan labels), n_exact (the
    result is the exact value rounded), and `reasons`, a Counter of why the others have no labels.
    """

    def __init__(self, text_file, tokenizer, *, seed, split, batch_size, block_size, num_initial_values, dag_depth,
                 dag_ops=OPERATIONS + ("identity",), places=(12, 6), answer_places=(16, 6), device="cpu"):
        if split not in SPLITS:
            raise TextError(f"unknown split {split!r}; there are {', '.join(SPLITS)}")
        for name, value in (("batch_size", batch_size), ("block_size", block_size), ("dag_depth", dag_depth),
                            ("num_initial_values", num_initial_values)):
            if value < 1:
                raise TextError(f"{name}={value} must be at least 1")
        if "identity" not in dag_ops:
            raise TextError(f"dag_ops={','.join(dag_ops)} lacks identity, which unused steps need")
        self.kind, self.tokenizer, self.seed, self.split = text_file.header["kind"], tokenizer, seed, split
        self.batch_size, self.block_size, self.device = batch_size, block_size, torch.device(device)
        self.K, self.D, self.dag_ops, self.places = num_initial_values, dag_depth, tuple(dag_ops), tuple(places)
        self.P, self.answer_places = sum(self.places), tuple(answer_places)
        self.pad = tokenizer.encode_single_token(END_OF_TEXT)
        self.n_cut = self.n_annotations = self.n_labelled = self.n_exact = 0
        self.reasons = Counter()

        n_tokens = len(text_file.tokens)
        if self.kind == "windows":
            if n_tokens < block_size + 1:
                raise TextError(f"{text_file.path} has {n_tokens:,} tokens, block_size={block_size} needs "
                                f"{block_size + 1:,}; lower block_size or prepare a longer text")
            starts = torch.arange(0, n_tokens - 1, block_size)      # what batches_of_all walks through
            sizes = (n_tokens - starts).clamp(max=block_size + 1)
            found = [[] for _ in range(len(starts))]
        else:
            starts, sizes = text_file.offsets[:-1], text_file.offsets.diff()
            starts, sizes = starts[sizes > 1], sizes[sizes > 1]      # one token alone predicts nothing
            if not len(starts):
                raise TextError(f"{text_file.path} has no document of two tokens or more; prepare a longer text")
            self.n_cut = int((sizes > block_size + 1).sum())
            found = self._annotations(text_file.tokens, starts, sizes)
            sizes = sizes.clamp(max=block_size + 1)
        # `starts` and `lengths`, (N,) int64, say what inputs a row has; the target after the last is a token more.
        self._starts, self._lengths = starts, sizes - 1
        counts = torch.tensor([len(of_row) for of_row in found])
        self._counts, self._first = counts, counts.cumsum(0) - counts
        self._labels, answering = self._tables(found, starts.tolist(), n_tokens)
        self._tokens, self._answering = text_file.tokens.to(self.device), answering.to(self.device)
        # No more batches than an epoch has: sorted by length, copies of one document would share a batch.
        self.pool_batches = max(1, min(POOL_BATCHES, len(starts) // batch_size))
        self._pool_number, self._pool = None, None

    @property
    def examples_per_batch(self):
        return self.batch_size

    # ---- labels, once ---------------------------------------------------------------------------------------------

    def _annotations(self, tokens, starts, sizes):
        """[(annotation, reading), ...] of each row, those that are readers; counts all whose answer isn't cut off."""
        settings = dict(num_initial_values=self.K, dag_depth=self.D, dag_ops=self.dag_ops, places=self.places)
        ids, found = tokens.tolist(), []
        for start, size in zip(starts.tolist(), sizes.tolist()):
            of_row = []
            for annotation in annotations(ids[start:start + size], self.tokenizer):
                if annotation.end > self.block_size:
                    break
                reading = read_annotation(annotation.left, annotation.result, **settings)
                self.n_annotations += 1
                self.n_exact += reading.is_exact
                self.n_labelled += not reading.reason
                if reading.reason:
                    self.reasons[reading.reason] += 1
                if not reading.reason or PLAIN_NUMBER.fullmatch(annotation.result):
                    of_row.append((annotation, reading))
            found.append(of_row)
        return found

    def _tables(self, found, starts, n_tokens):
        """({field: (A + 1, ...) labels of every reader}, (n_tokens,) bool `answering`). The last label row is zero:
        it is what a masked reader shows."""
        A, K, D, P = sum(map(len, found)), self.K, self.D, self.P
        labels = dict(readers=np.zeros(A + 1, np.int32), labelled=np.zeros(A + 1, bool), exact=np.zeros(A + 1, bool),
                      number_mask=np.zeros((A + 1, K), bool), negative=np.zeros((A + 1, K), np.int8),
                      digits=np.zeros((A + 1, K, P), np.int8), operation=np.zeros((A + 1, D), np.int16),
                      operand1=np.zeros((A + 1, D), np.int16), operand2=np.zeros((A + 1, D), np.int16))
        answering = np.zeros(n_tokens, bool)
        identity = self.dag_ops.index("identity")
        unused = np.arange(K - 1, K + D - 1)
        unused[0] = 0                             # nothing is computed yet: the only number there is
        slot_of = dict(number=0, step=K)
        rows = ((start, *pair) for start, of_row in zip(starts, found) for pair in of_row)
        for a, (start, annotation, reading) in enumerate(rows):
            labels["readers"][a] = annotation.reader
            answering[start + annotation.reader:start + annotation.end] = True
            labels["exact"][a] = reading.is_exact
            if reading.reason:
                continue
            labels["labelled"][a] = True
            labels["number_mask"][a, :len(reading.values)] = True
            for k, value in enumerate(reading.values):
                labels["negative"][a, k] = value < 0
                digits = f"{int(abs(value) * 10 ** self.places[1]):0{P}d}"
                labels["digits"][a, k] = np.frombuffer(digits.encode(), np.int8) - ord("0")
            labels["operation"][a] = identity
            labels["operand1"][a] = labels["operand2"][a] = unused
            for d, step in enumerate(reading.steps):
                labels["operation"][a, d] = self.dag_ops.index(step.operation)
                for name, (kind, index) in (("operand1", step.operand1), ("operand2", step.operand2)):
                    labels[name][a, d] = slot_of[kind] + index
        labels = {name: torch.from_numpy(table) for name, table in labels.items()}
        labels["characters"] = self._characters(labels).to(torch.int8)
        return {name: table.to(self.device) for name, table in labels.items()}, torch.from_numpy(answering)

    def _characters(self, labels):
        """(A + 1, C) int64: what the labelled plans come to."""
        numbers = exact.from_digits(labels["digits"].long(), labels["negative"] > 0, self.places[1],
                                    exact.n_parts(self.places, self.answer_places))
        steps = (labels[name].long() for name in ("operation", "operand1", "operand2"))
        characters = exact.answers(numbers, *steps, self.dag_ops, *self.answer_places)
        return torch.where(labels["labelled"][:, None], characters, exact.NOTHING)

    # ---- batches --------------------------------------------------------------------------------------------------

    def batch(self, number):
        """Batch `number` of the stream, a `TextBatch` on the stream's device."""
        if self.kind == "windows":
            index = torch.arange(number * self.batch_size, (number + 1) * self.batch_size)
            keys = stream_keys(self.seed, WINDOW_KEYS + SPLITS[self.split], index)
            starts = shift_right(keys, 1) % (len(self._tokens) - self.block_size)
            return self._collate(starts, torch.full_like(starts, self.block_size))
        pool_number, place = divmod(number, self.pool_batches)
        if pool_number != self._pool_number:
            self._pool, self._pool_number = self._make_pool(pool_number), pool_number
        return self._rows(self._pool[place])

    def batches_of_all(self, batch_size, n_rows=None):
        """The split in the file's order, or its first n_rows, each document (or token, in windows) once, as batches."""
        return [self._rows(rows) for rows in torch.arange(len(self._starts))[:n_rows].split(batch_size)]

    def _make_pool(self, pool_number):
        """(pool_batches, B) documents: drawn without replacement in each epoch, sorted by length, cut, shuffled."""
        N, count = len(self._starts), self.pool_batches * self.batch_size
        place = torch.arange(pool_number * count, (pool_number + 1) * count)
        first_epoch = int(place[0]) // N
        index = torch.arange(first_epoch * N, (int(place[-1]) // N + 1) * N)
        keys = stream_keys(self.seed, ORDER_KEYS + SPLITS[self.split], index).view(-1, N)      # an epoch a row
        drawn = torch.sort(keys, stable=True).indices.flatten()[place - first_epoch * N]
        chosen = drawn[torch.sort(self._lengths[drawn], stable=True).indices].view(self.pool_batches, self.batch_size)
        batch = torch.arange(self.pool_batches) + pool_number * self.pool_batches
        return chosen[torch.sort(stream_keys(self.seed, POOL_KEYS + SPLITS[self.split], batch)).indices]

    def _rows(self, rows):
        return self._collate(self._starts[rows], self._lengths[rows], self._first[rows], self._counts[rows])

    def _collate(self, starts, lengths, first=None, counts=None):
        """A batch of the tokens starts .. starts + lengths - 1 and the readers first .. first + counts - 1.

        All four are (B,) int64 on the CPU, where T and R can be read off without waiting for a device.
        """
        T = int(lengths.max())
        if counts is None:
            first = counts = torch.zeros_like(starts)
        R = max(1, int(counts.max()))
        starts, lengths, first, counts = (x.to(self.device, non_blocking=True)[:, None]
                                          for x in (starts, lengths, first, counts))
        token = torch.arange(T, device=self.device)
        is_text = token < lengths                                                      # (B, T)
        at = (starts + token).clamp(max=len(self._tokens) - 2)
        reader = torch.arange(R, device=self.device)
        reader_mask = reader < counts                                                  # (B, R)
        row = torch.where(reader_mask, first + reader, len(self._labels["readers"]) - 1)
        labels = {name: table[row] for name, table in self._labels.items()}
        labels = {name: label if label.dtype == torch.bool else label.long() for name, label in labels.items()}
        return TextBatch(ids=torch.where(is_text, self._tokens[at], self.pad).long(),
                         targets=torch.where(is_text, self._tokens[at + 1], IGNORE).long(),
                         reader_mask=reader_mask, answering=self._answering[at] & is_text, **labels)
