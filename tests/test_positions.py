"""Positions that ids tell: within numbers, among them, within brackets and nouns; later tokens change none of them."""
import random
import re

import pytest
import torch

from assembly import answer_stream, build_predictor, make_stream, settle, settle_phase2, token_roles
from bench import defaults_of, run_settings
from data.dagset import get_tokenizer
from data.dagset.tokenizer import NUMBER_WORDS
from models.backbone import Backbone, ModelConfig
from models.positions import MAX_DEPTH, MAX_RUN, Positions

TINY = dict(block_size=32, n_layer=2, n_head=2, n_embd=16, dag_depth=3, num_initial_values=4, max_digits=3, max_decimals=3,
            number_token_ids=(3, 4, 5), digit_token_ids=tuple(range(20, 60)), comma_token_ids=(3, 11, 12),
            point_token_ids=(4, 13), open_token_ids=(14, 15), close_token_ids=(16,), hyphen_token_ids=(17,),
            and_token_ids=(18,), scale_token_ids=(5,))


def test_tokens_know_how_deep_in_brackets_they_stand():
    positions = Positions(ModelConfig(**TINY))
    text, depths = "a(b[c]d)e))f((g", "011222110110122"             # a closer that nothing opened is in its own alone
    ids = torch.tensor([[{"(": 14, "[": 15, ")": 16, "]": 16}.get(letter, 1) for letter in text]])
    assert positions.depth(ids)[0].tolist() == list(map(int, depths))
    assert positions.depth(torch.full((1, 40), 14)).max() == MAX_DEPTH - 1


COUNTED = [
    ("12 + 3.5", 2), ("1,234.50 - .5", 2), ("twenty-five plus one hundred and five", 2), ("5-3", 2), ("five-3", 2),
    ("the sum of twelve, 5 and nine", 3), ("12, 5 and 9", 3), ("Take 10. Subtract 4.", 2), ("(3). What. 4", 2),
    ("two thousand and one point oh five times minus three", 2),
    ("one quadrillion and five plus two quintillion six", 2), ("5,three", 2), ("two and three", 2), (".5.", 1),
]


def positions_of(tokenizer, **more):
    roles = token_roles(dict(number_positions=True), tokenizer)
    return Positions(ModelConfig(**TINY | dict(vocab_size=tokenizer.n_vocab) | roles | more))


def test_tokens_know_how_many_numbers_have_begun():
    tokenizer = get_tokenizer("dag")
    positions = positions_of(tokenizer)
    for text, expected in COUNTED:
        count = positions.count(torch.tensor([tokenizer.encode(text)]))[0].tolist()
        assert count[-1] == expected and count == sorted(count), (text, count)
    # As many as the stream says there are, in all but a few texts.
    stream = make_stream(settle({**defaults_of("train_predictor.py"), "max_digits": 3, "prose_rate": 0.3, "and_rate": 0.5,
                                 "frame_rate": 0.5, "list_rate": 0.3}), "train", 1, "cpu", 500)
    (batch,) = stream.first(500)
    count = positions.count(batch.ids).gather(1, batch.lengths[:, None] - 1)[:, 0]
    assert (count == batch.number_mask.sum(1)).float().mean() > 0.98


def test_numbers_are_counted_anew_from_the_first_behind_a_break():
    tokenizer = get_tokenizer("dag")
    ids = tokenizer.encode("5 and 12\nso 7+1.5=$<<7+1.5=8.5>>8\n\nA:")
    texts = [tokenizer.decode([token]) for token in ids]
    count = positions_of(tokenizer).count(torch.tensor([ids]))[0].tolist()
    begins = [at for at, (now, before) in enumerate(zip(count, [0, *count])) if now != before]
    assert [(texts[at].strip(), count[at]) for at in begins] == [
        ("5", 1), ("1", 2), ("7", 1), ("1", 2), ("7", 1), ("1", 2), ("8", 3), ("8", 4)]
    assert count[-1] == 4                                       # behind a break, but nothing has begun there
    assert positions_of(tokenizer, break_token_ids=(), half_token_ids=()).count(torch.tensor([ids])).max() == 8
    less = tokenizer.encode("Is 3 < 5? And 12?")
    assert positions_of(tokenizer).count(torch.tensor([less]))[0, -1] == 3
    assert not positions_of(tokenizer).asked(torch.tensor([less])).any()                # no annotation is open
    many = tokenizer.encode("9 " * 40 + "<<1/5*60=")
    assert positions_of(tokenizer).count(torch.tensor([many]))[0, -1] == 3


def test_tokens_know_which_nouns_wait_for_their_second_operand():
    tokenizer = get_tokenizer("dag")
    positions = positions_of(tokenizer)

    def told(text):
        ids = tokenizer.encode(text)
        depths = positions.waiting(torch.tensor([ids]))[0].tolist()
        return "".join(f"{tokenizer.decode([token])}{depth or ''}" for token, depth in zip(ids, depths))

    assert told("the sum of the product of a and b and c") == "the sum of1 the1 product1 of2 a2 and2 b1 and1 c"
    assert told("Ratio of (a plus the difference between b and c) to d") == (
        "Ratio of1 (1a1 plus1 the1 difference1 between2 b2 and2 c1)1 to1 d")
    assert told("adding a added to b to c") == "adding1 a1 added1 to1 b1 to1 c"
    assert told("subtract a from the sum of b and c") == "subtract a from1 the sum of1 b1 and1 c"
    # In all but a few texts none waits in the end.
    stream = make_stream(settle({**defaults_of("train_predictor.py"), "max_digits": 3, "prose_rate": 1.0, "frame_rate": 0.5,
                                 "list_rate": 0.3, "chain_rate": 0.3}), "train", 1, "cpu", 500)
    (batch,) = stream.first(500)
    waiting = positions.waiting(batch.ids)
    assert (waiting.gather(1, batch.lengths[:, None] - 1) == 0).float().mean() > 0.98 and waiting.max() >= 3


def test_positions_of_numbers_can_be_switched_off():
    settings = settle({**defaults_of("train_predictor.py"), "number_positions": False, "n_layer": 1})
    model = build_predictor(settings)
    ids = torch.tensor([get_tokenizer("dag").encode("(12 + 3.5) * 4")])
    assert not model.backbone.positions.run(ids).any()
    assert not any(name in str(list(model.state_dict())) for name in ("count_embedding", "depth_embedding", "digit_places"))


def test_counts_and_places_of_digits_are_those_of_the_labels():
    stream = make_stream(settle({**defaults_of("train_predictor.py"), "max_digits": 3, "max_decimals": 3,
                                 "english_conversion_rate": 0.0, "thousands_separator_rate": 0.5,
                                 "leading_point_rate": 0.5, "frame_rate": 0.5, "capital_rate": 0.5}), "train", 1, "cpu", 400)
    (batch,) = stream.first(400)
    positions = positions_of(stream.tokenizer)
    places, count = positions.places(batch.ids, batch.lengths - 1)[..., 0], positions.count(batch.ids)
    digit = torch.full((stream.tokenizer.n_vocab,), -1)
    digit[[stream.tokenizer.encode_single_token(str(n)) for n in range(10)]] = torch.arange(10)
    read = torch.zeros_like(batch.digits)
    row, at = (places > 0).nonzero().unbind(1)
    read[row, count[row, at] - 1, places[row, at] - 1] = digit[batch.ids[row, at]]
    assert read.equal(batch.digits)


def test_places_that_no_token_can_fill_are_read_as_zeros_and_the_others_as_in_training():
    settings = settle({**defaults_of("train_predictor.py"), "max_digits": 20, "max_decimals": 12, "n_layer": 1})
    model, tokenizer = build_predictor(settings), get_tokenizer("dag")
    with torch.no_grad():
        for parameter in model.parameters():           # heads that say something
            parameter.normal_(std=0.5)
    texts = "12.5% * 4", "98765432109 + 1", "2.5 million - 0.123456789", "six million and a half"
    columns = [(14, 26), (9, 26), (13, 31), (13, 26)]  # the first place that is looked for, and the one behind the last
    encoded = [tokenizer.encode(text) for text in texts]
    ids = torch.tensor([tokens + (20 - len(tokens)) * [0] for tokens in encoded])
    readers = torch.tensor([[len(tokens) - 1] for tokens in encoded])
    hidden = torch.randn(len(texts), 20, settings["n_embd"])
    taught, asked = (model.predictor.train(mode)(hidden, ids, readers).digit_logits[:, 0] for mode in (True, False))
    for row, (first, last) in enumerate(columns):
        assert torch.allclose(asked[row, :, first:last], taught[row, :, first:last], atol=1e-5)
        rest = torch.cat((asked[row, :, :first], asked[row, :, last:]), 1).softmax(-1)
        assert (rest[..., 0] > 0.999).all() and rest.numel()
    # A config that doesn't say which words bear digits has all places looked for.
    positions = positions_of(tokenizer, max_digits=20, unit_token_ids=())
    assert positions.fillable(positions.places(ids, readers[:, 0]), readers[:, 0]).all()


@pytest.mark.slow
def test_digits_of_the_streams_numbers_are_zeros_where_no_token_can_fill_a_place():
    settings = run_settings("config/train_release.py", script="train.py", settle=settle_phase2, dataset="dagset", chat_rate=0.2,
                            english_conversion_rate=0.4, story_rate=0.5, formula_rate=0.2, long_number_rate=0.3)
    tokenizer = get_tokenizer("dag")
    positions = positions_of(tokenizer, max_digits=20, max_decimals=12)
    n = 0
    for batch in answer_stream(settings, "train", 5, torch.device("cpu"), 250).first(2000):
        readers = batch.readers[:, 0]
        fillable = positions.fillable(positions.places(batch.ids, readers), readers)
        wrong = ((batch.digits[:, 0] != 0) & ~fillable[:, None]).any(2).any(1)
        assert not wrong.any(), [tokenizer.decode(batch.ids[row].tolist()) for row in wrong.nonzero().flatten()]
        n += int(fillable.sum())
    assert n < 2000 * 24            # of 32 places


def test_digits_know_their_places_in_what_a_reader_sees():
    alphabet = "0123456789,. +"
    config = ModelConfig(**TINY | dict(max_digits=4, max_decimals=2, digit_token_ids=tuple(range(10)),
                                       comma_token_ids=(10,), point_token_ids=(11,)))
    draw, T = random.Random(1), 16
    texts = ["".join(draw.choices(alphabet, [3] * 10 + [6, 5, 2, 2], k=T)) for _ in range(100)]
    texts[0] = "12,345.678+9 .5,"
    ids = torch.tensor([[alphabet.index(character) for character in text] for text in texts])
    found = Positions(config).places(ids.repeat_interleave(T, 0), torch.arange(T).repeat(len(texts)))[..., 0].view(-1, T, T)
    for text, by_reader in zip(texts, found.tolist()):
        for reader, places in enumerate(by_reader):
            wanted, seen = [0] * T, text[:reader + 1]
            for run in re.finditer(r"\d+(,\d+)*", seen):
                digits = [at for at in range(*run.span()) if text[at].isdigit()]
                is_decimal = seen[run.start() - 1:run.start()] == "."
                for index, at in enumerate(digits):
                    place = 4 + 1 + index - (0 if is_decimal else len(digits))
                    wanted[at] = place if 1 <= place <= (6 if is_decimal else 4) else 0
            assert places[:reader + 1] == wanted[:reader + 1], (seen, places, wanted)


def test_digits_have_the_places_of_the_number_that_a_thousand_or_a_million_makes_of_them():
    tokenizer = get_tokenizer("dag")
    positions = positions_of(tokenizer, max_digits=9)

    def read(text, reader=None):
        """{place from the units: digit} of each number's digits, as a reader at this token has them."""
        ids = tokenizer.encode(text)
        places = positions.places(torch.tensor([ids]), torch.tensor([len(ids) - 1 if reader is None else reader]))[0, :, 0]
        return [(tokenizer.decode([token]), 9 - place) for token, place in zip(ids, places.tolist()) if place]

    assert read("75.7 thousand times 2.5 million =") == [("7", 4), ("5", 3), ("7", 2), ("2", 6), ("5", 5)]
    assert read("1,250 thousand - .5 million") == [("1", 6), ("2", 5), ("5", 4), ("0", 3), ("5", 5)]
    assert read("a thousand and 12.5, 3. ten") == [(" thousand", 3), ("1", 1), ("2", 0), ("5", -1), ("3", 0), (" ten", 1)]
    ids = tokenizer.encode("75.7 thousand")
    assert read("75.7 thousand", len(ids) - 2) == read("75.7")       # who stands before "thousand" doesn't know of it
    assert read("six hundred", 0) == [("six", 0)] != read("six hundred")
    without = positions_of(tokenizer, max_digits=9, power_token_ids=())
    assert without.places(torch.tensor([ids]), torch.tensor([len(ids) - 1]))[0, :4, 0].tolist() == [8, 9, 0, 10]


def test_words_bear_the_digits_of_the_number_they_spell():
    tokenizer = get_tokenizer("dag")
    positions = positions_of(tokenizer, max_digits=20)
    text = "six million two hundred and twelve plus twenty-five quadrillion, a thousand point oh five"
    ids = tokenizer.encode(text)
    places = positions.places(torch.tensor([ids]), torch.tensor([len(ids) - 1]))[0].tolist()
    exponents = [(tokenizer.decode([token]).strip(), *(20 - place for place in both if place))
                 for token, both in zip(ids, places, strict=True) if any(both)]
    assert exponents == [("six", 6), ("two", 2), ("twelve", 1, 0), ("twenty", 16), ("five", 15), ("thousand", 3), ("oh", -1),
                         ("five", -2)]


@pytest.mark.slow
def test_words_of_numbers_have_the_places_of_their_digits():
    """Put where they stand, the digits of the words make the numbers of the labels, in all but a few texts."""
    tokenizer = get_tokenizer("dag")
    values = {token: divmod(value, 10) for value, word in enumerate(NUMBER_WORDS[:20]) for token in every(tokenizer, word)}
    values |= {token: (0, tens) for tens, word in enumerate(NUMBER_WORDS[20:28], 2) for token in every(tokenizer, word)}
    values |= {token: (0, 0) for token in every(tokenizer, "oh")}
    stream = make_stream(settle({**defaults_of("train_predictor.py"), "max_digits": 20, "max_decimals": 6, "max_ops": 2,
                                 "dag_depth": 2, "english_conversion_rate": 1.0, "and_rate": 0.5, "a_for_one_rate": 0.5,
                                 "oh_rate": 0.5, "capital_rate": 0.5, "leading_point_rate": 0.5, "round_rate": 0.2}),
                         "train", 1, "cpu", 300)
    (batch,) = stream.first(300)
    positions = positions_of(tokenizer, max_digits=20, max_decimals=6)
    places, count = positions.places(batch.ids, batch.lengths - 1), positions.count(batch.ids)
    read = torch.zeros_like(batch.digits)
    for row, at in places[..., 0].nonzero().tolist():
        token = int(batch.ids[row, at])
        first, second = values.get(token, (0, 1))                       # of what bears one without a value of its own, "a hundred"
        if tokenizer.decode([token]).strip().isdigit():
            first, second = 0, int(tokenizer.decode([token]))
        for place, digit in zip(places[row, at].tolist(), (first, second) if places[row, at, 1] else (second,)):
            read[row, count[row, at] - 1, place - 1] = digit
    assert (read == batch.digits).flatten(1).all(1).float().mean() > 0.97


def test_later_tokens_change_no_position_and_no_place_that_a_reader_sees():
    tokenizer = get_tokenizer("dag")
    positions = positions_of(tokenizer, max_digits=20)
    ids = torch.tensor([tokenizer.encode("Oh, a quadrillion plus six quintillion two hundred and twelve point oh five, 3.5 million "
                                         "of (the sum of one thousand and 7) = <<1,5 thousand*2=")])
    T = ids.size(1)
    whole = [counted(ids) for counted in (positions.run, positions.depth, positions.waiting, positions.count, positions.asked)]
    by_reader = positions.places(ids.expand(T, -1), torch.arange(T))
    for end in range(1, T + 1):
        part = ids[:, :end]
        for counted, expected in zip((positions.run, positions.depth, positions.waiting, positions.count, positions.asked), whole,
                                     strict=True):
            assert counted(part).equal(expected[:, :end])
        assert positions.places(part, torch.tensor([end - 1]))[0].equal(by_reader[end - 1, :end])


def test_oh_is_a_digit_behind_a_point_alone():
    tokenizer = get_tokenizer("dag")
    positions = positions_of(tokenizer)
    ids = torch.tensor([tokenizer.encode("Oh, what is 3 plus two point oh oh four?")])
    places = positions.places(ids, torch.tensor([ids.size(1) - 1]))[0, :, 0].tolist()
    assert positions.count(ids)[0, -1] == 2 and positions.count(ids)[0, 0] == 0 == places[0]
    assert [place for place in places if place] == [3, 3, 4, 5, 6]                  # of three digits before the point


def every(tokenizer, word):
    return [tokenizer.encode(spelling)[0] for spelling in (word, " " + word, word.capitalize(), " " + word.capitalize())]


def test_positions_count_from_the_start_of_each_number():
    backbone = Backbone(ModelConfig(**TINY))                             # numbers are written with tokens 3, 4 and 5
    ids = torch.tensor([[3, 4, 9, 5, 5, 5, 0, 1, 4], [9, 9, 3, 9, 3, 3, 3, 3, 9]])
    assert backbone.positions.run(ids).tolist() == [[1, 2, 0, 1, 2, 3, 0, 0, 1], [0, 0, 1, 0, 1, 2, 3, 4, 0]]
    assert backbone.positions.run(torch.full((1, 80), 3)).max() == MAX_RUN - 1
