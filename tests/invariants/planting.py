"""A house in which two people stand in every field there is: a customer and a member of staff.

Everything goes in through pages, the API, files and services, as it would in life. What was planted where is noted,
so that a field which nobody planted in is found.
"""

import gc
import io
import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from conftest import PASSWORD, POLICY
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from plainspoken.config.logs import JsonLines
from plainspoken.config.work import drain
from plainspoken.conversations.tests.makers import recogniser, wav
from plainspoken.custody.actors import Actor, person, program
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import create
from plainspoken.custody.sessions import purpose
from plainspoken.disclosures import queries as disclosures
from plainspoken.exchange import services as exchange
from plainspoken.people.models import Identifier, Membership
from plainspoken.people.resolution import find
from plainspoken.people.services import add_member, issue_token, set_password
from plainspoken.policies import collection
from plainspoken.policies.services import publish
from plainspoken.rights import services as rights

from . import planting_coaching, planting_player, planting_quality, planting_reports, planting_sources
from .canaries import Canary, canary
from .stores import line

ME = program("invariants")
CODE = re.compile(r"Your code is (\d+)")
LINK = re.compile(r"https?://[^/\s]+(/privacy/\S+/verify/\S+key=\S+)")
JSON = "application/json"
# Parameters of addresses: what a view reads there by name. A search for somebody is data about them.
WORDS = ("q", "act", "clause", "entry", "from", "to", "key", "law", "page", "period", "place", "purpose",
         "reference", "role", "show", "kind", "queue", "agent", "sort", "state", "organisation", "category")  # fmt: skip


class Planted:
    """The house, its people, and what was planted where."""

    def __init__(self, *, slug: str = "canary-house") -> None:
        self.house = self._house(slug)
        self.customer, self.worker, self.neighbour = canary(), canary(), canary()
        self.sown: set[str] = set()
        self.log = io.StringIO()
        self.references: dict[str, str] = {}
        self.browsers: dict[str, Client] = {}
        self.members: dict[str, Membership] = {}

    def everywhere(self, folder: Path) -> "Planted":
        """Plant in every field."""
        handler = self._listening()
        try:
            self._staff()
            self._conversations(folder)
            self._pages()
            planting_player.plant(self)
            planting_quality.plant(self)
            planting_coaching.plant(self)
            planting_reports.plant(self)
            self._holds()
            self._requests()
        finally:
            self._deaf(handler)
        return self

    # ---- the house ----

    def _house(self, slug: str) -> Organisation:
        row = create(
            slug=slug,
            name="Larkfield Home",
            home_region="EU (Frankfurt)",
            kind=Organisation.Kind.DEMO,
            time_zone="Europe/Berlin",
            phone_region="DE",
        )
        publish(organisation=row.id, source=POLICY.read_text("utf-8"), file=POLICY.name, by=ME)
        return row

    def _listening(self) -> logging.Handler:
        """Everything that is logged, at the finest level, in the form in which it is written."""
        handler = logging.StreamHandler(self.log)
        handler.setFormatter(JsonLines())
        handler.setLevel(logging.DEBUG)
        root = logging.getLogger()
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        # Says which rule of Markdown it tries, a hundred thousand times; it reads the policy only.
        logging.getLogger("markdown_it").setLevel(logging.INFO)
        return handler

    def _deaf(self, handler: logging.Handler) -> None:
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.INFO)

    def member(self, role: str, login: str) -> Membership:
        """Somebody of the house who is signed in; canaries' data is in the headers of their browser."""
        row = add_member(
            organisation=self.house.id,
            email=f"{login}@{self.house.slug}.example",
            name=login.capitalize(),
            role=Membership.Role(role),
            by=ME,
            password=PASSWORD,
        )
        self.members[login] = row
        self.browsers[login] = self.browser(row)
        return row

    def browser(self, row: Membership | None = None) -> Client:
        text = self.customer.text
        browser = Client(
            headers={
                "user-agent": f"Mozilla/5.0 ({text})",
                "referer": f"http://localhost/?q={self.customer.email}",
                "x-forwarded-for": self.customer.phone,
                "accept-language": self.customer.word,
            }
        )
        browser.cookies["leftover"] = self.customer.email
        self.sown |= {f"header:{name}" for name in ("User-Agent", "Referer", "X-Forwarded-For", "Accept-Language", "Cookie")}  # fmt: skip
        if row is not None:
            browser.force_login(row.account)
        return browser

    def token(self, login: str) -> dict[str, str]:
        made = issue_token(membership=self.members[login], name="invariants", by=ME)
        return {"authorization": f"Bearer {made.secret}"}

    def actor(self, login: str) -> Actor:
        return person(self.members[login].account_id)

    def subject(self, who: Canary) -> UUID:
        """The pseudonym of a canary."""
        with purpose("rights.execute", organisation=self.house.id, by=ME):
            found = find(kind=Identifier.Kind.EMAIL, value=who.email, region="DE")
        assert len(found) == 1, "nobody, or more than one, has this address"
        return found[0]

    def form(
        self, name: str, browser: Client, path: str, given: Mapping[str, str], *, expect: int, **more: Any
    ) -> Any:
        """Send a form as a page would; every field of it counts as planted."""
        self.sown |= {f"form:{name}.{field}" for field in given} | {f"post:{field}" for field in given}
        answer = browser.post(path, given, **more)
        assert answer.status_code == expect, (path, answer.status_code, _said(answer))
        return answer

    def work(self) -> None:
        """The worker as it runs."""
        drain()
        gc.collect()

    # ---- staff ----

    def _staff(self) -> None:
        for role, login in (
            ("administrator", "admin"),
            ("supervisor", "super"),
            ("privacy_officer", "officer"),
            ("privacy_officer", "second"),
        ):
            self.member(role, login)
        worker, admin = self.worker, self.browsers["admin"]
        given = {"name": worker.name, "email": worker.email, "role": "agent"}
        self.form("NewMember", admin, "/people/add/", given, expect=200)
        row = Membership.objects.get(organisation=self.house, account__email=worker.email)
        row.team = f"Team {worker.word}"
        row.save()
        self.members["worker"] = row
        token = {"token_name": worker.text[:60]}
        self.form("NewToken", admin, f"/people/{row.id}/tokens/", token, expect=200)
        issue_token(membership=row, name=f"of {worker.email}", by=ME)
        for act in ("end", "password"):
            self.form("", admin, f"/people/{row.id}/{act}/", {"typed": worker.text}, expect=302)
        # Sign-in makes none, as long as nobody confirms addresses; the table is there.
        EmailAddress.objects.create(user=row.account, email=worker.email)
        set_password(account=row.account, password=PASSWORD)
        self.browsers["worker"] = browser = self.browser()
        for login, word in (
            (self.customer.email, self.customer.text),
            (worker.email, worker.word),
            (worker.email, PASSWORD),
        ):
            right = word == PASSWORD
            browser.post("/account/login/", {"login": login, "password": word})
            assert ("_auth_user_id" in browser.session) == right
        self.sown |= {"form:LoginForm.login", "form:LoginForm.password"}
        wrong = {"oldpassword": worker.text, "password1": worker.text, "password2": worker.word}
        self.form("ChangePasswordForm", browser, "/account/password/change/", wrong, expect=200)

    # ---- conversations ----

    def facts(self, source: str, **more: Any) -> dict[str, Any]:
        """Every fact that a point takes, with somebody in each that can name somebody."""
        customer, worker = self.customer, self.worker
        return {
            "source_id": f"{source} {customer.text}",
            "started_at": (datetime.now(UTC) - timedelta(hours=2)).isoformat(),
            "duration": 12.0,
            "direction": "in",
            "queue": f"{customer.name} queue",
            "subject_line": f"About {customer.text}",
            "language": "en",
            "agent_name": worker.name,
            "agent_email": worker.email,
            "agent_phone": worker.phone,
            "agent_account": worker.account,
            "customer_name": customer.name,
            "customer_email": customer.email,
            "customer_phone": customer.phone,
            "customer_account": customer.account,
            **more,
        }

    @property
    def said(self) -> list[dict[str, Any]]:
        return [
            {
                "speaker": "agent",
                "text": f"This is {self.worker.name}. {self.worker.text}",
                "start": 0,
                "end": 4,
            },
            {"speaker": "customer", "text": self.customer.text, "start": 5, "end": 11},
        ]

    def _conversations(self, folder: Path) -> None:
        spoken = {0: f"This is {self.worker.name} {self.worker.word}", 1: self.customer.text}
        with recogniser(spoken):
            self._uploaded()
            self._vcons()
            self._folder(folder)
            planting_sources.plant(self, folder)
            self._neighbour()
            self.work()
            self._unheard()
        with purpose("ingest.write", organisation=self.house.id, by=ME):
            from plainspoken.conversations.models import Conversation

            states = list(Conversation.objects.values_list("state", "reason"))
        assert sorted(set(states)) == [("ready", ""), ("waiting", "")], states

    def _sown_point(self, point: str, facts: Mapping[str, Any]) -> None:
        self.sown |= {f"point:{point}.{name}" for name in facts}

    def _uploaded(self) -> None:
        api, headers = Client(), self.token("super")
        for number, words in enumerate(([], self.said)):
            facts = self.facts(f"upload {number}", **({"words": words} if words else {}))
            name = f"{self.customer.name} {self.customer.email}.wav"
            sound = SimpleUploadedFile(name, wav(200.0 + number, 333.0, seconds=12.0), "audio/wav")
            answer = api.post(
                "/api/conversations", {"sound": sound, "metadata": json.dumps(facts)}, headers=headers
            )
            assert answer.status_code == 201, _said(answer)
            self._sown_point("conversation.upload", {**facts, "sound": 1})
        refused = {**self.facts("refused"), self.customer.word: self.customer.text}
        sound = SimpleUploadedFile(f"{self.customer.phone}.wav", b"no sound")
        answer = api.post(
            "/api/conversations", {"sound": sound, "metadata": json.dumps(refused)}, headers=headers
        )
        assert answer.status_code == 422
        self.sown |= {"api:POST /api/conversations:metadata", "api:POST /api/conversations:sound"}

    def vcon(self) -> dict[str, Any]:
        """A vCon with somebody in every text that it may hold, and in some that it may not."""
        customer, worker = self.customer, self.worker
        started = datetime.now(UTC) - timedelta(hours=1)
        turns = [(0, worker.text), (1, customer.text), (1, f"Again: {customer.text}")]
        return {
            "vcon": "0.3.0",
            "uuid": f"{uuid4()} {customer.text}",
            "created_at": started.isoformat(),
            "subject": f"About {customer.text}",
            customer.word: customer.text,
            "meta": {"direction": "in", "note": customer.text},
            "parties": [
                {"name": worker.name, "mailto": worker.email, "tel": worker.phone, "role": "agent"},
                {
                    "name": customer.name,
                    "mailto": f"mailto:{customer.email}",
                    "tel": f"tel:{customer.phone}",
                    "role": "customer",
                    "civicaddress": {"a1": customer.text},
                    "meta": {"note": customer.text},
                    "stir": customer.text,
                },
            ],
            "dialog": [
                {
                    "type": "text",
                    "start": (started + timedelta(seconds=9 * turn)).isoformat(),
                    "parties": party,
                    "mediatype": "text/plain",
                    "encoding": "none",
                    "filename": f"{customer.email}.txt",
                    "alg": customer.word,
                    "body": text,
                }
                for turn, (party, text) in enumerate(turns)
            ],
            "analysis": [
                {"type": "summary", "vendor": customer.text, "body": customer.text, "encoding": "none"},
                {"type": "transcript", "vendor": "x", "body": customer.text, "encoding": "none"},
            ],
            "attachments": [
                {"type": "note", "body": customer.text, "encoding": "none", "filename": customer.text},
                {
                    "type": "lawful_basis",
                    "body": {"purpose_grants": [{"purpose": customer.text, "granted": True}]},
                },
            ],
        }

    def _vcons(self) -> None:
        headers, whole = self.token("super"), self.vcon()
        answer = Client().post("/api/vcons", json.dumps(whole), content_type=JSON, headers=headers)
        assert answer.status_code == 201, _said(answer)
        wrong = {**whole, "uuid": str(uuid4()), "dialog": [{"type": "text", "parties": 9, "body": self.customer.text}]}  # fmt: skip
        refused = Client().post("/api/vcons", json.dumps(wrong), content_type=JSON, headers=headers)
        assert refused.status_code == 422
        point = collection.point(organisation=self.house.id, name="conversation.vcon")
        self._sown_point("conversation.vcon", point.fields)

    def _folder(self, folder: Path) -> None:
        """A folder with sound and facts beside it, in a file of its own and in a table."""
        folder.mkdir()
        named = folder / f"{self.customer.account} {self.customer.name}.wav"
        named.write_bytes(wav(410.0, 440.0, seconds=12.0))
        facts = self.facts("folder")
        named.with_suffix(".json").write_text(json.dumps({**facts, "words": self.said}))
        rows = [exchange.ingest(item, organisation=self.house.id, by=ME, point="conversation.folder")
                for item in exchange.found([folder])]  # fmt: skip
        assert [row.status for row in rows] == ["created"], rows
        self._sown_point("conversation.folder", {**facts, "words": 1, "sound": 1})
        for path in folder.iterdir():
            path.unlink()

    def _neighbour(self) -> None:
        """Somebody else with the same telephone: a merge is proposed, and nothing merges."""
        other = self.neighbour
        facts = self.facts(
            "neighbour",
            queue="Returns",
            subject_line="",
            customer_name=other.name,
            customer_email=other.email,
            customer_account=other.account,
        ) | {"source_id": "neighbour", "agent_phone": "", "agent_account": ""}
        words = [{"speaker": "customer", "text": "I live next door.", "start": 0, "end": 2}]
        done = exchange.import_sound(
            organisation=self.house.id, sound=None, metadata={**facts, "words": words}, by=ME
        )
        assert done.created

    def _unheard(self) -> None:
        """One whose words nobody has taken over: its job was lost."""
        facts = self.facts("unheard", words=self.said)
        exchange.import_sound(organisation=self.house.id, sound=None, metadata=facts, by=ME)
        with line() as owner:
            owner.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")

    # ---- pages ----

    def _pages(self) -> None:
        """Every page that can be read, with somebody in each parameter of its address."""
        for login in ("super", "officer", "admin", "worker"):
            for path in READABLE:
                for text in (self.customer.text, self.customer.word):
                    self.browsers[login].get(path, dict.fromkeys(WORDS, text))
        visitor = self.browser()
        for path in PUBLIC:
            visitor.get(path.format(slug=self.house.slug), dict.fromkeys(WORDS, self.customer.text))
        self.sown |= {f"get:{name}" for name in WORDS} | {"form:FilterForm.q", "form:FilterForm.queue"}
        planting_sources.leave(self)
        headers, conversation = self.token("super"), self._conversation()
        for path in ("", f"/{conversation}", f"/{conversation}/turns", f"/{conversation}/sound"):
            Client().get(f"/api/conversations{path}", {"purpose": self.customer.text}, headers=headers)
            Client().get(f"/api/conversations{path}", {"q": self.customer.text, "queue": self.customer.name}, headers=headers)  # fmt: skip
        Client().get("/api/notice", {"organisation": self.customer.text})
        Client().get("/api/requests", {"state": self.customer.text}, headers=self.token("officer"))
        self.sown |= {
            "api:GET /api/conversations:purpose",
            "api:GET /api/conversations:q",
            "api:GET /api/conversations:queue",
            "api:GET /api/conversations/{conversation}:purpose",
            "api:GET /api/conversations/{conversation}/turns:purpose",
            "api:GET /api/conversations/{conversation}/sound:purpose",
            "api:GET /api/notice:organisation",
            "api:GET /api/requests:state",
        }
        shown = f"/conversations/{conversation}/reveal"
        wrong = {"purpose": self.customer.text, "reason": self.customer.text}
        self.form("RevealForm", self.browsers["super"], shown, {**wrong, "reading": ""}, expect=422)
        self.form("", self.browsers["super"], shown, {"reading": self.customer.text}, expect=403)
        right = {"purpose": "service.answer", "reason": f"They asked: {self.customer.text}", "reading": ""}
        self.form("RevealForm", self.browsers["super"], shown, right, expect=200)

    def _conversation(self) -> UUID:
        """One of the customer's."""
        from plainspoken.conversations.models import Participation

        subject = self.subject(self.customer)
        with purpose("ingest.write", organisation=self.house.id, by=ME):
            return Participation.objects.filter(subject_id=subject).values_list("conversation_id", flat=True)[
                0
            ]

    # ---- requests ----

    def _requests(self) -> None:
        restrict = self.asked("restrict", self.customer, ground="accuracy-contested")
        self.carried_out(restrict, ground="accuracy-contested")
        self._by_letter()
        self._by_api()
        self._colleague()
        # Last: a copy holds what was there before it.
        access = self.asked("access", self.customer)
        self.carried_out(access)

    def asked(self, kind: str, who: Canary, **more: str) -> str:
        """Ask on the public page and prove it with the code; returns the reference."""
        browser = self.browser()
        self.browsers[kind] = browser
        path = f"/privacy/{self.house.slug}/ask/{kind}/"
        given = {
            "kind": kind, "name": who.name, "email": who.email, "phone": who.phone, "law": "gdpr",
            "details": who.text, **more,
        }  # fmt: skip
        wrong = browser.post(path, {**given, "law": who.text, "ground": who.text})
        assert wrong.status_code == 422
        answer = self.form("RequestForm", browser, path, given, expect=302)
        self._sown_point("privacy.request", {**given, "ground": 1})
        reference = answer["Location"].rstrip("/").rpartition("/")[2]
        self.references[kind] = reference
        self.form("CodeForm", browser, answer["Location"], {"code": f"123456 {who.word}"[:40]}, expect=422)
        self.prove(browser, reference)
        return reference

    def prove(self, browser: Client, reference: str) -> None:
        """Enter the newest code that was mailed."""
        self.work()
        code = next(found[1] for text in self.mails() if (found := CODE.search(text)))
        path = f"/privacy/{self.house.slug}/verify/{reference}/"
        answer = browser.post(path, {"code": code})
        assert answer.status_code == 302, _said(answer)
        self.work()

    def mails(self) -> list[str]:
        """The outbox, newest first."""
        with purpose("security.audit", organisation=self.house.id, by=ME):
            return [
                mail.letter.text for mail in disclosures.outbox(organisation=self.house.id) if mail.letter
            ]

    def carried_out(self, reference: str, *, second: bool = False, **more: str) -> None:
        """The officer looks at the plan and decides; somebody else agrees where it takes two."""
        plan = self._plan(reference)
        given = {"plan": plan, "typed": reference, "ground": "", **more}
        self._act("officer", reference, "decide", given)
        if second:
            self._act("second", reference, "approve", {"plan": self._plan(reference)})
        self.work()

    def _plan(self, reference: str) -> str:
        made = rights.plan(organisation=self.house.id, reference=reference, by=self.actor("officer"))
        return made.fingerprint

    def _act(
        self, login: str, reference: str, act: str, given: Mapping[str, str], *, expect: int = 302
    ) -> None:
        self.form("", self.browsers[login], f"/requests/{reference}/{act}", given, expect=expect)

    def _by_letter(self) -> None:
        """A letter that the officer enters; every act of the desk with somebody in its fields."""
        who, officer = self.customer, self.browsers["officer"]
        given = {
            "kind": "correct", "law": "gdpr", "ground": "", "channel": "letter", "name": who.name,
            "received_on": datetime.now(UTC).date().isoformat(), "email": who.email, "phone": who.phone,
            "details": who.text,
        }  # fmt: skip
        answer = self.form("FileForm", officer, "/requests/new", given, expect=302)
        reference = answer["Location"].rpartition("/")[2]
        self._act("officer", reference, "address", {"email": who.text}, expect=409)
        self._act("officer", reference, "address", {"email": who.email})
        self._act("officer", reference, "code", {})
        self.work()
        link = next(found[1] for text in self.mails() if (found := LINK.search(text)))
        browser = self.browser()
        assert browser.get(link).status_code == 302
        self.prove(browser, reference)
        self._act("officer", reference, "choose", {"subject": str(uuid4())}, expect=409)
        wrong = {"plan": who.text, "typed": who.text, "ground": who.text}
        self._act("officer", reference, "decide", wrong, expect=409)
        self._act("officer", reference, "extend", {"reason": who.text})
        self._act("officer", reference, "answer", {"text": f"We corrected it. {who.text}"})
        again = self.form("FileForm", officer, "/requests/new", {**given, "channel": "phone"}, expect=302)
        self._act("officer", again["Location"].rpartition("/")[2], "refuse", {"reason": who.text})

    def _by_api(self) -> None:
        """The same by the API, with somebody in every text, also in those that must be refused."""
        who, headers = self.customer, self.token("officer")

        def send(path: str, body: Mapping[str, str], expect: int) -> Any:
            answer = Client().post(
                f"/api/requests{path}", json.dumps(body), content_type=JSON, headers=headers
            )
            assert answer.status_code == expect, (path, answer.status_code, _said(answer))
            shape = re.sub(r"/R-[^/]+", "/{reference}", path)
            self.sown.update(f"api:POST /api/requests{shape}:{name}" for name in body)
            return answer.json() if answer.content else None

        given = {"kind": "correct", "law": "gdpr", "ground": "", "channel": "api", "name": who.name,
                 "email": who.email, "phone": who.phone, "details": who.text}  # fmt: skip
        for name in ("kind", "law", "ground", "channel"):
            send("", {**given, name: who.text}, 422)
        reference = send("", given, 201)["reference"]
        wrong = {"plan": who.text, "typed": who.text, "ground": who.text}
        send(f"/{reference}/execute", wrong, 422)
        send(f"/{reference}/approve", wrong, 422)
        Client().post(f"/api/requests/{reference}/code", headers=headers)
        self.work()
        link = next(found[1] for text in self.mails() if (found := LINK.search(text)))
        browser = self.browser()
        browser.get(link)
        self.prove(browser, reference)
        send(f"/{reference}/extend", {"reason": who.text}, 204)
        send(f"/{reference}/answer", {"text": who.text}, 204)
        other = send("", {**given, "channel": "email"}, 201)["reference"]
        send(f"/{other}/refuse", {"reason": who.text}, 204)
        self.work()

    def _colleague(self) -> None:
        """The member of staff asks about themselves; a sign-in is proof enough."""
        given = {"law": "gdpr", "details": self.worker.text}
        for kind in ("access", "erase"):
            path = f"/my-privacy/ask/{kind}"
            wrong = {**given, "law": self.worker.text}
            self.form("OwnForm", self.browsers["worker"], path, wrong, expect=422)
        for _ in range(2):
            # The second copy holds that there was a first.
            self.form("OwnForm", self.browsers["worker"], "/my-privacy/ask/access", given, expect=302)
            self.references["own access"] = self._newest()
            self.carried_out(self.references["own access"])

    def _newest(self) -> str:
        from plainspoken.rights.models import Request

        with purpose("rights.execute", organisation=self.house.id, by=ME):
            return Request.objects.order_by("-number").values_list("reference", flat=True)[0]

    # ---- holds ----

    def _holds(self) -> None:
        """A hold that was, for each of the two."""
        for who in (self.customer, self.worker):
            given = {
                "subject": str(self.subject(who)), "reason": "claims", "until": "",
                "law": f"Case of {who.name}, {who.email}, {who.word}"[:120],
            }  # fmt: skip
            self.form("HoldForm", self.browsers["officer"], "/retention", given, expect=302)
        from plainspoken.retention.models import Hold

        with purpose("rights.execute", organisation=self.house.id, by=ME):
            holds = list(Hold.objects.values_list("id", flat=True))
        for hold in holds:
            self.form("", self.browsers["officer"], f"/retention/holds/{hold}/lift", {}, expect=302)
        self.work()

    # ---- the end ----

    def erased(self) -> None:
        """Both ask to be erased, and two people agree."""
        handler = self._listening()
        try:
            self.carried_out(self.asked("erase", self.customer), second=True)
            given = {"law": "gdpr", "details": self.worker.text}
            self.form("OwnForm", self.browsers["worker"], "/my-privacy/ask/erase", given, expect=302)
            self.references["own erase"] = self._newest()
            self.carried_out(self.references["own erase"], second=True)
        finally:
            self._deaf(handler)


READABLE = (
    "/", "/people/me/", "/people/", "/people/add/", "/promises/", "/datamap/", "/ledger/", "/ledger/check/",
    "/conversations/", "/conversations/measures/", "/conversations/clips/", "/conversations/slipped/", "/conversations/pausing/",
    "/requests", "/requests/new", "/my-privacy", "/retention",
    "/recipients", "/outbox", "/sources/", "/sources/calls/", "/sources/keeping/", "/health/", "/organisation/", "/notice/", "/changes/",
)  # fmt: skip
PUBLIC = (
    "/privacy/", "/privacy/{slug}/", "/privacy/{slug}/ask/access/", "/privacy/{slug}/track/",
    "/privacy/{slug}/track/R-2026-0001/", "/privacy/{slug}/verify/R-2026-0001/", "/notice/{slug}/",
    "/changes/{slug}/", "/account/login/", "/healthz", "/readyz", "/nowhere/",
)  # fmt: skip


def _said(answer: Any) -> str:
    """The end of what was answered, for a failing test."""
    text = re.sub(r"\s+", " ", answer.content.decode("utf-8", "replace"))
    found = re.findall(r'(?:role="alert"|class="[^"]*(?:invalid|error)[^"]*")[^>]*>(.{0,300})', text)
    return str(found or text[-600:])


def uploads() -> Path:
    """Where uploads lie while they are read."""
    return Path(settings.FILE_UPLOAD_TEMP_DIR)
