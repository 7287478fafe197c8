"""Closed lists of words the rules know: numbers, months, postal words, words that are no name. All ASCII,
lower case.
"""

from plainspoken.kernels.identifiers.names import words_in
from plainspoken.kernels.identifiers.spoken import DIGIT_WORDS, TEEN_WORDS, TENS_WORDS

DIGITS: dict[str, str] = {word: str(n) for n, word in enumerate(DIGIT_WORDS)}
DIGITS |= {"oh": "0", "o": "0", "nought": "0", "naught": "0", "nil": "0", "niner": "9", "fife": "5"}
# German and Swedish, digit by digit; their longer numbers ("zweiundvierzig") are not read.
DIGITS |= {
    "null": "0", "eins": "1", "zwei": "2", "zwo": "2", "drei": "3", "vier": "4", "funf": "5", "fuenf": "5",
    "sechs": "6", "sieben": "7", "acht": "8", "neun": "9",
    "noll": "0", "ett": "1", "tva": "2", "tre": "3", "fyra": "4", "fem": "5", "sju": "7", "atta": "8", "nio": "9",
}  # fmt: skip
TEENS: dict[str, str] = {word: str(n) for n, word in enumerate(TEEN_WORDS, start=10)}
TENS: dict[str, str] = {word: str(n * 10) for n, word in enumerate(TENS_WORDS, start=2)} | {"fourty": "40"}
TIMES: dict[str, int] = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
SCALES: dict[str, str] = {"hundred": "00", "thousand": "000"}
NUMBER_WORDS = frozenset(DIGITS) | frozenset(TEENS) | frozenset(TENS) | frozenset(TIMES) | frozenset(SCALES)

# Domain endings as they are said; any other word after "dot" is more often no address.
DOMAIN_ENDINGS = words_in(
    """
    com net org edu gov mil info biz co uk de se us io in au ca eu me tv fr nl be es it at ch no dk fi pl pt
    ie nz za
    app dev ai shop online site xyz email cloud jp cn br mx ru gr hu cz ro is
    """
)

# Mail providers whose ending people leave out.
PROVIDERS = (
    "g ?mail|googlemail|google mail|hotmail|yahoo|outlook|i ?cloud|aol|proton ?mail|gmx|bt ?internet|rediff ?mail|"
    "big ?pond|opt ?us ?net|msn|sky|virgin ?media|talk ?talk|comcast|verizon"
)

# How recognisers write a digit that they did not take for one; they count between two others.
HOMOPHONES: dict[str, str] = {
    "for": "4", "fore": "4", "to": "2", "too": "2", "won": "1", "ate": "8", "tree": "3", "free": "3", "owe": "0",
    "sex": "6", "sicks": "6", "wan": "1", "nein": "9", "ohh": "0",
}  # fmt: skip

# What people put between two digits without meaning it; "and" belongs to "one hundred and five".
FILLERS = words_in(
    """
    uh um er erm ah mm mhm hmm huh okay ok yes yeah then and dash hyphen minus space slash again so
    like right next followed by it's its that's thats is comma dot hm aha umm uhh ehm yep
    """
)
# Where somebody takes back what they just said; what follows up to the next digit belongs to the repair.
MENDS = words_in(
    "no sorry scratch correction mean wait actually oops mistake rather nope apologies start mix wrong"
)
MENDING = MENDS | words_in(
    "i that let me make again over it was the is that's it's a that one from beginning on hold"
)

# A number before one of these counts or measures something.
UNITS_OF_MEASURE = words_in(
    """
    dollars dollar pounds pound euros euro cents pence percent bucks rupees kronor kroner yen quid
    usd eur gbp hours hour minutes minute seconds second days day weeks week months month years year
    items item pieces people customers calls orders boxes times units miles kilometers kilometres km kg grams meters metres feet
    inches inch gb mb percent degrees am pm million billion thousand
    """
)

MONTHS = words_in(
    """
    january february march april may june july august september october november december jan feb
    mar apr jun jul aug sep sept oct nov dec januar februar marz mai juni juli oktober dezember
    januari februari mars maj augusti
    """
)
ORDINALS = words_in(
    """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth
    """
)
STREETS = words_in(
    """
    street st avenue ave av road rd boulevard blvd lane ln drive dr court ct circle cir place pl
    square sq terrace ter way parkway pkwy highway hwy route crescent cres close grove gardens mews
    row walk alley loop trail trl path plaza ridge hill hills heights point pike turnpike crossing
    crossroad bend cove coves creek estate estates expressway extension ferry field fields ford
    forest fork forks fort garden gateway glen green harbor haven hollow inlet island isle junction
    key keys knoll knolls lake lakes landing lodge manor meadow meadows mill mills mission motorway
    mount mountain oval park pass passage pine pines plain plains port ports prairie quay ramp ranch
    rapids rest river run shoal shore shores skyway spring springs spur station stravenue stream
    streets summit throughway trace track trafficway tunnel underpass union valley viaduct view
    village ville vista wharf well wells bridge brook brooks bypass burg bluff bluffs branch canyon
    cape causeway center centers cliff cliffs club common commons corner corners course courts curve
    dale dam divide falls flat flats freeway
    """
)
# Of these, the ones that stand for little else: a number and a name before them make an address anywhere.
SURE_STREETS = words_in(
    """
    street st avenue ave road rd boulevard blvd lane ln drive court ct circle place square terrace
    parkway pkwy highway hwy crescent close grove gardens mews alley trail plaza turnpike way loop
    heights ridge cove
    """
)
# Street types that stand before the name.
STREETS_BEFORE = words_in(
    """
    rue via viale piazza corso avenida av avda calle calzada camino paseo plaza rua r travessa praca
    largo ul ulica aleja plac boulevard bd allee avenue place chemin quai route kej chaussee strada
    str bulevardul
    """
)
STREET_ENDINGS = (
    "strasse", "strase", "stras", "str", "weg", "gasse", "platz", "allee", "ufer", "gatan", "vagen", "stigen",
    "torget", "gata", "gaten", "veien", "vegen", "vej", "gade", "straat", "laan", "plein", "katu", "utca",
    "utja",
)  # fmt: skip
UNITS = words_in("apt apartment suite ste unit flat floor room rm bldg building lot")
SURE_UNITS = words_in("apt apartment suite")
PARTICLES = words_in(
    """
    de del della dei da do dos das du des di la le les el los las e y of the van von der den het ten
    ter am an auf im zur zum in y og och und and c/o u s n w ne nw se sw
    """
)

STATES = words_in(
    """
    AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY
    NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR AA AE AP
    """
)
STATE_NAMES = words_in(
    """
    alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii
    idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan
    minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania
    tennessee texas utah vermont virginia washington wisconsin wyoming
    """
)
# Australian states stand before four digits; Indian cities before six.
AUSTRALIA = words_in("nsw vic qld tas act wales victoria queensland tasmania")
INDIA = words_in(
    """
    mumbai delhi bangalore bengaluru chennai hyderabad kolkata pune ahmedabad jaipur lucknow gurgaon gurugram noida
    kochi nagpur indore bhopal surat kanpur patna vadodara coimbatore mysore mysuru chandigarh thane nashik
    """
)
# Street types that make an address of a number and a name even where nothing has a capital.
PLAIN_STREETS = words_in(
    "street road avenue lane crescent terrace boulevard grove gardens parkway mews drive close"
)
_ENDINGS = "|".join(STREET_ENDINGS)
_BEFORE = "|".join(sorted(STREETS_BEFORE - {"r", "place", "plaza", "avenue", "route"}))
_TYPES = "|".join(sorted(SURE_STREETS | {"dr", "ave", "row", "walk", "hill", "park", "pass", "view"}))
_SAID_DIGIT = "(?:" + "|".join(sorted(frozenset(DIGITS) | frozenset(TEENS) | frozenset(TENS))) + ")"
_STATES = "|".join(sorted(STATES)).lower() + "|" + "|".join(sorted(STATE_NAMES))
ADDRESS_TRIGGERS = (
    rf"\b(?:{_TYPES})\b|\b(?:{_BEFORE})\b|[a-z]{{3}}(?:{_ENDINGS})\b|\b(?:apt|apartment|suite|ste)[. #]"
    r"|\bp\.? ?o\.? ?box\b|\bpsc [0-9]|\bcorner of\b"
    rf"|\b(?:{_STATES}),? (?:[0-9]{{5}}|{_SAID_DIGIT})\b"
    rf"|\b(?:{'|'.join(sorted(AUSTRALIA))}),? (?:[0-9]{{4}}|{_SAID_DIGIT})\b"
    rf"|\b(?:{'|'.join(sorted(INDIA))})[ ,-]{{1,3}}(?:[0-9]{{3}} ?[0-9]{{3}}|{_SAID_DIGIT})\b"
    r"|\b[a-z]{{1,2}}[0-9][0-9a-z]? ?[0-9][a-z]{{2}}\b"
)

# Words that stand where a name could stand and are none; also the words at which an address or a name ends.
STOP_WORDS = words_in(
    """
    a about account actually after again all already also always am an and any anybody anyone are as
    ask at back bad be because been before best better big billing but by bye call called caller
    calling can card certainly check company confirm could customer day days dear did do does doing
    done don't down each else email enough even ever every everybody everyone everything exactly
    fine first folks for from gentlemen get give go going gonna good goodbye got great guys had
    happy has have having he hello help her here hey hi him his hold home hope how however i i'd
    i'll i'm i've if in is isn't it it's its just know ladies last let like ll looking ma'am madam
    make manager may me mean might mine miss moment more morning most much must my name need never
    new next nice no nobody not nothing now number of off oh ok okay on once one only or order other
    our out over perfect phone please problem question ready really regarding right same say see
    service she should sir so some somebody someone something soon sorry speak speaking still
    support sure take team tell thank thanks that that's the their them then there these they thing
    things think this those through time to today together tomorrow tonight too trying two under
    understood until up us very wait waiting want was wasn't way we welcome well were what what's
    when where which while who whole whose why will wish with wonderful would yeah yes yesterday yet
    you you're your yours absolutely afternoon evening night week agent representative department
    office so's street address monday tuesday wednesday thursday friday saturday sunday january
    february march april june july august september october november december mr mrs ms dr english
    german swedish american british indian
    """
)
