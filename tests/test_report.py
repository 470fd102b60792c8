"""The page about a run: what is in it, what is absent and why, that it stands alone. And metrics.jsonl read back."""
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

import report
import sample
from assembly import load_gpt
from checkpoint import load_checkpoint
from configurator import ConfigError
from metrics import MetricsError, read_metrics
from test_sample import ROOT, saved

HOSTILE = "<script>alert('1')</script> ]]> \" & 🎉 $x_1$"
SECTIONS = ["Loss and exactness", "Accuracy by wording and operations", "Plans of validation expressions",
            "Values of slots over training", "Gate", "Gradients", "Certainty", "Hidden states",
            "Every figure, its latest value"]


def plan_row(**changes):
    return {**dict(text="5 + 2.5 * 3 =", wording="digits", n_ops=2, truth="12.5", answer="12.5", reason=None,
                   right=True, steps=[["multiply", 1, 2], ["add", 0, 3]], values=["5", "2.5", "3", "7.5", "12.5"],
                   slots=[5.0, 2.5, 3.0, 7.5, 12.5], confidence=[0.9, 0.99, 0.8, 0.7, 0.4]), **changes}


def entries(score="exact_answer"):
    """What a run of two evaluations logs."""
    for iteration in (1, 10, 20):
        seconds = 6.0 * iteration
        yield dict(kind="train", iter=iteration, examples=64, seconds=seconds, loss=20 / iteration,
                   digits=5 / iteration, grad_norm=1.0, lr=1e-3, examples_per_second=100.0)
        yield {"kind": "dag", "iter": iteration, "seconds": seconds, "gate/mean": 0.3, "gate/prose/max": 0.5,
               "grad/op/add": 0.1, "grad/op/divide": 0.2, "grad/final_hidden": 0.3, "entropy/operation": 0.4,
               "digits/confidence": 0.5, "hidden/dag_norm": 0.6, "hidden/dag_ratio": 0.7, "gpu/utilization": None,
               "nodes/0/n0": 5.0}
        if iteration > 1:
            yield {"kind": "val" if iteration < 20 else "final", "iter": iteration, "seconds": seconds,
                   score: 0.999996 if iteration == 10 else 0.5, "text_loss": 2.0, "prose/text_loss": 3.0}
            yield dict(kind="cells", iter=iteration, rows=[
                dict(wording="digits", n_ops=1, count=10000, exact=9999),
                dict(wording="prose", n_ops=2, count=0, exact=0)])
            yield dict(kind="gates", iter=iteration, rows=[
                dict(dataset="prose", tokens=tokens, counts=[900, *[0] * 18, 3]) for tokens in ("answers", "others")])
            yield dict(kind="plans", iter=iteration, rows=[plan_row(), plan_row(
                text=HOSTILE, answer=None, reason="it has no end", right=False, slots=[5.0, None, 3.0, None, None])])


def logged(folder, lines):
    folder.mkdir(exist_ok=True)
    (folder / "metrics.jsonl").write_text("".join(
        (line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines), encoding="utf-8")
    return str(folder)


class Parsed(HTMLParser):
    """A page's tags, ids, headings and text; fails where tags don't match."""
    VOID = {"meta", "rect", "path", "circle", "use"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.headings, self.text = [], [], [], [], []
        self.feed(text)
        assert not self.open

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)
        if {"h1", "h2"} & set(self.open):
            self.headings.append(data)

    def has(self, part):
        return part in " ".join(self.text)


def page_of(*folders, **settings):
    return report.report({os.path.basename(folder): read_metrics(folder) for folder in folders})


def test_damaged_lines_are_left_out_and_counted_wherever_they_stand(tmp_path):
    whole = [dict(kind="train", iter=n, seconds=60.0 * n, loss=1.0 / n) for n in (1, 2, 3)]
    run = read_metrics(logged(tmp_path / "run", [
        whole[0], '{"kind": "train", "iter": 2, "lo', "", "[1]", '{"kind": "train"}', '{"iter": 1}', "\x00\x00",
        '{"kind": "cells", "iter": 2, "rows": [{"wording": "digits"}]}', '{"kind": "plans", "iter": 2, "rows": null}',
        '{"kind": "train", "iter": 2, "seconds": "x"}', whole[1], dict(whole[2], loss=None),
        '{"kind": "train", "iter": 4, ']))
    assert run.damaged == 10 and [entry["iter"] for entry in run.of("train")] == [1, 2, 3]
    assert run.series("loss", "train") == [(1, 1.0), (2, 0.5)]
    assert run.series("loss", "train", against="minutes") == [(1.0, 1.0), (2.0, 0.5)]
    assert run.keys("train") == ["loss"] and run.rows("cells") == []


@pytest.mark.parametrize("lines, message", [
    (None, "no .*metrics.jsonl: name the out_dir"), ([], "no whole line .0 damaged"),
    (["{"], "no whole line .1 damaged")])
def test_a_folder_without_metrics_is_refused_in_one_line(tmp_path, lines, message):
    if lines is not None:
        logged(tmp_path, lines)
    with pytest.raises(MetricsError, match=message):
        read_metrics(str(tmp_path))
    with pytest.raises(MetricsError, match="there is no folder .*nowhere"):
        read_metrics(str(tmp_path / "nowhere"))


@pytest.mark.parametrize("settings, folders, message", [
    ({}, [], "which run"), (dict(against="hours"), ["x"], "hours must be iterations or minutes")])
def test_settings_that_make_no_sense_are_refused(monkeypatch, settings, folders, message):
    for name, value in settings.items():
        monkeypatch.setattr(report, name, value)
    with pytest.raises(ConfigError, match=message):
        report.main(folders)


def test_sections_without_data_say_so_and_why_and_draw_nothing(tmp_path):
    folder = logged(tmp_path / "run", [dict(kind="val", iter=1, seconds=1.0)])
    page = Parsed(page_of(folder))
    assert page.headings == ["run", *SECTIONS] and not [tag for tag, _ in page.tags if tag == "svg"]
    for what in ("figures of exactness", "evaluated expressions", "plans", "gates", "gradients of plans", "entropies",
                 "norms"):
        assert page.has(f"There are no {what}: the run has logged none so far."), what


def test_the_kind_of_a_model_is_its_checkpoints_or_can_be_told_from_its_figures(tmp_path):
    run = read_metrics(logged(tmp_path / "one", [dict(kind="val", iter=1, exact_plan=0.1)]))
    assert report.kind_of(run, None) == "plan predictor (Phase 1)"
    kinds = [report.kind_of(run, dict(phase=phase, model_config=dict(dag_depth=depth)))
             for phase, depth in ((1, 3), (2, 3), (2, 0))]
    assert kinds == ["plan predictor (Phase 1)", "language model with a DAG (Phase 2)", "plain language model"]


@pytest.mark.slow
def test_a_page_says_what_was_trained_and_names_the_kind_of_model_that_lacks_a_thing(tmp_path):
    folder = logged(tmp_path / "run", [dict(kind="val", iter=1, seconds=1.0)])
    saved(tmp_path / "saved", 2, dag_depth=0, max_ops=2)
    os.rename(tmp_path / "saved" / "ckpt_00000007.pt", os.path.join(folder, "ckpt_00000007.pt"))
    page = Parsed(page_of(folder))
    assert page.has("There are no gates: a plain language model has none.") and page.has("ckpt_00000007.pt")
    checkpoint = load_checkpoint(os.path.join(folder, "ckpt_00000007.pt"))
    assert page.has(f"{load_gpt(checkpoint, 'it')[0].get_num_params():,}") and page.has("1 layers of width 16")


def test_meanings_are_found_by_key_by_pattern_and_behind_a_data_sets_name():
    known = {"gate/mean": "all", "gate/{dataset}/mean": "of one", "nodes/{sample}/{slot}": "value", "loss": "sum"}
    found = {key: report.meaning(key, known) for key in ("gate/mean", "gate/gsm8k/mean", "nodes/0/s1", "gsm8k/loss",
                                                         "x", "gate/a/b/mean")}
    assert found == {"gate/mean": "all", "gate/gsm8k/mean": "of one", "nodes/0/s1": "value",
                     "gsm8k/loss": "sum (gsm8k)", "x": "", "gate/a/b/mean": ""}


def test_samples_are_followed_by_their_place_and_undefined_slots_have_no_point(tmp_path):
    run = read_metrics(logged(tmp_path / "run", entries()))
    samples = report.followed_samples(run)
    texts, results, points, truths = zip(*samples)
    assert texts == ("5 + 2.5 * 3 =", HOSTILE) and results == ("s1", "s1") and truths == (12.5, 12.5)
    assert points[0]["s0"] == [(10, 7.5), (20, 7.5)] and points[1]["s0"] == [] and len(points[1]["n0"]) == 2
    assert report.followed_tokens(run) == [("sample token 0", None, {"n0": [(1, 5.0), (10, 5.0), (20, 5.0)]}, None)]


# ---- with charts ----------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """{name: text} of pages about one run, and about two with names that could break a page."""
    folder = tmp_path_factory.mktemp("runs")
    one = logged(folder / "one", entries())
    two = logged(folder / "_$2 & <b>", entries())
    return {"one": page_of(one), "two": page_of(one, two)}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["one", "two"])
def test_a_page_stands_alone_and_all_its_ids_are_its_own(pages, name):
    text = pages[name]
    page = Parsed(text)
    assert len(page.ids) == len(set(page.ids)) > 30
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "img", "iframe", "object", "style") or (tag == "style" and not attributes)
        assert not {"src", "onload", "onclick"} & set(attributes)
        for value in filter(None, attributes.values()):
            for target in re.findall(r"url\(([^)]*)\)", value) + [value] * (attributes.get("href") == value):
                assert target[0] == "#" and target[1:] in page.ids, target
        if tag == "svg":
            assert attributes["role"] == "img" and attributes["aria-label"]
    assert set(re.findall(r"https?://[^\"' )]*", text)) == {"http://www.w3.org/2000/svg"}
    assert sum(tag == "style" for tag, _ in page.tags) == 1         # no picture styles the page
    for svg in re.findall(r"<svg.*?</svg>", text, re.S):
        ElementTree.fromstring(svg)


@pytest.mark.slow
def test_every_section_shows_what_was_logged(pages):
    page = Parsed(pages["one"])
    assert page.headings == ["one", *SECTIONS] and "absent" not in [each.get("class") for _, each in page.tags]
    for shown in ("99.999 % at iteration 10", "1 of these 2 are right at iteration 20", "99.9", "of 10,000",
                  "no answer: it has no end", "wrong, it is 12.5", "= 12.5", "s1 = n0 + s0", "40.0%", "grad/op/divide",
                  "norm of the gradient in all weights", "nats a token of the whole text (prose)"):
        assert page.has(shown), shown
    said = [each["aria-label"] for tag, each in page.tags if tag == "svg"]
    assert "Loss in training over iterations; at the end loss of one 1" in said
    assert any(label.startswith("histogram of the gate on prose: 3 of 903 tokens of answers") for label in said)
    assert len([label for label in said if label.startswith("values of")]) == 2


@pytest.mark.slow
def test_hostile_texts_of_expressions_and_names_of_runs_stay_texts(pages):
    page = Parsed(pages["two"])
    assert HOSTILE in page.text and not {"script", "b"} & {tag for tag, _ in page.tags}
    legends = [text for text in page.text if "<b>" in text]
    assert "_$2 & <b>" in legends and " _$2 & <b>" in legends       # as heading, and in a legend


@pytest.mark.slow
def test_text_and_axes_have_the_pages_colour_and_nothing_has_a_background(pages):
    import charts
    for svg in re.findall(r"<svg.*?</svg>", pages["one"], re.S):
        assert "currentColor" in svg and charts.INK not in svg and "#000000" not in svg
    chart = ElementTree.fromstring(re.search(r"<svg[^>]*aria-label=\"Loss in.*?</svg>", pages["one"], re.S)[0])
    background = chart.find(".//*[@id='chart1-patch_1']/*").get("style")
    assert "fill: none" in background or "opacity: 0" in background


@pytest.mark.slow
def test_long_curves_are_thinned_without_losing_a_spike():
    import charts
    points = [(n, 1.0) for n in range(100_000)]
    points[77_777] = (77_777, 50.0)
    few = charts.thinned(points)
    assert len(few) <= charts.MOST_POINTS and (77_777, 50.0) in few and few == sorted(few) and few[0][0] == 0
    assert charts.thinned(points[:10]) == points[:10]


def script(name, *arguments):
    return subprocess.run([sys.executable, str(ROOT / name), *arguments], text=True, capture_output=True, timeout=300,
                          cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"})


@pytest.mark.slow
def test_the_report_and_the_curves_as_people_make_them(tmp_path):
    one = logged(tmp_path / "one", [*entries(), '{"kind": "train", "it'])
    plain = logged(tmp_path / "two", [entry for entry in entries() if entry["kind"] in ("train", "val")])
    done = script("report.py", one, plain, "--labels=with,without", "--against=minutes")
    assert done.returncode == 0, done.stderr
    assert "report of 2 runs" in done.stdout and "1 damaged line of" in done.stdout
    page = Parsed((tmp_path / "one" / "report.html").read_text(encoding="utf-8"))
    assert page.headings[:3] == ["with", " and ", "without"]
    assert page.has("minutes of training")
    for ending in ("svg", "png", "pdf"):
        done = script("plot.py", one, plain, f"--out={tmp_path}/curves.{ending}", "--labels=with, without")
        assert done.returncode == 0 and Path(f"{tmp_path}/curves.{ending}").stat().st_size > 1000, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name, arguments, message", [
    ("report.py", [], "which run? name its out_dir"), ("report.py", ["nowhere"], "there is no folder nowhere"),
    ("report.py", ["models"], "no models/metrics.jsonl"),
    ("report.py", ["{run}", "--against=x"], "--against=x must be"),
    ("report.py", ["{run}", "--labels=a,b"], "names 2 runs, there are 1"),
    ("report.py", ["--otu=x"], "did you mean out?"),
    ("report.py", ["{run}", "--out=nowhere/page.html"], "could not write nowhere/page.html"),
    ("plot.py", ["nowhere"], "there is no folder nowhere"),
    ("plot.py", ["{run}", "--figure=x"], "there are exact_answer")])
def test_mistakes_end_with_one_line_and_status_2(tmp_path, name, arguments, message):
    run = logged(tmp_path / "run", entries())
    done = script(name, *(argument.replace("{run}", run) for argument in arguments))
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and message in done.stderr, done.stderr


# ---- sample.py --draw -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("settings, message", [
    (dict(draw="plan.png"), "--draw=plan.png must end in .svg"),
    (dict(draw="plan.svg", complete=True), "draws plans of answers")])
def test_what_cant_be_drawn_is_refused_before_a_checkpoint_is_read(monkeypatch, settings, message):
    for name, value in settings.items():
        monkeypatch.setattr(sample, name, value)
    with pytest.raises(ConfigError, match=message):
        sample.main(["2 + 2"])


@pytest.mark.slow
@pytest.mark.parametrize("phase, changes", [(1, {}), (2, {}), (2, dict(dag_depth=0, max_ops=2))])
def test_the_plans_of_prompts_are_drawn_with_checkpoints_of_every_kind(tmp_path, monkeypatch, capsys, phase, changes):
    path, drawn = saved(tmp_path / "run", phase, router_bias=9.0, **changes), tmp_path / "plans.svg"
    for name, value in dict(ckpt=path, device="cpu", draw=str(drawn)).items():
        monkeypatch.setattr(sample, name, value)
    with pytest.raises(SystemExit):                         # of the last prompt, which has too many numbers
        sample.main(["1 + 2", "3 <> 0", "1+2+3+4"])
    shown = "".join(ElementTree.parse(drawn).getroot().itertext())
    assert "1 + 2" in shown and "3 <> 0" in shown and "no answer: 4 numbers exceed num_initial_values=3" in shown
    assert ("result" in shown) == (not changes)             # a plan is drawn where there is one
    assert capsys.readouterr().out.startswith("1 + 2\n")
