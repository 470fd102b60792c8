"""The words of the grammar `parser.py` reads; a phrase is a tuple of lower-case tokens. Imports nothing of ours."""

import re
from fractions import Fraction

LEXEMES = re.compile(r"""
    (?: [1-9][0-9]{0,2} (?: ,[0-9]{3} )+ (?![0-9]) | [0-9]+ ) (?: \.[0-9]+ )? | \.[0-9]+    # 1,234.50  007  .5
  | [A-Za-z]+ (?: ['’] [A-Za-z]+ | (?<=[sS]) ['’] )?                                           # minus  what's  kids'
  | [-−–+*×·/÷%()\[\],.:?!=$€£]
""", re.VERBOSE)
SAME_SYMBOL = {"−": "-", "–": "-", "×": "*", "·": "*", "÷": "/"}


class Phrases(dict):
    """{phrase: entry}. longest: {word: the most tokens of a phrase that begins with it}."""

    def __init__(self, entries):
        super().__init__(entries)
        self.longest = {}
        for phrase in entries:
            self.longest[phrase[0]] = max(len(phrase), self.longest.get(phrase[0], 0))


LEAD_INS = Phrases({tuple(spelling.split()): True for spelling in (
    "what is", "what's", "whats", "what does", "how much does", "what", "how much is", "how much", "how many is",
    "what number is", "which number is", "what would", "what will", "what will be", "what would be", "how much would",
    "calculate", "compute", "evaluate", "find", "solve", "work out", "simplify", "determine", "work this out",
    "give me", "tell me", "let me know", "i need to know", "hi !", "i want to know", "do you know", "i need",
    "i need to", "i want to", "let's", "please", "now", "next ,", "hey ,", "so", "can you", "could you", "if you",
    "if i", "if we", "when you", "what do you get", "what do i get", "for", "how much do you get", "what happens if i",
    "what happens when you", "quick question", "the following", "q :", "q .", "question", "problem", "exercise",
    "input", "user", "expression", "answer", "the value of", "the answer to", "the result of", "the answer",
    "the result", "tell me ,", "quick math", "math problem", "the value of the expression", "any idea", "i have to",
    "give the value of", "help me", "write down", "would you", "would be", "what number do you get", "what will i get",
    "what would you get", "what would i get", "i'd like to", "what do we get from", "how would you calculate", "say ,",
    "my question is", "when i", "i'd like to know", "what is the outcome", "what do i have", "x =", "let x =",
    "if x =", "if x is", "what do", "hello ,", "hi ,", "let me ask you", "thanks !", "exactly", "exactly is",
    "answer this", "the question is", "my homework says", "just", "i wonder", "ok ,", ":", "hello !", "hi",
    "good morning .", "help !", "here is one", "next question", "i have a question", "i need help .", "just for fun",
    "can you help me ?", "let's see", "easy one", "without a calculator", "math", "homework", "think about this",
    "one more :", "answer quickly", "this is for school .", "there !", "listen .", "be careful !", "next", "hey",
    "there ,", "okay ,", "okay", "well ,", "so ,", "now ,", "alright ,", "excuse me ,", "sorry ,",
    "my calculator is broken ,", "for my homework ,", "by the way ,", "and", "now tell me ,", "quickly ,",
    "if you can ,", "then ,", "also ,",
    "hey , quick one", "i'm checking a receipt .", "thanks for the last one .", "question for you", "i am stuck .",
    "my son asks", "pop quiz", "just checking", "a friend asked me", "i forgot my calculator .", "from my worksheet",
    "sanity check", "real quick", "next one", "i have no calculator here .", "we are arguing about this",
    "time for math !", "good evening !", "here we go", "trivia time", "sir ,", "dear assistant ,", "thanks ,",
    "hmm ,", "ok so", "right ,", "next up ,", "if you would ,", "kindly")})
LEAD_OUTS = {}          # by their last words
for spelling in (
    "thanks", "thank you", "please answer with a number", "what's that", "just the number", "i need the exact number",
    "as a decimal", "exactly", "as a number", "then", "right now", ", again", "in total", "altogether", "add up to",
    ", in numbers", "the result is", "the answer is", "how much is left", "how many are left", "what is left",
    "what remains", "what do i have left", "what do i have", "what is the outcome", "how much do you have",
    "what number do you get", "?", ".", "!", "=", "equals", "equal", "equal to", "is", "be", "make", "makes",
    "come to", "what", "how much", ", please", "please", "and tell me the result", "a :", "a", "answer :",
    "solution :", "output :", "value :", "assistant :", "what do you get", "what do i get", "what is the result",
    "what's the result", "what is the answer", "what do you have now", "for me", "what is x", ","):
    LEAD_OUTS.setdefault(spelling.split()[-1], []).append(tuple(spelling.split()))
# What a chat's words are, before a story and behind it
GREETINGS = Phrases({tuple(spelling.split()): True for spelling in (
    "hello !/hi !/hi there !/hello there !/hey !/hello ,/hi ,/hey ,/hi there ,/hey there ,/good morning ./good evening !/help !/"
    "listen ./be careful !/thanks !/thanks ,/thanks for the last one ./here is one :/next question :/i have a question :/"
    "i need help ./just for fun :/can you help me ?/let's see :/tell me :/easy one :/without a calculator :/math :/homework :/"
    "think about this :/one more :/answer quickly :/this is for school ./next :/quick one :/i'm checking a receipt ./"
    "question for you :/i am stuck ./my son asks :/pop quiz :/just checking :/a friend asked me :/i forgot my calculator ./"
    "from my worksheet :/sanity check :/real quick :/next one :/i have no calculator here ./we are arguing about this :/"
    "time for math !/here we go :/trivia time :/okay ,/okay so/okay then ,/ok ,/ok so/well ,/so ,/now ,/alright ,/please/"
    "excuse me ,/sorry ,/my calculator is broken ,/for my homework ,/by the way ,/and/now tell me ,/quickly ,/if you can ,/just/"
    "also ,/sir ,/dear assistant ,/hmm ,/right ,/next up ,/if you would ,/kindly").split("/")})
THANKS = [(*words.split(), *sign) for words in (
    "thanks/thank you/please answer with a number/what's that/just the number , please/what is the answer/"
    "i need the exact number").split("/") for sign in ((), ("!",), (".",), ("?",))]

SUMS = Phrases({("+",): "add", ("plus",): "add", ("-",): "subtract", ("minus",): "subtract", ("less",): "subtract",
        ("take", "away"): "subtract"})
PRODUCTS = Phrases({("*",): "multiply", ("x",): "multiply", ("times",): "multiply", ("multiplied", "by"): "multiply",
            ("multiplied", "with"): "multiply",
            ("/",): "divide", ("divided", "by"): "divide", ("over",): "divide"})

# phrase: (operation, whether the text names the right operand first)
RELATIONS = Phrases({
    ("added", "to"): ("add", False), ("more", "than"): ("add", False), ("increased", "by"): ("add", False),
    ("subtracted", "from"): ("subtract", True), ("less", "than"): ("subtract", True),
    ("fewer", "than"): ("subtract", True), ("diminished", "by"): ("subtract", False),
    ("raised", "by"): ("add", False), ("greater", "than"): ("add", False), ("larger", "than"): ("add", False),
    ("combined", "with"): ("add", False), ("lowered", "by"): ("subtract", False), ("smaller", "than"): ("subtract", True),
    ("taken", "from"): ("subtract", True), ("taken", "away", "from"): ("subtract", True),
    ("deducted", "from"): ("subtract", True),
    ("split", "into"): ("divide", False), ("shared", "among"): ("divide", False),
    ("shared", "equally", "among"): ("divide", False), ("divided", "equally", "among"): ("divide", False),
    ("decreased", "by"): ("subtract", False), ("reduced", "by"): ("subtract", False),
    ("subtracted", "by"): ("subtract", False), ("on", "top", "of"): ("add", False),
    ("bigger", "than"): ("add", False), ("lots", "of"): ("multiply", False), ("groups", "of"): ("multiply", False),
    **{(*split.split(),): ("divide", False) for split in ("shared between", "split between", "split equally among",
                                                          "split evenly among")},
    **{("times", "as", much, "as"): ("multiply", False) for much in ("large", "much", "big", "many")},
})
# phrase: {what stands before the second operand: (operation, whether the text names the right operand first)}; a third
# entry is the second operand itself
ADD, MULTIPLY, DIVIDE, HALVE = ("add", False), ("multiply", False), ("divide", False), ("divide", False, 2)
LESSEN, SUBTRACT_FROM = ("subtract", False), ("subtract", True)
LINKS = Phrases({(*lead.split(), *verb.split()): meaning
         for lead in ("", ",", "and", "then", ", then", ", and", "and then", ", and then", "and finally", ", and finally",
                      ", finally", ".", ". then", ". now", ". i", ". i then", ", i", ". next ,")
         for spellings, meaning in (("double it/double that/double the result/double it again", ("multiply", False, 2)),
                                    ("halve it/halve that/halve the result/halve it again/"
                                     "cut it in half/divide it in half/split it in half", HALVE),
                                    ("add", ADD), ("subtract/take away/deduct", LESSEN),
                                    ("multiply by/multiply it by/multiply that by/multiply the result by", MULTIPLY),
                                    ("divide by/divide it by/divide that by/divide the result by", DIVIDE))
         for verb in spellings.split("/")})
IMPERATIVES = {phrase: Phrases(separators) for phrase, separators in {
    ("start", "with"): LINKS, ("begin", "with"): LINKS, ("think", "of"): LINKS,
    ("my", "number", "is"): LINKS, ("i", "start", "with"): LINKS, ("i", "have"): LINKS, ("the", "number", "is"): LINKS,
    ("add",): {("to",): ADD, ("and",): ADD}, ("add", "together"): {("and",): ADD}, ("add", "up"): {("and",): ADD},
    ("multiply", "together"): {("and",): MULTIPLY}, ("sum",): {("and",): ADD}, ("increase",): {("by",): ADD},
    ("subtract",): {("from",): SUBTRACT_FROM}, ("deduct",): {("from",): SUBTRACT_FROM},
    ("take", "away"): {("from",): SUBTRACT_FROM}, ("decrease",): {("by",): LESSEN}, ("reduce",): {("by",): LESSEN},
    ("raise",): {("by",): ADD}, ("combine",): {("and",): ADD, ("with",): ADD},
    ("put", "together"): {("and",): ADD}, ("lower",): {("by",): LESSEN},
    ("remove",): {("from",): SUBTRACT_FROM}, ("from",): {("subtract",): LESSEN, ("take", "away"): LESSEN, ("take",): LESSEN},
    ("split",): {("into",): DIVIDE, ("among",): DIVIDE, ("between",): DIVIDE}, ("cut",): {("into",): DIVIDE},
    ("share",): {("among",): DIVIDE, ("between",): DIVIDE},
    ("multiply",): {("by",): MULTIPLY, ("and",): MULTIPLY, ("with",): MULTIPLY}, ("divide",): {("by",): DIVIDE},
    ("take",): {("from",): SUBTRACT_FROM, ("away", "from"): SUBTRACT_FROM, **LINKS},
}.items()}
CHANGES = Phrases({("halve",): HALVE})
GERUNDS = {"add": "adding", "subtract": "subtracting", "multiply": "multiplying", "divide": "dividing"}
NOUN_FORMS = Phrases({phrase: Phrases(separators) for phrase, separators in {
    ("sum", "of"): {("and",): ADD}, ("total", "of"): {("and",): ADD}, ("product", "of"): {("and",): MULTIPLY},
    ("quotient", "of"): {("and",): DIVIDE}, ("ratio", "of"): {("to",): DIVIDE},
    ("difference", "between"): {("and",): LESSEN}, ("difference", "of"): {("and",): LESSEN},
    **{(*lead, gerund): IMPERATIVES[verb,] for verb, gerund in GERUNDS.items() for lead in ((), ("result", "of"))},
}.items()})
IMPERATIVES = Phrases(IMPERATIVES)

LISTED = (ADD, MULTIPLY)             # what "and" may stand before the last of several operands for
QUESTIONS = Phrases({phrase: Phrases(separators) for phrase, separators in {
    **{("how", "much", more, "is"): {("than",): LESSEN} for more in ("more", "greater", "larger", "bigger", "higher")},
    **{("how", "much", less, "is"): {("than",): SUBTRACT_FROM} for less in ("less", "smaller", "lower")},
    **{("how", "many", "times", more, "is"): {("than",): DIVIDE} for more in ("larger", "bigger")},
    ("how", "many", "more", "is"): {("than",): LESSEN},
    ("by", "how", "much", "is"): {
        **{(more, "than"): LESSEN for more in ("more", "greater", "larger", "bigger")},
        **{(less, "than"): SUBTRACT_FROM for less in ("less", "smaller")}},
    ("by", "how", "much", "does"): {("exceed",): LESSEN},
    ("what", "must", "be", "added", "to"): {("to", "get"): SUBTRACT_FROM, ("to", "make"): SUBTRACT_FROM},
    ("what", "do", "you", "have", "to", "add", "to"): {("to", "get"): SUBTRACT_FROM},
    ("what", "number", "must", "be", "added", "to"): {("to", "get"): SUBTRACT_FROM},
    ("what", "do", "i", "need", "to", "add", "to"): {("to", "get"): SUBTRACT_FROM},
    ("what", "must", "be", "subtracted", "from"): {("to", "get"): LESSEN},
    **{(*what.split(), "left", "of"): {("after", "taking", "away"): LESSEN, ("after", "subtracting"): LESSEN}
       for what in ("how much is", "what is", "what's")},
    ("what", "must"): {("be", "multiplied", "by", "to", "get"): ("divide", True)},
    ("how", "many", "times", "does"): {("go", "into"): ("divide", True), ("fit", "into"): ("divide", True)},
    ("how", "often", "does"): {("go", "into"): ("divide", True)},
    **{tuple(start.split()): {("from",): SUBTRACT_FROM, ("away", "from"): SUBTRACT_FROM} for start in (
        "what is left when you take", "what is left if you take", "how much is left when you take",
        "how much is left if you take", "what remains when you take", "what remains if you take",
        "what remains when you subtract", "what remains if you subtract")},
    ("how", "many", "groups", "of"): {("are", "in"): ("divide", True), ("can", "you", "make", "from"): ("divide", True)},
    ("how", "many", "times", "can", "you", "take"): {("from",): ("divide", True)},
    ("what", "do", "you", "have", "to", "multiply"): {("by", "to", "get"): ("divide", True)},
    ("what", "do", "you", "multiply"): {("by", "to", "get"): ("divide", True)},
    ("how", "far", "is", "it", "from"): {("to",): SUBTRACT_FROM},
    ("what", "do", "you", "add", "to"): {("to", "get"): SUBTRACT_FROM},
    ("what", "do", "you", "subtract", "from"): {("to", "get"): LESSEN},
    **{(*what, *sign.split()): {(equals,): meaning for equals in ("is", "equals")}
       for what in (("what",), ("what", "number")) for sign, meaning in (
        ("plus", SUBTRACT_FROM), ("minus", ADD), ("times", ("divide", True)), ("divided by", MULTIPLY))
       if what[1:] or sign != "minus"},                                # "I wonder what minus 5 is" is -5
    **{("what", "do", "you", "get", "by", gerund): IMPERATIVES[verb,] for verb, gerund in GERUNDS.items()},
    **{(start,): {("is", *participle.split()): meaning for participle, meaning in (
        ("added to", ADD), ("increased by", ADD), ("subtracted from", SUBTRACT_FROM), ("taken from", SUBTRACT_FROM),
        ("taken away from", SUBTRACT_FROM), ("decreased by", LESSEN), ("reduced by", LESSEN), ("multiplied by", MULTIPLY),
        ("divided by", DIVIDE), ("removed from", SUBTRACT_FROM), ("lowered by", LESSEN), ("raised by", ADD),
        ("multiplied with", MULTIPLY), ("split into", DIVIDE), ("combined with", ADD))} for start in ("when", "if")},
}.items()})

# "7 plus what is 12?"
UNKNOWNS = Phrases({(*sign.split(), *what.split(), equals): meaning for what in ("what", "what number") for equals in ("is", "equals")
                    for sign, meaning in (("plus", SUBTRACT_FROM), ("minus", LESSEN), ("times", ("divide", True)),
                                          ("divided by", DIVIDE))})
PERCENT = Phrases({("%",): True, ("percent",): True, ("per", "cent"): True})
MULTIPLES = Phrases({tuple(name.split()): Fraction(value) for name, value in (
    ("twice", 2), ("twice as much as", 2), ("twice as many as", 2), ("half as much as", "1/2"),
    ("half as many as", "1/2"), ("double", 2), ("triple", 3), ("quadruple", 4), ("thrice", 3), ("half of", "1/2"), ("a half of", "1/2"),
    ("one half of", "1/2"), ("a quarter of", "1/4"), ("one quarter of", "1/4"), ("three quarters of", "3/4"))})
# What a mixed number ends in, where no "of" comes behind it: "the sum of two and a half of 8" has two numbers.
FRACTIONS = Phrases({("and", *name.split()): Fraction(value) for name, value in (
    ("a half", "1/2"), ("one half", "1/2"), ("a quarter", "1/4"), ("one quarter", "1/4"), ("three quarters", "3/4"))})
# What a number is divided by, and what a fraction in words is, where "of" comes behind.
ORDINALS = {"third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
DIGITS = {word: value for value, word in enumerate("zero one two three four five six seven eight nine".split())}
PARTS_OF = Phrases({(*one.split(), name, "of"): value for name, value in ORDINALS.items()
                    for one in ("a", "an", "one", "one -")})
FRACTIONS_OF = Phrases({(word, *hyphen, name + "s", "of"): (count, value) for name, value in ORDINALS.items()
                        for word, count in DIGITS.items() if count > 1 for hyphen in ((), ("-",))})
PART_WORDS = {name[-1] for name in FRACTIONS} | {name + "s" for name in ORDINALS}
SIGNS = {"-": -1, "minus": -1, "negative": -1, "+": 1, "positive": 1}
CURRENCIES = Phrases({("$",): True, ("€",): True, ("£",): True})
UNITS = Phrases({(word,): True for word in (
    "dollars apples meters kilograms points books euros days years miles hours people cents kg km pieces units eggs cookies tickets "
    "minutes students liters feet cm pounds boxes cars cards bags parts").split()})
CLOSERS = {"(": ")", "[": "]"}
TEENS = {word: 10 + value for value, word in enumerate(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split())}
TENS = {word: 10 * value for value, word in enumerate(
    "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "quadrillion": 10**15,
          "quintillion": 10**18}
