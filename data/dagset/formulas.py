"""Everyday formulas with numbers that nobody says: the 2 of an average, the 1 of a rise by 10%. Imports nothing of ours.

Written as the scenes of `scenes.py` are, and listed under what they come to, too. A capital letter of a formula is a number
in percent, P in its texts, and a letter's second time is the same number again. What ends in a full stop is a request, all
else a question.
"""
import ast

FORMULAS = {
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
SIGNS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}


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
