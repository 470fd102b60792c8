"""What an evaluation tells beside its figures: accuracy by cell, gates by bin, plans to look at."""
from fractions import Fraction

import pytest
import torch

from answering import number_text, slot_confidence
from assembly import answer_stream, build_gpt, build_predictor, make_stream, settle, settle_phase2
from bench import defaults_of
from data.dagset import get_tokenizer
from data.dagset.parser import parse
from data.dagset.tree import evaluate as value_of
from evaluation import (GATE_BINS, chosen_examples, evaluate_gpt, evaluate_predictor, labelled_plan,
                        labelled_value, plan_rows, plan_scores)
from models.plan import Plan

TINY = dict(n_layer=1, n_head=2, n_embd=32, dag_depth=2, max_digits=2, max_decimals=1, block_size=96)


@pytest.fixture(scope="module")
def predictor():
    """(model, tokenizer, batches) of Phase 1."""
    settings = settle({**defaults_of("train_predictor.py"), **TINY})
    batches = make_stream(settings, "val", 1, "cpu", batch_size=32).evaluation_set(96)
    return build_predictor(settings), get_tokenizer("dag"), batches


@pytest.fixture(scope="module")
def gpt():
    settings = settle_phase2({**defaults_of("train.py"), **TINY, "answer_digits": 6})
    torch.manual_seed(0)
    model = build_gpt(settings)
    for parameter in model.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.5)
    model.router.bias.data.fill_(-1.0)              # a few tokens plan
    stream = answer_stream(settings, "val", 1, torch.device("cpu"), batch_size=32)
    return model.eval(), get_tokenizer("dag"), stream.evaluation_set(96)


@pytest.mark.slow
def test_cells_add_up_to_the_figure_they_split(predictor, gpt):
    figures = evaluate_predictor(predictor[0], predictor[2])
    assert sum(cell["count"] for cell in figures["cells"]) == 96
    assert sum(cell["exact"] for cell in figures["cells"]) / 96 == figures["exact_plan"]
    assert len({(cell["wording"], cell["n_ops"]) for cell in figures["cells"]}) == len(figures["cells"]) > 4
    figures = evaluate_gpt(gpt[0], {"dagset": gpt[2]})
    assert sum(cell["exact"] for cell in figures["cells"]) / 96 == figures["exact_answer"]


@pytest.mark.slow
def test_gates_count_every_token_once_and_agree_with_false_open_and_false_shut(gpt):
    model, _, batches = gpt
    figures = evaluate_gpt(model, {"dagset": batches})
    answers, others = figures["gates"]
    assert (answers["tokens"], others["tokens"]) == ("answers", "others") and len(answers["counts"]) == GATE_BINS
    assert sum(answers["counts"]) == sum(int(batch.answering.sum()) for batch in batches)
    is_shut, is_open = sum(answers["counts"][:GATE_BINS // 2]), sum(others["counts"][GATE_BINS // 2:])
    assert is_shut / sum(answers["counts"]) == pytest.approx(figures["false_shut"])
    assert is_open / sum(others["counts"]) == pytest.approx(figures["false_open"])
    assert "gates" not in evaluate_gpt(build_gpt(settle_phase2({**defaults_of("train.py"), **TINY, "dag_depth": 0,
                                                                "max_ops": 2})), {"dagset": batches})


@pytest.mark.slow
def test_chosen_examples_are_of_all_lengths_and_wordings_and_the_same_ones_every_time(predictor):
    batches = predictor[2]
    some = chosen_examples(batches, 12)
    kinds = [(int(batch.n_ops[row]), int(batch.wording[row])) for batch, row in some]
    assert len(some) == len({id(batch) * 1000 + row for batch, row in some}) == 12
    assert {n_ops for n_ops, _ in kinds} >= {1, 2} and len({wording for _, wording in kinds}) == 3
    assert [(id(batch), row) for batch, row in chosen_examples(batches, 12)] == [(id(batch), row) for batch, row in some]
    assert len(chosen_examples(batches, 1000)) == 96


@pytest.mark.slow
@pytest.mark.parametrize("phase", ["predictor", "gpt"])
def test_the_truth_beside_a_plan_is_what_the_text_comes_to(phase, request):
    model, tokenizer, batches = request.getfixturevalue(phase)
    rows = plan_rows(model, tokenizer, batches, count=6)
    S = model.config.n_slots
    for row in rows:
        try:
            truth = value_of(parse(row["text"]))
        except ZeroDivisionError:
            assert row["truth"] == "undefined"
        else:
            assert abs(Fraction(row["truth"]) - truth) <= Fraction(1, 10 ** 6), row
        assert row["right"] == (row["answer"] == row["truth"])
        if row["steps"] is not None:
            assert len(row["steps"]) == 2 and len(row["values"]) == len(row["slots"]) == len(row["confidence"]) == S
            assert all(0 < share <= 1 for share in row["confidence"])
            assert all(slot is None or float(text) == pytest.approx(slot) for text, slot in
                       zip(row["values"], row["slots"]) if text != "too large")


def test_labels_come_to_what_the_text_says(predictor):
    model, tokenizer, batches = predictor
    for row in range(32):
        text = tokenizer.decode(batches[0].ids[row, :batches[0].lengths[row]].tolist())
        try:
            assert labelled_value(batches[0], row, model.config) == number_text(value_of(parse(text)))
        except ZeroDivisionError:
            assert labelled_value(batches[0], row, model.config) == "undefined"


def test_confidence_is_the_product_of_the_choices_that_make_a_slot():
    def of(*shares):
        return torch.tensor(shares).log()

    digits = torch.full((1, 1, 2, 10), 0.05).log()
    digits[0, 0, :, 3] = of(0.55, 0.55)
    plan = Plan(of([[0.25, 0.75]]), digits, of([[0.6, 0.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1, 0.6]]),
                of([[0.9, 0.05, 0.05]] * 2), of([[0.2, 0.7, 0.1]] * 2))
    assert slot_confidence(plan, identity=4)[0].tolist() == pytest.approx([0.75 * 0.55 ** 2, 0.6 * 0.9 * 0.7, 0.6 * 0.9])


@pytest.mark.slow
def test_a_gpts_own_plans_are_exact_where_they_are_those_of_the_labels_and_where_its_router_asks_for_them(gpt):
    model, _, batches = gpt
    for batch in batches[:1]:
        _, _, seen = model(batch.ids, readers=batch.readers, details=True)
        right = labelled_plan(batch, model.config)
        for plan, expected in ((right, 1.0), (seen.plan, None)):
            seen.plan = plan
            scores = plan_scores(model, seen, batch)
            assert expected is None or all(values.double().mean() == expected for values in scores.values())
        seen.plan = right
        seen.readers = batch.readers.clone()
        seen.readers[::2] -= 1                          # asked for one token too early
        assert plan_scores(model, seen, batch)["exact_plan"].tolist() == [False, True] * (len(batch.ids) // 2)
        seen.plan = None
        assert not plan_scores(model, seen, batch)["exact_value"].any()
