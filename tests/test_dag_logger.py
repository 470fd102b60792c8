"""DAGLogger: every promised key is there and true, and the model doesn't feel it."""
import copy
import json
import math
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

import dag_logger
from assembly import (build_gpt, build_predictor, gpt_loss, make_stream, predictor_loss, settle, settle_phase2,
                      training_stream)
from bench import defaults_of
from dag_logger import MEANINGS, DAGLogger, DAGLoggerError, meaning
from models.plan import Plan

TINY = dict(n_layer=1, n_head=2, n_embd=32, dag_depth=2, max_digits=2, max_decimals=1, batch_size=4)
ON_GPU = {key for key in MEANINGS if key.startswith("gpu/")}


def awake(model):
    """Weights everywhere: fresh models have zero output projections, through which no gradient passes."""
    torch.manual_seed(0)
    for parameter in model.parameters():
        if not parameter.any():
            nn.init.normal_(parameter, std=0.2)
    return model


def phase2(**changes):
    """(model, batch_loss, batch) of a tiny GPT."""
    settings = settle_phase2({**defaults_of("train.py"), **TINY, "answer_digits": 6, **changes})
    model = awake(build_gpt(settings))
    return model, gpt_loss(settings, model), training_stream(settings, torch.device("cpu")).batch(0)


def phase1():
    settings = settle({**defaults_of("train_predictor.py"), **TINY})
    model = awake(build_predictor(settings))
    return model, predictor_loss(settings, model.dag), make_stream(settings, "train", 1, "cpu").batch(0)


@contextmanager
def uncounted():
    yield lambda: 1e6


@pytest.fixture(autouse=True)
def quick(request, monkeypatch):
    """Counting FLOPs imports torch._dynamo, which takes longer than all quick tests of this file."""
    if "slow" not in request.keywords:
        monkeypatch.setattr(dag_logger, "matrix_products_counted", uncounted)


@pytest.fixture(scope="module")
def gpt():
    return phase2()


def pattern_of(key):
    return next(p for p in MEANINGS if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(p)), key))


def observed(model, loss, batch, **options):
    return DAGLogger({"dagset": (batch, 1.0)}, loss).observe(model, **options)


@pytest.mark.slow
def test_every_documented_key_is_there_and_finite_and_every_key_is_documented(gpt, monkeypatch):
    monkeypatch.setattr(dag_logger, "PEAK_SECONDS", 0.0)
    figures = observed(*gpt, rate=100.0)
    assert all(isinstance(value, float) and math.isfinite(value) for value in figures.values())
    assert all(meaning(key) for key in figures) and meaning("gate/of/nothing/known") is None
    assert {pattern_of(key) for key in figures} == set(MEANINGS) - ON_GPU
    assert {key for key in figures if key.startswith("grad/op/")} == {
        f"grad/op/{name}" for name in ("add", "subtract", "multiply", "divide", "identity")}
    assert all(figures[f"grad/{name}"] > 0 for name in ("final_hidden", "final_values", "initial_values", "op/add"))


@pytest.mark.slow
def test_phase_1_has_all_but_what_a_language_model_alone_has():
    figures = observed(*phase1())
    assert {pattern_of(key) for key in figures} == {key for key in MEANINGS if not key.startswith(
        ("gate/", "hidden/", "gpu/", "speed/")) and key != "grad/final_values"}
    assert all(math.isfinite(value) for value in figures.values())


@pytest.mark.slow
def test_a_plain_gpt_has_its_hidden_states_gradient_alone():
    figures = observed(*phase2(dag_depth=0, max_ops=2))
    assert set(figures) == {"grad/final_hidden", "process/peak_memory_gb"}


@pytest.mark.slow
@pytest.mark.parametrize("answer_gradient", [False, True])
def test_gradient_figures_equal_autograd_by_hand(monkeypatch, answer_gradient):
    model, batch_loss, batch = phase2(answer_gradient=answer_gradient)
    logger = DAGLogger()
    with logger.watching(model, "dagset"):
        batch_loss(model, batch)[0].backward()
    figures = logger.get_wandb_logging_dict(model)

    # By hand: the same loss, differentiated in the tensors themselves.
    kept, forward, read = {}, model.forward, model.readout.forward

    def keep_details(*arguments, **options):
        logits, loss, kept["seen"] = forward(*arguments, **options)
        return logits, loss, kept["seen"]

    def keep_characters(hidden, offset, characters, embedding):
        kept["characters"] = characters if characters.requires_grad else characters.requires_grad_()
        return read(hidden, offset, kept["characters"], embedding)

    monkeypatch.setattr(model, "forward", keep_details)
    monkeypatch.setattr(model.readout, "forward", keep_characters)
    loss, _ = batch_loss(model, batch)
    plan = kept["seen"].plan
    tensors = (plan.operation_logits, plan.sign_logits, plan.digit_logits, kept["seen"].mixed, kept["characters"])
    operation, sign, digits, mixed, characters = torch.autograd.grad(loss, tensors)
    wanted = {f"grad/op/{name}": operation[..., n].square().sum().sqrt()
              for n, name in enumerate(model.config.dag_ops)}
    wanted.update({"grad/final_hidden": mixed.square().sum().sqrt(),
                   "grad/final_values": characters.square().sum().sqrt(),
                   "grad/initial_values": (sign.square().sum() + digits.square().sum()).sqrt()})
    for key, value in wanted.items():
        assert figures[key] == pytest.approx(value.item(), rel=1e-5), key


@pytest.mark.slow
def test_a_watched_model_returns_what_it_would_and_is_left_without_hooks(gpt):
    model, batch_loss, batch = gpt
    modules = list(model.modules())

    def hooks():
        return sum(len(module._forward_hooks) + len(module._forward_pre_hooks) for module in modules)

    plain, before = model(batch.ids, batch.targets), hooks()
    logger = DAGLogger()
    with logger.watching(model):
        watched = model(batch.ids, batch.targets)
        assert hooks() > before == 0
        assert len(model(batch.ids, details=True)) == 3
    assert len(watched) == 2 and all(torch.equal(a, b) for a, b in zip(plain, watched)) and hooks() == 0
    with pytest.raises(ZeroDivisionError), logger.watching(model):
        1 / 0
    assert hooks() == 0


@pytest.mark.slow
def test_observing_leaves_weights_gradients_and_random_numbers_alone(gpt):
    model, batch_loss, batch = gpt
    state, random = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    observed(model, batch_loss, batch)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), random)


@pytest.mark.slow
def test_the_founding_line_works_as_written(gpt):
    model, batch_loss, batch = gpt
    logged = []
    wandb, dag_logger = SimpleNamespace(log=logged.append), DAGLogger()
    dag_logger.attach(model)
    for _ in range(2):                          # attached once, read as often as one likes
        batch_loss(model, batch)[0].backward()
        wandb.log(dag_logger.get_wandb_logging_dict(model))
    dag_logger.detach()
    model.zero_grad()
    assert logged[0] == logged[1] and "grad/op/multiply" in logged[0] and "gate/mean" in logged[0]
    assert {pattern_of(key) for key in logged[0]} == set(MEANINGS) - ON_GPU - {
        key for key in MEANINGS if key.startswith(("gate/{dataset}/", "speed/"))}


@pytest.mark.slow
def test_nothing_captured_is_an_error_and_so_is_a_wrapped_model(gpt):
    model, *_ = gpt
    logger = DAGLogger()
    with logger.watching(model), pytest.raises(DAGLoggerError, match="nothing was captured"):
        logger.get_wandb_logging_dict(model)
    wrapped = nn.Module()
    wrapped.module = model
    with pytest.raises(DAGLoggerError, match="doesn't call hooks"):
        logger.attach(wrapped)


@pytest.mark.slow
def test_gates_are_those_of_the_models_own_routing_and_shut_where_nothing_is_planned(gpt):
    model, batch_loss, batch = gpt
    model = copy.deepcopy(model)
    with torch.no_grad():
        model.router.weight.zero_()
        model.router.bias.fill_(-1.0)           # no answer is ever due
    figures = observed(model, batch_loss, batch)
    assert [figures[f"gate/dagset/{name}"] for name in ("mean", "max", "open_share")] == [0, 0, 0]
    model.router.bias.data.fill_(1.0)           # after every token
    model.readout.gate_head.weight.data.zero_()
    model.readout.gate_head.bias.data.fill_(1.0)
    figures = observed(model, batch_loss, batch)
    for name in ("gate/mean", "gate/dagset/max"):
        assert figures[name] == pytest.approx(1 / (1 + math.exp(-1)))
    assert figures["gate/open_share"] == 1


def one_hot_plan(operation, first, second, K, S):
    def sure(choices, count):
        return 50.0 * nn.functional.one_hot(torch.tensor([choices]), count).float()

    digits = 50.0 * nn.functional.one_hot(torch.tensor([[[0, 5, 0], [0, 2, 5], [0, 3, 0]]]), 10).float()
    return Plan(torch.tensor([[[50.0, 0.0]] * K]), digits, sure(operation, 5), sure(first, S), sure(second, S))


@pytest.mark.slow
def test_figures_of_a_plan_set_by_hand():
    model, *_ = phase1()
    plan = one_hot_plan([2, 0], [1, 0], [2, 3], K=3, S=5)           # 5 + 2.5 * 3
    plan.digit_logits[0, 1] = 0.0                                   # the second number could be anything
    seen = dict(plan=plan)
    figures = dag_logger.plan_figures(seen, model)
    assert figures["entropy/operation"] == pytest.approx(0, abs=1e-6)
    assert figures["digits/confidence"] == pytest.approx((1 + 0.1 + 1) / 3) and figures["digits/least"] == pytest.approx(0.1)
    plan = one_hot_plan([2, 4], [1, 3], [2, 0], K=3, S=5)           # 2.5 * 3, passed on: the first number is unused
    assert dag_logger.numbers_in_use(vars(plan), model).tolist() == [[False, True, True]]
    nodes = dag_logger.node_figures(dict(plan=plan), model)
    assert nodes == {f"nodes/0/{slot}": value for slot, value in dict(n0=5, n1=2.5, n2=3, s0=7.5, s1=7.5).items()}


@pytest.mark.slow
def test_an_undefined_slot_has_no_key():
    model, *_ = phase1()
    plan = one_hot_plan([3, 4], [0, 3], [1, 0], K=3, S=5)
    plan.digit_logits[0, 1] = 50.0 * nn.functional.one_hot(torch.zeros(3, dtype=torch.int64), 10)      # 5 / 0
    assert set(dag_logger.node_figures(dict(plan=plan), model)) == {"nodes/0/n0", "nodes/0/n1", "nodes/0/n2"}


@pytest.mark.slow
def test_loudness_of_the_dag_is_that_of_what_the_mixer_adds(gpt):
    model, *_ = gpt
    torch.manual_seed(1)
    hidden, dag_hidden, gate = torch.randn(1, 3, 32), torch.randn(1, 3, 32), torch.tensor([[0.0, 1.0, 0.0]])
    mixed = model.readout.mix(hidden, dag_hidden, gate)
    with torch.no_grad():
        figures = dag_logger.hidden_figures(dict(mixed=mixed, dag_hidden=dag_hidden, gate=gate), model)
    added = (mixed - hidden)[0, 1].square().mean().sqrt()
    assert figures["hidden/original_norm"] == pytest.approx(hidden[0, 1].square().mean().sqrt().item(), rel=1e-5)
    assert figures["hidden/dag_norm"] == pytest.approx(added.item(), rel=1e-5)
    assert figures["hidden/mixed_norm"] == pytest.approx(mixed[0, 1].square().mean().sqrt().item(), rel=1e-5)


@pytest.mark.slow
def test_utilisation_counts_a_forward_pass_thrice_over_the_machines_own_rate(gpt, monkeypatch):
    monkeypatch.setattr(dag_logger, "matrix_product_rate", lambda device, dtype: 1e9)
    model, _, batch = gpt
    layer = nn.Linear(32, 7)

    def loss_of_one_layer(model, batch):
        logits, _ = model(batch.ids, only=batch.ids < 0)        # no token's logits
        return logits.sum() + layer(torch.ones(len(batch), 32)).sum(), {}

    with dag_logger.matrix_products_counted() as count:
        layer(torch.ones(len(batch), 32))
    assert count() == 2 * len(batch) * 32 * 7
    one = observed(model, loss_of_one_layer, batch, rate=10.0)
    layer = nn.Linear(32, 7 + 100)
    other = observed(model, loss_of_one_layer, batch, rate=10.0)
    assert other["speed/mfu"] - one["speed/mfu"] == pytest.approx(3 * 2 * 32 * 100 * 10 / 1e9)
    assert one["speed/tokens_per_second"] == pytest.approx(10 * batch.ids.size(1))
    monkeypatch.setattr(dag_logger, "processes", lambda: 4)
    assert observed(model, loss_of_one_layer, batch, rate=10.0)["speed/mfu"] == pytest.approx(other["speed/mfu"] / 4)


@pytest.mark.slow
def test_a_compiled_model_is_observed_through_the_one_it_was_made_of():
    model, batch_loss, batch = phase2()
    compiled = torch.compile(model, dynamic=True)
    batch_loss(compiled, batch)[0].backward()
    model.zero_grad(set_to_none=True)
    figures = observed(model, batch_loss, batch)
    again = observed(copy.deepcopy(model), batch_loss, batch)
    assert {key: value for key, value in figures.items() if not key.startswith("process")} == {
        key: value for key, value in again.items() if not key.startswith("process")}
    with pytest.raises(DAGLoggerError):
        DAGLogger().attach(compiled)


def test_a_gpu_is_asked_for_its_load_and_memory(monkeypatch):
    index, load = [], SimpleNamespace(gpu=87, memory=12)
    driver = SimpleNamespace(NVMLError_DriverNotLoaded=OSError, nvmlInit=lambda: None,
                             nvmlDeviceGetHandleByIndex=lambda number: index.append(number) or number,
                             nvmlDeviceGetUtilizationRates=lambda handle: load)
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    for name, value in dict(_HAS_PYNVML=True, pynvml=driver, _get_nvml_device_index=lambda device: device.index,
                            memory_allocated=lambda device: 3 * 2 ** 30,
                            max_memory_allocated=lambda device: 5 * 2 ** 30).items():
        monkeypatch.setattr(torch.cuda, name, value, raising=False)
    figures = dag_logger.resources(torch.device("cuda", 1))
    assert {key: figures[key] for key in ON_GPU} == {"gpu/utilization": 87, "gpu/memory_gb": 3, "gpu/peak_memory_gb": 5}
    assert set(index) == {1} and all(isinstance(value, float) for value in figures.values())
    monkeypatch.setattr(torch.cuda, "_HAS_PYNVML", False)
    assert ON_GPU - set(dag_logger.resources(torch.device("cuda", 1))) == {"gpu/utilization"}


def test_the_machine_is_asked_before_a_look_makes_it_busy_itself(monkeypatch):
    order, model = [], nn.Module()
    model.backbone = nn.Linear(1, 1)

    def batch_loss(*_):
        order.append("work")
        raise ZeroDivisionError

    monkeypatch.setattr(dag_logger, "resources", lambda device: order.append("machine") or {})
    monkeypatch.setattr(DAGLogger, "_figures", lambda self, model: order.append("figures") or {})
    with pytest.raises(ZeroDivisionError):
        DAGLogger({"dagset": (None, 1.0)}, batch_loss).observe(model)
    DAGLogger().get_wandb_logging_dict(model)
    assert order == ["machine", "work", "machine", "figures"]


@pytest.mark.slow
def test_of_two_processes_the_first_looks_once_an_interval(tmp_path):
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2",
         root / "train_predictor.py", *(f"--{name}={value}" for name, value in TINY.items()), "--device=cpu",
         "--gradient_accumulation_steps=2", "--eval_examples=64", "--eval_interval=100", "--max_iters=10",
         "--log_interval=5", "--dag_log_interval=5", f"--out_dir={tmp_path / 'run'}"],
        capture_output=True, text=True, timeout=500, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    entries = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    looks = [entry for entry in entries if entry["kind"] == "dag"]
    assert [look["iter"] for look in looks] == [1, 5, 10]
    wanted = {key for key in MEANINGS
              if not key.startswith(("gate/", "hidden/", "gpu/")) and key != "grad/final_values"}
    assert all({pattern_of(key) for key in look.keys() - {"kind", "iter", "seconds"}} == wanted for look in looks)


def test_the_page_about_logging_says_what_the_code_says():
    page = (Path(__file__).parent.parent / "docs" / "logging.md").read_text(encoding="utf-8")
    for key, text in MEANINGS.items():
        assert f"| `{key}` | {text} |" in page
