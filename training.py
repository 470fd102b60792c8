"""The one training loop, shared by Phase 1 and Phase 2: they differ in a model, a stream and a batch_loss.

A run's place is two numbers, the iteration and the seconds trained: batch n of the stream is a pure function of n, and
the random generators are seeded anew for every batch from (seed, n). So resuming continues bit for bit on a CPU,
evaluating changes nothing, and neither do the number of processes nor the sizes they work in, up to rounding.

Imports `checkpoint`, `console`, `devices`, `optimizers` and `run_log`, and nothing else of this project.
"""

import math
import os
import time
from contextlib import closing, contextmanager, nullcontext

import torch

from checkpoint import (CheckpointError, check_compatible, has_checkpoints, latest_checkpoint, load_checkpoint,
                        load_weights, save_checkpoint, sweep_temporaries)
from console import Console, StopRequest, brief, resume_command
from devices import DTYPES, Processes, compiled_or_not, mixed_precision, resolve_device, resolve_dtype
from optimizers import configure_optimizers, load_optimizer
from run_log import WANDB_MODES, MetricsFile, RunLog, Terminal, Wandb


class TrainingError(Exception):
    """A run that can't start or go on: what is wrong and what to try, in one line."""

    is_user_error = True


# What each setting of the loop may be. The scripts state types and defaults.
LIMITS = {
    "seed": ("from 0 to 2**62", lambda x: 0 <= x <= 2**62),
    "max_iters": ("at least 1", lambda x: x >= 1),
    "max_minutes": ("at least 0 (0 = no limit)", lambda x: x >= 0),
    "eval_interval": ("at least 1 iteration", lambda x: x >= 1),
    "log_interval": ("at least 1 iteration", lambda x: x >= 1),
    "checkpoint_interval": ("at least 1 iteration", lambda x: x >= 1),
    "dag_log_interval": ("at least 0 iterations (0 turns it off)", lambda x: x >= 0),
    "wandb_mode": (f"one of {', '.join(filter(None, WANDB_MODES))}, or empty", lambda x: x in WANDB_MODES),
    "gradient_accumulation_steps": ("at least 1", lambda x: x >= 1),
    "learning_rate": ("above 0", lambda x: x > 0),
    "muon_learning_rate": ("above 0", lambda x: x > 0),
    "min_lr_fraction": ("from 0 to 1", lambda x: 0 <= x <= 1),
    "flat_fraction": ("from 0 to 1", lambda x: 0 <= x <= 1),
    "warmup_iters": ("at least 0", lambda x: x >= 0),
    "weight_decay": ("at least 0", lambda x: x >= 0),
    "beta1": ("at least 0 and below 1", lambda x: 0 <= x < 1),
    "beta2": ("at least 0 and below 1", lambda x: 0 <= x < 1),
    "grad_clip": ("at least 0 (0 = no clipping)", lambda x: x >= 0),
    "optimizer": ("adamw or muon", lambda x: x in ("adamw", "muon")),
    "dtype": ("auto, float32, bfloat16 or float16", lambda x: x in DTYPES),
}


def check_settings(settings: dict) -> None:
    """Raise TrainingError for the first setting of the loop that is out of range, or uneven over the processes."""
    for name, (phrase, holds) in LIMITS.items():
        if not holds(settings[name]):
            raise TrainingError(f"{name}={settings[name]!r} must be {phrase}")
    steps, processes = settings["gradient_accumulation_steps"], int(os.environ.get("WORLD_SIZE", 1))
    if steps % processes:
        raise TrainingError(f"gradient_accumulation_steps={steps} must be a multiple of the {processes} processes: "
                            f"try --gradient_accumulation_steps={math.ceil(steps / processes) * processes}")


# --- the rate --------------------------------------------------------------------------------------

def share_done(iteration: int, seconds: float, settings: dict) -> float:
    """Progress of the run from 0 to 1, by iterations or by time, whichever is further."""
    by_time = seconds / 60 / settings["max_minutes"] if settings["max_minutes"] else 0.0
    return min(1.0, max(iteration / settings["max_iters"], by_time))


def learning_rate_factor(iteration: int, progress: float, settings: dict) -> float:
    """What the peak learning rate is multiplied by at `iteration` (0, 1, ...) with `progress` (0 to 1) of the run behind.

    Linear warm-up over warmup_iters, full rate for flat_fraction of the run, then linear to min_lr_fraction.
    """
    warmup = min(1.0, (iteration + 1) / (settings["warmup_iters"] + 1))
    flat, least = settings["flat_fraction"], settings["min_lr_fraction"]
    decay = min(1.0, max(0.0, progress - flat) / (1 - flat)) if flat < 1 else 0.0
    return warmup * (1 - (1 - least) * decay)


# --- the loop -------------------------------------------------------------------------------------

def starting_point(settings: dict, must_match: dict, unnamed: dict, say) -> tuple[bool, str | None, dict | None]:
    """(does the run go on?, path and content of the checkpoint it starts from, or Nones); CheckpointError if it can't.

    init_from "auto" is "resume" where out_dir holds checkpoints, else "scratch": the same command starts a run and
    continues it.
    """
    out_dir, init_from = settings["out_dir"], settings["init_from"]
    if init_from == "auto":
        init_from = "resume" if has_checkpoints(out_dir) else "scratch"
    if init_from == "resume":
        path = latest_checkpoint(out_dir, say)
    elif has_checkpoints(out_dir):
        raise CheckpointError(f"{out_dir} already holds checkpoints, which a new run would replace: continue that run "
                              "with --init_from=resume, choose another --out_dir, or remove the folder")
    elif init_from == "scratch":
        return False, None, None
    else:
        path = latest_checkpoint(init_from, say) if os.path.isdir(init_from) else init_from
    checkpoint = load_checkpoint(path)
    check_compatible(checkpoint, must_match, path, unnamed=unnamed)
    return init_from == "resume", path, checkpoint


def seed_generators(device: torch.device, *key: int) -> None:
    """Seed what dropout draws from. torch.manual_seed would do, but formats a stack trace on machines without CUDA."""
    seed = hash(key)
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


@contextmanager
def out_of_memory_hint(settings: dict):
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error):
            steps = settings["gradient_accumulation_steps"]
            raise TrainingError("out of memory: halve --batch_size and, for the same examples an iteration, "
                                f"double --gradient_accumulation_steps (now {steps})") from error
        raise


def train(settings: dict, model: torch.nn.Module, stream, batch_loss, evaluate, *,
          score: str, checkpoint_extra: dict, unnamed=None, observe=None, pictures=None, on_log=None) -> dict:
    """Train `model` from `settings["init_from"]` to the end of the run, or to SIGTERM or Ctrl-C.

    stream.batch(n): micro-batch n on the device, a pure function of n; stream.examples_per_batch: its size. Batches
    that have `ids`, (B, T), are counted in tokens, too.
    batch_loss(model, batch): (0-d loss, {name: 0-d tensor to log}), called on the compiled, distributed model.
    evaluate(model): {name: float}, called on the plain model in the first process only; `score` is the one to maximise.
    What it returns beside floats, {name: list of dicts of plain values}, is logged as rows of an entry of that kind.
    observe(model, dtype, examples a second): {name: float} of what happens inside the plain model, logged every
    dag_log_interval iterations; it must leave no trace in the model. pictures(kind, rows): {name: pixels or SVG text}, for wandb.
    checkpoint_extra: plain values that go into checkpoints; its "must_match" {name: value} holds what a
    checkpoint's weights are meaningless without, and is compared before one is loaded; its "must_match_to_resume"
    holds what else a run must keep to go on without repeating or skipping data. unnamed {name: value}: what of them an
    older checkpoint doesn't name was so then.
    on_log(entry): called with each dict that is logged.

    Returns {"iter", "seconds", "best", "best_iter", "final": figures of the last evaluation or None,
    "stopped": whether a signal ended it}. Raises TrainingError, DeviceError and CheckpointError,
    each one line.
    """
    check_settings(settings)
    processes = Processes(resolve_device(settings["device"]))
    console = Console(visible=processes.rank == 0)
    try:
        with StopRequest() as stop, out_of_memory_hint(settings), closing(RunLog()) as log:
            outcome = run(settings, model, stream, batch_loss, evaluate, score, checkpoint_extra, unnamed, observe, pictures,
                          on_log, processes, console, log, stop)
    finally:
        console.close()
    processes.close()
    return outcome


def run(settings, raw, stream, batch_loss, evaluate, score, checkpoint_extra, unnamed, observe, pictures, on_log,
        processes, console, log, stop) -> dict:
    out_dir, device, rank = settings["out_dir"], processes.device, processes.rank
    micro_batches = settings["gradient_accumulation_steps"]  # an iteration's, over all processes
    micro_steps = micro_batches // processes.count  # this process's
    batch_examples = micro_batches * stream.examples_per_batch

    dtype = resolve_dtype(settings["dtype"], device)
    torch.set_float32_matmul_precision("high")  # TF32 on CUDA; no effect elsewhere
    # cuDNN's attention plans anew for every shape, 0.4 s each on an H100, and batches come in a hundred widths.
    torch.backends.cuda.enable_cudnn_sdp(False)
    autocast = mixed_precision(settings["dtype"], device)
    scaler = torch.amp.GradScaler(device.type, enabled=dtype == torch.float16)

    # Weights, optimisers and the state of the run: new, or those of a checkpoint
    must_match = checkpoint_extra.get("must_match", {})
    to_resume = {**checkpoint_extra.get("must_match_to_resume", {}),
                 **{name: settings[name] for name in ("seed", "gradient_accumulation_steps", "optimizer")}}
    resuming, path, checkpoint = starting_point(settings, must_match, unnamed, console.say)
    if checkpoint is not None:
        load_weights(raw, checkpoint, path)
    raw.to(device).train()
    optimizers = configure_optimizers(raw, settings)
    iteration, seconds, evaluated, best, best_iter, wandb_id = 0, 0.0, 0, None, None, None
    window, window_iters = None, 0  # sums of figures since the last log line
    if resuming:
        check_compatible(checkpoint, to_resume, path, "must_match_to_resume", unnamed)
        for optimizer, state in zip(optimizers, checkpoint["optimizers"], strict=True):
            load_optimizer(optimizer, state)
        if checkpoint["scaler"]:
            scaler.load_state_dict(checkpoint["scaler"])
        iteration, seconds, evaluated = checkpoint["iter"], checkpoint["seconds"], checkpoint["evaluated"]
        best, best_iter, wandb_id = checkpoint["best"], checkpoint["best_iter"], checkpoint.get("wandb_id")
        if window_iters := checkpoint["window_iters"]:  # the sum over all processes, so only one may take it up
            window = torch.tensor(checkpoint["window"], device=device) * (rank == 0)
    del checkpoint

    before, began = seconds, time.monotonic()

    def clock() -> float:
        """Seconds trained: earlier sessions, evaluating and saving included."""
        return before + time.monotonic() - began

    def evaluated_figures() -> tuple[dict, dict]:
        """Figures, and rows of other kinds."""
        seed_generators(device, settings["seed"], -iteration)
        raw.eval()
        with torch.no_grad():           # and in float32, whatever training computes in
            found = evaluate(raw)
        raw.train()
        rows = {kind: value for kind, value in found.items() if isinstance(value, list)}
        return {name: value for name, value in found.items() if name not in rows}, rows

    if settings["eval_only"]:
        figures, _ = evaluated_figures() if rank == 0 else (None, None)
        console.say(f"iter {iteration}  {brief(figures or {})}")
        return dict(iter=iteration, seconds=seconds, best=best, best_iter=best_iter, final=figures, stopped=False)

    if rank == 0:
        os.makedirs(out_dir, exist_ok=True)
        sweep_temporaries(out_dir)
        log.sinks += [MetricsFile(os.path.join(out_dir, "metrics.jsonl"), iteration), Terminal(console)]
        if settings["wandb_log"]:
            log.sinks.append(wandb := Wandb(settings, wandb_id, console.say, pictures))
            wandb_id = wandb.id
        if on_log is not None:
            log.sinks.append(on_log)

    def batch_at(step: int):
        """Micro-batch `step` of this iteration for this process, its generators seeded: a function of its number alone."""
        number = iteration * micro_batches + step * processes.count + rank
        seed_generators(device, settings["seed"], number)
        return stream.batch(number)

    def forward(model, batch) -> tuple[torch.Tensor, dict]:
        with autocast:
            return batch_loss(model, batch)

    def save(is_best: bool) -> None:
        total = processes.sum(window).tolist() if window_iters else []
        if rank == 0:
            save_checkpoint(out_dir, {
                **checkpoint_extra, "must_match": must_match, "must_match_to_resume": to_resume,
                "model": raw.state_dict(), "optimizers": [optimizer.state_dict() for optimizer in optimizers],
                "scaler": scaler.state_dict(), "settings": settings, "iter": iteration, "seconds": clock(),
                "evaluated": evaluated, "best": best, "best_iter": best_iter, "wandb_id": wandb_id,
                "window": total, "window_iters": window_iters}, is_best)

    parameters = [parameter for parameter in raw.parameters() if parameter.requires_grad]
    origin = f"resuming {path} at iteration {iteration}" if resuming else f"new run, weights of {path or 'the seed'}"
    size, methods = sum(parameter.numel() for parameter in parameters), " + ".join(type(o).__name__ for o in optimizers)
    console.say(f"{origin}: {size:,} parameters on {device} in {str(dtype)[6:]}, {processes.count} x "
                f"{torch.get_num_threads()} (processes x CPU threads), {batch_examples:,} examples an iteration "
                f"({micro_batches} x {stream.examples_per_batch}), {methods}; metrics.jsonl and checkpoints in {out_dir}")
    if iteration and share_done(iteration, seconds, settings) == 1:
        console.say("nothing is left to train: raise --max_iters or --max_minutes")

    model = raw
    if settings["compile"]:
        def trial(model):
            for step in range(3):
                forward(model, batch_at(step))[0].backward()

        model = compiled_or_not(raw, trial, processes, console.say)
    model = processes.wrap(model)

    console.start(share_done(iteration, seconds, settings))
    saved, final = iteration, None
    busy, busy_iters, tokens = 0.0, 0, 0  # time inside training steps since the last log line, how many, and of what
    rate = None
    while True:
        # All processes stop, finish and decay by the same signals and the same clock
        mine = torch.tensor([float(bool(stop)), clock() if rank == 0 else 0.0], dtype=torch.float64)
        stopping, seconds = processes.sum(mine).tolist()
        progress = share_done(iteration, seconds, settings)
        finished = progress == 1

        # Once in a while, and at the end: see how good the model is
        evaluating = iteration > evaluated and not stopping and (finished or iteration % settings["eval_interval"] == 0)
        saving = iteration > saved and (finished or stopping or iteration % settings["checkpoint_interval"] == 0)
        if (evaluating or saving) and not all(torch.isfinite(parameter).all() for parameter in parameters):
            raise diverged("a weight", iteration, settings)
        improved = False
        if evaluating:
            evaluated = iteration
            if rank == 0:
                figures, rows = evaluated_figures()
                improved = figures[score] > (best if best is not None else float("-inf"))
                if improved:
                    best, best_iter = figures[score], iteration
                kind = "final" if finished else "val"
                log.log(kind, iteration, examples=iteration * batch_examples, seconds=clock(), **figures, best=improved)
                for name, of_kind in rows.items():
                    log.log(name, iteration, rows=of_kind)
                final = figures
            improved = bool(processes.sum(torch.tensor(float(improved))))  # the others wait here

        # Once in a while, and at the end: save
        if saving or improved:
            save(improved)
            saved = iteration
        if finished or stopping:
            break

        # One step: gradients of all micro-batches, clipped, into every optimiser
        step_began = time.perf_counter()
        factor = learning_rate_factor(iteration, progress, settings)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
        total = 0.0
        for step in range(micro_steps):
            batch = batch_at(step)
            tokens += batch.ids.numel() if hasattr(batch, "ids") else 0
            # Processes exchange gradients once an iteration, in the last backward pass
            with model.no_sync() if processes.several and step < micro_steps - 1 else nullcontext():
                loss, figures = forward(model, batch)
                scaler.scale(loss / micro_steps).backward()
            total = total + torch.stack([value.detach().float() for value in (loss, *figures.values())])
        for optimizer in optimizers:
            scaler.unscale_(optimizer)
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        if settings["grad_clip"]:
            torch.nn.utils.clip_grads_with_norm_(parameters, settings["grad_clip"], norm)
        for optimizer in optimizers:
            scaler.step(optimizer)
            optimizer.zero_grad(set_to_none=True)
        scaler.update()
        names = ["loss", *figures, "grad_norm"]
        total = torch.cat([total / micro_batches, norm.reshape(1).float() / processes.count])
        window, window_iters = total if window is None else window + total, window_iters + 1
        iteration, busy_iters = iteration + 1, busy_iters + 1
        console.tick(max(progress, share_done(iteration, 0, settings)))

        # Once in a while: read the figures, the only moment that waits for the device
        logging = iteration % settings["log_interval"] == 0 or iteration == 1 or iteration == settings["max_iters"]
        if logging:
            means = dict(zip(names, (processes.sum(window) / window_iters).tolist()))
        busy += time.perf_counter() - step_began
        if logging:
            if not math.isfinite(means["loss"]):
                raise diverged("the loss", iteration, settings)
            rate = busy_iters * batch_examples / busy
            if rank == 0:
                # Each process counts its own tokens: the others' are taken to be as many.
                speed = dict(examples_per_second=rate, **({"tokens_per_second": tokens * processes.count / busy}
                                                          if tokens else {}))
                log.log("train", iteration, examples=iteration * batch_examples, seconds=clock(), **means,
                        lr=settings["learning_rate"] * factor, **speed)
            window, window_iters, busy, busy_iters, tokens = None, 0, 0.0, 0, 0

        # Once in a while: look inside the model
        every = settings["dag_log_interval"]
        if rank == 0 and observe is not None and every and (iteration % every == 0 or iteration == 1):
            log.log("dag", iteration, seconds=clock(), **observe(raw, dtype, rate))

    console.close()
    if stopping and not saved:
        console.say(f"stopped at iteration {iteration}, before there was anything to save")
    elif stopping:
        console.say(f"stopped at iteration {iteration}, saved in {out_dir}; go on with:\n  {resume_command()}")
    else:
        where = "" if best is None else f", best {score} {best:.4g} at iteration {best_iter} ({out_dir}/best.pt)"
        console.say(f"done: {iteration} iterations in {seconds / 60:.1f} min{where}")
    return dict(iter=iteration, seconds=seconds, best=best, best_iter=best_iter, final=final,
                stopped=bool(stopping))


def diverged(what: str, iteration: int, settings: dict) -> TrainingError:
    return TrainingError(
        f"{what} is no longer finite by iteration {iteration}; earlier checkpoints are untouched: try a lower --learning_rate "
        f"(now {settings['learning_rate']:g}) or a --grad_clip of 1 or less (now {settings['grad_clip']:g}), "
        "with --init_from=resume if there is a checkpoint")
