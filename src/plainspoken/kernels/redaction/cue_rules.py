"""The cues themselves: one pattern a line. English; German and Swedish where a word stands for an
identifier.
"""

from plainspoken.kernels.redaction.cues import BEFORE, NO_NUMBER, CueRule
from plainspoken.kernels.redaction.spans import Type

_LAST = (
    r"\b(?:last|final|first) (?:two|three|four|five|six|2|3|4|5|6)(?: digits?| numbers?)?"
    r"(?: (?:of|on|for|from))?(?: [a-z']{1,12}){0,3}"
)
_REF = r"(?: (?:reference|id))? (?:number|num|no|nr|id|code|#)"
_NO = r"(?: (?:number|num|no|nr|id|code))?"


def _rule(
    kind: Type | None, name: str, patterns: str, *, least: int = 4, most: int = 19, rank: int = 0
) -> CueRule:
    lines = [
        line.strip().replace("<last>", _LAST).replace("<no>", _NO).replace("<ref>", _REF)
        for line in patterns.split("\n")
    ]
    return CueRule(kind, name, tuple(line for line in lines if line), least, most, rank)


_CARDS = (
    _rule(
        "CARD_CODE",
        "card security code",
        r"""
        \b(?:cvv2?|cvc2?|cv2|csc|cvn)\b
        \bcard verification(?: (?:value|code|number))?\b
        \b(?:card )?security (?:codes?|numbers?|no|digits)\b
        \b(?:code|digits?|numbers?) (?:is |are )?(?:on|at|from) the (?:back|reverse|front|signature)\b
        \b(?:three|3|four|4) digits? (?:code )?(?:on|at|from) the\b
        \b(?:three|3|four|4)(?: numbers?)? (?:on|at|from) the (?:back|reverse|front|signature)\b
        \b(?:prufziffer|kartenprufnummer)\b
        """,
        least=3,
        most=4,
    ),
    _rule(
        "CARD",
        "digits of a card",
        r"""
        <last> (?:credit |debit )?card\b
        \bcard (?:number )?(?:that )?(?:ending|ends) (?:in|with)\b
        """,
        least=3,
        most=8,
    ),
    _rule(
        "CARD",
        "card expiry",
        r"""
        \b(?:expiry|expiration|exp)\b(?: date)?(?: is)?
        \b(?:valid|good) (?:thru|through|until|till)\b
        \b(?:expires|expiring|runs out)\b(?: in| end of| on)?
        """,
        least=3,
        most=6,
    ),
    _rule(
        "CARD",
        "card number",
        r"""
        \bcard (?:number|num|no|nr)\b
        \bcard ?#
        \b(?:long|sixteen|16) digits?(?: number)?\b
        \blong number\b
        \bcard details?\b
        \bnumber (?:is )?(?:on|across|from) (?:your|my|the) (?:credit |debit |bank )?card\b
        \bnumber (?:is )?(?:on|across|from) the front of (?:your|my|the) card\b
        \b(?:kreditkarten|karten|kort)nummer\b
        """,
    ),
    _rule(
        "CARD",
        "card",
        r"""
        \b(?:credit|debit|visa|mastercard|master card|amex|american express|maestro)(?: card)?\b
        \bcard\b
        """,
        least=8,
        rank=2,
    ),
)

_PARTS = (
    _rule("PHONE", "digits of a phone number", r"<last> (?:telephone|phone|mobile|cell)\b", least=3, most=8),
    _rule("NATIONAL_ID", "digits of a social security number", r"<last> (?:social|ssn)\b", least=3, most=9),
    _rule("ACCOUNT", "digits of an account", r"<last> (?:account|policy|order)\b", least=3, most=12),
    _rule("PHONE", "extension", r"\bext(?:ension)?\b", least=3, most=6),
    _rule(
        None,
        "some digits",
        r"""
        \b(?:ending|ends) (?:in|with)\b
        \b(?:number|card|account|phone|mobile|one) (?:that )?(?:is )?(?:ending|ends)\b
        \b(?:the|that|this|my|your|a) number(?:'s| is| was| of)\b
        \b(?:last|final|first) (?:three|four|five|six|3|4|5|6)(?: digits?| numbers?)?\b
        """,
        least=3,
        most=8,
        rank=1,
    ),
)

_SECRETS = (
    _rule(
        "PIN",
        "pin or password",
        r"""
        \bpin\b(?: (?:number|code|no))?
        \bpass ?(?:codes?|words?|phrase)\b
        \baccess code\b
        \bone time (?:code|password|passcode)\b
        \b(?:verification|authentication|confirmation|login|sms) code\b
        \b(?:memorable|security|secret|safe|magic) (?:words?|answers?|dates?|places?|names?|phrases?|numbers?)\b
        \btelephone banking (?:code|number)\b
        \bpass ?key\b
        \botp\b
        \b(?:unlock|entry|door|gate|alarm) code\b
        \b(?:kennwort|passwort|losenord|geheimzahl)\b
        """,
        least=3,
        most=10,
    ),
)

# The name of a rule whose value is words, told where people prove who they are.
ANSWERED = "security answer"
_ASKED = (
    _rule(
        "PIN",
        ANSWERED,
        r"""
        \b(?:security|memorable|secret) (?:question|answer)\b
        \bname of (?:your|my|the) (?:first |favou?rite |childhood |primary |old )?(?:pet|dog|cat|school|teacher|friend|street)\b
        \b(?:your|my) (?:first|favou?rite|childhood|primary) (?:pet|school|teacher|car|film|movie|place|colou?r|food|street|book|team|friend)(?:'s name)?\b
        \bstreet (?:that |which )?(?:you|i) grew up (?:on|in)\b
        \b(?:city|town|place) (?:that |where |in which )?(?:you|i) (?:were|was) born(?: in)?\b
        \bplace of birth\b
        """,
        least=NO_NUMBER,
    ),
)

_OFFICIAL = (
    _rule(
        "NATIONAL_ID",
        "national id",
        r"""
        \b(?:ssn|nino|itin|tfn|utr)\b
        \bsocial security(?: number)?\b
        \b(?:my|your|the) social\b(?: number| is)?
        \bsocial insurance\b<no>
        \bnational insurance\b<no>
        \bni number\b
        \bpersonal (?:identity )?number\b
        \bperson ?nummer\b
        \bsteuer ?(?:id|nummer)\b
        \bsteuer ?identifikations ?nummer\b
        \b(?:individual )?tax(?:payer)? (?:id|identification|file|reference)\b<no>
        \baadh?aa?r\b<no>
        \bpan (?:card|number)\b
        \bnhs number\b
        \b(?:medicare|medicaid)\b<no>
        \bpassport\b<no>
        \bvehicle registration\b<no>
        \b(?:number|licen[cs]e) plate\b
        \bdriv(?:er'?s?|ing) licen[cs]e\b<no>
        \blicen[cs]e number\b
        \b(?:my|your|the) licen[cs]e\b(?: is)?
        \bnational (?:id|identity)\b<no>
        \b(?:identity|id) card\b<no>
        \bvoter id\b<no>
        \bausweis ?nummer\b
        """,
    ),
    _rule(
        "DOB",
        "date of birth",
        r"""
        \b(?:date|day|year) of birth\b
        \bbirth ?(?:dates?|days?)\b
        \bd\.?o\.?b\b\.?
        \b(?:born|birth)\b(?: on| in)?
        \bhow old\b
        \bgeburts(?:datum|tag)\b
        \bgeboren\b(?: am)?
        \bfodelse(?:datum|dag)\b
        \bfodd\b
        """,
        most=8,
    ),
)

_MONEY = (
    _rule("IBAN", "iban", r"\biban\b", least=10, most=34),
    _rule(
        "BANK",
        "bank details",
        r"""
        \bsort code\b
        \brouting\b<no>
        \b(?:aba|bsb|transit|swift|bic|ifsc)\b<no>
        \bbank account\b<no>
        \bbank details?\b
        \b(?:checking|savings|current) account\b<no>
        \bkonto ?nummer\b
        \b(?:bankleitzahl|blz|bankgiro)\b
        \bclearing ?nummer\b
        """,
        most=18,
    ),
)

_CONTACT = (
    _rule(
        "PHONE",
        "phone number",
        r"""
        \b(?:tele)?phone\b<no>
        \b(?:mobile|cell|landline|fax|whats ?app|tel|handy)\b<no>
        \bcell ?phone\b<no>
        \b(?:call|reach|ring|text|phone|contact|get|message)(?: (?:me|us|him|her|them))?(?: back)? (?:at|on)\b
        \b(?:contact|call ?back|direct|work|home|office|other|registered) number\b
        \bnumber to (?:call|reach)\b
        \b(?:call|dial|ring|text)\b
        \b(?:my|your|his|her|whose) number\b
        \banswering at\b
        \bmessages? (?:to|on|at)\b
        \b(?:telefon|handy|mobil|ruf)(?: ?nummer)?\b
        """,
        least=6,
        most=15,
    ),
    _rule(
        "EMAIL",
        "email",
        r"""
        \be ?mail\b(?: address)?
        \bmail address\b
        """,
        least=NO_NUMBER,
    ),
    _rule(
        "ACCOUNT",
        "account number",
        r"""
        \b(?:account|acct|customer|client|member|membership)<ref>
        \b(?:policy|loyalty|rewards?|user|subscriber|contract)<ref>
        \b(?:patient|student|employee|staff|registration|profile)<ref>
        \b(?:order|booking|reservation|reference|confirmation)<ref>
        \b(?:case|ticket|invoice|tracking|claim|meter|plan)<ref>
        \b(?:flyer|serial|application|repair|return|transaction)<ref>
        \b(?:account|customer|member|policy|user|order|booking|reference|ref) ?(?:id|#|:)
        \b(?:booking|order) ref(?:erence)?\b
        \buser ?name\b
        \b(?:kunden|vertrags|mitglieds|bestell|auftrags|kund|medlems|order) ?nummer\b
        \breference\b
        \baccount\b(?: is)?
        """,
        most=20,
    ),
)

_PLACES = (
    _rule(
        "ADDRESS",
        "post code",
        r"""
        \b(?:post|zip|postal|plus four) ?code\b
        \bzip\b
        \bpin ?codes? (?:of|for|at) (?:your|my|the) (?:address|area|location|place|delivery)\b
        \bpostal pin\b
        \b(?:postleitzahl|plz|post ?nummer|postnr)\b
        """,
        most=9,
    ),
    _rule(
        "ADDRESS",
        "address",
        r"""
        \b(?:billing |shipping |mailing |home |postal |street |delivery |new |current )?address\b
        \b(?:live|lives|lived|living|reside|resides|residing) (?:at|on|in)\b
        \b(?:ship|shipped|deliver|delivered|post|moved|move)(?: (?:it|them|this|that|everything))? to\b
        \b(?:send|sent|mail|mailed)(?: (?:it|them|this|that|everything))? to\b
        \b(?:meet|see|pick)(?: (?:me|us|him|her|them))?(?: up)? (?:at|from)\b
        \b(?:taxi|cab|uber|ride|ambulance) to\b
        \b(?:located|based|house|home|office|shop|store|branch) (?:is )?(?:at|on)\b
        \b(?:drops?|dropped) (?:me|you|us|him|her|them) (?:off )?at\b
        \b(?:adresse|anschrift|adress|wohnhaft in|wohne in)\b
        """,
        least=NO_NUMBER,
    ),
)

_PEOPLE = (
    _rule(
        "PERSON",
        BEFORE,
        r"""
        's (?:account|address|phone|mobile|card|email|birthday|name|policy|booking|details)\b
        's (?:signature|house|flat|husband|wife|partner|mother|father|son|daughter|brother|sister)\b
        's (?:doctor|killers?)\b
        \bspeaking\b
        \b(?:lives|lived|says|said|told|asked|phoned|was born|is calling|has called)\b
        """,
        least=NO_NUMBER,
        rank=3,
    ),
    _rule(
        "PERSON",
        "name",
        r"""
        \b(?:my|his|her|the|your) name(?:'s| is| was|:)(?: now| actually| still)?\b
        \b(?:full|last|first|maiden|middle|sur|family) name(?:'s| is| was|:)
        \b(?:user's|customer's|partner's|wife's|husband's) name(?:'s| is| was|:)
        \bname(?:'s| is|:)
        \bname\b
        \b(?:sur|first |last |family |full )name\b
        \bspell\b(?: it| that| your| the)?
        \bwho (?:[a-z']{1,8} ){1,5}(?:line|speaking|talking|calling|with|to|there)\b
        \bwhose name\b
        \bname on (?:the|my|your) (?:card|account|order|policy|booking)(?: is| to| as)?\b
        \bmaiden name(?: is| was)?\b
        \b(?:may i have |what's |what is )?your (?:full |first |last )?name\b
        \byour (?:mother's |father's |wife's |husband's |partner's |good |complete )?(?:maiden |sur|family |middle )?name\b
        \bwho (?:am i|do i have|is this|is calling|is it|i'm|are you)(?: speaking| talking)?(?: to| with)?\b
        \bwho's (?:calling|this|speaking)\b
        \b(?:you're|you are|now) through to\b
        \bthis is\b
        \b(?:i'm|i am|im)\b
        \b(?:speaking|speak|talking|talk|spoke|talked) (?:with|to)\b
        \b(?:named|called)(?: (?:him|her|it|me))?\b
        \b(?:calls?|call) (?:me|him|her)\b
        \b(?:mr|mrs|ms|mx|miss|dr|prof|professor|herr|frau|fru|madam|sir|mister|missus)\b\.?
        \b(?:dear|hi|hey|hello|thanks|thank you|bye|goodbye|welcome|you're welcome)\b,?
        \bgood (?:morning|afternoon|evening|day)\b,?
        \b(?:sorry|sure|okay|perfect|great|nice to meet you|hear that|regards|sincerely|cheers)\b,?
        \bon behalf of\b
        \b(?:change|changed|correct|corrected|update|updated|set)(?: it)? to\b
        \b(?:mein name ist|ich heisse|ich heise|jag heter|mitt namn ar)\b
        """,
        least=NO_NUMBER,
    ),
)

RULES: tuple[CueRule, ...] = (
    *_CARDS,
    *_PARTS,
    *_SECRETS,
    *_ASKED,
    *_OFFICIAL,
    *_MONEY,
    *_CONTACT,
    *_PLACES,
    *_PEOPLE,
)
