"""The closed vocabularies that several kinds of rules share, each word with the way it is said in a
sentence.
"""

from plainspoken.kernels.policy.shapes import words

LAW = words(
    "a law we know",
    {
        "gdpr": "the GDPR",
        "uk-gdpr": "the UK GDPR",
        "swiss-fadp": "the Swiss data protection act",
        "ccpa": "the law of California",
        "nevada": "the law of Nevada",
        "dpf": "the EU-US Data Privacy Framework",
    },
)
ROLE = words(
    "a role",
    {
        "agent": "agents",
        "supervisor": "supervisors",
        "analyst": "quality analysts",
        "privacy_officer": "the privacy officer",
        "administrator": "administrators",
        "portal": "our public pages",
        "program": "programs of ours that run by themselves",
    },
)
VERIFY = words(
    "a way to verify",
    {
        "none": "nothing at all",
        "control-of-contact": "a code sent to the address or number that we hold",
        "sign-in": "your sign-in",
        "sign-in-and-contact": "your sign-in and a code sent to you",
        "in-person": "a meeting in person",
    },
)
REQUEST = words(
    "a kind of request",
    {
        "access": "access",
        "correct": "correction",
        "erase": "erasure",
        "restrict": "restriction",
        "port": "a copy to take elsewhere",
        "object": "an objection",
        "object-marketing": "an objection to marketing",
        "withdraw": "withdrawal of consent",
        "automated": "a human look at an automated decision",
        "opt-out-sale": "an opt-out of sale or sharing",
        "limit": "a limit on sensitive data",
        "know": "knowledge of what we collect",
        "own-posts": "deletion of your own posts",
        "complaint": "a complaint",
    },
)
PLACE_SHOWN = words(
    "a place where people read",
    {
        "notice": "this notice",
        "answer": "each answer to a request",
        "page-of-collection": "the page that asks",
        "password-page": "the page where you choose a password",
        "posting-page": "the page where you post",
        "receipt": "the receipt",
    },
)
REGION = words(
    "a region",
    {
        "eea": "the European Economic Area",
        "united-kingdom": "the United Kingdom",
        "switzerland": "Switzerland",
        "united-states": "the United States",
        "canada": "Canada",
        "elsewhere": "everywhere else",
    },
)
