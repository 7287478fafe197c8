"""Founding an organisation: the row, its policy, its first administrator."""

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from plainspoken.custody.actors import program
from plainspoken.custody.models import Organisation
from plainspoken.custody.organisations import OrganisationRefused, create
from plainspoken.kernels.policy import compile_policy
from plainspoken.people.models import Membership
from plainspoken.people.services import add_member
from plainspoken.policies.services import publish

FOUNDER = program("init")
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


def our_policy() -> str:
    """The policy that we ship, for a fictional controller."""
    for folder in (Path(__file__).resolve().parents[3], Path(__file__).resolve().parents[1]):
        path = folder / "policies" / "plainspoken.md"
        if path.is_file():
            return path.read_text("utf-8")
    raise FileNotFoundError("policies/plainspoken.md is not there. Name a policy with --policy.")


def draft_policy(*, controller: Mapping[str, str], title_name: str) -> str:
    """Our policy with another controller in its front matter."""
    source = our_policy()
    found = FRONT.match(source)
    if found is None:
        raise ValueError("policies/plainspoken.md has no front matter.")
    front = yaml.safe_load(found.group(1))
    old = dict(front["controller"])
    front["title"] = f"How {title_name} treats your personal data"
    front["controller"] = dict(controller)
    body = source[found.end() :].replace(old["privacy_contact"], controller["privacy_contact"])
    return f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=1000)}---\n{body}"


def found(
    *,
    name: str,
    slug: str,
    region: str,
    time_zone: str,
    language: str,
    phone_region: str,
    smtp_url: str,
    policy: str,
    admin_email: str,
    admin_name: str,
    admin_password: str,
    kind: Organisation.Kind = Organisation.Kind.LIVE,
) -> Organisation:
    """Make an organisation with its first policy and administrator. Nothing is made when the policy does not compile."""
    compile_policy(policy, file="policy")
    if Organisation.objects.filter(slug=slug).exists():
        raise OrganisationRefused(f"There is an organisation {slug} already. Choose another short name.")
    row = create(
        slug=slug, name=name, home_region=region, kind=kind, time_zone=time_zone, language=language,
        phone_region=phone_region.upper(), smtp_url=smtp_url,
    )  # fmt: skip
    publish(organisation=row.id, source=policy, file="policy", by=FOUNDER)
    add_member(
        organisation=row.id, email=admin_email, name=admin_name, role=Membership.Role.ADMINISTRATOR,
        password=admin_password, region=phone_region.upper(), by=FOUNDER,
    )  # fmt: skip
    return row
