"""What people can ask, in plain words; the law's own term stands small beneath."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Asking:
    """One thing to ask for: on the privacy centre, and at the head of its form."""

    icon: str
    title: str
    text: str
    lead: str
    submit: str
    details: str


ASKINGS = {
    "access": Asking(
        "download",
        "Get a copy of my data",
        "Everything we hold about you, with your conversations.",
        "Tell us who you are. Then you get a file with everything we hold about you.",
        "Ask for my data",
        "Anything that helps us find it",
    ),
    "erase": Asking(
        "trash",
        "Erase me",
        "We erase what no law makes us keep, and tell you what stays.",
        "Tell us who you are. Then we erase what no law makes us keep.",
        "Ask to be erased",
        "Anything that helps us find it",
    ),
    "restrict": Asking(
        "hand-stop",
        "Stop using my data for now",
        "We keep it, but do not use it until the matter is settled.",
        "Tell us who you are, and why we should stop.",
        "Ask to stop",
        "What is it about?",
    ),
    "correct": Asking(
        "edit",
        "Correct something",
        "Tell us what is wrong, and what is right.",
        "Tell us who you are, what is wrong, and what is right.",
        "Ask to correct it",
        "What is wrong, and what is right?",
    ),
    "port": Asking(
        "package-export",
        "Take my data elsewhere",
        "A file that other services can read.",
        "Tell us who you are. Then you get a file that other services can read.",
        "Ask for the file",
        "Anything that helps us find it",
    ),
    "object": Asking(
        "ban",
        "Object to a use",
        "Say no to something that we do with your data.",
        "Tell us who you are, and what you object to.",
        "Object",
        "What do you object to?",
    ),
    "withdraw": Asking(
        "x",
        "Take back my consent",
        "It is as easy as giving it. What we did before stays lawful.",
        "Tell us who you are, and what you no longer agree to.",
        "Take it back",
        "What do you no longer agree to?",
    ),
    "automated": Asking(
        "user",
        "Have a person decide",
        "A person looks again at what a program decided about you.",
        "Tell us who you are, and which decision it is about.",
        "Ask for a person",
        "Which decision is it about?",
    ),
    "know": Asking(
        "eye-search",
        "Know what you collect",
        "Which kinds of data, why, and who gets them.",
        "Tell us who you are. Then we tell you what we collect and why.",
        "Ask to know",
        "Anything that helps us find it",
    ),
    "delete": Asking(
        "trash",
        "Delete my data",
        "As the law of California gives you.",
        "Tell us who you are. Then we delete what no law makes us keep.",
        "Ask to delete",
        "Anything that helps us find it",
    ),
    "limit": Asking(
        "lock",
        "Limit sensitive data",
        "We use it only for what you asked us to do.",
        "Tell us who you are. Then we limit the use of sensitive data.",
        "Limit it",
        "Anything that helps us find it",
    ),
    "opt-out": Asking(
        "coin-off",
        "Do not sell or share my data",
        "No account and no proof are needed.",
        "Tell us which data it is about. You need to prove nothing.",
        "Opt out",
        "Anything that helps us find it",
    ),
    "forbid-sale": Asking(
        "coin-off",
        "Forbid any sale",
        "As the law of Nevada gives you.",
        "Tell us who you are. Then no sale of your data is possible.",
        "Forbid it",
        "Anything that helps us find it",
    ),
    "own-posts": Asking(
        "messages",
        "Delete my posts",
        "What you wrote in our forum, with what others quoted.",
        "Tell us who you are, and which posts it is about.",
        "Ask to delete them",
        "Which posts?",
    ),
}

PLACES = {
    "gdpr": "European Union or EEA",
    "uk-gdpr": "United Kingdom",
    "swiss-fadp": "Switzerland",
    "ccpa": "California",
    "nevada": "Nevada",
    "dpf": "Elsewhere, with data from Europe",
}

LABELS = {"name": "Your name", "email": "Your e-mail address", "phone": "Your telephone number"}
HELP = {
    "name": "As we may know it.",
    "email": "We send a code to it, to see that it is yours.",
    "answer": "Then we can answer you. You need to prove nothing.",
    "phone": "If you called us from it, we find your conversations by it.",
}


def asking(kind: str, title: str) -> Asking:
    """The words of a kind; one that a policy adds later gets its clause's title."""
    known = ASKINGS.get(kind)
    return known or Asking("shield-lock", title, "", "Tell us who you are.", "Send the request", "Details")
