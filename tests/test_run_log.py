"""One log, three sinks: what goes where, and that wandb, however it fails, harms nothing."""
import io
import json
import sys
import threading
import time
from contextlib import redirect_stdout
from types import ModuleType, SimpleNamespace

import pytest

import run_log
from console import Console
from run_log import MetricsFile, RunLog, Terminal, Wandb, wandb_mode

SETTINGS = dict(wandb_project="project", wandb_run_name="", wandb_mode="", out_dir="out", learning_rate=0.5)
TRAIN = dict(loss=1.5, grad_norm=0.25, lr=1e-3, examples_per_second=1234.5)


class FakeWandb(ModuleType):
    """wandb, as far as it is used. fail: {name of a call: exception to raise, or seconds to hang for}."""

    def __init__(self, **fail):
        super().__init__("wandb")
        self.fail, self.started, self.logged, self.finished, self.metrics = fail, [], [], 0, []
        self.Settings, self.Image = SimpleNamespace, lambda figure: ("image", figure)
        self.setup, self.torn_down = lambda settings: None, 0
        self.Html = lambda text: ("html", text)
        self.Histogram = lambda np_histogram: ("histogram", np_histogram)
        self.Table = lambda columns, data: ("table", columns, data)

    def _maybe(self, name):
        fault = self.fail.get(name)
        if isinstance(fault, (int, float)):
            time.sleep(fault)
        elif fault is not None:
            raise fault

    def init(self, **options):
        self.started.append(options)
        self._maybe(f"init {options['mode']}")
        self._maybe("init")
        return SimpleNamespace(log=self._log, finish=self._finish, url="there", dir="out/wandb/run-x/files",
                               define_metric=lambda *a, **k: self.metrics.append((a, k)))

    def teardown(self):
        self.torn_down += 1

    def _log(self, entry):
        self._maybe("log")
        self.logged.append(entry)

    def _finish(self):
        self._maybe("finish")
        self.finished += 1


@pytest.fixture
def keyless(monkeypatch, tmp_path):
    for name in ("WANDB_MODE", "WANDB_API_KEY", "WANDB_BASE_URL", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(run_log, "WANDB_FINISH_SECONDS", 5.0)
    return tmp_path


@pytest.fixture
def start(monkeypatch, keyless):
    """start(fake, **options) -> (the sink, what it says)."""
    def started(fake, run_id=None, pictures=None, **changes):
        monkeypatch.setitem(sys.modules, "wandb", fake)
        said = []
        return Wandb({**SETTINGS, **changes}, run_id, said.append, pictures), said
    return started


def entry(iteration, kind="train", **values):
    return {"kind": kind, "iter": iteration, **(values or {"loss": 1.0})}


# ---- the sinks that are always there --------------------------------------------------------------------------------

def test_every_sink_gets_every_entry_and_what_is_not_finite_is_null(tmp_path):
    seen = []
    log = RunLog(MetricsFile(str(tmp_path / "metrics.jsonl")), seen.append)
    log.log("train", 1, loss=float("nan"), lr=float("inf"), rows=[{"a": 1}])
    log.close()
    assert seen == [{"kind": "train", "iter": 1, "loss": None, "lr": None, "rows": [{"a": 1}]}]
    assert json.loads((tmp_path / "metrics.jsonl").read_text()) == seen[0]


def test_the_terminal_shows_figures_in_compact_lines_and_rows_not_at_all():
    console = Console(visible=True)
    console.start(0.0)
    with redirect_stdout(io.StringIO()) as shown:
        log = RunLog(Terminal(console))
        log.log("train", 50, **TRAIN, tokens_per_second=9.0)
        log.log("dag", 50, **{"gate/mean": 0.1})
        log.log("val", 100, examples=7, seconds=3.0, exact_plan=0.987654, best=True)
        log.log("cells", 100, rows=[{"n_ops": 1}])
    assert shown.getvalue() == ("iter 50  loss 1.5000  norm 0.25  lr 1.00e-03  1,234 examples/s\n"
                                "val iter 100  exact_plan 0.9877  (best)\n")


# ---- wandb ----------------------------------------------------------------------------------------------------------

def test_wandb_is_offline_without_a_key_and_online_with_one(keyless, monkeypatch):
    assert wandb_mode("") == "offline" and wandb_mode("online") == "online"
    (keyless / ".netrc").write_text("machine example.org login user password secret\n")
    assert wandb_mode("") == "offline"
    (keyless / ".netrc").write_text("machine api.wandb.ai login user password secret\n")
    (keyless / ".netrc").chmod(0o600)
    assert wandb_mode("") == "online"
    (keyless / ".netrc").write_text("machine api.forge.coreweave.com login user password secret\n")
    assert wandb_mode("") == "online"
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
    assert wandb_mode("") == "offline"
    monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
    assert wandb_mode("") == "online"
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert wandb_mode("") == "disabled" and wandb_mode("offline") == "offline"


def test_a_run_at_wandb_has_the_settings_the_curves_and_an_end(start):
    fake = FakeWandb()
    sink, said = start(fake)
    for n in range(3):
        sink(entry(n, loss=n / 2))
    sink(entry(3, "final", exact_plan=1.0))
    sink(entry(3, "dag", **{"gate/mean": 0.5}))
    sink.close()
    options = fake.started[0]
    assert options["mode"] == "offline" and options["resume"] == "allow" and options["project"] == "project"
    assert options["config"]["learning_rate"] == 0.5 and options["id"] == sink.id and options["name"] is None
    assert fake.metrics == [(("*",), {"step_metric": "iter"})] and fake.finished == 1
    assert fake.logged == [*({"iter": n, "train/loss": n / 2} for n in range(3)),
                           {"iter": 3, "val/exact_plan": 1.0}, {"iter": 3, "gate/mean": 0.5}]
    assert len(said) == 1 and sink.id in said[0] and "wandb sync out/wandb/run-x" in said[0]


def test_rows_become_tables_histograms_curves_and_pictures(start):
    fake = FakeWandb()
    sink, _ = start(fake, pictures=lambda kind, rows: {"cells": {"accuracy": 7}, "plans": {"dag": "<svg>"}}.get(
        kind if rows else "", {}))
    sink(entry(5, "cells", rows=[dict(wording="digits", n_ops=2, count=4, exact=3)]))
    sink(entry(5, "gates", rows=[dict(dataset="gsm8k", tokens="others", counts=[7, 0, 0, 1])]))
    sink(entry(5, "plans", rows=[dict(text="1 + 1", steps=[["add", 0, 1]], right=True, answer=None)]))
    sink(entry(5, "plans", rows=[]))
    sink.close()
    cells, gates, plans, nothing = fake.logged
    assert cells == {"iter": 5, "exact/digits/2": 0.75, "accuracy": ("image", 7)}
    assert gates == {"iter": 5, "gates/gsm8k/others": ("histogram", ([7, 0, 0, 1], [0, 0.25, 0.5, 0.75, 1.0]))}
    assert plans["dag"] == ("html", "<svg>") and plans["plans"] == ("table", ["text", "steps", "right", "answer"],
                              [["1 + 1", '[["add", 0, 1]]', True, None]])
    assert nothing == {"iter": 5}


def test_pictures_that_cannot_be_drawn_cost_pictures_alone(start):
    def no_matplotlib(kind, rows):
        raise ImportError("no matplotlib")

    sink, said = start(fake := FakeWandb(), pictures=no_matplotlib)
    for n in range(3):
        sink(entry(n, "cells", rows=[dict(wording="digits", n_ops=2, count=4, exact=3)]))
    sink.close()
    assert len(fake.logged) == 3 and sum("no pictures for wandb" in line for line in said) == 1


def test_a_resumed_run_keeps_its_id(start):
    sink, _ = start(fake := FakeWandb(), run_id="known")
    sink.close()
    assert sink.id == fake.started[0]["id"] == "known"


def test_without_a_network_a_run_with_a_key_goes_on_offline(start, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
    sink, said = start(fake := FakeWandb(**{"init online": ConnectionError("no network")}))
    sink(entry(1))
    sink.close()
    assert [options["mode"] for options in fake.started] == ["online", "offline"] and len(fake.logged) == 1
    assert fake.torn_down == 1              # else its service would refuse the id that the first start took
    assert "can't go online (ConnectionError)" in said[0] and "wandb sync" in said[1]


@pytest.mark.parametrize("fake, words", [
    (None, "not installed (pip install wandb)"),
    (FakeWandb(init=RuntimeError("a broken\ninstallation")), "RuntimeError: a broken"),
    (FakeWandb(init=SystemExit(1)), "SystemExit"),
    (FakeWandb(log=BrokenPipeError("the service is gone")), "BrokenPipeError"),
    (FakeWandb(finish=OSError("no space")), "OSError: no space"),
], ids=["absent", "fails at start", "exits at start", "fails in the middle", "fails at the end"])
def test_whatever_fails_at_wandb_is_said_once_and_nothing_is_raised(start, fake, words):
    sink, said = start(fake)
    for n in range(5):
        sink(entry(n))
    sink.close()
    warnings = [line for line in said if "WARNING" in line]
    assert len(warnings) == 1 and words in warnings[0] and "\n" not in warnings[0] and "metrics.jsonl" in warnings[0]


@pytest.mark.parametrize("where", ["init", "log", "finish"])
def test_a_wandb_that_hangs_is_left_behind(start, monkeypatch, where):
    monkeypatch.setattr(run_log, "WANDB_FINISH_SECONDS", 0.05)
    sink, said = start(FakeWandb(**{where: 1.0}))
    began = time.monotonic()
    for n in range(3):
        sink(entry(n))
    sink.close()
    assert time.monotonic() - began < 0.8 and sink.thread.daemon
    assert "did not finish within 0.05 s" in said[-1]


def test_a_wandb_that_is_too_slow_loses_entries_and_says_so(start):
    gate = threading.Event()
    fake = FakeWandb()
    fake._log = lambda entry: gate.wait(5)
    sink, said = start(fake)
    sink.entries.maxsize = 4
    for n in range(20):
        sink(entry(n))
    gate.set()
    time.sleep(0.02)
    sink.close()
    assert sink.dropped >= 15 - 1 and f"too slow for {sink.dropped} entries" in said[-1]
