"""Reads stories back: "Tom had 12 apples and bought 9 more. How many does he have now?" is 12 + 9.

A story's numbers, people and things are put by signs, N, @ and #, and what is left is matched with patterns. They say
anew what the stream's stories mean, as `parser.py` does of its other texts. Imports nothing of ours.
"""
import re

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
HAVE = r"(?:have|has|had|buys?|bought|gets?|got|starts? with|started with|collect(?:s|ed)?|pick(?:s|ed)?|finds?|found|own(?:s|ed)?|makes?|made)"
GAIN = (r"(?:finds?|found|buys?|bought|gets?|got|receive[sd]?|pick(?:s|ed)?(?: up)?|collect(?:s|ed)?|earn(?:s|ed)?|wins?|won|makes?|"
        r"made|gather(?:s|ed)?|catch(?:es)?|caught|save[sd]?|order(?:s|ed)?|draws?|drew|grows?|grew|bake[sd]?|borrow(?:s|ed)?|add(?:s|ed)?|takes?|took|brings?|brought)")
LOSE = (r"(?:loses?|lost|gives? away|gave away|gives? back|gave back|gives?|gave|sells?|sold|eats?|ate|use[sd]?|spends?|spent|"
        r"throws? away|threw away|donate[sd]?|drop(?:s|ped)?|breaks?|broke|return(?:s|ed)?|remove[sd]?|pays?|paid|drinks?|drank|use[sd]? up|"
        r"takes? out|took out|cuts? off|finish(?:es|ed)?|lends?|lent|"
        r"hand(?:s|ed)?|sends?|sent|pass(?:es|ed)?)")
SHARE = (r"(?:(?:shares?|shared|splits?) them equally among|(?:divides?|divided) them (?:equally between|among)|"
         r"(?:shares?|shared) them with|splits? them between)")
COME = r"(?:came|arrive|(?:were|are) added|were bought|are delivered|are put there)"
GONE = (r"(?:break|disappear|get lost|went missing|were (?:sold|eaten|used|lost|thrown away)|are (?:taken away|given away))")
PASSING = r"(?: ,)?(?: and| but)?(?: then)? | \. (?:then |later |after that , )?"
LEAD = r"(?: and| but| ,(?: and)?(?: then)?| and then| \. then| \. later| \. the next day| \.)(?: @)? "
OPENING = re.compile(rf"(?:if )?(?:@ {HAVE}|there (?:were|are)) N")
HOLD = re.compile(r" # (?:of|with) N(?: #)?(?: each| in each)?")
EVENTS = [(re.compile(pattern), name) for pattern, name in (
    (r" (?:and|\.) @ (?:had|has|bought|buys|found|finds|made|makes) N times as many(?: #)?", "multiply"),
    (rf"{LEAD}{SHARE} N #", "divide"),
    (rf"{LEAD}{GAIN} N(?: more| extra)?(?: #)?(?: today| from (?:a friend|@))?", "add"),
    (rf"(?:{PASSING})N (?:more|new)(?: #)? {COME}", "add"), (rf"(?:{PASSING})N(?: of them| #)? {GONE}", "subtract"),
    (rf"{LEAD}{LOSE} N(?: of them| of those| #)?(?: to (?:a friend|a neighbor|@))?", "subtract"))]
QUESTION = re.compile(
    r" [.,] how (?:many|much money)(?: #)? (?:(?:did|does|do) @ (?:still |now )?have(?: left| now| in total| altogether| in all)?|"
    r"(?:does|will) each(?: of them)? get|are there(?: now| in total| altogether| in each)?|"
    r"is that(?: for each| in all)?|(?:are|were) left|remain|are in each|are still there)")

# Scenes: two numbers with words of their own. In the last list the first number is the second operand.
SCENES = [(re.compile(pattern), name, is_reversed) for name, is_reversed, patterns in (
    ("add", False, (
        r"@ read N # on monday and N # on tuesday \. how many # did @ read in total",
        r"@ has N # and N # \. how many # does @ have altogether",
        r"there are N # and N # in the # \. how many are there in total",
        r"@ sold N # yesterday and N today \. how many # were sold altogether",
        r"my dog weighs N kg and my cat weighs N kg \. what do @ weigh together",
        r"@ drove N km on saturday and N km on sunday \. how many km is that in all",
        r"@ has N #(?: \.| and) @ has N # \. how many # do @ have (?:together|in total)",
        r"@ is N years old \. @ is N years older \. how old is @",
        r"a # costs N(?: #)? and a # costs N(?: #)? \. how much do @ cost together",
        r"@ walked N # in the morning and N # in the evening \. how many # did @ walk",
        r"the numbers are N and N \. what is their sum",
        r"@ have N and N \. what is their total",
        r"@ paid N(?: #)? for a # and N(?: #)? for a drink \. how much did @ spend",
        r"@ was N degrees and then @ got N degrees warmer \. what is the temperature now",
        r"if a # costs N(?: #)? and a # costs N(?: #)? , how much do both cost",
        r"a # has N # and another # has N # \. how many # are in both #",
        r"@ worked N hours on friday and N hours on saturday \. how many hours did @ work",
        r"in the morning @ sold N # , and in the afternoon N more \. how many # did @ sell",
        r"the first # has N # and the second has N \. how many # are there in all")),
    ("subtract", False, (
        r"@ has N # \. @ has N # \. how many more # does @ have than @",
        r"a # has N # and N are taken away \. how many # are left",
        r"a # has N seats and N are taken \. how many seats are free",
        r"a rope is N # long \. @ cut off N # \. how many # are left",
        r"@ paid N(?: #)? for something that costs N(?: #)? \. how much change do @ get",
        r"@ pays with N(?: #)? for a # that costs N(?: #)? \. how much change does @ get",
        r"a # holds N # and N # leak out \. how much is left in the #",
        r"there were N # in a tree and N flew away \. how many # stayed",
        r"there are N # in the # \. N of them are red and the rest are blue \. how many are blue",
        r"@ has N pupils and N of them are girls \. how many boys are there",
        r"out of N # , N were sold \. how many # were left",
        r"@ is N years old \. @ is N years younger \. how old is @",
        r"@ was N degrees and @ fell by N degrees \. what is the temperature now",
        r"@ needs N # but has only N \. how many more # does @ need",
        r"@ wants to buy a # for N(?: #)? and has N(?: #)? \. how much more does @ need",
        r"the numbers are N and N \. what is their difference",
        r"a # costs N(?: #)? and a # costs N(?: #)? less \. how much is the #",
        r"if there are N # in a # and @ take N out , how many are left",
        r"a # has N # and @ has read N of them \. how many # are left",
        r"there are N # on the # and N get off \. how many # are still on the #",
        r"the trip is N km long and @ have driven N km \. how many km are left",
        r"@ had N(?: #)? in the bank and took out N(?: #)? \. how much is left",
        r"a # with N # loses N of them \. how many # remain")),
    ("multiply", False, (
        r"there are N # of N # \. how many # are there",
        r"there are N # with N # in each \. how many # are there in total",
        r"there are N # \. each # has N # \. how many # are there in all",
        r"each # holds N # \. how many # are in N #",
        r"a # has N # \. how many # do N # have",
        r"(?:if )?a # (?:costs|is) N(?: #)? (?:\.|,) (?:how much do N(?: of them)? cost|what is the price of N of them)",
        r"@ saves N(?: #)? every month \. how much does @ save in N months",
        r"@ (?:buys|bought) N # (?:for|at) N(?: #)? each \. how much (?:does @ pay|did @ spend)",
        r"@ works N hours a day for N days \. how many hours is that",
        r"@ earns N(?: #)? an hour \. how much does @ earn in N hours",
        r"a car drives N # an hour \. how far does @ go in N hours",
        r"@ is N years old \. @ is N times as old \. how old is @",
        r"a room is N # long and N # wide \. what is its area",
        r"@ eats N # a day \. how many # does @ eat in N days",
        r"the numbers are N and N \. what is their product",
        r"@ has N # and @ has N times as many \. how many # does @ have",
        r"if @ read N # a day , how many # do @ read in N days",
        r"there are N # in a # \. how many are there in N #",
        r"how many # are in N # of N #",
        r"a worker makes N # an hour for N hours \. how many # is that")),
    ("divide", False, (
        r"if N # are shared equally among N # , how many does each kid get",
        r"@ puts N # into # of N \. how many # does @ fill",
        r"a ribbon of N # is cut into N equal pieces \. how long is each piece",
        r"@ puts N # into N # equally \. how many # are in each #",
        r"there are N # for N # \. how many does each person get",
        r"a bill of N(?: #)? is split evenly among N # \. how much does each pay",
        r"@ drove N # in N hours \. how many # is that per hour",
        r"@ paid N(?: #)? for N # \. how much does each cost",
        r"the numbers are N and N \. what is their quotient",
        r"@ earned N(?: #)? in N hours \. how much is that per hour",
        r"@ has N # and gives the same number to each of N # \. how many does each get",
        r"@ share N(?: #)? among N # \. how much does each get",
        r"split N # into N equal # \. how many are in each group",
        r"a # of N # is divided into N # \. how many # are in each #",
        r"@ reads a # of N # in N days \. how many # is that per day",
        r"there are N # in N equal # \. how many # are in each #")),
    ("subtract", True, (
        r"@ (?:took N of the N #|gave away N of N #|took N # out of a # with N) \. how many # (?:are left(?: in the #)?|does @ have left)",
        r"@ have N(?: #)? and want to buy a # for N(?: #)? \. how much more do @ need",
        r"after selling N of N # , how many # are left",
        r"@ has done N of N tasks \. how many tasks are left")),
    ("divide", True, (
        r"there are N # who split a bill of N(?: #)? \. how much does each pay",
        r"how many # of N # can @ fill with N #",
        r"a # holds N # \. how many # do @ need for N #",
        r"a # costs N(?: #)? \. how many can @ buy for N(?: #)?",
        r"if N # share N # equally , how many does each get",
        r"@ saves N(?: #)? a week \. how many weeks does @ need for N(?: #)?")),
) for pattern in patterns]


def put_by_signs(words, at, number_end):
    """`words` from `at` on as one string, with N, @ and # for numbers, people and things. number_end(i): where a number that
    begins at word i ends, i if none does."""
    signs = []
    while at < len(words):
        end = number_end(at)
        if end > at:
            signs.append("N")
            at = end
            continue
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


def meaning(signs):
    """[(operation, is its second operand read first?), ...] of a story from left to right, or None if it is none."""
    for pattern, name, is_reversed in SCENES:
        if pattern.fullmatch(signs):
            return [(name, is_reversed)]
    opening = OPENING.match(signs)
    if opening is None:
        return None
    at, steps = opening.end(), []
    if hold := HOLD.match(signs, at):
        at, steps = hold.end(), [("multiply", False)]
    elif signs.startswith(" #", at):
        at += 2
    while not QUESTION.fullmatch(signs, at):
        event = next(((found, name) for pattern, name in EVENTS if (found := pattern.match(signs, at))), None)
        if event is None:
            return None
        at, steps = event[0].end(), [*steps, (event[1], False)]
    return steps or None
