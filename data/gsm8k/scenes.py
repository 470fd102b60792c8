"""GSM8K's questions as scenes: their words, and what they come to by the calculator annotations of their answers.

    "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. How many ...?"
    "... <<48/2=24>> ... <<48+24=72>> ... #### 72"
        a + a / 2
            Natalia sold clips to N of her friends in April, and then she sold half as many clips in May. How many ...

People wrote them, of whom the stream knows nothing. An annotation's number is one that the question says, the result of an
annotation before it, or one that nobody says, for which a word of the question must stand: "twice", "week". Where it can be several,
an assignment is looked for that uses every number and every result, as few of them twice as can be; where several do and don't come to the same, the question makes no scene.
`prepare.py --told=FILE` writes those that read back. Imports `data.dagset` and `data.text`.
"""
import ast
import itertools
import re
from collections import Counter
from fractions import Fraction

from data.dagset.check_scenes import meant, mistakes
from data.dagset.formulas import LETTERS, MOST_OPERATIONS
from data.dagset.parser import ParseError, Reader, split
from data.dagset.tree import evaluate
from data.text import minimal

MOST_ASSIGNMENTS = 5_000
MOST_AVERAGED = 7                     # of what there is an average, uncounted
# Numbers that nobody says, and the words that stand for each
WORDS = {number: re.compile(rf"\b(?:{words})\b") for number, words in {
    1: "P|himself|herself|fractions?|thirds?|quarters?|fourth|fifths?|[Hh]alf|rest|remaining|left",
    2: "[Tt]wice|[Dd]ouble[sd]?|[Hh]alf|halves|pairs?|[Bb]oth|couple|twins?|second|each other|halfway",
    3: "[Tt]riple[sd]?|thirds?|thrice|triplets?|yards?",
    4: "quarters?|fourths?|quadruple[sd]?|gallons?",
    5: "fifths?|nickels?|weekdays?",
    6: "half a dozen|sixths?",
    7: "weeks?|weekly|days?|daily|sevenths?",
    8: "eighths?|octopus(?:es)?|spiders?",
    9: "ninths?",
    10: "dimes?|tenths?|decades?",
    12: "dozens?|years?|annual(?:ly)?|months?|monthly|feet|foot|inch(?:es)?",
    16: "pounds?|ounces?",
    20: "score",
    24: "hours?|days?|daily",
    25: "quarters?",
    30: "months?|monthly",
    36: "yards?|inches",
    52: "years?|yearly|annual(?:ly)?|weeks?",
    60: "minutes?|hours?|hourly|seconds?",
    100: "P|percent(?:age)?|cents?|dollars?|meters?|century",
    365: "years?|annual(?:ly)?|days?",
    1000: "kilometers?|kilograms?|km|kg|grams?|liters?|milliliters?|tons?",
    3600: "hours?",
}.items()}
# Words that say a number without fail: where the question says it as a number, too, each must have a use of its own
SURE_WORDS = {number: re.compile(rf"\b(?:{words})\b") for number, words in {
    2: "[Tt]wice|[Dd]ouble[sd]?|[Hh]alf|halves|[Bb]oth|couple", 3: "[Tt]riple[sd]?|[Tt]hrice|third", 4: "quarter|fourth|[Qq]uadruple[sd]?"}.items()}
# What the question says of numbers that change nothing: "how many will one school receive", "the three days"
IDLE = (
    (r"(?<!each )(?<!every )(?<!this )(?<!that )(?<!the )(?<!only )(?<!any )(?<!which )(?<!no )(?<!another )(?<!-)"
     r"\b([Oo])ne (?=[a-z])(?!(?:of|an?|and|or|is|was|has|had|that|for|in|by|to|who|hundred|thousand|million|third|fourth|fifth|"
     r"half|quarter|another|more)\b)", lambda found: "A " if found[1] == "O" else "a "),
    (r"(?<![0-9.,/$]) 1 (?=[a-z]+ )(?!(?:a|of|and|or|in|to|for|by|x)\b)", " a "),
    (r"\ba (?=hour|ounce|inch|egg|apple|onion|orange)", "an "),
    (r"\b(the|these|those|all|her|his|their|my|our) (?:two|three|four|five|six|seven|eight|nine|ten) (?=[a-z]+s\b)", r"\1 "),
)
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
TYPED = {**dict.fromkeys("’‘`´", "'"), **dict.fromkeys("“”\"", ""), "–": " - ", "—": ", ", "…": ".", ";": ",", "\xa0": " ", "&": "and"}
APART = [*map(Fraction, (1009, 313, 4003, 97, 2503, 709, 5501))]       # numbers that no question says together
PER_HUNDRED = "per hundred"           # what is a hundred times its expression: the 25 of "25%"


class NoScene(ValueError):
    """A problem that makes no scene; the message is the reason, for many alike."""


class IdleNumber(NoScene):
    """The answer leaves a number of the question aside."""


def scenes_of(problems):
    """([(expression, scene), ...], Counter of why others make none) of (question, answer) pairs."""
    found, reasons = [], Counter()
    for question, answer in problems:
        try:
            found.append(scene_of(question, answer))
        except NoScene as why:
            reasons[str(why)] += 1
    wrong = {scene for scene, _ in mistakes(found)}
    reasons.update("it doesn't read back" for _, scene in found if scene in wrong)
    return [pair for pair in dict.fromkeys(found) if pair[1] not in wrong], reasons


def scene_of(question, answer):
    """(expression, scene) of a problem. Raises NoScene."""
    steps = annotated(answer)
    try:
        scene, said = with_signs(question)
        chosen = assignment(steps, said, scene)
    except IdleNumber:
        for pattern, instead in IDLE:
            question = re.sub(pattern, instead, question)
        scene, said = with_signs(question)
        chosen = assignment(steps, said, scene)
    results, leaves = [], iter(chosen)
    for tree, _ in steps:
        results.append(expressed(tree, leaves, results))
    kind, expression = results[-1]
    if kind == PER_HUNDRED:
        raise NoScene("the answer is in percent")
    expression = ast.unparse(ast.parse(expression, mode="eval"))
    if len(re.findall("[-+*/]", expression)) > MOST_OPERATIONS:
        raise NoScene(f"more than {MOST_OPERATIONS} operations")
    if has_square(ast.parse(expression, mode="eval")) and not re.search(r"\b(?:square|by|wide|long)\b", scene):
        raise NoScene("numbers alike")
    values = {LETTERS[k].upper() if number.percent else LETTERS[k]: number.value for k, number in enumerate(said)}
    if evaluate(meant(expression, values)) != steps[-1][1]:
        raise NoScene("an annotation that is wrong or rounded")
    return expression, scene


def has_square(tree):
    """Whether some product has one letter twice: of 2 dogs with 2 ears each, most likely."""
    def factors(node):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            return factors(node.left) + factors(node.right)
        return [node.id.lower()] if isinstance(node, ast.Name) else []

    return any(len(found := factors(node)) > len(set(found)) for node in ast.walk(tree) if isinstance(node, ast.BinOp))


def with_signs(question):
    """(the scene, the question's numbers as parser.Number): N stands for a number, P for one in percent."""
    text = re.sub(r"\s+", " ", "".join(TYPED.get(letter, letter) for letter in question)).strip()
    text = re.sub(r"(?<=[0-9])-(?=[a-z])|(?<=[a-z])-(?=[0-9])", " ", text)                     # "a 12-page book"
    text = re.sub(r"(?<=[0-9])(?=[a-z])(?!st\b|nd\b|rd\b|th\b)", " ", text)                     # "5kg"
    if not text.endswith("?") and not re.search(r"(?:^|[.,] )(?:calculate|find|determine|compute|work out|figure out) [^.]*\.$", text, re.I):
        raise NoScene("its end doesn't ask")
    if not text.isascii() or set(text) & set("[]{}|<>#@_\\^~"):
        raise NoScene("signs that scenes have no place for")
    if re.search(r"[0-9]:[0-9]|[0-9](?:st|nd|rd|th)\b|\b[0-9]+ [0-9]+/", text):
        raise NoScene("a time, an ordinal or a mixed number")
    text = text[:-1].strip() if text.endswith("?") else text
    if "?" in text:
        raise NoScene("two questions")
    try:
        words, spans = split(text)
    except ParseError:
        raise NoScene("signs that scenes have no place for") from None
    said, scene, at = [], "", 0
    for _, number in Reader(text, words, spans).words_of_story():
        if number is not None:
            begin, end = number.span
            said.append(number)
            scene += text[at:begin] + "$" * (text[begin] == "$" and not number.percent) + "NP"[number.percent]
            at = end
    scene += text[at:]
    for pattern, instead in ((r"\b([NP])-", r"\1 "), (r"\b([NP])\s*/\s*(?=[a-z])", r"\1 per "), (r"\b([NP])/", r"\1 / "), (r"/(?=[NP]\b)", "/ "),
                             (r"\b([NP])\(", r"\1 ("), (r"\s+", " ")):
        scene = re.sub(pattern, instead, scene)
    if not 1 <= len(said) <= len(LETTERS):
        raise NoScene(f"not 1 to {len(LETTERS)} numbers")
    return scene, said


def annotated(answer):
    """[(tree, result), ...] of the annotations: what Python's `ast` makes of the left side, and a Fraction."""
    found = []
    for left, result in re.findall(r"<<([^<>=]*)=([^<>]*)>>", answer):
        left = re.sub(r"([0-9.]+)\s*%", r"(\1/100)", re.sub(r"[,$\s]", "", left))
        left = re.sub(r"(?<![0-9.])0+(?=[0-9])", "", re.sub(r"(?<=[0-9)])[xX](?=[0-9(.])", "*", left))
        try:
            tree, result = ast.parse(left, mode="eval").body, Fraction(minimal(result))
        except (SyntaxError, ValueError, TypeError):
            raise NoScene("an annotation that is no arithmetic") from None
        if not all(isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value < 1e15
                   or isinstance(node, ast.BinOp) and type(node.op) in SIGNS
                   or isinstance(node, ast.operator) for node in ast.walk(tree)):
            raise NoScene("an annotation that is no arithmetic")
        if valued(tree) != result:
            raise NoScene("an annotation that is wrong or rounded")
        found.append((tree, result))
    wanted = re.search(r"####\s*(.*)", answer)
    if not found or wanted is None or minimal(wanted[1]) is None or Fraction(minimal(wanted[1])) != found[-1][1]:
        raise NoScene("the last annotation isn't the answer")
    return found


def valued(tree):
    """The exact value, None where there is none."""
    if isinstance(tree, ast.Constant):
        return Fraction(repr(tree.value))
    left, right = valued(tree.left), valued(tree.right)
    if left is None or right is None or isinstance(tree.op, ast.Div) and right == 0:
        return None
    return {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1)}[SIGNS[type(tree.op)]]


def constants(tree):
    """The numbers of a tree from left to right."""
    return [tree] if isinstance(tree, ast.Constant) else constants(tree.left) + constants(tree.right)


def ways_to_say(k, number, value):
    """How number k of the question may be meant by a value of an annotation: 25% as 0.25, 25, 1.25, 125, 0.75 or 75."""
    if not number.percent:
        return [("said", k)] if number.value == value else []
    part = number.value
    meant = {"in percent": part, "more": 1 + part, "less": 1 - part}
    return [(f"{way}{' per hundred' * (times > 1)}", k) for way, of in meant.items() for times in (1, 100) if of * times == value]


def assignment(steps, said, scene):
    """What each number of the annotations is, in their order: ("said", index) or another of `ways_to_say`, ("result", index) or
    ("constant", value). Raises NoScene where that is in doubt."""
    choices = []
    for step, (tree, _) in enumerate(steps):
        for value in map(valued, constants(tree)):
            ways = [way for k, number in enumerate(said) for way in ways_to_say(k, number, value)]
            ways += [("result", before) for before in range(step) if steps[before][1] == value]
            whole = value if value.denominator == 1 else 1 / value if value == Fraction(1, 2) else None
            if whole in WORDS and WORDS[whole].search(scene) or value in range(2, 1 + MOST_AVERAGED) and "average" in scene:
                ways.append(("constant", value))
            if not ways:
                raise NoScene("a number for which no word stands")
            choices.append(ways)
    for number, words in SURE_WORDS.items():
        n_said = sum(each.value == number for each in said)
        n_used = sum(value in (number, Fraction(1, 2) if number == 2 else number) for tree, _ in steps for value in map(valued, constants(tree)))
        if n_said and words.search(scene) and n_used <= n_said:
            raise NoScene("numbers alike")
    if sum(map(len, choices)) > 200 or len(list(itertools.islice(itertools.product(*choices), MOST_ASSIGNMENTS))) == MOST_ASSIGNMENTS:
        raise NoScene("too many numbers alike")
    needed = {("n", k) for k in range(len(said))} | {("r", step) for step in range(len(steps) - 1)}

    def used(chosen):
        return [("r", which) if way == "result" else ("n", which) for way, which in chosen if way != "constant"]

    complete = [chosen for chosen in itertools.product(*choices) if needed <= set(used(chosen))]
    if not complete:
        raise IdleNumber("a number or a result that isn't used")
    repeats = [len(used(chosen)) - len(set(used(chosen))) for chosen in complete]
    best = [chosen for chosen, n in zip(complete, repeats, strict=True) if n == min(repeats)]
    # Of values that tell numbers apart: "2 friends ... twice a week" has two ways to mean 3*2, of which none is the likelier
    if len({worked_out(steps, chosen) for chosen in best}) > 1:
        raise NoScene("numbers alike")
    return best[0]


def worked_out(steps, chosen):
    """The answer where every number has a value of its own."""
    leaves, results = iter(chosen), []

    def value(tree):
        if isinstance(tree, ast.Constant):
            way, which = next(leaves)
            if way in ("constant", "result"):
                return results[which] if way == "result" else which
            part = APART[which] / 100 if way != "said" else APART[which]
            part = {"more": 1 + part, "less": 1 - part}.get(way.split()[0], part)
            return part * 100 if way.endswith("per hundred") else part
        left, right = value(tree.left), value(tree.right)
        return (left + right, left - right, left * right, left / (right or 1))["+-*/".index(SIGNS[type(tree.op)])]

    for tree, _ in steps:
        results.append(value(tree))
    return results[-1]


def expressed(tree, leaves, results):
    """(kind, expression) of a tree, kind None or PER_HUNDRED. leaves: an iterator of what its numbers are; results: of the trees before."""
    if isinstance(tree, ast.Constant):
        way, which = next(leaves)
        if way == "result":
            return results[which]
        if way == "constant":
            return None, "0.5" if which.denominator > 1 else str(which)
        letter = LETTERS[which]
        said = dict(said=letter, more=f"(1 + {letter.upper()})", less=f"(1 - {letter.upper()})").get(way.split()[0], letter.upper())
        return (PER_HUNDRED if way.endswith("per hundred") else None), said
    (left_kind, left), (right_kind, right) = (expressed(side, leaves, results) for side in (tree.left, tree.right))
    sign, kind = SIGNS[type(tree.op)], None
    if sign == "*" and "0.5" in (left, right):
        return left_kind or right_kind, f"({right if left == '0.5' else left} / 2)"
    if "0.5" in (left, right):
        raise NoScene("a half that multiplies nothing")
    if left_kind or right_kind:
        if sign in "+-":                                      # 100 - 25
            left, right = ("1" if one == "100" and not of else one for one, of in ((left, left_kind), (right, right_kind)))
            if not (left_kind or left == "1") or not (right_kind or right == "1"):
                raise NoScene("percents and what is none")
            kind = PER_HUNDRED
        elif left_kind and right_kind:
            if sign == "*":
                raise NoScene("percents of percents")
        elif sign == "/":
            if not left_kind or right != "100":
                kind, left, right = (PER_HUNDRED, left, right) if left_kind else (None, f"({left} / 100)", right)
            else:
                return None, left
        else:
            kind = PER_HUNDRED
    elif sign == "/" and right == "1":
        return None, left
    return kind, f"({left} {sign} {right})"
