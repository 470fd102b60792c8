"""The parser reads every form of the grammar, and refuses what it doesn't understand; the yardstick agrees with it."""
import math
import random
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from num2words import num2words

sys.path.insert(0, str(Path(__file__).parent.parent))
from data.dagset.parser import MAX_NESTING, ParseError, parse
from data.dagset.tree import Number, evaluate, numbers, plan
from data.dagset.yardstick import StringGenerator


def value(text):
    return evaluate(parse(text))


def number(i):
    return "number", i


def step(j):
    return "step", j


NUMBERS = [
    ("0", 0), ("007", 7), ("1,234.50", "1234.5"), ("12,345,678", 12345678), (".5", "0.5"), ("-.50", "-0.5"),
    ("−3.2", "-3.2"), ("--3", 3), ("- 3", -3), ("negative 3.2", "-3.2"), ("minus 3.2", "-3.2"),
    ("((5))", 5), ("-(5)", -5), ("zero", 0), ("twelve thousand three hundred four", 12304),
    ("twenty-five", 25), ("Twenty Five", 25), ("one hundred and five", 105), ("two thousand and five", 2005),
    ("one thousand, one hundred and one", 1101), ("a hundred and five", 105), ("a thousand", 1000),
    ("A hundred thousand and one", 100001), ("three point oh five", "3.05"),
    ("one million two hundred and five thousand", 1205000), ("one trillion", 10**12),
    ("$5", 5), ("-$1,234.50", "-1234.5"), ("negative £3", -3), ("€.50", "0.5"), ("negative three point two", "-3.2"),
    ("minus point five", "-0.5"), ("five point zero oh one", "5.001"),
    ("two thousand point one zero", "2000.1"), ("zero point zero five", "0.05"),
]


def test_a_number_is_read_with_its_sign_and_spelling():
    for text, expected in NUMBERS:
        tree = parse(text)
        assert isinstance(tree, Number) and tree.value == Fraction(expected), text
        assert plan(tree) == []


@pytest.mark.slow
def test_english_integers_agree_with_num2words():
    draw = random.Random(0)
    for _ in range(100):
        integer = draw.randrange(10 ** draw.randint(1, 12))
        words = num2words(integer)  # "one thousand, two hundred and twenty-five"
        plain = words.replace(",", "").replace(" and ", " ")
        for text in (words, plain, words.replace("-", " "), plain.replace("-", " ").upper()):
            assert value(text) == integer, text


PERCENTS = [
    ("25%", "0.25"), ("-2.5 %", "-0.025"), ("twenty-five percent", "0.25"), ("(25 per cent)", "0.25"), ("12*5%", "0.6"),
    ("25% of 80", 20), ("negative five percent of (3 + 1)", "-0.2"), ("25% of the sum of 3 and 1", 1),
    ("25% of 80 / 4 - 1", 4), ("80 + 10%", "80.1"), ("50% of 50% of 8", 2), ("100% - 5%", "0.95"),
    ("2 * 25% of 80", 40), ("the sum of 20% of 80 and 5", 21), ("add 10% of 50 to 80", 85), ("half of 50% of 8", 2), ("6 / (25% of 8)", 3), ("6 / 25% of 8", 3),
]


def test_a_percentage_is_one_number_and_parts_are_taken_of_it_alone():
    for text, expected in PERCENTS:
        assert value(text) == Fraction(expected), text
    assert plan(parse("3 + 25% of 80")) == [("multiply", number(1), number(2)), ("add", number(0), step(0))]
    for text in ("25 of 80", "(2 + 25%) of 80", "add halve 8", "25%%", "(80 reduced by 10%) + 1", "2 * (10% more than 80)",
                 "add 10% to 80, then multiply by 2", "take 80 and subtract (10%)"):
        with pytest.raises(ParseError):
            parse(text)


INFIX = [
    ("5+3*(2-1)", 8), ("five*-3", -15), ("2x3", 6), ("2 x three", 6), ("2 × 3 ÷ 4", "1.5"), ("48/2", 24),
    ("six times two", 12), ("six multiplied by two", 12), ("six divided by four", "1.5"), ("six over four", "1.5"),
    ("2(3+4)", 14), ("2 (3)", 6), ("(1+2)(3-4)", -3), ("6/2(1+2)", 9), ("1 + [2](3)(4)", 25), ("2[3 + 4] - 1", 13),
    ("3X4·2", 24), ("five plus three minus two less one", 5), ("[2 + 3] * ((4))", 20), ("((5)) + (3 * 2)", 11),
    ("5.22 - 3.213 / 2.32", Fraction("5.22") - Fraction("3.213") / Fraction("2.32")),
]


def test_infix_is_read_in_symbols_and_in_words():
    for text, expected in INFIX:
        assert value(text) == Fraction(expected), text


def test_products_bind_closer_and_equals_associate_to_the_left():
    assert plan(parse("1 + 2 * 3")) == [("multiply", number(1), number(2)), ("add", number(0), step(0))]
    assert plan(parse("8 - 3 - 2")) == [("subtract", number(0), number(1)), ("subtract", step(0), number(2))]
    assert plan(parse("8 / 4 * 2")) == [("divide", number(0), number(1)), ("multiply", step(0), number(2))]
    assert plan(parse("8 - (3 - 2)")) == [("subtract", number(1), number(2)), ("subtract", number(0), step(0))]


def test_a_minus_is_an_operator_after_an_operand_and_a_sign_elsewhere():
    for text in ("5--3", "5 - -3", "5 -- 3", "5 − −3", "five minus minus three", "5 minus negative three"):
        assert numbers(parse(text)) == [5, -3] and value(text) == 8, text
    assert numbers(parse("5---3")) == [5, 3]
    # A hyphen joins tens and units alone, and only where it touches both.
    assert value("twenty-five-three") == 22
    assert value("twenty - five") == value("twenty −five") == 15
    assert value("one hundred-five") == 95


PROSE = [
    ("the sum of 2 and 3", ("add", number(0), number(1))),
    ("the difference between 2 and 3", ("subtract", number(0), number(1))),
    ("the product of two and three", ("multiply", number(0), number(1))),
    ("the quotient of 2 and 3", ("divide", number(0), number(1))),
    ("the ratio of 2 to 3", ("divide", number(0), number(1))),
    ("add 2 to 3", ("add", number(0), number(1))),
    ("subtract 2 from 3", ("subtract", number(1), number(0))),
    ("take 2 from 3", ("subtract", number(1), number(0))),
    ("take away 2 from 3", ("subtract", number(1), number(0))),
    ("multiply 2 by 3", ("multiply", number(0), number(1))),
    ("divide 2 by 3", ("divide", number(0), number(1))),
    ("2 added to 3", ("add", number(0), number(1))),
    ("2 subtracted from 3", ("subtract", number(1), number(0))),
    ("2 more than 3", ("add", number(0), number(1))),
    ("2 less than 3", ("subtract", number(1), number(0))),
    ("2 increased by 3", ("add", number(0), number(1))),
    ("2 decreased by 3", ("subtract", number(0), number(1))),
    ("2 reduced by 3", ("subtract", number(0), number(1))),
    ("2 subtracted by 3", ("subtract", number(0), number(1))),
    ("sum of 2 and 3", ("add", number(0), number(1))),
    ("the total of 2 and 3", ("add", number(0), number(1))),
    ("the result of adding 2 to 3", ("add", number(0), number(1))),
    ("the result of subtracting 2 from 3", ("subtract", number(1), number(0))),
    ("result of dividing 2 by 3", ("divide", number(0), number(1))),
    ("multiplying two and three", ("multiply", number(0), number(1))),
    ("sum 2 and 3", ("add", number(0), number(1))),
    ("find the product of 2 and 3", ("multiply", number(0), number(1))),
    ("multiply 2 with 3", ("multiply", number(0), number(1))),
    ("deduct 2 from 3", ("subtract", number(1), number(0))),
    ("take 2 away from 3", ("subtract", number(1), number(0))),
    ("take 2 and subtract 3", ("subtract", number(0), number(1))),
    ("take 2 and divide it by 3", ("divide", number(0), number(1))),
    ("decrease 2 by 3", ("subtract", number(0), number(1))),
]


def test_prose_gives_operands_in_semantic_order():
    for text, expected in PROSE:
        tree = parse(text)
        assert numbers(tree) == [2, 3], text
        assert plan(tree) == [expected], text
        assert tree.reversed == (expected[1:] == (number(1), number(0)))


def test_steps_follow_the_order_of_the_text_where_a_form_reverses_its_operands():
    tree = parse("Subtract the sum of 1 and 2 from (3 * 4).")
    assert numbers(tree) == [1, 2, 3, 4]
    assert plan(tree) == [("add", number(0), number(1)), ("multiply", number(2), number(3)),
                          ("subtract", step(1), step(0))]
    assert evaluate(tree) == 9
    assert value("(2 less than 9) * (3 more than 4)") == 49
    assert value("the sum of (1 less than 2) and the product of 3 and 4") == 13
    assert value("4 times the sum of 2 and 3") == 20


MULTIPLES = [
    ("twice 8", 16), ("Double 8 plus 1", 17), ("half of 80", 40), ("a quarter of the sum of 3 and 5", 2),
    ("three quarters of (2 + 6) * 3", 18), ("5 * triple 2", 30), ("add half of 6 to twice -4", -5),
]


def test_a_number_that_multiplies_can_have_a_name():
    for text, expected in MULTIPLES:
        assert value(text) == Fraction(expected), text
    assert numbers(parse("half of 80")) == [Fraction(1, 2), 80]
    for text in ("twice", "half of", "twice * 3", "-twice 3", "half 80"):
        with pytest.raises(ParseError):
            parse(text)


MIXED = [
    ("two and a half", ["2.5"]), ("minus one hundred and five and three quarters", ["-105.75"]),
    ("the sum of two and a half and three", ["2.5", 3]), ("the sum of two and three and a quarter", [2, "3.25"]),
    ("two hundred and three quarters", ["200.75"]), ("one thousand and one half", ["1000.5"]),
    ("six and one half times (one and a quarter plus 3)", ["6.5", "1.25", 3]),
    ("the sum of two and a half of 8", [2, "0.5", 8]), ("the product of five and three quarters of 4", [5, "0.75", 4]),
    ("2 and a half plus 1,200 and three quarters", ["2.5", "1200.75"]), ("the sum of 2 and a half of 8", [2, "0.5", 8]),
]


def test_a_mixed_number_is_one_number():
    for text, expected in MIXED:
        assert numbers(parse(text)) == [Fraction(each) for each in expected], text
    for text in ("a half", "half", "two and half", "zero and a half", "two point five and a half", "2.5 and a half", "$2 and a half"):
        with pytest.raises(ParseError):
            parse(text)


LISTS = [
    ("the sum of 12, 5 and 9", [12, 5, 9], 26), ("sum of 12, 5, and 9", [12, 5, 9], 26),
    ("add 3, four and 5 together", [3, 4, 5], 12), ("Can you multiply 2, 3, and 4 for me?", [2, 3, 4], 24),
    ("the total of 1, the product of 2, 3 and 4 and 1,000", [1, 2, 3, 4, 1000], 1025),
    ("add together (2 * 3), two thousand, 1 and .5", [2, 3, 2000, 1, "0.5"], "2007.5"),
    ("the sum of 2, 3 and one hundred and five", [2, 3, 105], 110),
    ("add 1, 2 and 3, then multiply by 4", [1, 2, 3, 4], 24),
]


def test_a_list_is_added_or_multiplied_from_left_to_right():
    for text, expected, result in LISTS:
        assert numbers(parse(text)) == [Fraction(number) for number in expected], text
        assert value(text) == Fraction(result), text
    assert plan(parse("the sum of 1, (2 * 3) and 4")) == [
        ("multiply", number(1), number(2)), ("add", number(0), step(0)), ("add", step(1), number(3))]
    for text in ("the difference between 9, 5 and 2", "the sum of 2, 3", "the sum of 2, and 3", "add 1, 2 to 3",
                 "add 10%, 5 and 3", "2, 3 and 4"):
        with pytest.raises(ParseError):
            parse(text)


QUESTIONS = [
    ("How much more is 10 than 4?", 6), ("By how much is ten greater than four?", 6), ("By how much does 10 exceed 4?", 6),
    ("how much less is 4 than (2 * 5)", 6), ("What must be added to 4 to get 10?", 6),
    ("How many times does 4 go into 12?", 3), ("By how much is the sum of 1, 2 and 7 greater than 4?", 6),
    ("When 12 is added to 30, what is the result?", 42), ("What is the result when 15 is multiplied by the sum of 1 and 3?", 60),
    ("What do you get if 9 is taken away from 10?", 1), ("If six is divided by (2 - 5), what is the answer?", -2),
    ("How much is left if you take 4 from 10?", 6), ("Let x = 4 + 5. What is x?", 9), ("If x is 3 x 2, what is x?", 6),
    ("What do you get by subtracting 2 from 9?", 7), ("Which number is 7 times as large as 12?", 84),
    ("What number is (2 + 3) times as much as 4?", 20), ("What is 3/4 of 120?", 90), ("8 - 1/2 of 6 * 3", -1),
    ("What must be subtracted from 10 to get 4?", 6), ("What must 4 be multiplied by to get 12?", 3),
    ("How much is left of 10 after taking away 4?", 6), ("What do I have if 4 is removed from ten?", 6),
    ("If you take 4 from 10, how much is left?", 6), ("What do you get by adding 2 to 9?", 11),
    ("What is 8 more than twice 6?", 20), ("4 fewer than 10", 6), ("Split 12 into 4.", 3), ("Put together 12 and 4", 16),
]
COUNTED = [
    ("5 apples plus 3 apples", 8), ("the sum of five dollars, 3 and 2 dollars", 10), ("What is (2 miles + 4 km) * 3?", 18),
    ("Subtract two and a half hours from 10 hours.", "7.5"), ("What is 3 + 4 in total?", 7),
]


def test_what_is_counted_changes_nothing():
    for text, expected in COUNTED:
        assert value(text) == Fraction(expected), text
    for text in ("apples plus 3", "5 apples books", "$5 dollars + 1", "5 percent apples", "5 plus apples"):
        with pytest.raises(ParseError):
            parse(text)


PARTS = [
    ("a third of 12", 4), ("one-tenth of the sum of 4 and 6", 1), ("two thirds of 12", 8), ("three-fourths of 12 - 1", 8),
    ("6 / twice 3", 1), ("the sum of one hundred and two thirds of 9", 106), ("two hundred and three quarters", "200.75"),
]


def test_parts_and_fractions_in_words_take_the_factor_behind_them():
    for text, expected in PARTS:
        assert value(text) == Fraction(expected), text
    assert plan(parse("a third of 12")) == [("divide", number(1), number(0))]
    assert plan(parse("2 + two thirds of 9")) == [
        ("divide", number(1), number(2)), ("multiply", step(0), number(3)), ("add", number(0), step(1))]
    for text in ("a third", "two thirds", "a twelfth of 12", "12 of a third"):
        with pytest.raises(ParseError):
            parse(text)


def test_a_question_for_a_difference_or_a_quotient_has_its_operands_in_order():
    for text, expected in QUESTIONS:
        assert value(text) == expected, text
    assert plan(parse("how many times does 4 go into 12")) == [("divide", number(1), number(0))]


ANNOTATIONS = [
    ("Tom has 3 boxes of 12 pens. He has 3*12 = <<3*12=", 36), ("3*12=<<3*12=36>>36 pens, so $<<36/(2-.5)=", 24), ("<<5", 5),
]


def test_an_annotation_asks_for_its_left_side_alone():
    for text, expected in ANNOTATIONS:
        assert value(text) == expected, text
    for text in ("<<3*12=36>>", "5 << 3 is <<", "He has <<two big apples="):
        with pytest.raises(ParseError):
            parse(text)


CHAINS = [
    ("start with 5, add 3, multiply by 2", 16), ("Take 5 and add three then multiply it by 2, then subtract 1.", 15),
    ("add 3 to 4 and multiply by the sum of 1 and 1", 14),
    ("If you take 2 away from 8, divide by 4, what do you get?", 1.5),
    ("find the sum of 2 and 3, then multiply by 4", 20), ("Take 15, double it, and subtract 4", 26),
    ("Start with 9. Halve it. Then double the result", 9), ("add 3 to 4, then double it", 14),
    ("Take 10. Subtract 4. Multiply by 3.", 18), ("Add 3 to 4.5. Then multiply by 2. What do you get?", 15),
    ("Start with twenty. Now divide by 4.\nSubtract one.", 4),
    ("subtract two hundred from one thousand, and then divide that by (2 + 2)", 200),
]


def test_links_go_on_from_an_imperative_and_take_its_result_first():
    for text, expected in CHAINS:
        assert value(text) == Fraction(expected), text
    assert plan(parse("subtract 1 from 2, then add 3")) == [("subtract", number(1), number(0)),
                                                            ("add", step(0), number(2))]


ANDS = [
    ("the sum of one hundred and five", [100, 5]),
    ("the sum of the product of one hundred and five and three", [100, 5, 3]),
    ("the sum of 2 and one hundred and five", [2, 105]),
    ("the sum of one hundred and five and three", [105, 3]),
    ("add one hundred and five and three", [105, 3]),
    ("add one hundred and five", [100, 5]),
    ("take one hundred and subtract five", [100, 5]),
    ("the sum of (one hundred and five) and six", [105, 6]),
    ("add one hundred and five to six", [105, 6]),
    ("one hundred and five less than two thousand and six", [105, 2006]),
]


def test_and_parts_arguments_before_it_joins_a_number():
    for text, expected in ANDS:
        assert numbers(parse(text)) == expected, text


FRAMES = [
    "{}", "What is {}?", "what's {} ?", "WHAT’S {}?", "Calculate {}.", "Compute {}", "Evaluate {}", "Find {}",
    "Work out {}", "Solve {}", "How much is {}?", "Q: {}\n\nA:", "Q: What is {}?\n\nA:", "Question: {}?\nAnswer:",
    "What does {} equal?", "What is the value of {}?", "{}?", "{} =", "{}=", "{} = ?", "{} equals", "{} is",
    "The value of {} is", "The answer to {} is", "Please calculate {}.", "Tell me {}.", "Can you work out {}?",
    "\t {}\n", "If you compute {}, what do you get?", "What's the answer to {}?", "Could you tell me what {} is?",
    "Work this out: {}", "Solve the following:\n{}", "{} =?", "Q. {}\nA.", "Problem: {}\nSolution:", "{}, please.",
]


def test_frames_change_nothing():
    for frame in FRAMES:
        for text in ("98 plus 4.5", "(two less than -7)", "the sum of .5 and [3 - 2]"):
            assert parse(frame.format(text)) == parse(text), frame


def test_an_imperative_stands_in_frames_too():
    for text in ("Please subtract 4 from 10.", "Now subtract 4 from 10.", "Can you subtract 4 from 10?",
                 "Q: subtract 4 from 10\n\nA:", "SUBTRACT 4 FROM 10", "Let's take 10 and subtract 4.",
                 "If you subtract 4 from 10, what do you get?", "What happens when you take 4 away from 10?"):
        assert value(text) == 6, text


def test_a_span_is_how_the_number_was_written():
    text = "What is - 1,234.50 times (minus twenty-five point five)?"
    tree = parse(text)
    assert text[slice(*tree.left.span)] == "- 1,234.50"
    assert text[slice(*tree.right.span)] == "minus twenty-five point five"


def test_division_by_zero_is_undefined_wherever_it_happens():
    for text in ("1 / 0", "5 + 3 / (2 - 2)", "0 * (one over zero)", "1 / (1 / 0)"):
        assert value(text) is None, text
    assert value("0 / 5") == 0


REFUSED = [
    ("", 1), ("   ", 1), ("what is", 8), ("foo", 1), ("2 ^ 3", 3), ("2 ** 3", 4), ("2 3", 3), ("2 + ", 4), ("* 3", 1),
    ("1,23", 2), ("1,2345", 2), ("0,123", 2), ("1.2.3", 4), ("1e5", 2), ("(2 + 3", 7), ("2 + 3)", 6),
    ("five (3)", 6), ("the sum of 2 and 3 (4)", 20), ("2 less than 3 (4)", 15), ("2 x(3", 6), ("a five", 1),
    ("(2 + 3]", 7), ("()", 2), ("-(2 + 3)", 2), ("five hundred hundred", 14), ("hundred", 1), ("one two", 5),
    ("twenty eleven", 8), ("two thousand three thousand", 14), ("point", 6), ("five point twenty", 12),
    ("one hundred zero", 13), ("the sum of 2", 13), ("the sum of 2 + 1 and 3", 14), ("the ratio of 2 and 3", 16),
    ("2 + 3 less than 4", 7), ("1 less than 2 + 3", 15), ("subtract 2 from 3 + 4", 19), ("(subtract 2 from 3)", 2),
    ("2 + 3 = 5", 7), ("٣ + 2", 1), ("2 + 3\x00", 6),
]


def test_what_it_does_not_understand_is_refused_with_its_place():
    for text, position in REFUSED:
        with pytest.raises(ParseError) as caught:
            parse(text)
        assert caught.value.position == position, text
        assert f"character {position}" in str(caught.value) and "\n" not in str(caught.value)
        assert caught.value.is_user_error


@pytest.mark.slow
def test_no_text_is_too_deep_or_too_long_to_be_answered():
    assert value("1 + (" * MAX_NESTING + "1" + ")" * MAX_NESTING) == MAX_NESTING + 1
    assert value("1+" * 800 + "1") == 801
    for text in ("(" * 5000, "the sum of " * 500, "((1+" * MAX_NESTING + "1", "9" * 5000, "(" * 10**6):
        with pytest.raises(ParseError, match="at most"):
            parse(text)


class CharacterTokenizer:
    def encode(self, text):
        return list(text.encode())


@pytest.mark.slow
def test_the_texts_of_the_yardstick_read_back_to_its_labels():
    max_digits, max_decimals, K, D = 9, 6, 6, 5
    generator = StringGenerator(0, 4, max_digits, max_decimals, 0.3, K, D, CharacterTokenizer())
    for _ in range(150):
        example = generator.example()
        tree = parse(example["text"])
        assert bytes(example["ids"]).decode() == example["text"]

        for i, expected in enumerate(numbers(tree)):
            digits = int("".join(map(str, example["digits"][i])))
            assert example["signs"][i] * Fraction(digits, 10**max_decimals) == expected
            assert example["values"][i] == float(expected)
            assert math.isclose(example["log_magnitudes"][i], math.log(abs(expected)) if expected else 0.0)

        slot = {"number": 0, "step": K}
        steps = [(name, *(slot[kind] + i for kind, i in operands)) for name, *operands in plan(tree)]
        steps += [("identity", K + s - 1, K + s - 1) for s in range(len(steps), D)]
        assert list(zip(example["operations"], example["operand1"], example["operand2"])) == steps
        assert len(example["values"]) == K + D and len(example["signs"]) == len(example["digits"]) == K

        result, label = evaluate(tree), example["values"][-1]
        assert math.isnan(label) if result is None else math.isclose(label, result, rel_tol=1e-12)


def test_the_yardstick_repeats_itself_and_refuses_what_does_not_fit():
    draw = [StringGenerator(1, 3, 4, 4, 0.3, 4, 3, CharacterTokenizer()) for _ in range(2)]
    assert [draw[0].example()["text"] for _ in range(5)] == [draw[1].example()["text"] for _ in range(5)]
    with pytest.raises(ValueError, match="num_initial_values=3 cannot hold the 4 numbers"):
        StringGenerator(1, 3, 4, 4, 0.3, 3, 3, CharacterTokenizer())
    with pytest.raises(ValueError, match="dag_depth=2 steps are fewer than max_ops=3"):
        StringGenerator(1, 3, 4, 4, 0.3, 4, 2, CharacterTokenizer())
