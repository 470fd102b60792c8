"""The plan: what a reading token predicts from the hidden states it may see, and the arithmetic it comes to.

Imports `exact` and the files beside it.

Axes: B batch, T tokens, H n_embd, R tokens of a sequence that plan ("readers"), K num_initial_values, P digits of a
number (max_digits integer digits, then max_decimals decimals), D dag_depth, S = K + D slots, O operations, C characters
of an answer, V codes of characters; N readers of all sequences, or plans next to one another.
"""
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

import exact
from models.backbone import CrossAttention, MLP, ModelError, SelfAttention, embedding, head, linear, norm
from models.executor import (StraightThrough, exact_numbers, execute_soft, log_magnitude, soft_magnitude, soft_numbers)
from models.positions import Positions


@dataclass
class Plan:
    """Logits of a plan at each reader. Slots that a step can't read have operand logits of minus infinity."""
    sign_logits: torch.Tensor           # (B, R, K, 2): positive, negative
    digit_logits: torch.Tensor          # (B, R, K, P, 10), most significant place first
    operation_logits: torch.Tensor      # (B, R, D, O)
    operand1_logits: torch.Tensor       # (B, R, D, S)
    operand2_logits: torch.Tensor       # (B, R, D, S)

    @property
    def operation_probs(self):
        return self.operation_logits.softmax(-1)

    @property
    def operand1_probs(self):
        return self.operand1_logits.softmax(-1)

    @property
    def operand2_probs(self):
        return self.operand2_logits.softmax(-1)


class PlanBlock(nn.Module):
    """The plan's queries look at the tokens, then at one another, then think."""

    def __init__(self, config):
        super().__init__()
        self.look, self.confer, self.mlp = CrossAttention(config), SelfAttention(config), MLP(config)

    def forward(self, x, tokens, mask, rows):
        """x (N, Q, H) of N readers, who see nothing of one another; the others as of `CrossAttention`."""
        x = x + self.look(norm(x), tokens, mask, rows)
        x = x + self.confer(norm(x), is_causal=False)
        return x + self.mlp(norm(x))


class DigitPlaces(nn.Module):
    """An embedding of the place that each digit has in its number, as `Positions.places` counts them."""

    def __init__(self, config):
        super().__init__()
        self.embedding = embedding(1 + config.n_places, config.n_embd)

    def forward(self, places):
        """`Positions.places` (N, T, 2) int64 -> (N, T, H)"""
        first, second = places.unbind(2)
        return self.embedding(first) + self.embedding(second) * (second > 0)[..., None]


class ValueExtractor(nn.Module):
    """Read numbers as digits: a query for every place of every number looks for the token that bears its digit.

    Digits are exact where a regressed magnitude never is, and a place is read by copying one token, where a number
    read as a whole would have to fit into one vector.
    """

    def __init__(self, config, positions):
        super().__init__()
        self.positions = positions
        self.place_embedding = embedding(config.n_places, config.n_embd)
        self.digit_places = DigitPlaces(config) if config.digit_token_ids else None
        self.look = CrossAttention(config)
        self.sign_head, self.digit_head = head(config.n_embd, 2), head(config.n_embd, 10)
        # What a place that isn't looked for says: surely 0
        self.register_buffer("zero", torch.tensor([0.0] + 9 * [-100.0]), persistent=False)

    def forward(self, values, tokens, mask, rows, ids, readers, n_values):
        """Value states (N, K, H) -> sign logits (N, K, 2), digit logits (N, K, P, 10).

        tokens (B, 1 + T, H): a stand-in for nothing and hidden states; mask and rows as of `CrossAttention`; ids (N, T)
        what the readers (N,) read. The digits of the first n_values values are read; the others' logits are 0. But in
        training places that no token can fill (`Positions.fillable`) aren't looked for and are 0: most of 32, as a rule. So losses
        of digits are of fewer places there, and a device is waited for, which training doesn't.
        """
        offsets, fillable, queries = None, None, self.place_embedding.weight
        if self.digit_places is not None:
            places = self.positions.places(ids, readers)
            offsets = F.pad(self.digit_places(places), (0, 0, 1, 0))
            if not self.training:
                fillable = self.positions.fillable(places, readers)                          # (N, P)
                first, last = self._ends(fillable)
                queries = queries[first:last]
        states = (values[:, :n_values, None] + queries).flatten(1, 2)
        states = states + self.look(norm(states), tokens, mask, rows, offsets)
        digit_logits = self.digit_head(norm(states)).unflatten(1, (n_values, len(queries)))
        if fillable is not None:
            digit_logits = torch.where(fillable[:, None, first:last, None], digit_logits, self.zero)
            zeros = self.zero.expand(*digit_logits.shape[:2], fillable.size(1), 10)
            digit_logits = torch.cat((zeros[:, :, :first], digit_logits, zeros[:, :, last:]), 2)
        return self.sign_head(values), F.pad(digit_logits, (0, 0, 0, 0, 0, values.size(1) - n_values))

    @staticmethod
    def _ends(fillable):
        """The first place that any reader (N, P) looks for, and the one behind the last."""
        there = fillable.any(0).nonzero().flatten().tolist() or [0]
        return there[0], there[-1] + 1


class DAGPlanPredictor(nn.Module):
    """Hidden states -> plan: K value queries and D step queries attend to what the reading token may see."""

    def __init__(self, config):
        super().__init__()
        if config.dag_depth < 1:
            raise ModelError(f"dag_depth={config.dag_depth} leaves nothing to plan: it must be at least 1 here")
        self.K, self.D, self.S = config.num_initial_values, config.dag_depth, config.n_slots
        self.identity = config.dag_ops.index("identity")
        self.query_embedding = embedding(self.K + self.D, config.n_embd)
        self.nothing = embedding(1, config.n_embd)      # what queries look at that look for something a text lacks
        self.reader = linear(config.n_embd, config.n_embd)
        self.blocks = nn.ModuleList(PlanBlock(config) for _ in range(config.n_plan_layer))
        self.positions = Positions(config)
        self.extractor = ValueExtractor(config, self.positions)
        self.operation_head = head(config.n_embd, len(config.dag_ops))
        self.operand_head = head(config.n_embd, 2 * self.S)
        step, slot = torch.arange(self.D)[:, None], torch.arange(self.S)
        self.register_buffer("unreadable", slot >= self.K + step, persistent=False)          # (D, S)

    def forward(self, tokens, ids, readers, n_values=None):
        """Hidden states (B, T, H) of ids (B, T) int64 and positions that plan (B, R) int64 -> Plan. A reader sees tokens
        up to itself, in a calculator annotation those of the annotation alone; -1 is none, whose logits mean nothing.

        n_values: how many of the K values are wanted, from the first on; the others' digit logits are 0. Digits are the
        dearest part of a plan, and few texts hold K numbers. "used": those that the most probable plans' steps read.
        """
        (B, T, H), shape, rows = tokens.shape, readers.shape, None
        chosen, readers = None, readers.flatten()
        # On a CPU, those that are none are left out; elsewhere choosing would wait for the device.
        is_some = readers >= 0 if tokens.device.type == "cpu" else None
        if shape[1] > 1 or is_some is not None and not is_some.all():
            rows = torch.arange(B, device=tokens.device).repeat_interleave(shape[1])
            if is_some is not None:
                chosen = is_some.nonzero().squeeze(1)
                rows, readers = rows[chosen], readers[chosen]
            ids = ids.index_select(0, rows)
        readers = readers.clamp(min=0)                                                       # (N,)
        at = tokens[torch.arange(B, device=tokens.device) if rows is None else rows, readers]
        tokens = torch.cat((norm(self.nothing.weight).to(tokens.dtype).expand(B, 1, H), tokens), 1)
        position, asked = torch.arange(-1, T, device=tokens.device), self.positions.asked(ids).gather(1, readers[:, None])
        mask = ((position < 0) | (position >= asked) & (position <= readers[:, None]))[:, None, None]
        x = self.query_embedding.weight + self.reader(at)[:, None]                           # (N, K + D, H)
        for block in self.blocks:
            x = block(x, tokens, mask, rows)
        x = norm(x)
        values, steps = x[:, :self.K], x[:, self.K:]
        operands = self.operand_head(steps).unflatten(-1, (2, self.S))
        operands = self._readable(operands)                                                  # (N, D, 2, S)
        operation = self.operation_head(steps)
        if n_values == "used":
            first, second = operands.argmax(-1).unbind(-1)
            # identity has no second operand: what it would be isn't taught.
            read = torch.stack((first, torch.where(operation.argmax(-1) == self.identity, first, second)))
            n_values = 1 + int(torch.where(read < self.K, read, 0).max()) if read.numel() else 1
        n_values = self.K if n_values is None else n_values
        sign_logits, digit_logits = self.extractor(values, tokens, mask, rows, ids, readers, n_values)
        parts = [sign_logits, digit_logits, operation, operands]
        if chosen is not None and len(chosen) < shape.numel():
            parts = [part.new_zeros(shape.numel(), *part.shape[1:]).index_copy(0, chosen, part) for part in parts]
            parts[-1] = self._readable(parts[-1])
        sign_logits, digit_logits, operation, operands = (part.unflatten(0, shape) for part in parts)
        return Plan(sign_logits, digit_logits, operation, operands[..., 0, :], operands[..., 1, :])

    def _readable(self, operands):
        """Operand logits (N, D, 2, S), minus infinity for slots that a step comes before."""
        return operands.masked_fill(self.unreadable[:, None], float("-inf"))


class DifferentiableDAG(nn.Module):
    """Plan -> executed slots. Always in float64, outside of any autocast."""

    def __init__(self, config):
        super().__init__()
        self.dag_ops, self.max_digits, self.max_decimals = config.dag_ops, config.max_digits, config.max_decimals
        self.answer_places = config.answer_digits, config.answer_decimals
        self.n_parts = exact.n_parts((config.max_digits, config.max_decimals), self.answer_places)
        self.identity = config.dag_ops.index("identity")

    def forward(self, plan, mode="straight_through"):
        """Slots (B, R, S) float64 of a plan, and where they are defined (B, R, S) bool.

        mode "hard": argmax, exact. "soft": expectations, everywhere defined. "straight_through": hard values, soft
        gradients.
        """
        with torch.autocast(plan.sign_logits.device.type, enabled=False):
            if mode == "soft":
                slots = self.soft(plan)
                return slots, torch.ones_like(slots, dtype=torch.bool)
            slots, defined = self.hard(plan)
            if mode == "straight_through":
                slots = StraightThrough.apply(slots, self.soft(plan))
            elif mode != "hard":
                raise ValueError(f"unknown mode {mode!r}; there are hard, soft and straight_through")
            return slots, defined

    def hard(self, plan):
        high, *_, defined = self.exact_slots(plan)
        return high, defined

    def exact_slots(self, plan):
        """The slots (B, R, S) of the most probable plan, exact: (high, low, defined), or with a third part
        (high, low, lowest, defined), as `exact.execute` has them."""
        return exact.execute(*self._best(plan), self.dag_ops)

    def characters(self, plan):
        """The answer of the most probable plan: (B, R, C) int64 codes of characters."""
        return exact.answers(*self._best(plan), self.dag_ops, *self.answer_places)

    def _best(self, plan):
        """The most probable numbers, as a pair or triple, and choices."""
        logits = plan.operation_logits, plan.operand1_logits, plan.operand2_logits
        return (exact_numbers(plan.sign_logits, plan.digit_logits, self.max_decimals, self.n_parts),
                *(part.argmax(-1) for part in logits))

    def neighbours(self, plan):
        """The most probable plan and all that differ from it in one choice, of an operation or an operand, executed.

        Returns (log shares (B, R, N) of what the predictor gives them among themselves, differentiable in the plan;
        the answers they come to (B, R, N, C) int64). The first is the most probable one.
        """
        logits = plan.operation_logits, plan.operand1_logits, plan.operand2_logits
        numbers, *best = self._best(plan)
        best = torch.stack(best)                                                           # (3, B, R, D)
        plans, scores = [best], [torch.zeros_like(best[0, ..., 0], dtype=torch.float)]
        K, D = numbers[0].size(-1), best.size(-1)
        for part, values in enumerate(logits):
            relative = (values - values.gather(-1, best[part][..., None])).float()
            for step in range(D):
                for choice in range(values.size(-1) if part == 0 else K + step):
                    other = best.clone()
                    other[part, ..., step] = choice
                    plans.append(other)
                    # The best plan again, or another second operand of identity, which has none.
                    same = best[part][..., step] == choice
                    if part == 2:
                        same = same | (best[0][..., step] == self.identity)
                    scores.append(relative[..., step, choice].masked_fill(same, -1e9))
        operation, operand1, operand2 = torch.stack(plans, -2)                             # (B, R, N, D)
        many = tuple(part[:, :, None].expand(*operation.shape[:-1], K) for part in numbers)
        characters = exact.answers(many, operation, operand1, operand2, self.dag_ops, *self.answer_places)
        return torch.stack(scores, -1).log_softmax(-1), characters

    def expected_characters(self, plan):
        """What the answer is written with, in expectation over `neighbours`: (B, R, C, V), differentiable in the plan.

        A gradient of the answer's text so says of every single choice whether the text that it leads to would have
        been better.
        """
        return expected_characters(*self.neighbours(plan))

    def soft(self, plan):
        numbers = soft_numbers(plan.sign_logits, plan.digit_logits, self.max_digits, self.max_decimals)
        probs = (logits.double().softmax(-1) for logits in (plan.operation_logits, plan.operand1_logits,
                                                            plan.operand2_logits))
        return execute_soft(numbers, *probs, self.dag_ops)

    def log_magnitudes(self, plan):
        """log10 of the expected magnitudes of the numbers read: (B, R, K) float64, differentiable."""
        return log_magnitude(soft_magnitude(plan.digit_logits, self.max_digits, self.max_decimals), self.max_decimals)


def expected_characters(log_shares, characters):
    """log shares (B, R, N) and codes (B, R, N, C) of plans' answers -> (B, R, C, V)."""
    characters = characters.transpose(2, 3)                                                # (B, R, C, N)
    shares = log_shares.exp()[:, :, None].expand_as(characters)
    return shares.new_zeros(*characters.shape[:3], exact.N_CHARACTERS).scatter_add(-1, characters, shares)
