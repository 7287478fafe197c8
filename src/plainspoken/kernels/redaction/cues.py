"""Words that announce an identifier ("my card number is ..."), and how far they reach."""

from dataclasses import dataclass

from plainspoken.kernels.redaction.spans import Type

BEFORE = "name before"  # name of the rule whose value stands in front of the cue
NEAR = 60  # characters within which a value follows its cue in one breath
AFTER_QUESTION = 110  # characters of the answer that a question still covers


@dataclass(frozen=True)
class CueRule:
    """Patterns that announce a `type` whose number has `least` to `most` digits. `rank` orders equal matches.

    `type` None says "a part of a number" ("ending in"): another cue nearby tells of what, else it is an account.
    """

    type: Type | None
    patterns: tuple[str, ...]
    least: int = 4
    most: int = 19
    rank: int = 0
    name: str = ""


@dataclass(frozen=True)
class Cue:
    start: int
    end: int
    rule: CueRule


_LAST = r"\b(?:last|final|first) (?:two|three|four|five|six|2|3|4|5|6)(?: digits?| numbers?)?(?: (?:of|on|for|from))?(?: [a-z']{1,12}){0,3} "
_NO = r"(?: (?:number|num|no|nr|id|code))?"

RULES: tuple[CueRule, ...] = (
    CueRule(
        "CARD_CODE",
        (
            r"\bcvv2?\b", r"\bcvc2?\b", r"\bcv2\b", r"\bcsc\b", r"\bcvn\b", r"\bcard verification(?: (?:value|code|number))?\b",
            r"\b(?:card )?security (?:code|number|digits)\b",
            r"\b(?:code|digits?|numbers?) (?:is |are )?(?:on|at|from) the (?:back|reverse|front|signature)\b",
            r"\b(?:three|3|four|4) digits? (?:code )?(?:on|at|from) the\b", r"\bprufziffer\b", r"\bkartenprufnummer\b",
        ),
        least=3, most=4, name="card security code",
    ),
    CueRule("CARD", (_LAST + r"(?:credit |debit )?card\b", r"\bcard (?:number )?(?:that )?(?:ending|ends) (?:in|with)\b"),
            least=3, most=8, name="digits of a card"),
    CueRule("PHONE", (_LAST + r"(?:telephone|phone|mobile|cell)\b",), least=3, most=8, name="digits of a phone number"),
    CueRule("NATIONAL_ID", (_LAST + r"(?:social|ssn)\b",), least=3, most=9, name="digits of a social security number"),
    CueRule("ACCOUNT", (_LAST + r"(?:account|policy|order)\b",), least=3, most=12, name="digits of an account"),
    CueRule(None, (r"\b(?:ending|ends) (?:in|with)\b", r"\b(?:last|final|first) (?:three|four|five|six|3|4|5|6)(?: digits?| numbers?)?\b"), least=3, most=8, rank=1, name="some digits"),
    CueRule(
        "CARD",
        (
            r"\bcard (?:number|num|no|nr)\b", r"\bcard ?#", r"\b(?:long|sixteen|16) digits?(?: number)?\b",
            r"\bnumber (?:is )?(?:on|across|from) (?:the (?:front of )?)?(?:your|my|the) (?:credit |debit |bank )?card\b",
            r"\b(?:kreditkarten|karten|kort)nummer\b",
        ),
        name="card number",
    ),
    CueRule("CARD", (r"\b(?:credit|debit|visa|mastercard|master card|amex|american express|maestro)(?: card)?\b", r"\bcard\b"),
            least=8, rank=2, name="card"),
    CueRule(
        "PIN",
        (
            r"\bpin\b(?: (?:number|code|no))?", r"\bpass ?codes?\b", r"\bpass ?words?\b", r"\baccess code\b", r"\bpass ?phrase\b",
            r"\bone time (?:code|password|passcode)\b", r"\b(?:verification|authentication|confirmation|login|sms) code\b",
            r"\b(?:memorable|security|secret) (?:word|answer)\b", r"\botp\b", r"\b(?:unlock|entry|door|gate|alarm) code\b",
            r"\b(?:kennwort|passwort|losenord|geheimzahl)\b",
        ),
        least=3, most=10, name="pin or password",
    ),
    CueRule(
        "NATIONAL_ID",
        (
            r"\bssn\b", r"\bsocial security(?: number)?\b", r"\b(?:my|your|the) social\b(?: number| is)?", r"\bnational insurance\b" + _NO,
            r"\bnino\b", r"\bni number\b", r"\bpersonal (?:identity )?number\b", r"\bperson ?nummer\b", r"\bsteuer ?(?:id|nummer)\b",
            r"\bsteuer ?identifikations ?nummer\b", r"\b(?:individual )?tax(?:payer)? (?:id|identification|file|reference)\b" + _NO,
            r"\b(?:itin|tfn|utr)\b", r"\baadh?aa?r\b" + _NO, r"\bpan (?:card|number)\b", r"\bnhs number\b", r"\bmedicare\b" + _NO,
            r"\bpassport\b" + _NO, r"\bdriv(?:er'?s?|ing) licen[cs]e\b" + _NO, r"\blicen[cs]e number\b", r"\bsocial insurance\b" + _NO,
            r"\bnational (?:id|identity)\b" + _NO, r"\b(?:identity|id) card\b" + _NO, r"\bausweis ?nummer\b",
            r"\bmedicaid\b" + _NO, r"\bvoter id\b" + _NO,
        ),
        name="national id",
    ),
    CueRule("IBAN", (r"\biban\b",), least=10, most=34, name="iban"),
    CueRule(
        "BANK",
        (
            r"\bsort code\b", r"\brouting\b" + _NO, r"\b(?:aba|bsb|transit|swift|bic)\b" + _NO, r"\bbank account\b" + _NO,
            r"\bbank details?\b", r"\b(?:checking|savings|current) account\b" + _NO, r"\bkonto ?nummer\b",
            r"\bbankleitzahl\b", r"\bblz\b", r"\bclearing ?nummer\b", r"\bbankgiro\b", r"\bifsc\b" + _NO,
        ),
        most=18, name="bank details",
    ),
    CueRule(
        "PHONE",
        (
            r"\b(?:tele)?phone\b" + _NO, r"\b(?:mobile|cell|landline|fax|whats ?app|tel|handy)\b" + _NO, r"\bcell ?phone\b" + _NO,
            r"\b(?:call|reach|ring|text|phone|contact|get|message)(?: (?:me|us|him|her|them))?(?: back)? (?:at|on)\b",
            r"\b(?:contact|call ?back|direct|work|home|office|other|registered) number\b", r"\bnumber to (?:call|reach)\b",
            r"\b(?:call|dial|ring|text)\b", r"\b(?:my|your|his|her|whose) number\b", r"\banswering at\b", r"\bmessages? (?:to|on|at)\b",
            r"\b(?:telefon|handy|mobil|ruf)(?: ?nummer)?\b",
        ),
        least=6, most=15, name="phone number",
    ),
    CueRule(
        "DOB",
        (r"\b(?:date|day|year) of birth\b", r"\bbirth ?dates?\b", r"\bbirth ?days?\b", r"\bd\.?o\.?b\b\.?", r"\bborn\b(?: on| in)?",
         r"\bgeburts(?:datum|tag)\b", r"\bgeboren\b(?: am)?", r"\bfodelse(?:datum|dag)\b", r"\bfodd\b"),
        least=4, most=8, name="date of birth",
    ),
    CueRule(
        "ACCOUNT",
        (
            r"\b(?:account|acct|customer|client|member|membership|policy|loyalty|rewards?|user|subscriber|contract|patient|student"
            r"|employee|staff|order|booking|reservation|reference|confirmation|case|ticket|invoice|tracking|claim|meter|plan"
            r"|registration|frequent flyer|flyer|profile|serial|application|reservation|repair|return|transaction)"
            r"(?: (?:reference|id))? (?:number|num|no|nr|id|code|#)",
            r"\b(?:account|customer|member|policy|user|order|booking|reference|ref) ?(?:id|#|:)", r"\b(?:booking|order) reference\b",
            r"\buser ?name\b", r"\b(?:kunden|vertrags|mitglieds|bestell|auftrags|kund|medlems|order) ?nummer\b",
            r"\breference\b", r"\baccount\b(?: is)?",
        ),
        most=20, name="account number",
    ),
    CueRule("EMAIL", (r"\be ?mail\b(?: address)?", r"\bmail address\b"), least=99, name="email"),
    CueRule(
        "ADDRESS",
        (
            r"\b(?:billing |shipping |mailing |home |postal |street |delivery |new |current )?address\b", r"\b(?:live|lives|lived|living|reside|resides|residing) (?:at|on|in)\b",
            r"\b(?:ship|shipped|deliver|delivered|send|sent|post|mail|moved|move)(?: (?:it|them|this|that|everything))? to\b",
            r"\b(?:meet|see|pick)(?: (?:me|us|him|her|them))?(?: up)? (?:at|from)\b", r"\b(?:taxi|cab|uber|ride|ambulance) to\b",
            r"\b(?:located|based|house|home|office|shop|store|branch) (?:is )?(?:at|on)\b", r"\b(?:post|zip|postal) ?code\b", r"\b(?:drops?|dropped) (?:me|you|us|him|her|them) (?:off )?at\b",
            r"\b(?:adresse|anschrift|adress|wohnhaft in|wohne in)\b",
        ),
        least=99, name="address",
    ),
    CueRule(
        "PERSON",
        (
            r"'s (?:account|address|phone|mobile|card|email|birthday|name|husband|wife|partner|mother|father|son|daughter|brother|sister|policy|booking|details|signature|house|flat|doctor|killers?)\b",
            r"\b(?:lives|lived|says|said|told|asked|phoned|was born|is calling|has called)\b",
        ),
        least=99, rank=3, name=BEFORE,
    ),
    CueRule(
        "PERSON",
        (
            r"\b(?:my|his|her|the|your|full|last|first|maiden|middle|sur|family|user's|customer's|partner's|wife's|husband's) name(?:'s| is| was|:)(?: now| actually| still| spelled)?\b",
            r"\bname(?:'s| is|:)", r"\bthis is\b", r"\b(?:i'm|i am|im)\b", r"\b(?:speaking|speak|talking|talk|spoke|talked) (?:with|to)\b",
            r"\bmaiden name(?: is| was)?\b", r"\b(?:named|called)(?: (?:him|her|it|me))?\b", r"\b(?:calls?|call) (?:me|him|her)\b",
            r"\b(?:mr|mrs|ms|mx|miss|dr|prof|professor|herr|frau|fru|madam|sir|mister|missus)\b\.?",
            r"\b(?:dear|hi|hey|hello|thanks|thank you|bye|goodbye|good (?:morning|afternoon|evening|day)|you're welcome|welcome|sorry|sure|okay|perfect|great|nice to meet you|hear that|regards|sincerely|cheers)\b,?",
            r"\bname\b", r"\b(?:change|changed|correct|corrected|update|updated|set)(?: it)? to\b", r"\bname on (?:the|my|your) (?:card|account|order|policy|booking)(?: is)?\b", r"\bon behalf of\b", r"\bmay i have your (?:full )?name\b",
            r"\bwhat's your (?:full )?name\b", r"\bwhat is your (?:full )?name\b", r"\byour (?:full |first |last )?name\b", r"\b(?:mein name ist|ich heisse|ich heise|jag heter|mitt namn ar)\b",
        ),
        least=99, name="name",
    ),
)  # fmt: skip
