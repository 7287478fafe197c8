from plainspoken.conversations import services
from plainspoken.conversations.arrival import Utterance
from plainspoken.custody.actors import program
from plainspoken.transcripts.services import transcribe

ME = program("test")


def test_walk(house, staff) -> None:
    done = services.arrive(
        organisation=house.id,
        point="conversation.vcon",
        facts={
            "source_id": "a-1",
            "queue": "Returns",
            "customer_phone": "+4915112345678",
            "agent_name": "Jo Kim",
            "subject_line": "Refund for Zoe Quill",
            "customer_name": "Ada Lovelace",
        },
        words=[
            Utterance("Hello there, refunds department, this is Jo Kim.", "agent"),
            Utterance("My name is Ada Lovelace and my card is 4111 1111 1111 1111.", "customer"),
        ],
        by=ME,
    )
    assert transcribe(conversation=done.conversation.id, organisation=house.id, by=ME) == "ready"
    member, browser = staff("supervisor")
    r = browser.get("/conversations/?q=refund")
    assert r.status_code == 200, r.content
    assert b"<mark>refunds</mark>" in r.content
    r = browser.get(f"/conversations/{done.conversation.id}/")
    assert r.status_code == 200
    html = r.content.decode()
    assert "4111" not in html and "Lovelace" not in html
    r = browser.post(
        f"/conversations/{done.conversation.id}/reveal",
        {"purpose": "quality.evaluate", "reason": "the customer disputes the charge"},
    )
    assert "4111 1111 1111 1111" in r.content.decode()
    open("/tmp/w/show.html", "w").write(r.content.decode())
    r = browser.get("/conversations/measures/")
    assert r.status_code == 200
    print(r.content.decode()[-3000:])
    assert 0
