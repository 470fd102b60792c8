"""Scenes: questions, requests and little word problems with words of their own, by what they come to (told/*.txt, which
`formulas.py` reads). Imports `formulas`.

In a scene N is a number, P one in percent and $N an amount of money; {i} are many things and {j} others, {a} is one, {c} and {cs} are what
holds them, {p} and {q} are two people and {h} the first of them again. Of [on Monday|today] one is said; groups of one
letter, [v:read|ate] ... [v:read|eat], agree; <ALL> is one of GROUPS. Sentences get their capitals later. What ends in a full stop
is a request; all else asks, and gets its "?" later. No scene has a number's word of its own ("one", "two"): it would be read as a
number. `python -m data.dagset.check_scenes FILE` says whether scenes read back as what they are listed under.
"""
import functools
import re
import zlib

from data.dagset.formulas import LISTED

# What stands for the words in braces, a set at a time.
WORDS = tuple(dict(zip(("i", "j", "a", "c", "cs", "p", "h", "q"), line.split("/"))) for line in (
    "apples/pears/book/bag/bags/Tom/he/Anna",
    "chairs/tables/ticket/row/rows/Nora/she/Sam",
    "cookies/cakes/pen/box/boxes/Ben/he/Mia",
    "books/pens/pizza/shelf/shelves/Leila/she/Omar",
    "eggs/rolls/toy/basket/baskets/my sister/she/my brother",
    "pencils/crayons/shirt/pack/packs/Jack/he/Priya",
    "students/teachers/notebook/class/classes/Maria/she/Peter",
    "potatoes/onions/cup of coffee/sack/sacks/the farmer/he/his son",
    "marbles/balls/game/jar/jars/John/he/Lily",
    "people/dogs/sandwich/bus/buses/Emma/she/her friend",
    "flowers/trees/lamp/garden/gardens/Sara/she/Tom",
    "candies/cards/ball/bowl/bowls/the teacher/she/the boy",
    "oranges/bananas/watermelon/crate/crates/Max/he/Julia",
    "stickers/stamps/poster/notebook/notebooks/Zoe/she/Leo",
    "bottles/cans/bottle of juice/case/cases/David/he/Lucy",
    "muffins/donuts/coffee/tray/trays/Grace/she/Carlos",
    "players/coaches/jersey/team/teams/Ahmed/he/Kate",
    "beads/shells/necklace/string/strings/Rosa/she/Mark",
    "seeds/bulbs/plant/pot/pots/my mom/she/my dad",
    "tickets/tokens/ride/roll/rolls/James/he/Olivia",
    "photos/letters/frame/folder/folders/Amy/she/Paul",
    "cups/plates/bowl/table/tables/the cook/he/the waiter",
    "coins/notes/hat/drawer/drawers/Noah/he/Eva",
    "fish/turtles/net/tank/tanks/Kevin/he/Mei",
    "shirts/socks/belt/drawer/drawers/Nina/she/Hugo",
    "bricks/tiles/bucket/pallet/pallets/the builder/he/his brother",
    "pages/letters/magazine/chapter/chapters/Grandma/she/her sister",
    "sweets/lollipops/chocolate/packet/packets/Ravi/he/Isha",
    "roses/tulips/vase/vase/vases/the florist/she/her daughter",
    "chickens/cows/fence/pen/pens/a farmer/he/his neighbor",
    "cars/trucks/radio/garage/garages/Mr. Lee/he/Mrs. Park",
    "mangoes/lemons/kettle/carton/cartons/Fatima/she/Hassan",
    "toy cars/dolls/kite/chest/chests/Theo/he/Clara",
    "comic books/posters/lamp/stack/stacks/Victor/he/Diana",
    "video games/movies/phone/shelf/shelves/Ethan/he/Sofia",
    "red pens/blue pens/ruler/cup/cups/Miss Green/she/the principal",
    "cupcakes/brownies/spoon/plate/plates/the baker/she/her husband",
    "buttons/zippers/scarf/jar/jars/the tailor/he/the customer",
    "nails/screws/hammer/can/cans/a carpenter/he/his helper",
    "jars of honey/jars of jam/hive/crate/crates/the beekeeper/he/a shop",
    "songs/poems/drum/list/lists/the band/it/another band",
    "passengers/drivers/map/van/vans/the driver/he/the guide",
    "sheep/goats/bell/field/fields/Abdul/he/Omar",
    "pairs of shoes/hats/mirror/box/boxes/the shop/it/the other shop",
    "gold coins/silver coins/ring/purse/purses/the king/he/the queen",
    "carrots/beets/basket/bed/beds/the gardener/she/her son",
    "points/goals/medal/game/games/Jordan/he/Tyler",
    "stones/sticks/rope/pile/piles/Liam/he/Ella",
    "acorns/nuts/leaf/tree/trees/the squirrel/it/the bird",
    "rooms/beds/pillow/hotel/hotels/the manager/she/the owner",
    "emails/messages/laptop/folder/folders/Yuki/she/Ken",
    "loaves of bread/cakes/cookbook/tray/trays/Pierre/he/Marie",
    "cherries/plums/pie/bowl/bowls/Aunt Rosa/she/Uncle Joe",
    "balloons/candles/cake/bunch/bunches/Tina/she/her cousin",
    "baseball cards/stamps/glove/binder/binders/Daniel/he/Marcus",
    "paintings/drawings/brush/wall/walls/the artist/she/her student",
    "toys/puzzles/train/cupboard/cupboards/Ann/she/Pete",
    "glasses of milk/bottles of water/straw/table/tables/Priya/she/Arjun",
    "bananas/grapes/melon/bag/bags/the monkey/it/the elephant",
    "newspapers/packages/bike/street/streets/Frank/he/Linda",
    "tomatoes/peppers/knife/plant/plants/Meera/she/her mother",
    "robots/batteries/cable/machine/machines/the engineer/she/her boss",
    "ribbons/bows/gift/spool/spools/Ursula/she/Ingrid",
    "kilograms of rice/bags of flour/scale/sack/sacks/the merchant/he/the cook",
))
N_VARIANTS, N_LOWER = 12, 2              # ways to say a scene, the last of them in lower case
# Groups that many scenes have
GROUPS = {
    "ALL": "[ in total| altogether| in all|]",
    "T1": "[t:on Monday|yesterday|last week|in the morning|on the first day|before lunch|in May|on Saturday]",
    "T2": "[t:on Tuesday|today|this week|in the evening|on the second day|after lunch|in June|on Sunday]",
    "DID": "[v:sold|baked|picked|collected|bought|found|made|packed|counted|used|caught|washed]",
    "DO": "[v:sell|bake|pick|collect|buy|find|make|pack|count|use|catch|wash]",
    "DOES": "[v:sells|bakes|picks|collects|buys|finds|makes|packs|counts|uses|catches|washes]",
    "DONE": "[v:sold|baked|picked|collected|bought|found|made|packed|counted|used|caught|washed]",
    "WENT": "[v:walked|drove|ran|cycled|rode|hiked]",
    "GO": "[v:walk|drive|run|cycle|ride|hike]",
    "FAR": "[u:miles|km|kilometers|meters]",
    "LONG": "[u:meters|feet|cm|inches]",
    "KIDS": "[k:friends|children|people|kids|students|classmates]",
    "KID": "[k:friend|child|person|kid|student|classmate]",
    "A": "[ a| each| every| per]",
    "DAY": "[d:day|week|month|year]",
    "DAYS": "[d:days|weeks|months|years]",
    "LEFT": "[are left|remain|are there now|are still there]",
    "RED": "[b:red|big|old|green]",
    "BLUE": "[b:blue|small|new|yellow]",
    "FREE": "[left|free|empty]",
    "AMONG": "[among|between]",
    "WHATS": "[What is|What's|How much is]",
    "GIVE": "[Find|Calculate|Compute|Give me|Tell me|Work out|Please find|Please calculate|Determine]",
    "MEAN": "[average|mean|average value]",
    "PERCENT": "[percent|percentage]",
}
ALL = [(expression, scene) for expression, scenes in LISTED.items() for scene in scenes]          # by their numbers
TOKEN = re.compile(r"\[(?:([a-z]):)?|[|\]]|[^][|]+")
START = re.compile(r"(^|[a-zNP]\. )([a-z])")                # of a sentence
NUMBER = re.compile(r"(\$?)\b[NP]\b")
TOUCHING = (*".,:)", "")                                    # what a text begins with that stands right behind a number


def with_groups(scene):
    return re.sub("<([A-Z0-9]+)>", lambda name: GROUPS[name[1]], scene)


def in_lower_case(scene):
    """All of it but the numbers' N and P."""
    return re.sub(r"(\b[NP]\b)|[A-Z]", lambda letter: letter[1] or letter[0].lower(), scene)


def taken_apart(scene):
    """A scene as a list of texts and of (letter or None, its options, each such a list)."""
    tokens = TOKEN.finditer(with_groups(scene))

    def options():
        ways, here = [], []
        for token in tokens:
            if token[0][0] == "[":
                here.append((token[1], options()))
            elif token[0] == "|":
                ways.append(here)
                here = []
            elif token[0] == "]":
                break
            else:
                here.append(token[0])
        return [*ways, here]

    return options()[0]


def generator(text):
    """A function from `count` to an integer below it, the same ones for the same text: Knuth's linear congruential generator,
    since thousands of `random.Random` take long to seed."""
    state = zlib.crc32(text.encode())

    def draw(count):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        return (state >> 33) % count

    return draw


@functools.cache
def told(scene):
    """[(what stands around the numbers, which of them are money), ...] of the scene's variants, the same ones every time."""
    draw, parts = generator(scene), taken_apart(scene)

    def say(parts, chosen):
        said = []
        for part in parts:
            if isinstance(part, tuple):
                letter, options = part
                which = draw(len(options))
                part = say(options[which if letter is None else chosen.setdefault(letter, which)], chosen)
            said.append(part)
        return "".join(said)

    variants, has_choice = [], any(sign in scene for sign in "[{<")
    for variant in range(N_VARIANTS):
        if not has_choice and variant not in (0, N_VARIANTS - N_LOWER):
            variants.append(variants[-1])
            continue
        text = say(parts, {}).format(**WORDS[draw(len(WORDS))])
        text = START.sub(lambda start: start[1] + start[2].upper(), text)
        before, *others = NUMBER.split(text if variant < N_VARIANTS - N_LOWER else in_lower_case(text))
        variants.append(((before.strip(), *(part.strip() for part in others[1::2])), tuple(mark == "$" for mark in others[::2])))
    return variants
