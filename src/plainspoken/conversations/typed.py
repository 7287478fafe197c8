"""What staff type beside a conversation: personal data that the rules know is taken out before it is kept."""

from plainspoken.custody.models import Organisation
from plainspoken.custody.sessions import required
from plainspoken.kernels.redaction import Known, Turn, detect_turns, mask


def cleaned(text: str, *, most: int) -> str:
    """The text in one line of at most `most` characters, with labels in place of numbers, addresses and codes of people.

    So no card code that somebody types is stored (PCI DSS 3.3.1).
    """
    text = " ".join(text.replace("\0", " ").split())[:most]
    house = Organisation.objects.get(id=required().organisation)
    (found,) = detect_turns([Turn("typed", text)], known=Known(region=house.phone_region), names=None)
    return mask(text, found).text
