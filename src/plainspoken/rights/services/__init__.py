"""Writes about requests. One service is one decision with its ledger entry, always `by` somebody."""

from ..claims import Claim
from ..kinds import UnknownKind
from .deciding import PlanChanged, answer, approve, decide, disagree, extend, is_queued, plan, refuse, resume
from .erasing import NotErased, replay_erasures
from .executing import after_hold, execute
from .fetching import Download, GoneLink, download
from .frame import NotYours, RequestRefused, check_desk
from .intake import Filed, choose, confirm_in_person, file, reach, withdraw
from .proving import Sent, TooManyCodes, Verdict, send_code, verify
from .restricting import lift_restriction

__all__ = [
    "Claim",
    "Download",
    "Filed",
    "GoneLink",
    "NotErased",
    "NotYours",
    "PlanChanged",
    "RequestRefused",
    "Sent",
    "TooManyCodes",
    "UnknownKind",
    "Verdict",
    "after_hold",
    "answer",
    "approve",
    "check_desk",
    "choose",
    "confirm_in_person",
    "decide",
    "disagree",
    "download",
    "execute",
    "extend",
    "file",
    "is_queued",
    "lift_restriction",
    "plan",
    "reach",
    "refuse",
    "replay_erasures",
    "resume",
    "send_code",
    "verify",
    "withdraw",
]
