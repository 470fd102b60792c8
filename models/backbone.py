"""The transformer: sizes, small parts first, and the backbone they make. Imports `exact`, for the operations' names, and
`positions`.

Axes: B batch, T tokens, H n_embd.
"""
from dataclasses import dataclass, fields, replace

import torch
import torch.nn as nn
import torch.nn.functional as F

from exact import MAX_ANSWER_DECIMALS, MAX_ANSWER_DIGITS, MAX_NUMBER_DIGITS, LOWER, OPERATIONS
from models.positions import MAX_COUNT, MAX_DEPTH, MAX_RUN, ROLES, Positions

FORMS = ("modern", "gpt2")
TOKEN_ROLES = tuple(f"{role}_token_ids" for role in ROLES)


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
    n_read_layer: int = 0               # of a transformer of its own that the DAG of a GPT reads; 0: it reads the GPT's
    n_read_embd: int = 128
    n_read_head: int = 4
    dag_depth: int = 3                  # D
    num_initial_values: int = 4         # K; 1 is the per-token form: one value of its own, S = D + 1
    dag_ops: tuple = OPERATIONS
    max_digits: int = 4                 # integer digits that can be read
    max_decimals: int = 4
    # Tokens by their role in what `positions` counts
    number_token_ids: tuple = ()
    digit_token_ids: tuple = ()         # () leaves digits' places to be learned
    comma_token_ids: tuple = ()
    point_token_ids: tuple = ()
    open_token_ids: tuple = ()          # () leaves the depth of brackets to be learned
    close_token_ids: tuple = ()
    scale_token_ids: tuple = ()         # () leaves the order of numbers to be learned
    hyphen_token_ids: tuple = ()
    and_token_ids: tuple = ()
    noun_token_ids: tuple = ()          # () leaves nouns in nouns to be learned
    of_token_ids: tuple = ()
    joint_token_ids: tuple = ()
    passive_token_ids: tuple = ()
    annotation_token_ids: tuple = ()    # () lets a plan in an annotation read what stands before it, too
    half_token_ids: tuple = ()          # two of them are one of those
    annotated_token_ids: tuple = ()
    break_token_ids: tuple = ()         # () counts numbers from the start of the text
    unit_token_ids: tuple = ()          # () leaves the places of number words to be learned
    teen_token_ids: tuple = ()
    ten_token_ids: tuple = ()
    hundred_token_ids: tuple = ()
    spoken_point_token_ids: tuple = ()
    power_token_ids: tuple = ()         # of 1000, of 1000**2, ..., the runs of tokens that say so
    answer_digits: int = 16             # integer digits that GPT can print
    answer_decimals: int = 6            # decimals it rounds to
    character_token_ids: tuple = ()     # for each code of `exact`'s characters, the ids of tokens that write it
    form: str = "modern"                # of GPT's backbone; "gpt2" is GPT-2's, which takes its published weights

    def __post_init__(self):
        self.dag_ops = tuple(self.dag_ops)
        for name in TOKEN_ROLES:
            setattr(self, name, tuple(getattr(self, name)))
        self.character_token_ids = tuple(map(tuple, self.character_token_ids))
        self.power_token_ids = tuple(tuple(map(tuple, spellings)) for spellings in self.power_token_ids)
        if self.form not in FORMS:
            raise ModelError(f"unknown form {self.form!r} of a backbone; there are {', '.join(FORMS)}")
        for name, least in dict(vocab_size=1, block_size=1, n_layer=1, n_head=1, n_embd=1, n_plan_layer=1, n_read_layer=0,
                                n_read_embd=1, n_read_head=1, dag_depth=0,
                                num_initial_values=1, max_digits=1, answer_digits=1, answer_decimals=0).items():
            if getattr(self, name) < least:
                raise ModelError(f"{name}={getattr(self, name)} must be at least {least}")
        for width, heads in (("n_embd", "n_head"), ("n_read_embd", "n_read_head")):
            width_is, heads_are = getattr(self, width), getattr(self, heads)
            if width_is % heads_are or width_is // heads_are % 2:
                raise ModelError(f"{width}={width_is} must be an even multiple of {heads}={heads_are}")
        unknown = [name for name in self.dag_ops if name not in OPERATIONS]
        if unknown or "identity" not in self.dag_ops or len(set(self.dag_ops)) < len(self.dag_ops):
            raise ModelError(f"dag_ops={','.join(self.dag_ops)}: name each of {', '.join(OPERATIONS)} at most once, "
                             "identity among them")
        if not 0 <= self.max_decimals <= min(MAX_NUMBER_DIGITS - self.max_digits, LOWER):
            raise ModelError(f"max_digits={self.max_digits} and max_decimals={self.max_decimals}: together at most "
                             f"{MAX_NUMBER_DIGITS}, and at most {LOWER} decimals")
        if self.answer_digits > MAX_ANSWER_DIGITS or self.answer_decimals > MAX_ANSWER_DECIMALS:
            raise ModelError(f"answer_digits={self.answer_digits} may be at most {MAX_ANSWER_DIGITS}, and "
                             f"answer_decimals={self.answer_decimals} at most {MAX_ANSWER_DECIMALS}")
        ids = sum((getattr(self, name) for name in TOKEN_ROLES), sum(self.character_token_ids + sum(self.power_token_ids, ()), ()))
        if any(not 0 <= token < self.vocab_size for token in ids):
            raise ModelError(f"the tokens of numbers and brackets reach id {max(ids)}, vocab_size is {self.vocab_size}")

    @property
    def n_slots(self):
        return self.num_initial_values + self.dag_depth

    @property
    def reading(self):
        """The sizes of the transformer whose states the DAG reads."""
        if not self.n_read_layer:
            return self
        return replace(self, n_layer=self.n_read_layer, n_embd=self.n_read_embd, n_head=self.n_read_head, form="modern",
                       n_read_layer=0)

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


def attend(q, k, v, mask=None, is_causal=False):
    """Attention (B, heads, Q, width) of queries to keys and values (B, heads, T, width), in one fused kernel.

    On a CPU in float32 at least, whatever autocast says: its backward pass takes six times as long in bfloat16.
    """
    if q.device.type != "cpu":
        return F.scaled_dot_product_attention(q.to(v.dtype), k.to(v.dtype), v, attn_mask=mask, is_causal=is_causal)
    q, k, v = (x.to(torch.promote_types(x.dtype, torch.float32)) for x in (q, k, v))
    with torch.autocast("cpu", enabled=False):
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=is_causal)


class Rotary(nn.Module):
    """Rotary position embedding (Su et al. 2021, arXiv:2104.09864) on (B, heads, T, H / heads)."""

    def __init__(self, width, block_size):
        super().__init__()
        frequency = 10000.0 ** (-torch.arange(0, width, 2) / width)
        angle = torch.outer(torch.arange(block_size), frequency)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

    def forward(self, x, start=0, positions=None):
        """start: position of the first token of x; or positions (B, T) int64 of all of them."""
        if positions is None:
            cos, sin = self.cos[start:start + x.size(2)], self.sin[start:start + x.size(2)]
        else:
            cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]
        a, b = x.chunk(2, -1)
        return torch.cat((a * cos - b * sin, a * sin + b * cos), -1).to(x.dtype)


class KeyValueCache:
    """What a backbone keeps of the tokens it has seen, so that the next ones cost only themselves.

    `length` tokens; `layers`: a (keys, values) pair a layer, each (B, heads, length, H / heads). Rows of different
    lengths are padded on the right, which no earlier token sees; `go_on_at`, before each call from then on, leaves the
    padding out of what comes.
    """

    def __init__(self, n_layer):
        self.length, self.layers, self.positions, self.visible, self.mask = 0, [None] * n_layer, None, None, None

    def go_on_at(self, positions):
        """The next tokens' positions (B, T) int64, ascending by one and behind a row's last token."""
        B, T = positions.shape
        if self.visible is None:
            self.visible = torch.arange(self.length, device=positions.device) < positions[:, :1]
        old = self.visible[:, None].expand(-1, T, -1)
        new = torch.ones(T, T, dtype=torch.bool, device=positions.device).tril().expand(B, -1, -1)
        self.positions, self.mask = positions, torch.cat((old, new), 2)[:, None]           # (B, 1, T, length + T)
        self.visible = self.mask[:, 0, -1]

    def of(self, rows):
        """The cache of some rows (N,) int64."""
        part = KeyValueCache(len(self.layers))
        part.length, part.layers = self.length, [tuple(kept[rows] for kept in layer) for layer in self.layers]
        return part

    def extended(self, layer, k, v):
        """Keys and values of all tokens up to now, those of `layer` with the new ones behind them."""
        if self.layers[layer] is not None:
            k, v = (torch.cat((old, new), 2) for old, new in zip(self.layers[layer], (k, v)))
        self.layers[layer] = k, v
        return k, v


class SelfAttention(nn.Module):
    """Multi-head attention with normalised queries and keys (Henry et al. 2020, arXiv:2010.04245)."""

    def __init__(self, config, rotary=None):
        super().__init__()
        self.n_head, self.rotary = config.n_head, rotary
        self.qkv = linear(config.n_embd, 3 * config.n_embd)
        self.out = linear(config.n_embd, config.n_embd, zero=True)

    def forward(self, x, is_causal, cache=None, layer=0):
        B, T, H = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.n_head, H // self.n_head).permute(2, 0, 3, 1, 4)
        q, k = norm(q), norm(k)
        start = cache.length if cache is not None else 0
        if self.rotary is not None:
            at = cache.positions if cache is not None else None
            q, k = self.rotary(q, start, at), self.rotary(k, start, at)
        mask = None
        if cache is not None:
            k, v = cache.extended(layer, k, v)
            if start:                           # is_causal would align the queries with the first keys
                is_causal, mask = False, cache.mask
                if mask is None and T > 1:
                    mask = torch.ones(T, start + T, dtype=torch.bool, device=x.device).tril(start)
        y = attend(q, k, v, mask, is_causal)
        return self.out(y.transpose(1, 2).reshape(B, T, H))


class CrossAttention(nn.Module):
    """Queries (N, Q, H) attend to tokens (B, T, H) where mask (N, 1, 1, T) is True.

    rows (N,) int64 says whose tokens the queries' are, None that N is B. key_offsets (N, T, H) are added to the keys.
    """

    def __init__(self, config):
        super().__init__()
        self.n_head = config.n_head
        self.q = linear(config.n_embd, config.n_embd)
        self.kv = linear(config.n_embd, 2 * config.n_embd)
        self.out = linear(config.n_embd, config.n_embd, zero=True)
        # Normalised vectors of width w have dot products within +-w: a learned gain lets attention become sharp.
        self.gain = nn.Parameter(torch.full((config.n_head, 1, 1), 2.0))

    def forward(self, x, tokens, mask, rows=None, key_offsets=None):
        N, Q, H = x.shape
        q = norm(self.q(x).view(N, Q, self.n_head, H // self.n_head).transpose(1, 2)) * self.gain
        k, v = self.kv(tokens).chunk(2, -1)
        if rows is not None:
            k, v = k.index_select(0, rows), v.index_select(0, rows)
        if key_offsets is not None:
            k = k + key_offsets
        k, v = (part.unflatten(-1, (self.n_head, -1)).transpose(1, 2) for part in (k, v))
        y = attend(q, norm(k), v, mask)
        return self.out(y.transpose(1, 2).reshape(N, Q, H))


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

    def forward(self, x, cache=None, layer=0):
        x = x + self.attention(norm(x), True, cache, layer)
        return x + self.mlp(norm(x))


class Backbone(nn.Module):
    """Token ids (B, T) int64 -> hidden states (B, T, H), causal. With a cache: those of the tokens not in it yet; after
    its `go_on_at`, of the tokens at those positions of ids."""

    def __init__(self, config):
        super().__init__()
        self.block_size = config.block_size
        self.token_embedding = embedding(config.vocab_size, config.n_embd)
        self.run_embedding = embedding(MAX_RUN, config.n_embd)
        self.depth_embedding = embedding(MAX_DEPTH, config.n_embd) if config.open_token_ids else None
        rotary = Rotary(config.n_embd // config.n_head, config.block_size)
        self.blocks = nn.ModuleList(Block(config, rotary) for _ in range(config.n_layer))
        self.count_embedding = embedding(MAX_COUNT, config.n_embd) if config.scale_token_ids else None
        self.waiting_embedding = embedding(MAX_DEPTH, config.n_embd) if config.noun_token_ids else None
        self.positions = Positions(config)

    def forward(self, ids, cache=None):
        if ids.size(1) > self.block_size:
            raise ModelError(f"an input of {ids.size(1)} tokens exceeds block_size={self.block_size}; shorten the text "
                             "or train with a larger block_size")
        seen, run = cache.length if cache is not None else 0, self.positions.run(ids)

        def new(x):
            return x[:, seen:] if cache is None or cache.positions is None else x.gather(1, cache.positions)

        x = self.token_embedding(new(ids)) + self.run_embedding(new(run))
        if self.depth_embedding is not None:
            x = x + self.depth_embedding(new(self.positions.depth(ids)))
        if self.count_embedding is not None:
            x = x + self.count_embedding(new(self.positions.count(ids)))
        if self.waiting_embedding is not None:
            x = x + self.waiting_embedding(new(self.positions.waiting(ids)))
        x = norm(x)
        for layer, block in enumerate(self.blocks):
            x = block(x, cache, layer)
        if cache is not None:
            cache.length = seen + x.size(1)
        return norm(x)


