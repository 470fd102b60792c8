"""GPT with the differentiable DAG in it: backbone, router, plan, read-out, mixer and head, and generation.

A token reads the numbers of its context out of hidden states, plans arithmetic steps over a private, append-only list
of slots, runs them, and the result's decimal characters go back into the token stream. Imports `exact` and the files
beside it; the plan's own classes, `DAGPlanPredictor` and `DifferentiableDAG`, are in `plan`, and importable from here.

Axes: B batch, T tokens, H n_embd, R tokens of a sequence that plan ("readers"), C characters of an answer, V codes of
characters, N plans next to one another.
"""
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

import exact
from models.backbone import Backbone, KeyValueCache, ModelError, head, linear
from models.gpt2 import GPT2Backbone, from_pretrained
from models.plan import DAGPlanPredictor, DifferentiableDAG, Plan, expected_characters
from models.readout import ReadOut, anchors_of

IGNORE = -100         # a target that counts nowhere


@dataclass
class Details:
    """What GPT did beside its logits. Where no token plans, all but `hidden`, `read`, `router_logits` and `mixed` are
    None."""
    hidden: torch.Tensor                    # (B, T, H) before the mixer
    read: torch.Tensor                      # (B, T, H') what the DAG reads: hidden, or a tower's states
    router_logits: torch.Tensor = None      # (B, T): is an answer due after this token?
    readers: torch.Tensor = None            # (B, R) int64 positions that plan, -1 behind a row's last
    plan: Plan = None                       # of each reader
    characters: torch.Tensor = None         # (B, R, C) int64 that were read out
    neighbours: tuple = None                # DifferentiableDAG.neighbours of the plan, with answer_gradient
    offset: torch.Tensor = None             # (B, T) int64 tokens since the anchor
    active: torch.Tensor = None             # (B, T) bool: within the length of the answer that fell due last
    gate_logits: torch.Tensor = None        # (B, T)
    gate: torch.Tensor = None               # (B, T), 0 where not active
    dag_hidden: torch.Tensor = None         # (B, T, H)
    mixed: torch.Tensor = None              # (B, T, H) what the head reads


class GPT(nn.Module):
    """A causal language model, nanoGPT's interface; with dag_depth > 0 its tokens do exact arithmetic.

    dag_depth = 0 is a plain GPT: the backbone and a head tied to the token embedding. Else a router says after which
    tokens an answer is due; those plan, and what their plans come to is offered, through the gate, to them and to the
    tokens of the answer that follow. Elsewhere there is no plan, and the gate counts as shut.

    What router, predictor and gate read are the backbone's states, which so serve the text and the numbers; with
    n_read_layer > 0 they are those of a small transformer of its own, and the backbone learns from text alone.

    asks_again: whether the texts it learned from put " =" behind a question that wants its answer at once.
    """
    asks_again = False

    def __init__(self, config):
        super().__init__()
        self.config = config
        if config.form == "gpt2":
            self.backbone, self.out = GPT2Backbone(config), nn.Identity()
        else:
            self.backbone = Backbone(config)
            self.out = linear(config.n_embd, config.n_embd, zero=True)  # so that all tokens are equally likely at first
        self.reading = None
        if config.dag_depth:
            reading = config.reading
            if config.n_read_layer:
                self.reading = Backbone(reading)
            self.router = head(reading.n_embd, 1)
            nn.init.constant_(self.router.bias, -4.0)       # few tokens are due, and a false alarm disturbs what follows
            self.predictor = DAGPlanPredictor(reading)
            self.dag = DifferentiableDAG(config)
            self.readout = ReadOut(config)

    # ---- forward ------------------------------------------------------------------------------------------------

    def forward(self, idx, targets=None, *, readers=None, n_values=None, answers=None, answering=None, execute=True,
                answer_gradient=False, only=None, details=False):
        """Token ids (B, T) int64 -> (logits (B, T, vocab_size), mean cross-entropy or None), and Details if asked for.

        targets (B, T) int64, IGNORE where nothing is to be predicted.
        readers (B, R) int64: positions that plan, ascending, -1 behind a row's last; None leaves it to the router.
        n_values: as of `DAGPlanPredictor`, where nothing is executed.
        answers: (characters (B, R, C) int64, given (B, R) bool), read out in place of executed ones where given.
        answering (B, T) bool: tokens of answers. Where it is given beside readers, the router's false alarms elsewhere are
        anchors, too, at which nothing is planned or read out: so the gate can learn to stay shut after them.
        execute: whether plans are executed where no answer is given; without, nothing is read out there.
        answer_gradient: let the gradient of the answers' text reach the plan.
        only (B, T) bool: the tokens whose logits are wanted; they come as (M, vocab_size), and without a loss.
        """
        hidden, read = self._states(idx)
        seen = Details(hidden, read)
        mixed = self.out(hidden)
        if self.config.dag_depth:
            mixed = self._with_dag(idx, mixed, seen, readers, n_values, answers, answering, execute, answer_gradient)
        seen.mixed = mixed
        if only is not None:
            mixed = mixed[only]
        logits = F.linear(mixed, self.backbone.token_embedding.weight)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=IGNORE)
        return (logits, loss, seen) if details else (logits, loss)

    def _with_dag(self, idx, mixed, seen, readers, n_values, answers, answering, execute, answer_gradient):
        hidden, alarms = seen.read, None
        seen.router_logits = self.router(hidden)[..., 0]
        if readers is None:
            readers = readers_of(seen.router_logits > 0)
            if readers is None:
                return mixed
        B, T, _ = hidden.shape
        due = torch.zeros(B, T + 1, dtype=torch.bool, device=hidden.device)
        due = due.scatter(1, torch.where(readers < 0, T, readers), True)[:, :T]
        if answering is not None:
            alarms = (seen.router_logits > 0) & ~due & ~answering
        seen.readers, seen.plan = readers, self.predictor(hidden, idx, readers, n_values)
        with torch.autocast(hidden.device.type, enabled=False):
            if answers is None or execute:
                seen.characters = self.dag.characters(seen.plan)
            else:
                seen.characters = torch.full_like(answers[0], exact.NOTHING)
            if answers is not None:
                seen.characters = torch.where(answers[1][..., None], answers[0], seen.characters)
            characters = F.one_hot(seen.characters, exact.N_CHARACTERS).float()
            if answer_gradient:
                seen.neighbours = self.dag.neighbours(seen.plan)
                expected = expected_characters(*seen.neighbours)
                characters = characters + (expected - expected.detach())
        anchor, seen.offset = anchors_of(due, alarms)
        length = length_of(seen.characters).gather(1, anchor.clamp(min=0)).masked_fill(anchor < 0, 0)
        if alarms is not None:          # how long the answer would be that a false alarm led to, nobody knows
            length = length.masked_fill((anchor < 0) & (alarms.cumsum(1) > 0), self.readout.n_characters)
        at = anchor.clamp(min=0)[..., None].expand(B, T, characters.size(2) * exact.N_CHARACTERS)
        if alarms is not None:          # a row behind the last one's, where nothing is written
            characters = torch.cat((characters, torch.zeros_like(characters[:, :1])), 1)
            at = torch.where((anchor < 0)[..., None], characters.size(1) - 1, at)
        characters = characters.flatten(2).gather(1, at).unflatten(2, (-1, exact.N_CHARACTERS))
        return self._mix(mixed, seen, characters, length)

    def _mix(self, mixed, seen, characters, length):
        """Offer each token the characters (B, T, C, V) of the answer it is in, which is `length` (B, T) tokens long."""
        seen.active = seen.offset < length
        seen.dag_hidden, seen.gate_logits = self.readout(seen.read, seen.offset, characters,
                                                         self.backbone.token_embedding.weight)
        seen.gate = seen.gate_logits.sigmoid() * seen.active
        return self.readout.mix(mixed, seen.dag_hidden, seen.gate)

    def _states(self, idx, caches=None):
        """(hidden (B, T, H), what the DAG reads (B, T, H')) of ids, or with caches of those that aren't in them yet."""
        hidden = self.backbone(idx, caches and caches[0])
        return hidden, hidden if self.reading is None else self.reading(idx, caches and caches[1])

    def _caches(self):
        return Caches(KeyValueCache(n_layer) for n_layer in (self.config.n_layer, self.config.n_read_layer) if n_layer)

    # ---- generation ---------------------------------------------------------------------------------------------

    @torch.no_grad()
    def generate(self, idx, max_new_tokens, temperature=1.0, top_k=None, stop=None, generator=None, on_plan=None,
                 lengths=None):
        """idx (B, T) int64 -> (B, T + up to max_new_tokens), cached keys and values, plans made once an answer.

        temperature 0 takes the most probable token. Rows that have written `stop` repeat it; when all have, it ends.
        on_plan(rows, plan, characters): called wherever an answer falls due. lengths (B,) int64: rows are padded on the
        right, with anything, and their new tokens come in the padding's place and behind it; not in GPT-2's form.
        Raises ModelError where block_size is too short: a window that slides would lose the numbers an answer is made of.
        """
        config, (B, T) = self.config, idx.shape
        if T + max_new_tokens > config.block_size:
            raise ModelError(f"{T} tokens and {max_new_tokens} new ones exceed block_size={config.block_size}: shorten "
                             "the text, ask for fewer tokens or train with a larger block_size")
        if lengths is not None and config.form != "modern":
            raise ModelError(f"form={config.form!r} takes texts of one length at a time")
        caches, done = self._caches(), torch.zeros(B, dtype=torch.bool, device=idx.device)
        since = torch.full((B,), -1, dtype=torch.int64, device=idx.device)      # where the latest answer fell due
        answers, is_ragged = None, lengths is not None
        last = (lengths if is_ragged else torch.full_like(since, T)) - 1
        position, read = torch.arange(T, device=idx.device).expand(B, T), None
        for _ in range(max_new_tokens):
            new, new_read = self._states(idx, caches)
            mixed = self.out(new.gather(1, (last - position[:, 0])[:, None, None].expand(-1, 1, new.size(2))))
            if config.dag_depth:
                read = new_read if read is None else F.pad(read, (0, 0, 0, 1)).scatter(
                    1, position[..., None].expand_as(new_read), new_read)
                due = (self.router(new_read)[..., 0] > 0) & (position <= last[:, None])
                latest = torch.where(due, position, -1).amax(1).masked_fill(done, -1)
                rows = (latest >= 0).nonzero().squeeze(1)
                if len(rows):
                    plan = self.predictor(read[rows], idx[rows], latest[rows, None])
                    written = self.dag.characters(plan)
                    since = torch.where(latest >= 0, latest, since)
                    if answers is None:
                        answers = torch.full((B, written.size(-1)), exact.NOTHING, device=idx.device)
                    answers[rows] = written[:, 0]
                    if on_plan:
                        on_plan(rows, plan, written)
                if answers is not None:
                    at_last = read.gather(1, last[:, None, None].expand(-1, 1, read.size(2)))
                    seen = Details(None, at_last, offset=(last - since)[:, None])
                    spoken = F.one_hot(answers, exact.N_CHARACTERS).float()[:, None]
                    mixed = self._mix(mixed, seen, spoken, length_of(answers)[:, None])
            logits = F.linear(mixed[:, -1], self.backbone.token_embedding.weight).float()
            token = sampled(logits, temperature, top_k, generator)
            if stop is not None:
                token = torch.where(done, stop, token)
                done = done | (token == stop)
            last = last + 1
            position = last[:, None]
            idx = F.pad(idx, (0, 1)).scatter(1, position, token[:, None])
            if stop is not None and bool(done.all()):
                break
            if is_ragged:
                caches.go_on_at(position)
        return idx

    @torch.no_grad()
    def offered(self, idx, lengths, spell, on_plan=None, n_values=None):
        """As much of what `generate` would print behind prompts at temperature 0 as two passes tell.

        idx (B, T) int64, padded on the right with anything; lengths (B,) int64 >= 1, all alike in GPT-2's form.
        spell(rows, characters (N, C)) -> (N, C) int64: a guess of the tokens that write an answer, -1 behind its end.
        on_plan as of `generate`, n_values of `DAGPlanPredictor`. Returns (B, C) int64: the tokens printed first, -1 where
        nothing is known; how many are known is up to the guess, which they are is not.

        Speculative decoding (Leviathan, Kalman and Matias 2023, arXiv:2211.17192) without a draft model: what a plan
        comes to is known before a word of it is printed, so one pass over all of its tokens tells which of them are the
        most probable ones behind those before them. The first that isn't gives way to the one that is, and ends what is
        known; so does a token after which the router has another answer due.
        """
        caches = self._caches()
        hidden, read = self._states(idx, caches)
        position = torch.arange(idx.size(1), device=idx.device)
        due = (self.router(read)[..., 0] > 0) & (position < lengths[:, None])
        latest = torch.where(due, position, -1).amax(1)
        rows = (latest >= 0).nonzero().squeeze(1)
        known = torch.full((len(idx), self.readout.n_characters), -1, device=idx.device)
        if not len(rows):
            return known
        plan = self.predictor(read[rows], idx[rows], latest[rows, None], n_values)
        characters = self.dag.characters(plan)
        if on_plan:
            on_plan(rows, plan, characters)
        characters, anchor, end = characters[:, 0], latest[rows], lengths[rows]
        guess = spell(rows, characters)
        hidden, read = (states[rows, end - 1][:, None] for states in (hidden, read))
        # Short answers don't wait for long ones.
        for some in (guess >= 0).sum(1).argsort().chunk(max(1, min(4, len(rows) // 32))):
            found = self._agreed(idx[rows[some]], end[some], hidden[some], read[some], caches.of(rows[some]),
                                 anchor[some], characters[some], guess[some])
            known[rows[some], :found.size(1)] = found
        return known

    def _agreed(self, idx, lengths, hidden, read, caches, anchor, characters, guess):
        """How far the head agrees with a guess, and what it prints instead: (B, W) int64, -1 behind it.

        hidden (B, 1, H) and read (B, 1, H') of the prompts' last tokens, anchor (B,) int64 where the answers fell due.
        """
        guess = guess[:, :max(1, int((guess >= 0).sum(1).max()))]
        W = guess.size(1)
        at = lengths[:, None] - 1 + torch.arange(W, device=idx.device)     # where each of them is predicted
        if W > 1:
            text = F.pad(idx, (0, W - 1)).scatter(1, at[:, 1:], guess[:, :-1].clamp(min=0))
            caches.go_on_at(at[:, 1:])
            hidden, read = (torch.cat(pair, 1) for pair in zip((hidden, read), self._states(text, caches)))
        seen = Details(hidden, read, offset=at - anchor[:, None])
        spoken = F.one_hot(characters, exact.N_CHARACTERS).float()[:, None].expand(-1, W, -1, -1)
        mixed, wanted = self._mix(self.out(hidden), seen, spoken, length_of(characters)[:, None]), guess >= 0
        token = torch.full_like(guess, -1)
        token[wanted] = F.linear(mixed[wanted], self.backbone.token_embedding.weight).float().argmax(-1)
        holds = F.pad((token == guess)[:, :-1], (1, 0), value=True)
        holds[:, 1:] &= self.router(read[:, 1:])[..., 0] <= 0
        return torch.where(holds.cumprod(1).bool(), token, -1)

    # ---- nanoGPT's other methods --------------------------------------------------------------------------------

    def get_num_params(self):
        return sum(parameter.numel() for parameter in self.parameters())

    def crop_block_size(self, block_size):
        """Take shorter texts from now on; of weights, only GPT-2's positions depend on it."""
        if not 1 <= block_size <= self.config.block_size:
            raise ModelError(f"block_size={block_size} must be from 1 to the model's {self.config.block_size}")
        self.config.block_size = self.backbone.block_size = block_size
        if self.reading is not None:
            self.reading.block_size = block_size
        if self.config.form == "gpt2":
            self.backbone.crop_block_size(block_size)

    @classmethod
    def from_pretrained(cls, name_or_path, override_args=None):
        """GPT-2 with published weights: "gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", or a file or folder of them."""
        return from_pretrained(cls, name_or_path, override_args)

    def configure_optimizers(self, weight_decay, learning_rate, betas, device_type):
        """AdamW, decaying matrices only. train.py has `optimizers.configure_optimizers`, which knows Muon, too."""
        parameters = [parameter for parameter in self.parameters() if parameter.requires_grad]
        groups = [dict(params=[p for p in parameters if p.ndim >= 2], weight_decay=weight_decay),
                  dict(params=[p for p in parameters if p.ndim < 2], weight_decay=0.0)]
        return torch.optim.AdamW(groups, lr=learning_rate, betas=betas, fused=device_type == "cuda")

    def estimate_mfu(self, sequences, seconds, peak_flops, tokens=None):
        """Share of peak_flops (FLOP/s) that training on `sequences` of `tokens` (block_size) each in `seconds` takes.

        As nanoGPT counts (PaLM, arXiv:2204.02311, appendix B): 6 N + 12 layers x heads x width x tokens FLOP a token.
        """
        config, tokens = self.config, tokens or self.config.block_size
        a_token = 6 * self.get_num_params() + 12 * config.n_layer * config.n_embd * tokens
        return a_token * tokens * sequences / seconds / peak_flops


class Caches(list):
    """A `KeyValueCache` of each transformer, the backbone's first."""

    def go_on_at(self, positions):
        for cache in self:
            cache.go_on_at(positions)

    def of(self, rows):
        return Caches(cache.of(rows) for cache in self)


def length_of(characters):
    """How many characters, END included, answers (..., C) int64 have: (...,) int64. 0 where nothing is read out."""
    return (characters != exact.NOTHING).sum(-1)


def readers_of(due):
    """Positions (B, R) int64 where `due` (B, T) bool, ascending, -1 behind a row's last; None where there are none.

    R is the most that a row has: a bound would make a token's turn depend on later ones. Waits for the device.
    """
    most = int(due.sum(1).max())
    if most == 0:
        return None
    T = due.size(1)
    order = torch.where(due, torch.arange(T, device=due.device), T).sort(1).values[:, :most]
    return torch.where(order == T, -1, order)


def sampled(logits, temperature, top_k, generator=None):
    """Tokens (B,) drawn from logits (B, vocab_size), the top_k largest alone if given; the largest at temperature 0."""
    if temperature == 0:
        return logits.argmax(-1)
    logits = logits / temperature
    if top_k:
        least = logits.topk(min(top_k, logits.size(-1))).values[:, -1:]
        logits = logits.masked_fill(logits < least, float("-inf"))
    return torch.multinomial(logits.softmax(-1), 1, generator=generator)[:, 0]
