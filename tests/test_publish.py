"""Publishing: two files that answer as the checkpoint they come from, or are refused."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import publish
from answering import answer_gpt, plan_prompts
from assembly import build_gpt, build_predictor, gpt_config, load_gpt, load_predictor, predictor_config, settle, settle_phase2
from bench import defaults_of
from checkpoint import CheckpointError, find_checkpoint, latest_checkpoint, load_checkpoint, save_checkpoint
from configurator import ConfigError

ROOT = Path(__file__).parent.parent
TINY = dict(n_layer=1, n_head=2, n_embd=16, dag_depth=2, max_digits=2, max_decimals=1, block_size=160)
PROMPTS = ["1 + 2", "two times 3.5", "9", "7 - (3 + 1)"]


@pytest.fixture
def published(monkeypatch, tmp_path, capsys):
    """published(phase, **settings of publish.py) -> (checkpoint published, the folder, what was said)."""
    def publish_it(phase, **options):
        settings = {**defaults_of(f"train{'_predictor' * (phase == 1)}.py"), **TINY, "dag_ops": ("add", "identity")}
        if phase == 2:
            settings["answer_digits"] = 6
        settings = (settle if phase == 1 else settle_phase2)(settings)
        model = (build_predictor if phase == 1 else build_gpt)(settings)
        for parameter in model.parameters():
            if not parameter.any():
                torch.nn.init.normal_(parameter, std=0.5)
        source = tmp_path / f"run{phase}"
        source.mkdir(exist_ok=True)
        config = (predictor_config if phase == 1 else gpt_config)(settings)
        save_checkpoint(str(source), dict(phase=phase, iter=7, model=model.state_dict(), model_config=config,
                                          settings=settings, seconds=1.5, best=None))
        for name, value in dict(ckpt=str(source), out=str(tmp_path / "pretrained"), device="cpu", **options).items():
            monkeypatch.setattr(publish, name, value)
        publish.main()
        return load_checkpoint(find_checkpoint(str(source))), tmp_path / "pretrained", capsys.readouterr().out

    return publish_it


@pytest.mark.slow
def test_a_published_checkpoint_is_the_one_it_comes_from_without_the_state_of_its_run(published):
    checkpoint, folder, said = published(2, command="python train.py")
    path = find_checkpoint(str(folder))
    again = load_checkpoint(path)
    assert all(torch.equal(again["model"][name], tensor) for name, tensor in checkpoint["model"].items())
    assert again["model_config"] == checkpoint["model_config"] == again["must_match"]
    assert all(again["settings"][name] == value for name, value in checkpoint["settings"].items() if name in again["settings"])
    assert (again["phase"], again["iter"], again["provenance"]["command"]) == (2, 7, "python train.py")
    assert "out_dir" not in again["settings"] and "optimizers" not in again
    assert latest_checkpoint(str(folder)) == path and sorted(os.listdir(folder)) == ["config.json", "model.safetensors"]
    assert load_checkpoint(str(folder / "config.json")).keys() == again.keys() and "bytes" in said


@pytest.mark.slow
def test_a_routers_bias_can_be_shifted_and_a_read_out_sharpened_where_there_is_one(published):
    checkpoint, folder, _ = published(2, router_shift=1.5, readout_gain=2.0)
    again = load_checkpoint(find_checkpoint(str(folder)))
    assert again["model"]["router.bias"].item() == pytest.approx(checkpoint["model"]["router.bias"].item() + 1.5)
    for name in ("readout.position_keys", "readout.offset_bias"):       # what the scores are linear in
        torch.testing.assert_close(again["model"][name], 2 * checkpoint["model"][name])
    assert (again["provenance"]["router_shift"], again["provenance"]["readout_gain"]) == (1.5, 2.0)
    for change in (dict(router_shift=1.5), dict(readout_gain=2.0)):
        with pytest.raises(ConfigError, match="need a GPT with the DAG"):
            published(1, **change)
    with pytest.raises(ConfigError, match="readout_gain=0.0 must be above 0"):
        published(2, readout_gain=0.0)


@pytest.mark.slow
@pytest.mark.parametrize("phase", [1, 2])
def test_it_answers_as_the_checkpoint_does_and_rounding_says_how_many_answers_it_changes(published, phase):
    load, ask = (load_predictor, plan_prompts) if phase == 1 else (load_gpt, answer_gpt)
    checkpoint, folder, _ = published(phase)
    one, other = (ask(*load(each, "it"), PROMPTS, "cpu") for each in (checkpoint, load_checkpoint(find_checkpoint(str(folder)))))
    assert one == other
    size = os.path.getsize(folder / "model.safetensors")
    _, _, said = published(phase, dtype="float16", examples=50)
    assert " of 50 answers to validation prompts change" in said and os.path.getsize(folder / "model.safetensors") < 0.6 * size
    rounded = load_checkpoint(find_checkpoint(str(folder)))
    assert all(tensor.dtype == torch.float32 for tensor in rounded["model"].values())
    assert rounded["provenance"]["rounded_answers"] == 50 and rounded["weights_dtype"] == "float16"


@pytest.mark.slow
def test_what_is_too_large_or_of_no_use_is_refused_with_both_values(published, monkeypatch):
    with pytest.raises(ConfigError, match=r"would take [\d,]+ bytes as float32, --max_bytes=10,000: --dtype=float16"):
        published(2, max_bytes=10_000)
    with pytest.raises(ConfigError, match="--dtype=int8 must be one of"):
        published(2, dtype="int8")
    monkeypatch.setattr(publish, "ckpt", "")
    monkeypatch.setattr(publish, "dtype", "float32")
    with pytest.raises(ConfigError, match="which checkpoint"):
        publish.main()


@pytest.mark.slow
def test_a_file_that_is_cut_altered_or_of_another_pair_is_refused_in_one_line(published):
    _, folder, _ = published(2)
    whole = {name: (folder / name).read_bytes() for name in ("config.json", "model.safetensors")}
    path = str(folder / "model.safetensors")

    def refused(name, content, message):
        (folder / name).write_bytes(content)
        with pytest.raises(CheckpointError, match=message) as error:
            load_checkpoint(path)
        assert "\n" not in str(error.value) and len(str(error.value)) < 400
        (folder / name).write_bytes(whole[name])

    for name, content in whole.items():
        for cut in (0, 7, len(content) // 2, len(content) - 2):
            refused(name, content[:cut], "damaged")
        for at in range(1, len(content) - 2, len(content) // 40):
            flipped = bytearray(content)
            flipped[at] ^= 4
            if name == "config.json" and json_of(bytes(flipped)) == json_of(content):
                continue                                # a blank, between values
            refused(name, bytes(flipped), "damaged|has format")
    refused("config.json", b"[]", "damaged")
    refused("config.json", b"[" * 100_000, "damaged")
    os.remove(folder / "config.json")
    with pytest.raises(CheckpointError, match="belong together"):
        load_checkpoint(path)
    with pytest.raises(CheckpointError, match="no whole checkpoint"):
        find_checkpoint(str(folder))


def json_of(content):
    try:
        return json.loads(content)
    except ValueError:
        return None


@pytest.mark.slow
def test_without_a_path_it_is_the_published_one_where_there_is_one(published, monkeypatch, tmp_path):
    monkeypatch.setattr("checkpoint.PUBLISHED", str(tmp_path / "pretrained"))
    with pytest.raises(CheckpointError, match="--ckpt=PATH"):
        find_checkpoint("")
    _, folder, _ = published(1)
    assert Path(find_checkpoint("")) == folder / "model.safetensors"


@pytest.mark.slow
@pytest.mark.parametrize("phase, setting, said", [(2, "init_from", "iter 2"), (2, "init_from_predictor", "took all"),
                                                  (1, "init_from_predictor", "took all")])
def test_training_starts_from_it(published, tmp_path, phase, setting, said):
    _, folder, _ = published(phase)
    options = {**TINY, "dag_ops": "add,identity", "answer_digits": 6, "out_dir": tmp_path / "on", "max_iters": 2,
               "eval_examples": 32, "batch_size": 8, "device": "cpu", "log_interval": 1, setting: folder}
    done = subprocess.run([sys.executable, "train.py", *(f"--{name}={value}" for name, value in options.items())],
                          cwd=ROOT, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    if said == "took all":
        taken, of_them = re.search(r"took (\d+) of its (\d+) tensors", done.stdout).groups()
        assert taken == of_them
    else:
        assert said in done.stdout
