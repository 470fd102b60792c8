"""GPT is the transformer it says it is, keeps causality with the DAG in it, and prints what its plans come to."""
import copy
import math
from fractions import Fraction

import pytest
import torch
from torch.nn.functional import one_hot

import exact
from assembly import AssemblyError, build_gpt, build_predictor, gpt_loss, predictor_config, start_from_predictor
from checkpoint import save_checkpoint
from data.answers import AnswerStream
from data.dagset import Ranges, Wording, get_tokenizer
from models.backbone import ModelConfig, ModelError
from models.dag_model import GPT, IGNORE, Plan, readers_of
from models.readout import anchors_of
from toys import (ADD, DIVIDE, EQUALS, IDENTITY, MULTIPLY, SIGNS, SIZES, SUBTRACT, VOCABULARY, attended, awake, normalised,
                  step_by_step, tokens, with_readers)


@pytest.fixture(scope="module")
def gpt():
    """A GPT with the DAG whose router lets a fifth of random tokens plan."""
    model = with_readers(awake(GPT(ModelConfig(**SIZES))), tokens(8, 24)).requires_grad_(False)
    model.readout.dag_scale.fill_(3.0)                                  # what is read out decides what is written
    return model


# ---- the transformer ----------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def tower():
    """The same with a small transformer of its own to read."""
    sizes = SIZES | dict(n_read_layer=1, n_read_embd=24, n_read_head=2)
    model = awake(GPT(ModelConfig(**sizes)))
    with torch.no_grad():
        logits = model.router(model.reading(tokens(8, 24)))[..., 0]
        model.router.bias -= logits.quantile(0.8)
    model.requires_grad_(False).readout.dag_scale.fill_(3.0)
    return model


def reference(state, ids, config):
    """Logits (T, vocab_size) of one text by a plain GPT, out of its weights alone."""
    run, count, depth, x = 0, 0, 0, []
    for at, token in enumerate(ids):
        run = run + 1 if token in config.number_token_ids else 0
        # Digits are all the number words there are. A point goes on between digits, and so does a comma.
        goes_on = at > 0 and (ids[at - 1] < 10 or at > 1 and ids[at - 1] in (10, 26) and ids[at - 2] < 10)
        count += token < 10 and not goes_on
        depth += token == 21
        x.append(state["backbone.token_embedding.weight"][token] + state["backbone.run_embedding.weight"][run]
                 + state["backbone.depth_embedding.weight"][depth + (token == 22 and depth == 0)]
                 + state["backbone.count_embedding.weight"][count])
        depth -= token == 22 and depth > 0
    x, width = normalised(torch.stack(x)), config.n_embd // config.n_head

    def rotated(vectors):
        out = vectors.clone()
        for t in range(len(ids)):
            for start in range(0, config.n_embd, width):
                for i in range(width // 2):
                    a, b, angle = start + i, start + width // 2 + i, t * 10000.0 ** (-2 * i / width)
                    out[t, a] = vectors[t, a] * math.cos(angle) - vectors[t, b] * math.sin(angle)
                    out[t, b] = vectors[t, a] * math.sin(angle) + vectors[t, b] * math.cos(angle)
        return out

    def of_heads(vectors):
        return normalised(vectors.unflatten(1, (config.n_head, width))).flatten(1)

    for n in range(config.n_layer):
        weight = {name: state[f"backbone.blocks.{n}.{name}.weight"] for name in ("attention.qkv", "attention.out",
                                                                                "mlp.up", "mlp.down")}
        q, k, v = (normalised(x) @ weight["attention.qkv"].t()).chunk(3, 1)
        x = x + attended(rotated(of_heads(q)), rotated(of_heads(k)), v, config.n_head) @ weight["attention.out"].t()
        x = x + (normalised(x) @ weight["mlp.up"].t()).clamp(min=0) ** 2 @ weight["mlp.down"].t()
    return normalised(x) @ state["out.weight"].t() @ state["backbone.token_embedding.weight"].t()


@pytest.mark.slow
def test_without_the_dag_it_is_the_plain_transformer_of_its_description():
    config = ModelConfig(**{**SIZES, "dag_depth": 0})
    model, ids = awake(GPT(config)).double(), tokens(2, 12)
    assert not [name for name in model.state_dict() if not name.startswith(("backbone.", "out."))]
    logits, loss = model(ids, ids.roll(-1, 1))
    expected = torch.stack([reference(model.state_dict(), row, config) for row in ids.tolist()])
    assert torch.allclose(logits, expected, rtol=1e-5, atol=1e-5)
    right = expected.log_softmax(-1).gather(-1, ids.roll(-1, 1)[..., None])
    assert loss.item() == pytest.approx(-right.mean().item(), rel=1e-5)
    targets = ids.roll(-1, 1).masked_fill(torch.arange(12) > 5, IGNORE)
    assert model(ids, targets)[1].item() == pytest.approx(-right[:, :6].mean().item(), rel=1e-5)


def test_a_fresh_model_finds_all_tokens_equally_likely():
    for depth in (0, 2):
        logits, loss, seen = GPT(ModelConfig(**{**SIZES, "dag_depth": depth}))(tokens(2, 9), tokens(2, 9), details=True)
        assert depth or loss.item() == pytest.approx(math.log(VOCABULARY)) and seen.router_logits is None


@pytest.mark.slow
def test_only_some_tokens_logits_are_those_of_all_of_them(gpt):
    ids, only = tokens(3, 15), tokens(3, 15, seed=1) % 3 == 0
    for model in (gpt, awake(GPT(ModelConfig(**{**SIZES, "dag_depth": 0})))):
        assert torch.allclose(model(ids, only=only)[0], model(ids)[0][only], atol=1e-5)


# ---- causality and privacy ----------------------------------------------------------------------------------------

@pytest.mark.slow
def test_no_token_changes_a_logit_before_it_bit_for_bit_while_the_router_decides(gpt):
    ids = tokens(3, 24, seed=2)
    before, _, seen = gpt(ids, details=True)
    assert seen.readers.size(1) > 3 and (seen.readers < 0).any() and seen.gate[seen.active].min() > 0
    counts = set()
    for t in (0, 6, 13, 22):
        changed = torch.cat((ids[:, :t + 1], (ids[:, t + 1:] + 7) % VOCABULARY), 1)
        after, _, there = gpt(changed, details=True)
        assert after[:, :t + 1].equal(before[:, :t + 1]) and not torch.allclose(after[:, t + 1], before[:, t + 1])
        counts.add((there.readers >= 0).sum().item())
    assert len(counts) > 1                                              # other tokens plan, and not as many


def test_a_step_cannot_read_what_isnt_computed_yet(gpt):
    plan = gpt(tokens(3, 24, seed=2), details=True)[2].plan
    for probs in (plan.operand1_probs, plan.operand2_probs):
        for s in range(2):
            assert (probs[:, :, s, 3 + s:] == 0).all() and (probs[:, :, s, :3 + s] > 0).all()


def test_a_tokens_scratch_list_is_its_own(gpt):
    ids = tokens(2, 24, seed=3)
    few, more = torch.tensor([[5, 12], [7, 20]]), torch.tensor([[5, 9, 12, 23], [2, 7, 8, 20]])
    kept = torch.tensor([[0, 2], [1, 3]])
    alone, beside = (gpt(ids, readers=readers, details=True)[2] for readers in (few, more))
    row = torch.arange(2)[:, None]
    assert alone.characters.equal(beside.characters[row, kept])
    assert all(torch.allclose(a, b[row, kept], atol=1e-5) for a, b in zip(vars(alone.plan).values(),
                                                                          vars(beside.plan).values()))
    other = torch.stack((ids[0], (ids[1] + 3) % VOCABULARY))
    changed = gpt(other, readers=few, details=True)[2]
    assert changed.characters[0].equal(alone.characters[0]) and changed.dag_hidden[0].equal(alone.dag_hidden[0])
    assert all(a[0].equal(b[0]) and not a[1].equal(b[1]) for a, b in zip(vars(alone.plan).values(),
                                                                         vars(changed.plan).values()))


@pytest.mark.slow
def test_with_the_gate_or_the_router_shut_logits_are_those_without_the_dag(gpt):
    ids = tokens(2, 20)
    plain = GPT(ModelConfig(**{**SIZES, "dag_depth": 0}))
    plain.load_state_dict({name: value for name, value in gpt.state_dict().items() if name in plain.state_dict()})
    shut = GPT(gpt.config)
    shut.load_state_dict(gpt.state_dict())
    shut.readout.gate_head.bias.data.fill_(-1e4)
    logits, _, seen = shut(ids, details=True)
    assert seen.readers is not None and not seen.gate.any() and logits.equal(plain(ids)[0])
    assert not gpt(ids)[0].equal(logits)
    shut.router.bias.data.fill_(-1e4)
    logits, _, seen = shut(ids, details=True)
    assert seen.readers is None and seen.plan is None and logits.equal(plain(ids)[0])


def test_readers_and_anchors_of_small_examples():
    due = torch.tensor([[0, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 1]]).bool()
    assert readers_of(due).tolist() == [[1, 4, -1], [-1, -1, -1], [0, 1, 5]]
    assert readers_of(due[1:2]) is None
    anchor, offset = anchors_of(due)
    assert anchor.tolist() == [[-1, 0, 0, 0, 1, 1], [-1] * 6, [0, 1, 1, 1, 1, 2]]
    assert offset[0, 1:].tolist() == [0, 1, 2, 0, 1] and offset[2].tolist() == [0, 0, 1, 2, 3, 0]
    alarms = torch.tensor([[0, 0, 0, 1, 0, 0], [0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0]]).bool()
    anchor, offset = anchors_of(due, alarms)
    assert anchor.tolist() == [[-1, 0, 0, -1, 1, 1], [-1] * 6, [0, 1, 1, 1, 1, 2]]
    assert offset[0, 1:].tolist() == [0, 1, 0, 0, 1] and offset[1, 2:].tolist() == [0, 1, 2, 3]


def test_a_false_alarm_in_training_opens_nothing_but_has_a_gate_to_be_shut(gpt):
    ids, readers = tokens(4, 24), torch.tensor([[4], [4], [-1], [4]])
    answers = torch.full((4, 1, gpt.readout.n_characters), 3), torch.ones(4, 1, dtype=torch.bool)
    answering = torch.zeros(4, 24, dtype=torch.bool)
    answering[:, 4:8] = True
    _, _, plain = gpt(ids, readers=readers, answers=answers, details=True)
    _, _, seen = gpt(ids, readers=readers, answers=answers, answering=answering, details=True)
    alarms = (seen.router_logits > 0) & ~answering
    assert alarms.any(1).all()                              # the fixture lets a fifth of the tokens plan
    since = torch.where(alarms | (torch.arange(24) == readers), torch.arange(24), -1).cummax(1).values
    in_wake = alarms.gather(1, since.clamp(min=0)) & (since >= 0)
    assert torch.equal(seen.active, (since >= 0) & (torch.arange(24) - since < gpt.readout.n_characters))
    assert not seen.dag_hidden[in_wake & seen.active].any()                     # nothing to read out
    elsewhere = ~in_wake & (since >= 0)
    assert elsewhere.any() and torch.equal(seen.mixed[elsewhere], plain.mixed[elsewhere])


# ---- generation ---------------------------------------------------------------------------------------------------



@pytest.mark.slow
def test_cached_generation_is_the_uncached_forward_step_by_step(gpt):
    planned = []
    ids = tokens(4, 9, seed=8)
    written = gpt.generate(ids, 20, temperature=0, on_plan=lambda rows, plan, codes: planned.append((rows, codes)))
    assert written.equal(step_by_step(gpt, ids, 20))
    assert len(planned) > 3 and 0 < min(len(rows) for rows, _ in planned) < 4       # not all rows plan at once
    assert all(codes.shape == (len(rows), 1, 9) for rows, codes in planned)
    assert gpt.generate(ids, 20, top_k=1).equal(written)
    seeded = [gpt.generate(ids, 8, generator=torch.Generator().manual_seed(1)) for _ in range(2)]
    assert seeded[0].equal(seeded[1])
    plain = awake(GPT(ModelConfig(**{**SIZES, "dag_depth": 0})))
    assert plain.generate(ids, 20, temperature=0).equal(step_by_step(plain, ids, 20))


@pytest.mark.slow
def test_with_a_transformer_of_its_own_to_read_the_dag_leaves_the_backbone_to_the_text(tower):
    ids, planned = tokens(4, 9, seed=8), []
    written = tower.generate(ids, 20, temperature=0, on_plan=lambda rows, *_: planned.append(len(rows)))
    assert written.equal(step_by_step(tower, ids, 20)) and len(planned) > 3
    logits, before = tower(ids)[0], tower(torch.cat((ids[:, :6], (ids[:, 6:] + 3) % VOCABULARY), 1))[0]
    assert logits[:, :6].equal(before[:, :6]) and not logits.allclose(before)
    shut = copy.deepcopy(tower)
    shut.router.bias.fill_(-100.0)
    plain = GPT(ModelConfig(**{**SIZES, "dag_depth": 0}))
    plain.load_state_dict({name: value for name, value in tower.state_dict().items() if name in plain.state_dict()})
    assert shut(ids)[0].allclose(plain(ids)[0], atol=1e-5) and not shut(ids)[0].allclose(logits, atol=1e-2)

    learner = copy.deepcopy(tower).requires_grad_(True)
    seen = learner(ids, readers=torch.tensor([[8]] * 4), execute=True, details=True)[2]
    (sum(logits.clamp(min=-9).sum() for logits in vars(seen.plan).values()) + seen.router_logits.sum()
     + seen.gate_logits.sum()).backward()
    assert all(parameter.grad is None for parameter in learner.backbone.parameters())
    assert all(parameter.grad.any() for parameter in learner.reading.blocks.parameters())


@pytest.mark.slow
def test_rows_that_have_stopped_go_on_stopping(gpt):
    ids = tokens(4, 9, seed=8)
    free = gpt.generate(ids, 20, temperature=0)
    stop = free[0, 14].item()
    first = [row.index(stop, 9) if stop in row[9:] else None for row in free.tolist()]
    stopped = gpt.generate(ids, 20, temperature=0, stop=stop).tolist()
    for row, there, end in zip(free.tolist(), stopped, first):
        assert there == (row if end is None else row[:end] + [stop] * (len(there) - end))[:len(there)]


def test_a_context_too_long_for_the_model_is_refused(gpt):
    assert gpt.generate(tokens(1, 40), 8).shape == (1, 48)
    with pytest.raises(ModelError, match="40 tokens and 9 new ones.*block_size=48"):
        gpt.generate(tokens(1, 40), 9)
    with pytest.raises(ModelError, match="49 tokens.*block_size=48"):
        gpt(tokens(1, 49))
    with pytest.raises(ModelError, match="block_size=49.*48"):
        gpt.crop_block_size(49)


# ---- exact answers ------------------------------------------------------------------------------------------------

class Told(torch.nn.Module):
    """A predictor that is told its plans, one a row: (numbers as decimal texts, steps)."""

    def __init__(self, plans):
        super().__init__()
        values = [[Fraction(text) for text in (numbers + ["0"] * 3)[:3]] for numbers, _ in plans]
        steps = torch.tensor([(steps + [(IDENTITY, 3, 3)])[:2] for _, steps in plans])
        digits = torch.tensor([[list(map(int, f"{int(abs(value) * 10):03}")) for value in row] for row in values])
        negative = torch.tensor([[int(value < 0) for value in row] for row in values])
        labels = (negative, 2), (digits, 10), (steps[..., 0], 5), (steps[..., 1], 5), (steps[..., 2], 5)
        self.plan = [(100.0 * one_hot(label, classes) - 50)[:, None] for label, classes in labels]

    def forward(self, hidden, ids, readers, n_values=None):
        return Plan(*(field.expand(-1, readers.size(1), *field.shape[2:]) for field in self.plan))


def hand_set(plans):
    """A GPT whose weights are set by hand to plan after "=" and then to read out one character after another."""
    model = GPT(ModelConfig(**{**SIZES, "n_embd": 32})).eval()
    C, H = model.readout.n_characters, 32
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        # Blocks that add nothing: hidden states are the tokens' embeddings, whose squared length is H.
        torch.manual_seed(0)
        embeddings = normalised(torch.randn(VOCABULARY, H))
        model.backbone.token_embedding.weight.copy_(embeddings)
        model.router.weight.copy_(embeddings[EQUALS])
        model.router.bias.fill_(-0.9 * H)
        readout = model.readout
        readout.offset_embedding.weight[:, :C] = 1000 * torch.eye(C)
        readout.up.weight[:C, :C], readout.query.weight[:C, :C] = torch.eye(C), 100 * torch.eye(C)
        readout.position_keys[:, :C] = torch.eye(C)
        readout.gate_head.bias.fill_(20.0)
        readout.layer_norm.weight.fill_(1.0), readout.dag_scale.fill_(1.0)
    model.predictor = Told(plans)
    return model


PLANS = [(["12", "3.5"], [(ADD, 0, 1)], " 15.5\n"), (["7.5", "-4"], [(MULTIPLY, 0, 1)], "-30\n"),
         (["1", "0"], [(DIVIDE, 0, 1)], " undefined\n"),
         (["99", "99"], [(MULTIPLY, 0, 1), (MULTIPLY, 3, 0)], " too large\n"),
         (["0.3", "0.1", "0.2"], [(SUBTRACT, 0, 1), (SUBTRACT, 3, 2)], " 0\n"),
         (["-2", "3"], [(DIVIDE, 0, 1)], "-0.67\n"),
         (["99", "99"], [(MULTIPLY, 0, 1), (SUBTRACT, 3, 2)], " 9801\n")]


@pytest.mark.slow
def test_with_weights_set_by_hand_it_prints_exact_answers():
    model = hand_set([plan[:2] for plan in PLANS])
    ids = torch.cat((tokens(len(PLANS), 6) % 10, torch.full((len(PLANS), 1), EQUALS)), 1)
    written = model.generate(ids, 9, temperature=0, stop=exact.END)
    texts = ["".join(SIGNS.get(token, str(token)) for token in row)[:len(right)]
             for row, (_, _, right) in zip(written[:, 7:].tolist(), PLANS)]
    assert texts == [right for _, _, right in PLANS]
    for row, (_, _, right) in zip(written, PLANS):                      # read in one go, the same tokens are predicted
        alone = hand_set([plan[:2] for plan in PLANS if plan[2] == right])
        length = 7 + row[7:].tolist().index(exact.END) + 1
        assert alone(row[None, :length])[0].argmax(-1)[0, 6:-1].equal(row[7:length])


@pytest.mark.slow
def test_given_answers_are_read_out_in_place_of_executed_ones(gpt):
    ids, readers = tokens(2, 14), torch.tensor([[4, 9], [6, -1]])
    answers = torch.randint(10, (2, 2, 9)), torch.tensor([[True, False], [True, False]])
    own, alone, given, with_gradient = (gpt(ids, readers=readers, details=True, **more)[2].characters for more in (
        dict(), dict(answers=answers, execute=False), dict(answers=answers),
        dict(answers=answers, answer_gradient=True)))
    for codes, elsewhere in ((alone, torch.full_like(own, exact.NOTHING)), (given, own), (with_gradient, own)):
        assert codes.equal(torch.where(answers[1][..., None], answers[0], elsewhere))
    logits = gpt(ids, readers=readers)[0], gpt(ids, readers=readers, answers=answers, execute=False)[0]
    changed = (logits[0] != logits[1]).any(-1)
    assert changed[0, 4:].all() and not changed[0, :4].any() and changed[1, 6:].all() and not changed[1, :6].any()


def test_the_answers_gradient_reaches_the_plan_only_where_asked_for():
    model, ids = awake(GPT(ModelConfig(**SIZES))), tokens(2, 14)
    logits, gradients = [], []
    for answer_gradient in (False, True):
        out, loss, seen = model(ids, ids.roll(-1, 1), readers=torch.tensor([[4, 9], [6, -1]]),
                                answer_gradient=answer_gradient, details=True)
        logits.append(out.detach())
        gradients.append(torch.autograd.grad(loss, list(vars(seen.plan).values()), allow_unused=True))
    assert torch.allclose(*logits, atol=1e-6)                           # it changes no value
    assert not any(gradient is not None and gradient.any() for gradient in gradients[0])
    sign, digits, *choices = gradients[1]
    for gradient in choices:
        assert gradient.isfinite().all() and not gradient[1, 1].any()                           # row 1 has one reader
    assert choices[0][0].any() and choices[1][0].any()      # a second operand has none where the best step is identity


def codes_of(value):
    """The codes that a Fraction of few digits, or None, is written with, padded to 9: answers of 4 + 2 places."""
    if value is None:
        codes = [exact.UNDEFINED]
    else:
        units = int(abs(value) * 100 + Fraction(1, 2))
        text = f"{units // 100}.{units % 100:02}".rstrip("0").rstrip(".")
        codes = [exact.MINUS if value < 0 < units else exact.SPACE]
        codes += [exact.POINT if letter == "." else int(letter) for letter in text]
    return codes + [exact.END] + [exact.NOTHING] * (8 - len(codes))


@pytest.mark.slow
def test_the_gradient_of_expected_characters_is_that_of_finite_differences():
    """Against an independent sum over all plans one choice away from the most probable one, in float64.

    A second operand of identity is no choice.
    """
    torch.manual_seed(3)
    numbers, dag = [Fraction(12), Fraction(-7, 2), Fraction(0)], GPT(ModelConfig(**SIZES)).dag
    told = Told([(["12", "-3.5", "0"], [])]).forward(None, None, torch.zeros(1, 1))
    logits = [torch.randn(2, count, dtype=torch.float64) for count in (5, 5, 5)]
    weights = torch.randn(9, exact.N_CHARACTERS, dtype=torch.float64)
    for part in logits[1:]:
        part[0, 3:], part[1, 4:] = -math.inf, -math.inf

    def text_of(choices):
        slots = list(numbers)
        for name, first, second in zip(*choices):
            a, b = slots[first], slots[second]
            undefined = a is None or b is None and name != IDENTITY or name == DIVIDE and b == 0
            slots.append(None if undefined else [lambda: a + b, lambda: a - b, lambda: a * b, lambda: a / b,
                                                 lambda: a][name]())
        return codes_of(slots[-1])

    def expected(logits):
        best = [part.argmax(-1).tolist() for part in logits]
        scores, texts = [0.0], [text_of(best)]
        for part in range(3):
            for step in range(2):
                for choice in range(5 if part == 0 else 3 + step):
                    if choice != best[part][step] and not (part == 2 and best[0][step] == IDENTITY):
                        other = [list(choices) for choices in best]
                        other[part][step] = choice
                        scores.append((logits[part][step, choice] - logits[part][step, best[part][step]]).item())
                        texts.append(text_of(other))
        shares = torch.tensor(scores, dtype=torch.float64).softmax(0)
        return sum(share * one_hot(torch.tensor(text), exact.N_CHARACTERS) for share, text in zip(shares, texts))

    asked = [part.clone().requires_grad_() for part in logits]
    result = dag.expected_characters(Plan(told.sign_logits, told.digit_logits, *(part[None, None] for part in asked)))
    assert result.shape == (1, 1, 9, exact.N_CHARACTERS)
    assert torch.allclose(result[0, 0].double(), expected(logits), atol=1e-6)
    assert torch.allclose(result.sum(-1), torch.ones(1, 1, 9))
    gradients = torch.autograd.grad((result[0, 0].double() * weights).sum(), asked)
    for part, gradient in enumerate(gradients):
        assert gradient.isfinite().all() and gradient.any()
        for at in logits[part].isfinite().nonzero().tolist():
            ahead, behind = ([value.clone() for value in logits] for _ in range(2))
            ahead[part][tuple(at)] += 1e-6
            behind[part][tuple(at)] -= 1e-6
            slope = ((expected(ahead) - expected(behind)) * weights).sum() / 2e-6
            assert gradient[tuple(at)].item() == pytest.approx(slope.item(), abs=2e-6)


# ---- from Phase 1, and by heart -----------------------------------------------------------------------------------

SETTINGS = dict(tokenizer="dag", seed=1, number_positions=True, block_size=128, n_layer=2, n_head=2, n_embd=64, dag_depth=2,
                num_initial_values=3, max_digits=2, max_decimals=1, answer_digits=6, answer_decimals=3,
                prompt_weight=0.0, dag_ops=exact.OPERATIONS, answer_gradient=False, sign_weight=1.0, digit_weight=1.0,
                log_magnitude_weight=0.0, operation_weight=1.0, operand_weight=1.0, router_weight=1.0, gate_weight=1.0,
                answer_weight=1.0, hard_share=1.0, random_share=0.0, unlabelled_wording="")


@pytest.mark.slow
def test_a_phase_1_checkpoint_gives_its_weights_wherever_they_fit_and_says_so(tmp_path):
    small = SETTINGS | dict(n_layer=1, n_embd=16)
    predictor = build_predictor(small | dict(seed=2))
    checkpoint = dict(phase=1, iter=7, model_config=predictor_config(small), model=predictor.state_dict())
    path = save_checkpoint(str(tmp_path), checkpoint)
    model = build_gpt(small)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    said = start_from_predictor(model, str(tmp_path))
    theirs = predictor.state_dict()
    assert said.startswith(f"{path}: took {len(theirs)} of its {len(theirs)} tensors")
    assert f"{predictor.get_num_params():,} of this model's {model.get_num_params():,}" in said and "shape" not in said
    for name, value in model.state_dict().items():
        assert value.equal(theirs[name] if name in theirs else before[name])

    deeper = build_gpt(small | dict(dag_depth=3, num_initial_values=4))
    said = start_from_predictor(deeper, path)
    assert "of another shape and left as they were: predictor.operand_head, predictor.query_embedding" in said
    assert deeper.predictor.extractor.digit_head.weight.equal(theirs["predictor.extractor.digit_head.weight"])

    tower = build_gpt(small | dict(n_embd=32, n_read_layer=1, n_read_embd=16, n_read_head=2))
    assert f"took {len(theirs)} of its {len(theirs)} tensors" in start_from_predictor(tower, path)
    assert all(value.equal(theirs[f"backbone.{name}"]) for name, value in tower.reading.state_dict().items())
    assert tower.backbone.token_embedding.weight.shape[1] == 32
    with pytest.raises(AssemblyError, match="n_read_head=4.*use --n_read_head=2"):
        start_from_predictor(build_gpt(small | dict(n_read_layer=1, n_read_embd=16, n_read_head=4)), path)

    # More decimals are places behind those it knows, whose queries are new and whose keys are nothing yet.
    finer = build_gpt(small | dict(max_decimals=small["max_decimals"] + 2))
    new = finer.predictor.extractor.place_embedding.weight[-2:].clone()
    assert f"took {len(theirs)} of its {len(theirs)} tensors" in start_from_predictor(finer, path)
    places, keys = finer.predictor.extractor.place_embedding.weight, finer.predictor.extractor.digit_places.embedding.weight
    assert places[:-2].equal(theirs["predictor.extractor.place_embedding.weight"]) and places[-2:].equal(new)
    assert keys[:-2].equal(theirs["predictor.extractor.digit_places.embedding.weight"]) and not keys[-2:].any()
    for other in (dict(n_embd=32), dict(number_positions=False)):
        more = small | dict(max_decimals=small["max_decimals"] + 2) | other
        assert "of another shape and left as they were: " in start_from_predictor(build_gpt(more), path)
    with pytest.raises(AssemblyError, match="max_decimals=.*use --max_decimals="):
        start_from_predictor(build_gpt(small | dict(max_decimals=small["max_decimals"] - 1)), path)

    without = predictor_config(small | dict(number_positions=False))
    bare = build_predictor(small | dict(seed=2, number_positions=False))
    (tmp_path / "bare").mkdir()
    bare_path = save_checkpoint(str(tmp_path / "bare"), checkpoint | dict(model_config=without, model=bare.state_dict()))
    said = start_from_predictor(model, bare_path)
    assert "trained without this model's positions by number, digit" in said
    assert not model.backbone.count_embedding.weight.any() and not model.backbone.depth_embedding.weight.any()
    with pytest.raises(AssemblyError, match="phase 3.*train_predictor.py"):
        start_from_predictor(model, save_checkpoint(str(tmp_path / "."), {**checkpoint, "phase": 3, "iter": 8}))


@pytest.mark.slow
def test_a_small_gpt_learns_32_answers_by_heart_through_its_own_router_and_plans():
    ranges = Ranges(max_ops=2, max_digits=2, max_decimals=1)
    tokenizer = get_tokenizer("dag")
    stream = AnswerStream(ranges, Wording(), tokenizer, seed=1, split="train", batch_size=32, num_initial_values=3,
                          dag_depth=2, answer_places=(6, 3))
    batch, model = stream.first(32)[0], build_gpt(SETTINGS)
    loss_of, optimizer = gpt_loss(SETTINGS, model), torch.optim.AdamW(model.parameters(), lr=3e-3)

    def right_rows():
        """Rows whose answer is printed in full, from the prompt alone."""
        right = 0
        for ids, targets, reader in zip(batch.ids, batch.targets, batch.readers[:, 0]):
            plans, answer = [], targets[reader:][targets[reader:] != IGNORE]
            written = model.generate(ids[None, :reader + 1], len(answer), temperature=0,
                                     on_plan=lambda *plan: plans.append(plan))
            right += bool(plans) and written[0, reader + 1:].equal(answer)
        return right

    for step in range(1, 601):
        loss, _ = loss_of(model, batch)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if step % 50 == 0 and (right := right_rows()) == 32:
            break
    assert right == 32, (step, right)
