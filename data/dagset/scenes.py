"""Scenes: little word problems with words of their own, by what they come to. Imports `formulas`, more of them.

In a scene N is a number, P one in percent and $N an amount of money; {i} are many things and {j} others, {a} is one, {c} and {cs} are what
holds them, {p} and {q} are two people and {h} the first of them again. Of [on Monday|today] one is said; groups of one
letter, [v:read|ate] ... [v:read|eat], agree; <ALL> is one of GROUPS. Sentences get their capitals later, and the last
its "?" where it asks.
"""
import functools
import random
import re

from data.dagset.formulas import FORMULAS

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
N_VARIANTS, N_LOWER = 24, 3             # ways to say a scene, the last of them in lower case
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
SCENES = {
    "a + b": (
        "{p} [v:read|wrote|finished] N pages <T1> and N [pages |more pages |more |]<T2>. How many pages did {h} "
        "[v:read|write|finish]<ALL>",
        "{p} <DID> N {i} <T1> and N [{i} |more {i} |more |]<T2>. How many {i} did {h} <DO><ALL>",
        "{p} <DID> N {i} <T1>. [then |]{h} <DID> N [{i} |more {i} |more |]<T2>. How many {i} did {h} <DO><ALL>",
        "<T1> {p} <DID> N {i}[, and| and] <T2> {h} <DID> N[ more| {i}|]. How many {i} did {h} <DO><ALL>",
        "{p} <WENT> N <FAR> <T1> and N[ <FAR>| more] <T2>. [How many <FAR> did {h} <GO><ALL>|How far did {h} "
        "<GO><ALL>]",
        "{p} has N {i} and N {j}. How many [things|items] does {h} have<ALL>",
        "There are N {i} and N {j} in [a|the] {c}. How many [things |items |]are [there|in the {c}]<ALL>",
        "{p} [has|found|bought|owns] N {i}[.| and|, and] {q} [has|found|bought|owns] N[ {i}|]. "
        "How many {i} do they have[ together| in total| altogether| in all]",
        "{p} is N years old. {q} is N years older[| than {p}]. How old is {q}",
        "{p} is N years old[. How| now. How] old will {h} be in N years",
        "A {a} costs $N and a [bag|drink|cake] costs $N. [How much do they cost together|What is the total cost|How "
        "much do "
        "both cost|How much is that<ALL>|How much must {p} pay for both]",
        "{p} [v:paid|spent] $N for a {a} and $N for a [bag|drink|cake]. How much[ money|] did {h} "
        "[v:pay|spend]<ALL>",
        "{p} [v:earned|saved|spent] $N <T1> and $N <T2>. How much[ money|] did {h} [v:earn|save|spend]<ALL>",
        "{p} had $N in the bank and [put in|added] $N[| more]. How much[ money|] does {h} have now",
        "The numbers are N and N. What is their [sum|total]",
        "I have N and N. What is their [sum|total]",
        "It was N degrees[ in the morning|] and [then it got N degrees warmer|it rose by N degrees]. What is the "
        "temperature now",
        "N [people|visitors|children] came to the [park|museum|show|zoo] <T1> and N [people |visitors |more |]<T2>. "
        "How many came<ALL>",
        "There are N boys and N girls in [a|the] [class|school|choir|club]. How many [children|students|kids] are "
        "there<ALL>",
        "A [class|school|choir|club] has N boys and N girls. How many [children|students|kids] [are there|does it "
        "have]<ALL>",
        "There [were|are] N [x:birds|cars|people|ducks] [x:in a tree|in a street|on the bus|on the lake] and N more "
        "[x:flew in|arrived|got on|came]. How many [x:birds|cars|people|ducks] are there now",
        "After [giving away|selling|losing|eating] N {i}, {p} has N [left|{i} left]. How many[ {i}|] did {h} have "
        "[at first|before]",
        "N {i} are <RED> and N are <BLUE>. How many {i} are there<ALL>",
        "A [x:rope|ribbon|board|stick] is N <LONG> long and [another|the other] is N <LONG> long. How long are they "
        "together",
        "My dog weighs N kg and my cat [weighs |]N kg. [What|How much] do they weigh together",
        "A {c} [has|holds] N {i} and another {c} [has|holds] N[ {i}|]. How many {i} are in both {cs}",
        "It takes {p} N minutes to [clean|cook|walk home] and N minutes to [eat|read|rest]. How many minutes is "
        "that<ALL>",
        "{p} has N {i}, which is N fewer than {q} has. How many {i} does {q} have",
        "The first {c} has N {i} and the second has N. How many are there<ALL>",
        "The {c} has N <RED> {i} and N <BLUE> {i}. How many {i} does it have<ALL>",
        "{p} has N {i}[.| and] {q} has N more[ than {p}| than {h} does|]. How many[ {i}|] does {q} have",
        "A [x:zoo|farm|club|school] has N [x:monkeys|cows|members|students]. Then N more [arrive|come]. How many "
        "[x:monkeys|cows|members|students] [are there|does it have] now",
        "{p} bought a {a} for $N and a [bag|drink|cake] for $N. How much did {h} [spend|pay]<ALL>",
        "Some people were on a bus. After N [people |]got off, N were still [there|on it]. How many[ people|] were "
        "[on it|on the bus|there] at first",
        "{p} is N years older than {q}, who is N[ years old|]. How old is {p}",
        "There are N more [g:boys|girls|cats] than [g:girls|boys|dogs]. If there are N [g:girls|boys|dogs], how many "
        "[g:boys|girls|cats] are there",
        "On Monday {p} <DID> N {i}. On Tuesday {h} <DID> N more than on Monday. How many[ {i}|] did {h} <DO> on "
        "Tuesday",
        "{p} <DID> N {i} and {q} <DID> N. How many[ {i}|] did they <DO>[ together| in total| altogether|]",
        "A [baby|cat|dog] weighed N kg [in May|last year] and gained N kg. How much does it weigh now",
        "{p} cuts N <LONG> off a [rope|ribbon|board], and N <LONG> are left. How long was it [at first|before]",
        "N is N [less|smaller|fewer] than [which|what] number",
        "[Some|A] number minus N [gives|is|makes] N. [What|Which] is the number",
        "[What|Which] number minus N [gives|makes] N",
        "If I take N from a number, I get N. What is [the|my] number",
        "I am thinking of a number. If I [subtract|take away] N, I get N. What is [the|my] number",
        "What do N and N [make|come to] together",
        "[Go N up from N|Count up N from N]. Where do you [land|end up]",
        "[How much|What] [is|are] N and N [together|combined]",
        "What do N and N add up to",
        "How much do N and N [make|add up to]",
        "I want to know how much is N and N [together|combined].",
        "{p} had N {i} and {q} gave [him|her|them] N more. How many[ {i}|] [does {h} have now|is that]",
        "N {i} were on the table and N more were [put|added] there. How many are there[ now|]",
        "A {c} held N {i}. N more [arrived|came|were put in]. How many {i} are there now",
        "{p} scored N points in the first [game|half] and N in the second. How many points is that<ALL>",
        "{p} had $N and [found|earned|got|won] $N. How much[ money|] does {h} have[ now|]",
    ),
    "a - b": (
        "{p} has N {i}[.| and] {q} has N[| {i}]. How many more {i} does {p} have than {q}",
        "{p} has N {i}[.| and] {q} has N[| {i}]. How many fewer {i} does {q} have than {p}",
        "A {c} [has|had] N {i} and N [are|were] [taken away|taken out|sold|removed|used]. How many {i} <LEFT>",
        "A [bus|theater|plane|train|hall] has N seats and N[ of them|] are [taken|sold]. How many seats are <FREE>",
        "A [rope|ribbon|wire|board] is N <LONG> long. {p} cuts off N[| <LONG>]. [How long is [the rest|it now]|How "
        "many <LONG> are left]",
        "I paid $N for something that costs $N. How much change do I get",
        "{p} pays with $N for a {a} that costs $N. How much change does {h} get",
        "A tank [holds|has|contains] N liters[ of water|] and N[ liters|] [leak out|are used|are poured out]. "
        "[How much is left[ in the tank|]|How many liters are left]",
        "There were N [x:birds|cars|people|ducks] [x:in a tree|in a street|on the bus|on the lake] and N [of them |]"
        "[x:flew away|drove away|got off|left]. How many [x:birds|cars|people|ducks] [stayed|are left|remain|are "
        "still there]",
        "There are N {i} in the {c}. N of them are <RED> and the rest are <BLUE>. How many[ {i}|] are <BLUE>",
        "A [class|school|choir|club] has N [children|students|kids] and N of them are [g:girls|boys]. How many "
        "[g:boys|girls] are there",
        "[Out of|Of] N {i}, N were [sold|broken|eaten|lost]. How many[ {i}|] [were left|are left|remain]",
        "{p} is N years old. {q} is N years younger[| than {p}]. How old is {q}",
        "{p} is N years old[. How| now. How] old was {h} N years ago",
        "It was N degrees[ in the morning|] and [then it got N degrees colder|it fell by N degrees|it dropped by N "
        "degrees]. "
        "What is the temperature now",
        "{p} needs N {i} [but has only|and already has|but only has] N. How many more[ {i}|] does {h} need",
        "{p} wants to buy a {a} [for|that costs] $N [and has|but has only] $N. How much more[ money|] does {h} need",
        "The numbers are N and N. What is their difference",
        "A {a} costs $N and a [x:bag|drink|cake] costs $N less. How much [is the [x:bag|drink|cake]|does the "
        "[x:bag|drink|cake] cost]",
        "If there are N {i} in a {c} and you take N out, how many are left",
        "A book has N pages[ and|.] {p} has[ already|] read N[ pages| of them|]. How many pages [are left|does {h} "
        "still have to read]",
        "There are N people on the bus and N get off. How many people are[ still|] on the bus[ now|]",
        "The [trip|road|race] is N <FAR> long and {p} has [driven|gone|run] N[| <FAR>]. [How many <FAR> are left|How "
        "far is it still]",
        "{p} had $N in the bank and took out $N. How much[ money|] [is left|does {h} have now]",
        "A {c} with N {i} loses N of them. How many {i} remain",
        "{p} has N {i}, which is N more than {q} has. How many {i} does {q} have",
        "{p} wants to <DO> N {i} and has <DONE> N so far. How many more[ {i}|] does {h} have to <DO>",
        "{p} <DID> N {i} <T1> and N[ {i}|] <T2>. How many more {i} did {h} <DO> <T1> than <T2>",
        "A baker [baked|made] N [b:loaves|cakes|pies|rolls] and sold N[| of them]. How many "
        "[b:loaves|cakes|pies|rolls] are left",
        "The price of a {a} was $N and it [fell|dropped|was reduced] by $N. What is the[ new|] price[ now|]",
        "{p} weighs N kg and {q} weighs N kg. [How much heavier is {p}|How many kg more does {p} weigh]",
        "{p} is N cm tall and {q} is N cm tall. [How much taller is {p}|How many cm taller is {p} than {q}]",
        "{p} had N {i}[. {h}| and] gave some [of them |]away and has N left. How many[ {i}|] did {h} give away",
        "{p} had N {i}. Now {h} has[ only|] N. How many[ {i}|] did {h} [lose|give away|eat|sell]",
        "{p} and {q} have N {i} together. {p} has N of them. How many[ {i}|] does {q} have",
        "{p} owes {q} $N and pays back $N. How much does {h} still owe",
        "N people [voted|were asked] and N of them said yes. How many [said no|did not say yes]",
        "There are N seats in the [hall|bus|plane]. If N[ of them|] are [taken|filled], how many are [free|empty]",
        "On Monday {p} <DID> N {i}. On Tuesday {h} <DID> N fewer. How many[ {i}|] did {h} <DO> on Tuesday",
        "A [ship|truck|train] carried N {cs} and unloaded N[ of them|]. How many[ {cs}|] are [left|still on board]",
        "{p} had N {i} and [used|ate|sold|lost|threw away] N[ of them| {i}|]. How many[ {i}|] does {h} [keep|have "
        "now|still have|have left]",
        "{p} [picked|bought|found] N {i}, but N[ of them|] were [bad|broken|rotten]. How many[ {i}|] were good",
        "{p} <DID> N {i} and {q} <DID> N[ {i}|]. How many more[ {i}|] did {p} <DO> than {q}",
        "N is N [more|bigger|greater] than [which|what] number",
        "From N[,|] take [off|away] N. [What|How much] is left",
        "[Take|You have] N[,| and] [knock|take] off N. [What|How much] is left",
        "N minus what [makes|gives] N",
        "[What|How much] must I [subtract|take away] from N to [reach|get] N",
        "[Start at N and go down|Count down from N by] N. Where do you [land|end up]",
        "What is the difference if you [compare|have] N and N",
        "How many more is N than N",
        "{p} is N years old and {q} is N. How many years older is {p}",
        "{p} had N {i} and gave {q} N. How many[ {i}|] does {h} have[ left|]",
        "It was N degrees [at noon|in the afternoon] and [dropped|fell] N degrees by [midnight|night]. What [was|is] the temperature[ then|]",
        "A [swimmer|runner] did N laps on Monday and N fewer on Tuesday. How many laps did [he|she] do on Tuesday",
        "N {i} were in the {c} and N [were taken|got lost|went away|were sold]. How many [are left|stayed|remain]",
        "N [birds|cars|people] were there and N [left|went away]. How many [stayed|remained]",
        "{p} paid for a {a} with $N. It cost $N. How much change did {h} get",
    ),
    "b - a": (
        "{p} took N of the N {i}. How many {i} are left",
        "{p} gave away N of N {i}. How many {i} does {h} have left",
        "I have $N and want to buy a {a} for $N. How much more do I need",
        "{p} took N {i} out of a {c} with N. How many {i} are left in the {c}",
        "After selling N of N {i}, how many {i} are left",
        "{p} has done N of N tasks. How many tasks are left",
        "A {a} costs $N[.| and] {p} [pays with|gives] $N. How much change does {h} get",
        "{p} has N {i}. How many more[ {i}|] does {h} need to [have|get to] N",
        "{p} has N {i} and wants[ to have|] N. How many more[ {i}|] does {h} need",
        "{p} has N {i} and {q} has N. How many more[ {i}|] does {q} have than {p}",
        "{p} had N {i}. Now {h} has N. How many[ {i}|] did {h} [get|find|buy]",
        "N of the N {i} are [x:red|broken|ripe|new]. How many[ {i}|] are not[ [x:red|broken|ripe|new]|]",
        "{p} has <DONE> N {i} and wants to <DO> N. How many more[ {i}|] does {h} have to <DO>",
        "After buying N {i}, {p} has N. How many[ {i}|] did {h} have [at first|before]",
        "{p} is N years younger than {q}, who is N[ years old|]. How old is {p}",
        "There are N fewer [g:boys|girls|cats] than [g:girls|boys|dogs]. If there are N [g:girls|boys|dogs], how "
        "many [g:boys|girls|cats] are there",
        "If N of the N {i} are [broken|bad|lost], how many are [left|good]",
        "{p} has read N pages of a book with N pages. How many pages are left",
        "What plus N [makes|gives] N",
        "[What|How much] must I add to N to [reach|get|make] N",
        "[What|Which] number[, when|] added to N [gives|makes] N",
        "[Some|A] number plus N [gives|is|makes] N. [What|Which] is the number",
        "I am thinking of a number. If I add N, I get N. What is [the|my] number",
        "How much is missing from N to N",
        "If N [is|are] taken from N, [what|how much] is left",
        "{p} spent N of [his|her|their] $N. How much is left",
        "{p} used N of N {i}. How many[ {i}|] are left",
        "After [spending|paying] $N of $N, how much is left",
    ),
    "a * b": (
        "There are N {cs} [of|with] N {i}[| each| in each]. How many {i} are there<ALL>",
        "There are N {cs}. Each {c} [has|holds] N {i}. How many {i} are there<ALL>",
        "There are N {cs} and [each|every] {c} [has|holds] N {i}. How many {i} are there<ALL>",
        "{p} has N {cs} [of|with] N {i}[| each| in each]. How many {i} does {h} have<ALL>",
        "[Each|A|Every] {c} [holds|has] N {i}. How many {i} are[ there|] in N {cs}",
        "A {c} has N {i}. How many {i} do N {cs} have",
        "There are N {i} in [a|each] {c}. How many[ {i}|] are there in N {cs}",
        "A {a} costs $N. [How much do N of them cost|What is the price of N of them|How much does {p} pay for N of "
        "them]",
        "If a {a} costs $N, how much do N cost",
        "{p} [v:buys|bought] N {i} [for|at] $N each. How much [v:does|did] {h} [pay|spend]<ALL>",
        "N {i} cost $N each. [How much is that<ALL>|What is the total cost|How much do they cost<ALL>]",
        "{p} [v:saves|earns|spends|gets] $N<A> <DAY>. How much[ money|] does {h} [v:save|earn|spend|get] in N <DAYS>",
        "{p} works N hours[ a| each| every] day for N days. How many hours [is that|does {h} work]<ALL>",
        "A [car|train|bus|truck] [drives|goes|travels] N [u:miles|km][ an| each| every| per] hour. [How far does it [go|drive|travel]|"
        "How many [u:miles|km] does it [go|drive|travel]] in N hours",
        "{p} is N years old. {q} is N times as old. How old is {q}",
        "A [room|garden|field|wall] is N <LONG> long and N[ <LONG>|] wide. What is its area",
        "{p} <DOES> N {i}<A> <DAY>. How many {i} does {h} <DO> in N <DAYS>",
        "If {p} <DOES> N {i}<A> <DAY>, how many {i} does {h} <DO> in N <DAYS>",
        "{p} <DID> N {i}<A> <DAY> for N <DAYS>. How many {i} did {h} <DO><ALL>",
        "If I read N pages a day, how many pages do I read in N days",
        "The numbers are N and N. What is their product",
        "{p} has N {i} and {q} has N times as many. How many {i} does {q} have",
        "How many {i} are in N {cs} of N {i}",
        "A worker makes N {i} an hour for N hours. How many {i} is that",
        "N <KIDS> [get|have|bring|need] N {i} each. How many {i} is that<ALL>",
        "{p} gives N {i} to each of N <KIDS>. How many {i} does {h} [give away|need]",
        "A [theater|hall|garden|field] has N rows [of|with] N [x:seats|chairs|trees|plants][ each|]. How many "
        "[x:seats|chairs|trees|plants] "
        "are there<ALL>",
        "{p} runs N laps of N meters[ each|]. How many meters does {h} run",
        "A [x:cake|pie|soup] needs N eggs. How many eggs [are needed|does {p} need] for N [of them|[x:cakes|pies|soups]]",
        "A {c} weighs N kg. How much do N {cs} weigh",
        "N <KIDS> each [brought|have|paid for|made] N {i}. How many {i} [is that|are there]<ALL>",
        "Each of N <KIDS> [pays|gives] $N. How much [is that|do they pay]<ALL>",
        "There are N {i} in a {c} and {p} has N {cs}. How many {i} does {h} have",
        "{p} [needs|uses] N eggs for [a|each] cake. How many eggs does {h} need for N cakes",
        "[A|Each] [x:spider|dog|table|car] has N [x:legs|legs|legs|wheels]. How many [x:legs|legs|legs|wheels] do N "
        "[x:spiders|dogs|tables|cars] have",
        "{p} bought N kg of {i} [at|for] $N [a|per] kg. How much did [{h} pay|they cost]",
        "{p} [v:swims|runs] N laps on each of N days. How many laps does {h} [v:swim|run]<ALL>",
        "N [workers|men|machines] can each make N {i}[ a day|]. How many[ {i}|] can they make together",
        "The [school|club] bought N {i} for $N each. How much did it [spend|pay]",
        "A {c} weighs N kg. What is the weight of N {cs}",
        "[Some|A] number divided by N [gives|is] N. [What|Which] is the number",
        "I am thinking of a number. If I divide it by N, I get N. What is [the|my] number",
        "{p} [v:saved|earned|spent] $N<A> <DAY> for N <DAYS>. How much[ money|] did {h} [v:save|earn|spend]<ALL>",
        "{p} earns $N an hour and worked N hours. How much did {h} earn",
        "A [theater|cinema|museum] sold N tickets [at|for] $N each. How much[ money|] did it [take in|get]",
        "A recipe [needs|uses] N [cups of sugar|eggs|potatoes] [per|for each] batch. How many are needed for N batches",
        "{p} earns $N an hour and worked N hours [on Saturday|yesterday|this week]. How much did {h} [make|earn]",
        "Each of [the |]N <KIDS> paid $N. How much [was collected|did they pay]<ALL>",
        "N [vans|buses|boats] each [hold|carry] N {i}. How many[ {i}|] [can they carry|is that]<ALL>",
        "A {c} can hold N {i}. How many[ {i}|] can N [{cs}|of them] hold",
        "{p} buys N {i} at $N [apiece|a piece|per piece]. How much does {h} pay",
        "{p} plants N rows with N {i} in [each|every] row. How many {i} is that",
        "There are N [days|hours] and {p} <DOES> N {i} in each. How many[ {i}|] is that",
    ),
    "a / b": (
        "[f:If |]N {i} are [shared|divided|split] [equally|evenly] <AMONG> N <KIDS>[f:, how|. How] many[ {i}|] does "
        "each[ <KID>|] get",
        "{p} [puts|packs|sorts] N {i} into {cs} of N[| {i}| each]. How many {cs} does {h} [fill|need|get]",
        "{p} [puts|packs|sorts] N {i} into N {cs}[ equally|]. How many {i} are in each {c}",
        "There are N {i}. Each {c} holds N[ {i}|]. How many {cs} are needed",
        "A [ribbon|rope|board] of N <LONG> is cut into N equal [x:pieces|parts]. How long is each [x:piece|part]",
        "A [ribbon|rope|board] is N <LONG> long and is cut into pieces of N <LONG>. How many pieces are there",
        "There are N {i} for N <KIDS>. How many[ {i}|] does each <KID> get",
        "A bill of $N is [split|shared] [evenly|equally] <AMONG> N <KIDS>. How much does each[ <KID>|] pay",
        "{p} <WENT> N <FAR> in N hours. How many <FAR> is that per hour",
        "{p} paid $N for N {i}. [How much does each cost|How much did each cost|What is the price of each]",
        "The numbers are N and N. What is their quotient",
        "{p} earned $N in N <DAYS>. How much is that[ per| a| each] <DAY>",
        "{p} has N {i} and gives the same number to each of N <KIDS>. How many[ {i}|] does each get",
        "{p} has N {i} and wants to share them [equally|evenly] <AMONG> N <KIDS>. How many[ {i}|] does each get",
        "We share $N <AMONG> N <KIDS>. How much does each get",
        "Split N {i} into N equal groups. How many[ {i}|] are in each group",
        "A class of N students is divided into N [x:teams|groups]. How many students are in each [x:team|group]",
        "A class of N students is divided into [x:teams|groups] of N. How many [x:teams|groups] are there",
        "{p} reads a book of N pages in N days. How many pages [is that|does {h} read][ per| a| each] day",
        "{p} <DID> N {i} in N <DAYS>. How many[ {i}|] [is that|did {h} <DO>][ per| a| each] <DAY>",
        "There are N {i} in N[ equal|] {cs}. How many {i} are in each {c}",
        "{p} has $N. A {a} costs $N. How many[ of them|] can {h} buy",
        "{p} has to [drive|go|walk] N <FAR> and [does|goes] N <FAR> an hour. How many hours does it take",
        "The area of a [room|garden|field|wall] is N and it is N <LONG> long. How wide is it",
        "A [box|bag] of N {i} [is|was] shared[ equally|] by N <KIDS>. How many[ {i}|] [does|did] each[ <KID>|] get",
        "{p} has N {i} to put in {cs}, and each {c} [takes|holds] N. How many {cs} does {h} need",
        "{p} had N {i} and put the same number [into|in] each of N {cs}. How many {i} are in each[ {c}|]",
        "N [players|students|children] are put into [x:teams|groups] of N. How many [x:teams|groups] are there",
        "A {a} costs $N and is paid in N equal parts. How much is each[ part|]",
        "{p} has N {i} and uses N for each [x:cake|soup|toy]. How many [x:cakes|soups|toys] can {h} make",
        "{p} [shares|shared|divides|divided] N {i} equally <AMONG> N <KIDS>. How many[ {i}|] [does|did] each[ "
        "<KID>|] get",
        "{p} collected N {i} and [packed|put] them in {cs} of N. How many {cs} did {h} [fill|need]",
        "There are N {i} to be put in N equal {cs}. How many[ {i}|] will be in each[ {c}|]",
        "What number [do I|must I|do you] divide N by to get N",
        "What must N be divided by to get N",
        "How many pieces do you get if you cut N into pieces of N",
        "A [rope|ribbon|board] N <LONG> long is cut into N equal pieces. How long is each[ piece|]",
        "{p} [has|picked|made] N {i} and [packs|puts] N in [each|every|a] {c}. How many {cs} [is that|does {h} fill|are there]",
        "{p} paid $N for N {i} of the same price. How much was each",
        "A car uses N liters [of gas |]for N km. How much is that per km",
        "$N is [split|shared] [equally|evenly] [by|among|between] N <KIDS>. How much does each get",
        "If N {i} are [put|packed] into {cs} of N, how many {cs} [are there|is that]",
    ),
    "b / a": (
        "There are N <KIDS> who split a bill of $N. How much does each pay",
        "How many {cs} of N {i} can you fill with N {i}",
        "[A|Each] {c} holds N {i}. How many {cs} [do you need|are needed] for N {i}",
        "A {a} costs $N. How many can {p} buy [for|with] $N",
        "[f:If |]N <KIDS> share N {i} equally[f:, how|. How] many[ {i}|] does each get",
        "{p} saves $N a <DAY>. How many <DAYS> does {h} need for $N",
        "N {i} cost $N. [How much does each cost|What is the price of each]",
        "{p} reads N pages a day. How many days does {h} need [for|to read] N pages",
        "{p} <DOES> N {i}<A> <DAY>. How many <DAYS> does {h} need to <DO> N[ {i}|]",
        "In N hours {p} <WENT> N <FAR>. How many <FAR> is that per hour",
        "In N equal {cs} there are N {i}[ altogether|]. How many[ {i}|] are in each {c}",
        "{p} [puts|put] N {i} in each {c}. If {h} has N {i}, how many {cs} can {h} fill",
        "N {cs} hold N {i}. How many {i} does each {c} hold",
        "N <KIDS> are going to share $N[ equally|]. How much does each get",
        "[What|Which] number [times|multiplied by] N [gives|makes] N",
        "N times [what|which number] [gives|makes] N",
        "How many times as [big|large|much|long] as N is N",
        "I am thinking of a number. N times [it|my number] is N. What is [it|my number]",
        "[Some|A] number times N [gives|is|makes] N. [What|Which] is the number",
        "{p} uses N {i} for [every|each] [x:cake|soup|toy]. How many [x:cakes|soups|toys] can {h} make [from|with] N[ {i}|]",
        "There are N {i} in [each|every] {c}. How many {cs} [have|hold|make] N {i}",
        "N kilos of {i} cost $N. How much is [a kilo|each kilo|it per kilo]",
    ),
    "a - b * c": (
        "{p} [v:has|had] $N and [v:buys|bought] N {i} [for|at] $N each. How much[ money|] [v:does|did] {h} have left",
        "{p} had N {i} and gave N <KIDS> N[ {i}|] each. How many[ {i}|] [does {h} have left|are left]",
        "A {c} had N {i}. N <KIDS> took N each. How many {i} are left",
        "{p} has $N and spends $N a day for N days. How much[ money|] is left",
        "A book has N pages. {p} read N pages a day for N days. How many pages are left",
        "{p} wants to read a book of N pages. {h} reads N pages a day for N days. How many pages are left",
        "A tank [holds|has] N liters and leaks N liters [an|every|each] hour. How much is [left|in it] after N hours",
        "{p} had $N and bought N {i} [for|at] $N [each|apiece]. How much[ money|] [is left|does {h} have now]",
        "A shop had N {i}. N <KIDS> bought N each. How many are left",
    ),
    "a + b * c": (
        "{p} [v:has|had] N {i} and [v:buys|bought] N {cs} of N. How many {i} does {h} have now",
        "{p} has $N and [v:saves|earns] $N a <DAY> for N <DAYS>. How much[ money|] does {h} have[ then| now|]",
        "{p} pays $N for a {a} and buys N {i} for $N each. How much does {h} spend<ALL>",
        "There are N single {i} and N {cs} of N[ {i}|]. How many {i} are there<ALL>",
    ),
    "a * b + c": (
        "{p} [v:buys|bought] N {i} [for|at] $N each and a {a} for $N. How much [v:does|did] {h} [pay|spend]<ALL>",
        "There are N {cs} of N {i} and N [more|single|more {i}|other {i}]. How many {i} are there<ALL>",
        "{p} works N hours for $N an hour and gets $N more. How much does {h} get<ALL>",
        "N <KIDS> each brought N {i}, and the teacher brought N more. How many {i} [is that|were brought]<ALL>",
        "A plumber [charges|takes] $N an hour. {p} pays for N hours and $N for parts. How much is that<ALL>",
        "{p} read N pages a day for N days and has N pages left. How many pages does the book have",
        "After giving N {i} to each of N <KIDS>, {p} has N left. How many[ {i}|] did {h} have at first",
        "{p} has N {cs} of N {i} and N more {i}[ at home|]. How many {i} does {h} have<ALL>",
        "[Take|What is] N times N, [then|and then] [plus|add] N",
        "<WHATS> N times N, [then |]plus N",
        "N times N, plus N",
        "N [boats|vans|buses] carried N people each and N more people [waited|walked]. How many people were there<ALL>",
        "{p} puts N {i} in each of N {cs} and N are left over. How many {i} [are there|does {h} have]<ALL>",
        "{p} bought N {i} for $N [each|apiece] and paid $N for [shipping|a box]. How much was it<ALL>",
    ),
    "a * b - c": (
        "{p} sold N {i} for $N each and spent $N. How much[ money|] does {h} have left",
        "There are N {cs} of N {i}, but N[ {i}|] are broken. How many[ {i}|] are [good|whole]",
        "{p} works N hours for $N an hour and pays $N in taxes. How much does {h} keep",
        "{p} has N {cs} of N {i}[| each] and [gives N to {q}|loses N|sells N[ {i}|]]. How many[ {i}|] does {h} "
        "[keep|have left]",
        "A hall has N rows with N seats[ each|]. If N[ seats|] are taken, how many are free",
        "{p} bought N {i} at $N each and got $N off. How much did {h} pay",
        "{p} made N {i} and sold each for $N. Then {h} spent $N. How much money is left",
        "[Take|What is] N times N, [then|and then] [minus|take away|subtract] N",
        "A {c} has N {i}. {p} buys N {cs} and [uses|eats|gives away] N[ {i}|]. How many[ {i}|] are left",
        "A factory makes N {i} a day. After N days, N are [found to be |]broken. How many good {i} are there",
        "{p} sold N {i} at $N [each|apiece] and spent $N on them. What was the profit",
        "<WHATS> N times N, [then |]minus N",
        "N times N, minus N",
        "{p} got N {cs} with N {i} each. N [broke|were lost]. How many are left",
    ),
    "c - a * b": (
        "{p} [v:buys|bought] N {i} [for|at] $N each and [v:pays|paid] with $N. How much change [v:does|did] {h} get",
    ),
    "(a + b) * c": (
        "{p} reads N pages in the morning and N[ pages|] in the evening. How many pages does {h} read in N days",
        "There are N {i} and N {j} in each {c}. How many things are in N {cs}",
        "<WHATS> N plus N, [then |]times N",
        "A {a} is $N and a [bag|drink|cake] is $N. What would N people pay if everybody gets both",
        "Each {c} has N {i} and N {j}. How many things are in N {cs}",
        "If a {a} costs $N and a [bag|drink|cake] $N, how much do N of both cost",
    ),
    "(a + b) / c": (
        "{p} has N {i} and {q} has N[ {i}|]. They [put|pack] them into N {cs} equally. How many {i} are in each {c}",
        "N boys and N girls form N equal groups. How many [children|students|kids] are in each group",
        "{p} has N {i} and N {j} and puts them into N {cs} equally. How many things are in each[ {c}|]",
        "{p} won N {i} and {q} won N. They split them equally <AMONG> N <KIDS>. How many[ {i}|] does each get",
        "<WHATS> N plus N, divided by N",
        "We drove N <FAR> in the morning and N[ <FAR>|] [after lunch|later] in N hours. How many <FAR> is that per hour",
        "N {i} and N {j} are put into N equal {cs}. How many are in each",
    ),
    "(a - b) / c": (
        "{p} has N {i}, keeps N and shares the rest equally <AMONG> N <KIDS>. How many[ {i}|] does each get",
        "{p} had N {i} and lost N. {h} put the rest into N {cs}[ equally|]. How many {i} are in each {c}",
        "{p} had N {i}, [ate|used|gave away|sold] N[ of them|] and shared the rest equally <AMONG> N <KIDS>. How "
        "many[ {i}|] did each[ <KID>|] get",
        "{p} had N {i}. {h} gave away N and divided the rest equally <AMONG> N <KIDS>. How many[ {i}|] did each[ "
        "<KID>|] get",
        "<WHATS> N minus N, divided by N",
        "{p} had N {i}, ate N and put the rest into N {cs}. How many are in each",
    ),
    "(a - b) * c": (
        "{p} earns $N a <DAY> and spends $N of it. How much[ money|] does {h} save in N <DAYS>",
        "<WHATS> N minus N, times N",
        "A {a} costs $N but is $N cheaper today. How much do N of them cost",
    ),
    "a * b / c": (
        "N {cs} of N {i} are shared equally <AMONG> N <KIDS>. How many {i} does each get",
        "{p} has N {cs} of N {i} and shares them equally <AMONG> N <KIDS>. How many {i} does each get",
        "{p} bakes N trays of N cookies. {h} packs them [in|into] N equal boxes. How many cookies are in each box",
        "A pack has N {i}. {p} buys N packs and shares the {i} equally <AMONG> N <KIDS>. How many[ {i}|] does each get",
        "<WHATS> N times N, divided by N",
        "{p} has N {cs} of N {i} and puts them into N [bags|piles|groups]. How many[ {i}|] are in each",
    ),
    "a / b * c": (
        "{p} <WENT> N <FAR> in N hours. How many <FAR> does {h} <GO> in N hours",
        "{p} paid $N for N {i}. How much do N {i} cost",
        "<WHATS> N divided by N, times N",
    ),
    "b / a * c": (
        "N {i} cost $N. How much do N {i} cost",
        "If N {i} cost $N, how much do N cost",
        "In N hours {p} <DOES> N {i}. How many {i} does {h} <DO> in N hours",
    ),
    "a + b + c": (
        "{p} <DID> N {i} on Monday, N on Tuesday and N on Wednesday. How many {i} did {h} <DO><ALL>",
        "{p} has N {i}, N {j} and N spoons. How many things does {h} have<ALL>",
        "The numbers are N and N and N. What is their [sum|total]",
        "{p} spent $N on a {a}, $N on a bag and $N on a drink. How much did {h} spend<ALL>",
        "{p} <DID> N {i}, N {j} and N spoons. How many things did {h} <DO><ALL>",
        "On Friday N people came, on Saturday N and on Sunday N. How many people came<ALL>",
        "[What|How much] do N, N[,|] and N add up to",
        "Add up N, N[,|] and N.",
        "[How much|What] [is|are] N, N[,|] and N [together|altogether|in total]",
        "[Give me|Find] the total of N, N[,|] and N.",
        "{p} planted N {i}, N {j} and N [daffodils|beans]. How many did {h} plant<ALL>",
        "N plus N, plus N",
        "{p} raised $N, $N and $N. How much is that<ALL>",
    ),
    "a + b - c": (
        "There are N boys and N girls in [a|the] [class|school|choir|club]. N of them went home. How many "
        "[children|students|kids] are there now",
        "{p} <DID> N {i} <T1> and N <T2>. {h} gave N away. How many[ {i}|] are left",
        "A bus left with N passengers. At the first stop N got on and at the second stop N got off. How many "
        "passengers are on the bus[ now|]",
        "There were N {i} in the {c}. Then N were [added|put in] and N were taken out. How many {i} are there now",
        "It was N degrees. It rose [by |]N degrees and [then |]fell [by |]N degrees. What is the temperature now",
        "{p} had $N, [got|earned|found] $N and [spent|lost] $N. How much[ money|] does {h} have now",
        "Go N up from N and then N down. Where do you [land|end up]",
        "N plus N, minus N",
        "A club had N members. N joined and N left. How many are there now",
        "{p} had N {i}. {q} gave [him|her] N and [then |]{h} lost N. How many[ {i}|] does {h} have[ now|]",
        "There are N boys and N girls in the choir. N are absent. How many are singing",
        "{p} had $N, put in $N and took out $N. How much is it now",
        "{p} folded N {i} on Saturday and N on Sunday. Then {q} took N. How many[ {i}|] are left",
    ),
    "a - b - c": (
        "There are N {i}. N are red, N are blue and the rest are white. How many[ {i}|] are white",
        "{p} had $N. {h} spent $N on a {a} and $N on a bag. How much[ money|] is left",
        "A shop had N {i}. It sold N <T1> and N <T2>. How many {i} [are left|remain]",
        "{p} had N {i}. N [were sold|broke|were lost] and N [were eaten|were stolen|were given away]. How many[ "
        "{i}|] are left",
        "{p} owes $N. {h} pays back $N and later $N. How much does {h} still owe",
        "From N[,|] take [off|away] N and then [another |]N. [What|How much] is left",
        "[What's|What is|How much is] left of N after [removing|taking away|subtracting|using] N and N",
        "There were N [x:birds|cars|people] [x:in a tree|in a street|on the bus]. N [x:flew away|drove away|got off], then N more [x:flew off|left|got off]. How many [stayed|are left]",
        "{p} had N {i}. N [popped|broke|rotted] and N [floated away|got lost|were stolen]. How many are left",
        "{p} had $N and spent $N on lunch and $N on a {a}. How much[ money|] does {h} have[ left| now|]",
        "N minus N, minus N",
        "There are N people. N are children and N are women. How many are men",
    ),
    "a * b * c": (
        "There are N rooms with N tables each, and each table has N chairs. How many chairs are there<ALL>",
        "{p} works N hours a day for $N an hour. How much does {h} earn in N days",
    ),
    "a * b + c * d": (
        "{p} [v:buys|bought] N {i} for $N each and N {j} for $N each. How much [v:does|did] {h} [pay|spend]<ALL>",
        "There are N {cs} of N {i} and N {cs} of N {j}. How many things are there<ALL>",
        "A [theater|cinema|museum] sold N [adult|big] tickets for $N each and N [child|small] tickets for $N each. "
        "How much money did it get<ALL>",
        "A farm has N cows with N legs each and N chickens with N legs each. How many legs are there<ALL>",
        "{p} bought N kg of {i} at $N a kg and N kg of {j} at $N a kg. [How much did {h} pay|What was the total cost]",
        "{p} ran N laps of N meters and N laps of N meters. How many meters did {h} run<ALL>",
        "<WHATS> the sum of N times N and N times N",
        "{p} bought N {i} at $N each and N {j} at $N each. What was the total[ cost|]",
        "N {cs} hold N {i} each and N hold N. How many {i} is that<ALL>",
    ),
    "a * b - c * d": (
        "{p} sold N {i} for $N each and bought N {j} for $N each. How much[ money|] is left",
        "<WHATS> the difference between N times N and N times N",
        "{p} earned $N a day for N days and spent $N a day for N days. How much is left",
    ),
    "a - b + c": (
        "A tank held N liters. After N liters were used, N liters were [added|poured in]. How many liters are in the "
        "tank[ now|]",
        "{p} had N {i}. {h} gave N to {q} and bought N[ new ones| more]. How many[ {i}|] does {h} have now",
        "{p} [bought|made|baked] N {i}, we ate N of them, and then {h} [bought|made|baked] N more. How many[ {i}|] "
        "[do we have|are there] now",
        "There were N people on the bus. N got off and N got on. How many people are on the bus now",
        "The elevator was on floor N, went down N floors[,| and] then [went |]up N. Which floor is it on",
        "{p} had N {i}, sold N[ of them|][,| and] [then |]got N more. How many[ {i}|] does {h} have now",
        "A tower was N blocks [tall|high]. N blocks fell off and {p} put N back. How many blocks is it now",
        "N minus N, plus N",
        "The shop had N {i}. It sold N and then [got|bought|received] N. How many[ {i}|] [does it have|are there] now",
    ),
    "c - (a + b)": (
        "{p} ate N {i} and {q} ate N. There were N[ {i}|] before. How many[ {i}|] are [left|there now]",
        "{p} bought a {a} for $N and a [bag|drink|cake] for $N. {h} paid with $N. How much change did {h} get",
        "{p} has saved $N and got $N for a {a} that costs $N. How much more[ money|] does {h} need",
    ),
    "a / b + c": (
        "<WHATS> N divided by N, [then |]plus N",
        "N divided by N, plus N",
        "{p} and some friends shared N {i} among N. {p} already had N. How many does {h} have now",
    ),
    "a / b - c": (
        "<WHATS> N divided by N, [then |]minus N",
        "N divided by N, minus N",
        "N {i} were shared among N <KIDS>. {p} ate N of [his|hers]. How many does {h} have left",
    ),
}
# By their numbers, formulas last
ALL = [(expression, scene) for listed in (SCENES, FORMULAS) for expression, scenes in listed.items() for scene in scenes]
START = re.compile(r"(^|[a-zNP]\. )([a-z])")                # of a sentence
ALTERNATIVES = re.compile(r"\[(?:([a-z]):)?([^][]*)\]")
NUMBER = re.compile(r"(\$?)\b[NP]\b")


def with_groups(scene):
    return re.sub("<([A-Z0-9]+)>", lambda name: GROUPS[name[1]], scene)


def in_lower_case(scene):
    """All of it but the numbers' N and P."""
    return re.sub(r"(\b[NP]\b)|[A-Z]", lambda letter: letter[1] or letter[0].lower(), scene)


@functools.cache
def told(number, variant):
    """(what stands around the numbers, which of them are money) of a variant of the scene of this number in `ALL`."""
    draw = random.Random(1000 * number + variant)
    words, chosen = draw.choice(WORDS), {}

    def choose(match):
        letter, options = match[1], match[2].split("|")
        which = draw.randrange(len(options))
        return options[which if letter is None else chosen.setdefault(letter, which)]

    text = with_groups(ALL[number][1])
    while ALTERNATIVES.search(text):
        text = ALTERNATIVES.sub(choose, text)
    text = START.sub(lambda start: start[1] + start[2].upper(), text.format(**words))
    if variant >= N_VARIANTS - N_LOWER:
        text = in_lower_case(text)
    before, *others = NUMBER.split(text)
    return (before.strip(), *(part.strip() for part in others[1::2])), tuple(mark == "$" for mark in others[::2])
