"""The scripts as people run them: settings, wiring, and Phase 1 from the first step to answers in a file."""
import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import bench
from assembly import build_predictor, data_config, make_stream, predictor_config, settle
from configurator import configure
from data.dagset import Ranges, Wording

ROOT = Path(__file__).parent.parent
TINY = ["--max_ops=1", "--dag_depth=1", "--max_digits=2", "--max_decimals=0", "--n_layer=1", "--n_embd=32",
        "--n_head=2", "--batch_size=16", "--eval_examples=64", "--log_interval=5", "--eval_interval=10",
        "--checkpoint_interval=10", "--device=cpu"]


def settings_of_script(*argv, script="train_predictor.py"):
    return configure(bench.defaults_of(str(ROOT / script)), list(argv))


def script(name, *arguments, launcher=(sys.executable,)):
    return subprocess.run([*launcher, str(ROOT / name), *arguments], capture_output=True, text=True, timeout=300,
                          cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"})


def test_training_starts_from_the_rates_that_the_stream_itself_starts_from():
    settings = settle(settings_of_script())
    for kind in (Ranges, Wording):
        for field in fields(kind):
            if field.name != "operations":
                assert settings[field.name] == field.default, field.name


@pytest.mark.slow
@pytest.mark.parametrize("name", ["train_predictor_cpu.py", "train_predictor_config.py"])
def test_every_config_file_names_settings_that_exist_and_fit_one_another(name):
    settings = settle(settings_of_script(str(ROOT / "config" / name)))
    stream = make_stream(settings, "train", 1, "cpu")
    assert stream.max_tokens <= settings["block_size"]
    config = predictor_config(settings)
    assert config["num_initial_values"] == settings["max_ops"] + 1 and "operations" in data_config(settings)


def test_the_full_config_is_about_1_6_million_parameters():
    settings = settle(settings_of_script(str(ROOT / "config" / "train_predictor_config.py")))
    assert 1.55e6 <= build_predictor(settings).get_num_params() <= 1.7e6


@pytest.mark.slow
def test_one_value_a_token_is_a_setting_away():
    settings = settle(settings_of_script("--num_initial_values=1", "--max_ops=0", "--min_ops=0", "--dag_depth=3",
                                         "--dag_ops=add,identity,multiply,subtract"))
    batch = make_stream(settings, "train", 1, "cpu", batch_size=8).batch(0)
    plan = build_predictor(settings)(batch.ids, batch.lengths)
    assert plan.operand1_logits.shape == (8, 3, 4) and plan.operation_logits.shape == (8, 3, 4)
    assert batch.values.shape == (8, 4) and (batch.values == batch.values[:, :1]).all()


@pytest.mark.slow
def test_a_run_trains_resumes_evaluates_and_answers(tmp_path):
    out = f"--out_dir={tmp_path / 'run'}"
    first = script("train_predictor.py", *TINY, out, "--max_iters=15")
    assert first.returncode == 0, first.stderr
    again = script("train_predictor.py", *TINY, out, "--max_iters=20", "--init_from=auto")
    assert again.returncode == 0, again.stderr
    log = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert {entry["kind"] for entry in log} == {"train", "val", "final", "plans", "cells", "dag"}
    log = [entry for entry in log if entry["kind"] in ("train", "val", "final")]
    for entry in log:
        assert {"kind", "iter", "examples", "seconds"} <= set(entry)
        wanted = {"loss", "lr"} if entry["kind"] == "train" else {
            "exact_plan", "exact_value", "sign_accuracy", "log_magnitude_mae", "operation_accuracy", "operand_accuracy"}
        assert wanted <= set(entry)
    assert [(entry["kind"], entry["iter"]) for entry in log if entry["kind"] != "train"] == [
        ("val", 10), ("final", 15), ("final", 20)]

    table = script("evaluate.py", f"--ckpt={tmp_path / 'run'}", "--examples=64")
    figures = json.loads(table.stdout.splitlines()[-1])
    assert table.returncode == 0 and 0 <= figures["exact_plan"] <= 1 and figures["breakdown"]["digits"]["trivial"]

    (tmp_path / "in.jsonl").write_text('{"prompt": "2 + 2"}\n{"prompt": "7 - 5"}\n')
    answers = script("evaluate.py", f"--ckpt={tmp_path / 'run'}", f"--file={tmp_path / 'in.jsonl'}",
                     f"--out={tmp_path / 'out.jsonl'}")
    assert answers.returncode == 0, answers.stderr
    assert all(set(json.loads(line)) == {"prediction"} for line in (tmp_path / "out.jsonl").read_text().splitlines())


@pytest.mark.slow
def test_two_processes_take_the_steps_of_one_with_the_real_model_and_a_loss_turned_off(tmp_path):
    losses = {}
    torchrun = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2")
    for name, launcher in (("one", (sys.executable,)), ("two", torchrun)):
        done = script("train_predictor.py", *TINY, f"--out_dir={tmp_path / name}", "--max_iters=10",
                      "--gradient_accumulation_steps=2", "--log_interval=1", "--sign_weight=0.0", launcher=launcher)
        assert done.returncode == 0, done.stderr
        log = [json.loads(line) for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()]
        losses[name] = [entry["loss"] for entry in log if entry["kind"] == "train"]
    assert len(losses["one"]) == 10 and losses["two"] == pytest.approx(losses["one"], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name, arguments, message", [
    ("train_predictor.py", ["--lerning_rate=1"], "did you mean learning_rate"),
    ("train_predictor.py", ["--batch_size=0"], "batch_size=0 must be at least 1"),
    ("train_predictor.py", [f"--seed={10**20}"], "seed"),
    ("train_predictor.py", ["--eval_examples=0"], "at least 1"),
    ("train_predictor.py", ["--max_ops=1", "--max_digits=1", "--max_decimals=0", "--eval_examples=5000"], "contents"),
    ("train_predictor.py", ["--block_size=32"], "block_size is 32"),
    ("train_predictor.py", ["--device=mps"], "float64"),
    ("train_predictor.py", ["config/train_predictor_cup.py"], "train_predictor_cpu.py"),
    ("evaluate.py", ["--ckpt=nowhere.pt"], "nowhere.pt"),
    ("evaluate.py", ["--FIGURES=a"], "unknown setting FIGURES"),
])
def test_mistakes_end_with_one_line_and_status_2(name, arguments, message, tmp_path):
    arguments = arguments if name == "evaluate.py" else [*arguments, f"--out_dir={tmp_path / 'run'}"]
    done = script(name, *arguments)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and message in done.stderr, done.stderr
