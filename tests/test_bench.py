"""The bench: what it measures is what training runs, and its last lines are figures that a program can read."""
import json
import math
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import bench
from assembly import gpt_config
from checkpoint import save_checkpoint
from configurator import configure

ROOT = Path(__file__).parent.parent


def strict(line):
    return json.loads(line, parse_constant=pytest.fail)


def test_an_unknown_subcommand_or_setting_ends_with_one_line_and_status_2(capsys, monkeypatch):
    monkeypatch.setattr(bench, "rounds", bench.rounds)     # put back after it is set to 0
    for argv, message in [(["trian"], "unknown subcommand 'trian': did you mean train?"), (["x"], "generator, train"),
                          (["train", "--round=3"], "did you mean rounds?"), (["train", "--rounds=0"], "at least 1")]:
        with pytest.raises(SystemExit) as caught:
            bench.main(argv)
        error = capsys.readouterr().err
        assert caught.value.code == 2 and message in error and error.count("\n") == 1


@pytest.mark.slow
def test_defaults_read_from_a_scripts_source_are_those_it_runs_with():
    script = str(ROOT / "train_predictor.py")
    assert bench.defaults_of(script) == configure(runpy.run_path(script), [])


def test_figures_are_json_lines_with_commit_machine_and_the_median_of_rounds(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "_ROOT", str(tmp_path))     # no checkout
    bench.report([dict(figure="a", **bench.spread([3.0, 1.0, 2.0])),
                  dict(figure="b", **bench.spread(bench.against([4.0, 6.0], [2.0, 2.0]), "ratio_to_c"))])
    a, b = map(strict, capsys.readouterr().out.splitlines())
    assert (a["median"], a["min"], a["max"]) == (2, 1, 3) and a["commit"] == "unknown" and a["machine"]["cores"] >= 1
    assert (b["ratio_to_c"], b["ratio_to_c_min"], b["ratio_to_c_max"]) == (2.5, 2, 3)


@pytest.mark.slow
def test_both_subcommands_end_with_finite_figures():
    small = ["--device=cpu", "--rounds=1", "--seconds=0", "--batches=1", "--matmul_size=64"]
    for arguments in (["generator", *small], ["train", *small, "--batch_sizes=8", "--profile=True"]):
        child = subprocess.run([sys.executable, "bench.py", *arguments], cwd=ROOT, capture_output=True, text=True,
                               timeout=300, env={**os.environ, "OMP_NUM_THREADS": "1"})
        assert child.returncode == 0, child.stderr
        figures = [strict(line) for line in child.stdout.splitlines() if line.startswith("{")]
        assert len(figures) >= 9 and child.stdout.splitlines()[-1].startswith("{")
        ratios = [value for figure in figures for key, value in figure.items() if "ratio" in key]
        assert ratios and all(math.isfinite(ratio) and ratio >= 0 for ratio in ratios)


@pytest.mark.slow
def test_answers_are_timed_and_compared_with_token_by_token(tmp_path, capsys, monkeypatch):
    small = {**bench.run_settings("config/train_dag_cpu.py", "train.py", bench.settle_phase2), "n_layer": 1, "n_embd": 32,
             "block_size": 160}
    model = bench.build_gpt(small)
    save_checkpoint(str(tmp_path), dict(phase=2, iter=1, model=model.state_dict(), model_config=gpt_config(small),
                                        settings=small))
    for name, value in dict(ckpt=str(tmp_path), questions=24, rounds=1, seconds=0.0, device="cpu").items():
        monkeypatch.setattr(bench, name, value)
    fast, plain = bench.answers()
    assert fast["same_answers"] == 1 and fast["ratio_to_token_by_token"] > 0 and plain["median"] > 0
    assert "24 questions" in capsys.readouterr().out
