"""Do scenes read back as what they are listed under, and as nothing else?

    python -m data.dagset.check_scenes                       # all that are told
    python -m data.dagset.check_scenes my_scenes.txt         # a file's, beside them; then put it into data/dagset/told/
    python -m data.dagset.check_scenes my_scenes.txt --prompts=OUT.jsonl      # and asks each once, with its answer

Each is asked in digits and in words. Prints a line for each scene that doesn't read back, and examples. Exit status 1 where there is
such a scene, 2 where the file is none.
Before they are told, scenes of others are a test of wordings that a model has never seen: `evaluate.py --file=OUT.jsonl`.
"""
import argparse
import ast
import json
import random
import re
import sys
from decimal import ROUND_HALF_UP, Context
from fractions import Fraction

from data.dagset import scenes
from data.dagset.formulas import FOLDER, LETTERS, MOST_OPERATIONS, outline, read_scenes
from data.dagset.parser import ParseError, as_tree, parse, split
from data.dagset.parser_stories import Pattern, meanings, patterns
from data.dagset.scenes import TOUCHING, told
from data.dagset.tree import Number, evaluate, numbers, plan

# That tell expressions apart, and from what nobody says
VALUES = dict(zip(LETTERS, map(Fraction, (17, 13, 29, 23, 19, 31, 37)), strict=True))
VALUES |= {letter.upper(): value / 100 for letter, value in VALUES.items()}
# The same in words, that run together where nothing parts them: "six hundred forty" is one number
SPOKEN = dict(zip(LETTERS, zip(map(Fraction, (7, 600, 40, 3, 2, 900, 50)),
                               ("seven", "six hundred", "forty", "three", "two", "nine hundred", "fifty")), strict=True))
N_EXAMPLES = 12


def spelled(parts, numbers):
    """A text of what stands around its numbers, and those."""
    text = parts[0]
    for number, part in zip(numbers, parts[1:], strict=True):
        text += f" {number}{' ' * (part[:1] not in TOUCHING)}{part}"
    text = text.strip()
    return text if text.endswith(".") else text + "?"


def said_by(expression):
    """The letters of an expression in the order in which its texts say them."""
    leaves = outline(expression)[1]
    return sorted({leaf for leaf in leaves if leaf.isalpha()}, key=str.lower)


def meant(expression, values):
    """The tree of an expression whose letters have `values`."""
    said = [Number(values[letter], (at, at + 1)) for at, letter in enumerate(said_by(expression))]
    return as_tree(ast.parse(expression, mode="eval").body, said)


def telling_error(scene):
    """Why a scene can't be told, in a few words; None where it can."""
    try:
        told(scene), Pattern(scene).regex
    except (KeyError, IndexError, ValueError, re.error) as error:
        return f"can't be told: {error!r}"
    return None


def mistake(expression, scene, values=VALUES):
    """What is wrong with a scene, in a line; None where nothing is."""
    operators, leaves, _ = outline(expression)
    letters = said_by(expression)
    if len(operators) > MOST_OPERATIONS or [*map(str.lower, letters)] != [*LETTERS[:len(letters)]]:
        return f"comes to {expression}: its letters must be a, b, ... and its operations at most {MOST_OPERATIONS}"
    if reason := telling_error(scene):
        return reason
    wanted = meant(expression, values)
    for parts, is_money in dict.fromkeys(told(scene)):
        if len(parts) != len(letters) + 1:
            return f"says {len(parts) - 1} numbers, {expression} has {len(letters)}"
        text = spelled(parts, [f"{'$' * money}{values[letter.lower()]}{'%' * letter.isupper()}"
                               for letter, money in zip(letters, is_money, strict=True)])
        try:
            tree = parse(text)
        except ParseError as error:
            return str(error)
        if evaluate(tree) != evaluate(wanted) or numbers(tree) != [values.get(leaf) or Fraction(leaf) for leaf in leaves]:
            return f"{text!r} is read as {evaluate(tree)} of {', '.join(map(str, numbers(tree)))}, not as {expression}"
        if plan(tree) != plan(wanted):
            return f"{text!r} is read in other steps than {expression}: {', '.join(step.operation for step in plan(tree))}"
        if said := misheard(expression, parts):
            return said
        text = spelled(parts, ["NP"[letter.isupper()] for letter in letters])
        words = [{"n": "N", "p": "P"}.get(word, word) for word in split(re.sub(r"[.?]$", "", text))[0]]
        if others := {*meanings(words)} - {expression}:
            return f"{text!r} means {', '.join(sorted(others))}, too"
    return None


def mistakes(pairs):
    """[(scene, what is wrong with it), ...] of the (expression, scene) pairs that have a `mistake` beside all that is told."""
    n_listed, listed = len(scenes.ALL), set(scenes.ALL)
    scenes.ALL.extend(pair for pair in pairs if pair not in listed and telling_error(pair[1]) is None)
    patterns.cache_clear()
    try:
        return [(scene, said) for expression, scene in pairs if (said := mistake(expression, scene))]
    finally:
        del scenes.ALL[n_listed:]
        patterns.cache_clear()


def misheard(expression, parts):
    """What is wrong with a scene's parts where its numbers are in words, in a line; None where nothing is."""
    letters = said_by(expression)
    values = {letter: SPOKEN[letter.lower()][0] / (100 if letter.isupper() else 1) for letter in letters}
    text = spelled(parts, [SPOKEN[letter.lower()][1] + " percent" * letter.isupper() for letter in letters])
    wanted = meant(expression, values)
    try:
        tree = parse(text)
    except ParseError as error:
        return str(error)
    if evaluate(tree) != evaluate(wanted):
        return f"{text!r} is read as {evaluate(tree)}, not as {expression}"
    return None


def asked(expression, scene, draw):
    """{"prompt", "answer"} of a scene with random numbers: whole ones up to 99, some with a decimal."""
    parts, is_money = draw.choice(told(scene))
    letters = said_by(expression)
    values = [Fraction(draw.randrange(2, 100)) + (Fraction(draw.randrange(1, 10), 10) if draw.random() < 0.1 else 0) for _ in letters]
    said = [f"{'$' * money}{float(value):g}{'%' * letter.isupper()}" for value, letter, money in zip(values, letters, is_money, strict=True)]
    value = evaluate(meant(expression, {letter: value / (100 if letter.isupper() else 1)
                                        for value, letter in zip(values, letters, strict=True)}))
    answer = "undefined" if value is None else str(Context(prec=40, rounding=ROUND_HALF_UP).divide(value.numerator, value.denominator))
    return dict(prompt=spelled(parts, said), answer=answer)


def main(arguments):
    options = argparse.ArgumentParser(prog="python -m data.dagset.check_scenes", description=__doc__, allow_abbrev=False,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", help="of scenes; none: all that are told")
    options.add_argument("--prompts", metavar="OUT.jsonl", help="where each scene is asked, with its answer")
    options = options.parse_args(arguments)
    try:
        given = [pair for path in options.files for pair in read_scenes(path)]
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}; give files of scenes, such as {FOLDER / 'money.txt'}", file=sys.stderr)
        return 2
    except ValueError as error:                         # what isn't UTF-8 is one, too
        print(f"error: {error}", file=sys.stderr)
        return 2
    checked = given if options.files else scenes.ALL[:]
    wrong = mistakes(checked)
    for scene, said in wrong:
        print(f"{scene}\n    {said}")
    draw = random.Random(0)
    if options.prompts and not wrong:
        with open(options.prompts, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(asked(expression, scene, draw)) + "\n" for expression, scene in checked)
    for expression, scene in () if wrong else draw.sample(checked, min(len(checked), N_EXAMPLES)):
        parts, is_money = draw.choice(told(scene))
        said = [f"{'$' * money}{draw.randrange(2, 100)}{'%' * letter.isupper()}"
                for letter, money in zip(said_by(expression), is_money, strict=True)]
        print(f"{expression:>20}  {spelled(parts, said)}")
    n_expressions = len({expression for expression, _ in checked})
    unasked = f" before {options.prompts} is written" if options.prompts and wrong else ""
    print(f"{len(checked):,} scenes of {n_expressions:,} expressions, {len(wrong):,} to be mended{unasked}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
