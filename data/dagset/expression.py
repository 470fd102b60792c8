"""Sample arithmetic expressions as tensors: the tree and its numbers, before any wording.

Example i of a split is a pure function of (seed, split, i). Train, validation and test are disjoint by content: a hash
of the numbers and operations of an expression picks its split, whatever their order, wording or notation, so a sum
can't be trained in digits and tested in English. Imports `counter_rng`, `formulas`, `numbers` and `ranges`.

Axes. N examples, always last, so that every field is contiguous; K slots for numbers, in reading order; D operators in
reading order (operator i stands between numbers i and i + 1, but in some stories: see `Expressions`); G groups of three
integer digits, lowest first; F groups of three decimals, highest first.
"""
import functools
from dataclasses import dataclass

import torch

from data.dagset.counter_rng import GOLDEN, chance, draw_fields, hash64, scaled, scaled_finely, stream_keys
from data.dagset.formulas import LISTED, outline
from data.dagset.numbers import IN_PERCENT, draw_numbers, joined_groups, kinds_of, places_table
from data.dagset.ranges import OPERATIONS, SPLITS, RangeError

TEST_SIXTEENTHS, VAL_SIXTEENTHS = 1, 1        # shares of all content, in sixteenths; training has the rest
MAX_ATTEMPTS = 2000                           # draws of one example before its ranges are called too narrow to split
POSITIVE_ATTEMPTS = 24                        # draws of a formula's numbers before one of its steps may come to zero or less

SUBTRACT = OPERATIONS.index("subtract")

# Where each purpose's random lanes start; those of `numbers.py` lie between
STRUCTURE_LANE, FORMULA_LANE, LIST_LANE, ATTEMPT_LANE = 0, 124, 128, 65535


@dataclass
class Expressions:
    """N expressions. Integer tensors are int32 unless said; `left`/`right` are slots in reading order.

    The stories of some formulas name the numbers in another order than their trees have them: those of "b - a * c". There the
    operators and their operands are in the tree's order, the numbers in that of the stories; `Texts.places` goes between. Texts that
    tell no story, in symbols, say the numbers in that order all the same, and so something else than the formula.
    """
    n_ops: torch.Tensor             # (N,)
    operation: torch.Tensor         # (D, N) index into OPERATIONS, by operator in reading order
    first: torch.Tensor             # (D, N) first number of the operator's span
    last: torch.Tensor              # (D, N) last number of it
    step: torch.Tensor              # (D, N) post-order step of each operator
    left: torch.Tensor              # (D, N) slot of the operand read first: number < K, or K + step
    right: torch.Tensor             # (D, N)
    parent: torch.Tensor            # (D, D, N) bool: operator p is the parent of operator i at [p, i]
    is_right: torch.Tensor          # (D, N) bool: the operator is its parent's right child
    used: torch.Tensor              # (D, N) bool
    listed: torch.Tensor            # (D, N) bool: the operator is one of a list's, a left spine of one operation
    integer: torch.Tensor           # (G, K, N) groups of three digits
    decimal: torch.Tensor           # (F, K, N) groups of three digits, zero-filled on the right
    n_digits: torch.Tensor          # (K, N) integer digits, at least 1
    n_decimals: torch.Tensor        # (K, N)
    negative: torch.Tensor          # (K, N) bool
    integer_part: torch.Tensor      # (K, N) int64; beyond 18 digits what is left of it modulo 2**64
    decimal_part: torch.Tensor      # (K, N) int64, in units of 10**(-3 F)
    percent: torch.Tensor           # (K, N) bool: the number is written in percent
    formula: torch.Tensor           # (N,) 0, or 1 + index into LISTED: the expression whose scenes may tell it
    unsaid: torch.Tensor            # (K, N) bool: a number of a formula that its texts don't say, if wording can
    name: torch.Tensor              # (K, N) 0, or 1 + index into NAMES: what a number is called there, if wording can
    fraction: torch.Tensor          # (K, N) 0, or 1 + index into FRACTIONS: what a mixed number ends in
    flipped: torch.Tensor           # (D, N) bool: a difference of a story that takes the other operand from this one, being smaller
    number_used: torch.Tensor       # (K, N) bool
    content: torch.Tensor           # (N,) int64 hash of what picks the split

    def units(self, decimals):
        """(upper, lower), each (K, N) int64 and below 10**18: the magnitudes, to `decimals` decimals, are
        upper * 10**(lower_digits(decimals) + decimals) + lower of their units. upper is None where no number has so many
        digits.
        """
        low, above = lower_digits(decimals) // 3, None
        below = self.integer_part
        if len(self.integer) > low:
            above, below = (joined_groups(groups.flip(0), vars(self)) for groups in (self.integer[low:],
                                                                                     self.integer[:low]))
        return above, below * 10 ** decimals + self.decimal_part // 10 ** (3 * len(self.decimal) - decimals)


def lower_digits(decimals):
    """How many integer digits, whole groups of them, fit into an int64 with `decimals` decimals."""
    return (18 - decimals) // 3 * 3


def sample_structure(ranges, keys, num_initial_values):
    """Trees over the numbers, and their operations: a dict of `Expressions`' structural fields.

    A random merge order of the operators gives the tree; the operator merged last is the root. An operator's span
    ends where a neighbour of later merge stands, and post-order is by right end, then by shorter span.
    """
    D, K = ranges.depth, num_initial_values
    fields = draw_fields(keys, STRUCTURE_LANE, 3 + 2 * D)
    usual = ranges.usual_ops or ranges.max_ops
    n_ops = ranges.min_ops + scaled(fields[0], usual - ranges.min_ops + 1)
    if usual < ranges.max_ops:
        n_ops = torch.where(chance(fields[-1], ranges.long_rate), usual + 1 + scaled(fields[0], ranges.max_ops - usual),
                            n_ops)
    n_ops = n_ops * ~chance(fields[1], ranges.identity_rate)
    choices = torch.tensor([OPERATIONS.index(name) for name in ranges.operations], dtype=torch.int32,
                           device=keys.device)
    operation = choices.index_select(0, scaled(fields[2:2 + D], len(ranges.operations)).flatten()).view(D, -1)

    position = torch.arange(D, dtype=torch.int32, device=keys.device)[:, None]           # (D, 1)
    formula, order_of = torch.zeros_like(n_ops), None
    if ranges.formula_rate:
        draws, tables = draw_fields(keys, FORMULA_LANE, 3), formula_tables(ranges, keys.device)
        formula = torch.where(chance(draws[0], ranges.formula_rate),
                              tables["choices"].index_select(0, scaled_finely(draws[1], draws[2], len(tables["choices"]))), 0)
        n_ops, operation = (torch.where(formula > 0, tables[name].index_select(-1, formula), drawn)
                            for name, drawn in (("n_ops", n_ops), ("operation", operation)))
        order_of = tables["order"].index_select(1, formula)
    used = position < n_ops
    # Ties would make two roots: the operator's own position is the low part. Unused ones bound their neighbours.
    order = fields[2 + D:2 + 2 * D] * 16 + position
    order = torch.where(used, order if order_of is None else torch.where(formula > 0, order_of, order), 1 << 30)
    list_fields = draw_fields(keys, LIST_LANE, 2 + D) if ranges.list_rate else None
    if ranges.list_rate:
        # Half of the texts with a list go on from left to right, so that it is of single numbers.
        has_list = chance(list_fields[0], ranges.list_rate) & (n_ops > 1) & (formula == 0)
        order = torch.where(has_list & ((list_fields[1] & 1) == 0) & used, position, order)
    later = order[None] > order[:, None]                                                # [i, j]: j merges after i
    i, j = position[:, None], position[None]
    first = ((later & (j < i)) * (j + 1)).amax(1).to(torch.int32)
    last = D - ((later & (j > i)) * (D - j)).amax(1).to(torch.int32)

    listed = torch.zeros_like(used)
    if ranges.list_rate:
        operation, listed = settle_lists(ranges, list_fields[2:], operation, first, last, used & has_list)

    rank = torch.where(used, last * 32 + (31 - first), 1 << 20)
    step = (rank[None] < rank[:, None]).sum(1, dtype=torch.int32)

    both = used[:, None] & used[None]
    is_left_child = both & (j < i) & (last[None] == i) & (first[None] == first[:, None])       # [parent, child]
    is_right_child = both & (j > i) & (first[None] == i + 1) & (last[None] == last[:, None])
    left = torch.where(first == position, position, K + (is_left_child * step[None]).sum(1, dtype=torch.int32))
    right = torch.where(last == position + 1, position + 1, K + (is_right_child * step[None]).sum(1, dtype=torch.int32))
    return dict(n_ops=n_ops, operation=operation, first=first, last=last, step=step, left=left, right=right,
                parent=is_left_child | is_right_child, is_right=is_right_child.any(0), used=used, listed=listed,
                formula=formula)


@functools.lru_cache(maxsize=8)
def formula_tables(ranges, device):
    """Tensors of the formulas that keep within the ranges: `choices`, a code for each way to say one, and of the codes `n_ops`,
    `operation`, merge `order`, `reversed`, whether the right operand is named first, and `gap`, whether an operation takes the smaller
    operand from the larger (D, codes). And `has_gaps`, whether any does."""
    D = ranges.depth
    rows, choices = [(0, D * [0], D * [0], D * [0], D * [0])], []
    for code, (formula, scenes) in enumerate(LISTED.items(), 1):
        operators, leaves, _ = outline(formula)
        is_gap = [name == "gap" for name, *_ in operators]
        operators = [("subtract" if gap else name, *span) for gap, (name, *span) in zip(is_gap, operators)]
        kinds = kinds_of(leaves)
        fits = (ranges.min_ops <= len(operators) <= (ranges.usual_ops or ranges.max_ops)
                and all(name in ranges.operations for name, *_ in operators)
                and (ranges.percent_rate > 0 or IN_PERCENT not in kinds) and max(kinds) <= 10 ** ranges.max_digits)
        choices += len(scenes) * [code] if fits else []
        operators, is_gap = (operators, is_gap) if fits else ([], [])
        filling = (D - len(operators)) * [0]
        rows.append((len(operators), [OPERATIONS.index(name) for name, *_ in operators] + filling,
                     [16 * (last - first) + position for position, (_, first, last, _) in enumerate(operators)] + filling,
                     [int(is_reversed) for *_, is_reversed in operators] + filling, [*map(int, is_gap)] + filling))
    if not choices:
        raise RangeError(f"formula_rate={ranges.formula_rate}: no formula keeps within min_ops={ranges.min_ops}, max_ops="
                         f"{ranges.max_ops}, max_digits={ranges.max_digits}, percent_rate={ranges.percent_rate} and operations "
                         f"{ranges.operations}; widen them or set formula_rate to 0")
    assert len(choices) <= 1 << 15, "more than `scaled_finely` takes"
    n_ops, operation, order, is_reversed, is_gap = (torch.tensor(column, dtype=torch.int32, device=device) for column in zip(*rows))
    return dict(choices=torch.tensor(choices, dtype=torch.int32, device=device), n_ops=n_ops, operation=operation.t().contiguous(),
                order=order.t().contiguous(), reversed=is_reversed.t().bool().contiguous(), gap=is_gap.t().bool().contiguous(),
                has_gaps=any(map(any, list(zip(*rows))[-1])))


def settle_lists(ranges, fields, operation, first, last, used):
    """(operation, listed), each (D, N): one operator of the `used` and its left spine become one sum or product."""
    position = torch.arange(len(used), dtype=torch.int32, device=used.device)[:, None]
    # The left operand of the list's last operator is an operation itself, so that there are three items and more.
    can_end = used & (first < position)
    end = torch.where(can_end, fields, -1).argmax(0, keepdim=True)
    listed = used & can_end.any(0) & (first == first.gather(0, end)) & (last <= last.gather(0, end))
    sums, products = ([name] if name in ranges.operations else [] for name in ("add", "multiply"))
    becomes = torch.tensor([OPERATIONS.index((sums + products if name in ("add", "subtract") else products + sums)[0])
                            for name in OPERATIONS], dtype=torch.int32, device=used.device)
    return torch.where(listed, becomes[operation.gather(0, end).long()], operation), listed


def told_values(ranges, structure, numbers):
    """What the steps of formulas come to in stories, in float64: (whether none comes to zero or less (N,) bool, where a division by
    zero doesn't, and which differences are `flipped` (D, N) bool). Of no meaning for other texts."""
    formula, steps, used = structure["formula"], structure["step"], structure["used"]
    (D, N), K = steps.shape, numbers["n_digits"].shape[0]
    tables = formula_tables(ranges, formula.device)
    is_reversed, is_gap = (tables[name].index_select(1, formula) for name in ("reversed", "gap"))
    # Not `Expressions.integer_part`, which wraps. Divided by a tensor, since CUDA would multiply by a Python number's reciprocal.
    F = len(numbers["decimal"])
    value = sum(group.double() * 1000.0 ** (F - 1 - f) for f, group in enumerate(numbers["decimal"]))
    value = value / torch.full((), 1000.0 ** F, dtype=torch.float64, device=formula.device)
    value = value + sum(group.double() * 1000.0 ** g for g, group in enumerate(numbers["integer"]))
    slots = value.new_zeros(K + D, N)
    slots[:K] = value.gather(0, places_table(K, formula.device).index_select(1, formula))
    positive, flipped = torch.ones_like(formula, dtype=torch.bool), torch.zeros_like(used)
    for s in range(D):
        here = used & (steps == s)
        at = here.int().argmax(0, keepdim=True)
        operation, left, right, swap, gap = (table.gather(0, at)[0] for table in (
            structure["operation"], structure["left"], structure["right"], is_reversed, is_gap))
        a, b = (slots.gather(0, torch.where(swap, *sides)[None].long())[0] for sides in ((right, left), (left, right)))
        result = torch.stack((a + b, a - b, a * b, a / b.clamp(min=1e-12))).gather(0, operation[None].long())[0]
        # 0.3 - 0.1 * 3 is zero, and not what rounding leaves of it.
        least = torch.where(operation == SUBTRACT, 1e-9 * (a.abs() + b.abs()), 0.0)
        flip = gap & (result < -least)
        result = torch.where(flip, -result, result)
        flipped |= here & flip
        slots[K + s] = result
        positive &= ~here.any(0) | (result > least)
    return positive, flipped


def split_of(content):
    """Split codes (N,) of content hashes."""
    bucket = content & 15
    return ((bucket < TEST_SIXTEENTHS) * SPLITS["test"]
            + ((bucket >= TEST_SIXTEENTHS) & (bucket < TEST_SIXTEENTHS + VAL_SIXTEENTHS)) * SPLITS["val"])


def sample_expressions(ranges, seed, split, index, num_initial_values):
    """Examples `index` (N,) int64 of `split` ("train", "val", "test") as `Expressions`, on index's device.

    The structure is drawn once; the numbers are drawn again, under a new key, until their content falls in the split and, in the
    share of formulas that are to, come to more than zero, for which a few draws are made.
    num_initial_values (K) is at least ranges.max_ops + 1. Raises RangeError where the ranges are too narrow for that.
    """
    K, code = num_initial_values, SPLITS[split]
    keys = stream_keys(seed, code, index)
    structure = sample_structure(ranges, keys, K)
    number_used = torch.arange(K, dtype=torch.int32, device=index.device)[:, None] <= structure["n_ops"]

    of_structure, wants_positive = ["operation", "first", "last", "used", "formula"], ranges.positive_rate > 0 and ranges.formula_rate > 0
    must_be_positive = torch.zeros_like(structure["n_ops"], dtype=torch.bool)
    if wants_positive:
        must_be_positive = chance(draw_fields(keys, FORMULA_LANE, 4)[3], ranges.positive_rate) & (structure["formula"] > 0)
        of_structure += ["step", "left", "right"]

    def fit(numbers, structure, must_be_positive):
        fits = split_of(numbers["content"]) == code
        return fits & (~must_be_positive | told_values(ranges, structure, numbers)[0]) if wants_positive else fits

    numbers = draw_numbers(ranges, keys, structure, number_used)
    todo = (~fit(numbers, structure, must_be_positive)).nonzero().squeeze(1)
    attempt = 0
    while len(todo) and attempt < MAX_ATTEMPTS:
        # The fewer are left, the more attempts are made at once; an example takes its first that fits, so that the
        # company it is drawn in changes nothing.
        at_once = max(1, min(64, 512 // len(todo)))
        lane = torch.arange(attempt, attempt + at_once, device=index.device)
        part_keys = hash64(keys[todo, None] + (ATTEMPT_LANE + lane) * GOLDEN).flatten()              # (todo at_once,)
        again = todo.repeat_interleave(at_once)
        part = {name: structure[name][..., again] for name in of_structure}
        drawn = draw_numbers(ranges, part_keys, part, number_used[:, again])
        still = must_be_positive[again] & (lane < POSITIVE_ATTEMPTS).repeat(len(todo))
        fits = fit(drawn, part, still).view(-1, at_once)
        found = fits.any(1)
        took = (fits.int().argmax(1) + torch.arange(len(todo), device=index.device) * at_once)[found]
        fitting = todo[found]
        for name, value in drawn.items():
            numbers[name][..., fitting] = value[..., took]
        todo, attempt = todo[~found], attempt + at_once
    if len(todo) == 0:
        flipped = torch.zeros_like(structure["used"])
        if ranges.formula_rate and formula_tables(ranges, index.device)["has_gaps"]:
            flipped = told_values(ranges, structure, numbers)[1] & (structure["formula"] > 0)
        return Expressions(**structure, **numbers, number_used=number_used, flipped=flipped)
    raise RangeError(f"{len(todo)} of {len(index)} examples found no content of the {split!r} split in {MAX_ATTEMPTS} "
                     "draws: the ranges are too narrow to be split; raise max_digits, max_decimals or max_ops"
                     f"{', or lower formula_rate' if ranges.formula_rate else ''}")
