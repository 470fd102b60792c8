"""The stream: expressions, texts and labels as batches, each a pure function of (settings, seed, split, number).

A pool of batches is made in one go, sorted by length and cut, so that a batch holds texts of one length
and next to no padding; then the pool's batches are dealt in a shuffled order. Imports this folder's other rooms.

Axes. B examples of a batch, T tokens, K slots for numbers, P digits of a number (integer digits, then decimals), D
steps, S = K + D slots.
"""
from dataclasses import dataclass, fields, replace

import torch

from data.dagset.counter_rng import hash64, stream_keys
from data.dagset.expression import lower_digits, sample_expressions
from data.dagset.ranges import OPERATIONS, SPLITS, RangeError
from data.dagset.tokenizer import END_OF_TEXT
from data.dagset.wording import render
from data.dagset.wording_tables import longest_text

POOL_BATCHES = 64     # at least so many batches are made and sorted together,
POOL_EXAMPLES = 1 << 15   # and so many examples
# Examples made at a time: fewer cost more in calls, more leave a CPU's cache or fill a GPU's memory.
CHUNK = dict(cpu=1 << 15, cuda=1 << 18)
MAX_SLOTS = 126       # labels are stored as int8


@dataclass
class Batch:
    """B examples. Slots that a text doesn't fill are masked; unused steps are `identity` of the last slot in use."""
    ids: torch.Tensor             # (B, T) int64, padded on the right with the end-of-text token
    lengths: torch.Tensor         # (B,) int64 tokens of each text
    number_mask: torch.Tensor     # (B, K) bool: the slot holds a number of the text
    negative: torch.Tensor        # (B, K) int64: 1 where the number is negative
    digits: torch.Tensor          # (B, K, P) int64, most significant first
    operation: torch.Tensor       # (B, D) int64 index into dag_ops
    operand1: torch.Tensor        # (B, D) int64 slot
    operand2: torch.Tensor        # (B, D) int64 slot; of no meaning where the operation is identity
    values: torch.Tensor          # (B, S) float64 value of every slot; NaN after a division by zero
    n_ops: torch.Tensor           # (B,) int64
    wording: torch.Tensor         # (B,) int64 index into wording.WORDINGS

    def __len__(self):
        return len(self.lengths)


@dataclass
class Examples:
    """Many examples, compact: what batches are cut from. `labels` packs every integer label of an example."""
    ids: torch.Tensor             # (total,) int32
    offsets: torch.Tensor         # (N + 1,) int64
    labels: torch.Tensor          # (N, C) int8: the columns of `Stream.columns`
    values: torch.Tensor          # (N, S) float64
    content: torch.Tensor         # (N,) int64 hash of the numbers and operations


class Stream:
    """Batches of expressions: `batch(n)` is batch number n, whoever asks and whenever.

    ranges, wording: what expressions are made of and how they are written.
    tokenizer: a tiktoken.Encoding. split: "train", "val" or "test". num_initial_values: K. dag_depth: D.
    dag_ops: names of the operations, among OPERATIONS and "identity"; the order is the model's.
    places: (integer digits, decimals) of the digit labels, the ranges' own or more.
    """

    def __init__(self, ranges, wording, tokenizer, *, seed, split, batch_size, num_initial_values, dag_depth,
                 dag_ops=OPERATIONS + ("identity",), places=None, device="cpu"):
        if split not in SPLITS:
            raise RangeError(f"unknown split {split!r}; there are {', '.join(SPLITS)}")
        if split != "train":
            wording = replace(wording, swap_rate=0.0)          # nobody asks so
        if dag_depth < max(ranges.max_ops, 1):
            raise RangeError(f"dag_depth={dag_depth} steps cannot hold max_ops={ranges.max_ops} operations; raise "
                             f"dag_depth to {ranges.max_ops} or lower max_ops")
        if batch_size < 1:
            raise RangeError(f"batch_size={batch_size} must be at least 1")
        if not 1 <= num_initial_values <= MAX_SLOTS // 2 or not 1 <= dag_depth <= MAX_SLOTS // 2:
            raise RangeError(f"num_initial_values={num_initial_values} and dag_depth={dag_depth} must each be 1 to "
                             f"{MAX_SLOTS // 2}")
        if num_initial_values < ranges.max_ops + 1:
            raise RangeError(f"num_initial_values={num_initial_values} cannot hold the {ranges.max_ops + 1} numbers of "
                             f"max_ops={ranges.max_ops} operations; raise it to {ranges.max_ops + 1} or lower max_ops")
        missing = [name for name in (*ranges.operations, "identity") if name not in dag_ops]
        if missing:
            raise RangeError(f"dag_ops={','.join(dag_ops)} lacks {', '.join(missing)}, which the expressions need")
        self.ranges, self.wording, self.tokenizer = ranges, wording, tokenizer
        self.seed, self.split, self.batch_size = seed, split, batch_size
        self.K, self.D, self.dag_ops, self.device = num_initial_values, dag_depth, tuple(dag_ops), torch.device(device)
        self.places = places or (ranges.max_digits, ranges.max_decimals)
        for wanted, there, name in zip((ranges.max_digits, ranges.max_decimals), self.places,
                                       ("max_digits", "max_decimals")):
            if wanted > there:
                raise RangeError(f"{name}={wanted} of the expressions exceeds the {there} places of the labels")
        self.P = sum(self.places)
        self.pool_batches = max(POOL_BATCHES, POOL_EXAMPLES // batch_size)
        self.pad = tokenizer.encode_single_token(END_OF_TEXT)
        widths = dict(number_mask=self.K, negative=self.K, digits=self.K * self.P, operation=self.D, operand1=self.D,
                      operand2=self.D, n_ops=1, wording=1)
        ends = torch.tensor(list(widths.values())).cumsum(0).tolist()
        self.columns = {name: (end - width, end) for (name, width), end in zip(widths.items(), ends)}
        self._pool_number, self._pool = None, None

    @property
    def examples_per_batch(self):
        return self.batch_size

    @property
    def max_tokens(self):
        """A bound on the tokens of a text: every operator and number at its longest."""
        return longest_text(self.tokenizer, self.ranges, self.wording)

    # ---- examples -----------------------------------------------------------------------------------------------

    def examples(self, start, count):
        """Examples `start` .. `start + count - 1` as `Examples`."""
        chunk = CHUNK[self.device.type]
        parts = [self._chunk(first, min(chunk, start + count - first))
                 for first in range(start, start + count, chunk)]
        if len(parts) == 1:
            return parts[0]
        lengths = torch.cat([part.offsets.diff() for part in parts])
        offsets = torch.cat((lengths.new_zeros(1), lengths.cumsum(0)))
        joined = {field.name: torch.cat([getattr(part, field.name) for part in parts]) for field in fields(parts[0])
                  if field.name != "offsets"}
        return type(parts[0])(offsets=offsets, **joined)

    def _chunk(self, start, count):
        index = torch.arange(start, start + count, dtype=torch.int64, device=self.device)
        e = sample_expressions(self.ranges, self.seed, self.split, index, self.K)
        keys = stream_keys(self.seed, SPLITS[self.split], index)
        texts = render(self.wording, self.tokenizer, e, keys, self.ranges)
        return self._labelled(e, texts, self._plan(e, texts))

    def _labelled(self, e, texts, plan):
        """`Examples` of expressions, their texts and plans."""
        parts = [e.number_used, e.negative & e.number_used, self._digits(e).flatten(0, 1), *plan, e.n_ops[None],
                 texts.wording[None]]
        labels = torch.cat([part.to(torch.int8) for part in parts])
        return Examples(texts.ids, texts.offsets, labels.t().contiguous(), self._values(e, *plan).t().contiguous(),
                        e.content)

    def _plan(self, e, texts):
        """Steps in post-order: (operation, operand1, operand2), each (D, N) int32."""
        K, D, N = self.K, self.D, e.n_ops.shape[0]
        identity = self.dag_ops.index("identity")
        to_dag_op = torch.tensor([self.dag_ops.index(name) if name in self.dag_ops else identity
                                  for name in OPERATIONS], dtype=torch.int32, device=self.device)
        step = torch.arange(D, dtype=torch.int32, device=self.device)[:, None]
        previous = (K + step - 1).expand(D, N).clone()
        previous[0] = 0                       # nothing is computed yet: the only number there is
        plan = torch.full((3, D + 1, N), identity, dtype=torch.int32, device=self.device)
        plan[1:, :D] = previous
        where = torch.where(e.used, e.step, D).to(torch.int64)
        plan[0].scatter_(0, where, to_dag_op.index_select(0, e.operation.flatten()).view(e.operation.shape))
        left, right = e.left, e.right
        if texts.places is not None:
            left, right = (torch.where(slot < K, texts.places.gather(0, slot.clamp(max=K - 1).long()).to(torch.int32), slot)
                           for slot in (left, right))
        plan[1].scatter_(0, where, torch.where(texts.reversed, right, left))
        plan[2].scatter_(0, where, torch.where(texts.reversed, left, right))
        return plan[:, :D].unbind(0)

    def _digits(self, e):
        """(K, P, N) int8 digits of the numbers."""
        three = torch.arange(1000, device=self.device)
        table = torch.stack((three // 100, three // 10 % 10, three % 10)).to(torch.int8)       # (3, 1000)
        G, F, K, N = e.integer.shape[0], e.decimal.shape[0], self.K, e.n_ops.shape[0]
        digits = torch.zeros(3 * (G + F), K, N, dtype=torch.int8, device=self.device)
        for g, group in enumerate((*e.integer.flip(0), *e.decimal)):                            # (K, N) each
            digits[3 * g:3 * g + 3] = table.index_select(1, group.flatten()).view(3, K, N)
        labels = torch.zeros(K, self.P, N, dtype=torch.int8, device=self.device)
        whole, decimals = self.places
        low, high = max(whole - 3 * G, 0), whole + min(decimals, 3 * F)
        first = 3 * G - whole + low                       # the place that column `low` of the labels shows
        labels[:, low:high] = digits[first:first + high - low].transpose(0, 1)
        return labels * e.number_used[:, None]

    def _values(self, e, operation, operand1, operand2):
        """(S, N) float64 value of every slot; NaN from a division by zero on."""
        K, D, N = self.K, self.D, e.n_ops.shape[0]
        # One division of two exact floats: the nearest float64 wherever a number's places are at most 15. By a tensor,
        # since CUDA would multiply by a Python number's reciprocal. With `upper`, to two units in the last place.
        decimals = self.ranges.max_decimals
        upper, value = e.units(decimals)
        value = value.double() / torch.full((), 10.0 ** decimals, dtype=torch.float64, device=self.device)
        if upper is not None:
            value = value + upper.double() * 10.0 ** lower_digits(decimals)
        slots = value.new_zeros(K + D, N)
        slots[:K] = torch.where(e.negative, -value, value) * e.number_used
        nan = float("nan")
        for s in range(D):
            a, b = (slots.gather(0, operand[s:s + 1].to(torch.int64))[0] for operand in (operand1, operand2))
            result = a
            for name in self.ranges.operations:
                computed = (a + b if name == "add" else a - b if name == "subtract" else a * b if name == "multiply"
                            else torch.where(b == 0, nan, a / b))
                result = torch.where(operation[s] == self.dag_ops.index(name), computed, result)
            slots[K + s] = result
        return slots

    # ---- batches ------------------------------------------------------------------------------------------------

    def batch(self, number):
        """Batch `number` of the stream, a `Batch` on the stream's device."""
        pool_number, place = divmod(number, self.pool_batches)
        if pool_number != self._pool_number:
            self._pool, self._pool_number = self._make_pool(pool_number), pool_number
        examples, chosen, widths = self._pool
        return self.collate(examples, chosen[place], widths[place])

    def _make_pool(self, pool_number):
        count = self.pool_batches * self.batch_size
        examples = self.examples(pool_number * count, count)
        lengths = examples.offsets.diff()
        chosen = torch.sort(lengths, stable=True).indices.view(self.pool_batches, self.batch_size)
        key = stream_keys(self.seed, len(SPLITS), torch.arange(self.pool_batches) + pool_number * self.pool_batches)
        chosen = chosen[torch.sort(hash64(key), stable=True).indices.to(self.device)]
        widths = lengths[chosen].amax(1).tolist()          # making a pool waits for the device; its batches don't
        return examples, chosen, widths

    def evaluation_set(self, count):
        """The first `count` examples of different content, as batches sorted by length.

        Small contents are few, and those of a small split come again and again ("1" alone, in digits and in words):
        each counts once, at its first example. Raises RangeError where the split has no `count` of them.
        """
        if count < 1:
            raise RangeError(f"an evaluation on {count} examples: ask for at least 1")
        asked, before = count, -1
        while True:
            examples = self.examples(0, asked)
            order = torch.sort(examples.content, stable=True)
            is_first = torch.ones_like(order.values, dtype=torch.bool)
            is_first[1:] = order.values[1:] != order.values[:-1]
            chosen = order.indices[is_first].sort().values[:count]
            if len(chosen) == count:
                break
            if len(chosen) - before < count / 100:         # twice the examples brought next to nothing new
                raise RangeError(f"{asked} examples of the {self.split!r} split have {len(chosen)} different contents, "
                                 f"not {count}: evaluate on fewer examples or widen the ranges")
            asked, before = 2 * asked, len(chosen)
        return self._in_order_of_length(examples, chosen)

    def first(self, count):
        """The first `count` examples, whatever their content, as batches sorted by length."""
        return self._in_order_of_length(self.examples(0, count), torch.arange(count, device=self.device))

    def _in_order_of_length(self, examples, chosen):
        lengths = examples.offsets.diff()
        parts = chosen[torch.sort(lengths[chosen], stable=True).indices].split(self.batch_size)
        return [self.collate(examples, part, int(lengths[part].max())) for part in parts]

    def collate(self, examples, chosen, width):
        """The chosen (B,) examples as a `Batch` of `width` tokens."""
        ids, lengths = self._padded(examples, chosen, width)
        labels = self._unpacked(examples, chosen)
        return Batch(ids=ids, lengths=lengths, values=examples.values[chosen], **labels)

    def _padded(self, examples, chosen, width):
        """(ids (B, width) int64, lengths (B,) int64) of the chosen examples."""
        start = examples.offsets[chosen]
        lengths = examples.offsets[chosen + 1] - start
        token = torch.arange(width, device=self.device)
        at = start[:, None] + token
        ids = torch.where(token < lengths[:, None], examples.ids[at.clamp(max=len(examples.ids) - 1)], self.pad)
        return ids.long(), lengths

    def _unpacked(self, examples, chosen):
        """The chosen examples' integer labels, as `Batch` has them."""
        packed = examples.labels[chosen].long()
        labels = {name: packed[:, low:high] for name, (low, high) in self.columns.items()}
        labels.update(number_mask=labels["number_mask"].bool(), n_ops=labels["n_ops"][:, 0],
                      wording=labels["wording"][:, 0], digits=labels["digits"].unflatten(1, (self.K, self.P)))
        return labels


def settings_of(kind, settings):
    """`kind` (Ranges or Wording) built from a dict of flat settings that holds, among others, its fields."""
    return kind(**{field.name: settings[field.name] for field in fields(kind) if field.name in settings})
