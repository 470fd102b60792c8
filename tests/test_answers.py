"""Expressions with answers are texts that say what their labels, readers and targets say, and answers are right."""
from fractions import Fraction

import pytest
import torch

import exact
from data.answers import (PROMPT_ENDS, AnswerBatch, AnswerStream, character_token_ids, completed_prompt, forms_of,
                          single_token)
from data.dagset import RangeError, Ranges, Stream, Wording, get_tokenizer
from data.dagset.parser import parse
from data.dagset.tree import evaluate
from data.dagset.phrases import FORMS
from data.text import IGNORE

TOKENIZER = get_tokenizer("dag")
EVERYTHING = Wording(
    english_conversion_rate=0.4, operator_word_rate=0.3, prose_rate=0.4, frame_rate=0.6, redundant_parentheses_rate=0.1,
    compact_rate=0.4, typeset_rate=0.3, word_variant_rate=0.4, thousands_separator_rate=0.3, leading_point_rate=0.5,
    and_rate=0.4, hyphen_rate=0.5, minus_word_rate=0.3, sign_word_rate=0.2, two_hyphens_rate=0.1, capital_rate=0.4)
NARROW = Ranges(max_ops=3, max_digits=3, max_decimals=3, zero_divisor_rate=0.05)
WIDE = Ranges(max_ops=6, max_digits=12, max_decimals=6, zero_divisor_rate=0.05)
LONG = Ranges(max_ops=3, max_digits=20, max_decimals=6, zero_divisor_rate=0.05)


def make(ranges=NARROW, wording=EVERYTHING, batch_size=32, kind=AnswerStream, **more):
    settings = dict(seed=1, split="train", num_initial_values=ranges.max_ops + 1, dag_depth=ranges.max_ops) | more
    return kind(ranges, wording, TOKENIZER, batch_size=batch_size, **settings)


@pytest.fixture(scope="session")
def narrow():
    """(stream, batches) of 300 examples, held-out wording among them, and answers of few digits."""
    stream = make(batch_size=100, answer_places=(4, 3), unlabelled_wording="over")
    return stream, stream.first(300)


def rows(batch):
    """(ids of the whole text, how many of them are the prompt's) of each row."""
    for ids, targets, reader in zip(batch.ids.tolist(), batch.targets.tolist(), batch.readers[:, 0].tolist()):
        length = sum(target != IGNORE for target in targets)
        yield [ids[0], *targets[:length]], reader + 1


def answer_to(prompt, whole, decimals):
    """What the independent parser makes of a prompt, rounded half away from zero and written."""
    value = evaluate(parse(prompt))
    if value is None:
        return "undefined"
    units = int(abs(value) * 10**decimals + Fraction(1, 2))
    if units >= 10 ** (whole + decimals):
        return "too large"
    text = f"{units // 10**decimals}.{units % 10**decimals:0{decimals}}".rstrip("0").rstrip(".")
    return "-" + text if value < 0 < units else text


def check(stream, batches):
    """Every text and answer of the batches; returns the (prompt, what is written after it) pairs."""
    pairs, (whole, decimals) = [], stream.answer_places
    for batch in batches:
        for ids, length in rows(batch):
            text, prompt, tail = (TOKENIZER.decode(part) for part in (ids, ids[:length], ids[length:]))
            assert TOKENIZER.encode(text) == ids and len(ids) <= stream.max_tokens
            assert TOKENIZER.encode(prompt) == ids[:length]             # which is what a model is asked with
            right, glued = answer_to(prompt, whole, decimals), prompt.endswith("=") and not prompt.endswith(" =")
            separate = not glued or right in ("undefined", "too large")
            assert tail == " " * separate + right + "\n", (prompt, tail, right)
            pairs.append((prompt, tail))
    return pairs


@pytest.mark.slow
def test_every_text_says_its_own_ids_and_its_answer_is_the_parsers(narrow):
    pairs = check(*narrow)
    tails = {tail.strip() for _, tail in pairs}
    assert {"undefined", "too large", "0"} <= tails and any("-" in tail for tail in tails)
    assert any("." in tail for tail in tails) and any(tail[0] not in " -" for _, tail in pairs)
    assert {True, False} == {prompt.endswith(" =") for prompt, _ in pairs}


@pytest.mark.slow
@pytest.mark.parametrize("ranges, places", [(NARROW, (4, 3)), (NARROW, (16, 6)), (WIDE, (16, 6)), (WIDE, (17, 2)),
                                            (LONG, (24, 6)), (LONG, (16, 6))])
def test_answers_are_the_parsers_in_narrow_and_wide_ranges(ranges, places):
    stream = make(ranges, seed=2, batch_size=500, answer_places=places)
    check(stream, stream.first(1500))


@pytest.mark.slow
def test_prompts_ask_and_the_reader_is_their_last_token(narrow):
    stream, batches = narrow
    for batch in batches:
        assert isinstance(batch, AnswerBatch) and batch.readers.shape == (len(batch.ids), 1)
        assert batch.reader_mask.all() and batch.exact.all()
        for i, (ids, length) in enumerate(rows(batch)):
            assert any(TOKENIZER.decode(ids[:length]).endswith(end) for end in PROMPT_ENDS)
            answering = batch.answering[i].nonzero()[:, 0].tolist()     # the reader, and what follows but the newline
            assert answering == list(range(length - 1, len(ids) - 1))
            assert batch.targets[i, length - 1:len(ids) - 1].tolist() == ids[length:]
            assert (batch.targets[i, len(ids) - 1:] == IGNORE).all()
            assert batch.targets[i, :len(ids) - 1].tolist() == ids[1:]
            assert (batch.ids[i, len(ids):] == stream.pad).all()


@pytest.mark.slow
def test_texts_and_labels_are_those_of_the_stream_without_answers(narrow):
    stream, batches = narrow
    plain = {tuple(batch.ids[i, :batch.lengths[i]].tolist()): (batch, i)
             for batch in make(kind=Stream, batch_size=100).first(300) for i in range(len(batch))}
    names = ("number_mask", "negative", "digits", "operation", "operand1", "operand2")
    for batch in batches:
        for i, (ids, length) in enumerate(rows(batch)):
            other, j = plain.get(tuple(ids[:length])) or plain[tuple(ids[:length - 1])]         # without its " ="
            assert all(getattr(batch, name)[i, 0].equal(getattr(other, name)[j]) for name in names)
            assert (batch.n_ops[i], batch.wording[i]) == (other.n_ops[j], other.wording[j])


@pytest.mark.slow
def test_the_characters_of_labelled_plans_are_what_the_texts_print(narrow):
    stream, batches = narrow
    ids = character_token_ids(TOKENIZER)
    for batch in batches:
        integer = (batch.digits * 10 ** torch.arange(stream.P - 1, -1, -1)).sum(-1) * (1 - 2 * batch.negative)
        high, low, defined = exact.execute(exact.from_scaled(integer, stream.ranges.max_decimals), batch.operation,
                                           batch.operand1, batch.operand2, stream.dag_ops)
        codes = exact.answer_characters((high[..., -1], low[..., -1]), defined[..., -1], *stream.answer_places)
        assert batch.characters.equal(codes)
        for row, (text, length) in zip(codes[:, 0].tolist(), rows(batch)):
            tail = text[length:]
            if tail[0] not in ids[row[0]]:                              # a glued answer has no token for its space
                assert row.pop(0) == exact.SPACE
            assert all(token in ids[code] for token, code in zip(tail, row)) and row[len(tail) - 1] == exact.END


@pytest.mark.slow
def test_a_batch_is_a_pure_function_of_its_number(monkeypatch):
    monkeypatch.setattr("data.dagset.stream.POOL_BATCHES", 2)
    monkeypatch.setattr("data.dagset.stream.POOL_EXAMPLES", 24)
    once = [make(batch_size=12).batch(n) for n in range(4)]
    stream = make(batch_size=12)
    for n in (3, 0, 2, 1, 0):
        assert all(value.equal(getattr(once[n], name)) for name, value in vars(stream.batch(n)).items()
                   if value is not None)
    other = make(batch_size=12, seed=2).batch(0)
    assert other.ids.shape != once[0].ids.shape or not other.ids.equal(once[0].ids)


@pytest.mark.slow
def test_a_prompt_without_a_frame_is_made_to_ask_and_a_glued_sign_gets_a_glued_answer():
    quiet = dict.fromkeys(vars(Wording()), 0.0)
    ranges = Ranges(max_ops=2, max_digits=2, max_decimals=1, identity_rate=0.0, zero_divisor_rate=0.0)
    bare, framed = make(ranges, Wording(**quiet)), make(ranges, Wording(**quiet | dict(frame_rate=1, compact_rate=1)))
    for prompt, tail in check(bare, bare.first(60)):
        assert prompt.endswith(" =") and tail.startswith(" ")
    framed = check(framed, framed.first(200))
    glued = [(prompt, tail) for prompt, tail in framed if prompt[-1] == "=" and prompt[-2] != " "]
    assert glued and all(tail[0] in "-0123456789" for _, tail in glued)
    assert any(tail.startswith(" ") for _, tail in framed)


@pytest.mark.slow
def test_an_annotation_asks_for_its_left_side_and_its_answer_ends_as_annotations_do():
    stream = make(wording=Wording(annotation_rate=1.0), batch_size=200)
    (batch,) = stream.first(200)
    count = 0
    for ids, targets, reader, answering in zip(batch.ids, batch.targets, batch.readers[:, 0], batch.answering):
        prompt = TOKENIZER.decode(ids[:reader + 1].tolist())
        if "<<" in prompt:
            count += 1
            left = prompt[prompt.rindex("<<") + 2:-1]
            assert prompt.endswith("=") and prompt.count(left) in (1, 2), prompt
            written = TOKENIZER.decode(targets[answering].tolist())
            assert written[-1] == ">" and written[:-1].strip() == answer_to(left, 24, 6), (prompt, written)
    assert count > 100


def test_only_texts_with_the_held_out_phrase_are_unlabelled(narrow):
    _, batches = narrow
    labelled = {True: 0, False: 0}
    for batch in batches:
        for (ids, length), has_labels in zip(rows(batch), batch.labelled[:, 0].tolist()):
            assert has_labels == (" over " not in TOKENIZER.decode(ids[:length])), TOKENIZER.decode(ids)
            labelled[has_labels] += 1
    assert labelled[False] > 5 < labelled[True]
    assert make().first(32)[0].labelled.all()


def test_a_phrase_names_its_operator_forms_or_is_refused_with_those_there_are():
    assert [FORMS[n][3] for n in forms_of("over")] == ["over"]
    assert all("subtract" in FORMS[n][2:4] for n in forms_of("subtract"))
    with pytest.raises(RangeError, match="'above'.*there are.*over") as error:
        forms_of("above")
    assert "\n" not in str(error.value) and error.value.is_user_error
    with pytest.raises(RangeError, match="'ovre'"):
        make(unlabelled_wording="ovre")


COMPLETED = [("2 + 2", "2 + 2 ="), ("  2 + 2 \n", "2 + 2 ="), ("2+2=", "2 + 2 ="), ("2 + 2 =", "2 + 2 ="),
             ("he has 2+2 = <<2+2=", "2 + 2 ="), ("<<2+2=4>>4, so 4+4=", "<<2 + 2=4>>4, so 4 + 4 ="), ("=", " ="),
             ("(2--3)*.5-7%/$2", "(2 - -3) * .5 - 7% / $2 ="), ("3/4 of 8-1", "3/4 of 8 - 1 ="), ("2(3+1)", "2(3 + 1) ="),
             ("What is 2?", "What is 2?"), ("Calculate 7.", "Calculate 7. ="), ("Q: 2 + 2\n\nA:", "Q: 2 + 2\n\nA:"),
             ("two plus two is", "two plus two is"), ("two plus two equals", "two plus two equals"),
             ("is", "is ="), ("this", "this ="), ("1.5", "1.5 ="), ("", " =")]


def test_prompts_as_people_type_them_are_made_to_ask():
    for text, expected in COMPLETED:
        assert completed_prompt(text) == expected
        assert completed_prompt(expected).strip() == expected.strip()
        asked_again = expected + " =" * expected.endswith("?")
        assert completed_prompt(text, asks_again=True) == completed_prompt(asked_again, asks_again=True) == asked_again


def test_each_character_has_the_tokens_that_write_it():
    ids = character_token_ids(TOKENIZER)
    texts = [{TOKENIZER.decode([token]) for token in some} for some in ids]
    assert texts[:10] == [{str(digit)} for digit in range(10)]
    assert texts[exact.MINUS] == {"-", " -"} and texts[exact.POINT] == {"."} and texts[exact.SPACE] == {" "}
    assert texts[exact.END] == {"\n", ">"} and texts[exact.NOTHING] == set() and len(ids) == exact.N_CHARACTERS
    assert (texts[exact.UNDEFINED], texts[exact.TOO], texts[exact.LARGE]) == ({" undefined"}, {" too"}, {" large"})
    assert sum(map(len, ids)) == len(set(sum(ids, ())))                # no token writes two characters
    with pytest.raises(RangeError, match="'dag'.*'undefined and more'.*--tokenizer=dag"):
        single_token(TOKENIZER, "undefined and more")
