"""Throughput, side by side: what is measured next to what it is held against, in one process, in alternating rounds.

    python bench.py generator     # the stream of examples against a per-example string loop; padding; share of a step
    python bench.py train         # a training step against this machine's own rate at large matrix products
    python bench.py train --config=config/train_predictor_config.py --device=cuda --profile=True
    python bench.py train --gpt_config=config/train_dag_gpt2.py --gpt_changes='{"tokenizer": "dag"}' --device=cuda
    python bench.py answers --ckpt=out/dag-cpu    # questions a second, against answers written token by token

The last lines are JSON objects, one a figure: medians over rounds with their extremes, ratios taken within a round.
Every name below is a setting, --name=value overrides it.
"""
import ast
import difflib
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from itertools import count

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel

from answering import answer_gpt
from assembly import (answer_stream, build_gpt, build_predictor, gpt_loss, load_gpt, make_stream, predictor_loss, settle,
                      settle_phase2, training_stream)
from checkpoint import find_checkpoint, load_checkpoint
from configurator import ConfigError, clear_errors, configure
from dag_logger import DAGLogger
from data.dagset import get_tokenizer, stream as stream_room
from data.dagset.yardstick import StringGenerator
from devices import keep_freed_memory, mixed_precision, resolve_device, resolve_dtype
from optimizers import configure_optimizers

rounds = 7                      # everything compared is measured once in each, after one round to warm up
seconds = 0.5                   # that a measurement takes at least
device = "auto"                 # "cpu", "cuda", "cuda:1"
config = "config/train_predictor_cpu.py"    # train: the run whose step is measured
batch_sizes = (32, 96, 384)     # train: measured beside the run's own
gpt_config = "config/train_dag_cpu.py"      # train: the run of train.py whose step is held against a plain GPT's
gpt_changes = "{}"              # {"name": value} of train.py's settings that change it
batches = 8                     # train: how many, of different lengths, a measurement goes through
matmul_size = 0                 # rows and columns of the matrices held against; 0 is 2048 on a CPU, 8192 elsewhere
profile = False                 # train, answers: also print the operators that the time goes to
ckpt = ""                       # answers: the checkpoint to ask, of train.py; "" is the published one
questions = 512                 # answers: test expressions asked at a time, of all lengths
answer_batch = 256              # answers: of them at once
answer_dtype = "float32"        # answers: of matrix products; "bfloat16" suits GPUs and CPUs with AVX512-BF16 or AMX

_ROOT = os.path.dirname(os.path.abspath(__file__))


# ---- measuring ----------------------------------------------------------------------------------------------------

def alternate(works, device):
    """Units of work a second: {name: a rate for each round}. Each of `works` does some units and returns how many."""
    rates = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            done, elapsed, began = 0, 0.0, time.perf_counter()
            while not done or elapsed < seconds:
                done += work()
                if device.type == "cuda":
                    torch.cuda.synchronize(device)
                elapsed = time.perf_counter() - began
            if number:
                rates[name].append(done / elapsed)
    return rates


def spread(numbers, key=None):
    """Median and extremes, as entries of a figure."""
    names = (key, f"{key}_min", f"{key}_max") if key else ("median", "min", "max")
    return {name: float(f"{of(numbers):.4g}") for name, of in zip(names, (statistics.median, min, max))}


def against(numbers, yardstick):
    """Ratios round by round, so that what slows the machine for a while slows both."""
    return [a / b for a, b in zip(numbers, yardstick, strict=True)]


def commit():
    """The commit measured, marked where files differ from it."""
    try:
        return subprocess.run(["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=40"], cwd=_ROOT,
                              capture_output=True, text=True, check=True, env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
                              timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def machine():
    name = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), name)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    entries = dict(cpu=name, cores=cores, torch=torch.__version__)
    if hasattr(os, "getloadavg"):
        entries["load"] = round(os.getloadavg()[0], 2)      # other processes' work shows here: a busy machine's figures
    if (chosen := resolve_device(device)).type == "cuda":
        entries["gpu"] = torch.cuda.get_device_name(chosen)
    return entries


def report(figures):
    """Print one JSON object a line."""
    common = dict(rounds=rounds, commit=commit(), machine=machine())
    for figure in figures:
        print(json.dumps({**figure, **common}, allow_nan=False), flush=True)


# ---- what is measured ---------------------------------------------------------------------------------------------

def defaults_of(script):
    """A script's settings: its module-level assignments of literals, read without running it."""
    with open(script, "rb") as file:
        body = ast.parse(file.read(), script).body
    settings = {}
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                settings[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:      # computed: the script's own business
                pass
    return settings


def run_settings(path, script="train_predictor.py", settle=settle, **changes):
    """The settings of `script` with the config file `path` (None: its defaults), settled."""
    script = os.path.join(_ROOT, script)
    settings = {**configure(defaults_of(script), [path] if path else []), **changes}
    return settle(settings)


class TrainingStep:
    """A training step, as the training loop takes it, of a model and its batch_loss."""

    def __init__(self, settings, device, model, batch_loss):
        self.model, self.batch_loss, self.grad_clip = model, batch_loss, settings["grad_clip"]
        self.optimizers = configure_optimizers(model, settings)
        self.dtype = resolve_dtype(settings["dtype"], device)
        self.autocast = mixed_precision(settings["dtype"], device)

    @classmethod
    def of_predictor(cls, settings, device):
        model = build_predictor(settings).to(device)
        return cls(settings, device, model, predictor_loss(settings, model.dag))

    @classmethod
    def of_gpt(cls, settings, device):
        model = build_gpt(settings).to(device)
        return cls(settings, device, model, gpt_loss(settings, model))

    def forward_backward(self, batch):
        with torch.profiler.record_function("= forward"), self.autocast:
            loss, _ = self.batch_loss(self.model, batch)
        with torch.profiler.record_function("= backward"):
            loss.backward()

    def __call__(self, batch):
        self.forward_backward(batch)
        with torch.profiler.record_function("= optimiser"):
            if self.grad_clip:
                torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.grad_clip)
            for optimizer in self.optimizers:
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)

    def flops(self, batch):
        """Floating-point operations of a forward and backward pass's matrix products, two a multiply and add."""
        from torch.utils.flop_counter import FlopCounterMode
        # Attention as plain matrix products: the counter doesn't know the CPU's fused kernel.
        with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            self.forward_backward(batch)
        self.model.zero_grad(set_to_none=True)
        return counter.get_total_flops()


def chunks_of(stream):
    chunk = stream_room.CHUNK[stream.device.type]
    starts = count(0, chunk)
    return lambda: len(stream.examples(next(starts), chunk).labels)


def pools_of(stream):
    """Work of whole pools of batches: one alone may find its pool already made."""
    numbers = count()
    return lambda: sum(len(stream.batch(next(numbers))) for _ in range(stream.pool_batches))


def passes_of(step, some_batches):
    def work():
        for batch in some_batches:
            step(batch)
        return 1
    return work


def matmul_of(dtype, device):
    """Work of one large matrix product; its units are floating-point operations."""
    size = matmul_size or (2048 if device.type == "cpu" else 8192)
    a, b, product = torch.randn(3, size, size, device=device).to(dtype)

    def work():
        torch.mm(a, b, out=product)
        return 2 * size ** 3
    return work


# ---- subcommands --------------------------------------------------------------------------------------------------

def generator():
    """The stream against the string loop on one thread, its batches' padding, and its share of a training step."""
    figures, threads = [], torch.get_num_threads()
    cpu, chosen = torch.device("cpu"), resolve_device(device)
    quick, full = (os.path.join(_ROOT, "config", f"train_predictor_{name}.py") for name in ("cpu", "config"))
    full = full if os.path.exists(full) else None       # then the defaults, without prose
    cases = {"<= 3 operations": (quick, run_settings(quick, dag_depth=3, max_digits=4, max_decimals=4)),
             "<= 6 operations": (full, run_settings(full, dag_depth=6, max_digits=12, max_decimals=6))}
    print(f"{'one thread, examples/s':<34} {'median':>11} {'least':>11} {'most':>11} {'x yardstick':>12}")
    for case, (path, settings) in cases.items():
        about = dict(case=case, wordings=os.path.basename(path or "train_predictor.py"))
        torch.set_num_threads(1)
        strings = StringGenerator(settings["seed"], *(settings[name] for name in (
            "max_ops", "max_digits", "max_decimals", "english_conversion_rate", "num_initial_values", "dag_depth")),
            get_tokenizer(settings["tokenizer"]))
        streams = {place.type: make_stream(settings, "train", settings["seed"], place)
                   for place in dict.fromkeys((cpu, chosen))}
        works = {("yardstick", "cpu"): lambda: sum(1 for _ in range(50) if strings.example())}
        for place, stream in streams.items():
            works["examples", place], works["batches", place] = chunks_of(stream), pools_of(stream)
        rates = alternate(works, chosen)
        torch.set_num_threads(threads)
        for (name, place), numbers in rates.items():
            ratios = against(numbers, rates["yardstick", "cpu"])
            figure = dict(figure=f"generator {name}", **about, device=place, threads=1, unit="examples/s",
                          **spread(numbers), **spread(ratios, "ratio_to_yardstick"))
            print(f"{f'{name} {case} {place}':<34} {figure['median']:>11,.0f} {figure['min']:>11,.0f} "
                  f"{figure['max']:>11,.0f} {figure['ratio_to_yardstick']:>12,.1f}")
            figures.append(figure)
        pool = [streams["cpu"].batch(number) for number in range(streams["cpu"].pool_batches)]
        padding = 1 - sum(int(batch.lengths.sum()) for batch in pool) / sum(batch.ids.numel() for batch in pool)
        print(f"padding of batches of {settings['batch_size']}: {padding:.2%} of positions")
        figures.append(dict(figure="padding", **about, batch_size=settings["batch_size"],
                            padding_ratio=round(padding, 5)))

    settings = run_settings(quick)
    stream = make_stream(settings, "train", settings["seed"], chosen)
    step = passes_of(TrainingStep.of_predictor(settings, chosen), [stream.batch(number) for number in range(batches)])
    rates = alternate({"examples": pools_of(stream), "passes": step}, chosen)
    making = [settings["batch_size"] / rate for rate in rates["examples"]]      # seconds a batch
    shares = [made / (made + 1 / rate / batches) for made, rate in zip(making, rates["passes"])]
    print(f"making a batch takes {statistics.median(shares):.2%} of a training step, {threads} threads")
    figures.append(dict(figure="generator's share of a training step", case="config/train_predictor_cpu.py",
                        device=chosen.type, threads=threads, batch_size=settings["batch_size"],
                        **spread(shares, "ratio_to_step")))
    return figures


def train():
    """A training step's rates over batch sizes, against the machine's own rate at large matrix products."""
    torch.set_float32_matmul_precision("high")      # as the training loop does
    chosen = resolve_device(device)
    settings = run_settings(config)
    step, own_size = TrainingStep.of_predictor(settings, chosen), settings["batch_size"]
    sizes = sorted({own_size, *batch_sizes})
    streams = {size: make_stream(settings, "train", settings["seed"], chosen, size) for size in sizes}
    some = {size: [stream.batch(number) for number in range(batches)] for size, stream in streams.items()}
    works = {size: passes_of(step, some[size]) for size in sizes}
    flops = {size: sum(step.flops(batch) for batch in some[size]) for size in sizes}
    rates = alternate({**works, "matmul": matmul_of(step.dtype, chosen)}, chosen)

    common = dict(device=chosen.type, threads=torch.get_num_threads(), dtype=str(step.dtype)[6:])
    figures = [dict(figure="large matrix products", **common, unit="FLOP/s", **spread(rates["matmul"]))]
    print(f"{config}: {step.model.get_num_params():,} parameters; large matrix products at "
          f"{figures[0]['median'] / 1e9:,.1f} GFLOP/s\n"
          f"{'batch':>7} {'ms/step':>9} {'examples/s':>11} {'tokens/s':>11} {'GFLOP/s':>9} {'of matmul':>10}")
    for size in sizes:
        tokens = sum(int(batch.lengths.sum()) for batch in some[size])
        measured = {"seconds": [1 / rate / batches for rate in rates[size]],
                    "examples/s": [rate * batches * size for rate in rates[size]],
                    "tokens/s": [rate * tokens for rate in rates[size]],
                    "FLOP/s": [rate * flops[size] for rate in rates[size]]}
        ratios = against(measured["FLOP/s"], rates["matmul"])
        about = dict(figure="training step", case=config, batch_size=size, own_batch_size=size == own_size, **common)
        figures += [dict(**about, unit=unit, **spread(numbers)) for unit, numbers in measured.items()]
        figures[-1].update(spread(ratios, "ratio_to_matmul"))
        took, examples, read, achieved = (statistics.median(numbers) for numbers in measured.values())
        print(f"{size:>7} {took * 1e3:>9.1f} {examples:>11,.0f} {read:>11,.0f} {achieved / 1e9:>9.1f} "
              f"{statistics.median(ratios):>10.1%}")
    if chosen.type == "cuda":
        torch.cuda.reset_peak_memory_stats(chosen)
        works[own_size]()
        figures.append(dict(figure="peak memory", case=config, batch_size=own_size, **common, unit="bytes",
                            median=float(torch.cuda.max_memory_allocated(chosen))))
    if profile:
        print_profile(works[own_size], chosen)
    return figures + against_plain_gpt(chosen)


def against_plain_gpt(chosen):
    """GPT + DAG against a plain GPT of the same shape, on the same batches: the DAG's cost."""
    changes = ast.literal_eval(gpt_changes)
    with_dag = run_settings(gpt_config, "train.py", settle_phase2, **changes)
    plain = run_settings(gpt_config, "train.py", settle_phase2, **changes, dag_depth=0, max_ops=with_dag["max_ops"],
                         num_initial_values=with_dag["num_initial_values"])
    stream = training_stream(with_dag, chosen)
    some = [stream.batch(number) for number in range(batches)]
    steps = {"plain GPT": TrainingStep.of_gpt(plain, chosen), "GPT + DAG": TrainingStep.of_gpt(with_dag, chosen)}
    own, logger = steps["GPT + DAG"], DAGLogger({"all": (some[0], 1.0)}, steps["GPT + DAG"].batch_loss)

    def watched(batch):
        with logger.watching(own.model):
            own(batch)

    def look():
        logger.observe(own.model)
        return 1

    rates = alternate({**{name: passes_of(step, some) for name, step in steps.items()},
                       "watched": passes_of(watched, some), "look": look}, chosen)
    watching, looks = against(rates["GPT + DAG"], rates.pop("watched")), rates.pop("look")
    # A look takes this share of the steps between two looks.
    shares = [rate * batches / look / max(with_dag["dag_log_interval"], 1) for rate, look in zip(rates["GPT + DAG"], looks)]
    ratios = [1 / ratio for ratio in against(rates["GPT + DAG"], rates["plain GPT"])]
    tokens, answers = (sum(int(count(batch)) for batch in some) for count in (
        lambda batch: (batch.targets >= 0).sum(), lambda batch: batch.reader_mask.sum()))
    sizes = {name: step.model.get_num_params() for name, step in steps.items()}
    print(f"{gpt_config} {gpt_changes}: {some[0].ids.size(0)} rows, {tokens / len(some):,.0f} tokens and "
          f"{answers / len(some):,.0f} answers a batch, K={with_dag['num_initial_values']}, D={with_dag['dag_depth']}")
    for name, numbers in rates.items():
        print(f"{name:<10} {sizes[name]:>12,} parameters {1e3 / batches / statistics.median(numbers):>9.1f} ms/step "
              f"{statistics.median(numbers) * tokens:>12,.0f} tokens/s")
    print(f"GPT + DAG takes {statistics.median(ratios):.2f} times as long; DAGLogger: a look every "
          f"{with_dag['dag_log_interval']} iterations adds {statistics.median(shares):.2%}, a step that it watches takes "
          f"{statistics.median(watching):.3f} times as long, one between looks is not touched")
    if profile:
        print_profile(passes_of(steps["GPT + DAG"], some), chosen)
    return [dict(figure="step of GPT + DAG against plain GPT", case=gpt_config, changes=gpt_changes, device=chosen.type,
                 dtype=str(steps["plain GPT"].dtype)[6:], parameters=sizes["GPT + DAG"],
                 plain_parameters=sizes["plain GPT"], tokens=tokens / len(some), answers=answers / len(some),
                 plain_seconds=statistics.median([1 / rate / batches for rate in rates["plain GPT"]]),
                 **spread(ratios, "ratio_to_plain")),
            dict(figure="DAGLogger", case=gpt_config, changes=gpt_changes, device=chosen.type,
                 interval=with_dag["dag_log_interval"], **spread(shares, "share_of_looks"),
                 **spread(watching, "ratio_when_watching"))]


def answers():
    """Questions a second of a checkpoint of train.py, as evaluate.py --file asks them, against token by token."""
    path, chosen = find_checkpoint(ckpt), resolve_device(device)
    checkpoint = load_checkpoint(path)
    model, tokenizer = load_gpt(checkpoint, path)
    model.to(chosen)
    keep_freed_memory()
    stream = answer_stream(checkpoint["settings"], "test", 1, torch.device("cpu"), answer_batch)
    prompts = [tokenizer.decode(ids[:reader + 1].tolist()) for batch in stream.evaluation_set(questions)
               for ids, reader in zip(batch.ids, batch.readers[:, 0].tolist())]
    found = {}

    def asking(name, speculate):
        def work():
            with mixed_precision(answer_dtype, chosen):
                found[name] = answer_gpt(model, tokenizer, prompts, chosen, answer_batch, execute=False,
                                         speculate=speculate)
            return len(prompts)
        return work

    works = {"at once": asking("at once", True), "token by token": asking("token by token", False)}
    rates = alternate(works, chosen)
    ratios = against(rates["at once"], rates["token by token"])
    (texts, reasons, plans), (plain, _, _) = found["at once"], found["token by token"]
    same = sum(one == other for one, other in zip(texts, plain)) / len(texts)
    as_planned = sum(plan is not None and plan.text == text for text, plan in zip(texts, plans)) / len(texts)
    tokens = sum(len(tokenizer.encode(prompt, disallowed_special=())) for prompt in prompts) / len(prompts)
    print(f"{path}: {model.get_num_params():,} parameters, {len(prompts):,} questions of {tokens:.0f} tokens on average; "
          f"{as_planned:.1%} of answers are what the plan comes to, {same:.1%} are the same either way")
    for name, numbers in rates.items():
        print(f"{name:<15} {statistics.median(numbers):>9,.0f} questions/s")
    print(f"{statistics.median(ratios):.1f} times as many")
    if profile:
        print_profile(works["at once"], chosen)
    common = dict(case=path, device=chosen.type, threads=torch.get_num_threads(), questions=len(prompts),
                  batch_size=answer_batch, dtype=answer_dtype, parameters=model.get_num_params(), tokens=tokens,
                  unit="questions/s")
    return [dict(figure="answers at once", **common, same_answers=same, as_planned=as_planned,
                 **spread(rates["at once"]), **spread(ratios, "ratio_to_token_by_token")),
            dict(figure="answers token by token", **common, **spread(rates["token by token"]))]


def print_profile(work, chosen):
    with torch.profiler.profile() as profiler:
        work()
    print(profiler.key_averages().table(sort_by=f"self_{'cuda' if chosen.type == 'cuda' else 'cpu'}_time_total",
                                        row_limit=20, max_name_column_width=48))


SUBCOMMANDS = {"generator": generator, "train": train, "answers": answers}


def main(argv):
    with clear_errors():
        name = argv[0] if argv else "--help"
        if name in ("-h", "--help"):
            configure(globals(), ["--help"])
        if name not in SUBCOMMANDS:
            near = difflib.get_close_matches(name, SUBCOMMANDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(SUBCOMMANDS)}"
            raise ConfigError(f"unknown subcommand {name!r}: {hint}")
        configure(globals(), argv[1:])
        if min(rounds, batches, questions, answer_batch, *batch_sizes) < 1:
            raise ConfigError(f"rounds={rounds}, batches={batches}, questions={questions}, answer_batch={answer_batch} "
                              f"and batch_sizes={batch_sizes} must be at least 1")
        if min(matmul_size, seconds) < 0:
            raise ConfigError(f"matmul_size={matmul_size} and seconds={seconds} must be at least 0")
        report(SUBCOMMANDS[name]())


if __name__ == "__main__":
    main(sys.argv[1:])
