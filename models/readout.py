"""From values back to embeddings: decimal characters, embedded as the tokens that write them, attended to and gated.

A linear map of a value can't be printed digit by digit; its decimal text can. Imports `exact` and the parts of
`backbone`. Axes as in `dag_model`: C characters of an answer, V codes of characters.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

import exact
from models.backbone import ModelError, embedding, head, linear, norm

QUERY_WIDTH = 64


def anchors_of(due, alarms=None):
    """Where an answer is due after each token (B, T) bool -> (which of them each token is in the wake of (B, T) int64,
    -1 where there is none; how many tokens ago it was (B, T) int64).

    A token's plan is made where the latest answer fell due, at its anchor: all tokens of an answer need the same plan.
    alarms (B, T) bool: anchors, too, but of no plan: -1 in their wake.
    """
    position = torch.arange(due.size(1), device=due.device)
    latest = torch.where(due if alarms is None else due | alarms, position, -1).cummax(1).values
    which = due.cumsum(1) - 1
    if alarms is not None:
        which = torch.where(due, which, -1).gather(1, latest.clamp(min=0)).masked_fill(latest < 0, -1)
    return which, position - latest


class ReadOut(nn.Module):
    """Characters of the value that a token's plan comes to -> dag_hidden, and the gate it is let in through."""

    def __init__(self, config):
        super().__init__()
        width = config.reading.n_embd
        if len(config.character_token_ids) != exact.N_CHARACTERS:
            raise ModelError(f"character_token_ids names {len(config.character_token_ids)} characters, answers are "
                             f"written with {exact.N_CHARACTERS}")
        self.n_characters = exact.n_answer_characters(config.answer_digits, config.answer_decimals)
        self.offset_embedding = embedding(self.n_characters, width)
        self.up, self.query = linear(width, 2 * width), linear(2 * width, QUERY_WIDTH)
        self.position_keys = nn.Parameter(torch.randn(self.n_characters, QUERY_WIDTH))
        # To begin with, an answer's first token looks at the first character and so on: lengths that are rare needn't be
        # learned.
        self.offset_bias = nn.Parameter(5 * torch.eye(self.n_characters))
        self.layer_norm = nn.LayerNorm(config.n_embd)
        self.dag_scale = nn.Parameter(torch.ones(()))
        self.gate_head = head(width, 1)
        # A character is written by one of several tokens ("-" and " -"): it is embedded as their mean.
        rows = torch.zeros(exact.N_CHARACTERS, config.vocab_size)
        for code, ids in enumerate(config.character_token_ids):
            rows[code, list(ids)] = 1 / max(len(ids), 1)
        tokens = rows.any(0).nonzero().squeeze(1)
        self.register_buffer("tokens", tokens, persistent=False)
        self.register_buffer("shares", rows[:, tokens], persistent=False)                  # (V, tokens)

    def forward(self, hidden, offset, characters, token_embedding):
        """hidden (B, T, H'), the states that the DAG reads; offset (B, T) int64 tokens since the anchor, any where there is
        none; characters (B, T, C, V), one-hot or expected ones; token_embedding (vocab, H).

        Returns (dag_hidden (B, T, H), gate logits (B, T)).
        """
        offset = offset.clamp(0, self.n_characters - 1)
        here = norm(hidden + self.offset_embedding(offset))
        # A small start, 1/8 beside the usual 1/sqrt(width): attention to characters saturates otherwise.
        scores = self.query(F.relu(self.up(here)).square()) @ self.position_keys.t() / (8 * QUERY_WIDTH ** 0.5)
        scores = scores + self.offset_bias[offset]
        nothing = characters[..., exact.NOTHING].detach() > 0.5
        weights = scores.float().masked_fill(nothing, -1e9).softmax(-1)                    # (B, T, C)
        written = (weights[..., None] * characters).sum(-2)                                # (B, T, V)
        return written @ (self.shares @ token_embedding[self.tokens]), self.gate_head(here)[..., 0]

    def mix(self, hidden, dag_hidden, gate):
        """hidden + gate * LayerNorm(dag_hidden) * dag_scale."""
        return hidden + gate[..., None] * self.layer_norm(dag_hidden) * self.dag_scale
