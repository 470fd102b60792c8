"""The phrases of stories: "Tom had 12 apples and bought 9 more. How many does he have now?". Imports nothing.

A chain tells what someone had and what happened to it, an operation an event; told/*.txt has the other ones. `stories.py`
chooses among them; `parser_stories.py`, which reads them back, has patterns of its own.
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
AS_NAMES = ("I", "Grandma", "Mr. Lee", "Mrs. Brown")    # with a capital within a sentence, too
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
# {P} is the one it is about as a sentence begins, {p} within one; before N_NAMELESS it isn't said who does what follows,
# before N_JOINED and N_PASSING_JOINED there is no new sentence.
EVENT_LEADS = (" and", " and", ", then", " and then", " but", " and {p}", ", and {p}", ". {P}", ". {P}", ". {S}", ". Then {p}",
               ". Later {p}", ". The next day {p}")
N_NAMELESS, N_JOINED, N_PASSING_JOINED = 5, 7, 5
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
