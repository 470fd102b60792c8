"""Publish a checkpoint: two small files that sample.py, evaluate.py, train.py and other programs read.

    python publish.py --ckpt=out/release                            # pretrained/model.safetensors, pretrained/config.json
    python publish.py --ckpt=out/release --dtype=float16            # half the size; says how many answers it changes
    python sample.py "five plus two"                                # asks what is in pretrained/

The weights are all that is needed beside plain values: sizes, tokeniser, what the run was trained on and how. Both files
carry SHA-256 sums, and the folder stands wherever a checkpoint does: --ckpt=pretrained, --init_from=pretrained. Written
over what is there, weights first: between the two writes the old config.json refuses them.
"""
import os
import subprocess
import sys

import torch
from tqdm import tqdm

from answering import answer_gpt, plan_prompts
from assembly import answer_stream, load_gpt, load_predictor, make_stream
from checkpoint import (CONFIG as _CONFIG, WEIGHTS as _WEIGHTS, find_checkpoint, load_checkpoint, load_weights,
                        published_files, write_atomically)
from configurator import ConfigError, clear_errors, configure
from devices import resolve_device

ckpt = ""                       # the checkpoint to publish, or the out_dir of a run: then its best.pt, else its newest
out = "pretrained"              # the folder to write
dtype = "float32"               # of the weights in the file: "float16" and "bfloat16" take half the room
max_bytes = 8_000_000           # of both files together
router_shift = 0.0              # added to a GPT's router's bias, chosen on validation: more answers fall due, and alarms
readout_gain = 1.0              # times how sharply a token of an answer looks at one of its characters, chosen likewise
examples = 2000                 # validation prompts answered with both, where weights are rounded
command = ""                    # that trained it, for the record
device = "auto"                 # "cpu", "cuda", "cuda:1"

_DTYPES = dict(float32=torch.float32, float16=torch.float16, bfloat16=torch.bfloat16)
_OF_THE_PLACE = ("out_dir", "device", "init_from", "init_from_predictor", "init_from_gpt2",      # of no use elsewhere
                 "wandb_log", "wandb_project", "wandb_run_name")


def commit():
    """The commit of the code that publishes, marked where files differ from it."""
    try:
        return subprocess.run(["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=40"],
                              cwd=os.path.dirname(os.path.abspath(__file__)), capture_output=True, text=True, check=True,
                              env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"}, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def validation_prompts(phase, settings, tokenizer):
    """`examples` expressions of the validation split, as texts."""
    stream = (answer_stream if phase == 2 else make_stream)(settings, "val", settings["seed"], torch.device("cpu"), 256)
    return [tokenizer.decode(ids[:length].tolist()) for batch in stream.evaluation_set(examples)
            for ids, length in zip(batch.ids, batch.readers[:, 0] + 1 if phase == 2 else batch.lengths)]


def answers(model, tokenizer, phase, prompts):
    """What the model says to each prompt, a text or None."""
    with tqdm(total=len(prompts), unit="prompt", disable=not sys.stderr.isatty(), leave=False) as bar:
        if phase == 2:
            return answer_gpt(model, tokenizer, prompts, resolve_device(device), on_batch=bar.update, execute=False)[0]
        plans, _ = plan_prompts(model, tokenizer, prompts, resolve_device(device), on_batch=bar.update)
        return [plan and plan.text for plan in plans]


def changed_answers(model, tokenizer, phase, settings, rounded, path):
    """How many answers to validation prompts are others once the model has the rounded weights, which it then keeps."""
    prompts = validation_prompts(phase, settings, tokenizer)
    model.to(resolve_device(device))
    before = answers(model, tokenizer, phase, prompts)
    load_weights(model, dict(model=rounded), path)
    return sum(one != other for one, other in zip(before, answers(model, tokenizer, phase, prompts), strict=True))


def main():
    if dtype not in _DTYPES:
        raise ConfigError(f"--dtype={dtype} must be one of {', '.join(_DTYPES)}")
    if examples < 1:
        raise ConfigError(f"--examples={examples} must be at least 1")
    if not ckpt:
        raise ConfigError("which checkpoint? give --ckpt=PATH, a .pt file or the out_dir of a run")
    path = find_checkpoint(ckpt)
    checkpoint = load_checkpoint(path)
    phase = checkpoint.get("phase")
    model, tokenizer = (load_gpt if phase == 2 else load_predictor)(checkpoint, path)
    if (router_shift or readout_gain != 1) and (phase != 2 or not model.config.dag_depth):
        raise ConfigError(f"--router_shift={router_shift} and --readout_gain={readout_gain} need a GPT with the DAG, {path} "
                          "has no router")
    if readout_gain <= 0:
        raise ConfigError(f"--readout_gain={readout_gain} must be above 0; 1 changes nothing")
    if phase == 2 and model.config.dag_depth:
        model.router.bias.data += router_shift
        for scores in (model.readout.position_keys, model.readout.offset_bias):
            scores.data *= readout_gain
    settings = {name: value for name, value in checkpoint["settings"].items() if name not in _OF_THE_PLACE}
    weights = {name: tensor.to(_DTYPES[dtype]) for name, tensor in model.state_dict().items()}
    bad = [name for name, tensor in weights.items() if not tensor.isfinite().all()]
    if bad:
        raise ConfigError(f"{path}: {bad[0]} isn't finite in {dtype}; use --dtype=bfloat16 or another checkpoint")
    provenance = dict(command=command, seed=settings["seed"], commit=commit(), torch=torch.__version__,
                      router_shift=router_shift, readout_gain=readout_gain, seconds=checkpoint.get("seconds"),
                      best=checkpoint.get("best"))
    published = dict(phase=phase, iter=checkpoint["iter"], model_config=checkpoint["model_config"],
                     must_match=checkpoint["model_config"], settings=settings, provenance=provenance, weights_dtype=dtype,
                     parameters=model.get_num_params(), model=weights)

    size = sum(map(len, published_files(published).values()))
    if size > max_bytes:
        smaller = "--dtype=float16 halves the weights" if dtype == "float32" else "train a smaller model"
        raise ConfigError(f"{path} would take {size:,} bytes as {dtype}, --max_bytes={max_bytes:,}: {smaller}")
    if dtype != "float32":
        changed = changed_answers(model, tokenizer, phase, settings, weights, path)
        provenance.update(rounded_answers_changed=changed, rounded_answers=examples)
        print(f"{changed:,} of {examples:,} answers to validation prompts change with weights in {dtype}")
    os.makedirs(out, exist_ok=True)
    files = published_files(published)
    for name in (_WEIGHTS, _CONFIG):
        write_atomically(os.path.join(out, name), files[name])
    print(f"{path}, iteration {checkpoint['iter']:,}: {model.get_num_params():,} parameters in {dtype} and their config, "
          f"{sum(map(len, files.values())):,} bytes, in {out}")


if __name__ == "__main__":
    with clear_errors():
        configure(globals())
        main()
