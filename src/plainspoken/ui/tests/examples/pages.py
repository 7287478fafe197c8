"""Every page of the gallery: its path, its template, its context."""

import datetime as dt
from typing import Any

from plainspoken.ui.shapes import Act, Clock, Confirm

from .calls import LOOKS, conversation, conversation_list, measures, turns
from .forms import AccountForm, Bound, FileForm, PasswordForm, RequestForm, SignInForm
from .house import DIGEST, PEOPLE, RECEIPT, TODAY, at, public, shell
from .policy import changes, clause, notice, promises
from .records import datamap, ledger, recipients
from .requests import case, desk, queue
from .staff import accounts, health
from .visitors import centre, portal_request, track


def every_page() -> dict[str, tuple[str, dict[str, Any]]]:
    """Path of the gallery -> template and context."""
    return {
        "conversations": ("conversations/list.html", conversation_list()),
        "conversations-none": (
            "conversations/list.html",
            conversation_list(rows=[], found=0, page=None, empty="none", filtered=False),
        ),
        "conversations-nothing": (
            "conversations/list.html",
            conversation_list(rows=[], found=0, page=None, empty="nothing"),
        ),
        "conversation": ("conversations/show.html", conversation()),
        "conversation-agent": ("conversations/show.html", conversation("agent", parts=[])),
        "conversation-revealed": (
            "conversations/show.html",
            conversation(
                turns=turns(shown=True),
                revealed={"receipt": RECEIPT, "purpose": "answer the customer", "hide_url": "/conversation/"},
            ),
        ),
        "conversation-writing": (
            "conversations/show.html",
            conversation(
                turns=[],
                cuts=[],
                parts=[],
                sound=None,
                transcript={"state": "writing", "text": "Transcript is being written, about 2 minutes."},
            ),
        ),
        "measures": ("conversations/measures.html", measures()),
        "desk": ("rights/desk.html", desk()),
        "desk-queue": ("rights/desk.html", desk(case=None, queue=queue(-1))),
        "desk-empty": (
            "rights/desk.html",
            desk(
                case=None,
                queue={
                    "title": "No requests open",
                    "total": 0,
                    "file_url": "/file/",
                    "tabs": [],
                    "groups": [],
                },
            ),
        ),
        "desk-unproved": (
            "rights/desk.html",
            desk(
                case=case(
                    title="Erase everything",
                    state="unproved",
                    state_text="Identity not proved",
                    plan=None,
                    answer=None,
                    proved="",
                    acts=[],
                    note="",
                    identity={
                        "channel": "e-mail",
                        "sent_at": at(18, 24, day=3),
                        "attempts_left": 3,
                        "act": Act("/again/", "Send a new code", icon="send"),
                    },
                )
            ),
        ),
        "desk-done": (
            "rights/desk.html",
            desk(
                case=case(
                    state="done",
                    state_text="Done",
                    acts=[],
                    note="",
                    receipt=RECEIPT,
                    clock=Clock(
                        dt.date(2026, 11, 3),
                        dt.date(2026, 12, 5),
                        TODAY,
                        "Answered after 18 days",
                        ended=dt.date(2026, 11, 21),
                    ),
                    archive={
                        "url": "/archive.zip",
                        "size": "12 MB",
                        "expires": at(9, 0, day=1, month=12),
                        "parts": ["words", "sound", "a page to read"],
                    },
                )
            ),
        ),
        "file": (
            "rights/file.html",
            {
                "shell": shell("privacy_officer", "requests", "Requests", "File a request"),
                "form": FileForm(),
                "cancel_url": "/desk/",
            },
        ),
        "promises": ("policies/promises.html", promises()),
        "promises-broken": ("policies/promises.html", promises("cookies.declared")),
        "promises-shut": ("policies/promises.html", promises("")),
        "promises-none": (
            "policies/promises.html",
            promises(
                "",
                counts={"all": 72, "held": 0, "broken": 0, "unproved": 72},
                proved_at=None,
                attention=[clause("notice.pdf")] * 9,
                shell=shell("administrator", "promises", "Promises"),
                prove=None,
            ),
        ),
        "notice": ("policies/notice.html", notice()),
        "changes": ("policies/changes.html", changes()),
        "datamap": ("custody/datamap.html", datamap()),
        "datamap-shut": ("custody/datamap.html", datamap(opened=False)),
        "ledger": ("custody/ledger.html", ledger()),
        "ledger-entry": ("custody/ledger.html", ledger(opened=True)),
        "recipients": ("disclosures/recipients.html", recipients()),
        "centre": ("portal/centre.html", centre()),
        "request": ("portal/request.html", portal_request(RequestForm())),
        "request-wrong": ("portal/request.html", portal_request(Bound.request())),
        "verify": (
            "portal/verify.html",
            {
                "public": public(),
                "reference": "R-2026-0417",
                "sent_to": "k…@m….example",
                "form": Bound.code(),
                "attempts_left": 2,
                "expires_text": "It works for 15 minutes.",
                "again_url": "/again/",
                "text": "",
            },
        ),
        "track": ("portal/track.html", track()),
        "track-done": (
            "portal/track.html",
            track(
                state="done",
                state_text="Done on 21 November 2026.",
                receipt=RECEIPT,
                answer_html="We erased what we held about you, except two invoices.",
                kept=[{"what": "2 invoices", "why": "HGB § 257", "until": dt.date(2034, 12, 31)}],
                archive={
                    "url": "/archive.zip",
                    "size": "12 MB",
                    "expires": at(9, 0, day=1, month=12),
                    "parts": ["words", "sound"],
                },
            ),
        ),
        "sign-in": (
            "people/sign_in.html",
            {
                "form": SignInForm(),
                "demo": [
                    {"role": label, "login": f"{role}@larkfield.example", "password": "kelp-harbour-42"}
                    for role, (_, label) in PEOPLE.items()
                ],
            },
        ),
        "sign-out": ("account/logout.html", {}),
        "closed": ("account/account_inactive.html", {}),
        "password": ("account/password_change.html", {"form": PasswordForm()}),
        "accounts": ("people/accounts.html", accounts()),
        "account": (
            "people/account_form.html",
            {
                "shell": shell("administrator", "people", "People and roles", "Maren Okafor"),
                "form": AccountForm(),
                "title": "Maren Okafor",
                "cancel_url": "/people/",
                "sessions": [{"at": at(8, 2), "where": "Chromium on Linux", "current": False}],
                "close": Act(
                    "/close/",
                    "Close the account",
                    danger=True,
                    confirm=Confirm(
                        "Close the account of Maren Okafor",
                        "MAREN",
                        "Close the account",
                        lost=("She cannot sign in any more.",),
                        keep="Keep the account",
                    ),
                ),
            },
        ),
        "my-privacy": (
            "people/my_privacy.html",
            {
                "shell": shell("agent", "my_privacy", "My privacy"),
                "holds": [
                    {"title": "Calls", "what": "your voice and your words", "until": "3 months"},
                    {"title": "Account", "what": "name, e-mail, role", "until": "while you work here"},
                ],
                "looks": LOOKS[:2],
                "rights": [
                    {
                        "title": "See what is held about me",
                        "text": "A copy within 1 month",
                        "url": "/request/",
                        "icon": "eye-search",
                    }
                ],
            },
        ),
        "health": ("config/health.html", health()),
        "organisation": (
            "config/organisation.html",
            {
                "shell": shell("administrator", "organisation", "Organisation"),
                "facts": [
                    {"term": "Controller", "text": "Larkfield Home GmbH"},
                    {"term": "Time zone", "text": "Europe/Berlin"},
                    {"term": "Policy digest", "text": DIGEST, "mono": True},
                ],
                "form": None,
            },
        ),
        "403": ("403.html", {"reason": "Your role does not read for this purpose."}),
        "404": ("404.html", {}),
        "429": ("429.html", {}),
        "500": ("500.html", {}),
        "403-csrf": ("403_csrf.html", {}),
    }
