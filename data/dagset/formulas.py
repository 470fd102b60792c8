"""What scenes come to: expressions of the numbers they say and of numbers that nobody says, the 2 of an average, the 1 of a rise
by 10%. Reads the scenes' files, told/*.txt. Imports nothing of ours.

A file lists scenes, indented, under what they come to, their formula. Letters stand for the numbers in the order of the text, which
names a first. A capital letter is a number in percent, P in the texts; a letter's second time is the same number again; all else
are numbers that the text doesn't say. In "abs(a - b)" the smaller number is taken from the larger, whichever is named first: "How far
apart are 62 and 17?". A formula is plain that says each of its numbers once, those of an operation side by side.
"""
import ast
import functools
import re
from pathlib import Path

FOLDER = Path(__file__).with_name("told")
LETTERS, MOST_OPERATIONS, MOST_DIGITS = "abcdefg", 6, 6          # of a scene; MOST_DIGITS of a number that
# nobody says, as models look for: UNSAID in models/positions.py
SIGNS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}

# (the smaller units, how many make a bigger, the bigger ones); a choice of pairs that have the number in common
UNITS = (
    ("minutes|seconds", 60, "hours|minutes"),
    ("hours", 24, "days"),
    ("days", 7, "weeks"),
    ("months|inches", 12, "years|feet"),
    ("weeks", 52, "years"),
    ("seconds", 3600, "hours"),
    ("years|decades|millimeters|dimes", 10, "decades|centuries|centimeters|dollars"),
    ("years|cents|cm|centimeters", 100, "centuries|dollars|meters|meters"),
    ("meters|grams|meters|ml|milliliters|kilograms|mm|grams", 1000, "km|kg|kilometers|liters|liters|tons|meters|kilograms"),
    ("ounces|cups", 16, "pounds|gallons"),
    ("feet|teaspoons", 3, "yards|tablespoons"),
    ("inches", 36, "yards"),
    ("feet", 5280, "miles"),
    ("quarts|cups", 4, "gallons|quarts"),
    ("pints|cups", 2, "quarts|pints"),
    ("pints", 8, "gallons"),
    ("nickels", 20, "dollars"),
)
# Y is what is given in, X what it is asked in
CONVERTED = (
    "[How many X are[ there|] in N Y|How many X is N Y|How many X do N Y have|How many X make[ up|] N Y|"
    "How many X are N Y|"
    "How many X in N Y|How many X in N Y|How many X do I get from N Y|How many X do N Y make|"
    "I want to know how many X N Y are|I need to know how many X are in N Y]",
    "[N Y [is|are|equals|makes] how many X|N Y in X|N Y to X|[What is|What's|How much is|How much are] N Y in X|"
    "N Y expressed in X|What do N Y come to in X|If I have N Y, how many X is that]",
    "[[Convert|Please convert|Change|Turn] N Y [to|into] X|[Express|Write|Give] N Y in X].",
)


def conversions():
    """(formula, scene) of each way from units to smaller ones and back."""
    for small, number, big in UNITS:
        for sign, given, asked in (("*", big, small), ("/", small, big)):
            for way in CONVERTED:
                yield f"a {sign} {number}", re.sub(
                    r"\b[XY]\b", lambda unit: f"[x:{asked if unit[0] == 'X' else given}]", way)


@functools.cache
def outline(formula):
    """(operators, leaves, places) of a formula such as "c - a * b": [(operation, the first and the last leaf of its span, is its
    right operand named first?), ...], the operation "gap" where a difference stands in "abs(...)", the leaves in the order of the text, which names a before b, ["a", "b", "c"], and where
    among them each leaf of the tree stands, [0, 1, 2]. The tree has an operation's operand first that is named first, so that
    "b - a * c" has a, c, b: its places are [0, 2, 1]. A number that isn't said follows the leaf that it follows in the tree,
    and a repeated one what it repeats, too: "(1 - A) * b" has ["1", "A", "b"], "a * c + b * c" ["a", "b", "c", "c"]. Raises SyntaxError, ValueError or KeyError for what is none.
    """
    def letters(node):
        return sorted(part.id.lower() for part in ast.walk(node) if isinstance(part, ast.Name) and part.id != "abs")

    def read(node):
        if is_gap := isinstance(node, ast.Call) and ast.unparse(node.func) == "abs":
            node, = node.args if len(node.args) == 1 else [None]
            if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
                raise ValueError("only differences stand in abs(...)")
        if not isinstance(node, ast.BinOp):
            leaves.append(leaf := ast.unparse(node))
            if leaf.lower() not in [*LETTERS] and not (leaf.isdecimal() and int(leaf) < 10 ** MOST_DIGITS):
                raise ValueError(f"{leaf} is neither one of {', '.join(LETTERS)} nor a whole number of up to {MOST_DIGITS} digits")
            return 2 * (len(leaves) - 1,)
        is_reversed = letters(node.right)[:1] < letters(node.left)[:1] and bool(letters(node.right))
        children = (node.right, node.left) if is_reversed else (node.left, node.right)
        (begin, middle), (_, end) = map(read, children)
        found[middle] = "gap" if is_gap else SIGNS[type(node.op)], begin, end, is_reversed
        return begin, end

    leaves, found = [], {}
    read(ast.parse(formula, mode="eval").body)
    behind, before = [], ""                                                     # the said leaf that each of them follows, or is
    for leaf, is_named in zip(leaves, is_said(leaves), strict=True):
        before = leaf.lower() if is_named else before
        behind.append(max(before, leaf.lower()) if leaf.isalpha() else before)
    order = sorted(range(len(leaves)), key=behind.__getitem__)
    places = sorted(range(len(leaves)), key=order.__getitem__)
    return [found[position] for position in sorted(found)], [leaves[leaf] for leaf in order], places


def is_said(leaves):
    """Which of a formula's leaves the text says: letters, the first time."""
    return [leaf.isalpha() and leaf not in leaves[:place] for place, leaf in enumerate(leaves)]


def is_plain(expression):
    """Whether all numbers are said, once, and none in percent, and an operation's operands side by side, in the order of the text."""
    operators, leaves, places = outline(expression)
    return "gap" not in {name for name, *_ in operators} and all(is_said(leaves)) and all(leaf.islower() for leaf in leaves) and places == sorted(places)


def read_scenes(path):
    """[(expression, scene), ...] of a file; lines that begin with "#" are skipped."""
    found, expression = [], None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip() or line.startswith("#"):
                continue
            if line[0] != " ":
                expression = line.strip()
                try:
                    outline(expression)
                except (SyntaxError, KeyError, ValueError) as error:
                    why = f": {error}" if isinstance(error, ValueError) else ""
                    raise ValueError(f"{path}, line {number}: {expression!r} is no expression such as a * (b + 2){why}") from error
            elif expression is None:
                raise ValueError(f"{path}, line {number}: a scene before any expression")
            else:
                found.append((expression, line.strip()))
    return found


def as_file(pairs):
    """(expression, scene) pairs as the text of a file that `read_scenes` reads."""
    return "".join(f"{expression}\n" + "".join(f"    {scene}\n" for scene in scenes) for expression, scenes in by_expression(pairs).items())


def by_expression(pairs):
    """{expression: (its scenes, each once)}, in the order in which they come first."""
    found = {}
    for expression, scene in pairs:
        found.setdefault(expression, {})[scene] = None
    return {expression: tuple(scenes) for expression, scenes in found.items()}


LISTED = by_expression([*(pair for path in sorted(FOLDER.glob("*.txt")) for pair in read_scenes(path)), *conversions()])
