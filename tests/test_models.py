"""The plan predictor keeps its promises about shapes and causality, figures count what they say."""
import math
import random
import re
from fractions import Fraction

import pytest
import torch
from torch.nn.functional import one_hot

import exact
from assembly import build_predictor, hard_rows, make_stream, numbers_wanted, predictor_loss, settle, token_roles
from bench import defaults_of
from data.dagset import Ranges, Stream, Wording, get_tokenizer
from data.dagset.stream import Batch
from answering import UNDEFINED, PromptError, answer, apply, exact_values, number_text, read_prompts
from evaluation import evaluate_predictor, example_scores, joined_labels, mean_figures, trivial_figures
from models.backbone import Backbone, ModelConfig, ModelError
from models.dag_model import DAGPlanPredictor, DifferentiableDAG, Plan
from models.executor import OPERATIONS, exact_numbers, execute_hard, hard_numbers, soft_numbers
from models.plan import ValueExtractor
from models.positions import Positions
from models.predictor_only_model import PredictorOnlyModel, plan_errors, plan_losses

ADD, SUBTRACT, MULTIPLY, DIVIDE, IDENTITY = range(5)
TINY = dict(vocab_size=64, block_size=32, n_layer=2, n_head=2, n_embd=16, dag_depth=3, num_initial_values=4,
            max_digits=3, max_decimals=3, number_token_ids=(3, 4, 5), digit_token_ids=tuple(range(20, 60)),
            comma_token_ids=(3, 11, 12), point_token_ids=(4, 13), open_token_ids=(14, 15), close_token_ids=(16,),
            hyphen_token_ids=(17,), and_token_ids=(18,), scale_token_ids=(5,))


def awake(module, seed=0):
    """The module with random weights everywhere: fresh ones have zero output projections, which hide mistakes."""
    torch.manual_seed(seed)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return module.eval()


# ---- plans --------------------------------------------------------------------------------------------------------

def perfect_plan(batch, n_ops=5, K=4, strength=50.0):
    """A Plan whose logits say the batch's labels."""
    def logits(labels, classes):
        return (2 * strength * one_hot(labels, classes) - strength).float()
    D = batch.operation.size(1)
    operands = [logits(labels, K + D) for labels in (batch.operand1, batch.operand2)]
    unreadable = torch.arange(K + D) >= K + torch.arange(D)[:, None]
    return Plan(logits(batch.negative, 2), logits(batch.digits, 10), logits(batch.operation, n_ops),
                *(operand.masked_fill(unreadable, float("-inf")) for operand in operands))


@pytest.fixture(scope="session")
def labelled():
    """A batch of the stream whose sizes are TINY's; some texts divide by zero, most leave slots and steps unused."""
    ranges = Ranges(min_ops=0, max_ops=3, max_digits=3, max_decimals=3, zero_divisor_rate=0.3)
    stream = Stream(ranges, Wording(), get_tokenizer("dag"), seed=1, split="train", batch_size=64, num_initial_values=4,
                    dag_depth=3)
    return stream.first(64)[0]


@pytest.fixture(scope="session")
def dag():
    return DifferentiableDAG(ModelConfig(**TINY))


def one_plan(numbers, steps, D=3):
    """A perfect plan of decimal texts and (operation, operand1, operand2), as a batch of one with its labels."""
    K = 4
    values = [Fraction(text) for text in numbers] + [Fraction(0)] * (K - len(numbers))
    digits = [[int(digit) for digit in f"{int(abs(value) * 1000):06}"] for value in values]
    used = len(steps)
    steps = steps + [(IDENTITY, K + s - 1 if s else 0, K + s - 1 if s else 0) for s in range(used, D)]
    operation, operand1, operand2 = (torch.tensor([part]) for part in zip(*steps))
    slots, defined = execute_hard(torch.tensor([list(map(float, values))]).double(), operation, operand1, operand2,
                                  OPERATIONS)
    return Batch(ids=torch.zeros(1, 1, dtype=torch.long), lengths=torch.ones(1, dtype=torch.long),
                 number_mask=torch.tensor([[k < len(numbers) for k in range(K)]]),
                 negative=torch.tensor([[int(value < 0) for value in values]]), digits=torch.tensor([digits]),
                 operation=operation, operand1=operand1, operand2=operand2,
                 values=slots.masked_fill(~defined, math.nan), n_ops=torch.tensor([used]), wording=torch.tensor([0]))


def test_logits_set_by_hand_give_the_exact_value(dag):
    batch = one_plan(["5.22", "3.213", "2.32"], [(DIVIDE, 1, 2), (SUBTRACT, 0, 4)])
    plan = perfect_plan(batch)
    for mode in ("hard", "straight_through"):
        slots, defined = dag(plan, mode=mode)
        exactly = Fraction("5.22") - Fraction("3.213") / Fraction("2.32")
        assert slots[0, -1].item() == float(exactly) != 5.22 - 3.213 / 2.32 and defined.all()
    assert dag(plan, mode="soft")[0][0, -1].item() == pytest.approx(5.22 - 3.213 / 2.32, rel=1e-12)
    assert exact_values(plan, ModelConfig(**TINY)) == [exactly]
    undefined = perfect_plan(one_plan(["1", "0"], [(DIVIDE, 0, 1), (ADD, 4, 0)]))
    assert exact_values(undefined, ModelConfig(**TINY)) == ["division by zero"]
    squares = perfect_plan(one_plan(["999", "1"], [(MULTIPLY, 0, 0)] + [(MULTIPLY, 3 + s, 3 + s) for s in range(1, 3)]))
    assert exact_values(squares, ModelConfig(**TINY)) == [Fraction(999**8)]
    assert apply("multiply", Fraction(10**100), Fraction(10**60)) == "overflow" == apply("add", "overflow", Fraction(1))


def test_the_straight_through_value_is_hards_and_its_gradient_is_softs(dag, labelled):
    torch.manual_seed(0)
    sharp = perfect_plan(labelled, strength=1.0)
    fields = [(field + torch.randn_like(field)).requires_grad_() for field in vars(sharp).values()]
    plan = Plan(*fields)
    weights = torch.randn(64, 7, dtype=torch.float64)
    hard, defined = dag(plan, mode="hard")
    joined, same = dag(plan)
    assert joined.equal(hard) and same.equal(defined)
    gradients = torch.autograd.grad((joined * weights).sum(), fields)
    expected = torch.autograd.grad((dag(plan, mode="soft")[0] * weights).sum(), fields)
    assert all(a.equal(b) and a.isfinite().all() and a.any() for a, b in zip(gradients, expected))


def test_twenty_six_digits_are_read_to_the_last_place():
    digits = torch.tensor([[int(digit) for digit in "123456789012345678"]])
    logits = one_hot(digits, 10) * 100.0
    sign = torch.tensor([[-1.0, 1.0]])
    assert hard_numbers(sign, logits, 6).item() == pytest.approx(-123456789012.345678, rel=2.3e-16)
    assert soft_numbers(sign * 50, logits, 12, 6).item() == pytest.approx(-123456789012.345678, rel=1e-14)
    digits = torch.tensor([[int(digit) for digit in "12345678901234567890123456"]])
    logits = one_hot(digits, 10) * 100.0
    assert hard_numbers(sign, logits, 6).item() == pytest.approx(-12345678901234567890.123456, rel=4e-16)
    assert soft_numbers(sign * 50, logits, 20, 6).item() == pytest.approx(-12345678901234567890.123456, rel=1e-14)
    units = sum(Fraction(part.item()) for part in exact_numbers(sign, logits, 6, 3)) * 10**6
    assert abs(units + 12345678901234567890123456) < Fraction(1, 10**12)
    with pytest.raises(ModelError, match="max_digits=24.*max_decimals=9.*32"):
        ModelConfig(max_digits=24, max_decimals=9)


def test_a_plan_of_twenty_digit_numbers_prints_every_digit_of_its_answer():
    config = ModelConfig(**TINY | dict(max_digits=20, max_decimals=6, answer_digits=24, answer_decimals=6))
    texts = ["98765432109876543210.123456", "-98765432109876543209.876544", "1234.5678", "2"]
    digits = [f"{abs(int(Fraction(text) * 10**6)):026d}" for text in texts]
    digits = one_hot(torch.tensor([[int(digit) for digit in row] for row in digits]), 10) * 50.0
    signs = one_hot(torch.tensor([text[0] == "-" for text in texts]).long(), 2) * 50.0
    steps = torch.tensor([[ADD, 0, 1], [SUBTRACT, 0, 1], [MULTIPLY, 0, 2]])
    operations = one_hot(steps[:, 0], 5) * 50.0
    operands = one_hot(steps[:, 1:], 7).transpose(0, 1) * 50.0
    plan = Plan(*(part[None, None].float() for part in (signs, digits, operations, *operands)))
    dag = DifferentiableDAG(config)
    high, low, lowest, defined = dag.exact_slots(plan)
    slots = [sum(map(Fraction, parts)) for parts in zip(*(part[0, 0, 4:].tolist() for part in (high, low, lowest)))]
    a, b, c, _ = map(Fraction, texts)
    for slot, right in zip(slots, (a + b, a - b, a * c)):
        assert abs(slot - right) < Fraction(1, 10**20)
    assert slots[0] != 0 and defined.all()
    product = math.floor(a * c * 10**6 + Fraction(1, 2))
    assert exact.spelled(dag.characters(plan)[0, 0].tolist()) == f"{product // 10**6}.{product % 10**6:06d}".rstrip("0")
    assert dag.neighbours(plan)[1][0, 0, 0].equal(dag.characters(plan)[0, 0])
    slots, _ = dag(plan)
    assert slots.isfinite().all()


# ---- networks -----------------------------------------------------------------------------------------------------

def test_the_founding_table_of_shapes_holds_with_one_value_a_token_and_four_operations():
    config = ModelConfig(**{**TINY, "num_initial_values": 1, "dag_ops": ("add", "identity", "multiply", "subtract")})
    B, T, D, S, n_ops = 2, 7, 3, 4, 4
    hidden, ids, readers = torch.randn(B, T, 16), torch.randint(64, (B, T)), torch.arange(T).expand(B, T)
    plan = awake(DAGPlanPredictor(config))(hidden, ids, readers)
    assert plan.operand1_probs.shape == plan.operand2_probs.shape == (B, T, D, S)
    assert plan.operation_probs.shape == (B, T, D, n_ops)
    assert plan.sign_logits.shape == (B, T, 1, 2) and plan.digit_logits.shape == (B, T, 1, 6, 10)
    slots, defined = DifferentiableDAG(config)(plan)
    assert slots.shape == defined.shape == (B, T, S) and slots.dtype == torch.float64 and defined.all()


def test_slots_that_arent_computed_yet_have_no_probability():
    ids, readers = torch.randint(64, (2, 5)), torch.arange(5).expand(2, 5)
    plan = awake(DAGPlanPredictor(ModelConfig(**TINY)))(torch.randn(2, 5, 16), ids, readers)
    for probs in (plan.operand1_probs, plan.operand2_probs):
        for s in range(3):
            assert (probs[:, :, s, 4 + s:] == 0).all() and (probs[:, :, s, :4 + s] > 0).all()
        assert torch.allclose(probs.sum(-1), torch.ones(2, 5, 3))


def fields_at(plan, readers):
    return [field[:, readers] for field in vars(plan).values()]


def test_no_token_after_a_reader_changes_its_plan_bit_for_bit():
    config, T = ModelConfig(**TINY), 12
    backbone, predictor = awake(Backbone(config)), awake(DAGPlanPredictor(config), 1)
    readers = torch.arange(T).expand(3, T)
    ids = torch.randint(64, (3, T), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before = predictor(backbone(ids), ids, readers)
        for t in (0, 5, 10):
            changed = torch.cat((ids[:, :t + 1], (ids[:, t + 1:] + 7) % 64), 1)
            after = predictor(backbone(changed), changed, readers)
            for a, b in zip(fields_at(before, slice(t + 1)), fields_at(after, slice(t + 1))):
                assert a.equal(b)
            for a, b in zip(fields_at(before, slice(t + 1, None)), fields_at(after, slice(t + 1, None))):
                finite = a.isfinite()
                assert not torch.allclose(a[finite], b[finite], atol=1e-3)


def test_a_readers_plan_is_the_same_whoever_reads_beside_it():
    config, T = ModelConfig(**TINY), 9
    predictor, hidden, ids = awake(DAGPlanPredictor(config)), torch.randn(2, T, 16), torch.randint(64, (2, T))
    with torch.no_grad():
        together = predictor(hidden, ids, torch.arange(T).expand(2, T))
        for t in (0, 3, T - 1):
            alone = predictor(hidden, ids, torch.full((2, 1), t))
            for a, b in zip(fields_at(alone, slice(1)), fields_at(together, slice(t, t + 1))):
                assert torch.allclose(a, b, atol=1e-5)
        mixed = predictor(hidden, ids, torch.tensor([[3, 8], [0, 3]]))
        assert torch.allclose(mixed.digit_logits[1, 1], together.digit_logits[1, 3], atol=1e-5)
        few = predictor(hidden, ids, torch.tensor([[3, 8, -1], [0, -1, -1]]))
        for a, b in zip(fields_at(few, [0, 1]), fields_at(together, [3, 8])):
            assert torch.allclose(a[0], b[0], atol=1e-5)
        for a, b in zip(fields_at(few, 0), fields_at(together, 0)):
            assert torch.allclose(a[1], b[1], atol=1e-5)


def test_a_plan_in_an_annotation_reads_the_annotation_alone_and_any_other_all_of_the_text():
    tokenizer = get_tokenizer("dag")
    config = ModelConfig(vocab_size=tokenizer.n_vocab, block_size=64, n_layer=1, n_head=2, n_embd=16, dag_depth=1,
                         num_initial_values=2, **token_roles(dict(number_positions=True), tokenizer))
    predictor = awake(DAGPlanPredictor(config))
    ids = torch.tensor([tokenizer.encode("2*9 = <<2*9=18>>18 and 3+4=")])
    opened, asks = ids[0].tolist().index(tokenizer.encode(" <")[0]), ids.size(1) - 1
    inside = opened + 5                                                             # the "=" of "<<2*9="
    hidden = torch.randn(1, ids.size(1), 16)
    with torch.no_grad():
        for reader, changed, same in ((inside, opened - 1, True), (inside, opened + 1, False), (asks, opened - 1, False)):
            other = hidden.clone()
            other[:, changed] += 1
            plans = [predictor(states, ids, torch.tensor([[reader]])) for states in (hidden, other)]
            assert all(a.equal(b) for a, b in zip(*(vars(plan).values() for plan in plans))) == same, (reader, changed)


def test_hand_set_weights_read_every_place_of_a_number():
    tokenizer, width = get_tokenizer("dag"), 64
    config = ModelConfig(vocab_size=tokenizer.n_vocab, block_size=64, n_layer=1, n_head=1, n_embd=width, dag_depth=1,
                         num_initial_values=1, max_digits=20, max_decimals=6,
                         **token_roles(dict(number_positions=True), tokenizer))
    extractor = ValueExtractor(config, Positions(config))
    for parameter in extractor.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        # Dimensions 0 to 9 of a hidden state say which digit it is, 20 to 45 of a query or key which place.
        extractor.place_embedding.weight[:, 20:46] = torch.eye(26)
        extractor.digit_places.embedding.weight[1:, 20:46] = 50 * torch.eye(26)
        extractor.look.q.weight.copy_(torch.eye(width))
        extractor.look.gain.fill_(50.0)
        extractor.look.kv.weight[width:].copy_(torch.eye(width))
        extractor.look.out.weight.copy_(100 * torch.eye(width))
        extractor.digit_head.weight[:, :10] = torch.eye(10)
        for text, digits in (("73", "7".rjust(19, "0") + "3"), ("12,345.678", "12345".rjust(20, "0") + "678"),
                             ("90123456789012345678.25", "9012345678901234567825"), (".000001", "0" * 25 + "1")):
            ids = torch.tensor([tokenizer.encode(text)])
            T = ids.size(1)
            tokens = torch.zeros(1, 1 + T, width)
            tokens[:, 0, 0] = 1.0                                          # nothing reads as 0
            for at, token in enumerate(ids[0].tolist()):
                character = tokenizer.decode([token])
                tokens[0, 1 + at, int(character) if character.isdigit() else 50] = 1.0
            mask = torch.ones(1, 1, 1, 1 + T, dtype=torch.bool)
            _, logits = extractor(torch.zeros(1, 1, width), tokens, mask, None, ids, torch.tensor([T - 1]), 1)
            read = "".join(map(str, logits[0, 0].argmax(-1).tolist()))
            known = range(20 - len(text.split(".")[0].replace(",", "")), len(digits))
            assert all(read[place] == digits[place] for place in known), (text, read)


def test_what_pads_a_text_doesnt_change_its_plan():
    model = awake(PredictorOnlyModel(ModelConfig(**TINY)))
    ids, lengths = torch.randint(64, (3, 10)), torch.tensor([4, 10, 7])
    other = torch.where(torch.arange(10) < lengths[:, None], ids, (ids + 5) % 64)
    with torch.no_grad():
        a, b = model(ids, lengths), model(other, lengths)
        short = model(ids[:1, :4], lengths[:1])
    assert all(x.equal(y) for x, y in zip(vars(a).values(), vars(b).values()))
    assert all(torch.allclose(x[:1], y, atol=1e-5) for x, y in zip(vars(a).values(), vars(short).values()))
    with pytest.raises(ModelError, match="33 tokens.*block_size=32"):
        model(torch.zeros(1, 33, dtype=torch.long), torch.tensor([33]))


MODEL_ERRORS = [
    (dict(n_embd=18, n_head=4), ["n_embd=18", "n_head=4"]),
    (dict(n_embd=12, n_head=4), ["n_embd=12", "n_head=4"]),              # heads of 3 can't be rotated in pairs
    (dict(dag_ops=("add", "power")), ["add,power", "multiply"]),
    (dict(dag_ops=("add", "multiply")), ["add,multiply", "identity"]),
    (dict(dag_depth=-1), ["dag_depth=-1", "at least 0"]),
    (dict(form="gpt3"), ["gpt3", "modern, gpt2"]),
    (dict(num_initial_values=0), ["num_initial_values=0", "at least 1"]),
    (dict(max_digits=4, max_decimals=29), ["max_digits=4", "max_decimals=29", "32"]),
    (dict(vocab_size=64, number_token_ids=(3, 64)), ["64", "vocab_size is 64"]),
    (dict(vocab_size=64, digit_token_ids=(3, 64)), ["64", "vocab_size is 64"]),
]


def test_sizes_that_dont_fit_are_refused_with_both_values():
    for settings, expected in MODEL_ERRORS:
        with pytest.raises(ModelError) as error:
            ModelConfig(**settings)
        assert all(part in str(error.value) for part in expected), str(error.value)


def test_without_steps_there_is_nothing_to_plan():
    config = ModelConfig(**{**TINY, "dag_depth": 0})                    # a plain GPT's
    for kind in (DAGPlanPredictor, PredictorOnlyModel):
        with pytest.raises(ModelError, match="dag_depth=0 .*at least 1"):
            kind(config)


# ---- losses and figures -------------------------------------------------------------------------------------------

def test_a_perfect_plan_has_no_loss_and_masked_slots_have_none_whatever_they_say(dag, labelled):
    plan = perfect_plan(labelled)
    losses = plan_losses(plan, labelled, dag, IDENTITY)
    assert set(losses) == {"sign", "digits", "log_magnitude", "operation", "operands"}
    assert all(0 <= loss.item() < 1e-4 for loss in losses.values())

    masked = ~labelled.number_mask
    assert masked.any()
    torch.manual_seed(0)
    noisy = Plan(**vars(plan))
    noisy.sign_logits = torch.where(masked[..., None], torch.randn_like(plan.sign_logits), plan.sign_logits)
    noisy.digit_logits = torch.where(masked[..., None, None], torch.randn_like(plan.digit_logits), plan.digit_logits)
    second = (labelled.operation == IDENTITY)[..., None] & plan.operand2_logits.isfinite()
    noisy.operand2_logits = torch.where(second, torch.randn_like(plan.operand2_logits), plan.operand2_logits)
    assert plan_losses(noisy, labelled, dag, IDENTITY) == losses

    uniform = plan_losses(Plan(*(torch.zeros_like(field) for field in vars(plan).values())), labelled, dag, IDENTITY)
    expected = dict(sign=math.log(2), digits=6 * math.log(10), operation=3 * math.log(5), operands=6 * math.log(7))
    assert all(uniform[name].item() == pytest.approx(value, rel=1e-5) for name, value in expected.items())


def test_every_part_of_a_plan_has_a_finite_gradient_from_its_loss(dag, labelled):
    fields = [field.clone().requires_grad_() for field in vars(perfect_plan(labelled, strength=1.0)).values()]
    sum(plan_losses(Plan(*fields), labelled, dag, IDENTITY).values()).backward()
    assert all(field.grad.isfinite().all() and field.grad.any() for field in fields)
    assert not fields[1].grad[~labelled.number_mask].any()


def test_figures_of_a_perfect_plan_are_one_and_a_wrong_digit_costs_only_what_depends_on_it(dag, labelled):
    plan = perfect_plan(labelled)
    right = dict(exact_plan=1.0, exact_value=1.0, sign_accuracy=1.0, log_magnitude_mae=0.0, operation_accuracy=1.0,
                 operand_accuracy=1.0)
    assert labelled.values[:, -1].isnan().any()
    assert mean_figures(example_scores(plan, dag, labelled, IDENTITY)) == right

    target = int((labelled.n_ops == 0).nonzero()[0])                   # a lone number: its digit is the value
    plan.digit_logits[target, 0, 0] = plan.digit_logits[target, 0, 0].roll(1)
    scores = example_scores(plan, dag, labelled, IDENTITY)
    assert mean_figures(scores) == {**right, "exact_plan": 63 / 64, "exact_value": 63 / 64,
                                    "log_magnitude_mae": pytest.approx(scores["log_magnitude_mae"].sum().item()
                                                                       / labelled.number_mask.sum().item())}
    assert scores["log_magnitude_mae"][target] > 0 and not scores["exact_plan"][target]
    none_chosen = mean_figures(scores, torch.zeros(64, dtype=torch.bool))
    assert set(none_chosen.values()) == {None}


def test_an_operation_or_operand_in_error_is_counted_by_step_and_a_lucky_value_still_counts(dag):
    batch = one_plan(["2", "2", "3"], [(ADD, 0, 1), (MULTIPLY, 4, 2)])
    wrong = perfect_plan(one_plan(["2", "2", "3"], [(MULTIPLY, 0, 1), (MULTIPLY, 4, 2)]))
    figures = mean_figures(example_scores(wrong, dag, batch, IDENTITY))
    assert (figures["exact_plan"], figures["exact_value"]) == (0.0, 1.0)                        # 2 + 2 = 2 * 2
    assert (figures["operation_accuracy"], figures["operand_accuracy"]) == (0.5, 1.0)
    wrong = perfect_plan(one_plan(["2", "2", "3"], [(ADD, 0, 1), (MULTIPLY, 4, 4)]))
    figures = mean_figures(example_scores(wrong, dag, batch, IDENTITY))
    assert (figures["exact_plan"], figures["operand_accuracy"]) == (0.0, 0.5)
    wrong = perfect_plan(one_plan(["2", "2", "-3"], [(ADD, 0, 1), (MULTIPLY, 0, 2)]))
    figures = mean_figures(example_scores(wrong, dag, batch, IDENTITY))
    assert figures == dict(exact_plan=0.0, exact_value=0.0, sign_accuracy=pytest.approx(2 / 3), log_magnitude_mae=0.0,
                           operation_accuracy=1.0, operand_accuracy=0.5)
    figures = mean_figures(example_scores(perfect_plan(one_plan(["0"], [])), dag, one_plan(["-2"], []), IDENTITY))
    assert figures["log_magnitude_mae"] == pytest.approx(math.log10(2) + 4)         # zero counts as 0.0001
    assert figures["sign_accuracy"] == 0.0 and figures["operation_accuracy"] is None


def test_trivial_figures_are_those_of_the_best_constant_answer():
    batches = [one_plan(["2", "3"], [(ADD, 0, 1)])] * 3 + [one_plan(["-2", "300"], [(MULTIPLY, 1, 0)])]
    figures = trivial_figures(joined_labels(batches), max_decimals=3)
    assert figures["exact_plan"] == figures["exact_value"] == 0.75
    assert figures["sign_accuracy"] == 7 / 8
    assert figures["operation_accuracy"] == figures["operand_accuracy"] == 0.75
    # magnitudes 2 2 2 2 3 3 3 300, whose lower median is 2
    assert figures["log_magnitude_mae"] == pytest.approx((3 * math.log10(1.5) + math.log10(150)) / 8)
    undefined = [one_plan(["1", "0"], [(DIVIDE, 0, 1)])] * 3 + [one_plan(["5", "1"], [(ADD, 0, 1)])]
    assert trivial_figures(joined_labels(undefined), max_decimals=3)["exact_value"] == 0.75


# ---- answers ------------------------------------------------------------------------------------------------------

NUMBER_TEXTS = [
    (Fraction(0), "0"), (Fraction(7), "7"), (Fraction(-1, 2), "-0.5"), (Fraction(10**30), "1" + "0" * 30),
    (Fraction(1, 3), "0.333333333333333"), (Fraction(-2, 3), "-0.666666666666667"),
    (Fraction(1, 2**40), format(1 / 2**40, ".40f")), (Fraction("123456789012.345678"), "123456789012.345678"),
    (Fraction(1, 3 * 10**30), "0." + "0" * 30 + "333333333333333"),
]


def test_numbers_are_written_in_full_or_to_fifteen_digits():
    for value, expected in NUMBER_TEXTS:
        assert number_text(value) == expected
    draw = random.Random(0)
    for _ in range(300):
        value = Fraction(draw.randrange(-10**12, 10**12), 10 ** draw.randrange(13))
        assert Fraction(number_text(value)) == value
        quotient = Fraction(draw.randrange(1, 10**9), draw.randrange(1, 10 ** draw.randrange(1, 40)))
        assert abs(Fraction(number_text(-quotient)) + quotient) <= quotient / 10**12


MALFORMED = ['{"prompt": "2 + 2"', '{"question": "2"}', "[]", '{"prompt": 3}', "null", "[" * 100_000, "\x00"]


def test_a_malformed_line_of_a_prompt_file_is_named(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text('{"prompt": "2 + 2"}\n\n{"prompt": "", "answer": 5}\n')
    assert read_prompts(path) == ["2 + 2", ""]
    for line in MALFORMED:
        path.write_text('{"prompt": "2 + 2"}\n\n' + line + "\n")
        with pytest.raises(PromptError, match="in.jsonl, line 3: ") as error:
            read_prompts(path)
        assert '{"prompt": "2 + 2"}' in str(error.value) and len(str(error.value)) < 400


def small_model(**more):
    tokenizer = get_tokenizer("dag")
    return PredictorOnlyModel(ModelConfig(**{**TINY, "vocab_size": tokenizer.n_vocab,
                                             **token_roles(dict(number_positions=True), tokenizer), **more})), tokenizer


def test_prompts_that_the_model_cannot_take_get_no_answer_and_a_reason():
    prompts = {"": "empty", "1 + " * 40 + "1": "121 tokens exceed block_size=32", "1+2+3+4+5": "5 numbers.*=4",
               "1234 + 1": "1234 has more integer digits than max_digits=3", "0.1234 + 1": "0.1234.*max_decimals=3"}
    model, tokenizer = small_model()
    counted = []
    in_range = ["2 + 2", "gibberish <|endoftext|>", "12.5 times three", "\ud800 + é"]
    values, reasons = answer(awake(model), tokenizer, [*prompts, *in_range], "cpu", batch_size=3,
                             on_batch=counted.append)
    assert len(values) == len(reasons) == len(prompts) + len(in_range) and sum(counted) == 4 and max(counted) <= 3
    for value, reason, expected in zip(values, reasons, prompts.values()):
        assert value is None and re.search(expected, reason)
    for value, reason in zip(values[len(prompts):], reasons[len(prompts):]):
        assert (value is None) == (reason in UNDEFINED) and (reason is None) == isinstance(value, Fraction)


def test_an_answer_doesnt_depend_on_the_prompts_beside_it():
    model, tokenizer = small_model()
    prompts = ["2 + 2", "nine over 2.5", "7", "12 * (3 - 4)"]
    together, _ = answer(awake(model, 5), tokenizer, prompts, "cpu")
    assert together == [answer(model, tokenizer, [prompt], "cpu")[0][0] for prompt in prompts]
    assert len(set(together)) > 1


@pytest.mark.slow
def test_a_small_model_learns_64_examples_by_heart(labelled):
    model, _ = small_model(n_layer=2, n_embd=48, block_size=256)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for step in range(400):
        losses = plan_losses(model(labelled.ids, labelled.lengths), labelled, model.dag, IDENTITY)
        sum(losses.values()).backward()
        optimizer.step()
        optimizer.zero_grad()
        if step % 25 == 0 and evaluate_predictor(model, [labelled])["exact_plan"] == 1:
            break
    figures = evaluate_predictor(model, [labelled])
    assert figures["exact_plan"] == figures["exact_value"] == 1, (step, figures)


def test_a_share_of_the_batch_is_learned_from_where_the_loss_is_largest():
    settings = settle({**defaults_of("train_predictor.py"), **dict(n_layer=1, n_head=2, n_embd=32, max_digits=3,
                                                                     max_decimals=3, batch_size=8)})
    batch, model = make_stream(settings, "train", 1, "cpu").batch(0), awake(build_predictor(settings))
    all_of_it, hard = (predictor_loss(settings | dict(hard_share=share), model.dag) for share in (1.0, 0.25))

    def part(rows):
        return Batch(**{name: value[rows] for name, value in vars(batch).items()})

    with torch.no_grad():
        assert hard(model, batch)[0] == all_of_it(model, batch)[0]              # nothing is learned: all counts
        # Of one text the means are over its own numbers and steps: sums of what it is wrong about.
        wrong = [sum((errors * counts).sum() for errors, counts in plan_errors(
            model(batch.ids[[row]], batch.lengths[[row]]), part([row]), IDENTITY).values()) for row in range(8)]
        hardest = sorted(sorted(range(8), key=lambda row: -wrong[row])[:2])
        expected = all_of_it(model, part(hardest))[0]
    assert torch.allclose(hard(model, batch)[0], expected, rtol=1e-5) and not torch.allclose(
        all_of_it(model, batch)[0], expected, rtol=0.01)
    # Of four rows of eight, half are spread over the batch whatever their loss: the first and the fifth.
    few = hard_rows(batch, torch.arange(8.0), dict(hard_share=0.5, random_share=0.5))
    assert few.ids.equal(batch.ids[[0, 4, 6, 7]]) and few.values.nan_to_num().equal(batch.values[[0, 4, 6, 7]].nan_to_num())


@pytest.mark.slow
def test_digits_that_no_text_needs_change_no_loss_and_no_gradient():
    settings = settle({**defaults_of("train_predictor.py"), **dict(n_layer=1, n_head=2, n_embd=32, dag_depth=3, max_ops=1,
                                                                     max_digits=2, max_decimals=1, batch_size=8)})
    batch = make_stream(settings, "train", 1, "cpu").batch(0)
    assert numbers_wanted(batch) == 2 < settings["num_initial_values"]
    models, found = [build_predictor(settings) for _ in range(2)], []
    for model, n_values in zip(models, (2, None)):
        for parameter in model.parameters():
            if not parameter.any():
                torch.manual_seed(1)
                torch.nn.init.normal_(parameter, std=0.3)
        losses = plan_losses(model(batch.ids, batch.lengths, n_values=n_values), batch, model.dag, 4)
        sum(losses.values()).backward()
        found.append(losses)
    for name, loss in found[0].items():
        torch.testing.assert_close(loss, found[1][name])
    for one, other in zip(*(model.parameters() for model in models)):
        torch.testing.assert_close(one.grad, other.grad)
