"""Answers to prompts in batches: what is printed at once is what greedy generation prints token by token."""
import pytest
import torch

from answering import answer_gpt, batches_by_length, out_of_range, padded, side_by_side, speller
from assembly import build_gpt, settle_phase2
from bench import defaults_of
from data.answers import completed_prompt
from data.dagset import get_tokenizer
from models.backbone import KeyValueCache, ModelConfig

TINY = dict(n_layer=2, n_head=2, n_embd=32, dag_depth=2, max_digits=3, max_decimals=1, block_size=96, answer_digits=6,
            answer_decimals=2)
PROMPTS = ["1 + 2", "9", "312 * 4.5", "7 - 5 =", "(((1 + 3)))=", "words and 4 more words", "two plus nine point five",
           "8 / 3", "8/3=", "What is 12 minus 30?", "5 - 7", "500*900=", "0 / 0", "-3 - 4", "100 over 7"]


def talkative(scale, seed=0, form="modern", **more):
    """A GPT with random weights whose router and gate are often open and whose head prints what it is offered, the more
    the larger `scale`."""
    model = build_gpt(settle_phase2({**defaults_of("train.py"), **TINY, "seed": seed, "form": form, **more}))
    torch.manual_seed(seed)
    for parameter in model.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.3)
    model.router.bias.data.fill_(-0.3)
    model.readout.gate_head.bias.data.fill_(2.0)
    model.readout.dag_scale.data.fill_(scale)
    return model.eval()


def known_of(model, tokenizer, prompts):
    """What `offered` knows of each prompt's answer, and what `generate` prints, lists of tokens."""
    # "8/3=" as it stands, whose answer has no space
    encoded = [tokenizer.encode(prompt if prompt.endswith("=") else completed_prompt(prompt)) for prompt in prompts]
    ids, lengths = padded(encoded, "cpu")
    spell = speller(tokenizer, "cpu")
    tokens = model.offered(ids, lengths, lambda rows, codes: spell(ids, lengths, rows, codes))
    printed = [model.generate(torch.tensor([row]), 11, temperature=0)[0, len(row):].tolist() for row in encoded]
    return [[token for token in row if token >= 0] for row in tokens.tolist()], printed


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1.0, 3.0, 10.0])
def test_what_is_known_at_once_is_what_is_printed_token_by_token_whether_the_head_agrees_or_not(scale):
    tokenizer, counts = get_tokenizer("dag"), []
    for seed in range(4):
        model = talkative(scale, seed)
        for known, printed in zip(*known_of(model, tokenizer, PROMPTS)):
            assert known == printed[:len(known)]
            counts.append(len(known))
    assert min(counts) <= 1 and max(counts) >= (3 if scale > 1 else 1), counts


@pytest.mark.slow
@pytest.mark.parametrize("form, n_read_layer", [("modern", 0), ("modern", 1), ("gpt2", 0), ("gpt2", 1)])
@pytest.mark.parametrize("scale", [2.0, 20.0])
def test_answers_are_those_of_plain_greedy_generation_in_every_batch(scale, form, n_read_layer):
    tokenizer, texts = get_tokenizer("dag"), set()
    for seed in range(3):
        model = talkative(scale, seed, form, n_read_layer=n_read_layer, n_read_embd=16, n_read_head=2)
        plain = answer_gpt(model, tokenizer, PROMPTS, "cpu", speculate=False, execute=False)
        texts.update(plain[0])
        for batch_size in (4, 64):
            assert answer_gpt(model, tokenizer, PROMPTS, "cpu", batch_size, execute=False) == plain
    assert None in texts and (scale < 3 or form == "gpt2" or len(texts) > 5), texts


def test_batches_side_by_side_are_done_as_the_caller_would_do_them_and_their_errors_are_his():
    def state(batch):
        return batch, torch.is_grad_enabled(), torch.is_autocast_enabled("cpu"), torch.get_num_threads()

    def fails(batch):
        raise ArithmeticError(batch)

    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            assert set(side_by_side(state, range(5), "cpu")) == {(batch, False, True, 1) for batch in range(5)}
        assert list(side_by_side(state, [7], "cpu")) == [(7, True, False, 3)]           # one batch has all cores
        with pytest.raises(ArithmeticError):
            list(side_by_side(fails, range(5), "cpu"))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(threads)


@pytest.mark.slow
def test_rows_of_different_lengths_go_on_as_if_each_were_alone():
    model, texts = talkative(1.0), [[5, 9, 11, 30, 7, 8, 2], [40, 41, 42], [7, 8, 9, 10, 11]]
    backbone = model.backbone
    alone = [backbone(torch.tensor([text + [17, 18, 19]]))[0, -3:] for text in texts]
    ids, lengths = padded(texts, "cpu")
    cache = KeyValueCache(2)
    backbone(ids, cache)
    at = lengths[:, None] + torch.arange(3)
    cache.go_on_at(at)
    more = torch.nn.functional.pad(ids, (0, 3)).scatter(1, at, torch.tensor([17, 18, 19]).expand(3, -1))
    torch.testing.assert_close(backbone(more, cache), torch.stack(alone), rtol=1e-4, atol=1e-5)


def test_an_answer_is_spelled_as_the_stream_writes_it_without_gaps():
    tokenizer = get_tokenizer("dag")
    ids, lengths = padded([tokenizer.encode(text) for text in ("5+3=", "5 + 3 =")], "cpu")
    codes = torch.tensor([[11, 8, 13, 17], [11, 8, 13, 17]])                # space, 8, end, nothing
    tokens = speller(tokenizer, "cpu")(ids, lengths, torch.tensor([0, 1]), codes)
    assert [tokenizer.decode([token for token in row if token >= 0]) for row in tokens.tolist()] == ["8\n", " 8\n"]
    assert (tokens[0] >= 0).tolist() == [True, True, False, False]


@pytest.mark.slow
def test_batches_hold_every_text_once_short_ones_first_and_little_padding():
    encoded = [[0] * (n * 7 % 97 + 1) for n in range(3000)]
    todo = [n for n in range(3000) if n % 3]
    batches = list(batches_by_length(encoded, todo, 64, "cpu"))
    assert sorted(sum(batches, [])) == todo and max(map(len, batches)) <= 64
    widths = [max(len(encoded[n]) for n in batch) for batch in batches]
    assert widths == sorted(widths)
    padding = 1 - sum(len(encoded[n]) for n in todo) / sum(width * len(batch) for width, batch in zip(widths, batches))
    assert padding < 0.1, padding
    assert all(len({len(encoded[n]) for n in batch}) == 1 for batch in batches_by_length(encoded, todo, 64, "cpu",
                                                                                              alike=True))
    assert list(batches_by_length(encoded, [], 4, "cpu")) == []


@pytest.mark.slow
def test_digits_of_numbers_that_no_step_reads_change_no_answer():
    model = talkative(3.0)
    hidden, ids = torch.randn(64, 5, 32), torch.randint(5, (64, 5))
    readers = torch.full((64, 1), 4)
    whole, used = (model.predictor(hidden, ids, readers, n_values) for n_values in (None, "used"))
    for row in range(64):
        alone = model.predictor(hidden[row:row + 1], ids[row:row + 1], readers[:1], "used")
        assert torch.equal(model.dag.characters(alone), model.dag.characters(whole)[row:row + 1])
    assert torch.equal(model.dag.characters(used), model.dag.characters(whole))


def test_operations_that_no_model_has_are_refused_but_in_words_that_the_stream_has():
    config = ModelConfig(block_size=64, dag_depth=3, num_initial_values=4, max_digits=2, max_decimals=1)
    for text in ("12 squared", "What is 5 squared?", "2 + 3"):
        assert out_of_range(text, [1], config) is None, text
    for text, said in (("5!", "'!'"), ("3 + 4!", "'!'"), ("2 to the power of 3", "to the power"), ("2 plus 12 squared times 3", "'squared'"),
                       ("6 \u00b2", "is not an operation"), ("123 squared", "max_digits=2"), ("1 + 2 + 3 + 4 + 5", "num_initial_values=4")):
        assert said in out_of_range(text, [1], config), text
