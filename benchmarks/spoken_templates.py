"""Dialogues of a contact centre for the spoken benchmark, written after the detector and never used to write it.

A: agent, C: customer. {kind} is a value said in one go, {kind:2/3} its second of three parts, {kind!} said again in
another manner. The two halves (even and odd places of a list) are reported apart; the odd half is only counted.
"""

DIALOGUES: tuple[str, ...] = (
    # names
    "A: Thanks for ringing, you've reached billing. Who have I got on the line?\nC: {name}.",
    "A: Good afternoon, what can I do for you today?\nC: Hiya, it's {name} here, I've had a letter about my boiler cover.",
    "C: Morning. {name} speaking, I'm ringing about my mum's order.\nA: No problem at all, let me pull that up.",
    "A: And whose name is the booking under?\nC: It'll be under {name}, I would think.\nA: {name!}, lovely, found it.",
    "A: Can you spell the surname for me?\nC: Yeah, it's {spelt}.\nA: Thanks for that.",
    "C: I was speaking to {name} yesterday and she said someone would ring back.\nA: Right, I can see a note from {name!}.",
    "A: Is there somebody else on the policy?\nC: My husband, {name}, he's the main driver.",
    "C: Could you put the parcel in the name of {name} please, not mine?\nA: Of course.",
    "A: I'm sorry, I didn't catch that.\nC: {spelt}, and the first name is {first}.",
    "A: Can I just check I'm talking to the account holder?\nC: You are, {name}.",
    # phones
    "A: What's the best number to get you on?\nC: Probably my mobile, that's {phone}.",
    "A: And if we get cut off, where do I ring you?\nC: {phone}\nA: Great, {phone!}.",
    "C: Can someone ring me back this afternoon? {phone}, after three please.\nA: We'll do our best.",
    "A: Could I have a daytime number?\nC: {phone:1/2}\nA: uh huh\nC: {phone:2/2}\nA: Got that, thanks.",
    "A: Is it still the number ending {last4} that we should text?\nC: No, I've changed it, it's {phone} now.",
    "C: My old landline was {phone}, you can take that off.\nA: Done.",
    "A: I've a number here but it doesn't look complete.\nC: Oh, right, it should be {phone}.",
    "C: I missed a call from you, from {phone}, was that about the delivery?\nA: That's our depot, yes.",
    # email
    "A: Where shall I email the label?\nC: {email}\nA: Perfect.",
    "C: You've got my email wrong, it's {email}.\nA: Oh, I'm sorry about that, let me fix it.",
    "A: And the email on the account?\nC: That would be {email}, all lower case.",
    "C: Send the receipt over to {email} would you?\nA: Sure thing.",
    "A: I'll send a link. Which address should I use?\nC: Use my work one, {email}.",
    "A: So that's {email}, have I got that right?\nC: Spot on.",
    # cards
    "A: Go ahead with the long number whenever you're ready.\nC: {card}",
    "A: Right, card details please.\nC: It's a Visa. {card:1/4}\nA: Yep\nC: {card:2/4}\nA: Yeah\nC: {card:3/4}\nA: Okay\nC: {card:4/4}",
    "C: I'll read it off the front for you, {card}, and it runs out {expiry}.\nA: And the three on the back?\nC: {cvv}",
    "A: What's the sixteen digit number?\nC: {card:1/2}\nA: Sorry, could you slow down a bit?\nC: Sure, {card:2/2}\nA: Thank you. Security number?\nC: {cvv}.",
    "C: The card I paid with starts {card:1/4} and then {card:2/4}\nA: keep going\nC: {card:3/4} {card:4/4}",
    "A: I need to read the card back to you. {card}. Is that right?\nC: It is.",
    "C: I think I've been charged twice on my card, it's {card}.\nA: Let me look into it.",
    "A: Which card is it?\nC: The debit one, the last four are {last4}.\nA: Thanks.",
    "A: And the expiry?\nC: {expiry}\nA: Plus the CVV?\nC: It's {cvv}.",
    # national ids
    "A: For security can I take your social?\nC: Sure, {ssn}.",
    "A: I need the last four of your social security number.\nC: {last4}.",
    "A: What's your National Insurance number?\nC: {nino}.",
    "A: May I have your Aadhaar number, sir?\nC: Yes, note it down, {aadhaar}.",
    "A: Could you give me your tax file number?\nC: Yeah, {tfn}.",
    "C: My driver's licence number is {licence}, does that help?\nA: It does, thanks.",
    "A: And your passport number?\nC: {passport}.",
    # accounts
    "A: Do you have your account number handy?\nC: I do, {account}.",
    "C: The reference on the letter is {account}, if that's any use.\nA: It is.",
    "A: Can you read me the order number?\nC: {code}.\nA: {code!}, got it.",
    "C: My booking reference, hang on, it's {code}.\nA: Lovely, I've found you.",
    "A: What's the policy number, please?\nC: {code}\nA: Thanks ever so much.",
    "C: Customer number {account:1/2}\nA: mm hmm\nC: {account:2/2}\nA: Right you are.",
    "A: Sort code?\nC: {sort}\nA: And the account?\nC: {account}.",
    "C: Please pay it into the same bank account, sort code {sort}, account {account}.\nA: We can do that.",
    # addresses
    "A: Where's it going?\nC: {address}.",
    "A: Can you confirm the first line of your address and the postcode?\nC: Yeah, {address}.",
    "C: We've moved, we're at {address} now.\nA: Congratulations, I'll update that.",
    "A: And what's the delivery address?\nC: It's {address}\nA: Thanks.",
    "C: The engineer went to the wrong house, I'm at {address}.\nA: Oh no, I do apologise.",
    "A: What's your postcode?\nC: {postcode}.\nA: And the house number?\nC: {house}.",
    "A: I have you at {address}, is that still right?\nC: It is.",
    # dates of birth
    "A: And your date of birth?\nC: {dob}.",
    "A: Just for data protection, when were you born?\nC: {dob}\nA: Brilliant.",
    "C: I'm a pensioner, I was born {dob}.\nA: Then the discount applies.",
    "A: Date of birth for the patient?\nC: She's {dob}.",
    "A: Can I get your birthday, please?\nC: Uh, {dob}",
    # secrets
    "A: What's your telephone password?\nC: {word}.",
    "A: And the memorable place?\nC: It's {word}.",
    "A: What was the name of your first school?\nC: {word}",
    "A: Could I have the second and fourth characters of your PIN?\nC: The whole thing is {pin}.\nA: You shouldn't tell me all of it.",
    "A: And your mother's maiden name?\nC: {surname}.",
    "A: I've just texted you a code, what is it?\nC: {otp}.",
    # several at once
    "A: Hello, you're through to {name}. Can I take your name?\nC: {name2}, and my account is {account}.\nA: Thanks {first2}. Date of birth?\nC: {dob}.",
    "C: Name's {name}, number's {phone}, email's {email}.\nA: Slow down, slow down.",
    "A: Let me confirm: {name}, {address}, and the number is {phone}.\nC: Yes, all correct.",
    # nothing personal: what must stay
    "C: I bought three chairs for two hundred and forty nine pounds and one of them came with a wobbly leg.\nA: I see, and when did it arrive?\nC: A week ago last Tuesday, around half past four.",
    "A: Delivery takes three to five working days, and it costs four ninety nine under fifty pounds.\nC: That's fine. Is there any chance of a Saturday?\nA: Between eight and twelve, yes.",
    "C: The washing machine stops at forty degrees and shows error twenty one.\nA: Have you tried turning it off for ten minutes?\nC: I have, four times.",
    "A: Your contract runs for twenty four months, and the first six are half price.\nC: So what do I pay in all?\nA: Six hundred and thirty dollars.",
    "C: I've been on hold for an hour and a quarter, and I was number nineteen in the queue.\nA: I'm really sorry, we've had twelve hundred calls since this morning.",
    "A: It's two meters by one point four, and it weighs sixty five kilos.\nC: Will it fit up the stairs? They're about ninety centimetres wide.\nA: It should, if two people carry it.",
    "A: The train leaves at nine fifteen from platform seven and gets in at eleven oh two.\nC: And the one after that?\nA: Ten fifteen, every hour on the quarter.",
    "C: You sent a size ten and I asked for a twelve, in green, not blue.\nA: We can swap that, do you still have the box?\nC: I do, and the invoice too.",
    "A: We open at eight in the morning and close at six, ten to four on Sundays.\nC: And on the bank holiday?\nA: Closed, I'm afraid.",
    "C: The broadband was meant to be five hundred megabits and I get thirty at best.\nA: Let me run a line test, it takes about two minutes.",
)
