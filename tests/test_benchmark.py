"""The test set is what it says, its answers are exact, and what scores them knows right from wrong."""
import json
import random
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from answering import answer_gpt
from assembly import load_gpt
from checkpoint import find_checkpoint, load_checkpoint
from data.dagset import benchmark
from data.dagset.benchmark import GRID, SIZES, BenchmarkError, __main__ as scorer, make, read_test_set, stratum_of
from data.dagset.benchmark.scoring import breakdown, is_right, read_predictions, wilson
from data.dagset.parser import parse
from data.dagset.tree import evaluate, numbers, plan

LINES = read_test_set()


def check(lines):
    for line in lines:
        tree = parse(line["prompt"])
        assert make.answer_text(evaluate(tree)) == line["answer"], line
        assert len(plan(tree)) == line["n_ops"], line
        assert max(len(str(int(abs(number)))) for number in numbers(tree)) == line["digits"], line


def test_prompts_parse_back_to_their_answers():
    check(LINES[::100])


@pytest.mark.slow
def test_every_prompt_parses_back_to_its_answer():
    check(LINES)


def test_the_grid_is_even_and_no_prompt_or_id_comes_twice():
    cells = Counter((line["n_ops"], line["wording"], size) for line in LINES if stratum_of(line) == GRID
                    for size, (low, high) in SIZES.items() if low <= line["digits"] <= high)
    assert len(cells) == 120 and all(cells[cell] == make.GRID_LINES[cell[2]] for cell in cells)
    for name in ("id", "prompt"):
        assert len({line[name] for line in LINES}) == len(LINES)


@pytest.mark.slow
def test_a_part_made_anew_is_like_the_part_that_is_frozen():
    """Like it, not equal: the stream has learned new phrases since, and the set stays what it was."""
    part = [json.loads(line) for line in
            make.test_set(make.seed, lambda stratum: stratum.name == "product9" or stratum.ranges.min_ops == 2)]
    assert len(part) == 4 * sum(make.GRID_LINES.values()) + 50
    check(part)
    frozen = [line for line in LINES if line["id"].startswith("product9") or stratum_of(line) == GRID and line["n_ops"] == 2]
    assert [line["id"].partition("-")[0] for line in part] == [line["id"].partition("-")[0] for line in frozen]


def test_a_changed_test_set_is_refused(tmp_path):
    changed = tmp_path / "test.jsonl"
    changed.write_bytes(benchmark.TEST_SET.read_bytes().replace(b"1", b"2", 1))
    with pytest.raises(BenchmarkError, match="changed"):
        read_test_set(changed)
    assert benchmark.SHA256 in (Path(benchmark.__file__).with_name("README.md")).read_text()


def test_a_prediction_is_right_if_it_is_the_same_number_to_six_decimals():
    for prediction, answer in (("1,234", "1234"), ("+3", "3"), ("2.500", "2.5"), (" -0.5 ", "-0.5"), ("-.5", "-0.5"),
                               ("1e+20", "1" + 20 * "0"), ("0.3333333333", "0.333333"), ("0.0000005", "0.000001"),
                               ("-0.0000005", "-0.000001"), ("-0", "0"), ("2E-1", "0.2"), ("0e999", "0"),
                               (None, "undefined"), (" Undefined", "undefined"), ("0." + 10**5 * "3", "0.333333")):
        assert is_right(prediction, answer), (prediction, answer)
    for prediction, answer in (("1,23", "123"), ("1e+20", "1" + 19 * "0" + "1"), ("0.333334", "0.333333"), ("", "0"),
                               ("9e9999", "0"), ("x = 3", "3"), ("3 3", "33"), (".", "0"), ("--3", "3"), ("NaN", "0"),
                               ("٣", "3"), (None, "0"), ("undefined", "0"), ("0", "undefined"), ("", "undefined"),
                               ("123456789012345678901234.5", "123456789012345678901234")):
        assert not is_right(prediction, answer), (prediction, answer)


def test_intervals_are_wilsons():
    assert wilson(8, 10) == pytest.approx((0.490162, 0.943318), abs=1e-6)
    assert wilson(0, 50)[0] == pytest.approx(0, abs=1e-12) and wilson(50, 50)[1] == pytest.approx(1, abs=1e-12)


@pytest.mark.slow
def test_answers_are_scored_in_the_prompts_order_and_by_id_in_any(tmp_path, monkeypatch, capsys):
    file = tmp_path / "answers.jsonl"
    wrong = [dict(id=line["id"], prediction=None if n % 2 else line["answer"]) for n, line in enumerate(LINES)]
    file.write_text("".join(json.dumps(entry) + "\n" for entry in reversed(wrong)))
    by_id = read_predictions(file, LINES)
    file.write_text("".join(json.dumps({"prediction": entry["prediction"]}) + "\n" for entry in wrong))
    assert by_id == read_predictions(file, LINES) == [entry["prediction"] for entry in wrong]
    all_lines, *_ = breakdown(LINES, by_id)
    assert all_lines.right == sum(n % 2 == 0 or line["answer"] == "undefined" for n, line in enumerate(LINES))

    monkeypatch.setattr(scorer, "answers", str(file))
    scorer.main()
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["right"] == all_lines.right


def test_numbers_in_json_are_read_digit_by_digit(tmp_path):
    (tmp_path / "a").write_text('{"prediction": 12345678901234567890.123456}\n{"prediction": NaN}\n')
    assert read_predictions(tmp_path / "a", LINES[:2]) == ["12345678901234567890.123456", "NaN"]


@pytest.mark.parametrize("content, message", [
    ('{"prediction": "1"}\n', "1 predictions, the test set 2 prompts"),
    ('{"prediction": "1"}\nfour\n', "line 2: not JSON"),
    (2 * '{"prediction": true}\n', "line 1: no number, text or null"),
    (2 * '{"answer": "1"}\n', "line 1: no number, text or null"),
    ('{"id": "grid-0001", "prediction": "1"}\n{"prediction": "1"}\n', "1 of 2 lines have an id"),
    (2 * '{"id": "grid-0001", "prediction": "1"}\n', "line 2: a second prediction for 'grid-0001'"),
    ('{"id": "grid-0001", "prediction": "1"}\n', "'grid-0002' is missing"),
    ('{"id": "gird-0001", "prediction": "1"}\n', "no id 'gird-0001'"),
    ('{"id": null, "prediction": "1"}\n', "is no text"),
])
def test_mistakes_in_answers_are_one_line(content, message, tmp_path):
    (tmp_path / "a").write_text(content)
    with pytest.raises(BenchmarkError, match=message) as found:
        read_predictions(tmp_path / "a", LINES[:2])
    assert found.value.is_user_error and "\n" not in str(found.value)


@pytest.mark.slow
def test_the_published_checkpoint_answers_short_sums_however_they_are_spaced():
    path, draw = find_checkpoint(""), random.Random(3)
    model, tokenizer = load_gpt(load_checkpoint(path), path)
    for form in ("{}*{}+{}*{}", "{} - {}*{}+{}", "{}+{} * ({}-{})", "{}/{}-{}/{}=", "What is {}+{}*{}-{}?", "{}-{}-{}-{} =",
                 "So {}*{}+{}-{} = <<{}*{}+{}-{}="):
        digits = [[draw.randint(1, 9) for _ in range(4)] for _ in range(20)]
        prompts = [form.format(*some, *some) for some in digits]
        texts, _, _ = answer_gpt(model, tokenizer, prompts, "cpu", execute=False)
        right = [abs(Fraction(text or 0) - evaluate(parse(prompt))) < Fraction(1, 10**6)
                 for text, prompt in zip(texts, prompts)]
        assert sum(right) >= 19, (form, texts, prompts)
