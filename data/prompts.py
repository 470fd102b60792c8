"""Prompts as people type them, made into what the models were taught to read, or refused. Imports nothing of ours.

Nothing here reads a number or an operation, which is the network's part: signs of one meaning become one sign, and what
asks for an operation that no model here has is refused, with the reason. What the stream itself writes stays as it is.

| in a prompt | becomes |
|---|---|
| blanks before and behind it | nothing |
| a run of blanks, tabs, no-break and other wide or narrow spaces; other line breaks stay | one space |
| a line break behind an operator with an operand before it, or before one but a minus ("12 +↵30") | one space |
| a line break within a bracket, beside it | nothing |
| zero-width spaces and joiners, soft hyphens, byte order marks | nothing |
| fullwidth letters, digits and signs ("５＋３：") and mathematical digits | their ASCII forms |
| curly quotes | straight ones |
| figure, en and em dashes before a digit, a point, a bracket or a minus ("5 – 3") | "-" |
| hyphens of other widths ("‐" "‑" "﹣") | "-" |
| "∗" "⋅" "·" "∙" "✕" "✖" | "*" |
| "⁄" "∕" | "/" |
| a minus before a bracket where no operand stands before it ("-(3 + 4)", "2 * -(3 + 4)") | "-1*(3 + 4)" |
| the same behind a division ("8 / -(3 + 1)") | "8 / -1/(3 + 1)", which is as much from left to right |
| a plus that adds nothing to anything ("+7 - 2", "3 * +4") | nothing |
| a letter or a word right behind digits ("3x + 7", "5kg", "60km/h"); "3rd", "2e5" and a times sign ("2x3") stay | a space before it |
| a text whose letters are all capitals, "WHAT IS FIVE?"; "Q:" and "A:" stay | lower case |

Of a text that ends within a calculator annotation, "12! He has 2*9 = <<2*9=", only what that asks can be refused.

| in a prompt | is refused as |
|---|---|
| "^", "**", "√", "∛", "∜", "∑", "∏", "∫" | no operation this model has |
| superscripts, "2²" | the same: NFKC would make 22 of it |
| "!" right behind a digit or a bracket | the same: a factorial, as far as one can tell |
| "squared", "cubed", "factorial", "mod", "modulo", "square root", "cube root", "to the power" | the same |
| subscripts and fractions in one character, "5½" | no number this model reads |
"""
import functools
import re
import unicodedata

MINUS_WIDTHS, TIMES, OVER = "‐‑﹣", "∗⋅·∙✕✖", "⁄∕"
SIGNS = str.maketrans({**dict.fromkeys(MINUS_WIDTHS, "-"), **dict.fromkeys(TIMES, "*"), **dict.fromkeys(OVER, "/"),
                       **dict.fromkeys("‘’‛ʼ", "'"), **dict.fromkeys("“”„‟", '"'),
                       **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", None)})
# Compatibility forms that are the same sign in another shape: fullwidth, and digits in mathematical fonts.
SHAPES = re.compile("[\uff01-\uff5e\U0001d7ce-\U0001d7ff]")
BLANKS = re.compile(r"[^\S\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
# A line break that parts no sums: behind an operator that has an operand before it, behind or before a bracket, and before
# an operator that begins nothing, as "-" begins an item or a number.
LINE = r" ?(?:\r\n|[\n\r]) ?"
BROKEN = re.compile(rf"(?:(?<=[\d)\]%] [-−+*/×÷])|(?<=[\d)\]%][-−+*/×÷]))({LINE})(?=[\d(\[.$€£−+-])"
                    rf"|(?<=[(\[]){LINE}(?=[\d(\[.$€£−+-])|(?<=[\d)\]%]){LINE}(?=[)\]])|(?<=[\d)\]%])({LINE})(?=[+*/×÷])")
DASH = re.compile(r"[‒–—](?=\s?[-−.(\[\d])")
# Where an operand begins, as far as signs tell: a minus or a plus there is none between two operands.
BEGIN = r"(^|[-−+*×(\[:,=<\n]|\b(?:is|calculate|compute|evaluate|solve|simplify|find|plus|minus|times))( ?)"
BEFORE_BRACKET = re.compile(r"[-−] ?[(\[]")
MINUS_BRACKET = re.compile(BEGIN + r"[-−] ?(?=[(\[])", re.IGNORECASE)
OVER_MINUS_BRACKET = re.compile(r"([/÷] ?)[-−] ?(?=[(\[])")
IDLE_PLUS = re.compile(BEGIN.replace("[-", "[/÷-") + r"\+(?: ?\+){0,9} ?(?=[\d.(\[])", re.IGNORECASE)
WORD_BEHIND = re.compile(r"(?<=\d)(?=[A-Za-z])(?!(?:st|nd|rd|th)\b|[eE][-+]?\d|[xX] ?[-−+]?[\d(\[.$€£])")
LONE_CAPITAL = re.compile(r"\bX\b|\bA\b(?! ?[:.])")
LONG_WORD = re.compile(r"[^\W\d_]{2,}")
LACKING = re.compile(r"\*\*|[\^√∛∜∑∏∫]|(?<=[\d)\]])!|\b(?:squared|cubed|factorial|mod|modulo|square roots?|cube roots?|"
                     r"to the power)\b", re.IGNORECASE)


@functools.lru_cache(maxsize=1 << 14)       # reading a prompt, refusing it and measuring it ask for it each
def normalised(text):
    """`text` with one sign for each meaning, as the table has it; normalised again, it stays as it is."""
    if not text.isascii():
        text = SHAPES.sub(lambda shape: unicodedata.normalize("NFKC", shape[0]), text.translate(SIGNS))
        text = DASH.sub("-", text)
    text = BLANKS.sub(" ", text).strip()
    if "\n" in text or "\r" in text:
        text = BROKEN.sub(lambda line: " " if line[1] or line[2] else "", text)
    if "+" in text:
        text = IDLE_PLUS.sub(r"\1\2", text)
    if BEFORE_BRACKET.search(text):         # as a rule there is none, and the others look at every place
        text = OVER_MINUS_BRACKET.sub(r"\1-1/", MINUS_BRACKET.sub(r"\1\2-1*", text))
    text = WORD_BEHIND.sub(" ", text)
    if LONG_WORD.search(text) and text.isupper():
        text = LONG_WORD.sub(lambda word: word[0].lower(), text)
        text = LONE_CAPITAL.sub(lambda letter: letter[0].lower(), text)
    return text


def asked(text):
    """What a text asks: in a calculator annotation that is still open, what stands in it, else all of it."""
    inside = text[text.rfind("<<") + 2:]
    return inside if "<<" in text and inside[:1].strip() and not set(inside) & set(">\n") else text


def refusal(text):
    """Why no model here can answer a prompt, in a few words, or None: an operation or a sign that none was taught."""
    text = asked(text)
    for letter in "" if text.isascii() else text:
        kind = unicodedata.decomposition(letter).partition(" ")[0]
        if kind == "<super>" and unicodedata.category(letter) != "Lm":
            return f"{letter!r} is not an operation this model has"
        if kind == "<fraction>" or kind == "<sub>" and letter.isdigit():
            return f"{letter!r} is not a number this model reads"
    found = LACKING.search(normalised(text))
    return found and f"{found[0]!r} is not an operation this model has"
