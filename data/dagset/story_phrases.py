"""The phrases of stories: "Tom had 12 apples and bought 9 more. How many does he have now?". Imports nothing.

A chain tells what someone had and what happened to it, an operation an event; a scene has two numbers and its own words.
`stories.py` chooses among them; `parser_stories.py`, which reads them back, has patterns of its own.
"""
# (as first named, as the one spoken of); whoever is before N_NAMES can be someone else, too
PEOPLE = (*((name, "he") for name in "Tom Sam Ben Omar Jack Peter John Max Leo David Carlos Ahmed Mark James Kevin Luis Noah Paul "
            "Tim Ravi Bob Eric Adam".split()),
          *((name, "she") for name in "Anna Mia Leila Nora Priya Maria Lily Emma Sara Julia Zoe Olivia Lucy Grace Amy Rosa Jane "
            "Mei Sophie Kate Alice Eva Ella".split()),
          *8 * [("I", "I")], ("You", "you"), ("You", "you"), ("We", "we"), ("We", "we"), ("They", "they"), ("My sister", "she"),
          ("My brother", "he"), ("A farmer", "he"), ("A boy", "he"), ("A girl", "she"), ("The teacher", "she"),
          ("The shop", "it"), ("A baker", "he"), ("My friend", "she"), ("My mom", "she"), ("My dad", "he"), ("Grandma", "she"),
          ("A school", "it"), ("Mr. Lee", "he"), ("Mrs. Brown", "she"), ("My neighbor", "he"), ("The library", "it"))
N_NAMES = 46
AS_THEY = ("I", "you", "we", "they")                    # whose verbs in the present have no "s"
# What is counted. The first is nothing, behind an amount of money in digits; the second is money in words.
THINGS = ("", "dollars", *(
    "apples marbles stickers coins pencils candies cards balls books cookies eggs flowers toys oranges pens cakes tickets points "
    "stamps shells crayons bananas balloons photos sandwiches bottles chairs chocolates pears beads stones grapes lemons plants "
    "trees roses cups plates spoons shirts socks hats keys boxes bags blocks buttons dolls fish birds cats dogs chickens cows "
    "sheep seeds nuts peaches plums tomatoes carrots potatoes donuts muffins pies pizzas rolls liters meters miles minutes pages "
    "songs games magazines letters notebooks markers erasers rocks acorns ribbons lollipops cupcakes tiles nails screws bricks "
    "bulbs glasses towels pillows tokens badges gems pounds kilograms euros cents".split()),
    "red marbles", "green apples", "cups of tea", "gold coins", "toy cars", "baseball cards", "pieces of candy", "video games",
    "comic books", "jelly beans")
PAST, PRESENT, THIRD = range(3)
HAVES = (("had", "have", "has"), ("had", "have", "has"), ("had", "have", "has"), ("had", "have", "has"), ("bought", "buy", "buys"),
         ("started with", "start with", "starts with"), ("collected", "collect", "collects"), ("picked", "pick", "picks"),
         ("found", "find", "finds"), ("owned", "own", "owns"), ("made", "make", "makes"), ("got", "get", "gets"))
THERE = ("There were", "There are")
GAIN, LOSE, GIVE, HOLD, TIMES, SHARE, COME, GONE, START = range(9)
# {n} is what is counted; a hold's words are its first number's, "3 bags of 12 apples"; to come and to go has no verb before
EVENTS = {
    GAIN: ("found find finds/bought buy buys/got get gets/received receive receives/picked pick picks/"
           "collected collect collects/earned earn earns/won win wins/made make makes/baked bake bakes/"
           "borrowed borrow borrows/added add adds/picked up|pick up|picks up/took take takes/brought bring brings/"
           "gathered gather gathers/caught catch catches/saved save saves/ordered order orders/drew draw draws/"
           "grew grow grows"),
    LOSE: ("lost lose loses/gave away|give away|gives away/sold sell sells/ate eat eats/used use uses/spent spend spends/"
           "threw away|throw away|throws away/donated donate donates/dropped drop drops/broke break breaks/"
           "returned return returns/removed remove removes/gave back|give back|gives back/paid pay pays/drank drink drinks/"
           "used up|use up|uses up/took out|take out|takes out/cut off|cut off|cuts off/finished finish finishes"),
    GIVE: ("gave give gives/gave give gives/sold sell sells/lent lend lends/handed hand hands/sent send sends/"
           "passed pass passes"),
    HOLD: "boxes of/bags of/packs of/boxes with/bags with/baskets of/packs with/bowls of/jars of/rows of/piles of/groups of",
    TIMES: "had have has/had have has/bought buy buys/found find finds/made make makes",
    SHARE: ("shared them equally among|share them equally among|shares them equally among/"
            "split them equally among|split them equally among|splits them equally among/"
            "divided them among|divide them among|divides them among/divided them equally between|divide them equally between|"
            "divides them equally between/shared them with|share them with|shares them with/split them between|split them "
            "between|splits them between"),
    COME: "", GONE: "",
}
TAILS = {
    START: (" {n}",),
    GAIN: (" more", " more", " more {n}", " {n}", "", " more {n} today", " {n} from a friend", " extra {n}", " more from Anna"),
    LOSE: ("", "", " {n}", " {n}", " of them", " of those"),
    GIVE: (" to a friend", " {n} to a friend", " to Anna", " of them to my brother", " {n} to a neighbor", " {n} to Ben"),
    HOLD: (" {n}", " {n} each", " {n} in each"),
    TIMES: (" times as many {n}", " times as many"),
    SHARE: (" friends", " people", " children", " classmates", " neighbors", " kids"),
    COME: (" more came", " more {n} arrive", " more {n} were added", " more are added", " new {n} came", " more were bought",
           " more {n} are delivered", " more {n} are put there"),
    GONE: (" of them were sold", " were sold", " {n} were eaten", " of them break", " are taken away", " disappear", " were used",
           " of them were lost", " went missing", " {n} were used", " are given away", " get lost", " were thrown away"),
}
# {P} is the one it is about as a sentence begins, {p} within one; before N_JOINED there is no new sentence.
EVENT_LEADS = (" and", " and", ", then", " and then", " but", ". {P}", ". {P}", ". {S}", ". Then {p}", ". Later {p}",
               ", and {p}", ". The next day {p}")
N_JOINED = 5
PASSING_LEADS = (" and", ", and", " but", " and then", ", then", ".", ". Then", ". Later", ". After that,")
# {do} is did, do or does; {s} is the one as named, within a sentence
ASKS = {
    GAIN: (" {do} {s} have?", " {do} {p} have now?", " {do} {p} have in total?", " {do} {s} have altogether?",
           " {do} {p} have in all?", " {do} {s} have now?", " are there now?", " is that?", " are there in total?",
           " {do} {p} now have?"),
    LOSE: (" {do} {s} have left?", " {do} {p} have left?", " are left?", " remain?", " {do} {p} still have?",
           " {do} {p} have now?", " {do} {s} have?", " are there now?", " are still there?"),
    TIMES: (" {do} {s} have?", " {do} {s} have?"),
    SHARE: (" does each get?", " does each of them get?", " are there in each?", " is that for each?", " are in each?",
            " will each get?"),
    COME: (" are there now?", " are there in total?", " are there altogether?", " are there?", " is that in all?"),
    GONE: (" are left?", " remain?", " are there now?", " are still there?", " were left?"),
}
ASKS |= {HOLD: ASKS[GAIN], GIVE: ASKS[LOSE]}
# What stands for a scene's {i} (many), {j} (many others), {a} (one), {c} and {cs} (where they are), {p}, {P} and {q} (people)
SCENE_WORDS = (
    dict(i="apples", j="pears", a="book", c="bag", cs="bags", p="Tom", h="he", q="Anna"),
    dict(i="chairs", j="tables", a="ticket", c="row", cs="rows", p="Nora", h="she", q="Sam"),
    dict(i="cookies", j="cakes", a="pen", c="box", cs="boxes", p="Ben", h="he", q="Mia"),
    dict(i="books", j="pens", a="pizza", c="shelf", cs="shelves", p="Leila", h="she", q="Omar"),
    dict(i="eggs", j="rolls", a="toy", c="basket", cs="baskets", p="my sister", h="she", q="my brother"),
    dict(i="pencils", j="crayons", a="shirt", c="pack", cs="packs", p="Jack", h="he", q="Priya"),
    dict(i="students", j="teachers", a="notebook", c="class", cs="classes", p="Maria", h="she", q="Peter"),
    dict(i="potatoes", j="onions", a="cup of coffee", c="sack", cs="sacks", p="the farmer", h="he", q="his son"),
    dict(i="marbles", j="balls", a="game", c="jar", cs="jars", p="John", h="he", q="Lily"),
    dict(i="people", j="dogs", a="sandwich", c="bus", cs="buses", p="Emma", h="she", q="her friend"),
    dict(i="flowers", j="trees", a="lamp", c="garden", cs="gardens", p="Sara", h="she", q="Tom"),
    dict(i="candies", j="cards", a="ball", c="bowl", cs="bowls", p="the teacher", h="she", q="the boy"),
    dict(i="oranges", j="bananas", a="watermelon", c="crate", cs="crates", p="Max", h="he", q="Julia"),
    dict(i="stickers", j="stamps", a="poster", c="album", cs="albums", p="Zoe", h="she", q="Leo"),
    dict(i="bottles", j="cans", a="bottle of juice", c="case", cs="cases", p="David", h="he", q="Lucy"),
    dict(i="muffins", j="donuts", a="coffee", c="tray", cs="trays", p="Grace", h="she", q="Carlos"),
    dict(i="players", j="coaches", a="jersey", c="team", cs="teams", p="Ahmed", h="he", q="Kate"),
    dict(i="beads", j="shells", a="necklace", c="string", cs="strings", p="Rosa", h="she", q="Mark"),
    dict(i="seeds", j="bulbs", a="plant", c="pot", cs="pots", p="my mom", h="she", q="my dad"),
    dict(i="tickets", j="tokens", a="ride", c="roll", cs="rolls", p="James", h="he", q="Olivia"),
    dict(i="photos", j="letters", a="frame", c="folder", cs="folders", p="Amy", h="she", q="Paul"),
    dict(i="cups", j="plates", a="bowl", c="table", cs="tables", p="the cook", h="he", q="the waiter"),
    dict(i="coins", j="notes", a="hat", c="drawer", cs="drawers", p="Noah", h="he", q="Eva"),
    dict(i="fish", j="turtles", a="net", c="tank", cs="tanks", p="Kevin", h="he", q="Mei"),
)
# (before the first number, between, behind the second without its "?", which numbers are money); in REVERSED the first
# number is what the other one is lessened or divided by
SCENES = {
    "add": (
        ("{P} read", "pages on Monday and", "pages on Tuesday. How many pages did {h} read in total", ""),
        ("{P} has", "{i} and", "{j}. How many things does {h} have altogether", ""),
        ("There are", "{i} and", "{j} in the {c}. How many are there in total", ""),
        ("The shop sold", "{i} yesterday and", "today. How many {i} were sold altogether", ""),
        ("My dog weighs", "kg and my cat weighs", "kg. What do they weigh together", ""),
        ("We drove", "km on Saturday and", "km on Sunday. How many km is that in all", ""),
        ("{P} has", "{i}. {Q} has", "{i}. How many {i} do they have together", ""),
        ("{P} has", "{i} and {q} has", "{i}. How many {i} do they have in total", ""),
        ("{P} is", "years old. {Q} is", "years older. How old is {q}", ""),
        ("A {a} costs", "and a bag costs", ". How much do they cost together", "12"),
        ("{P} walked", "miles in the morning and", "miles in the evening. How many miles did {h} walk", ""),
        ("The numbers are", "and", ". What is their sum", ""),
        ("I have", "and", ". What is their total", ""),
        ("{P} paid", "for a {a} and", "for a drink. How much did {h} spend", "12"),
        ("It was", "degrees and then it got", "degrees warmer. What is the temperature now", ""),
        ("If a {a} costs", "and a bag costs", ", how much do both cost", "12"),
        ("A {c} has", "{i} and another {c} has", "{i}. How many {i} are in both {cs}", ""),
        ("{P} worked", "hours on Friday and", "hours on Saturday. How many hours did {h} work", ""),
        ("In the morning {p} sold", "{i}, and in the afternoon", "more. How many {i} did {h} sell", ""),
        ("The first {c} has", "{i} and the second has", ". How many {i} are there in all", ""),
    ),
    "subtract": (
        ("{P} has", "{i}. {Q} has", "{i}. How many more {i} does {p} have than {q}", ""),
        ("A {c} has", "{i} and", "are taken away. How many {i} are left", ""),
        ("A bus has", "seats and", "are taken. How many seats are free", ""),
        ("A rope is", "meters long. I cut off", "meters. How many meters are left", ""),
        ("I paid", "for something that costs", ". How much change do I get", "12"),
        ("{P} pays with", "for a {a} that costs", ". How much change does {h} get", "12"),
        ("A tank holds", "liters and", "liters leak out. How much is left in the tank", ""),
        ("There were", "birds in a tree and", "flew away. How many birds stayed", ""),
        ("There are", "{i} in the {c}.", "of them are red and the rest are blue. How many are blue", ""),
        ("A school has", "pupils and", "of them are girls. How many boys are there", ""),
        ("Out of", "{i},", "were sold. How many {i} were left", ""),
        ("{P} is", "years old. {Q} is", "years younger. How old is {q}", ""),
        ("It was", "degrees and it fell by", "degrees. What is the temperature now", ""),
        ("{P} needs", "{i} but has only", ". How many more {i} does {h} need", ""),
        ("{P} wants to buy a {a} for", "and has", ". How much more does {h} need", "12"),
        ("The numbers are", "and", ". What is their difference", ""),
        ("A {a} costs", "and a bag costs", "less. How much is the bag", "12"),
        ("If there are", "{i} in a {c} and you take", "out, how many are left", ""),
        ("A book has", "pages and {p} has read", "of them. How many pages are left", ""),
        ("There are", "people on the bus and", "get off. How many people are still on the bus", ""),
        ("The trip is", "km long and we have driven", "km. How many km are left", ""),
        ("{P} had", "in the bank and took out", ". How much is left", "12"),
        ("A {c} with", "{i} loses", "of them. How many {i} remain", ""),
    ),
    "multiply": (
        ("There are", "{cs} of", "{i}. How many {i} are there", ""),
        ("There are", "{cs} with", "{i} in each. How many {i} are there in total", ""),
        ("There are", "{cs}. Each {c} has", "{i}. How many {i} are there in all", ""),
        ("Each {c} holds", "{i}. How many {i} are in", "{cs}", ""),
        ("A {c} has", "{i}. How many {i} do", "{cs} have", ""),
        ("A {a} costs", ". How much do", "of them cost", "1"),
        ("A {a} is", ". What is the price of", "of them", "1"),
        ("If a {a} costs", ", how much do", "cost", "1"),
        ("{P} saves", "every month. How much does {h} save in", "months", "1"),
        ("{P} buys", "{i} for", "each. How much does {h} pay", "2"),
        ("{P} bought", "{i} at", "each. How much did {h} spend", "2"),
        ("{P} works", "hours a day for", "days. How many hours is that", ""),
        ("{P} earns", "an hour. How much does {h} earn in", "hours", "1"),
        ("A car drives", "miles an hour. How far does it go in", "hours", ""),
        ("{P} is", "years old. {Q} is", "times as old. How old is {q}", ""),
        ("A room is", "meters long and", "meters wide. What is its area", ""),
        ("{P} eats", "{i} a day. How many {i} does {h} eat in", "days", ""),
        ("The numbers are", "and", ". What is their product", ""),
        ("{P} has", "{i} and {q} has", "times as many. How many {i} does {q} have", ""),
        ("If I read", "pages a day, how many pages do I read in", "days", ""),
        ("There are", "{i} in a {c}. How many are there in", "{cs}", ""),
        ("How many {i} are in", "{cs} of", "{i}", ""),
        ("A worker makes", "{i} an hour for", "hours. How many {i} is that", ""),
    ),
    "divide": (
        ("If", "{i} are shared equally among", "kids, how many does each kid get", ""),
        ("{P} puts", "{i} into {cs} of", ". How many {cs} does {h} fill", ""),
        ("A ribbon of", "meters is cut into", "equal pieces. How long is each piece", ""),
        ("{P} puts", "{i} into", "{cs} equally. How many {i} are in each {c}", ""),
        ("There are", "{i} for", "people. How many does each person get", ""),
        ("A bill of", "is split evenly among", "friends. How much does each pay", "1"),
        ("{P} drove", "miles in", "hours. How many miles is that per hour", ""),
        ("{P} paid", "for", "{i}. How much does each cost", "1"),
        ("The numbers are", "and", ". What is their quotient", ""),
        ("{P} earned", "in", "hours. How much is that per hour", "1"),
        ("{P} has", "{i} and gives the same number to each of", "friends. How many does each get", ""),
        ("We share", "among", "people. How much does each get", "1"),
        ("Split", "{i} into", "equal groups. How many are in each group", ""),
        ("A class of", "students is divided into", "teams. How many students are in each team", ""),
        ("{P} reads a book of", "pages in", "days. How many pages is that per day", ""),
        ("There are", "{i} in", "equal {cs}. How many {i} are in each {c}", ""),
    ),
}
REVERSED_SCENES = {
    "subtract": (
        ("{P} took", "of the", "{i}. How many {i} are left", ""),
        ("{P} gave away", "of", "{i}. How many {i} does {h} have left", ""),
        ("I have", "and want to buy a {a} for", ". How much more do I need", "12"),
        ("{P} took", "{i} out of a {c} with", ". How many {i} are left in the {c}", ""),
        ("After selling", "of", "{i}, how many {i} are left", ""),
        ("{P} has done", "of", "tasks. How many tasks are left", ""),
    ),
    "divide": (
        ("There are", "friends who split a bill of", ". How much does each pay", "2"),
        ("How many {cs} of", "{i} can you fill with", "{i}", ""),
        ("A {c} holds", "{i}. How many {cs} do you need for", "{i}", ""),
        ("A {a} costs", ". How many can {p} buy for", "", "12"),
        ("If", "people share", "{i} equally, how many does each get", ""),
        ("{P} saves", "a week. How many weeks does {h} need for", "", "12"),
    ),
}
