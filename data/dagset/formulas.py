"""Everyday formulas with numbers that nobody says: the 2 of an average, the 1 of a rise by 10%; and plain questions and requests
that say all of theirs. Imports nothing of ours.

Written as the scenes of `scenes.py` are, and listed under what they come to, too. A capital letter of a formula is a number
in percent, P in its texts, and a letter's second time is the same number again. What ends in a full stop is a request, all
else a question. No text has a number's word in it ("one", "two"), which would be read as a number.
"""
import ast
import functools
import re

EVERYDAY = {
    "(a + b) / 2": (
        "<WHATS> the <MEAN> of N and N",
        "<GIVE> the <MEAN> of N and N.",
        "Average N and N.",
        "the <MEAN> of N and N",
        "<MEAN> of N and N",
        "[What|Which] number is [exactly |]halfway between N and N",
        "The numbers are N and N. What is their <MEAN>",
        "{p} [scored|got] N on the first test and N on the second. What is [the average|the mean|the average score]",
        "It was N degrees [yesterday|at noon|on Monday] and N degrees [today|at night|on Tuesday]. What was the average"
        "[ temperature|]",
        "{p} <DID> N {i} [yesterday|on Monday|on Friday] and N [today|on Sunday|the next day]. How many[ {i}|] did {h} <DO> a "
        "day on average",
    ),
    "(a + b + c) / 3": (
        "<WHATS> the <MEAN> of N, N[,|] and N",
        "<GIVE> the <MEAN> of N, N[,|] and N.",
        "Average N, N[,|] and N.",
        "the <MEAN> of N, N[,|] and N",
        "The numbers are N, N and N. What is their <MEAN>",
        "{p} [scored|got] N, N and N on the tests. What is [the average|the mean|the average score]",
        "{p} <DID> N {i} on Monday, N on Tuesday and N on Wednesday. How many[ {i}|] did {h} <DO> a day on average",
    ),
    "a * (1 + B)": (
        "[Increase|Raise|Please increase] N by P.",
        "<GIVE> N increased by P.",
        "[Increase|Raise] N by P",
        "<WHATS> N increased by P",
        "N increased by P",
        "<WHATS> N plus P of it",
        "[What is|How much is] N after [an increase|a rise] of P",
        "If [I|you|we] [increase|raise] N by P, what do [I|you|we] get",
        "A {a} costs $N. The price [rises|goes up|is raised|increases] by P. [What is the new price|How much is it now]",
        "The price of a {a} was $N and it [rose|went up|increased] by P. What is the[ new|] price[ now|]",
        "{p} earns $N and gets a raise of P. How much does {h} earn[ now|]",
        "A town had N people and grew by P. How many people [live there|does it have] now",
        "A {a} costs $N plus P tax. [How much is that<ALL>|What is the total]",
        "{p} has $N in the bank at P interest[ a year| per year|]. How much is it after a year",
    ),
    "(1 + A) * b": (
        "Add P to N.",
        "[What is|How much is] P more than N",
        "With [a|an] P tip, [how much|what] [is|will be] a bill of $N",
        "With P tax, how much [x:is|does] a {a} for $N[x:| cost]",
    ),
    "a * (1 - B)": (
        "[Decrease|Reduce|Lower|Please reduce] N by P.",
        "<GIVE> N [decreased|reduced] by P.",
        "[Decrease|Reduce|Lower] N by P",
        "<WHATS> N [decreased|reduced] by P",
        "N [decreased|reduced] by P",
        "<WHATS> N minus P of it",
        "[What is|How much is] N after [a decrease|a discount|a drop] of P",
        "[What is|How much is] N with P off",
        "[What is|How much is] N with [a|an] P discount",
        "If [I|you|we] have N and [take off|lose|spend|remove] P, what [do [I|you|we] have left|is left]",
        "If [I|you|we] [reduce|decrease] N by P, what do [I|you|we] get",
        "A {a} costs $N and [is P off|there is a discount of P|there is [a|an] P discount|the price falls by P]. "
        "[What is the new price|How much is it now|How much does it cost[ now|]]",
        "A {a} for $N is [P off|sold at P off|P cheaper]. [How much does it cost|What is the price]",
        "The price of a {a} was $N and it [fell|dropped|went down|was reduced] by P. What is the[ new|] price[ now|]",
        "{p} had N {i} and [lost|sold|gave away|ate] P of them. How many[ {i}|] [are left|does {h} have left]",
        "There are N {i} and P of them are [x:red|broken|ripe|new]. How many[ {i}|] are not[ [x:red|broken|ripe|new]|]",
    ),
    "(1 - A) * b": (
        "<WHATS> P off N",
        "<WHATS> P off of N",
        "Take P off N.",
        "[Subtract|Take|Take away] P from N.",
        "<GIVE> P off N.",
        "Take P off N",
        "[What is|How much is] P less than N",
        "With P off, how much is a {a} for $N",
        "With [a|an] P discount, how much does a {a} for $N cost",
        "There is [a|an] P discount on a {a} for $N. How much does it cost",
        "{p} lost P of N {i}. How many are left",
    ),
    "a * B": (
        "A {a} costs $N and the tax is P. How much is the tax",
        "There are N {i} and P of them are [x:red|broken|ripe|new]. How many[ {i}|] are [x:red|broken|ripe|new]",
        "A [class|school|club] has N [children|students|members]. P are [girls|boys]. How many is that",
        "{p} had N {i} and [v:lost|sold|gave away|ate] P of them. How many[ {i}|] did {h} [v:lose|sell|give away|eat]",
        "N people [voted|were asked] and P said yes. How many [is that|said yes]",
    ),
    "A * b": (
        "P of N {i} are <RED>. How many[ {i}|] is that",
        "If P of N {i} are <RED>, how many are <RED>",
        "{p} leaves [a|an] P tip on a bill of $N. How much is the tip",
        "How much is [a|an] P tip on $N",
        "How much is P tax on $N",
        "{p} saves P of $N. How much does {h} save",
    ),
    "a / b * 100": (
        "N is what <PERCENT> of N",
        "N out of N is what <PERCENT>",
        "N of N is what <PERCENT>",
        "What <PERCENT> is N out of N",
        "What <PERCENT> is N of N",
        "[Express|Write] N out of N as a percentage.",
        "{p} [scored|got] N out of N[ points|]. What <PERCENT> is that",
        "{p} got N of N questions right. What <PERCENT> is that",
        "N of the N {i} are <RED>. What <PERCENT>[ of them|] is that",
        "If N out of N {i} are <RED>, what <PERCENT> are <RED>",
    ),
    "b / a * 100": (
        "What <PERCENT> of N is N",
        "What <PERCENT> of N [makes|gives|equals] N",
        "There are N {i} and N of them are <RED>. What <PERCENT>[ of them|] is that",
        "Of N {i}, N are <RED>. What <PERCENT>[ of them|] is that",
        "{p} had N {i} and lost N. What <PERCENT> did {h} lose",
    ),
    "(b - a) / a * 100": (
        "The price [changed|went] from $N to $N. By [what|how many] percent did it change",
        "[What is|What's] the percent[age|] change from N to N",
    ),
    "a / B": (
        "N is P of [what|which|what number|which number]",
    ),
    "b / A": (
        "P of [what|what number|which number] is N",
        "P of [a|some] number is N. What is the number",
        "If P of [a|some] number is N, what is the number",
    ),
    "a * a": (
        "<WHATS> N times itself",
        "N times itself",
        "<WHATS> N multiplied by itself",
        "Multiply N by itself.",
        "<GIVE> N times itself.",
        "If [I|you] multiply N by itself, what do [I|you] get",
        "[What is|What's] the square of N",
        "the square of N",
        "A square has sides of N <LONG>. What is its area",
    ),
    "a + a": (
        "<WHATS> N plus itself",
        "Add N to itself.",
    ),
    "a * a * a": (
        "[What is|What's] the cube of N",
        "A cube has edges of N <LONG>. What is its volume",
    ),
    "a * 4": (
        "A square has sides of N <LONG>. What is its perimeter",
        "[What is|What's] the perimeter of a square with sides of N <LONG>",
    ),
    "(a + b) * 2": (
        "A [room|garden|field|rectangle] is N <LONG> long and N[ <LONG>|] wide. What is its perimeter",
        "[What is|What's] the perimeter of a rectangle with sides of N and N",
        "Add N and N and double [what you get|the result].",
    ),
    "a * 12": (
        "[What is|How many is|How much is] N dozen",
        "How many {i} are[ there|] in N dozen[ {i}|]",
        "How many {i} is N dozen",
        "{p} buys N dozen {i}. How many {i} [is that|does {h} have]",
        "How many months are[ there|] in N years",
        "How many inches are[ there|] in N feet",
    ),
    "a * 12 + b": (
        "[What is|How much is|How many is] N dozen plus N",
        "{p} has N dozen {i} and [buys|gets|finds] N more. How many[ {i}|] does {h} have[ now|]",
    ),
    "a * 12 - b": (
        "[What is|How much is|How many is] N dozen minus N",
        "{p} had N dozen {i} and [used|ate|lost|sold] N. How many[ {i}|] are left",
    ),
    "a * 7": (
        "How many days are[ there|] in N weeks",
        "{p} <DOES> N {i} [a|every|each] day. How many[ {i}|] does {h} <DO> in a week",
    ),
    "a * 24": (
        "How many hours are[ there|] in N days",
    ),
    "a * 60": (
        "How many minutes are[ there|] in N hours",
        "How many seconds are[ there|] in N minutes",
        "N hours is how many minutes",
    ),
    "a * 100": (
        "How many cents are[ there|] in $N",
        "How many [cm|centimeters] are[ there|] in N meters",
        "N meters is how many centimeters",
    ),
    "a * 1000": (
        "How many meters are[ there|] in N [km|kilometers]",
        "How many grams are[ there|] in N [kg|kilograms]",
    ),
    "a / 12": (
        "How many dozen is N {i}",
        "How many dozen {i} are N {i}",
        "How many [x:feet|years] are N [x:inches|months]",
    ),
    "a / 7": (
        "How many weeks are N days",
        "{p} <DID> N {i} in a week. How many is that [a|per] day",
    ),
    "a / 60": (
        "How many [x:hours|minutes] are N [x:minutes|seconds]",
        "N [x:minutes|seconds] is how many [x:hours|minutes]",
    ),
    "a / 100": (
        "How many [x:dollars|meters] are N [x:cents|centimeters]",
        "N centimeters is how many meters",
    ),
    "a / 1000": (
        "How many [x:km|kilograms] are N [x:meters|grams]",
        "N [x:grams|meters] is how many [x:kilograms|kilometers]",
    ),
    "a * 2": (
        "{p} has N {i} and {q} has twice as many. How many[ {i}|] does {q} have",
        "[If half|Half] of [a|some] number is N[, what|. What] is the number",
        "I am thinking of a number. Half of it is N. What is [it|the number|my number]",
        "How many {i} are in N pairs[ of {i}|]",
        "{p} has N {i}, [half|only half] as many as {q}. How many[ {i}|] does {q} have",
    ),
    "a / 2": (
        "{p} has N {i} and {q} has half as many. How many[ {i}|] does {q} have",
        "{p} has N {i}, twice as many as {q}. How many[ {i}|] does {q} have",
        "{p} had N {i} and [ate|sold|gave away|lost] half of them. How many[ {i}|] [are left|does {h} have left]",
        "Twice [a|some] number is N. What is the number",
        "I am thinking of a number. [Twice it|Twice the number|Double it] is N. What is [it|the number|my number]",
        "A {a} costs $N and is sold at half price. How much is it[ now|]",
    ),
    "a * 3": (
        "A third of [a|some] number is N. What is the number",
    ),
    "a / 3": (
        "{p} had N {i} and gave a third of them to {q}. How many[ {i}|] did {q} get",
    ),
    "a / 4": (
        "{p} had N {i} and gave a quarter of them to {q}. How many[ {i}|] did {q} get",
        "{p} has N {i} and a quarter of them are <RED>. How many[ {i}|] are <RED>",
    ),
    "a - a / 3": (
        "{p} had N {i} and [ate|sold|gave away|lost] a third of them. How many[ {i}|] are left",
        "[Decrease|Reduce|Lower] N by a third.",
    ),
    "a - a / 4": (
        "{p} had N {i} and [ate|sold|gave away|lost] a quarter of them. How many[ {i}|] are left",
        "[Decrease|Reduce|Lower] N by a quarter.",
    ),
    "a + a / 2": (
        "[Increase|Raise] N by half.",
        "{p} has N {i} and {q} has half as many. How many[ {i}|] do they have together",
    ),
    "a + (a + b)": (
        "{p} has N {i} and {q} has N more. How many[ {i}|] do they have together",
        "{p} has N {i} and {q} has N more than {p}. How many[ {i}|] do they have[ together| in total| altogether]",
        "{p} <DID> N {i} <T1> and N more than that <T2>. How many[ {i}|] did {h} <DO><ALL>",
        "A {a} costs $N and a [bag|drink|cake] costs $N more. How much do they cost together",
    ),
    "a + (a - b)": (
        "{p} has N {i} and {q} has N fewer. How many[ {i}|] do they have together",
        "{p} has N {i} and {q} has N fewer than {p}. How many[ {i}|] do they have[ together| in total| altogether]",
        "A {a} costs $N and a [bag|drink|cake] costs $N less. How much do they cost together",
    ),
    "a + a * 2": (
        "{p} has N {i} and {q} has twice as many. How many[ {i}|] do they have together",
        "{p} <DID> N {i} <T1> and twice as many <T2>. How many[ {i}|] did {h} <DO><ALL>",
    ),
    "a + a * b": (
        "{p} has N {i} and {q} has N times as many. How many[ {i}|] do they have together",
    ),
    "(b - a) * 2": (
        "Subtract N from N and double [what you get|the result].",
    ),
    "a * 3 - b": (
        "[Pick|Take] N. Triple it. [Subtract|Then subtract] N.",
    ),
    "a * 3 + b": (
        "[Pick|Take] N. Triple it. [Add|Then add] N.",
    ),
    "a * 2 - b": (
        "[What is|How much is] N doubled, minus N",
    ),
    "a * 2 + b": (
        "[What is|How much is] N doubled, plus N",
    ),
    # "Triple 8" has its 3 before its 8, as everywhere
    "3 * a - b": (
        "Triple N and subtract N.",
    ),
    "3 * a + b": (
        "Triple N and add N.",
    ),
    "2 * a - b": (
        "Double N and subtract N.",
    ),
    "2 * a + b": (
        "Double N and add N.",
    ),
}
# Plainer questions and requests, over the formulas above, others, and expressions that say all of their numbers
ASKED = {
    "a + b": (
        "x minus N [is|equals] N. [What is x|Find x|What's x]",
        "If [I|you] subtract N from [a|my|some] number[,|] [I|you] get N[. What is [the|my] number|]",
        "[Which|What] is the number that is N [more|greater|bigger|larger] than N",
        "[a|A certain|Some] number minus N [is|equals|gives] N[. What is [the|that] number|. What's the number|]",
        "[If a number minus N is N, what is the number|I take N away from a number and N is left. What was the number]",
        "[I subtracted N from my number and got N. What was it|After taking N from my number I have N. What is my number]",
        "[Which|What] number is N [more|greater|bigger|larger] than N",
        "[Starting from|Starting with|Starting at] N, [go up|count up|move up] N. Where [do I end up|am I|do you end up]",
        "[Sum up|Total|Tally up] N and N.",
        "N and N [together|combined|all together][ make what| is how much|]",
        "[What do you get by putting N and N together|What comes out if N and N are summed|N and N make how much]",
        "[What's the total if I have|What do I have with] N and N[ more|]",
        "{a}: $N, {i}: $N. [Total|Sum|What is the total|How much is that]",
        "[What is the combined cost of|How much in total are] $N and $N",
        "N less than a number is N. What is the number",
    ),
    "a - b": (
        "If I pay $N for something that costs $N, what is my change",
        "[How much|What] change do I get [from|back from] $N if I [pay|spend] $N",
        "[What's|What is|How much is] the change from $N for $N",
        "If I have $N and [spend|pay] $N, [what's left|how much is left|what do I have left]",
        "[Change|How much change] from $N for $N",
        "Compared [with|to] N, how much [smaller|less|lower] is N",
        "How far apart are N and N",
        "What is the [gap|distance] between N and N",
        "N [exceeds|is above|is ahead of] N by how much",
        "[How much higher|How much taller|How much longer|How much more expensive|How much heavier] is $N than $N",
        "N is how much [more|bigger|larger|greater|higher] than N",
        "How [far|much] below N is N",
        "[What do I have to|What should I|What number do I] [subtract|take away|deduct] from N to [get|reach|make] N",
        "How much [do I|must I|should I] take [off|away from] N to [get|reach] N",
        "[Starting from|Starting with|Starting at] N, [go down|count down|move down] N. Where [do I end up|am I|do you end up]",
        "If [I|you|we] have N and [give away|lose|use|remove|spend] N, [how much|how many|what] [is left|remains|are left]",
        "N minus [a|some] number is N. What is the number",
        "[What's left|What is left|What remains|How much remains] [of|from] N [without|minus|less] N",
        "I had N, now N [is|are] gone. [How much|How many|What] [is|are] left",
        "Budget: $N. Spent: $N. [How much is left|Left|Remaining|What remains]",
        "N take away N is what",
        "[What is|What's|How much is] left of $N [after paying|after spending|if I spend] $N",
        "N with N [taken away|taken off|removed|subtracted|deducted]",
    ),
    "b - a": (
        "x plus N [is|equals|makes] N. [What is x|Find x|What's x]",
        "If x plus N [is|equals] N, what is x",
        "If [I|you] add N to [a|my|some] number[,|] [I|you] get N",
        "Compared [with|to] N, how much [bigger|more|larger|greater|higher] is N",
        "How [far|much] above N is N",
        "How much [do I need|is needed] to get from N to N",
        "[How much more do I need|How many more do I need] if I have N and want N",
        "I have N[ already|] and need N. How [much|many] more [is that|do I need]",
        "[Take|Please take|Take away] N off N.",
        "<WHATS> N off N",
        "If [I|you|we] add N to [a|my|some|the] number[,|] [I|you|we] get N[. What is [the|my|that] number|. What's the number|]",
        "[A|Some|My|A certain] number plus N [is|gives|equals|makes] N[. What is [the|my|that] number|. What's the number|]",
        "The sum of [a|some|my] number and N is N[. What is [the|my] number|. What's the number|]",
        "N more than [a|some|my] number is N[. What is [the|my] number|. What's the number|]",
        "[What|Which|What number|Which number] do I [have to |need to |]add to N [to get|to reach|to make|for] N",
        "N plus [a|some] number is N. What is the number",
        "I added N to my number and got N. What was my number",
        "[What|Which] number plus N [gives|makes|equals|comes to] N",
        "[By how much|How much] [do I have to|must I] [increase|raise] N to [get|reach] N",
        "[How many|How much] is it from N up to N",
        "[What is|How much is] N [fewer|smaller|lower] than N",
    ),
    "a * b": (
        "x divided by N [is|equals] N. [What is x|Find x|What's x]",
        "[What's|What is] the area of a [room|field] N[ <LONG>|] long and N[ <LONG>|] wide",
        "The sides of a rectangle are N and N. What is [the|its] area",
        "If a {a} [costs|is] $N, [how much|what] do N {i} cost",
        "[At|For] $N an hour, what [do I|does {p}] [earn|make|get] in N hours",
        "[If a|A] [car|train|bus] goes N [u:miles|km|kilometers] an hour[, how|. How] far does it [go|get|travel] in N hours",
        "Speed N, time N. What is the distance",
        "Each of N [friends|people|children] [pays|gives|has] $N. How much is that<ALL>",
        "[Area|The area|Find the area|Size] of a [rectangle|room|field|garden] N by N[ <LONG>|]",
        "How far in N hours at N [u:miles|km|kilometers] per hour",
        "At N [u:miles|km|kilometers] per hour[,|] how far in N hours",
        "N {i} [at|for] $N [each|apiece]",
        "[a|A certain|Some] number divided by N [is|equals|gives] N[. What is [the|that] number|. What's the number|]",
        "[If a number divided by N is N, what is the number|I divided my number by N and got N. What was it]",
        "The quotient of [a|some] number and N is N. What is the number",
        "[What|Which] number[, divided by|[,|] when divided by| divided by] N[,|] [gives|makes|is] N",
        "[What is|How much is|How much are] N [lots of|sets of|groups of] N",
        "[What's|What is|How big is] the area of a [rectangle|room|field] [of|that is|that measures] N[ <LONG>|] by N[ <LONG>|]",
        "[Area|The area] of a rectangle with sides [of |]N and N",
        "A [rectangle|room|garden|wall] [is|measures] N[ <LONG>|] by N[ <LONG>|]. [What is its area|How big is its area|Area]",
        "A [rectangle|room|field] has a length of N and a width of N. [What is its area|How large is it|Area]",
        "[At N [u:miles|km|kilometers] per hour, how far [do I get|do you go|is it] in N hours|"
        "How far do you [go|get|travel|drive] in N hours at N [u:miles|km|kilometers] per hour]",
        "[If I [drive|walk|ride] at N [u:miles|km|kilometers] per hour for N hours, how far do I get|"
        "Speed: N km per hour. Time: N hours. Distance]",
        "N {i} [at|for] $N [each|apiece|per piece][. Total|. What do I pay|. What is the cost| cost how much| make how much]",
        "[What do|What would|How much do|How much would] N {i} [at|for] $N [each|apiece] [cost|come to]",
        "If {i} [are|cost] $N each, [what do I pay for N|what do N cost|how much are N]",
        "[At|With] $N [an hour|per hour], [how much do I [earn|make|get]|what is my pay] for N hours",
        "N [d:days|weeks|months] at $N [a|per] [d:day|week|month] [is|makes|costs] how much",
        "[What does|How much does] $N [a|per] [d:day|week|month] [make|come to|add up to] over N [d:days|weeks|months]",
        "N taken N times",
        "[Scale|Magnify|Multiply up] N by a factor of N.",
        "If [I|you] have N sets of N, how many [is that|do [I|you] have]",
    ),
    "a / b": (
        "[Split|Divide|Share] $N [among|between] N [people|friends]. How much does each get",
        "How much does each [get|pay] if $N is [shared|split] [among|between] N [people|friends]",
        "How much does [each|every] [child|person|friend] get when N {i} are [shared|divided] among N",
        "I [drove|ran|walked|drive] N [u:miles|km|kilometers] in N hours. [What's my speed|What was my speed|How fast was that]",
        "[Speed|The speed] for N [u:miles|km|kilometers] in N hours",
        "N is how many times [N|as much as N|as big as N|as large as N|as many as N]",
        "How many times as [big|large|much] is N as N",
        "[How much is|What is|What's] N [split|divided|shared] N ways",
        "$N [split|divided|shared] N ways[ is how much| makes how much each|][. How much for each|]",
        "[Split|Divide|Share] $N [equally |evenly |][between|among] N [people|friends|children].",
        "If [we|they|you] split $N among N people, [how much does each [get|pay]|what does each [get|pay]]",
        "A bill of $N [split|shared|divided] [by|between|among] N people. [How much each|What does each pay|How much per person]",
        "[How long does it take to [go|travel|drive]|How many hours does it take to [go|drive|fly]] N [u:miles|km|kilometers] at N "
        "[u:miles|km|kilometers] per hour",
        "[How long do I need for|How many hours are] N [u:miles|km|kilometers] at N [u:miles|km|kilometers] per hour",
        "[What's|What is] [the|your|my] [average |]speed [if I go|if you drive|for|of] N [u:miles|km|kilometers] in N hours",
        "N [u:miles|km|kilometers] in N hours[ is what speed| is how fast|. How fast is that|. What is the speed]",
        "N [u:miles|km] on N [u:gallons|liters] of gas. How many [u:miles|km] per [u:gallon|liter]",
        "$N for N {i}. [What is the price of each|How much is each|How much apiece]",
        "[What's|What is|How much is] the price per [item|piece|unit] if $N buys N",
        "N divided by [a|some] number is N. What is the number",
        "A rectangle has an area of N and [a width|a length|a side] of N. [What is|How long is] the other side",
        "N [cut|broken|chopped] into parts of N [makes|gives] how many parts",
        "If I have N and use N [a|per|each|every] [day|week|month], how long will it last",
    ),
    "b / a": (
        "[N times x|x times N] [is|equals] N. [What is x|Find x|What's x]",
        "If N times x [is|equals] N, what is x",
        "[A|My|Some] number multiplied by N [is|gives|equals] N[. What's the number|. What was it|]",
        "How many times [is N contained in|can N be taken from|does N fit in|will N go into|can you fit N into] N",
        "How [often|many times] [does|will|can] N [fit in|fit into|go into] N",
        "N times [a|some|my|a certain] number [is|equals|gives|makes] N[. What is [the|my|that] number|. What's the number|]",
        "If N times a number is N, what is [the|that] number",
        "The product of [a|some|my] number and N is N[. What is [the|my] number|. What's the number|]",
        "[A|Some|My|A certain] number times N [is|equals|gives|makes] N[. What is [the|my|that] number|. What's the number|]",
        "I multiplied [my|a] number by N and got N. What [was it|was the number|was my number]",
        "[What|Which] number, multiplied by N, [gives|makes|is|equals] N",
        "[By what|With what] [do I|must I|should I] multiply N to [get|reach] N",
        "If N {i} [cost|are] $N, [what does each cost|how much is each|how much is a single {a}]",
        "[What is|How much is] the price per [item|piece|unit] if N of them cost $N",
        "If it takes N hours to go N [u:miles|km|kilometers], [how fast is that|what is the speed]",
        "How many [pieces|parts|portions|servings] of N [are|fit] in N",
        "How many [groups|sets|teams|stacks] of N can I make [out of|with|from] N",
        "[At|Going] N [u:miles|km|kilometers] per hour, how long [do|does] N [u:miles|km|kilometers] take",
        "If I [save|put away|earn] $N [a|per|each|every] [day|week|month], how long until I have $N",
    ),
    "a + b + c": (
        "<WHATS> the [sum|total] of N, N and N [together|combined|altogether]",
        "[Sum up|Total|Tally up] N, N[,|] and N.",
        "A triangle has sides of N, N and N. What is its perimeter",
        "[What's|What is|How long is] the perimeter of a triangle with sides [of |]N, N and N",
        "N, N and N together[ make what| is how much|]",
        "{a}: $N, {i}: $N, {j}: $N. [Total|Sum|What is the total|How much is that]",
        "[I bought|We bought|I paid for] things for $N, $N and $N. [What is the total|How much is that|Total]",
        "[Take|Start with|Starting with] N, add N and add N[ again|]. [What do I get|What is it now]",
    ),
    "a + b + c + d": (
        "[Add up|Sum up|Add together|Total|Please add] N, N, N[,|] and N.",
        "<WHATS> the [sum|total] of N, N, N[,|] and N",
        "[What|How much] do N, N, N[,|] and N [add up to|make|come to]",
        "N, N, N and N together[ make what| is how much|]",
        "The [prices|costs|amounts] are $N, $N, $N and $N. [What is the total|How much is that|Total]",
        "[I|We] [spent|paid] $N, $N, $N and $N. [What is the total|How much is that<ALL>|Total]",
        "<WHATS> N plus N, plus N, plus N",
        "The numbers are N, N, N and N. What is their [sum|total]",
    ),
    "(a + b + c + d) / 4": (
        "the [average|mean] of N, N, N and N is what",
        "<GIVE> the <MEAN> of these numbers: N, N, N[, and| and|,] N.",
        "<WHATS> the <MEAN> of N, N, N[,|] and N",
        "[the |]<MEAN> of N, N, N[,|] and N",
        "<GIVE> the <MEAN> of N, N, N[,|] and N.",
        "Average N, N, N[,|] and N.",
        "The [numbers|scores|grades|values] are N, N, N and N. What is their <MEAN>",
        "I [got|scored] N, N, N and N on [my|the] tests. What is my average",
        "If my [grades|scores|marks] are N, N, N and N, what is my average",
    ),
    "(a + b + c) / 3": (
        "the [average|mean] of N, N and N is what",
        "<GIVE> the <MEAN> of these numbers: N, N[, and| and|,] N.",
        "<MEAN> of N, N[,|] and N",
        "The [scores|grades|values|temperatures] [are|were] N, N and N. What is [their|the] <MEAN>",
        "If my [grades|scores|marks] are N, N and N, what is my average",
        "What do N, N and N average[ out to|]",
        "I [paid|spent] $N, $N and $N. What is [the average|that on average|my average]",
        "Add N, N and N and divide by how many numbers there are.",
    ),
    "(a + b) / 2": (
        "the [average|mean] of N and N is what",
        "[Starting|Start] with N, add N and halve it",
        "[What do|How much do] N and N average[ out to|]",
        "If my [grades|scores|marks] are N and N, what is my average",
        "The [scores|grades|values|temperatures] [are|were] N and N. What is [their|the] <MEAN>",
        "[What is|What's|Where is] the [middle|midpoint] [between|of] N and N",
        "[What is|What's|How much is] half the sum of N and N",
        "half the sum of N and N",
        "[Add|Sum] N and N and [take half of the result|halve what you get|take half of it].",
        "[the sum of N and N, halved|Half of what N and N make together]",
        "Twice [a|some|my] number minus N is N[. What is [the|my] number|. What's the number|]",
        "[What|Which] number is in the middle between N and N",
    ),
    "(a - b) / 2": (
        "[Starting|Start] with N, subtract N and halve it",
        "[What is|What's|How much is] half the difference between N and N",
        "half the difference [between|of] N and N",
        "[Start with|Take] N, [take away|remove] N[,|] and [halve the rest|take half of the rest|take half of what is left].",
        "If [I|you] have N, [spend|lose|give away] N and [split|share] the rest with a friend, how much [do I|do you] have",
    ),
    "(b - a) / 2": (
        "[Take|Please take] N off N and halve [it|the rest|the result|what is left].",
        "[Take|Subtract] N from N and [take half of the result|halve what is left|halve the rest].",
        "What do I get if I take N off N and halve it",
        "Twice [a|some|my] number plus N is N[. What is [the|my] number|. What's the number|]",
        "If I double my number and add N[,|] I get N. What is my number",
        "[I doubled a number, added N and got N. What was the number|Double a number plus N is N. What is the number]",
    ),
    "(b - a) * 2": (
        "[Take|Please take] N off N and double [it|the rest|the result|what is left].",
        "Half of [a|some|my] number plus N is N[. What is [the|my] number|. What's the number|]",
        "I halved a number, added N and got N. What was the number",
    ),
    "(a + b) * 2": (
        "[Perimeter|The perimeter|Find the perimeter] of a [rectangle|room|field|garden] N by N[ <LONG>|]",
        "Half of [a|some|my] number minus N is N[. What is [the|my] number|. What's the number|]",
        "[the sum of N and N, doubled|N plus N, doubled|What is N plus N, doubled]",
        "[What's|What is|How long is] the perimeter of a [rectangle|field] [of|that is|that measures] N[ <LONG>|] by N[ <LONG>|]",
        "A [rectangle|room|field] has a length of N and a width of N. [What is its perimeter|Perimeter]",
        "How much fence do I need [around|for] a [garden|yard|field] of N by N [meters|feet|yards]",
    ),
    "2 * (a + b)": (
        "[What is|What's|How much is] twice the sum of N and N",
        "twice the [sum|total] of N and N",
        "[double|Find twice] the sum of N and N",
    ),
    "2 * (a - b)": (
        "[What is|What's|How much is|Find] twice the difference [between|of] N and N",
        "[twice|double] the difference [between|of] N and N",
    ),
    "(c - b) / a": (
        "N times x plus N [is|equals] N. [What is x|Find x|What's x]",
        "N times [a|some|my|a certain] number[,|] plus N[,|] [is|equals|gives|makes] N"
        "[. What is [the|my|that] number|. What's the number|]",
        "If N times a number plus N is N, what is the number",
        "I multiply my number by N, add N[,|] and get N. What is my number",
        "[I think|I'm thinking|I am thinking] of a number. N times it plus N is N. What is [it|the number|my number]",
        "A taxi costs $N per [mile|km] plus $N. How far can I [go|ride] for $N",
    ),
    "(b + c) / a": (
        "N times x minus N [is|equals] N. [What is x|Find x|What's x]",
        "N times [a|some|my|a certain] number[,|] minus N[,|] [is|equals|gives|makes] N"
        "[. What is [the|my|that] number|. What's the number|]",
        "If N times a number minus N is N, what is the number",
        "I multiply my number by N, subtract N[,|] and get N. What is my number",
        "[I think|I'm thinking|I am thinking] of a number. N times it minus N is N. What is [it|the number|my number]",
    ),
    "(c - b) * a": (
        "[A|Some|My] number divided by N, plus N, [is|gives|equals] N[. What is [the|my] number|. What's the number|]",
        "I divide my number by N, add N[,|] and get N. What is my number",
    ),
    "(b + c) * a": (
        "[A|Some|My] number divided by N, minus N, [is|gives|equals] N[. What is [the|my] number|. What's the number|]",
        "I divide my number by N, subtract N[,|] and get N. What is my number",
    ),
    "(a + b) * c": (
        "[the sum of|the total of] N and N, [multiplied by|times] N",
        "<WHATS> the sum of N and N, [multiplied by|times] N",
        "[If I add|If you add|When I add] N and N and [then |]multiply [the result|that|it] by N, what do [I|you|we] get",
        "[Take|Find] the sum of N and N and [then |]multiply [it|that] by N.",
        "[Starting from|Starting with] N, add N and [then |]multiply by N. [What do I get|What is it now|What is the result]",
    ),
    "(a + b) / c": (
        "the [sum|total] of N and N, divided by N",
        "<WHATS> the [sum|total] of N and N, divided by N",
        "[If I add|If you add|When I add] N and N and [then |]divide [the result|that|it] by N, what do [I|you|we] get",
        "[Take|Find] the sum of N and N and [then |]divide [it|that] by N.",
        "[Starting from|Starting with] N, add N and [then |]divide by N. [What do I get|What is it now|What is the result]",
        "$N and $N [split|shared] among N people. How much [each|per person|does each pay]",
    ),
    "(a - b) * c": (
        "the difference [between|of] N and N, [multiplied by|times] N",
        "<WHATS> the difference [between|of] N and N, [multiplied by|times] N",
        "[Starting from|Starting with] N, [subtract|take away] N and [then |]multiply by N. [What do I get|What is the result]",
    ),
    "(a - b) / c": (
        "the difference [between|of] N and N, divided by N",
        "<WHATS> the difference [between|of] N and N, divided by N",
        "[Starting from|Starting with] N, [subtract|take away] N and [then |]divide by N. [What do I get|What is the result]",
        "If [I|you|we] have $N, spend $N and split the rest among N people, how much does each get",
    ),
    "a * b + c": (
        "the product of N and N, plus N",
        "<WHATS> the product of N and N, plus N",
        "[If I multiply|If you multiply|When I multiply] N by N and [then |]add N, what do [I|you|we] get",
        "[Starting from|Starting with] N, multiply by N and [then |]add N. [What do I get|What is it now|What is the result]",
        "N {i} [at|for] $N each[,|] plus $N [shipping|for shipping|delivery][. Total|. What do I pay|. What is the total]",
    ),
    "a * b - c": (
        "the product of N and N, minus N",
        "<WHATS> the product of N and N, minus N",
        "[If I multiply|If you multiply|When I multiply] N by N and [then |]subtract N, what do [I|you|we] get",
        "Multiply N by N and [then |]take N [away|off].",
        "[Starting from|Starting with] N, multiply by N and [then |]subtract N. [What do I get|What is it now|What is the result]",
    ),
    "a + b * c": (
        "[Add|Please add] N to the product of N and N.",
        "[What is|How much is] N plus the product of N and N",
        "N [more than|added to] the product of N and N",
        "A taxi costs $N plus N times $N[ for each mile| per mile|]. [Total|What is the total|How much is it]",
    ),
    "b * c - a": (
        "[Subtract|Take|Please subtract] N from the product of N and N.",
        "[What is|How much is] N less than the product of N and N",
        "If I [subtract|take] N from the product of N and N, what do I get",
    ),
    "a - b * c": (
        "N minus the product of N and N",
        "[What is|How much is] N minus the product of N and N",
        "I [have|had] $N and buy N {i} [at|for] $N each. [How much is left|What is left|What do I have left]",
    ),
    "a / b + c": (
        "[If I divide|If you divide|When I divide] N by N and [then |]add N, what do [I|you|we] get",
        "[Starting from|Starting with] N, divide by N and [then |]add N. [What do I get|What is it now|What is the result]",
        "the quotient of N and N, plus N",
    ),
    "a / b - c": (
        "[If I divide|If you divide|When I divide] N by N and [then |]subtract N, what do [I|you|we] get",
        "[Starting from|Starting with] N, divide by N and [then |]subtract N. [What do I get|What is it now|What is the result]",
        "the quotient of N and N, minus N",
    ),
    "a + b - c": (
        "[Starting from|Starting with] N, add N and [then |][subtract|take away] N. [What do I get|What is left]",
        "the sum of N and N, minus N",
        "[If I add|If you add|When I add] N and N and [then |]subtract N, what do [I|you|we] get",
        "Take the sum of N and N and subtract N.",
    ),
    "c - (a + b)": (
        "I bought things for $N and $N[ and paid with| and gave|. I paid with] $N. [What is my change|How much change is that]",
        "[How much|What] must be added to N and N to [get|reach|make] N",
        "N plus N plus what [is|makes|gives] N",
    ),
    "a - b - c": (
        "If [I|you|we] have N and [lose|spend|use|give away] N and then N, [how much|how many|what] [is left|are left|remains]",
        "N without N and without N",
        "[Starting from|Starting with] N, [subtract|take away] N and [then |]N more. [What is left|What do I get]",
    ),
    "a * b * c": (
        "[Volume|The volume|Find the volume] of a box N by N by N[ <LONG>|]",
        "[What's|What is|How big is] the volume of a box [of|that is|that measures] N by N by N[ <LONG>|]",
        "A [box|room|tank|pool] [is|measures] N by N by N[ <LONG>|]. What is its volume",
        "A box is N <LONG> long, N[ <LONG>|] wide and N[ <LONG>|] high. What is its volume",
        "The volume of a box with sides of N, N and N",
        "<WHATS> the product of N, N[,|] and N",
    ),
    "a * b / 2": (
        "[Area|The area|Find the area] of a triangle with [a |]base [of |]N and [a |]height [of |]N",
        "A triangle has a base of N[ <LONG>|] and a height of N[ <LONG>|]. [What is its area|Area]",
        "[What's|What is|How big is] the area of a triangle with [a |]base [of |]N and [a |]height [of |]N",
        "<GIVE> the area of a triangle with a base of N and a height of N.",
        "half the product of N and N",
        "[What is|What's|How much is] half the product of N and N",
    ),
    "(a + b) / 2 * c": (
        "A trapezoid has parallel sides of N and N and a height of N. What is its area",
    ),
    "a / b * 60": (
        "N [u:miles|km|kilometers] in N minutes. How [many [u:miles|km|kilometers] per hour is that|fast is that per hour]",
    ),
    "a * b / 60": (
        "At N [u:miles|km|kilometers] per hour, how far [do I|do you|does it] [get|go] in N minutes",
    ),
    "a * 9 / 5 + 32": (
        "[Convert|Change] N [degrees |]Celsius [to|into] Fahrenheit.",
        "[What is|How much is|How hot is] N [degrees |]Celsius in Fahrenheit",
        "N degrees Celsius [in|is how many degrees|is how much in] Fahrenheit",
    ),
    "(a - 32) * 5 / 9": (
        "[Convert|Change] N [degrees |]Fahrenheit [to|into] Celsius.",
        "[What is|How much is|How warm is] N [degrees |]Fahrenheit in Celsius",
        "N degrees Fahrenheit [in|is how many degrees|is how much in] Celsius",
    ),
    "a * a": (
        "N squared", "[What is|What's|How much is] N squared", "[Square|Please square] N.", "<GIVE> the square of N.",
        "[What's|What is|How big is] the area of a square with [sides|a side] of N[ <LONG>|]",
    ),
    "a * a * a": (
        "N cubed", "[What is|What's|How much is] N cubed", "[Cube|Please cube] N.",
        "[What's|What is|How big is] the volume of a cube with [edges|sides] of N[ <LONG>|]",
    ),
    "a * a + b": (
        "[What is|What's|How much is] N squared plus N", "N squared plus N", "Square N and [then |]add N.",
    ),
    "a * a - b": (
        "[What is|What's|How much is] N squared minus N", "N squared minus N", "Square N and [then |]subtract N.",
    ),
    "a * a + b * b": (
        "[What is|What's|How much is] N squared plus N squared", "the sum of the squares of N and N",
    ),
    "a * a * 6": (
        "[What is|What's|How big is] the surface of a cube with edges of N[ <LONG>|]",
    ),
    "a * 3": (
        "[N tripled|What is N tripled|How much is N tripled]",
        "[What's|What is] the perimeter of an equilateral triangle with sides of N[ <LONG>|]",
    ),
    "a * 2": (
        "[N doubled|What is N doubled|How much is N doubled]",
        "[A|Some|My] number divided in half is N[. What is [the|my] number|. What's the number|]",
    ),
    "a / 2": (
        "I [think of a number|take a number][,| and] double it and get N. What [is|was] [it|the number]",
        "[N halved|What is N halved|How much is N halved|N cut in half|What is N cut in half]",
        "If [I|you|we] [halve N|cut N in half], what do [I|you|we] get",
        "[How many pairs|How many couples] [are[ there|] in|can I make from|can you make with|are] N[ {i}|]",
        "[Split|Divide|Cut] N in half.",
    ),
    "a / 4": (
        "A square has a perimeter of N[ <LONG>|]. How long is [each|a] side",
        "[What's|What is] the side of a square with a perimeter of N",
    ),
    "a / 3": (
        "[A|Some|My] number plus its double is N[. What is [the|my] number|. What's the number|]",
        "[A|Some] number and twice that number make N. What is the number",
    ),
    "2 * a": (
        "If [I|you|we] double N, what do [I|you|we] get",
    ),
    "3 * a": (
        "If [I|you|we] triple N, what do [I|you|we] get",
    ),
    "2 * a + b": (
        "Double N[,|] then add N.",
        "[Double|Please double] N and then add N.",
        "[What is|How much is] [twice|double] N, plus N",
        "If [I|you] double N and [then |]add N, what do [I|you] get",
        "[Starting from|Starting with] twice N, add N. What do [I|you] get",
    ),
    "2 * a - b": (
        "Double N[,|] then subtract N.",
        "[Double|Please double] N and then [subtract|take away] N.",
        "[What is|How much is] [twice|double] N, minus N",
        "If [I|you] double N and [then |]subtract N, what do [I|you] get",
    ),
    "a / 2 + b": (
        "[Halve|Please halve] N and [then |]add N.",
        "If [I|you] halve N and [then |]add N, what do [I|you] get",
    ),
    "a / 2 - b": (
        "[Halve|Please halve] N and [then |][subtract|take away] N.",
        "If [I|you] halve N and [then |]subtract N, what do [I|you] get",
    ),
    "A * b": (
        "[How much|What] [is|would] P [tax|VAT] on $N[ be|]",
        "[How much|What] is [a|an] P discount on $N",
        "How much do I save [with|at] P off $N",
        "[What's|What is|How much is] P tip on [a bill of |]$N",
        "P of the N [people|{i}|students] [x:came|left|are new]. How many [x:came|left|are new]",
        "P of N [is how much|is what|equals what|makes what|comes to what]",
        "[What would|How much would|What will] P of N be",
        "[Take|Give me|Get|I need|Please find] P of N.",
        "P of $N[,|] how much is [it|that]",
        "[What's|What is|How much is] [a|an] P [commission|fee|tip|deposit|share] on [$N|a sale of $N]",
        "If [the|my] [commission|fee|tax rate|tip] is P, how much is it on $N",
        "[How much is|What is|How high is] P VAT on $N",
        "[What does|How much does] P of N [come to|make|amount to]",
    ),
    "a * B": (
        "How much do I save on $N with P off",
        "[How much|What] is the [discount|saving] on [$N at|$N with] P off",
        "A [sale|deal] of $N pays [a|an] P commission. How much is the commission",
        "[What is|How much is] the [tip|tax|VAT|discount|interest] on $N at P",
        "Of N [people|{i}|students], P [came|left|are new]. How many is that",
        "Bill: $N. Tip: P. How much is the tip",
        "If I [save|put away|spend|give away] from my $N exactly P, how much is that",
    ),
    "a * (1 + B)": (
        "The price of a {a} is $N. It goes up [by |]P. [New price|What is the new price|What is it now]",
        "N increased by P is what",
        "Price $N, tax P. [What do I pay|Total]",
        "$N with [a|an] P tip",
        "{a}: $N plus P [VAT|tax|sales tax|shipping]. [Total|What is the total|How much is that|What do I pay]",
        "[Net|Price without tax|Before tax]: $N. With P [VAT|tax]",
        "A [bill|check|dinner bill|meal] of $N with [a|an] P [tip|service charge] [comes to|makes|is] what",
        "A [bill|check|meal] [of|for] $N plus [a|an] P tip. [Total|What is the total|How much is that|What do I pay]",
        "[The bill|The meal|Dinner|The check] [is|was|came to] $N and I [tip|want to tip|add a tip of|leave] P. "
        "[What do I pay|What is the total|How much is that|How much do I pay][ in all| in total|]",
        "[What do I pay|How much do I pay|What is the total|What's the price] for a {a} at $N plus P [tax|VAT|sales tax]",
        "[What is|How much is|What's] $N [with|including|plus] P [tax|VAT|sales tax] [added|on top]",
        "[What is|How much is] N after [a|an] P [raise|increase|rise|markup|surcharge]",
        "If [I|you] earn $N and get [a|an] P raise, [what|how much] do [I|you] earn",
        "[My|The|Her] [rent|salary|price] [is|was] $N and [goes|went] up [by |]P. [What is it now|How much is it now|New amount]",
        "N [grows|went up|rises|goes up] [by |]P. [What is it now|What do I get|What is the new value]",
        "[What|How much] is N [marked up|raised|increased] by P",
        "[A {a}|An item] bought for $N is marked up P. [What is the price|What does it sell for]",
        "[What is|How much is] N [and|plus] another P of it",
        "What will [a salary|a price|a rent|a pension] of $N be after [a|an] P [raise|increase|rise]",
        "[How much will|What will] $N be worth after [a year|growing] [at|by] P",
        "A [population|village|club] of N grows by P. How [many|large] is [that|it] now",
    ),
    "(1 + A) * b": (
        "P more than N",
        "After [a|an] P [raise|increase|rise|pay rise][,|] what will [a salary|a price|a rent|a pension] of $N be",
        "With P [VAT|tax|sales tax][,|] what [does|will] $N [become|come to]",
        "[Add|Please add] [a|an] P tip to [$N|a bill of $N].",
        "[Add|Please add] P [VAT|tax|sales tax] to $N.",
        "[After|With] an increase of P, [what is|how much is|what becomes of] N",
        "[What is|How much is] P more than $N",
        "[If prices rise|If prices go up|After prices rise] P, what does a {a} for $N cost",
        "With [a|an] P [markup|surcharge|service charge], how much is $N",
    ),
    "a * (1 - B)": (
        "A {a} is $N. With P off, [what's the price|what do I pay|how much is it]",
        "N [reduced|decreased] by P is what",
        "Price $N, discount P. [What do I pay|Total]",
        "$N with P off",
        "A {a} costs $N. It is P off. [What do I pay|How much is it|What is the price]",
        "{a}: $N minus P [discount|off]. [Total|What is the total|How much is that|What do I pay]",
        "{a}: $N, now P off. [Price|What is the price|How much is that|What do I pay]",
        "[What do I pay|How much do I pay|What's the price|What is the sale price] for a [{a} at $N|$N [coat|book|phone|shirt]] "
        "[at|with] P off",
        "[What is|How much is|What's] the [sale price|final price|new price|discounted price] of a "
        "[{a} at $N|$N [coat|book|phone|shirt]] [at|with|after] [P off|a discount of P]",
        "[What is|How much is] $N [after|with|minus] [a|an] P [discount|rebate|reduction]",
        "Original price: $N. Discount: P. [Final price|Sale price|What do I pay|What is the new price]",
        "If a {a} [costs|is] $N and I get P off, [what do I pay|how much do I pay|how much is it]",
        "N [shrinks|went down|falls|drops|goes down] [by |]P. [What is it now|What do I get|What is the new value]",
        "[My|The|Her|His] [rent|salary|price|weight] [is|was] $N and [goes|went] down [by |]P. [What is it now|How much is it now]",
        "[What is|How much is] N [cut|lowered|marked down] by P",
        "I earn $N and pay P tax. [What is left|How much do I keep|What do I take home]",
        "A {a} was $N, and today everything is P off. What does it cost",
    ),
    "(1 - A) * b": (
        "P off [of |]$N",
        "P less than N",
        "After [a|an] P [pay cut|cut|drop|reduction|discount][,|] what [will|would] [a salary|a price|a rent] of $N be",
        "At P off, [what do I pay for|how much is] a [{a} at $N|$N [coat|book|phone|shirt]]",
        "[Knock|Get] P off [$N|a price of $N].",
        "If everything is P off, [what do I pay for|how much is] a {a} [at|for] $N",
        "With P [taken off|deducted|less], [what is|how much is] N",
        "[After|With] a decrease of P, [what is|how much is] N",
    ),
    "a * (1 + B) / c": (
        "[Split|Divide|Share] a [bill|check] of $N plus [a|an] P tip [among|between] N people.",
        "A [bill|check] of $N with [a|an] P tip is [split|shared|divided] [among|between|by] N [people|friends]. "
        "[How much does each pay|How much per person|What does each pay]",
    ),
    "a * b * (1 + C)": (
        "N {i} [at|for] $N each plus P [tax|VAT|sales tax]. [Total|What is the total|How much is that|What do I pay]",
        "[What do|How much do] N {i} [at|for] $N each cost with P [tax|VAT|sales tax]",
    ),
    "a * b * (1 - C)": (
        "N {i} [at|for] $N each with P off. [Total|What is the total|How much is that|What do I pay]",
        "[What do|How much do] N {i} [at|for] $N each cost with [a|an] P discount",
    ),
    "a * B * c": (
        "[What is|How much is|What's] the simple interest on $N at P [for|over] N years",
        "$N at P simple interest for N years. How much interest is that",
    ),
    "a * (1 + B * c)": (
        "[What does|How much does] $N [grow|come|amount] to at P simple interest [after|in|over] N years",
    ),
    "a / (1 + B)": (
        "[A {a}|It] costs $N including P [tax|VAT|sales tax]. [What is the price before tax|How much is it before tax|"
        "What is it without tax]",
        "$N [includes|including] P [tax|VAT|sales tax]. [What is the net price|How much is it without tax]",
        "[My|The|A] [rent|salary|price] is $N after a raise of P. What was it before",
    ),
    "b / (1 + A)": (
        "After a raise of P[,|] [my|the|a] [rent|salary|price] is $N. What was it before",
    ),
    "a / (1 - B)": (
        "A {a} [costs|is] $N after [a|an] P discount. What [was the original price|did it cost before]",
        "I paid $N with P off. What was the [original|full] price",
    ),
    "b / (1 - A)": (
        "After [a|an] P discount[,|] a {a} [costs|is] $N. What [was the original price|did it cost before]",
        "With P off I paid $N. What was the [original|full] price",
    ),
    "a / b * 100": (
        "[What is|What's|How much is] N as a percentage of N",
        "N as a percentage of N",
        "N [out of|of] N as a <PERCENT>",
        "[What is|What's] N [out of|of] N as a <PERCENT>",
        "How many percent is N [out of|of] N",
        "[Express|Write|Give|Show] N of N [as a|in] <PERCENT>.",
        "N out of N in percent",
        "What <PERCENT> is N [if N is everything|when the total is N]",
        "I [got|scored|have] N out of N. What is [that|my score] [in percent|as a percentage]",
        "$N of my $N is what <PERCENT>",
    ),
    "b / a * 100": (
        "[How many percent|What share in percent] of N is N",
        "Out of a total of N, what <PERCENT> is N",
        "If N is everything, what <PERCENT> is N",
    ),
    "(a - b) / b * 100": (
        "N is how much [more|bigger|larger] than N in percent",
        "By what <PERCENT> is N [bigger|more|higher|greater|larger] than N",
        "[How many percent|What percent|What percentage] [bigger|more|higher|greater|larger] is N than N",
        "N is what <PERCENT> [more|bigger|higher|greater|larger] than N",
    ),
    "(b - a) / b * 100": (
        "By what <PERCENT> is N [smaller|less|lower] than N",
        "[How many percent|What percent|What percentage] [smaller|less|lower] is N than N",
    ),
    "(b - a) / a * 100": (
        "<GIVE> the percentage [change|increase] from N to N.",
        "[From N to N|Going from N to N] is [a change|an increase|a rise|a growth] of [what percent|how many percent]",
        "[What is|What's] the [percent|percentage] [increase|growth|rise] from N to N",
        "By [what|how many] percent [did it rise|did it grow|did it change|did it go up] from N to N",
        "[It|Something|The rent|The price] [rose|grew|went up] from $N to $N. [What|How many] percent is that",
        "I bought it for $N and sold it for $N. What [is the profit|is my profit|did I gain] in percent",
        "N [became|turned into|grew to] N. What is the percent[age|] change",
    ),
    "(a - b) / a * 100": (
        "[What is|What's] the [percent|percentage] [decrease|drop|decline|reduction] from N to N",
        "[From N to N|Going from N to N] is a [decrease|drop|loss|reduction] of [what percent|how many percent]",
        "[It|Something|The rent|The price] [fell|dropped|went down] from $N to $N. [What|How many] percent is that",
        "A {a} [reduced|marked down] from $N to $N is what <PERCENT> off",
    ),
    "a / B": (
        "N is P of [my|a|some|the whole] [number|amount|sum]. [What is it|What is the number|How much is [all of it|the whole]]",
        "If N is P[,|] [what is|how much is] [the whole|the total|all of it|everything]",
        "$N is P of [my|the] [rent|salary|price|budget]. [What is the whole|How much is it]",
    ),
    "b / A": (
        "P of [what|which amount|what amount] [equals|makes|gives|comes to] N",
        "P is N. What is [the whole|the total|everything]",
        "If P [is|are|equals] N[,|] [what is|how much is] [the whole|the total|all of it|everything|the full amount]",
    ),
}


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
    """{formula: ways} from units to smaller ones and back."""
    ways = {}
    for small, number, big in UNITS:
        for sign, given, asked in (("*", big, small), ("/", small, big)):
            ways[f"a {sign} {number}"] = tuple(
                re.sub(r"\b[XY]\b", lambda unit: f"[x:{asked if unit[0] == 'X' else given}]", way) for way in CONVERTED)
    return ways


def together(*tables):
    """One table of all ways, by what they come to."""
    found = {}
    for table in tables:
        for formula, ways in table.items():
            found[formula] = found.get(formula, ()) + ways
    return found


FORMULAS = together(EVERYDAY, ASKED, conversions())
SIGNS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}


@functools.cache
def outline(formula):
    """(operators, leaves) of a formula such as "c - a * b", in the order of the text, which names a before b: [(operation, the
    first and the last leaf of its span, is its right operand named first?), ...] and ["a", "b", "c"], which for "(1 - A) * b" are
    ["1", "A", "b"]: a number that isn't said stands where the formula has it.
    """
    def letters(node):
        return sorted(part.id.lower() for part in ast.walk(node) if isinstance(part, ast.Name))

    def read(node):
        if not isinstance(node, ast.BinOp):
            leaves.append(ast.unparse(node))
            return 2 * (len(leaves) - 1,)
        is_reversed = letters(node.right)[:1] < letters(node.left)[:1] and bool(letters(node.right))
        children = (node.right, node.left) if is_reversed else (node.left, node.right)
        (begin, middle), (_, end) = map(read, children)
        found[middle] = SIGNS[type(node.op)], begin, end, is_reversed
        return begin, end

    leaves, found = [], {}
    read(ast.parse(formula, mode="eval").body)
    return [found[position] for position in sorted(found)], leaves


def is_said(leaves):
    """Which of a formula's leaves the text says: letters, the first time."""
    return [leaf.isalpha() and leaf not in leaves[:place] for place, leaf in enumerate(leaves)]
