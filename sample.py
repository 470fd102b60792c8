"""Ask a checkpoint: the answer, the numbers it read, its plan as a tree and the slots' values.

    python sample.py "five plus two point five times three"     # asks the published checkpoint, in pretrained/
    python sample.py --ckpt=out/gpt "five plus two point five times three"
    python sample.py --ckpt=out/gpt --file=IN                  # a prompt a line; --file=- or a pipe: standard input
    python sample.py --ckpt=out/gpt --draw=plan.svg "2 + 2"     # and a picture of its plan
    python sample.py --ckpt=out/gpt --complete=True "ROMEO:"   # free text, sampled as nanoGPT does

Checkpoints of both phases answer. Of Phase 1 the answer is the exact value of the plan; of Phase 2 it is what the
language model prints, word for word the most probable, and the plan is what it was offered. A division by zero is
"undefined"; "too large" is what has more digits than can be printed. A prompt that the model can't be trusted with is
refused, in its place and once more at the end, and the exit status is 2.
"""
import re
import sys

import torch
from tqdm import tqdm

from answering import NO_END as _NO_END, answer_gpt, plan_prompts, value_text, way_out
from assembly import load_gpt, load_predictor
from checkpoint import find_checkpoint, load_checkpoint
from configurator import ConfigError, clear_errors, configure, fail
from data.dagset.tokenizer import END_OF_TEXT as _END_OF_TEXT
from devices import keep_freed_memory, resolve_device
from display import PlanDisplay
from drawing import plans_svg, write

ckpt = ""                       # a checkpoint, or the out_dir of a run: its best.pt, else its newest; "" is pretrained/
file = ""                       # prompts, one a line, instead of those on the command line; "-" is standard input
device = "auto"                 # "cpu", "cuda", "cuda:1"
batch_size = 256                # prompts at once
verbose = "auto"                # "True" shows plan and slots, "False" a line a prompt; auto is True for up to 3 prompts
draw = ""                       # a file (.svg) for a picture of the prompts' plans, one below the other

complete = False                # go on with the prompts as free text, sampled from a Phase 2 checkpoint

# Sampling of free text; answers are never sampled
num_samples = 1                 # of each prompt
max_new_tokens = 200            # prompt and new tokens must fit into block_size
temperature = 0.8               # 0.0 takes the most probable token
top_k = 200                     # most probable tokens to draw from; 0 is all
seed = 1337                     # of the draws: the same seed, settings and prompts give the same text

_SAMPLING = {name: globals()[name] for name in ("num_samples", "max_new_tokens", "temperature", "top_k", "seed")}
_FULL_DISPLAYS = 3              # prompts that are few enough to show plans


def settings_and_prompts(argv, names):
    """argv parted into what `configure` reads, settings and config files (*.py), and prompts, "-3 + 5" among them."""
    def is_setting(item):
        lacks_dashes = item.partition("=")[0] in names and "=" in item
        return bool(re.match(r"--[A-Za-z_]", item)) or item == "-h" or item.endswith(".py") or lacks_dashes

    return [item for item in argv if is_setting(item)], [item for item in argv if not is_setting(item)]


def find_prompts(given):
    """The prompts to answer: those given, else the lines of `file`, else those of a pipe. Blank lines are none."""
    source = file
    if given == ["-"]:
        source, given = "-", []
    if given and source:
        raise ConfigError(f"there are {len(given)} prompts on the command line and --file={source}: give one of them")
    if given:
        return given
    if not source and (sys.stdin is None or sys.stdin.isatty()):
        return ["\n"] if complete else []
    with open(sys.stdin.fileno() if source in ("", "-") else source, encoding="utf-8", errors="replace",
              closefd=source not in ("", "-")) as lines:
        found = [line.rstrip("\n") for line in lines if line.strip()]
    return found or (["\n"] if complete and not source else [])


def in_full(prompt, answer, reason, plan, has_dag):
    """What there is to say of one prompt, for people."""
    lines = [prompt.strip(), f"= {answer}" if reason is None else f"no answer: {reason}"]
    if plan is not None:
        lines += PlanDisplay(plan.steps, [value_text(slot) for slot in plan.slots]).lines()
        if answer is not None and answer != plan.text:
            lines.append(f"  printed {answer!r}, but the plan comes to {plan.text!r}")
    elif has_dag and answer is not None:
        lines.append("  plan     none: the model saw nothing to compute")
    return "\n".join(lines) + "\n"


def drawn_row(prompt, answer, reason, plan):
    """What `drawing` is told of one prompt."""
    of_plan = {} if plan is None else dict(steps=plan.steps, values=[value_text(slot) for slot in plan.slots],
                                           confidence=plan.confidence, comes_to=plan.text)
    return dict(text=prompt, answer=answer, reason=reason, **of_plan)


def answer_prompts(model, tokenizer, phase, prompts):
    bar = tqdm(total=len(prompts), unit="prompt", disable=not sys.stderr.isatty() or len(prompts) == 1, leave=False)
    full = len(prompts) <= _FULL_DISPLAYS if verbose == "auto" else verbose == "True"
    if phase == 2:
        answers, reasons, plans = answer_gpt(model, tokenizer, prompts, resolve_device(device), batch_size, bar.update,
                                             execute=full or bool(draw))
    else:
        plans, reasons = plan_prompts(model, tokenizer, prompts, resolve_device(device), batch_size, bar.update)
        answers = [plan and plan.text for plan in plans]
    bar.close()
    if draw:
        write(draw, plans_svg([drawn_row(*each) for each in zip(prompts, answers, reasons, plans)]))
    for prompt, text, reason, plan in zip(prompts, answers, reasons, plans):
        if full:
            print(in_full(prompt, text, reason, plan, has_dag=model.config.dag_depth > 0))
        else:
            differs = plan is not None and text is not None and text != plan.text
            print(f"{prompt.strip()}\t{text if reason is None else f'no answer: {reason}'}"
                  f"{f'{chr(9)}the plan comes to {plan.text}' if differs else ''}")
    refused = [(number, reason) for number, reason in enumerate(reasons, 1) if reason not in (None, _NO_END)]
    if refused:
        number, reason = refused[0]
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        sys.stdout.flush()
        fail(f"prompt {number}: {reason}{more}; {way_out(reason)}")


def hints(prompts, given, settings):
    """What people stumble over, said before the answers; a list of lines."""
    said = []
    if len(given) > 2 and not any(" " in prompt for prompt in given):
        said.append(f"{len(given)} prompts of a word each: one prompt goes in quotes, \"{' '.join(given)}\"")
    framed = [prompt.strip() for prompt in prompts if prompt.strip().endswith(("?", ":"))]
    if framed and not settings.get("frame_rate"):
        said.append(f"this checkpoint has never seen questions (frame_rate=0.0), only expressions: {framed[0]!r} may be "
                    "read wrongly; leave out all but the expression")
    return said


def complete_prompts(model, tokenizer, prompts):
    generator = torch.Generator(resolve_device(device)).manual_seed(seed)
    for prompt in prompts:
        ids = tokenizer.encode(prompt, allowed_special={_END_OF_TEXT})
        if not ids:
            raise ConfigError("the prompt is empty: give a text to go on from, a newline if nothing else")
        ids = torch.tensor(ids, device=resolve_device(device)).expand(num_samples, -1)
        for text in model.generate(ids, max_new_tokens, temperature, top_k or None, generator=generator).tolist():
            print(tokenizer.decode(text))
            print("---------------")


def check_settings():
    for name, value, least in (("batch_size", batch_size, 1), ("num_samples", num_samples, 1), ("top_k", top_k, 0),
                               ("max_new_tokens", max_new_tokens, 1), ("temperature", temperature, 0)):
        if value < least:
            raise ConfigError(f"--{name}={value} must be at least {least}")
    if verbose not in ("auto", "True", "False"):
        raise ConfigError(f"--verbose={verbose} must be True, False or auto")
    if draw and not draw.lower().endswith(".svg"):
        raise ConfigError(f"--draw={draw} must end in .svg: pictures are drawn in no other format")
    if draw and complete:
        raise ConfigError(f"--draw={draw} draws plans of answers, --complete=True writes free text: drop one of them")
    changed = [name for name, default in _SAMPLING.items() if globals()[name] != default]
    if changed and not complete:
        raise ConfigError(f"--{changed[0]}={globals()[changed[0]]} is for free text, answers are never sampled: add "
                          "--complete=True or drop it")


def main(given):
    check_settings()
    path = find_checkpoint(ckpt)
    checkpoint = load_checkpoint(path)
    phase = checkpoint.get("phase")
    model, tokenizer = (load_gpt if phase == 2 else load_predictor)(checkpoint, path)
    if complete and phase != 2:
        raise ConfigError(f"--complete=True needs a language model, {path} is a checkpoint of phase {phase}; give one "
                          "that train.py wrote")
    prompts = find_prompts(given)
    if not prompts:
        raise ConfigError('there is no prompt: give one in quotes, "2 + 2", or a file of them with --file=IN')
    model.to(resolve_device(device))
    keep_freed_memory()
    if complete:
        complete_prompts(model, tokenizer, prompts)
    else:
        for line in hints(prompts, given, checkpoint["settings"]):
            print(f"note: {line}", file=sys.stderr)
        answer_prompts(model, tokenizer, phase, prompts)


if __name__ == "__main__":
    with clear_errors():
        _options, _prompts = settings_and_prompts(sys.argv[1:], globals())
        configure(globals(), _options)
        main(_prompts)
