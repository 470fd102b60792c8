"""Prompts as people type them: one sign for each meaning, and no operation that the models lack."""
import pytest
import torch

from data.dagset import Ranges, Stream, Wording, get_tokenizer
from data.prompts import normalised, refusal


@pytest.mark.parametrize("typed, read", [
    ("  5 +\t 3\u00a0= ", "5 + 3 ="), ("5\u2009+\u202f3", "5 + 3"), ("\ufeff5\u200b + 3", "5 + 3"),
    ("５＋３．２５＝", "5+3.25="), ("Ｑ：5", "Q:5"), ("𝟓 + 𝟑", "5 + 3"),
    ("What’s 5 + 3?", "What's 5 + 3?"), ("“5 + 3”", '"5 + 3"'),
    ("5 – 3", "5 - 3"), ("5–3", "5-3"), ("5 — (3 + 2)", "5 - (3 + 2)"), ("–.5", "-.5"), ("Well — what is 5?",) * 2,
    ("5 ∗ 3 ⋅ 2 · 4", "5 * 3 * 2 * 4"), ("6 ∕ 3 ⁄ 2", "6 / 3 / 2"), ("5 × 3 ÷ 2 − 1",) * 2,
    ("Solve 3x + 7=34, or 5x = 2", "Solve 3 x + 7=34, or 5 x = 2"), ("5kg at 60km/h", "5 kg at 60 km/h"),
    *(((text,) * 2) for text in ("2x3", "2x (3+4)", "2X -3", "the 3rd of 21", "2e5", "12 x")),
    ("WHAT IS FIVE PLUS TWO?", "what is five plus two?"), ("Q: FIVE PLUS 2\n\nA:", "Q: five plus 2\n\nA:"),
    ("FIVE X TWO", "five x two"), ("Q: 5 + 3 \n\nA:",) * 2, ("What is FIVE plus two?",) * 2, ("5 + 3 \n\n= ?",) * 2,
    ("-(3 + 4)*2", "-1*(3 + 4)*2"), ("What is −(3+4)?", "What is -1*(3+4)?"), ("2*-(3+1) - -[5]", "2*-1*(3+1) - -1*[5]"),
    ("-(-(2))", "-1*(-1*(2))"), ("8 / -(3 + 1)", "8 / -1/(3 + 1)"), ("5 -(3 + 2)",) * 2, ("five -(3 + 2)",) * 2,
    ("(5)-(3)",) * 2, ("50% -(3)",) * 2,
    ("+7 - 2", "7 - 2"), ("3 * +4 / + 5", "3 * 4 / 5"), ("(+.5) + ++3", "(.5) + 3"), ("7 +2",) * 2, ("seven +2",) * 2,
    ("12 +\n30", "12 + 30"), ("2 *\r\n(3\n+ 4\n)", "2 * (3 + 4)"), ("Compute:\n-5 + 3",) * 2,
    ("12 *\n+30", "12 * 30"), ("5\n+3", "5 +3"), *(((text,) * 2) for text in (
        "5 + 3 = 8\n-4 + 6 =", "12 - 4 = 8\n- 3 + 5 =", "Question 3\n-5 + 8 =", "1)\n-5 + 3 =", "5 + 3\n\n-2 + 4",
        "Compute this -\n5 + 3", "---\n5 + 3 =")), ("WHAT IS A THIRD OF 12?", "what is a third of 12?"),
    ("Q: SIX TIMES A\nA: 5", "Q: six times a\nA: 5"), ("5 + 3\nA:",) * 2,
    ("X = 3 X 4. WHAT IS X?", "x = 3 x 4. what is x?"), ("", ""), (" \n ", ""), ("2²",) * 2, ("5½",) * 2])
def test_a_prompt_is_read_with_one_sign_for_each_meaning(typed, read):
    assert normalised(typed) == read == normalised(read)


@pytest.mark.parametrize("typed, sign", [
    ("2^3", "'^'"), ("2**3", "'**'"), ("2 ＊＊ 3", "'**'"), ("2²", "'²'"), ("3⁻¹", "'⁻'"), ("√9", "'√'"), ("5! + 3", "'!'"),
    ("(2 + 1)!", "'!'"), ("five squared", "'squared'"), ("FIVE CUBED", "'cubed'"), ("the factorial of 5", "'factorial'"),
    ("7 mod 3", "'mod'"), ("the square root of 9", "'square root'"), ("2 to the power of 3", "'to the power'")])
def test_an_operation_that_no_model_has_is_refused_by_name(typed, sign):
    assert refusal(typed) == f"{sign} is not an operation this model has"


def test_signs_in_one_character_that_spell_several_digits_are_refused_as_numbers():
    assert refusal("5½ + 1") == "'½' is not a number this model reads" and "'₂'" in refusal("x₂ + 1")


@pytest.mark.parametrize("text", ["5 + 3 * (2 - 1)", "What is 5?", "50% of 8", "Tell me!", "He has 12! So 3^2 = <<3+4=", "modern model 3", "5 × 3", "é"])
def test_what_a_model_might_read_is_not_refused(text):
    assert refusal(text) is None


@pytest.mark.slow
def test_what_the_stream_writes_is_left_as_it_is():
    rates = dict(english_conversion_rate=0.3, operator_word_rate=0.4, prose_rate=0.35, frame_rate=0.7, typeset_rate=0.2,
                 word_variant_rate=0.5, thousands_separator_rate=0.3, leading_point_rate=0.3, and_rate=0.3,
                 sign_word_rate=0.1, two_hyphens_rate=0.1, capital_rate=0.5)
    tokenizer = get_tokenizer("dag")
    stream = Stream(Ranges(max_ops=4, max_digits=12, max_decimals=6), Wording(**rates), tokenizer, seed=1, split="test",
                    batch_size=64, num_initial_values=5, dag_depth=4, device=torch.device("cpu"))
    examples = stream.examples(0, 1000)
    for start, end in zip(examples.offsets[:-1].tolist(), examples.offsets[1:].tolist()):
        text = tokenizer.decode(examples.ids[start:end].tolist())
        assert normalised(text) == text.strip() and refusal(text) is None, text
