"""The training loop: what a run leaves behind, and that stopping, accumulating and failing harm nothing."""

import json
import math
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import nn

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
import checkpoint
import training
from checkpoint import CheckpointError, latest_checkpoint, load_checkpoint, save_checkpoint
from devices import DeviceError
from run_log import MetricsFile, RunLog, line_iteration
from optimizers import Muon, configure_optimizers, orthogonalized
from training import TrainingError, learning_rate_factor, train

SETTINGS = dict(
    max_iters=12, max_minutes=0.0, eval_interval=4, log_interval=1, checkpoint_interval=5, seed=1, device="cpu",
    dtype="auto", compile=False, dag_log_interval=0, wandb_log=False, wandb_mode="", gradient_accumulation_steps=2, init_from="scratch", eval_only=False,
    optimizer="muon", learning_rate=1e-2, muon_learning_rate=1e-2, min_lr_fraction=0.1, warmup_iters=3,
    flat_fraction=0.5, weight_decay=0.01, beta1=0.9, beta2=0.99, grad_clip=1.0)
TARGET = torch.linspace(-1, 1, 4)


class Stream:
    def __init__(self, examples_per_batch=8, on_batch=lambda n: None):
        self.examples_per_batch, self.on_batch = examples_per_batch, on_batch

    def batch(self, n):
        self.on_batch(n)
        x = torch.randn(self.examples_per_batch, 4, generator=torch.Generator().manual_seed(n))
        return x, x @ TARGET


def toy_model(dropout=0.2):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 6), nn.Dropout(dropout), nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 1))


def batch_loss(model, batch):
    loss = (model(batch[0]).squeeze(-1) - batch[1]).square().mean()
    return loss, {"root": loss.detach().sqrt()}


def evaluate(model):
    assert not model.training and not torch.is_grad_enabled()
    torch.rand(3)  # an evaluation that draws must not disturb what training draws next
    return {"score": -batch_loss(model, Stream().batch(10**6))[0].item()}


class Momentum:
    """What the loop asks of an optimiser, and no more."""

    def __init__(self, parameters, lr):
        self.param_groups = [dict(params=parameters, lr=lr, initial_lr=lr)]
        self.moments = [torch.zeros_like(parameter) for parameter in parameters]

    @torch.no_grad()
    def step(self):
        for parameter, moment in zip(self.param_groups[0]["params"], self.moments):
            parameter -= self.param_groups[0]["lr"] * moment.mul_(0.9).add_(parameter.grad)

    def zero_grad(self, set_to_none):
        for parameter in self.param_groups[0]["params"]:
            parameter.grad = None

    def state_dict(self):
        return {"moments": self.moments, "param_groups": [{**self.param_groups[0], "params": []}]}

    def load_state_dict(self, state):
        self.moments = [moment.clone() for moment in state["moments"]]


def stand_ins(model, settings):
    """Two optimisers, as optimizer="muon" has, of matrices and of vectors."""
    matrices, vectors = ([parameter for parameter in model.parameters() if parameter.ndim == axes] for axes in (2, 1))
    return [Momentum(matrices, settings["muon_learning_rate"]), Momentum(vectors, settings["learning_rate"])]


@pytest.fixture(params=["stand-in", pytest.param("torch.optim", marks=pytest.mark.slow)])
def run(request, monkeypatch):
    """A function that trains. The loop is tested twice: making a torch.optim optimiser imports torch._dynamo, which
    alone takes longer than all quick tests of the loop."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # no test cuts the power
    if request.param == "stand-in":
        monkeypatch.setattr(training, "configure_optimizers", stand_ins)

    def run(out_dir, model=None, stream=None, loss=batch_loss, extra=None, on_log=None, observe=None, unnamed=None,
            **more) -> dict:
        return train({**SETTINGS, "out_dir": str(out_dir), **more}, model or toy_model(), stream or Stream(), loss,
                     evaluate, score="score", checkpoint_extra=extra or {}, unnamed=unnamed, observe=observe, on_log=on_log)

    return run


def lines(out_dir) -> list[dict]:
    return [json.loads(line) for line in (Path(out_dir) / "metrics.jsonl").read_text().splitlines()]


def timeless(entries) -> list[dict]:
    return [{key: value for key, value in entry.items() if "second" not in key} for entry in entries]


def stop_at(iteration, micro_batches=2):
    def on_batch(n):
        if n == iteration * micro_batches - 1:
            os.kill(os.getpid(), signal.SIGTERM)
    return on_batch


# --- resume ---------------------------------------------------------------------------------------

@pytest.mark.slow
def test_a_stopped_and_resumed_run_equals_the_run_that_never_stopped_bit_for_bit(run, tmp_path):
    whole_model, model = toy_model(), toy_model()
    whole = run(tmp_path / "whole", whole_model, log_interval=3)
    for iteration in (4, 7):  # one where an evaluation is due, one in the middle of a log interval
        first = run(tmp_path / "parts", model, Stream(on_batch=stop_at(iteration)), log_interval=3,
                    init_from="resume" if iteration > 4 else "scratch")
        assert first["stopped"] and first["iter"] == iteration
        model = toy_model()
    parts = run(tmp_path / "parts", model, log_interval=3, init_from="resume")
    assert all(torch.equal(a, b) for a, b in zip(whole_model.state_dict().values(), model.state_dict().values()))
    assert timeless(lines(tmp_path / "whole")) == timeless(lines(tmp_path / "parts"))
    assert (whole["best"], whole["best_iter"], whole["final"]) == (parts["best"], parts["best_iter"], parts["final"])


def test_lines_after_the_checkpoint_are_trimmed_so_that_a_killed_run_logs_nothing_twice(run, tmp_path):
    class Killed(Exception):
        pass

    def kill(n):
        if n == 2 * 9:
            raise Killed

    with pytest.raises(Killed):
        run(tmp_path, stream=Stream(on_batch=kill))
    with open(tmp_path / "metrics.jsonl", "a") as file:
        file.write('{"kind": "train", "iter": 1')  # half a line
    assert lines_up_to(tmp_path) == 9
    run(tmp_path, init_from="resume")
    assert [entry["iter"] for entry in lines(tmp_path) if entry["kind"] == "train"] == list(range(1, 13))


def lines_up_to(out_dir) -> int:
    return max(line_iteration(line) for line in (out_dir / "metrics.jsonl").open())


@pytest.mark.slow
def test_resuming_takes_todays_rates_and_can_extend_a_finished_run(run, tmp_path):
    run(tmp_path)
    assert run(tmp_path, init_from="resume")["iter"] == 12
    assert run(tmp_path, init_from="resume", max_iters=14, learning_rate=0.5, flat_fraction=1.0)["iter"] == 14
    assert lines(tmp_path)[-2]["lr"] == 0.5
    assert load_checkpoint(latest_checkpoint(str(tmp_path)))["optimizers"][1]["param_groups"][0]["lr"] == 0.5


@pytest.mark.slow
def test_a_new_run_never_replaces_checkpoints(run, tmp_path):
    run(tmp_path / "a")
    with pytest.raises(CheckpointError, match="already holds checkpoints.*--init_from=resume"):
        run(tmp_path / "a")
    with pytest.raises(CheckpointError, match="no whole checkpoint"):
        run(tmp_path / "b", init_from="resume")
    started = run(tmp_path / "b", init_from=str(tmp_path / "a" / "best.pt"), max_iters=1)
    assert started["iter"] == 1 and lines(tmp_path / "b")[0]["iter"] == 1


def test_auto_starts_a_run_and_then_continues_it(run, tmp_path):
    assert run(tmp_path, init_from="auto", max_iters=3)["iter"] == 3
    assert [line["iter"] for line in lines(tmp_path)][-1] == 3
    assert run(tmp_path, init_from="auto", max_iters=5)["iter"] == 5
    assert max(line["iter"] for line in lines(tmp_path)) == 5


@pytest.mark.slow
def test_a_run_that_would_repeat_or_skip_data_is_not_resumed_but_lends_its_weights(run, tmp_path):
    run(tmp_path / "a", extra={"must_match_to_resume": {"batch_size": 4}})
    with pytest.raises(CheckpointError, match="batch_size=4, but here batch_size=8.*--init_from="):
        run(tmp_path / "a", init_from="resume", extra={"must_match_to_resume": {"batch_size": 8}})
    run(tmp_path / "b", init_from=str(tmp_path / "a" / "best.pt"), extra={"must_match_to_resume": {"batch_size": 8}})


@pytest.mark.slow
def test_a_checkpoint_of_other_settings_or_shapes_is_refused_with_both_values(run, tmp_path):
    run(tmp_path, extra={"must_match": {"n_embd": 6}})
    with pytest.raises(CheckpointError, match="n_embd=6, but here n_embd=7"):
        run(tmp_path, init_from="resume", extra={"must_match": {"n_embd": 7}})
    # What a checkpoint doesn't name was as it was before the name came.
    with pytest.raises(CheckpointError, match="round_rate=0.0, but here round_rate=0.1"):
        run(tmp_path, init_from="resume", extra={"must_match": {"n_embd": 6, "round_rate": 0.1}},
            unnamed={"round_rate": 0.0})
    with pytest.raises(CheckpointError, match="optimizer='muon', but here optimizer='adamw'"):
        run(tmp_path, init_from="resume", optimizer="adamw")
    with pytest.raises(CheckpointError, match=r"0.weight is \(6, 4\) in the checkpoint and \(5, 4\) here"):
        run(tmp_path, nn.Sequential(nn.Linear(4, 5)), init_from="resume")


# --- checkpoints ------------------------------------------------------------------------------------

def test_the_newest_two_and_the_best_are_kept_without_prefixes_and_plain_torch_reads_them(run, tmp_path):
    run(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["best.pt", "ckpt_00000010.pt", "ckpt_00000012.pt", "metrics.jsonl"]
    saved = torch.load(tmp_path / "best.pt", weights_only=True)
    assert set(saved["model"]) == set(toy_model().state_dict())
    prefixed = {**saved, "model": {f"module._orig_mod.{name}": tensor for name, tensor in saved["model"].items()}}
    checkpoint.load_weights(toy_model(), prefixed, "best.pt")


def test_every_truncation_and_every_flipped_bit_is_noticed_and_the_older_checkpoint_used(tmp_path, capsys):
    older = save_checkpoint(str(tmp_path), {"iter": 1, "model": {"w": torch.randn(50)}})
    newer = save_checkpoint(str(tmp_path), {"iter": 2, "model": {"w": torch.randn(50)}})
    whole, draw = Path(newer).read_bytes(), random.Random(0)
    assert latest_checkpoint(str(tmp_path)) == newer
    for trial in range(50):
        damaged = bytearray(whole)
        if trial % 4 == 0:
            del damaged[draw.randrange(len(whole)):]
        else:
            damaged[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        Path(newer).write_bytes(damaged)
        with pytest.raises(CheckpointError, match="damaged"):
            load_checkpoint(newer)
    assert latest_checkpoint(str(tmp_path)) == older
    assert "warning" in capsys.readouterr().out


def test_a_full_disk_leaves_the_earlier_checkpoint_and_no_temporary_file(tmp_path, monkeypatch):
    first = save_checkpoint(str(tmp_path), {"iter": 1})

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match="ckpt_00000002.pt: the disk is full"):
        save_checkpoint(str(tmp_path), {"iter": 2}, is_best=False)
    assert [str(path) for path in tmp_path.iterdir()] == [first] and latest_checkpoint(str(tmp_path)) == first


def test_no_code_in_a_checkpoint_is_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    path = save_checkpoint(str(tmp_path), {"iter": 1, "model": Trap()})  # sealed, as an attacker could
    with pytest.raises(CheckpointError, match="cannot load"):
        load_checkpoint(path)
    assert not (tmp_path / "sprung").exists()


def test_leftovers_of_a_killed_save_are_swept(run, tmp_path):
    (tmp_path / "ckpt_00000003.pt.tmp").write_bytes(b"half")
    run(tmp_path, max_iters=1)
    assert not list(tmp_path.glob("*.tmp"))


# --- the step ---------------------------------------------------------------------------------------

def test_accumulation_draws_different_batches_and_equals_one_big_batch(run, tmp_path):
    drawn, small, big = [], toy_model(0.0), toy_model(0.0)
    run(tmp_path / "small", small, Stream(8, drawn.append), gradient_accumulation_steps=4, max_iters=3)

    class Joined(Stream):
        def batch(self, n):
            return tuple(torch.cat(parts) for parts in zip(*(Stream(8).batch(4 * n + i) for i in range(4))))

    run(tmp_path / "big", big, Joined(32), gradient_accumulation_steps=1, max_iters=3)
    assert drawn == list(range(12))
    for a, b in zip(lines(tmp_path / "small"), lines(tmp_path / "big")):
        assert a["kind"] == b["kind"] and a["examples"] == b["examples"]
        if a["kind"] == "train":
            assert a["loss"] == pytest.approx(b["loss"], rel=1e-5)
    for a, b in zip(small.parameters(), big.parameters()):
        assert torch.allclose(a, b, rtol=1e-4, atol=1e-5)  # torch.testing takes half a second to import


def test_the_rate_warms_up_stays_flat_and_decays_to_its_least():
    settings = dict(warmup_iters=3, flat_fraction=0.5, min_lr_fraction=0.1, max_iters=100, max_minutes=0.0)
    factors = [learning_rate_factor(i, i / 100, settings) for i in range(101)]
    assert factors[:4] == [0.25, 0.5, 0.75, 1.0] and factors[50] == 1.0
    assert factors[75] == pytest.approx(0.55) and factors[100] == pytest.approx(0.1)
    assert training.share_done(10, 90.0, {**settings, "max_minutes": 2.0}) == 0.75


@pytest.mark.slow
def test_a_run_out_of_minutes_evaluates_and_saves(run, tmp_path):
    outcome = run(tmp_path, max_iters=10**6, max_minutes=0.05 / 60)
    assert outcome["final"] and not outcome["stopped"] and lines(tmp_path)[-1]["kind"] == "final"
    assert load_checkpoint(latest_checkpoint(str(tmp_path)))["iter"] == outcome["iter"]


@pytest.mark.slow
def test_batched_muon_equals_torchs_muon():
    def descend(make):
        torch.manual_seed(0)
        matrices = [nn.Parameter(torch.randn(shape)) for shape in ((8, 16), (16, 8), (8, 16), (5, 5))]
        optimizer = make(matrices)
        for _ in range(4):
            optimizer.zero_grad()
            sum((matrix @ matrix.mT).square().sum() for matrix in matrices).backward()
            optimizer.step()
        return matrices

    ours = descend(lambda matrices: Muon(matrices, lr=0.02, weight_decay=0.1))
    theirs = descend(lambda matrices: torch.optim.Muon(
        matrices, lr=0.02, weight_decay=0.1, adjust_lr_fn="match_rms_adamw"))
    for a, b in zip(ours, theirs):
        assert torch.allclose(a, b, rtol=0, atol=0.01)  # theirs iterates in bfloat16


def test_orthogonalized_matrices_have_singular_values_near_1():
    torch.manual_seed(0)
    for shape in ((3, 12, 20), (3, 20, 12)):
        singular = torch.linalg.svdvals(orthogonalized(torch.randn(shape)))
        assert singular.min() > 0.4 and singular.max() < 1.3


@pytest.mark.slow
def test_muon_gets_hidden_matrices_and_adamw_embeddings_heads_and_vectors():
    model = nn.ModuleDict(dict(embed=nn.Embedding(7, 4), hidden=nn.Linear(4, 4),
                               head=nn.Linear(4, 7), digits=nn.Linear(4, 10)))
    model["head"].weight = model["embed"].weight  # tied
    model["digits"].weight.is_embedding_or_head = True
    muon, adamw = configure_optimizers(model, SETTINGS)
    shapes = lambda group: sorted(tuple(parameter.shape) for parameter in group["params"])
    assert shapes(muon.param_groups[0]) == [(4, 4)]
    assert shapes(adamw.param_groups[0]) == [(7, 4), (10, 4)] and adamw.param_groups[0]["weight_decay"] == 0.01
    assert shapes(adamw.param_groups[1]) == [(4,), (7,), (10,)] and adamw.param_groups[1]["weight_decay"] == 0
    model["hidden"].weight.lr_scale = model["digits"].weight.lr_scale = model["digits"].bias.lr_scale = 0.1
    rates = {parameter: (group["initial_lr"], group["weight_decay"]) for optimizer in configure_optimizers(model, SETTINGS)
             for group in optimizer.param_groups for parameter in group["params"]}
    assert len(rates) == len(list(model.parameters()))
    muon_lr, lr = SETTINGS["muon_learning_rate"], SETTINGS["learning_rate"]
    assert rates[model["hidden"].weight] == (pytest.approx(0.1 * muon_lr), 0.01)
    assert rates[model["digits"].weight] == (pytest.approx(0.1 * lr), 0.01) and rates[model["embed"].weight] == (lr, 0.01)
    assert rates[model["digits"].bias] == (pytest.approx(0.1 * lr), 0) and rates[model["hidden"].bias] == (lr, 0)


@pytest.mark.slow
def test_a_loss_that_is_not_finite_ends_the_run_and_is_never_saved(run, tmp_path):
    def blow_up(model, batch):
        loss, figures = batch_loss(model, batch)
        return loss * (math.inf if model.training and (tmp_path / "ckpt_00000005.pt").exists() else 1), figures

    for log_interval in (1, 100):
        with pytest.raises(TrainingError, match="no longer finite by iteration.*learning_rate.*grad_clip"):
            run(tmp_path, loss=blow_up, log_interval=log_interval)
        kept = load_checkpoint(latest_checkpoint(str(tmp_path)))
        assert kept["iter"] == 5 and all(tensor.isfinite().all() for tensor in kept["model"].values())
        for path in tmp_path.iterdir():
            path.unlink()


# --- the log and the settings -----------------------------------------------------------------------

def test_the_log_is_strict_json_with_every_promised_figure(run, tmp_path):
    seen = []
    run(tmp_path, on_log=seen.append)
    assert seen == lines(tmp_path)
    assert [entry["iter"] for entry in seen if entry["kind"] == "val"] == [4, 8] and seen[-1]["kind"] == "final"
    for entry in seen:
        wanted = {"kind", "iter", "examples", "seconds"}
        wanted |= {"loss", "lr", "grad_norm", "examples_per_second", "root"} if entry["kind"] == "train" else {"score", "best"}
        assert set(entry) == wanted and entry["examples"] == 16 * entry["iter"]
    RunLog(MetricsFile(str(tmp_path / "other.jsonl"))).log("val", 1, score=math.nan)
    assert json.loads((tmp_path / "other.jsonl").read_text()) == {"kind": "val", "iter": 1, "score": None}


@pytest.mark.slow
def test_a_wandb_that_fails_changes_no_figure_and_its_id_goes_on_with_the_run(run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)             # importing it fails
    run(tmp_path / "plain")
    run(tmp_path / "logged", max_iters=8, wandb_log=True, wandb_project="p", wandb_run_name="")
    known = load_checkpoint(latest_checkpoint(str(tmp_path / "logged")))["wandb_id"]
    run(tmp_path / "logged", init_from="resume", wandb_log=True, wandb_project="p", wandb_run_name="")
    assert known and load_checkpoint(latest_checkpoint(str(tmp_path / "logged")))["wandb_id"] == known
    # The shorter run's last evaluation was its final one, and its rate fell sooner: up to where they agree.
    assert timeless(lines(tmp_path / "plain"))[:1] == timeless(lines(tmp_path / "logged"))[:1]


@pytest.mark.slow
def test_a_run_is_observed_at_its_interval_and_is_the_same_run(run, tmp_path):
    asked = []

    def observe(model, dtype, rate):
        asked.append((dtype, rate))
        return {"gate/mean": 0.5}

    run(tmp_path / "plain")
    run(tmp_path / "observed", observe=observe, dag_log_interval=5)
    seen = lines(tmp_path / "observed")
    assert [entry["iter"] for entry in seen if entry["kind"] == "dag"] == [1, 5, 10]
    assert all(dtype == torch.float32 and rate > 0 for dtype, rate in asked)
    assert timeless(lines(tmp_path / "plain")) == timeless([entry for entry in seen if entry["kind"] != "dag"])


def test_what_an_evaluation_tells_beside_figures_is_logged_as_rows(run, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "evaluate", lambda model: {"score": 1.0, "cells": [{"count": 3}]})
    seen = []
    run(tmp_path, on_log=seen.append)
    assert [entry["iter"] for entry in seen if entry["kind"] == "cells"] == [4, 8, 12]
    assert all(entry["rows"] == [{"count": 3}] for entry in seen if entry["kind"] == "cells")
    assert all("cells" not in entry for entry in seen if entry["kind"] in ("val", "final"))


def test_settings_out_of_range_absent_devices_and_uneven_processes_are_refused(run, tmp_path, monkeypatch):
    for more, message in [(dict(max_iters=0), "max_iters=0 must be at least 1"), (dict(beta2=1.0), "beta2=1.0 must be"),
                          (dict(optimizer="sgd"), "adamw or muon"), (dict(device="cuda:99"), "cuda:99.*not here"),
                          (dict(device="gpu"), "'gpu' is not a device"), (dict(dtype="float16"), "needs CUDA")]:
        with pytest.raises((TrainingError, DeviceError), match=message):
            run(tmp_path / "out", **more)
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(TrainingError, match="gradient_accumulation_steps=2 must be a multiple of the 3 processes: try .*=3"):
        run(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_eval_only_evaluates_and_writes_nothing(run, tmp_path):
    best = run(tmp_path)["final"]
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert run(tmp_path, init_from="resume", eval_only=True)["final"] == best
    assert before == {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}


def test_signal_handlers_are_restored(run, tmp_path):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    run(tmp_path, max_iters=1)
    assert before == (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT))


# --- whole processes ----------------------------------------------------------------------------------

TOY_SCRIPT = f"""
import sys, time
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests')!r}]
import configurator, test_training as toy
globals().update(toy.SETTINGS, out_dir="out", pause=0.0)
settings = configurator.configure(globals())
def main():
    toy.train(settings, toy.toy_model(), toy.Stream(on_batch=lambda n: time.sleep(settings["pause"])), toy.batch_loss,
              toy.evaluate, score="score", checkpoint_extra={{}})
with configurator.clear_errors():
    main()
"""


def launch(tmp_path, *arguments, processes=1):
    (tmp_path / "toy.py").write_text(TOY_SCRIPT)
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"] if processes > 1 else []
    return subprocess.Popen([sys.executable, *launcher, "toy.py", *arguments], cwd=tmp_path, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "OMP_NUM_THREADS": "1"})


@pytest.mark.slow
def test_two_processes_log_the_losses_of_one_at_the_same_global_batch(tmp_path):
    options = ["--gradient_accumulation_steps=4", "--log_interval=3", "--checkpoint_interval=2"]
    for processes in (1, 2):
        child = launch(tmp_path, *options, f"--out_dir={processes}", processes=processes)
        output, _ = child.communicate(timeout=120)
        assert child.returncode == 0, output
    one, two = lines(tmp_path / "1"), lines(tmp_path / "2")
    assert len(one) == len(two)
    for a, b in zip(timeless(one), timeless(two)):
        assert a.pop("kind") == b.pop("kind")
        assert a == pytest.approx(b, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_and_says_how_to_resume(tmp_path, number):
    child = launch(tmp_path, "--pause=0.01", "--max_iters=100000")
    while not child.stdout.readline().startswith("iter 1 "):
        pass
    child.send_signal(number)
    output, _ = child.communicate(timeout=60)
    assert child.returncode == 0 and "toy.py --pause=0.01 --max_iters=100000 --init_from=resume" in output
    assert load_checkpoint(latest_checkpoint(str(tmp_path / "out")))["iter"] >= 1


@pytest.mark.slow
def test_kill_9_at_random_moments_never_costs_more_than_one_save_interval(tmp_path):
    draw, reached = random.Random(0), 0
    for trial in range(5):
        child = launch(tmp_path, "--max_iters=10000000", "--checkpoint_interval=1", "--eval_interval=1",
                       f"--init_from={'resume' if trial else 'scratch'}")
        while not child.stdout.readline().startswith("iter "):
            assert child.poll() is None
        time.sleep(draw.random() * 0.5)
        child.kill()
        child.communicate()
        logged = lines_up_to(tmp_path / "out")
        saved = load_checkpoint(latest_checkpoint(str(tmp_path / "out"), warn=pytest.fail))["iter"]
        assert reached <= saved and logged - 1 <= saved <= logged + 1
        reached = saved


def test_a_checkpoint_from_before_a_role_of_tokens_is_refused_with_the_way_its_weights_go_on():
    before, now = dict(n_embd=8, unit_token_ids=()), dict(n_embd=8, unit_token_ids=(3, 4))
    with pytest.raises(CheckpointError, match=r"unit_token_ids=\(\), but here unit_token_ids=\(3, 4\).*--init_from_predictor=old"):
        checkpoint.check_compatible(dict(must_match=before), now, "old")
    with pytest.raises(CheckpointError, match="n_embd=8, but here n_embd=9.*from scratch"):
        checkpoint.check_compatible(dict(must_match=now), now | dict(n_embd=9), "old")
    checkpoint.check_compatible(dict(must_match=now), now, "old")
