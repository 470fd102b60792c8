"""The scripts as people run them, beside the real wandb, however it fares: absent, keyless, misled, killed, frozen."""
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TINY = ["--max_ops=1", "--dag_depth=1", "--max_digits=2", "--max_decimals=0", "--n_layer=1", "--n_embd=32",
        "--n_head=2", "--batch_size=16", "--eval_examples=64", "--eval_interval=5", "--device=cpu",
        "--dag_log_interval=5", "--log_interval=5", "--wandb_log=True"]
# The script itself, but for how long it is patient with wandb.
IMPATIENT = ("import runpy, sys; sys.path.insert(0, {root!r}); import run_log; "
             "run_log.WANDB_START_SECONDS, run_log.WANDB_FINISH_SECONDS = {start}, {finish}; "
             "runpy.run_path({root!r} + '/train_predictor.py', run_name='__main__')")
NO_SERVER = "http://127.0.0.1:9"        # where nobody listens

pytestmark = pytest.mark.slow


class Run:
    """A run of train_predictor.py in `folder`, without a key. `said` is what it has said until now.

    Its output goes to a file: a process of wandb's that outlives it would hold the end of a pipe open. terminal: it has
    one. start, finish: WANDB_START_SECONDS and WANDB_FINISH_SECONDS. variables: of its environment.
    """

    def __init__(self, folder, *more, terminal=False, start=30, finish=60, **variables):
        self.out_dir, self.output = folder / "run", folder / "said"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
        code = IMPATIENT.format(root=str(ROOT), start=start, finish=finish)
        self.output.write_bytes(b"")
        ours, theirs = pty.openpty() if terminal else (None, os.open(self.output, os.O_WRONLY))
        self.child = subprocess.Popen(
            [sys.executable, "-c", code, *TINY, f"--out_dir={self.out_dir}", *more], cwd=folder,
            stdin=theirs if terminal else subprocess.DEVNULL, stdout=theirs, stderr=theirs,
            env={**environment, "HOME": str(folder), "OMP_NUM_THREADS": "1", **variables})
        os.close(theirs)
        if terminal:
            threading.Thread(target=self._read, args=(ours,), daemon=True).start()

    def _read(self, terminal):
        with open(self.output, "ab", buffering=0) as file:
            try:
                while data := os.read(terminal, 4096):
                    file.write(data)
            except OSError:             # how a terminal says that nobody is at the other end any more
                os.close(terminal)

    @property
    def said(self):
        return self.output.read_text(errors="replace")

    def until(self, words):
        """Wait until it has said them."""
        while True:
            ended = self.child.poll() is not None
            if words in self.said:
                return
            assert not ended, self.said
            time.sleep(0.05)

    def warnings(self):
        """Those it gave, once it has ended with status 0 and all its own files."""
        try:
            self.child.wait(timeout=300)
        finally:
            self.child.kill()
        said = self.said
        assert self.child.returncode == 0 and "Traceback" not in said and "Fatal" not in said, said
        assert "done: " in said, said
        entries = [json.loads(line) for line in (self.out_dir / "metrics.jsonl").read_text().splitlines()]
        assert {"train", "val", "final", "dag", "cells", "plans"} <= {entry["kind"] for entry in entries}
        assert list(self.out_dir.glob("ckpt_*.pt")) and (self.out_dir / "best.pt").exists()
        return [line for line in said.splitlines() if "WARNING" in line]


def folders(out_dir):
    return sorted((out_dir / "wandb").glob("offline-run-*"))


def missing(folder, *keys):
    """Those that wandb's file of a run, a log of protobuf records, doesn't name."""
    path, = folder.glob("run-*.wandb")
    written = path.read_bytes()
    return [key for key in keys if key.encode() not in written]


def test_an_absent_wandb_is_said_once(tmp_path):
    (tmp_path / "wandb.py").write_text("raise ImportError('not here')")
    found = Run(tmp_path, "--max_iters=10", PYTHONPATH=str(tmp_path)).warnings()
    assert len(found) == 1 and "pip install wandb" in found[0]


def test_an_offline_run_is_written_in_full_and_resumed_under_its_id(tmp_path):
    pytest.importorskip("wandb")
    for more in (["--max_iters=10"], ["--max_iters=15", "--init_from=resume"]):
        run = Run(tmp_path, *more)
        assert not run.warnings() and "wandb sync" in run.said, run.said
    first, second = folders(run.out_dir)
    assert first.name.rpartition("-")[2] == second.name.rpartition("-")[2]
    for folder in (first, second):
        assert not missing(folder, "train/loss", "train/lr", "val/exact_plan", "exact/", "grad/op/add", "nodes/0/n0",
                           "entropy/operation", "speed/mfu", "learning_rate", "table-file", "html-file", "image-file")
        tables, pages, charts = (list((folder / "files" / "media").glob(f"{kind}/**/*.{ending}"))
                                 for kind, ending in (("table", "json"), ("html", "html"), ("images", "png")))
        assert tables and pages and charts
        for path in tables:
            table = json.loads(path.read_text())
            assert {"text", "answer", "steps"} <= set(table["columns"]) and table["data"]
        assert all("<svg" in path.read_text(encoding="utf-8") for path in pages)
        assert all(path.read_bytes().startswith(b"\x89PNG") for path in charts)


def test_a_key_without_a_network_logs_offline(tmp_path):
    pytest.importorskip("wandb")
    run = Run(tmp_path, "--max_iters=10", start=10, WANDB_MODE="online", WANDB_BASE_URL=NO_SERVER,
              WANDB_API_KEY="a" * 40)
    found = run.warnings()
    assert len(found) == 1 and "can't go online" in found[0] and "wandb sync" in run.said, run.said
    assert not missing(folders(run.out_dir)[-1], "train/loss", "val/exact_plan", "grad/op/add")


def test_a_keyless_run_that_shall_go_online_asks_nothing_at_a_terminal(tmp_path):
    pytest.importorskip("wandb")
    run = Run(tmp_path, "--max_iters=10", terminal=True, start=10, WANDB_MODE="online", WANDB_BASE_URL=NO_SERVER)
    found = run.warnings()
    assert len(found) == 1 and "can't go online" in found[0], run.said
    assert "choice" not in run.said and "API key" not in run.said and "wandb sync" in run.said, run.said


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="finds wandb's process in /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_a_wandb_whose_process_goes_in_the_middle_costs_nothing_and_nobody_waits_for_it(tmp_path, number):
    pytest.importorskip("wandb")
    run, services = Run(tmp_path, "--max_iters=200", finish=5), []
    try:
        run.until("wandb: offline run")
        tasks = Path(f"/proc/{run.child.pid}/task")
        services = [int(pid) for path in tasks.glob("*/children") for pid in path.read_text().split()]
        assert services
        for pid in services:
            os.kill(pid, number)
        run.until("done: ")
        began = time.monotonic()
        found = run.warnings()
        assert len(found) == 1 and "going on without wandb" in found[0], run.said
        assert time.monotonic() - began < 30
    finally:
        run.child.kill()
        for pid in services if number == signal.SIGSTOP else []:
            os.kill(pid, signal.SIGKILL)
