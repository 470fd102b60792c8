"""train.py: Phase 2's losses say what they should, and the script trains, resumes and refuses."""
import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

import exact
from checkpoint import load_checkpoint
from assembly import answer_loss, build_gpt, gpt_loss, phase1_parameters, settle_phase2, training_stream
from bench import defaults_of
from models.dag_model import GPT

ROOT = Path(__file__).resolve().parents[1]
IDENTITY = 4       # in dag_ops
TINY = dict(n_layer=1, n_head=2, n_embd=32, dag_depth=2, max_digits=2, max_decimals=1, batch_size=4, answer_digits=6)


def settings_of_train(**changes):
    return settle_phase2({**defaults_of(ROOT / "train.py"), **TINY, **changes})


def loss_of(settings):
    stream, model = training_stream(settings, torch.device("cpu")), build_gpt(settings)
    batch = stream.batch(0)
    loss, figures = gpt_loss(settings, model)(model, batch)
    return model, batch, loss, figures


@pytest.mark.slow
def test_prompts_of_weight_zero_leave_the_answers_loss_alone():
    settings = settings_of_train(prompt_weight=0.0)
    model, batch, _, figures = loss_of(settings)
    assert torch.equal(figures["text_loss"], figures["answer_loss"])
    tiny = gpt_loss({**settings, "prompt_weight": 1e-9}, model)(model, batch)[1]      # computes every token's logits
    torch.testing.assert_close(tiny["text_loss"], figures["text_loss"])


@pytest.mark.slow
def test_every_parameter_gets_a_gradient_and_plain_gpt_has_the_language_loss_alone():
    model, _, loss, figures = loss_of(settings_of_train(answer_gradient=True))
    loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert {"sign", "digits", "operation", "operands", "router", "gate", "answer"} < set(figures)
    _, _, loss, figures = loss_of(settings_of_train(dag_depth=0, max_ops=2))
    assert set(figures) == {"answer_loss"} and loss.isfinite()


@pytest.mark.slow
def test_a_wording_held_out_teaches_by_its_answers_alone():
    changes = dict(unlabelled_wording="times", operator_word_rate=1.0, batch_size=64, answer_gradient=True)
    model, batch, _, figures = loss_of(settings_of_train(**changes))
    assert 0 < batch.labelled.float().mean() < 1 and figures["answer"] > 0
    figures["answer"].backward(retain_graph=True)
    assert model.predictor.operation_head.weight.grad.abs().sum() > 0
    # The plan losses don't see those texts: another operation in their labels changes none.
    changed = replace(batch, operation=torch.where(batch.labelled[..., None], batch.operation, 0),
                      digits=torch.where(batch.labelled[..., None, None], batch.digits, 0))
    again = gpt_loss(settings_of_train(**changes), model)(model, changed)[1]
    assert all(torch.equal(figures[name], again[name]) for name in ("operation", "operands", "digits", "sign"))


def test_answer_loss_is_the_marginal_likelihood_of_the_plans_that_come_to_the_answer():
    shares = torch.tensor([[[0.5, 0.3, 0.2]], [[0.5, 0.3, 0.2]], [[0.9, 0.05, 0.05]]]).log()
    right = torch.tensor([exact.SPACE, 7, exact.END])
    wrong = torch.tensor([exact.SPACE, 8, exact.END])
    characters = torch.stack([torch.stack([wrong, right, right]), torch.stack([wrong, wrong, wrong]),
                              torch.stack([wrong, right, wrong])])[:, None]
    batch = SimpleNamespace(characters=right.expand(3, 1, 3), reader_mask=torch.ones(3, 1, dtype=torch.bool),
                            labelled=torch.tensor([[False], [False], [True]]))
    # Of the second no plan comes to the answer, and the third has labels: the first alone counts.
    assert answer_loss(shares, characters, batch).item() == pytest.approx(0.693147, abs=1e-6)


# ---- the script -----------------------------------------------------------------------------------------------------

def run(*arguments):
    return subprocess.run([sys.executable, "train.py", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True)


SMALL = ("--n_layer=1", "--n_embd=32", "--dag_depth=1", "--max_digits=2", "--max_decimals=1", "--batch_size=8",
         "--eval_examples=200", "--log_interval=1", "--checkpoint_interval=3", "--eval_interval=100")


@pytest.mark.slow
def test_the_founding_command_works_as_written(tmp_path):
    done = run("config/train_default.py", "--dag_depth=2", "--max_iters=100", f"--out_dir={tmp_path}",
               "--eval_examples=500")
    assert done.returncode == 0, done.stderr
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert kinds.count("final") == 1 and kinds[-1] == "plans" and (tmp_path / "best.pt").exists()


@pytest.mark.slow
def test_a_resumed_run_is_the_run_that_never_stopped(tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert run(*SMALL, "--max_iters=6", "--flat_fraction=1.0", f"--out_dir={whole}").returncode == 0
    assert run(*SMALL, "--max_iters=3", "--flat_fraction=1.0", f"--out_dir={parts}").returncode == 0
    done = run(*SMALL, "--max_iters=6", "--flat_fraction=1.0", f"--out_dir={parts}", "--init_from=resume")
    assert done.returncode == 0, done.stderr

    def losses(folder):
        entries = map(json.loads, (folder / "metrics.jsonl").read_text().splitlines())
        return [(entry["iter"], entry["loss"]) for entry in entries if entry["kind"] == "train"]

    assert losses(whole) == losses(parts)


@pytest.mark.slow
@pytest.mark.parametrize("more, read", [([], "backbone."), (["--n_read_layer=1", "--n_read_embd=32", "--n_read_head=2"], "reading.")])
def test_phase_1s_weights_stay_where_they_are_while_the_others_learn(tmp_path, more, read):
    done = run(*SMALL, "--max_iters=3", "--predictor_lr_scale=0.0", "--weight_decay=0.1", f"--out_dir={tmp_path}", *more)
    assert done.returncode == 0, done.stderr
    checkpoint = load_checkpoint(str(tmp_path / "ckpt_00000003.pt"))
    model = build_gpt(checkpoint["settings"])
    stays = {id(parameter) for parameter in phase1_parameters(model)}
    assert {name.split(".")[0] for name, value in model.named_parameters() if id(value) in stays} == {read[:-1], "predictor"}
    for name, value in model.named_parameters():
        assert value.equal(checkpoint["model"][name]) == (id(value) in stays), name


@pytest.mark.slow
def test_the_expressions_that_are_learned_from_are_those_the_plan_is_most_wrong_about():
    settings = settings_of_train(batch_size=16)
    model, batch, _, _ = loss_of(settings)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in (*model.predictor.parameters(), *model.router.parameters()):
            parameter.add_(0.1 * torch.randn_like(parameter))
    losses = []
    for row in range(16):
        one = type(batch)(**{field.name: getattr(batch, field.name)[row:row + 1] for field in fields(batch)})
        *_, seen = model(one.ids, readers=one.readers, execute=False, details=True, answers=(one.characters, one.labelled))
        nats = torch.nn.functional.softplus(-seen.router_logits[0, one.readers[0, 0]])
        known = one.number_mask[0, 0]
        for logits, label, counts in ((seen.plan.sign_logits, one.negative, known), (seen.plan.digit_logits, one.digits, known),
                                      (seen.plan.operation_logits, one.operation, None),
                                      (seen.plan.operand1_logits, one.operand1, None),
                                      (seen.plan.operand2_logits, one.operand2, one.operation[0, 0] != IDENTITY)):
            right = logits[0, 0].log_softmax(-1).gather(-1, label[0, 0][..., None])[..., 0]
            nats = nats - (right if counts is None else right[counts]).sum()
        losses.append(nats.item())
    hardest = sorted(sorted(range(16), key=losses.__getitem__)[-4:])
    few = type(batch)(**{field.name: getattr(batch, field.name)[hardest] for field in fields(batch)})
    loss = gpt_loss(settings | dict(hard_share=0.25), model)
    torch.testing.assert_close(loss(model, batch)[0], gpt_loss(settings, model)(model, few)[0])
    with torch.no_grad():           # where nothing is learned, nothing is chosen
        torch.testing.assert_close(loss(model, batch)[0], gpt_loss(settings, model)(model, batch)[0])


REFUSALS = [
    (["--dataset=dagset:0.7,shakespear:0.3"], ["shakespear", "shakespeare"]),
    (["--dataset=dagset:0.7,gsm8k:-1"], ["gsm8k", "-1"]),
    (["--dataset=dagset:x"], ["dagset:x"]),
    (["--unlabelled_wording=divided"], ["divided", "divided by"]),
    (["--block_size=8"], ["block_size is 8", "--block_size"]),
    (["--init_from_predictor=nowhere.pt"], ["nowhere.pt"]),
    (["--answer_digits=40"], ["answer_digits=40", "25"]),
    (["--dag_depth=-1"], ["dag_depth=-1"]),
    (["--hard_share=0"], ["hard_share=0", "above 0"]),
    (["--hard_share=0.5", "--dag_depth=0"], ["hard_share=0.5", "dag_depth=0"]),
    (["--random_share=1.5"], ["random_share=1.5", "between 0 and 1"]),
    (["--random_share=0.5"], ["random_share=0.5", "hard_share=1.0"]),
    (["--predictor_lr_scale=2"], ["predictor_lr_scale=2", "between 0 and 1"]),
]


@pytest.mark.slow
@pytest.mark.parametrize("arguments, expected", REFUSALS)
def test_mistakes_are_one_line_and_status_2(tmp_path, arguments, expected):
    done = run(*arguments, f"--out_dir={tmp_path}")
    assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert all(part in done.stderr for part in expected), done.stderr


@pytest.mark.slow
def test_a_run_starts_from_gpt2s_weights_and_keeps_its_form(tmp_path):
    sys.path.insert(0, str(ROOT / "tests"))
    from test_gpt2 import write_safetensors
    H, V, T = 32, 2048, 160
    shapes = {"wte.weight": (V, H), "wpe.weight": (T, H), "ln_f.weight": (H,), "ln_f.bias": (H,)}
    for name, out, into in (("attn.c_attn", 3 * H, H), ("attn.c_proj", H, H), ("mlp.c_fc", 4 * H, H),
                            ("mlp.c_proj", H, 4 * H)):
        shapes[f"h.0.{name}.weight"], shapes[f"h.0.{name}.bias"] = (into, out), (out,)
    shapes.update({f"h.0.{name}.{leaf}": (H,) for name in ("ln_1", "ln_2") for leaf in ("weight", "bias")})
    torch.manual_seed(0)
    path = write_safetensors(tmp_path / "weights.st", {name: torch.randn(shape) * 0.1 for name, shape in shapes.items()})
    command = [sys.executable, "train.py", "--device=cpu", "--max_iters=4", "--eval_examples=16", "--eval_interval=4",
               "--block_size=160", f"--out_dir={tmp_path}/out", f"--init_from_gpt2={path}", "--learning_rate=1e-9",
               *(f"--{name}={value}" for name, value in TINY.items())]

    def run(*more):
        return subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True, timeout=300)

    done = run("--init_from=auto")
    assert done.returncode == 0, done.stderr
    checkpoint = load_checkpoint(str(tmp_path / "out" / "ckpt_00000004.pt"))
    assert checkpoint["model_config"]["form"] == "gpt2"
    torch.testing.assert_close(checkpoint["model"]["backbone.position_embedding.weight"],
                               GPT.from_pretrained(path, dict(n_head=2)).backbone.position_embedding.weight.detach())
    assert "resuming" in run("--init_from=auto", "--max_iters=6").stdout
    for more, words in ((["--init_from=gpt2", "--init_from_gpt2="], "--init_from_gpt2=gpt2"),
                        (["--init_from=resume"], "drop one of them"), (["--n_embd=64"], "doesn't fit")):
        failed = run(f"--out_dir={tmp_path}/other", *more)
        assert failed.returncode == 2 and words in failed.stderr and failed.stderr.count("\n") == 1, failed.stderr
