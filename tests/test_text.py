"""Prepared texts come back from disk as written or not at all; their batches and labels say what the texts say."""
import importlib
import json
from collections import Counter
from fractions import Fraction

import pytest
import torch

from configurator import configure
from data import text_file
from data.dagset import Ranges, Stream, Wording, get_tokenizer
from data.dagset.formulas import FOLDER, read_scenes
from data.dagset.parser import parse
from data.dagset.tree import ARITHMETIC, evaluate
from data.mixture import Mixture, check_names, parse_mixture
from data.text import IGNORE, TextBatch, TextStream, annotations, minimal, read_annotation, rounded
from data.text_file import TextError, read_source, read_text_file, write_text_file

TOKENIZER = get_tokenizer("dag")
END = TOKENIZER.n_vocab - 1
PROBLEMS = ["Tom has 48 clips.\nHe sold 48/2 = <<48/2=24>>24 and then <<24-(-3)*.5=25.5>>25.5.\n",
            "How much? $<<1,250*2=2,500.00>>2500 or <<10/3=3.33>>3.33\n",      # the second is rounded: no plan labels
            "No sum at all here, only 7 = 7 words.\n",
            "A third is <<1/3=.333333>>0.33 and <<7=7>>7, but <<root of 16=4>>4; <<6/4=$1.5>> is x=>y.\n",
            "<<1+2+3+4+5=15>>15\n"]                                           # more numbers than K


def encoded(texts=PROBLEMS):
    return [[*TOKENIZER.encode_ordinary(text), END] for text in texts]


def write(folder, documents=None, kind="documents", name="train.bin"):
    path = folder / name
    write_text_file(path, "toy", kind, encoded() if documents is None else documents, "dag", TOKENIZER, note="by hand")
    return path


def make(path, **changes):
    settings = dict(seed=1, split="train", batch_size=2, block_size=200, num_initial_values=4, dag_depth=5,
                    places=(4, 2)) | changes
    return TextStream(read_text_file(path, "dag", TOKENIZER), TOKENIZER, **settings)


def many(folder, count=240):
    """Documents of very different lengths, each told by its number; (path, documents)."""
    documents = encoded(f"{i} " + "word " * (i * 7 % 40) + f"<<{i}+1={i + 1}>>" for i in range(count))
    return write(folder, documents), documents


def running(folder, count=1000):
    """Running text whose tokens count up from 0; its path."""
    return write(folder, [list(range(count))], "windows")


def same(one, other):
    return all(torch.equal(value, getattr(other, name)) for name, value in vars(one).items())


def decode(ids):
    return TOKENIZER.decode([i for i in ids if i != END])


def refusal(call, *arguments, **settings):
    """The message of the TextError that a call raises; always one line."""
    with pytest.raises(TextError) as caught:
        call(*arguments, **settings)
    assert "\n" not in str(caught.value) and caught.value.is_user_error
    return str(caught.value)


# ---- files --------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("dtype", ["uint16", "uint32"])
def test_a_text_file_comes_back_as_written(tmp_path, dtype, monkeypatch):
    if dtype == "uint32":
        monkeypatch.setattr(type(TOKENIZER), "n_vocab", property(lambda self: 1 << 17))
    documents = [*encoded(), [], [5]]
    text = read_text_file(write(tmp_path, documents), "dag", TOKENIZER)
    assert (text.tokens.dtype, text.offsets.dtype) == (torch.int32, torch.int64)
    ends = text.offsets.tolist()
    assert [text.tokens[start:end].tolist() for start, end in zip(ends, ends[1:])] == documents
    expected = dict(name="toy", kind="documents", tokenizer="dag", note="by hand", n_documents=7,
                    n_tokens=sum(map(len, documents)), dtype=dtype)
    assert text.header == {**text.header, **expected}
    assert [path.name for path in tmp_path.iterdir()] == ["train.bin"]


def test_a_missing_file_says_which_script_makes_it(tmp_path):
    message = refusal(read_text_file, tmp_path / "gsm8k" / "train.bin", "dag", TOKENIZER)
    assert "there is no" in message and "`python data/gsm8k/prepare.py`" in message


@pytest.mark.parametrize("damage, words", [
    (lambda c: b"not this" + c[8:], "is not a prepared text"), (lambda c: b"", "is not a prepared text"),
    (lambda c: c[:12], "is truncated: 12 bytes"), (lambda c: c[:100], "is truncated: 100 bytes"),
    (lambda c: c[:-1], "is truncated"), (lambda c: c + b"x", "is damaged"),
    (lambda c: c[:-60] + bytes([c[-60] ^ 1]) + c[-59:], "the SHA-256 of its tokens is"),
    (lambda c: c[:16] + b"[" + c[17:], "its header can't be read"),
    (lambda c: c.replace(b'"sha256"', b'"sha255"'), "its header can't be read (KeyError: 'sha256')"),
    (lambda c: c.replace(b'"format": 1', b'"format": 7'), "has format 7 and kind 'documents', this code reads"),
])
def test_a_damaged_file_is_refused_with_the_way_out(tmp_path, damage, words):
    path = write(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    message = refusal(read_text_file, path, "dag", TOKENIZER)
    assert message.startswith(str(path)) and words in message
    assert f"make it anew with `python data/{tmp_path.name}/prepare.py`" in message


def test_a_file_of_another_tokenizer_is_refused(tmp_path, monkeypatch):
    path = write(tmp_path)
    message = refusal(read_text_file, path, "gpt2", TOKENIZER)
    assert "made with tokenizer dag (" in message and "but here tokenizer is gpt2 (" in message
    assert "prepare.py --tokenizer=gpt2`, or use --tokenizer=dag" in message
    monkeypatch.setattr(text_file, "fingerprint", lambda tokenizer: "feedbeef")      # the same name, other ranks
    assert "here tokenizer is dag (feedbeef)" in refusal(read_text_file, path, "dag", TOKENIZER)


def test_a_file_that_cannot_be_written_is_told_in_one_line(tmp_path):
    message = refusal(write, tmp_path / "nowhere")
    assert "could not write" in message and "No such file" in message and "checkpoint" not in message


# ---- annotations ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("text, expected", [
    (PROBLEMS[0], [("48/2", "24"), ("24-(-3)*.5", "25.5")]), (PROBLEMS[2], []), ("a << b = c > d <<1=2> > =<<", []),
    ("x = <<3 * 2 = 6 >> y\n<<1+1=>><<2=1+1=2>>", [("3 * 2 ", " 6 "), ("1+1", ""), ("2=1+1", "2")]),
])
def test_annotations_are_found_at_their_tokens(text, expected):
    for document in (text, encoded([text])[0]):
        found, ids = annotations(document, TOKENIZER), encoded([text])[0]
        assert [(a.left, a.result) for a in found] == expected
        for a in found:
            assert TOKENIZER.decode([ids[a.reader]]).strip() == "=" and TOKENIZER.decode([ids[a.end]]).strip() == ">"
            assert TOKENIZER.decode(ids[a.answer]).strip() == a.result.strip()
            assert (a.answer.start, a.answer.stop) == (a.reader + 1, a.end)


def test_a_tokenizer_that_joins_the_equals_sign_is_refused():
    class Joining:
        name = "joining"

        def decode_tokens_bytes(self, ids):
            return [b"<<", b"1+1", b"=2", b">", b">"]

    message = refusal(annotations, [1, 2, 3, 4, 5], Joining())
    assert "tokenizer joining has b'=2' where a token b'=' is needed" in message


@pytest.mark.parametrize("text, expected", [
    ("$1,250.00", "1250"), ("007", "7"), (".50", "0.5"), ("5.", "5"), ("-0.0", "0"), ("- 3", "-3"), ("0", "0"),
    ("", None), ("1/2", None), ("3%", None), ("--3", None), (".", None), ("\u0663", None)])
def test_numbers_are_brought_to_one_form(text, expected):
    assert minimal(text) == expected


@pytest.mark.parametrize("value, expected", [
    ("1/3", "0.333333"), ("-2/3", "-0.666667"), ("1/2000000", "0.000001"), ("-1/2000000", "-0.000001"), ("24", "24"),
    ("-1/3000000", "0"), ("51/2", "25.5")])
def test_values_are_rounded_half_away_from_zero(value, expected):
    assert rounded(Fraction(value)) == expected


@pytest.mark.parametrize("left, result, is_exact, reason", [
    ("48/2", "24", True, ""), ("2/3", "0.67", False, "isn't the exact value"), ("1//2", "0", False, "doesn't read"),
    ("5/0", "0", False, "divides by zero"), ("1+1", "two", False, "no plain number"),
    ("1+1+1+1+1", "5", True, "more than 4 numbers or 5 operations"), ("12345+1", "12346", True, "integer digits"),
    ("0.125*8", "1", True, "2 decimals"), ("2-3", "-1", True, "an operation that is not among")])
def test_a_reading_says_why_it_cannot_be_a_label(left, result, is_exact, reason):
    reading = read_annotation(left, result, num_initial_values=4, dag_depth=5, places=(4, 2),
                              dag_ops=("add", "multiply", "divide", "identity"))
    assert reading.is_exact == is_exact and reason in reading.reason and bool(reason) == bool(reading.reason)


# ---- documents ------------------------------------------------------------------------------------------------------

def test_rows_predict_their_documents_token_by_token(tmp_path):
    stream = make(write(tmp_path))
    batches = stream.batches_of_all(2)
    rows = [(ids, targets) for b in batches for ids, targets in zip(b.ids.tolist(), b.targets.tolist())]
    assert [len(batch) for batch in batches] == [2, 2, 1] and stream.n_cut == 0
    for (ids, targets), document in zip(rows, encoded()):
        n = len(document) - 1
        assert ids == document[:-1] + [END] * (len(ids) - n)
        assert targets == document[1:] + [IGNORE] * (len(ids) - n)


def test_readers_and_answers_stand_where_the_text_has_them(tmp_path):
    stream = make(write(tmp_path))
    assert (stream.n_annotations, stream.n_labelled, stream.n_exact) == (9, 6, 7)
    assert sum(stream.reasons.values()) == 3
    seen = []
    for batch in stream.batches_of_all(3):
        assert batch.readers.dtype == batch.ids.dtype == batch.digits.dtype == batch.operand2.dtype == torch.int64
        for b, ids in enumerate(batch.ids):
            answers = [""]
            for t in batch.answering[b].nonzero().flatten().tolist():
                answers[-1] += TOKENIZER.decode([int(batch.targets[b, t])])
                if answers[-1].endswith(">"):
                    answers.append("")
            readers = batch.readers[b][batch.reader_mask[b]].tolist()
            assert all(TOKENIZER.decode([ids[t]]) == "=" and batch.answering[b, t] for t in readers)
            flags = (getattr(batch, name)[b, :len(readers)].tolist() for name in ("labelled", "exact"))
            seen.append((answers[:-1], *flags))
            for name in ("readers", "labelled", "exact"):
                assert not getattr(batch, name)[b][~batch.reader_mask[b]].any()
            for name in ("number_mask", "negative", "digits", "operation", "operand1", "operand2"):
                assert not getattr(batch, name)[b][~batch.labelled[b]].any()
    assert seen == [(["24>", "25.5>"], [True, True], [True, True]),
                    (["2,500.00>", "3.33>"], [True, False], [True, False]), ([], [], []),
                    ([".333333>", "7>", "4>", "$1.5>"], [True, True, False, True], [True, True, False, True]),
                    (["15>"], [False], [True])]


def test_a_result_that_is_no_number_has_no_reader(tmp_path):
    stream = make(write(tmp_path, encoded(["<<1+1=two>> <<half=1/2>> <<1+1=>>"])), batch_size=1)
    batch = stream.batch(0)
    assert batch.readers.tolist() == [[0]] and not batch.reader_mask.any() and not batch.answering.any()
    assert stream.n_annotations == 3 and stream.n_labelled == 0


def test_the_labelled_plans_give_the_results(tmp_path):
    stream, checked = make(write(tmp_path)), []
    K, decimals = stream.K, stream.places[1]
    for batch in stream.batches_of_all(5):
        for b, r in batch.labelled.nonzero().tolist():
            mask, digits = batch.number_mask[b, r], batch.digits[b, r]
            slots = [Fraction(int("".join(map(str, row))), 10 ** decimals) for row in digits.tolist()]
            slots = [-value if negative else value for value, negative in zip(slots, batch.negative[b, r].tolist())]
            n = int(mask.sum())
            assert mask.tolist() == [True] * n + [False] * (K - n) and not any(slots[n:])
            for step, (o, i, j) in enumerate(zip(*(getattr(batch, name)[b, r].tolist()
                                                   for name in ("operation", "operand1", "operand2")))):
                assert i < K + step and j < K + step
                name = stream.dag_ops[o]
                if name == "identity":
                    assert i == j == (K + step - 1 if step else 0)
                slots.append(slots[i] if name == "identity" else ARITHMETIC[name](slots[i], slots[j]))
            checked.append(rounded(slots[-1]))
    assert checked == ["24", "25.5", "2500", "0.333333", "7", "1.5"]


@pytest.mark.slow
def test_plan_labels_are_those_of_the_expression_stream(tmp_path):
    rates = {field: 0.0 for field in Wording.__dataclass_fields__} | dict(prose_rate=0.5, english_conversion_rate=0.3)
    expressions = Stream(Ranges(max_ops=3, max_digits=3, max_decimals=2), Wording(**rates), TOKENIZER, seed=1,
                         split="train", batch_size=60, num_initial_values=4, dag_depth=5, places=(4, 2))
    there = expressions.first(60)[0]
    lefts = [decode(ids) for ids in there.ids.tolist()]
    values = [evaluate(parse(left)) for left in lefts]
    shown = [i for i, value in enumerate(values) if value is not None]
    documents = encoded(f"<<{lefts[i]}={rounded(values[i])}>>" for i in shown)
    here = make(write(tmp_path, documents)).batches_of_all(60)[0]
    assert here.labelled.all() and len(shown) > 50
    for name in ("number_mask", "negative", "digits", "operation", "operand1", "operand2"):
        assert torch.equal(getattr(here, name)[:, 0], getattr(there, name)[shown]), name


@pytest.mark.slow
def test_a_long_document_is_cut_and_counted(tmp_path):
    document = encoded()[0]
    first, second = annotations(document, TOKENIZER)
    for block_size, n_readers in ((second.end, 2), (second.end - 1, 1), (first.end, 1), (first.end - 1, 0)):
        stream = make(write(tmp_path, [document, document[:5]]), batch_size=1, block_size=block_size)
        batch = stream.batches_of_all(1)[0]
        assert stream.n_cut == 1 and stream.n_annotations == n_readers
        assert batch.ids.tolist() == [document[:block_size]] and batch.targets.tolist() == [document[1:block_size + 1]]
        assert batch.reader_mask.sum() == n_readers


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["documents", "windows"])
def test_a_batch_is_a_pure_function_of_its_number(tmp_path, kind):
    path = many(tmp_path)[0] if kind == "documents" else running(tmp_path)
    settings = dict(batch_size=8, block_size=30)
    stream = make(path, **settings)
    batches = [stream.batch(n) for n in range(70)]
    fresh = make(path, **settings)
    assert all(same(batches[n], fresh.batch(n)) for n in (69, 3, 64, 0, 3))
    assert not torch.equal(batches[0].ids, batches[1].ids)
    for change in (dict(seed=2), dict(split="val")):
        other = make(path, **settings, **change)
        assert any(not torch.equal(batches[n].ids, other.batch(n).ids) for n in range(3))


@pytest.mark.slow
def test_an_epoch_shows_every_document_once_in_another_order(tmp_path):
    path, documents = many(tmp_path, 240)
    stream = make(path, batch_size=8)
    epochs = [[tuple(ids) for n in range(start, start + 30) for ids in stream.batch(n).ids.tolist()]
              for start in (0, 30)]
    texts = [[decode(ids) for ids in epoch] for epoch in epochs]
    assert sorted(texts[0]) == sorted(texts[1]) == sorted(map(decode, documents)) and texts[0] != texts[1]


def test_a_batch_may_hold_more_than_there_are_documents(tmp_path):
    stream = make(write(tmp_path), batch_size=12)
    shown = Counter(decode(ids) for n in range(5) for ids in stream.batch(n).ids.tolist())
    assert shown == dict.fromkeys(PROBLEMS, 12)


@pytest.mark.slow
def test_batches_of_documents_have_little_padding(tmp_path):
    stream = make(many(tmp_path)[0], batch_size=8)
    batches = [stream.batch(n) for n in range(30)]
    padding = sum(int((b.targets == IGNORE).sum()) for b in batches) / sum(b.targets.numel() for b in batches)
    widths = [batch.ids.shape[1] for batch in batches]
    assert padding < 0.05 and widths != sorted(widths)


# ---- windows --------------------------------------------------------------------------------------------------------

@pytest.mark.slow
def test_windows_are_cut_at_random_places(tmp_path):
    stream = make(running(tmp_path), batch_size=16, block_size=99)
    starts = []
    for n in range(40):
        batch = stream.batch(n)
        assert batch.ids.shape == batch.targets.shape == (16, 99) and torch.equal(batch.targets, batch.ids + 1)
        assert torch.equal(batch.ids, batch.ids[:, :1] + torch.arange(99))
        assert batch.readers.shape == (16, 1) and not batch.reader_mask.any() and not batch.answering.any()
        assert batch.number_mask.shape == (16, 1, 4) and batch.digits.shape == (16, 1, 4, 6)
        starts += batch.ids[:, 0].tolist()
    assert min(starts) < 20 and max(starts) <= 900 and max(starts) > 880 and len(set(starts)) > 400
    only = make(running(tmp_path, 100), block_size=99).batch(0)      # one window is all there is
    assert only.ids.tolist() == [list(range(99))] * 2


def test_an_evaluation_predicts_every_token_once(tmp_path):
    batches = make(running(tmp_path), block_size=99).batches_of_all(4)
    targets = torch.cat([batch.targets[batch.targets != IGNORE] for batch in batches])
    assert targets.tolist() == list(range(1, 1000)) and sum(map(len, batches)) == 11


@pytest.mark.parametrize("changes, words", [
    (dict(block_size=1000), "has 1,000 tokens, block_size=1000 needs 1,001"), (dict(split="dev"), "train, val, test"),
    (dict(batch_size=0), "batch_size=0 must be at least 1"), (dict(dag_ops=("add",)), "lacks identity")])
def test_a_stream_that_cannot_be_is_refused(tmp_path, changes, words):
    path = running(tmp_path)
    assert words in refusal(make, path, **changes)


def test_a_file_without_documents_is_refused(tmp_path):
    assert "has no document of two tokens or more" in refusal(make, write(tmp_path, [[], [END]]))


# ---- mixtures -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("text, expected", [
    ("dagset", [("dagset", 1.0)]), ("dagset:0.7,shakespeare:0.3", [("dagset", 0.7), ("shakespeare", 0.3)]),
    (" a : 3 , b-2:1 ", [("a", 0.75), ("b-2", 0.25)]), ("a:2", [("a", 1.0)])])
def test_a_mixture_is_read(text, expected):
    assert [name for name, _ in parse_mixture(text)] == [name for name, _ in expected]
    assert [weight for _, weight in parse_mixture(text)] == pytest.approx([weight for _, weight in expected])


@pytest.mark.parametrize("text, words", [
    ("", "'' where NAME:WEIGHT belongs"), ("a,b", "'a' where"), ("a:0.5,", "'' where"), ("a:b", "'a:b' where"),
    ("a=1", "'a=1' where"), ("a:0", "gives a the weight 0,"), ("a:-1", "weight -1"), ("a:nan", "weight nan"),
    ("a:1,b:inf", "gives b the weight inf"), ("a:1,a:2", "names a twice")])
def test_an_unreadable_mixture_is_refused_with_an_example(text, words):
    message = refusal(parse_mixture, text)
    assert words in message and message.endswith("write it like dagset:0.7,shakespeare:0.3")


def test_an_unknown_name_gets_the_nearest():
    known = ("dagset", "shakespeare", "gsm8k")
    check_names(known[:2], known)
    message = refusal(check_names, ["dagset", "shakespear"], known)
    assert "no text named shakespear: did you mean shakespeare?" in message
    assert "there are dagset, shakespeare, gsm8k" in refusal(check_names, ["xyz"], known)


class Numbers:
    """A stream whose batches are its name and their numbers."""
    def __init__(self, name, examples_per_batch=4):
        self.name, self.examples_per_batch = name, examples_per_batch

    def batch(self, number):
        return self.name, number


@pytest.mark.slow
def test_a_mixture_deals_batches_by_weight_and_number():
    streams = {name: Numbers(name) for name in "abc"}
    mixture = Mixture(streams, [("c", 0.2), ("a", 0.7), ("b", 0.1)], seed=1)
    names = [mixture.name_of(n) for n in range(1000)]
    shares = Counter(names)
    assert all(abs(shares[name] / 1000 - weight) < 0.05 for name, weight in dict(a=0.7, b=0.1, c=0.2).items())
    assert mixture.batch(999) == (names[999], 999) and mixture.examples_per_batch == 4
    again = Mixture(streams, dict(a=0.7, b=0.1, c=0.2), seed=1)
    assert [again.name_of(n) for n in range(99, -1, -1)] == names[99::-1]
    assert [Mixture(streams, dict(a=0.7, b=0.1, c=0.2), seed=2).name_of(n) for n in range(100)] != names[:100]


def test_streams_that_do_not_fit_together_are_refused():
    streams = dict(a=Numbers("a", 4), b=Numbers("b", 8))
    assert "different sizes, a 4, b 8" in refusal(Mixture, streams, dict(a=1, b=1), 1)
    assert "has weights for a" in refusal(Mixture, streams, dict(a=1), 1)


def test_labelled_readers_are_exact_unless_said_otherwise():
    fields = {name: torch.ones(1, 1) for name in TextBatch.__dataclass_fields__}
    labelled = torch.tensor([[True]])
    batch = TextBatch(**{**fields, "labelled": labelled, "exact": None})
    assert batch.exact.tolist() == [[True]] and batch.exact is not labelled and len(batch) == 1


# ---- the scripts that prepare texts ---------------------------------------------------------------------------------

def script(name, source, content):
    """The prepare script of a text, told to read `content`."""
    source.write_bytes(content)
    module = importlib.import_module(f"data.{name}.prepare")
    configure(vars(module), [f"--input={source}", "--tokenizer=dag"])
    return module


@pytest.mark.slow
def test_gsm8k_is_split_by_question_and_says_what_it_found(tmp_path, capsys):
    problems = [{"question": f"What is {i} and 1?", "answer": f"It is <<{i}+1={i + 1}>>{i + 1}.\n#### {i + 1}"}
                for i in range(100)]
    lines = "\n".join(map(json.dumps, problems)) + "\n\n"
    script("gsm8k", tmp_path / "in.jsonl", lines.encode()).prepare(tmp_path)
    printed, texts = capsys.readouterr().out, {}
    for split in ("train", "val", "test"):
        stream = make(tmp_path / f"{split}.bin", split=split)
        texts[split] = [decode(ids) for batch in stream.batches_of_all(1) for ids in batch.ids.tolist()]
        assert stream.n_labelled == len(texts[split]) > 0
        assert f"{split}.bin: {len(texts[split])} documents" in printed
    everything = [f"{p['question']}\n{p['answer']}\n" for p in problems]
    assert sorted(sum(texts.values(), [])) == sorted(everything) and len(texts["train"]) > 80


@pytest.mark.slow
def test_gsm8ks_questions_become_scenes_where_a_file_for_them_is_named(tmp_path, capsys, monkeypatch):
    problems = [{"question": f"Tom has {i} pet owls and his aunt Ann has twice as many. How many have they?",
                 "answer": f"<<{i}*2={2 * i}>> <<{i}+{2 * i}={3 * i}>>\n#### {3 * i}"} for i in range(3, 103)]
    lines = "\n".join(map(json.dumps, problems))
    module = script("gsm8k", tmp_path / "in.jsonl", lines.encode())
    monkeypatch.setattr(module, "untold", str(tmp_path / "untold.txt"))
    module.prepare(tmp_path)
    assert read_scenes(module.untold) == [("a + a * 2", "Tom has N pet owls and his aunt Ann has twice as many. How many have they")]
    assert "untold.txt: 1 scenes of 1 expressions, of" in capsys.readouterr().out
    for name, path, why in (("told", tmp_path / "none" / "told.txt", "there is no folder"), ("told", FOLDER / "money.txt", "delete it first")):
        monkeypatch.setattr(module, "told", str(path))
        assert why in refusal(module.prepare, tmp_path)


def test_a_malformed_line_of_gsm8k_is_named(tmp_path):
    good = b'{"question": "a", "answer": "b"}\n'
    for bad in (b"nonsense\n", b'{"question": "a"}\n', b'{"question": "a", "answer": 3}\n', b"[1]\n", b"\xff\n"):
        message = refusal(script("gsm8k", tmp_path / "in.jsonl", good + bad).prepare, tmp_path)
        assert "in.jsonl, line 2: expected" in message
    message = refusal(script("gsm8k", tmp_path / "in.jsonl", good).prepare, tmp_path)
    assert "too few problems" in message and [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_shakespeare_is_split_at_ends_of_lines(tmp_path):
    play = "".join(f"Line {i} of the play.\n" for i in range(200))
    script("shakespeare", tmp_path / "in.txt", play.encode()).prepare(tmp_path)
    parts = [TOKENIZER.decode(read_text_file(tmp_path / f"{split}.bin", "dag", TOKENIZER).tokens.tolist())
             for split in ("train", "val", "test")]
    assert "".join(parts) == play and all(part.endswith("\n") for part in parts)
    assert [len(part) / len(play) for part in parts] == pytest.approx([0.9, 0.05, 0.05], abs=0.01)
    assert "is too short" in refusal(script("shakespeare", tmp_path / "in.txt", b"one line").prepare, tmp_path)
    assert "not UTF-8" in refusal(script("shakespeare", tmp_path / "in.txt", b"a\xff\n" * 9).prepare, tmp_path)


def test_a_source_that_cannot_be_had_says_what_to_do(tmp_path, monkeypatch):
    def unreachable(url, timeout):
        assert timeout == 20
        raise OSError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    message = refusal(read_source, "https://example.org/text", "")
    assert "could not download https://example.org/text (no route to host)" in message and "--input=FILE" in message
    assert "cannot read --input=" in refusal(read_source, "https://example.org/text", str(tmp_path / "none"))
