"""Where a run's figures go: one log, three sinks. metrics.jsonl always, the terminal, and wandb where it is asked for.

An entry is a dict of plain values, {"kind", "iter", ...}. Kinds: "train", "val" and "final" hold figures, "dag" what
`dag_logger` saw inside the model; others hold "rows", a list of dicts, of what an evaluation tells beside its figures.
Imports `checkpoint` and `console`, and nothing else of this project.
"""

import atexit
import json
import math
import netrc
import os
import queue
import secrets
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

from checkpoint import write_atomically
from console import brief

FIGURES = ("train", "val", "final")     # kinds of entries that are figures of the run
WANDB_START_SECONDS = 30                # wandb may take to answer, before the run goes on without a network
WANDB_FINISH_SECONDS = 60               # and to send what is left at the end
WANDB_HOSTS = ("api.wandb.ai", "api.forge.coreweave.com")    # that keys are kept under, the second since wandb 0.31
WANDB_MODES = ("", "online", "offline", "disabled")


class RunLog:
    """Passes every entry to its sinks, in order. A sink is called with entries; `close` tells it that the run is over."""

    def __init__(self, *sinks):
        self.sinks = list(sinks)

    def log(self, kind: str, iteration: int, **values) -> None:
        """Log {"kind": kind, "iter": iteration, **values}; a float that isn't finite becomes None, as JSON has no NaN."""
        entry = {"kind": kind, "iter": iteration, **values}
        entry = {key: None if isinstance(value, float) and not math.isfinite(value) else value
                 for key, value in entry.items()}
        for sink in self.sinks:
            sink(entry)

    def close(self) -> None:
        for sink in self.sinks:
            if close := getattr(sink, "close", None):
                close()


class MetricsFile:
    """`out_dir/metrics.jsonl`: one JSON object a line, without lines beyond the iteration a run resumes from."""

    def __init__(self, path: str, iteration: int = 0):
        self.path, kept = path, []
        if iteration and os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                kept = [line for line in file if 0 < line_iteration(line) <= iteration]
        write_atomically(path, "".join(kept).encode())

    def __call__(self, entry: dict) -> None:
        try:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry, allow_nan=False) + "\n")
        except OSError as error:
            raise OSError(error.errno, error.strerror, self.path) from error


def line_iteration(line: str) -> int:
    """The `iter` of a line of metrics.jsonl; -1 if a crash left half a line."""
    try:
        return json.loads(line)["iter"] if line.endswith("\n") else -1
    except (ValueError, KeyError, TypeError):
        return -1


class Terminal:
    """Compact lines for people, of figures alone."""

    def __init__(self, console):
        self.console = console

    def __call__(self, entry: dict) -> None:
        kind, iteration = entry["kind"], entry["iter"]
        if kind == "train":
            self.console.figures(f"iter {iteration}  loss {entry['loss']:.4f}  norm {entry['grad_norm']:.3g}  "
                                 f"lr {entry['lr']:.2e}  {entry['examples_per_second']:,.0f} examples/s")
        elif kind in FIGURES:
            figures = {name: value for name, value in entry.items()
                       if name not in ("kind", "iter", "examples", "seconds", "best")}
            self.console.say(f"{kind} iter {iteration}  {brief(figures)}{'  (best)' * bool(entry.get('best'))}")


# --- wandb -----------------------------------------------------------------------------------------------------------

def wandb_mode(setting: str) -> str:
    """The mode wandb starts in: the setting, else $WANDB_MODE, else online if there is a key, else offline.

    A key is looked for where `wandb login` leaves it. Asking wandb itself would prompt, or wait for a network.
    """
    if mode := setting or os.environ.get("WANDB_MODE", ""):
        return mode
    if os.environ.get("WANDB_API_KEY"):
        return "online"
    base_url = os.environ.get("WANDB_BASE_URL")
    hosts = [urlsplit(base_url).hostname] if base_url else WANDB_HOSTS
    for path in (os.environ.get("NETRC"), os.path.expanduser("~/.netrc"), os.path.expanduser("~/_netrc")):
        try:
            if path and any(host in netrc.netrc(path).hosts for host in hosts):
                return "online"
        except (OSError, netrc.NetrcParseError):
            pass
    return "offline"


@contextmanager
def exit_functions_kept(kept: list):
    """Append to `kept` what this thread registers with `atexit` meanwhile."""
    register, thread = atexit.register, threading.get_ident()

    def registered(function, *arguments, **options):
        if threading.get_ident() == thread:
            kept.append(function)
        return register(function, *arguments, **options)

    atexit.register = registered
    try:
        yield
    finally:
        atexit.register = register


class Wandb:
    """Weights & Biases as a sink that can't hurt: it never asks, stops, slows or outlasts the run.

    All of wandb, its import too, happens in one thread that entries are queued for. Whatever fails there is said once,
    and the run goes on without. `id` is the run's at wandb, new where none is given; a resumed run passes its own.
    settings: "wandb_project", "wandb_run_name", "wandb_mode", and all others as wandb's config. pictures(kind, rows):
    {name: array of pixels, or SVG text} of what an entry's rows look like.
    """

    def __init__(self, settings: dict, run_id: str | None, say, pictures=None):
        self.settings, self.say, self.pictures = settings, say, pictures
        self.id = run_id or secrets.token_hex(4)
        self.entries = queue.Queue(maxsize=10_000)      # hours of them: more than a slow network holds up
        self.failure, self.notes, self.said, self.dropped = None, queue.SimpleQueue(), False, 0
        self.at_exit = []                               # what wandb wants called when the interpreter exits
        self.thread = threading.Thread(target=self._work, name="wandb", daemon=True)
        self.thread.start()

    def __call__(self, entry: dict) -> None:
        self._tell()
        if self.failure is None:
            try:
                self.entries.put_nowait(entry)
            except queue.Full:
                self.dropped += 1

    def close(self) -> None:
        """Let wandb finish what is queued, for as long as WANDB_FINISH_SECONDS."""
        if self.failure is None:
            try:
                self.entries.put_nowait(None)
            except queue.Full:
                self.failure = "its queue is full"
            self.thread.join(WANDB_FINISH_SECONDS)
            if self.thread.is_alive() and self.failure is None:
                self.failure = f"it did not finish within {WANDB_FINISH_SECONDS} s"
        if self.failure is not None:        # nor may it wait at the interpreter's exit for a service that doesn't answer
            for function in self.at_exit:
                atexit.unregister(function)
        self._tell()
        if self.dropped:
            self.say(f"WARNING: wandb was too slow for {self.dropped} entries; metrics.jsonl has them all")

    def _tell(self) -> None:
        """Say, in the thread of the run, what its own thread has to say."""
        while not self.notes.empty():
            self.say(self.notes.get())
        if self.failure is not None and not self.said:
            self.said = True
            self.say(f"WARNING: going on without wandb: {self.failure}; metrics.jsonl has everything")

    def _work(self) -> None:
        try:
            with exit_functions_kept(self.at_exit):
                wandb, run = self._start()
            run.define_metric("*", step_metric="iter")
            while (entry := self.entries.get()) is not None:
                run.log(self._translated(wandb, entry))
            run.finish()
        except BaseException as error:          # wandb is known to raise SystemExit, too
            lines = str(error).strip().splitlines()
            self.failure = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__

    def _start(self):
        try:
            import wandb
        except ImportError:
            raise ImportError("it is not installed (pip install wandb)") from None
        mode = wandb_mode(self.settings["wandb_mode"])

        def start(mode):
            # Before anything else: a wandb that isn't silent asks a terminal for a key that it doesn't find.
            wandb.setup(wandb.Settings(silent=True))
            return wandb.init(
                project=self.settings["wandb_project"], name=self.settings["wandb_run_name"] or None, id=self.id,
                resume="allow", config=self.settings, dir=self.settings["out_dir"], mode=mode,
                settings=wandb.Settings(silent=True, console="off", init_timeout=WANDB_START_SECONDS,
                                        finish_timeout=WANDB_FINISH_SECONDS))

        try:
            run = start(mode)
        except Exception as error:
            if mode != "online":
                raise
            self.notes.put(f"WARNING: wandb can't go online ({type(error).__name__}); logging offline")
            wandb.teardown()        # its service still holds the id
            run = start(mode := "offline")
        folder = os.path.dirname(str(getattr(run, "dir", "")))      # run.dir is the folder of files in the run's own
        self.notes.put(f"wandb: {getattr(run, 'url', '') or self.id}" if mode == "online" else
                       f"wandb: {mode} run {self.id}" + (f"; `wandb sync {folder}` sends it" * (mode == "offline")))
        return wandb, run

    def _translated(self, wandb, entry: dict) -> dict:
        """An entry as wandb shows it: curves by name, plans as a table, histograms and pictures."""
        kind, rows = entry["kind"], entry.get("rows")
        logged = {"iter": entry["iter"]}
        if rows is None:
            prefix = "" if kind == "dag" else "val/" if kind == "final" else f"{kind}/"
            logged.update({prefix + name: value for name, value in entry.items() if name not in ("kind", "iter")})
            return logged
        if kind == "cells":
            logged.update({f"exact/{row['wording']}/{row['n_ops']}": row["exact"] / row["count"] for row in rows})
        elif kind == "gates":
            for row in rows:
                edges = [n / len(row["counts"]) for n in range(len(row["counts"]) + 1)]
                logged[f"gates/{row['dataset']}/{row['tokens']}"] = wandb.Histogram(np_histogram=(row["counts"], edges))
        elif rows:
            columns = list(rows[0])
            cells = [[value if isinstance(value, (str, int, float, bool, type(None))) else json.dumps(value)
                      for value in (row[name] for name in columns)] for row in rows]
            logged[kind] = wandb.Table(columns=columns, data=cells)
        return {**logged, **self._drawn(wandb, kind, rows)}

    def _drawn(self, wandb, kind, rows):
        try:
            drawn = self.pictures(kind, rows) if self.pictures else {}
            return {name: wandb.Html(picture) if isinstance(picture, str) else wandb.Image(picture)
                    for name, picture in drawn.items()}
        except Exception as error:              # no matplotlib: curves and tables are worth having without
            self.pictures = None
            self.notes.put(f"WARNING: no pictures for wandb ({type(error).__name__}: {error})")
            return {}
