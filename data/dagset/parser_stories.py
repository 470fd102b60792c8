"""Reads stories back: "Tom had 12 apples and bought 9 more. How many does he have now?" is 12 + 9.

A chain's numbers, people and things are put by signs, N, @ and #, and what is left is matched with patterns, which say
anew what the stream's chains mean, as `parser.py` does of its other texts. What a scene means is what it is listed under
in told/*.txt, which is made into patterns here. Imports `scenes`, lists and how they are read.
"""
import functools
import re
from collections import Counter

from data.dagset.formulas import LETTERS
from data.dagset.scenes import ALL, in_lower_case, with_groups

NAMES = ("tom sam ben omar jack peter john max leo david carlos ahmed mark james kevin luis noah paul tim ravi bob eric adam "
         "anna mia leila nora priya maria lily emma sara julia zoe olivia lucy grace amy rosa jane mei sophie kate alice eva "
         "ella i you we they he she it grandma").split()
PEOPLE = {(name,) for name in NAMES} | {tuple(people.split()) for people in (
    "my sister/my brother/my friend/a farmer/the farmer/a boy/the boy/a girl/the girl/the teacher/the shop/a baker/the baker/"
    "his son/her friend/my mom/my dad/a school/the school/mr . lee/mrs . brown/my neighbor/the library/the cook/the waiter"
    ).split("/")}
THINGS = {tuple(thing.split()) for thing in (
    "dollars/apples/marbles/stickers/coins/pencils/candies/cards/balls/books/cookies/eggs/flowers/toys/oranges/pens/cakes/tickets/"
    "points/stamps/shells/crayons/bananas/balloons/photos/sandwiches/bottles/chairs/chocolates/pears/tables/rolls/students/"
    "teachers/potatoes/onions/people/dogs/trees/book/ticket/pen/pizza/toy/shirt/notebook/game/sandwich/lamp/ball/bag/bags/row/"
    "rows/box/boxes/shelf/shelves/basket/baskets/pack/packs/class/classes/sack/sacks/jar/jars/bus/buses/garden/gardens/bowl/"
    "bowls/friends/children/classmates/neighbors/kids/things/beads/stones/grapes/lemons/plants/roses/cups/plates/spoons/shirts/"
    "socks/hats/keys/blocks/buttons/dolls/fish/birds/cats/chickens/cows/sheep/seeds/nuts/peaches/plums/tomatoes/carrots/donuts/"
    "muffins/pies/pizzas/liters/meters/miles/minutes/pages/songs/games/magazines/letters/notebooks/markers/erasers/rocks/acorns/"
    "ribbons/lollipops/cupcakes/tiles/nails/screws/bricks/bulbs/glasses/towels/pillows/tokens/badges/gems/pounds/kilograms/euros/"
    "cents/red marbles/green apples/cups of tea/gold coins/toy cars/baseball cards/pieces of candy/video games/comic books/"
    "jelly beans/cup of coffee/watermelon/crate/crates/poster/album/albums/cans/bottle of juice/case/cases/coffee/tray/trays/"
    "players/coaches/jersey/team/teams/necklace/string/strings/plant/pot/pots/ride/roll/frame/folder/folders/table/notes/hat/"
    "drawer/drawers/turtles/net/tank/tanks/piles/groups").split("/")}

# A chain: someone has something, events change it, and a question follows.
HAVE = (r"(?:have|has|had|buys?|bought|gets?|got|starts? with|started with|collect(?:s|ed)?|pick(?:s|ed)?|finds?|found|"
        r"own(?:s|ed)?|makes?|made)")
GAIN = (r"(?:finds?|found|buys?|bought|gets?|got|receive[sd]?|pick(?:s|ed)?(?: up)?|collect(?:s|ed)?|earn(?:s|ed)?|"
        r"wins?|won|makes?|made|gather(?:s|ed)?|catch(?:es)?|caught|save[sd]?|order(?:s|ed)?|draws?|drew|grows?|grew|bake[sd]?|"
        r"borrow(?:s|ed)?|add(?:s|ed)?|takes?|took|brings?|brought)")
LOSE = (r"(?:loses?|lost|gives? away|gave away|gives? back|gave back|gives?|gave|sells?|sold|eats?|ate|use[sd]?|spends?|spent|"
        r"throws? away|threw away|donate[sd]?|drop(?:s|ped)?|breaks?|broke|return(?:s|ed)?|remove[sd]?|pays?|paid|drinks?|"
        r"drank|use[sd]? up|takes? out|took out|cuts? off|finish(?:es|ed)?|lends?|lent|hand(?:s|ed)?|sends?|sent|"
        r"pass(?:es|ed)?)")
SHARE = (r"(?:(?:shares?|shared|splits?) them equally among|(?:divides?|divided) them (?:equally between|among)|"
         r"(?:shares?|shared) them with|splits? them between)")
COME = r"(?:came|arrive|(?:were|are) added|were bought|are delivered|are put there)"
GONE = r"(?:break|disappear|get lost|went missing|were (?:sold|eaten|used|lost|thrown away)|are (?:taken|given) away)"
PASSING = r"(?: ,)?(?: and| but)?(?: then)? | \. (?:then |later |after that , )?"
LEAD = r"(?: and| but| ,(?: and)?(?: then)?| and then| \. then| \. later| \. the next day| \.)(?: @)? "
OPENING = re.compile(rf"(?:if )?(?:@ {HAVE}|there (?:were|are)) N")
HOLD = re.compile(r" # (?:of|with) N(?: #)?(?: each| in each)?")
EVENTS = [(re.compile(event), sign) for event, sign in (
    (r" (?:and|\.) @ (?:had|has|bought|buys|found|finds|made|makes) N times as many(?: #)?", "*"),
    (rf"{LEAD}{SHARE} N #", "/"),
    (rf"{LEAD}{GAIN} N(?: more| extra)?(?: #)?(?: today| from (?:a friend|@))?", "+"),
    (rf"(?:{PASSING})N (?:more|new)(?: #)? {COME}", "+"), (rf"(?:{PASSING})N(?: of them| #)? {GONE}", "-"),
    (rf"{LEAD}{LOSE} N(?: of them| of those| #)?(?: to (?:a friend|a neighbor|@))?", "-"))]
QUESTION = re.compile(
    r" [.,] how (?:many|much money)(?: #)? (?:"
    r"(?:did|does|do) @ (?:still |now )?have(?: left| now| in total| altogether| in all)?|"
    r"(?:does|will) each(?: of them)? get|(?:are|is) there(?: now| in total| altogether| in each)?|"
    r"is that(?: for each| in all)?|(?:are|were|is|was) left|remains?|are in each|(?:are|is) still there)")

WORD = r"(?:mrs? \. )?[a-z][a-z']*"
NAMED = re.compile(r"\{(\w+)\}")
A_WORD = r"[a-z][a-z'/-]*"
CHOICE, SURE = re.compile(r"\[[^][]*\]"), re.compile(rf"(?<!\S){A_WORD}(?=[.,:]?(?:\s|$))")
AGREEING = re.compile(r"\[([a-z]):([^][]*)\]")


class Pattern:
    """A scene as a pattern of lower-case words, N for its numbers, P for those in percent. Any one to three words are who or
    what it is about."""

    def __init__(self, scene):
        self.scene = in_lower_case(with_groups(scene.rstrip(".")))
        text = self.scene
        while CHOICE.search(text):
            text = CHOICE.sub("|", text)
        # Words that stand in every text of it, and all that can, if those are known: no names, nor "percent[age|]"
        self.needed = set(SURE.findall(text))
        self.possible = None if re.search(r"\{|[a-z]\[|\][a-z]", self.scene) else {"dollars", *re.findall(A_WORD, self.scene)}

    def has_words(self, words):
        """Whether these are words of such a text, as quickly as can be."""
        return self.needed <= words and (self.possible is None or words <= self.possible)

    @functools.cached_property
    def regex(self):
        """Made where it is first needed: most patterns never are."""
        self.options, known = {}, set()

        def agreeing(match):
            name = f"{match[1]}_{len(self.options)}"
            self.options[name] = match[2].split("|")
            return f"(?P<{name}>{match[2]})"

        def name(match):
            if match[1] == "h":
                return "(?:he|she|it|they|i|you|we)"
            if match[1] in known:
                return f"(?P={match[1]})"
            known.add(match[1])
            return f"(?P<{match[1]}>{WORD}(?: {WORD}){{0,2}}?)"

        text = re.sub(r"[+*()]|(?<!\[[a-z]):", r" \\\g<0> ", self.scene)
        text = AGREEING.sub(agreeing, text).replace("[", "(?:").replace("]", ")")
        text = re.sub("[.,]", r" \\\g<0>", text).replace("$N", "N(?: dollars)?").replace(" ", r"\s*")
        return re.compile(NAMED.sub(name, text))

    def fullmatch(self, text):
        """Whether this is the whole text, groups of one letter agreeing."""
        found = self.regex.fullmatch(text)
        chosen = {}
        for name, options in self.options.items() if found else ():
            if (said := found[name]) is not None:
                which = {n for n, option in enumerate(options) if option.strip() == said.strip()}
                chosen[name[0]] = chosen.get(name[0], which) & which
        return found is not None and all(chosen.values())


@functools.cache
def patterns(n_numbers, n_percents):
    """{word: [(pattern, what it means), ...]} of the scenes that say so many numbers in percent and others, each under a word
    that all of its texts have and few others, or None."""
    def count(expression, letters):
        return sum(letter in expression.replace("abs", "") for letter in letters)

    listed = [(Pattern(scene), expression) for expression, scene in ALL
              if (count(expression, LETTERS), count(expression, LETTERS.upper())) == (n_numbers, n_percents)]
    common = Counter(word for pattern, _ in listed for word in pattern.needed)
    found = {}
    for pattern, expression in listed:
        rarest = min(sorted(pattern.needed), key=common.get, default=None)
        found.setdefault(rarest, []).append((pattern, expression))
    return found


def put_by_signs(words):
    """Words and "N" as one string, with @ and # for people and things."""
    signs, at = [], 0
    while at < len(words):
        for length in (3, 2, 1):
            phrase = tuple(words[at:at + length])
            if phrase in PEOPLE or phrase in THINGS:
                signs.append("@" if phrase in PEOPLE else "#")
                break
        else:
            length = 1
            signs.append(words[at])
        at += length
    return " ".join(signs)


def meanings(words):
    """What every scene that has these words comes to."""
    text, known = " ".join(words), {word for word in words if word[0].islower()}
    by_word = patterns(words.count("N"), words.count("P"))
    return (expression for word in (*sorted(known), None) for scene, expression in by_word.get(word, ())
            if scene.has_words(known) and scene.fullmatch(text))


def what_it_says(words):
    """What a story comes to, as in "c - a * b" of its numbers in the order of the text, or None if it is none. words: its
    lower-case tokens, "N" for every number and "P" for those in percent."""
    return next(meanings(words), None) or chain(put_by_signs(words))


def chain(signs):
    opening = OPENING.match(signs)
    if opening is None:
        return None
    at, said, n = opening.end(), "a", 1
    if hold := HOLD.match(signs, at):
        at, said, n = hold.end(), "(a * b)", 2
    elif signs.startswith(" #", at):
        at += 2
    while not QUESTION.fullmatch(signs, at):
        event = next(((found, sign) for event, sign in EVENTS if (found := event.match(signs, at))), None)
        if event is None or n == len(LETTERS):
            return None
        at, said, n = event[0].end(), f"({said} {event[1]} {LETTERS[n]})", n + 1
    return said if n > 1 else None
