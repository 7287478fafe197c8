"""Measures over the API show groups and never one person."""

from plainspoken.conversations.arrival import Utterance
from plainspoken.conversations.tests.fixtures import Staff
from plainspoken.conversations.tests.makers import arrived
from plainspoken.custody.models import Organisation
from plainspoken.exchange.tests.test_api import Api


def test_groups_by_role_and_size(house: Organisation, staff: Staff) -> None:
    for queue, people in (("Returns", 13), ("Orders", 12), ("Billing", 2), ("Delivery", 1)):
        for n in range(people):
            arrived(
                house,
                source=f"{queue}{n}",
                queue=queue,
                customer_email=f"{queue}{n}@home.example",
                customer_name="",
                words=[Utterance(f"{queue} {n}", "customer")],
                duration=100,
            )
    supervisor = Api(staff("supervisor")[0])
    found = supervisor.get("/measures").json()
    counts = {row["title"]: row["count"] for row in found["by_queue"]}
    assert counts == {"Returns": 13, "Orders": 12, "Billing": None, "Delivery": None}
    assert found["total"] == 28 and found["smallest"] == 12 and found["suppressed"] == 2
    assert {row["mean_s"] for row in found["by_queue"]} == {100.0, None}
    assert Api(staff("agent")[0]).get("/measures").status_code == 403
    assert Api(staff("privacy_officer")[0]).get("/measures").status_code == 403
    assert supervisor.get("/measures", days=0).status_code == 422
