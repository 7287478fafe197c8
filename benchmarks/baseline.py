"""What somebody writes by hand who knows every table: a statement a place, by indexed keys, as the owner."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connections, transaction

from .store import OWNER

_MINE = "SELECT conversation_id FROM conversations_participation WHERE subject_id = %(subject)s"
_WRITTEN = f"SELECT id FROM transcripts_transcript WHERE conversation_id IN ({_MINE})"  # noqa: S608
_REQUESTS = "SELECT id FROM rights_request WHERE subject_id = %(subject)s"
_ACCOUNTS = "SELECT account_id FROM people_membership WHERE subject_id = %(subject)s"
_MEMBERSHIPS = "SELECT id FROM people_membership WHERE subject_id = %(subject)s"

_EVALUATIONS = "SELECT id FROM quality_evaluation WHERE agent_id = %(subject)s"
_SESSIONS = "SELECT id FROM coaching_coachingsession WHERE agent_id = %(subject)s"
_CALLED = f"{_MINE} AND role = 'customer'"

# Place -> where its rows about one subject are. Sign-in sessions name nobody in a column: access reads none.
WHERE: Mapping[str, tuple[str, str]] = {
    "transcripts.Turn": ("transcripts_turn", f"transcript_id IN ({_WRITTEN})"),
    "transcripts.Overruling": ("transcripts_overruling", f"transcript_id IN ({_WRITTEN})"),
    "transcripts.Correction": ("transcripts_correction", f"transcript_id IN ({_WRITTEN})"),
    "conversations.Note": ("conversations_note", f"conversation_id IN ({_MINE})"),
    "conversations.Clip": ("conversations_clip", f"conversation_id IN ({_MINE})"),
    "conversations.Share": ("conversations_share", f"conversation_id IN ({_MINE})"),
    "conversations.HandedOut": ("conversations_handedout", f"conversation_id IN ({_MINE})"),
    "conversations.Mark": ("conversations_mark", f"conversation_id IN ({_MINE})"),
    "conversations.SavedSearch": ("conversations_savedsearch", "subject_id = %(subject)s"),
    "analytics.Report": ("analytics_report", "subject_id = %(subject)s"),
    "analytics.Subscription": ("analytics_subscription", "subject_id = %(subject)s"),
    "analytics.Delivery": (
        "analytics_delivery",
        "subscription_id IN (SELECT id FROM analytics_subscription WHERE subject_id = %(subject)s)",
    ),
    "exchange.Origin": ("exchange_origin", f"conversation_id IN ({_MINE})"),
    "quality.Answer": ("quality_answer", f"evaluation_id IN ({_EVALUATIONS})"),
    "quality.Dispute": ("quality_dispute", f"evaluation_id IN ({_EVALUATIONS})"),
    "quality.Comment": ("quality_comment", f"conversation_id IN ({_MINE})"),
    "quality.Assignment": (
        "quality_assignment",
        f"agent_id = %(subject)s OR conversation_id IN ({_CALLED})",
    ),
    "quality.CalibrationSheet": ("quality_calibrationsheet", "evaluator_id = %(subject)s"),
    "quality.Evaluation": ("quality_evaluation", "agent_id = %(subject)s"),
    "coaching.Excerpt": ("coaching_excerpt", f"conversation_id IN ({_MINE})"),
    "coaching.LibraryClip": ("coaching_libraryclip", f"conversation_id IN ({_MINE})"),
    "coaching.SessionNote": ("coaching_sessionnote", f"session_id IN ({_SESSIONS})"),
    "coaching.Recognition": ("coaching_recognition", "agent_id = %(subject)s"),
    "coaching.CoachingSession": ("coaching_coachingsession", "agent_id = %(subject)s"),
    "coaching.Goal": ("coaching_goal", "agent_id = %(subject)s"),
    "transcripts.Words": ("transcripts_words", f"transcript_id IN ({_WRITTEN})"),
    "conversations.PlayCopy": ("conversations_playcopy", f"conversation_id IN ({_MINE})"),
    "conversations.ReceivedWords": ("conversations_receivedwords", f"conversation_id IN ({_MINE})"),
    "conversations.Recording": ("conversations_recording", f"conversation_id IN ({_MINE})"),
    "conversations.Reveal": ("conversations_reveal", f"conversation_id IN ({_MINE})"),
    "rights.Challenge": ("rights_challenge", f"request_id IN ({_REQUESTS})"),
    "transcripts.Transcript": ("transcripts_transcript", f"conversation_id IN ({_MINE})"),
    "account.EmailAddress": ("account_emailaddress", f"user_id IN ({_ACCOUNTS})"),
    "conversations.Conversation": ("conversations_conversation", f"id IN ({_MINE})"),
    "conversations.Participation": ("conversations_participation", "subject_id = %(subject)s"),
    "custody.Decision": ("custody_decision", "subject_id = %(subject)s"),
    "disclosures.Message": ("disclosures_message", "subject_id = %(subject)s"),
    "disclosures.Release": (
        "disclosures_release",
        "organisation_id = %(organisation)s AND subject = %(subject)s",
    ),
    "people.Account": ("people_account", f"id IN ({_ACCOUNTS})"),
    "people.ApiToken": ("people_apitoken", f"membership_id IN ({_MEMBERSHIPS})"),
    "people.Identifier": ("people_identifier", "subject_id = %(subject)s"),
    "people.Membership": ("people_membership", "subject_id = %(subject)s"),
    "people.MergeProposal": ("people_mergeproposal", "subject_id = %(subject)s"),
    "retention.Hold": ("retention_hold", "subject_id = %(subject)s"),
    "rights.Archive": ("rights_archive", "subject_id = %(subject)s"),
    "rights.Request": ("rights_request", "subject_id = %(subject)s"),
    "custody.Subject": ("custody_subject", "id = %(subject)s"),
}
# Found by keyed digests, or not yet anybody's: there is none of them among these people.
NOWHERE = (
    "sessions.Session",
    "exchange.CallRecord",
    "exchange.Upload",
    "exchange.UploadPart",
    "exchange.SourceItem",
    "conversations.TelephonyEvent",
)

# In the order in which nothing trips; what a law or a measure keeps stays, as with ours.
DELETES = (
    *(
        f"DELETE FROM {table} WHERE {where}"  # noqa: S608 - constants of ours
        for table, where in (
            WHERE[name]
            for name in (
                "transcripts.Turn",
                "transcripts.Overruling",
                "transcripts.Correction",
                "conversations.Note",
                "conversations.Share",
                "conversations.Clip",
                "conversations.HandedOut",
                "conversations.Mark",
                "analytics.Delivery",
                "analytics.Subscription",
                "analytics.Report",
                "exchange.Origin",
                "coaching.Excerpt",
                "coaching.LibraryClip",
                "coaching.SessionNote",
                "coaching.Recognition",
                "coaching.CoachingSession",
                "coaching.Goal",
                "quality.Comment",
                "quality.Assignment",
                "transcripts.Words",
                "conversations.PlayCopy",
                "conversations.ReceivedWords",
                "conversations.Recording",
                "conversations.Reveal",
                "rights.Challenge",
                "transcripts.Transcript",
            )
        )
    ),
    "UPDATE conversations_conversation SET source_id = NULL, source_blind = NULL, content_blind = NULL,"  # noqa: S608
    " subject_line = NULL, content_key_id = NULL, started_at = date_trunc('day', started_at), direction = '',"
    f" language = '', reason = '', state = 'erased', erased_at = now() WHERE id IN ({_MINE})",
    "DELETE FROM custody_contentkey WHERE id = ANY (%(keys)s)",
    "DELETE FROM conversations_participation WHERE conversation_id = ANY (%(conversations)s)",
    *(
        f"DELETE FROM {table} WHERE {where}"  # noqa: S608
        for table, where in (
            WHERE[name]
            for name in (
                "custody.Decision",
                "disclosures.Message",
                "people.ApiToken",
                "people.Membership",
                "people.Identifier",
                "people.MergeProposal",
                "rights.Archive",
            )
        )
    ),
    "UPDATE rights_request SET claim = NULL, words = NULL WHERE subject_id = %(subject)s",
    "UPDATE custody_subject SET erased_at = now() WHERE id = %(subject)s",
)


def fetch(organisation: UUID, subject: UUID) -> dict[str, int]:
    """Fetch every row about a subject; returns how many there are at each place."""
    found = {}
    names = {"organisation": organisation, "subject": subject}
    with connections[OWNER].cursor() as cursor:
        for place, (table, where) in WHERE.items():
            cursor.execute(f"SELECT * FROM {table} WHERE {where}", names)  # noqa: S608 - constants of ours
            found[place] = len(cursor.fetchall())
    return found


def erase(subject: UUID) -> None:
    """Delete or empty every row about a subject, in one transaction."""
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(
            "SELECT array_agg(c.id), array_agg(c.content_key_id) FROM conversations_conversation c"  # noqa: S608
            f" WHERE c.id IN ({_MINE})",
            {"subject": subject},
        )
        conversations, keys = cursor.fetchone()
        names = {"subject": subject, "conversations": conversations or [], "keys": keys or []}
        for statement in DELETES:
            cursor.execute(statement, names)
