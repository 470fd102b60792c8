"""The transformer backbone, the plan predictor and the differentiable DAG, small parts first.

A token reads the numbers of its context out of hidden states, plans arithmetic steps over a private, append-only list
of slots, and runs them. Imports `executor` beside it and nothing else of the project.

Axes: B batch, T tokens, H n_embd, R tokens of a sequence that plan ("readers"), K num_initial_values, P digits of a
number (max_digits integer digits, then max_decimals decimals), D dag_depth, S = K + D slots, O operations.
"""
from dataclasses import dataclass, fields

import torch
import torch.nn as nn
import torch.nn.functional as F

from models.executor import (OPERATIONS, StraightThrough, execute_hard, execute_soft, hard_numbers, log_magnitude,
                             soft_magnitude, soft_numbers)

MAX_RUN = 32          # positions within a run of number characters that are told apart


class ModelError(Exception):
    """Sizes that don't fit together, or an input that doesn't fit the model; the message names both values."""
    is_user_error = True


@dataclass
class ModelConfig:
    vocab_size: int = 2048
    block_size: int = 512               # longest input, in tokens
    n_layer: int = 3
    n_head: int = 4
    n_embd: int = 96
    n_plan_layer: int = 1               # layers of the plan predictor
    dag_depth: int = 3                  # D
    num_initial_values: int = 4         # K; 1 is the per-token form: one value of its own, S = D + 1
    dag_ops: tuple = OPERATIONS
    max_digits: int = 4                 # integer digits that can be read
    max_decimals: int = 4
    number_token_ids: tuple = ()        # token ids that numbers are written with

    def __post_init__(self):
        self.dag_ops, self.number_token_ids = tuple(self.dag_ops), tuple(self.number_token_ids)
        for name in ("vocab_size", "block_size", "n_layer", "n_head", "n_embd", "n_plan_layer", "dag_depth",
                     "num_initial_values", "max_digits"):
            if getattr(self, name) < 1:
                raise ModelError(f"{name}={getattr(self, name)} must be at least 1")
        if self.n_embd % self.n_head or self.n_embd // self.n_head % 2:
            raise ModelError(f"n_embd={self.n_embd} must be an even multiple of n_head={self.n_head}")
        unknown = [name for name in self.dag_ops if name not in OPERATIONS]
        if unknown or "identity" not in self.dag_ops or len(set(self.dag_ops)) < len(self.dag_ops):
            raise ModelError(f"dag_ops={','.join(self.dag_ops)}: name each of {', '.join(OPERATIONS)} at most once, "
                             "identity among them")
        if not 0 <= self.max_decimals <= 18 - self.max_digits:
            raise ModelError(f"max_digits={self.max_digits} and max_decimals={self.max_decimals}: together at most 18")
        if any(not 0 <= token < self.vocab_size for token in self.number_token_ids):
            raise ModelError(f"number_token_ids reach {max(self.number_token_ids)}, vocab_size is {self.vocab_size}")

    @property
    def n_slots(self):
        return self.num_initial_values + self.dag_depth

    @property
    def n_places(self):
        return self.max_digits + self.max_decimals

    @classmethod
    def of(cls, settings):
        """The config that a dict of flat settings, which may hold more, describes."""
        return cls(**{field.name: settings[field.name] for field in fields(cls) if field.name in settings})


# ---- parts --------------------------------------------------------------------------------------------------------

def norm(x):
    """Layer normalisation over the last axis, without parameters: one fused kernel on CPUs, where RMSNorm is five."""
    return F.layer_norm(x, (x.size(-1),))


def linear(n_in, n_out, zero=False):
    """A matrix without bias, uniform with variance 1 / n_in; zero for those that write into a residual stream."""
    layer = nn.Linear(n_in, n_out, bias=False)
    bound = 0.0 if zero else (3 / n_in) ** 0.5
    nn.init.uniform_(layer.weight, -bound, bound)
    return layer


def head(n_in, n_out):
    """A linear map to logits; optimisers for hidden matrices leave it alone."""
    layer = nn.Linear(n_in, n_out)
    layer.weight.is_embedding_or_head = True
    return layer


def embedding(count, width, std=0.5):
    layer = nn.Embedding(count, width)
    nn.init.normal_(layer.weight, std=std)
    layer.weight.is_embedding_or_head = True
    return layer


class Rotary(nn.Module):
    """Rotary position embedding (Su et al. 2021, arXiv:2104.09864) on (B, heads, T, H / heads)."""

    def __init__(self, width, block_size):
        super().__init__()
        frequency = 10000.0 ** (-torch.arange(0, width, 2) / width)
        angle = torch.outer(torch.arange(block_size), frequency)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

    def forward(self, x):
        cos, sin = self.cos[:x.size(2)], self.sin[:x.size(2)]
        a, b = x.chunk(2, -1)
        return torch.cat((a * cos - b * sin, a * sin + b * cos), -1).to(x.dtype)


class SelfAttention(nn.Module):
    """Multi-head attention with normalised queries and keys (Henry et al. 2020, arXiv:2010.04245)."""

    def __init__(self, config, rotary=None):
        super().__init__()
        self.n_head, self.rotary = config.n_head, rotary
        self.qkv = linear(config.n_embd, 3 * config.n_embd)
        self.out = linear(config.n_embd, config.n_embd, zero=True)

    def forward(self, x, is_causal):
        B, T, H = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.n_head, H // self.n_head).permute(2, 0, 3, 1, 4)
        q, k = norm(q), norm(k)
        if self.rotary is not None:
            q, k = self.rotary(q), self.rotary(k)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=is_causal)
        return self.out(y.transpose(1, 2).reshape(B, T, H))


class CrossAttention(nn.Module):
    """Queries (B, Q, H) attend to tokens (B, T, H) where mask (B, 1, 1 or Q, T) is True."""

    def __init__(self, config):
        super().__init__()
        self.n_head = config.n_head
        self.q = linear(config.n_embd, config.n_embd)
        self.kv = linear(config.n_embd, 2 * config.n_embd)
        self.out = linear(config.n_embd, config.n_embd, zero=True)
        # Normalised vectors of width w have dot products within +-w: a learned gain lets attention become sharp.
        self.gain = nn.Parameter(torch.full((config.n_head, 1, 1), 2.0))

    def forward(self, x, tokens, mask):
        B, Q, H = x.shape
        q = norm(self.q(x).view(B, Q, self.n_head, H // self.n_head).transpose(1, 2)) * self.gain
        k, v = self.kv(tokens).view(B, -1, 2, self.n_head, H // self.n_head).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q.to(v.dtype), norm(k), v, attn_mask=mask)
        return self.out(y.transpose(1, 2).reshape(B, Q, H))


class MLP(nn.Module):
    """Two matrices with a squared ReLU between them (So et al. 2021, arXiv:2109.08668)."""

    def __init__(self, config):
        super().__init__()
        self.up = linear(config.n_embd, 4 * config.n_embd)
        self.down = linear(4 * config.n_embd, config.n_embd, zero=True)

    def forward(self, x):
        x = self.up(x)
        return self.down(x * F.relu(x))         # the square of relu(x), whose own backward pass is four times slower


class Block(nn.Module):
    def __init__(self, config, rotary):
        super().__init__()
        self.attention, self.mlp = SelfAttention(config, rotary), MLP(config)

    def forward(self, x):
        x = x + self.attention(norm(x), is_causal=True)
        return x + self.mlp(norm(x))


class Backbone(nn.Module):
    """Token ids (B, T) int64 -> hidden states (B, T, H), causal."""

    def __init__(self, config):
        super().__init__()
        self.block_size = config.block_size
        self.token_embedding = embedding(config.vocab_size, config.n_embd)
        self.run_embedding = embedding(MAX_RUN, config.n_embd)
        rotary = Rotary(config.n_embd // config.n_head, config.block_size)
        self.blocks = nn.ModuleList(Block(config, rotary) for _ in range(config.n_layer))
        is_number = torch.zeros(config.vocab_size, dtype=torch.bool)
        is_number[list(config.number_token_ids)] = True
        self.register_buffer("is_number", is_number, persistent=False)

    def run_position(self, ids):
        """How many number tokens in a row end here: 0 outside of numbers, 1, 2, ... within; (B, T) int64.

        Positions within a number, counted from its start, are the Abacus embeddings of McLeish et al. 2024
        (arXiv:2405.17399).
        """
        position = torch.arange(ids.size(1), device=ids.device).expand_as(ids)
        last_other = position.masked_fill(self.is_number[ids], -1).cummax(1).values
        return (position - last_other).clamp(max=MAX_RUN - 1)

    def forward(self, ids):
        if ids.size(1) > self.block_size:
            raise ModelError(f"an input of {ids.size(1)} tokens exceeds block_size={self.block_size}; shorten the text "
                             "or train with a larger block_size")
        x = norm(self.token_embedding(ids) + self.run_embedding(self.run_position(ids)))
        for block in self.blocks:
            x = block(x)
        return norm(x)


# ---- the plan -----------------------------------------------------------------------------------------------------

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

    def forward(self, x, tokens, mask, n_queries):
        x = x + self.look(norm(x), tokens, mask)
        alone = norm(x).unflatten(1, (-1, n_queries)).flatten(0, 1)      # a reader's queries see no other reader's
        x = x + self.confer(alone, is_causal=False).view_as(x)
        return x + self.mlp(norm(x))


class ValueExtractor(nn.Module):
    """Read numbers as digits: a query for every place of every number looks for the token that bears its digit.

    Digits are exact where a regressed magnitude never is, and a place is read by copying one token, where a number
    read as a whole would have to fit into one vector.
    """

    def __init__(self, config):
        super().__init__()
        self.n_places = config.n_places
        self.place_embedding = embedding(config.n_places, config.n_embd)
        self.look = CrossAttention(config)
        self.sign_head, self.digit_head = head(config.n_embd, 2), head(config.n_embd, 10)

    def forward(self, values, tokens, mask):
        """Value states (B, R K, H) -> sign logits (B, R K, 2), digit logits (B, R K, P, 10)."""
        places = (values[:, :, None] + self.place_embedding.weight).flatten(1, 2)
        if mask.size(2) > 1:
            mask = mask.repeat_interleave(self.n_places, 2)
        places = places + self.look(norm(places), tokens, mask)
        return self.sign_head(values), self.digit_head(norm(places)).unflatten(1, (-1, self.n_places))


class DAGPlanPredictor(nn.Module):
    """Hidden states -> plan: K value queries and D step queries attend to what the reading token may see."""

    def __init__(self, config):
        super().__init__()
        self.K, self.D, self.S = config.num_initial_values, config.dag_depth, config.n_slots
        self.query_embedding = embedding(self.K + self.D, config.n_embd)
        self.nothing = embedding(1, config.n_embd)      # what queries look at that look for something a text lacks
        self.reader = linear(config.n_embd, config.n_embd)
        self.blocks = nn.ModuleList(PlanBlock(config) for _ in range(config.n_plan_layer))
        self.extractor = ValueExtractor(config)
        self.operation_head = head(config.n_embd, len(config.dag_ops))
        self.operand_head = head(config.n_embd, 2 * self.S)
        step, slot = torch.arange(self.D)[:, None], torch.arange(self.S)
        self.register_buffer("unreadable", slot >= self.K + step, persistent=False)          # (D, S)

    def forward(self, tokens, readers):
        """Hidden states (B, T, H) and positions that plan (B, R) int64 -> Plan. A reader sees tokens up to itself."""
        B, T, H = tokens.shape
        R, Q = readers.size(1), self.K + self.D
        at = tokens.gather(1, readers[:, :, None].expand(B, R, H))
        tokens = torch.cat((norm(self.nothing.weight).to(tokens.dtype).expand(B, 1, H), tokens), 1)
        visible = torch.arange(-1, T, device=tokens.device) <= readers[:, :, None]           # (B, R, 1 + T)
        x = (self.query_embedding.weight + self.reader(at)[:, :, None]).flatten(1, 2)        # (B, R Q, H)
        mask = self._for_queries(visible, Q)
        for block in self.blocks:
            x = block(x, tokens, mask, Q)
        x = norm(x).unflatten(1, (R, Q))
        values, steps = x[:, :, :self.K].flatten(1, 2), x[:, :, self.K:]
        sign_logits, digit_logits = self.extractor(values, tokens, self._for_queries(visible, self.K))
        operands = self.operand_head(steps).unflatten(-1, (2, self.S))
        operands = operands.masked_fill(self.unreadable[:, None], float("-inf"))
        return Plan(sign_logits.unflatten(1, (R, self.K)), digit_logits.unflatten(1, (R, self.K)),
                    self.operation_head(steps), operands[..., 0, :], operands[..., 1, :])

    @staticmethod
    def _for_queries(visible, count):
        """(B, R, T) -> (B, 1, R count, T), or (B, 1, 1, T) for one reader."""
        return (visible if visible.size(1) == 1 else visible.repeat_interleave(count, 1))[:, None]


class DifferentiableDAG(nn.Module):
    """Plan -> executed slots. Always in float64, outside of any autocast."""

    def __init__(self, config):
        super().__init__()
        self.dag_ops, self.max_digits, self.max_decimals = config.dag_ops, config.max_digits, config.max_decimals

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
        numbers = hard_numbers(plan.sign_logits, plan.digit_logits, self.max_decimals)
        return execute_hard(numbers, plan.operation_logits.argmax(-1), plan.operand1_logits.argmax(-1),
                            plan.operand2_logits.argmax(-1), self.dag_ops)

    def soft(self, plan):
        numbers = soft_numbers(plan.sign_logits, plan.digit_logits, self.max_digits, self.max_decimals)
        probs = (logits.double().softmax(-1) for logits in (plan.operation_logits, plan.operand1_logits,
                                                            plan.operand2_logits))
        return execute_soft(numbers, *probs, self.dag_ops)

    def log_magnitudes(self, plan):
        """log10 of the expected magnitudes of the numbers read: (B, R, K) float64, differentiable."""
        return log_magnitude(soft_magnitude(plan.digit_logits, self.max_digits, self.max_decimals), self.max_decimals)
