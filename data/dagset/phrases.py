"""The phrases expressions are put into: symbols, operator words and prose forms, and the frames round them.

`wording.py` chooses among them; `parser.py`, which reads them back, has tables of its own. Imports nothing.
"""
INFIX, NOUN, RELATION, IMPERATIVE, LINK = range(5)      # a link goes on from an imperative: ", then add b"
# Kinds that come at rates of their own. An item stands before all of a list's operands but the first and the last.
LIST_NOUN, LIST_IMPERATIVE, ITEM, QUESTION, SENTENCE_START, SENTENCE, PASSIVE = range(5, 12)
# The same where the operation names its second number itself: "Take 10. Double it, then halve it".
UNSAID_START, UNSAID_LINK, UNSAID_SENTENCE_START, UNSAID_SENTENCE = range(12, 16)
# What else some of them are in a text: sentences are links with a full stop, "Take 10. Then add 5."; passives are
# questions in a frame that asks, "When 3 is added to 4, what is the result?".
ACTS_AS = {LIST_NOUN: NOUN, LIST_IMPERATIVE: IMPERATIVE, SENTENCE_START: IMPERATIVE, SENTENCE: LINK, PASSIVE: QUESTION,
           UNSAID_START: IMPERATIVE, UNSAID_LINK: LINK, UNSAID_SENTENCE_START: IMPERATIVE, UNSAID_SENTENCE: LINK}
STARTS = ("start with", "take", "begin with", "think of", "my number is", "I start with")
# (kind, operation, text before the first operand, text between, is the operand read first the second one?)
FORMS = [
    (INFIX, "add", "", "plus", False),                                  # the first of an operation is its plain word
    (INFIX, "subtract", "", "minus", False),
    (INFIX, "subtract", "", "less", False),
    (INFIX, "subtract", "", "take away", False),
    (INFIX, "multiply", "", "times", False),
    (INFIX, "multiply", "", "multiplied by", False),
    (INFIX, "multiply", "", "multiplied with", False),
    (INFIX, "multiply", "", "of", False),                               # only after a percentage or a fraction
    (INFIX, "divide", "", "divided by", False),
    (INFIX, "divide", "", "over", False),
    *((NOUN, operation, the + noun, separator, False) for operation, noun, separator in (
        ("add", "sum of", "and"), ("subtract", "difference between", "and"), ("multiply", "product of", "and"),
        ("divide", "quotient of", "and"), ("divide", "ratio of", "to")) for the in ("the ", "")),
    (NOUN, "add", "the total of", "and", False),
    (NOUN, "add", "total of", "and", False),
    (NOUN, "subtract", "the difference of", "and", False),
    (NOUN, "add", "the result of adding", "to", False),
    (NOUN, "add", "the result of adding", "and", False),
    (NOUN, "subtract", "the result of subtracting", "from", True),
    (NOUN, "add", "adding", "to", False),
    (NOUN, "add", "adding", "and", False),
    (NOUN, "subtract", "subtracting", "from", True),
    (NOUN, "multiply", "multiplying", "by", False),
    (NOUN, "divide", "dividing", "by", False),
    (NOUN, "multiply", "the result of multiplying", "by", False),
    (NOUN, "multiply", "the result of multiplying", "and", False),
    (NOUN, "divide", "the result of dividing", "by", False),
    (RELATION, "add", "", "added to", False),
    (RELATION, "add", "", "more than", False),
    (RELATION, "add", "", "increased by", False),
    (RELATION, "add", "", "raised by", False),
    (RELATION, "add", "", "greater than", False),
    (RELATION, "add", "", "larger than", False),
    (RELATION, "add", "", "combined with", False),
    (RELATION, "subtract", "", "subtracted from", True),
    (RELATION, "subtract", "", "less than", True),
    (RELATION, "subtract", "", "fewer than", True),
    (RELATION, "subtract", "", "diminished by", False),
    (RELATION, "subtract", "", "lowered by", False),
    (RELATION, "subtract", "", "smaller than", True),
    (RELATION, "subtract", "", "taken from", True),
    (RELATION, "subtract", "", "taken away from", True),
    (RELATION, "subtract", "", "deducted from", True),
    (RELATION, "subtract", "", "decreased by", False),
    (RELATION, "subtract", "", "reduced by", False),
    (RELATION, "subtract", "", "subtracted by", False),
    (RELATION, "multiply", "", "times", False),
    (RELATION, "multiply", "", "multiplied by", False),
    (RELATION, "multiply", "", "times as large as", False),
    (RELATION, "multiply", "", "times as much as", False),
    (RELATION, "multiply", "", "times as big as", False),
    (RELATION, "multiply", "", "times as many as", False),
    (RELATION, "divide", "", "split into", False),
    (RELATION, "divide", "", "shared among", False),
    (RELATION, "divide", "", "shared equally among", False),
    (RELATION, "divide", "", "divided equally among", False),
    (RELATION, "divide", "", "divided by", False),
    (IMPERATIVE, "add", "add", "to", False),
    (IMPERATIVE, "add", "add", "and", False),
    (IMPERATIVE, "add", "sum", "and", False),
    (IMPERATIVE, "add", "find the sum of", "and", False),
    (IMPERATIVE, "add", "take", "and add", False),
    (IMPERATIVE, "add", "increase", "by", False),
    (IMPERATIVE, "add", "raise", "by", False),
    (IMPERATIVE, "add", "combine", "and", False),
    (IMPERATIVE, "add", "put together", "and", False),
    (IMPERATIVE, "subtract", "subtract", "from", True),
    (IMPERATIVE, "subtract", "deduct", "from", True),
    (IMPERATIVE, "subtract", "take", "from", True),
    (IMPERATIVE, "subtract", "take away", "from", True),
    (IMPERATIVE, "subtract", "take", "away from", True),
    (IMPERATIVE, "subtract", "take", "and subtract", False),
    (IMPERATIVE, "subtract", "decrease", "by", False),
    (IMPERATIVE, "subtract", "reduce", "by", False),
    (IMPERATIVE, "subtract", "lower", "by", False),
    (IMPERATIVE, "subtract", "remove", "from", True),
    (IMPERATIVE, "subtract", "find the difference between", "and", False),
    (IMPERATIVE, "multiply", "multiply", "by", False),
    (IMPERATIVE, "multiply", "multiply", "and", False),
    (IMPERATIVE, "multiply", "multiply", "with", False),
    (IMPERATIVE, "multiply", "take", "and multiply it by", False),
    (IMPERATIVE, "multiply", "find the product of", "and", False),
    (IMPERATIVE, "divide", "divide", "by", False),
    (IMPERATIVE, "divide", "split", "into", False),
    (IMPERATIVE, "divide", "share", "among", False),
    (IMPERATIVE, "divide", "find the quotient of", "and", False),
    (IMPERATIVE, "divide", "take", "and divide it by", False),
    *((IMPERATIVE, operation, start, ", " + verb, False) for start in STARTS for operation, verb in (
        ("add", "add"), ("subtract", "subtract"), ("multiply", "multiply by"), ("divide", "divide by"))),
    *((LINK, operation, "", then + verb, False) for then in (", ", "and ", ", then ", "then ", ", and then ", "and finally ")
      for operation, verb in (
        ("add", "add"), ("subtract", "subtract"), ("multiply", "multiply by"), ("divide", "divide by"))),
    (LINK, "subtract", "", ", take away", False),
    (LINK, "multiply", "", "and multiply it by", False),
    (LINK, "multiply", "", ", multiply that by", False),
    (LINK, "divide", "", "and divide it by", False),
    (LINK, "multiply", "", ", then multiply the result by", False),
    (LINK, "divide", "", ", divide that by", False),
    (LINK, "divide", "", ", then divide the result by", False),
    *((LIST_NOUN, operation, noun, separator, False) for separator in ("and", ", and") for operation, noun in (
        ("add", "the sum of"), ("add", "sum of"), ("add", "the total of"), ("add", "the result of adding"),
        ("multiply", "the product of"), ("multiply", "product of"), ("multiply", "the result of multiplying"))),
    *((LIST_IMPERATIVE, operation, verb, separator, False) for separator in ("and", ", and") for operation, verb in (
        ("add", "add"), ("add", "add together"), ("add", "add up"), ("add", "sum"), ("add", "find the sum of"),
        ("multiply", "multiply"), ("multiply", "multiply together"), ("multiply", "find the product of"))),
    (ITEM, "add", "", ",", False),
    (ITEM, "multiply", "", ",", False),
    (QUESTION, "subtract", "how much more is", "than", False),
    (QUESTION, "subtract", "how much greater is", "than", False),
    (QUESTION, "subtract", "how much larger is", "than", False),
    (QUESTION, "subtract", "how much bigger is", "than", False),
    (QUESTION, "subtract", "how many more is", "than", False),
    (QUESTION, "subtract", "by how much is", "greater than", False),
    (QUESTION, "subtract", "by how much does", "exceed", False),
    (QUESTION, "subtract", "how much less is", "than", True),
    (QUESTION, "subtract", "how much smaller is", "than", True),
    (QUESTION, "subtract", "by how much is", "smaller than", True),
    (QUESTION, "subtract", "what must be added to", "to get", True),
    (QUESTION, "subtract", "what do you have to add to", "to get", True),
    (QUESTION, "subtract", "what number must be added to", "to get", True),
    (QUESTION, "subtract", "what must be added to", "to make", True),
    (QUESTION, "subtract", "what do I need to add to", "to get", True),
    (QUESTION, "subtract", "what must be subtracted from", "to get", False),
    (QUESTION, "subtract", "how much is left of", "after taking away", False),
    (QUESTION, "subtract", "what is left of", "after subtracting", False),
    (QUESTION, "subtract", "what's left of", "after taking away", False),
    (QUESTION, "subtract", "what remains if you take", "from", True),
    (QUESTION, "subtract", "what remains when you subtract", "from", True),
    (QUESTION, "divide", "what must", "be multiplied by to get", True),
    (QUESTION, "divide", "how many times does", "fit into", True),
    (QUESTION, "divide", "how many times does", "go into", True),
    (QUESTION, "divide", "how often does", "go into", True),
    (QUESTION, "subtract", "what is left when you take", "from", True),
    (QUESTION, "subtract", "how much is left if you take", "from", True),
    (QUESTION, "subtract", "how much is left if you take", "away from", True),
    *((PASSIVE, operation, start, "is " + participle, is_reversed) for start in ("when", "if")
      for operation, participle, is_reversed in (
        ("add", "added to", False), ("add", "increased by", False), ("subtract", "subtracted from", True),
        ("subtract", "taken away from", True), ("subtract", "taken from", True), ("subtract", "removed from", True),
        ("subtract", "lowered by", False), ("add", "raised by", False), ("multiply", "multiplied with", False),
        ("divide", "split into", False), ("add", "combined with", False),
        ("subtract", "decreased by", False), ("subtract", "reduced by", False),
        ("multiply", "multiplied by", False), ("divide", "divided by", False))),
    *((SENTENCE_START, operation, start, ". " + verb, False) for start in STARTS for operation, verb in (
        ("add", "Add"), ("subtract", "Subtract"), ("multiply", "Multiply by"), ("divide", "Divide by"))),
    *((SENTENCE, operation, "", then + verb, False) for then in (". Then ", ". Now ") for operation, verb in (
        ("add", "add"), ("subtract", "subtract"), ("multiply", "multiply by"), ("divide", "divide by"))),
    *((kind, operation, start, lead + (verb.capitalize() if lead == ". " else verb) + what, False)
      for operation, verb in (("multiply", "double"), ("divide", "halve"))
      for kind, starts, leads in (
        (UNSAID_START, STARTS, (", ",)), (UNSAID_SENTENCE_START, STARTS, (". ",)),
        (UNSAID_LINK, ("",), (", ", ", then ", "and ")), (UNSAID_SENTENCE, ("",), (". ", ". Then ", ". Now ")))
      for start in starts for lead in leads for what in ((" it",) if start else (" it", " the result", " it again"))[
        :1 + 2 * (lead in (", ", ". "))]),
    (UNSAID_START, "divide", "halve", "", False),
    *((kind, "divide", start, lead + verb, False) for verb in ("cut it in half", "divide it in half")
      for kind, starts, lead in (
        (UNSAID_START, STARTS[:4], ", "), (UNSAID_LINK, ("",), ", "),
        (UNSAID_LINK, ("",), ", then "), (UNSAID_LINK, ("",), "and "), (UNSAID_SENTENCE, ("",), ". Then "))
      for start in starts),
    *((SENTENCE, operation, "", ". " + verb, False) for operation, verb in (
        ("add", "Add"), ("subtract", "Subtract"), ("subtract", "Take away"), ("multiply", "Multiply by"),
        ("multiply", "Multiply the result by"), ("divide", "Divide by"), ("divide", "Divide that by"))),
    *((SENTENCE, operation, "", ". I " + verb, False) for operation, verb in (
        ("add", "add"), ("add", "then add"), ("subtract", "subtract"), ("subtract", "take away"), ("multiply", "multiply by"),
        ("multiply", "multiply it by"), ("divide", "divide by"), ("divide", "divide it by"))),
    (RELATION, "add", "", "on top of", False),
    (RELATION, "add", "", "bigger than", False),
    (RELATION, "multiply", "", "lots of", False),
    (RELATION, "multiply", "", "groups of", False),
    (RELATION, "divide", "", "shared between", False),
    (RELATION, "divide", "", "split between", False),
    (RELATION, "divide", "", "split equally among", False),
    (RELATION, "divide", "", "split evenly among", False),
    (IMPERATIVE, "subtract", "from", "subtract", False),
    (IMPERATIVE, "subtract", "from", "take away", False),
    (IMPERATIVE, "subtract", "from", "take", False),
    (IMPERATIVE, "divide", "share", "between", False),
    (IMPERATIVE, "divide", "split", "among", False),
    (IMPERATIVE, "divide", "split", "between", False),
    (IMPERATIVE, "divide", "cut", "into", False),
    (QUESTION, "divide", "how many times larger is", "than", False),
    (QUESTION, "divide", "how many times bigger is", "than", False),
    (QUESTION, "subtract", "how much higher is", "than", False),
    (QUESTION, "subtract", "how much lower is", "than", True),
    *((QUESTION, operation, f"what{number} {sign}", equals, is_reversed) for number in ("", " number")
      for operation, sign, is_reversed in (("subtract", "plus", True), ("add", "minus", False), ("divide", "times", True),
                                           ("multiply", "divided by", False)) for equals in ("is", "equals")
      if number or sign != "minus"),                                    # "I wonder what minus 5 is" is -5
    *((QUESTION, operation, "", f"{sign} what{end}", is_reversed)
      for operation, sign, is_reversed in (("subtract", "plus", True), ("subtract", "minus", False), ("divide", "times", True),
                                           ("divide", "divided by", False)) for end in (" is", " equals", " number is")),
    (QUESTION, "divide", "how many groups of", "are in", True),
    (QUESTION, "divide", "how many groups of", "can you make from", True),
    (QUESTION, "divide", "how many times can you take", "from", True),
    (QUESTION, "divide", "what do you have to multiply", "by to get", True),
    (QUESTION, "divide", "what do you multiply", "by to get", True),
    (QUESTION, "subtract", "how far is it from", "to", True),
    (QUESTION, "subtract", "what do you add to", "to get", True),
    (QUESTION, "subtract", "what do you subtract from", "to get", False),
]
TOGETHER = ("add", "multiply")                          # imperatives that a list may follow with " together" behind it

# Symbols of the four operations, a set for a text, and which of the sets `times_sign_rate` chooses among.
SYMBOL_SETS = ("+-*/", "+−×÷", "+-x/", "+-X/", "+-×/", "+-·/")
PLAIN_SET, TYPESET = 0, 1
TIMES_SETS = (2, 2, 2, 2, 3, 4, 4, 5)
BRACKETS = ("()", "[]")

# (before, after); texts begin with the expression where `before` is empty, lines where it ends in a newline.
FRAMES = [
    *8 * [("", "=")],                               # the commonest by far, where people ask machines
    ("What is", "?"), ("Q:", " \n\nA:"), ("Calculate", ""), ("", " ="), ("What's", "?"), ("Q: What is", "?\n\nA:"),
    ("Question: What is", "?\nAnswer:"), ("Calculate", "."), ("Compute", ""), ("Compute", "."), ("Evaluate", ""),
    ("Find", "."), ("Find the value of", "."), ("Work out", "."), ("Solve", ""), ("How much is", "?"), ("", "="),
    ("", " = ?"), ("", " equals"), ("", " is"), ("The value of", " is"), ("The answer to", " is"), ("", "?"),
    ("Please calculate", "."), ("Tell me", "."), ("Can you work out", "?"), ("what is", ""), ("calculate", ""),
    ("Question:", "\nAnswer:"), ("How much is", ""), ("What is the value of", "?"), ("What does", " equal?"),
    # verbs, with and without a colon
    ("Calculate:", ""), ("Compute:", ""), ("Evaluate:", ""), ("Solve:", ""), ("Simplify", ""), ("Simplify:", ""),
    ("compute", ""), ("evaluate", ""), ("solve", ""), ("find", ""), ("simplify", ""), ("Evaluate", "."),
    ("Solve", "."), ("Determine", "."), ("Determine the value of", "."), ("Work out", ""), ("Work this out:", ""),
    ("Calculate the following:", ""), ("Compute the following:", ""), ("Solve the following:\n", ""),
    ("Please compute", "."), ("Please solve", ""), ("Please evaluate", "."), ("Can you calculate", "?"),
    ("Could you compute", "?"), ("Calculate the value of", "."), ("Give me", "."), ("Give me the result of", "."),
    # questions
    ("What is", ""), ("what's", "?"), ("what's", ""), ("whats", ""), ("What is", " equal to?"),
    ("How much does", " make?"), ("How many is", "?"), ("Whats", "?"), ("what is", "?"), ("how much is", "?"),
    ("how much is", ""), ("What is the result of", "?"), ("What's the result of", "?"), ("What's the answer to", "?"),
    ("What is the answer to", "?"), ("What will be the value of", "?"), ("What would", " be?"), ("What will", " be?"),
    ("What does", " come to?"), ("What does", " make?"), ("what does", " equal"), ("How much would", " be?"),
    ("What number is", "?"), ("How much do you get for", "?"), ("What do you get for", "?"),
    ("What do you get if you compute", "?"), ("What do you get when you calculate", "?"),
    ("If you calculate", ", what do you get?"), ("If I compute", ", what is the result?"), ("Tell me what", " is."),
    ("Could you tell me what", " is?"), ("Can you tell me what", " is?"), ("I need to know what", " is."),
    ("I want to know what", " is."), ("Do you know what", " is?"), ("Let me know what", " is."),
    ("Which number is", "?"), ("Hey, what is", "?"), ("Hi! What is", "?"), ("So what is", "?"),
    ("Quick question: what is", "?"), ("I need the value of", "."),
    # what follows alone
    ("", " =?"), ("", "=?"), ("", "= ?"), ("", " equals what?"), ("", " is what?"), ("", " is how much?"),
    ("", " is equal to"), ("", " makes"), ("", " equals?"), ("", "."), ("", ", please."), ("", " please"),
    ("The result of", " is"),
    # dialogues and sheets
    ("Q.", "\nA."), ("Q:", "\nA:"), ("Question:", "?\nAnswer:"), ("Problem:", "\nSolution:"),
    ("Problem:", "\nAnswer:"), ("Exercise:", ""), ("Input:", "\nOutput:"), ("User:", "\nAssistant:"),
    ("Expression:", "\nValue:"), ("Answer:", ""), ("User: What is", "?\nAssistant:"),
    ("Problem: Calculate", ".\nSolution:"),
]
IMPERATIVE_FRAMES = [
    ("", ""), ("", "."), ("Please", "."), ("Q:", " \n\nA:"), ("Question:", "\nAnswer:"), ("Now", "."),
    ("Can you", "?"), ("If you", ", what do you get?"), ("if you", " what do you get"), ("If I", ", what do I get?"),
    ("If we", ", what is the result?"), ("What do you get when you", "?"), ("What do you get if you", "?"),
    ("what do you get if you", ""), ("What do I get if I", "?"), ("How much do you get if you", "?"),
    ("What is the result if you", "?"), ("What is the result when you", "?"), ("What's the answer if you", "?"),
    ("What happens if I", "?"), ("What happens when you", "?"), ("I want to", "."), ("I need to", "."), ("Let's", "."),
    ("Could you", "?"), ("please", ""), ("", ", please."), ("", " and tell me the result."),
    ("Q: What do you get if you", "?\n\nA:"), ("Problem:", "\nSolution:"),
    ("Question: If you", ", what do you get?\nAnswer:"), ("User:", "\nAssistant:"), ("Next,", "."),
]

SENTENCE_FRAMES = [
    ("", "."), ("", ". What do you get?"), ("", ". What is the result?"), ("Q:", ".\n\nA:"),
    ("", ". What is the answer?"), ("Question:", ". What do you get?\nAnswer:"), ("", ". What do you have now?"),
    ("Problem:", ".\nAnswer:"), ("User:", ".\nAssistant:"), ("", ". What's the result?"),
]
QUESTION_FRAMES = [
    ("", "?"), ("", ""), ("Q:", "?\n\nA:"), ("Question:", "?\nAnswer:"), ("Tell me,", "?"), ("User:", "?\nAssistant:"),
]
PASSIVE_FRAMES = [
    ("What is the result", "?"), ("What do you get", "?"), ("what do you get", ""), ("What's the answer", "?"),
    ("What is the answer", "?"), ("Q: What is the result", "?\n\nA:"), ("User: What do you get", "?\nAssistant:"),
    ("What number do you get", "?"), ("What would you get", "?"), ("What is the outcome", "?"), ("What do I have", "?"),
    ("", ", what is the result?"), ("", ", what do you get?"), ("", " what do you get"), ("", ", what is the answer?"),
    ("Q:", ", what is the result?\nA:"), ("Question:", ", what do you get?\nAnswer:"), ("", ", the result is"),
]
# What question_rate adds to the frames of expressions and of imperatives
MORE_FRAMES = [
    ("Can you compute", " for me?"), ("Can you calculate", " for me?"), ("Could you work out", " for me?"),
    ("Calculate", " for me."), ("Tell me the value of", "."), ("What is the value of the expression", "?"),
    ("Find the answer to", "."), ("What would be the result of", "?"), ("Quick math:", ""), ("Math problem:", ""),
    ("Any idea what", " is?"), ("I have to calculate", "."), ("Give the value of", "."), ("Help me calculate", "."),
    ("Do you know how much", " is?"), ("what is the answer to", ""), ("Write down the value of", "."),
    ("What do we get from", "?"), ("I'd like to know what", " is."), ("How would you calculate", "?"), ("Say,", "?"),
    ("My question is:", "?"), ("What is", " in total?"), ("How much is", " altogether?"), ("What does", " add up to?"),
    ("What do", " make?"), ("Hello, what is", "?"), ("Hi, how much is", "?"), ("Let me ask you: what is", "?"),
    ("Thanks! And what is", "?"), ("Exactly how much is", "?"), ("What exactly is", "?"),
    ("Answer this: what is", "?"), ("The question is: what is", "?"), ("My homework says:", "."),
    ("Just tell me", "."), ("I wonder what", " is."), ("OK,", "?"), ("Now", "."), ("", " in total?"),
    ("", ", in numbers?"), ("x =", ". What is x?"), ("Let x =", ". What is x?"), ("If x =", ", what is x?"),
    ("If x is", ", what is x?"),
]
MORE_IMPERATIVE_FRAMES = [
    ("Can you", " for me?"), ("Could you", " for me?"), ("Please", " for me."), ("can you", " for me"),
    ("Would you", "?"), ("Could you please", "?"), ("Can you please", " for me?"), ("What would you get if you", "?"),
    ("Help me", "."), ("What number do you get if you", "?"), ("What will I get if I", "?"),
    ("What is the answer when you", "?"), ("what would I get if I", ""), ("When you", ", what do you get?"),
    ("I'd like to", "."), ("If you", ", how much is left?"), ("If I", ", what is left?"),
    ("If you", ", how much do you have?"), ("If we", ", what remains?"), ("When I", ", what do I have left?"),
    ("If you", ", how many are left?"), ("If you", ", what number do you get?"), ("", ". What is left?"),
]
# The frames of a group stand together; the first group's first is none at all.
FRAME_GROUPS = (FRAMES, IMPERATIVE_FRAMES, SENTENCE_FRAMES, QUESTION_FRAMES, MORE_FRAMES, MORE_IMPERATIVE_FRAMES,
                PASSIVE_FRAMES)

# Calculator annotations in prose: "Tom has 12 books. So he pays $2*9 = $<<2*9=". A sentence or two numbers that nothing is
# asked about, the subject and then numbers and nouns; what leads to the expression; what opens the annotation.
SUBJECTS = (
    "Tom has", "Anna bought", "A box holds", "The shop sold", "Each ticket costs", "There are", "Last week Ben earned",
    "The trip took", "A farmer picked", "The class has", "Maria needs", "He drove", "She read", "They paid", "It takes",
    "Every day Sam runs", "The price was", "In May they planted", "Lily is", "His brother has", "On Monday she made",
    "The tank holds", "Of these,", "A pack of",
)
AMOUNTS = tuple(" " + amount for amount in (
    "2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 18 20 21 24 25 27 30 32 36 40 45 48 50 56 60 64 72 75 80 84 90 96 100 120 144 150 "
    "200 250 300 365 400 480 500 750 900 1000 1,200 1,500 2,500 3000 4,800 $5 $12 $20 $1.50 $2.75 $4.50 $12.35 $64.00 $250 "
    "$899.99 $1,350 .5 0.75 1.5 2.5 6.25 1/2 1/3 3/4 2/5 10% 15% 20% 25% 7.5%").split())
NOUNS = ("", " apples", " dollars", " tickets", " books", " hours", " miles", " eggs", " years old", " times as many",
         " pounds of rice", " students", " each", " percent of them", " minutes a day", " cans of paint", " of the cost", " a day",
         " feet", " birds")
CONNECTIVES = (" and", ", and", ", then", " for", " by", " or", " with", " out of")
# Behind the first only what begins with a digit can follow, behind the second anything, behind the third an annotation.
LEADS = (
    ("So he has ", "That makes ", "Together they have ", "In all there are ", "This is ", "She needs ", "It took ", "He read ",
     "That leaves ", "The total is ", "So they sold ", "Each of them gets ", "", "", "So ", "Now ",
     "Total: "),
    ("So he pays $", "That is $", "She earned $", "The total is $", "Together they spent $", "He has $", "It costs $",
     "She gets back $", "Her profit was $", "They saved $", "The bill came to $", "So the rest is $", "Now $", "Total: $",
     "Then $", "So $", "This is $"),
    ("So he has", "That makes", "Together they have", "In all there are", "This is", "She needs", "So he pays", "The total is",
     "The bill came to", "They saved", "That leaves", "It costs", "Total:", "So", "Now", "Then", "Altogether"),
)
ANNOTATIONS = ((" <<", " $<<", " = <<", " =<<"), (" = <<", " = $<<", "=<<", "=$<<"))  # behind a lead, behind an expression

ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen").split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion")

NO_SIGN, HYPHEN, TYPESET_MINUS, NEGATIVE, MINUS, TWO_HYPHENS = range(6)
SIGN_TEXTS = ("", "-", "−", "negative", "minus", "--")

CURRENCIES = ("$", "$", "$", "€", "£")
# What people put before a question in a chat, in front of its first word as it stands or, behind a comma or a word, in
# lower case; before its final sign; and behind it.
GREETINGS = ("Hello!", "Hi!", "Good morning.", "Help!", "Here is one:", "Next question:", "I have a question:", "I need help.",
             "Just for fun:", "Can you help me?", "Let's see:", "Tell me:", "Easy one:", "Without a calculator:", "Math:",
             "Homework:", "Think about this:", "One more:", "Answer quickly:", "This is for school.", "Hi there!",
             "Listen.", "Be careful!", "Thanks! Next:",
             "Hey, quick one:", "I'm checking a receipt.", "Thanks for the last one.", "Question for you:",
             "I am stuck.", "My son asks:", "Pop quiz:", "Just checking:", "A friend asked me:",
             "I forgot my calculator.", "From my worksheet:", "Sanity check:", "Real quick:", "Next one:",
             "I have no calculator here.", "We are arguing about this:", "Time for math!", "Good evening!",
             "Here we go:", "Trivia time:",
             "Hello,", "Hi,", "Hey,", "Hey there,", "Okay,", "Okay so", "OK,", "Well,", "So,", "Now,", "Alright,", "Please",
             "Excuse me,", "Sorry,", "My calculator is broken,", "For my homework,", "By the way,", "And", "Now tell me,",
             "Quickly,", "If you can,", "Just", "Okay then,", "Also,", "Sir,", "Dear assistant,", "Thanks,", "Hmm,", "Ok so",
             "Right,", "Next up,", "If you would,", "Kindly")
LOWER_FROM = GREETINGS.index("Hello,")
REQUESTS = (", please", " please", " as a decimal", " exactly", " in total", " altogether", " as a number", ", exactly",
            " for me, please", " then", " right now", ", again")
THANKS = (" Thanks!", " Thank you.", " Thanks.", " Please answer with a number.", " What's that?", " Just the number, please.",
          " What is the answer?", " I need the exact number.")
# What is counted, which changes nothing
UNITS = (" dollars", " apples", " meters", " kilograms", " points", " books", " days", " miles", " hours", " people", " cents",
         " kg", " km", " pieces", " units", " eggs", " cookies", " tickets", " minutes", " students", " liters", " feet", " cm",
         " pounds", " boxes", " cars", " cards", " bags", " parts")

NO_PERCENT, PERCENT_SIGN, PERCENT, PER_CENT = range(4)
PERCENT_TEXTS = ("", "%", " percent", " per cent")
