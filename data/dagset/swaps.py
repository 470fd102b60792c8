"""Scenes with some of their words put for others, so that a model learns from the rest what they come to. Imports `formulas` and
`scenes`.
"""
import functools
import re
from collections import Counter

from data.dagset.formulas import outline
from data.dagset.scenes import ALL, N_LOWER, N_VARIANTS, generator, told, with_groups

N_SWAPPED = 8                                               # variants of a scene
CONTENT = re.compile(r"(?<![\w'/-])[A-Za-z]{4,}(?![\w'/-])")
ENDINGS = ("ing", "ed", "ly", "s", "er")
FEW = 40                                                    # scenes that a word of content is in, at most
# How words begin that say what is done with numbers or are some, however few scenes they are in; innocent ones do, too.
OPERATIVE = tuple("""add averag cent cheap combin coupl cube deduct decre deep differ diminish discount divi doubl dozen
    enlarg even exceed fewer fold fraction great gross half halv herself high himself increas increment inver large least left less loss low mean median minus
    most multi negat net pair plus positive product profit quadrup quart quot ratio reciproc reduc remain remov rest score
    short small squar subt sum surplus tax thrice tip total trio trip twice twin without""".split())


@functools.cache
def content_words():
    """({word: its ending, if it has one of ENDINGS}, {ending: its words}) of what scenes are about, as far as can be told: words
    of few scenes, most of which don't come to the same, that say no operation. Those of one or two scenes are among them."""
    comes_to = {}
    for expression, scene in ALL:
        for word in {word.lower() for word in CONTENT.findall(with_groups(scene))}:
            comes_to.setdefault(word, Counter())[expression] += 1
    of_word = {word: next((ending for ending in ENDINGS if word.endswith(ending) and not word.endswith("ss")), "")
               for word, found in comes_to.items()
               if not word.startswith(OPERATIVE) and found.total() <= FEW and (found.total() < 3 or 2 * max(found.values()) <= found.total())}
    by_ending = {}
    for word, ending in sorted(of_word.items()):
        by_ending.setdefault(ending, []).append(word)
    return of_word, by_ending


@functools.cache
def swapped(expression, scene):
    """N_SWAPPED more variants, in which half of the words of content are others of the same ending, each the same wherever it
    stands: "Each of the N villages sends N owls to the alloy", for a model to learn what words say less about. Where an
    expression has numbers that nobody says, but 1, 2 and 100, any word may say them: such scenes stay as they are."""
    of_word, by_ending = content_words()
    draw = generator(expression + scene)
    keeps_words = any(leaf.isdecimal() and leaf not in ("1", "2", "100") for leaf in outline(expression)[1])
    variants = []
    for _ in range(N_SWAPPED):
        parts, is_money = told(scene)[draw(N_VARIANTS - N_LOWER)]
        others = {}

        def put(match):
            word = match[0].lower()
            if word not in of_word:
                return match[0]
            if word not in others:
                some = by_ending[of_word[word]]
                others[word] = some[draw(len(some))] if draw(2) else word
            return others[word].capitalize() if match[0][0].isupper() else others[word]

        variants.append((parts if keeps_words else tuple(CONTENT.sub(put, part) for part in parts), is_money))
    return variants
