"""Asking checkpoints of both phases: prompts, answers, plans for people, and the two commands of evaluate.py."""
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
import torch

import bench
import evaluate
import exact
import sample
from answering import NO_END, answer_gpt, plan_prompts
from assembly import (answer_stream, build_gpt, build_predictor, gpt_config, load_gpt, predictor_config, settle,
                      settle_phase2)
from checkpoint import CheckpointError, find_checkpoint, load_checkpoint, save_checkpoint
from configurator import ConfigError, configure
from data.dagset.parser import parse
from data.dagset.tree import evaluate as value_of
from data.text import TextBatch
from display import PlanDisplay
from evaluation import answer_texts, breakdown_gpt, commonest_share, score_answers
from models.backbone import ModelError

ROOT = Path(__file__).parent.parent
SIZES = ["--n_layer=1", "--n_embd=16", "--n_head=2", "--block_size=64", "--dag_depth=2", "--max_digits=2",
         "--max_decimals=1", "--answer_digits=6", "--answer_decimals=2", "--batch_size=16"]


def settings_of(script, *argv):
    return configure(bench.defaults_of(str(ROOT / script)), [*SIZES, *argv])


def awake(model):
    """`model` with random weights where it starts with zeros."""
    torch.manual_seed(0)
    for parameter in model.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.5)
    return model.eval()


def saved(folder, phase, router_bias=0.0, **changes):
    """The path of a new checkpoint of a tiny model with random weights."""
    if phase == 1:
        argv = [item for item in SIZES if "answer" not in item]
        settings = settle(configure(bench.defaults_of(str(ROOT / "train_predictor.py")), argv))
        model, config = build_predictor(settings), predictor_config(settings)
    else:
        settings = settle_phase2({**settings_of("train.py"), **changes})
        model, config = build_gpt(settings), gpt_config(settings)
        if settings["dag_depth"]:
            model.router.bias.data.fill_(router_bias)   # with 0, random weights ask for answers here and there
    folder.mkdir()
    return save_checkpoint(str(folder), dict(phase=phase, model=awake(model).state_dict(), model_config=config,
                                             settings=settings, iter=7))


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return {1: saved(folder / "one", 1), 2: saved(folder / "two", 2), "plain": saved(folder / "plain", 2, dag_depth=0,
                                                                                     max_ops=2)}


@pytest.fixture
def ask(monkeypatch, capsys):
    """ask(checkpoint, *prompts, **settings) -> (standard output, standard error) of sample.py."""
    def asked(checkpoint, *prompts, **settings):
        for name, value in dict(ckpt=checkpoint, device="cpu", **settings).items():
            monkeypatch.setattr(sample, name, value)
        try:
            sample.main(list(prompts))
        except SystemExit as error:
            assert error.code == 2
        return capsys.readouterr()

    return asked


class Scripted:
    """A GPT that prints what it is told: {prompt: text}. Its plans are those of `model` at the prompts' ends."""
    asks_again = False

    def __init__(self, model, tokenizer, says):
        self.model, self.config, self.tokenizer, self.says = model, model.config, tokenizer, says

    def offered(self, idx, lengths, spell, on_plan, n_values):
        return torch.full((len(idx), 1), -1)            # nothing is known before it is said

    def generate(self, idx, max_new_tokens, temperature, stop, on_plan, lengths):
        assert temperature == 0 and self.tokenizer.decode([stop]) == "\n"
        prompts = [self.tokenizer.decode(row[:length]) for row, length in zip(idx.tolist(), lengths.tolist())]
        plan = self.model.predictor(self.model.backbone(idx), idx, lengths[:, None] - 1)
        written = self.model.dag.characters(plan)
        on_plan(torch.arange(len(idx)), plan, written)
        on_plan(torch.arange(len(idx)), plan, torch.full_like(written, exact.NOTHING))      # behind the answer
        lines = [self.tokenizer.encode(self.says[prompt]) for prompt in prompts]
        lines = torch.tensor([(line + [stop] * max_new_tokens)[:max_new_tokens] for line in lines])
        return torch.nn.functional.pad(idx, (0, max_new_tokens)).scatter(
            1, lengths[:, None] + torch.arange(max_new_tokens), lines)


@pytest.fixture
def scripted(checkpoints):
    model, tokenizer = load_gpt(load_checkpoint(checkpoints[2]), checkpoints[2])
    return lambda says: (Scripted(model, tokenizer, says), tokenizer)


def test_the_tree_shows_what_the_result_is_made_of_and_nothing_else():
    steps = [("multiply", 1, 2), ("identity", 4, 4), ("add", 0, 5), ("identity", 6, 3)]
    shown = PlanDisplay(steps, ["5", "2.5", "3", "99", "7.5", "7.5", "12.5", "12.5"])
    assert shown.numbers() == ["n0 = 5", "n1 = 2.5", "n2 = 3"]
    assert shown.tree() == ["add (s2)", "  5", "  multiply (s0)", "    2.5", "    3"]
    assert shown.slots() == ["s0 = n1 * n2 = 7.5", "s2 = n0 + s0 = 12.5"]
    assert shown.lines()[1] == "  plan     add (s2)" and len(shown.lines()) == 8


def test_a_step_that_is_read_often_is_shown_once_so_a_tree_stays_small():
    squares = [("multiply", 0, 0), *(("multiply", s, s) for s in range(1, 40))]
    tree = PlanDisplay(squares, ["1"] * 41).tree()
    assert len(tree) == 81 and tree[-1] == "  multiply (s38), as above"
    assert PlanDisplay([("identity", 0, 0)], ["4", "4"]).lines() == ["  numbers  n0 = 4", "  plan     4"]


def test_prompts_stand_beside_settings_even_those_that_begin_with_a_minus():
    names = {"ckpt": "", "seed": 1}
    parted = sample.settings_and_prompts(["--ckpt=x", "-3 + 5", "--3 is", "2+2", "-", "a.py", "--sed=3", "x = 3",
                                          "seed=3", "-h"], names)
    assert parted == (["--ckpt=x", "a.py", "--sed=3", "seed=3", "-h"], ["-3 + 5", "--3 is", "2+2", "-", "x = 3"])


def test_prompts_come_from_a_file_or_a_pipe_one_a_line_and_never_from_two_places(monkeypatch, tmp_path):
    path = tmp_path / "prompts"
    path.write_text("2 + 2\n\n -3 \nlast")
    monkeypatch.setattr(sample, "file", str(path))
    assert sample.find_prompts([]) == ["2 + 2", " -3 ", "last"]
    with pytest.raises(ConfigError, match="1 prompts on the command line and --file="):
        sample.find_prompts(["2"])
    monkeypatch.setattr(sample, "file", "")
    with open(path) as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        assert sample.find_prompts(["-"]) == ["2 + 2", " -3 ", "last"]


@pytest.mark.slow
def test_what_is_printed_is_cut_at_its_end_whatever_order_and_batch_it_came_in(scripted):
    says = {"1 + 1 =": " 2\n", "12 + 1 =": " 13\njunk", "5 =": " 8\n", "7 / 0 =": " undefined\n",
            "1 + 2 =": " 3" * 20, "what is": " -4.5\n"}
    model, tokenizer = scripted(says)
    prompts = ["12 + 1", "1 + 1", "<<5=", "  7 / 0", "1 + 2 =", "what is ", "1+2+3+4+5", ""]
    counted = []
    texts, reasons, plans = answer_gpt(model, tokenizer, prompts, "cpu", batch_size=2, on_batch=counted.append)
    assert texts == ["13", "2", "8", "undefined", None, "-4.5", None, None] and sum(counted) == 6
    assert reasons[:4] == [None] * 4 and reasons[4] == NO_END and "num_initial_values=3" in reasons[6]
    assert reasons[7] == "the prompt is empty" and plans[6] is plans[7] is None
    for plan in plans[:6]:
        assert len(plan.slots) == 5 and plan.text         # the first plan, not the one made behind the answer
        known = isinstance(plan.slots[-1], Fraction)
        assert known or plan.text in ("undefined", "too large")


@pytest.mark.slow
def test_a_gpts_numbers_are_predictions_and_everything_else_is_null(scripted, monkeypatch):
    says = {"1 =": " 2\n", "2 =": " undefined\n", "3 =": " too large\n", "4 =": " 1.2.3\n", "5 =": " -0.5\n",
            "6 =": " five\n", "7 =": "\n"}
    model, tokenizer = scripted(says)
    monkeypatch.setattr(evaluate, "device", "cpu")
    predictions, reasons = evaluate.predict(model, tokenizer, 2, [*"1234567", "123"], None)
    assert predictions == ["2", None, None, None, "-0.5", None, None, None]
    assert reasons[:7] == [None, "division by zero", "overflow", NO_END, None, NO_END, NO_END]
    assert reasons[7] == "123 has more integer digits than max_digits=2"


@pytest.mark.slow
@pytest.mark.parametrize("kind", [2, "plain"])
def test_prompts_beside_it_dont_change_what_a_gpt_prints(checkpoints, kind):
    model, tokenizer = load_gpt(load_checkpoint(checkpoints[kind]), "it")
    prompts = ["1 + 2", "9", "3 * 4", "7 - 5 =", "1 + " * 15 + "1", "words " * 9]
    together = answer_gpt(model, tokenizer, prompts, "cpu")
    alone = [[part[0] for part in answer_gpt(model, tokenizer, [prompt], "cpu")] for prompt in prompts]
    for text, reason, plan, (text_alone, reason_alone, plan_alone) in zip(*together, alone):
        assert (text, reason, plan is None) == (text_alone, reason_alone, plan_alone is None)
        if plan is not None:        # products of matrices of other sizes round otherwise
            assert plan.confidence == pytest.approx(plan_alone.confidence, rel=1e-4)
            assert replace(plan, confidence=[]) == replace(plan_alone, confidence=[])
    assert "16 numbers exceed num_initial_values=3" in together[1]


@pytest.mark.slow
def test_a_prompt_without_room_for_its_answer_is_refused_with_both_values(checkpoints):
    model, tokenizer = load_gpt(load_checkpoint(checkpoints[2]), "it")
    texts, reasons, _ = answer_gpt(model, tokenizer, ["(" * 26 + "1" + ")" * 26, "word " * 90], "cpu")
    assert texts == [None, None] and reasons[0] == "54 tokens and 11 for an answer exceed block_size=64"
    assert re.fullmatch(r"\d+ tokens exceed block_size=64", reasons[1])


@pytest.mark.slow
def test_phase_1_shows_the_value_of_the_plan_it_read(checkpoints, ask):
    out, err = ask(checkpoints[1], "1 + 2", "3 / 0")
    assert out.startswith("1 + 2\n= ") and "\n  numbers  n" in out and "\n  plan     " in out and not err
    out, err = ask(checkpoints[1], "1", "2", "3", "4")
    assert [line.split("\t")[0] for line in out.splitlines()] == ["1", "2", "3", "4"]
    out, err = ask(checkpoints[1], "1", "1+2+3+4", verbose="False")
    assert "\tno answer: 4 numbers exceed num_initial_values=3" in out
    assert err == ("error: prompt 2: 4 numbers exceed num_initial_values=3; shorten it, or use a checkpoint trained on "
                   "wider ranges\n")


@pytest.mark.slow
def test_what_is_printed_is_compared_with_what_the_plan_comes_to(checkpoints, scripted, monkeypatch, ask):
    model, tokenizer = scripted({"1 + 2 =": " 123456\n"})
    model.to = lambda device: model
    monkeypatch.setattr(sample, "load_gpt", lambda *_: (model, tokenizer))
    out, _ = ask(checkpoints[2], "1 + 2")
    assert re.search(r"^  printed '123456', but the plan comes to '.+'$", out, re.M), out
    out, _ = ask(checkpoints[2], "1 + 2", verbose="False")
    assert re.fullmatch(r"1 \+ 2\t123456\tthe plan comes to .+\n", out), out


@pytest.mark.slow
def test_free_text_is_a_function_of_the_seed_and_refuses_what_doesnt_fit(checkpoints, ask):
    options = dict(complete=True, max_new_tokens=12, num_samples=2)
    first, again = (ask(checkpoints["plain"], "ROMEO:", **options).out for _ in range(2))
    other = ask(checkpoints["plain"], "ROMEO:", **options, seed=2).out
    assert first == again != other and first.count("ROMEO:") == 2
    with pytest.raises(ModelError, match="and 200 new ones exceed block_size=64"):
        ask(checkpoints[2], "ROMEO:", complete=True, max_new_tokens=200)
    with pytest.raises(ConfigError, match="needs a language model.* phase 1"):
        ask(checkpoints[1], "ROMEO:", complete=True)


@pytest.mark.parametrize("settings, message", [
    (dict(top_k=5), "top_k=5 is for free text.*--complete=True"), (dict(temperature=-1.0), "temperature=-1.0.*least 0"),
    (dict(batch_size=0), "batch_size=0 must be at least 1"), (dict(verbose="yes"), "verbose=yes must be True"),
    (dict(ckpt=""), "--ckpt=PATH")])
def test_settings_that_make_no_sense_are_refused(monkeypatch, tmp_path, settings, message):
    monkeypatch.setattr("checkpoint.PUBLISHED", str(tmp_path))
    for name, value in settings.items():
        monkeypatch.setattr(sample, name, value)
    with pytest.raises((CheckpointError, ConfigError), match=message):
        sample.main(["2 + 2"])


def test_a_runs_folder_means_its_best_checkpoint(tmp_path):
    save_checkpoint(str(tmp_path), dict(iter=3))
    assert find_checkpoint(str(tmp_path)).endswith("ckpt_00000003.pt")
    save_checkpoint(str(tmp_path), dict(iter=4), is_best=True)
    assert find_checkpoint(str(tmp_path)).endswith("best.pt") and find_checkpoint("some.pt") == "some.pt"


@pytest.mark.slow
def test_a_phase_1_answer_is_its_plans_value(checkpoints):
    model, tokenizer = evaluate.load_predictor(load_checkpoint(checkpoints[1]), "it")
    plans, reasons = plan_prompts(model, tokenizer, ["1 + 2", "", "3 * 4"], "cpu")
    values, why = evaluate.answer(model, tokenizer, ["1 + 2", "", "3 * 4"], "cpu")
    assert plans[1] is values[1] is None and reasons[1] == why[1] == "the prompt is empty"
    for n in (0, 2):
        assert plans[n].slots[-1] == (why[n] if values[n] is None else values[n])


@pytest.fixture(scope="module")
def expressions():
    settings = settle_phase2(settings_of("train.py", "--zero_divisor_rate=0.2", "--unlabelled_wording=over",
                                         "--word_variant_rate=0.5", "--operator_word_rate=0.9"))
    stream = answer_stream(settings, "test", 1, "cpu", 32)
    return stream.tokenizer, stream.evaluation_set(96)


@pytest.mark.slow
def test_the_right_answers_are_those_of_the_texts(expressions):
    tokenizer, batches = expressions
    texts = [tokenizer.decode(ids[:reader + 1].tolist()) for batch in batches
             for ids, reader in zip(batch.ids, batch.readers[:, 0])]
    for text, [(answer, is_exact)] in zip(texts, answer_texts(batches, tokenizer), strict=True):
        value = value_of(parse(text))
        assert is_exact and (answer == "undefined" if value is None else
                             abs(Fraction(answer) - value) <= Fraction(1, 200)), (text, answer)


@pytest.mark.slow
def test_a_gpts_breakdown_parts_its_answers_by_operations_wording_and_teaching(checkpoints, expressions):
    tokenizer, batches = expressions
    model, _ = load_gpt(load_checkpoint(checkpoints[2]), "it")
    rows = {label: (count, figures, trivial) for label, count, figures, trivial in
            breakdown_gpt(model, batches, tokenizer)}
    assert rows["all"][0] == 96 and "plan not taught" in rows
    assert sum(count for label, (count, *_) in rows.items() if "operation" in label) == 96
    texts = [text for row in answer_texts(batches, tokenizer) for text, _ in row]
    assert rows["all"][2] == commonest_share(texts) == max(map(texts.count, texts)) / 96
    assert len(evaluate.answer_table([(label, *row) for label, row in rows.items()])) == len(rows) + 1
    assert commonest_share([]) is None


@pytest.mark.slow
def test_one_pass_over_a_text_calls_an_answer_exact_where_greedy_generation_would_write_it(checkpoints):
    model, tokenizer = load_gpt(load_checkpoint(checkpoints[2]), "it")
    idx = torch.tensor([tokenizer.encode(f"{a} + {a + 1} =") for a in range(1, 9)])
    full = model.generate(idx, 12, temperature=0)
    targets, reader = full[:, 1:].clone(), idx.size(1) - 1
    targets[::2, -1] += 1                                   # every other answer has one other token, its last
    mask = torch.ones(len(idx), 1, dtype=torch.bool)
    answering = (torch.arange(full.size(1) - 1) >= reader).expand_as(targets)
    batch = TextBatch(ids=full[:, :-1], targets=targets, readers=torch.full((len(idx), 1), reader), reader_mask=mask,
                      answering=answering, number_mask=None, negative=None, digits=None, operation=None, operand1=None,
                      operand2=None, labelled=mask, characters=None)
    assert score_answers(model, [batch])["exact_answers"].tolist() == [0, 1] * 4


# ---- as people run them -------------------------------------------------------------------------------------------

def script(name, *arguments, stdin=""):
    return subprocess.run([sys.executable, str(ROOT / name), *arguments, "--device=cpu"], input=stdin, text=True,
                          capture_output=True, timeout=300, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"})


@pytest.mark.slow
@pytest.mark.parametrize("kind", [1, 2, "plain"])
def test_both_commands_of_evaluate_read_every_kind_of_checkpoint(checkpoints, kind, tmp_path):
    done = script("evaluate.py", f"--ckpt={checkpoints[kind]}", "--examples=60",
                  '--data={"max_ops": 1, "max_decimals": 0, "list_rate": 0.1}')
    figures = json.loads(done.stdout.splitlines()[-1])
    wanted = {"ckpt", "iter", "split", "trivial", "breakdown"} | ({"exact_plan"} if kind == 1 else {
        "exact_answer", "text_loss", "false_open", "false_shut", "examples"})
    assert done.returncode == 0 and wanted <= set(figures) and "2 operations" not in figures["breakdown"]

    (tmp_path / "in.jsonl").write_text('{"prompt": "2 + 2"}\n{"prompt": "1+2+3+4"}\n')
    done = script("evaluate.py", f"--ckpt={checkpoints[kind]}", f"--file={tmp_path / 'in.jsonl'}",
                  f"--out={tmp_path / 'out.jsonl'}", "--dtype=bfloat16")
    assert done.returncode == 2 and "prompt 2: 4 numbers exceed num_initial_values=3" in done.stderr
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert len(lines) == 2 and json.loads(lines[1]) == {"prediction": None}


@pytest.mark.slow
def test_sample_answers_prompts_of_a_command_line_and_of_a_pipe(checkpoints):
    done = script("sample.py", "1 + 2", f"--ckpt={checkpoints[1]}", "-3 - 5")
    assert done.returncode == 0 and "1 + 2\n= " in done.stdout and "\n-3 - 5\n= " in done.stdout, done.stderr
    done = script("sample.py", f"--ckpt={checkpoints[2]}", stdin="1\n2\n3\n4\n")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 4, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name, arguments, message", [
    ("sample.py", ["--ckpt={2}"], "there is no prompt"),
    ("sample.py", ["--ckpt={2}", "1", "--file=nowhere"], "--file=nowhere"),
    ("sample.py", ["--ckpt={2}", "--file=nowhere"], "nowhere: No such file"),
    ("sample.py", ["--ckpt={2}", "1", "--temprature=1"], "did you mean temperature"),
    ("sample.py", ["ckpt={2}", "1"], "lacks its dashes"),
    ("evaluate.py", ["--ckpt={1}", "--dataset=gsm8k"], "takes a language model"),
    ("evaluate.py", ["--ckpt={2}", "--dataset=tinystories"], "there are dagset"),
    ("evaluate.py", ["--ckpt={2}", "--data=[]"], "must be an object"),
    ("evaluate.py", ["--ckpt={2}", "--dtype=float8"], "dtype='float8' is unknown"),
])
def test_mistakes_end_with_one_line_and_status_2(checkpoints, name, arguments, message):
    paths = {f"{{{kind}}}": path for kind, path in checkpoints.items()}
    for mark, path in paths.items():
        arguments = [argument.replace(mark, path) for argument in arguments]
    done = script(name, *arguments)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and message in done.stderr, done.stderr


@pytest.mark.slow
def test_evaluate_computes_in_the_dtype_that_is_asked_for(checkpoints):
    losses = {}
    for dtype in ("float32", "bfloat16"):
        done = script("evaluate.py", f"--ckpt={checkpoints[2]}", "--examples=60", f"--dtype={dtype}")
        losses[dtype] = json.loads(done.stdout.splitlines()[-1])["text_loss"]
    assert 0 < abs(losses["float32"] - losses["bfloat16"]) < 0.05 * losses["float32"], losses


def test_predictions_of_a_file_with_answers_are_scored_by_kind(monkeypatch):
    entries = [dict(prompt="1 / 3", answer="0.3333333333", kind="bare", line=1), dict(prompt="1 / 0", answer=None, line=2),
               dict(prompt="2 + 2", answer=4, kind="bare", line=4), dict(prompt="2 + 3", answer="undefined", line=5)]
    assert evaluate.scores(entries, evaluate.known_answers(entries), ["0.333333", None, "4.0", "5"]) == ["all: 3 of 4 right, 75.00 % (30.06 - 95.44)",
                                                                      "bare: 2 of 2 right, 100 % (34.23 - 100)"]
    assert evaluate.known_answers([*entries, dict(prompt="2", line=6)]) == evaluate.scores(entries, [], 4 * ["0"]) == []
    assert not evaluate.is_right("1", 60 * "9")
    monkeypatch.setattr(evaluate, "file", "in.jsonl")
    with pytest.raises(ConfigError, match="in.jsonl, line 7: the answer 'four'"):
        evaluate.known_answers([dict(prompt="2 + 2", answer="four", line=7)])
