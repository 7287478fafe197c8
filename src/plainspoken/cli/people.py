"""`people`: members, their roles, passwords and API tokens."""

from typing import Any
from uuid import UUID

import typer

from plainspoken.cli.organisations import chosen
from plainspoken.cli.output import USAGE, answer, console, fail, table
from plainspoken.custody.actors import program

COMMAND_LINE, MANAGE = program("command-line"), "organisation.manage"
ORGANISATION = typer.Option(None, help="Short name of the organisation; needed where there are several.")
JSON = typer.Option(False, "--json", help="Answer as JSON.")
EMAIL = typer.Argument(..., help="The address they sign in with.")
ROLE = typer.Argument(..., help="agent, supervisor, analyst, privacy_officer or administrator.")
TEAM = typer.Argument("", help="The team; empty takes them out of theirs.")


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Members, their roles, passwords and API tokens.", no_args_is_help=True)
    for command in (add, role, team, end, token, password, revoke):
        group.command()(command)
    group.command(name="list")(show)
    app.add_typer(group, name="people")


def _role(name: str) -> Any:
    from plainspoken.people.models import Membership

    if name not in Membership.Role.values:
        fail(f"There is no role {name}. Choose one of {', '.join(Membership.Role.values)}.", code=USAGE)
    return Membership.Role(name)


def _member(organisation: str | None, email: str) -> Any:
    from plainspoken.custody import ledger
    from plainspoken.custody.sessions import purpose
    from plainspoken.people import queries

    row = chosen(organisation)
    with purpose(MANAGE, organisation=row.id, by=COMMAND_LINE):
        try:
            found = queries.member_by_login(organisation=row.id, email=email)
        except queries.NoSuchMember as error:
            fail(str(error), code=USAGE)
        ledger.enter_read(place="people.Account", rows=1, by=COMMAND_LINE, subject=found.subject_id)
        return found


def _described(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.account.name,
        "login": row.account.email,
        "role": row.role,
        "team": row.team,
        "since": row.since,
        "ended_at": row.ended_at,
        "last_login": row.account.last_login,
    }


def add(
    email: str = EMAIL,
    name: str = typer.Option(..., help="Their name."),
    role: str = typer.Option(..., help="agent, supervisor, analyst, privacy_officer or administrator."),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Make somebody a member. A new account gets a temporary password, which is printed this once."""
    from plainspoken.people import services

    row, chosen_role = chosen(organisation), _role(role)
    try:
        member = services.add_member(
            organisation=row.id,
            email=email,
            name=name,
            role=chosen_role,
            by=COMMAND_LINE,
            region=row.phone_region,
        )
        secret = None
        if not member.account.has_usable_password():
            secret = services.give_temporary_password(membership=member, by=COMMAND_LINE)
    except services.AccountRefused as error:
        fail(str(error))

    def human() -> None:
        console.print(f"{name} is {member.get_role_display().lower()} of {row.name}.")
        console.print(
            f"Temporary password: {secret}" if secret else "They sign in with the password they have."
        )

    answer(_described(member) | {"password": secret}, json=json, human=human)


def show(organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Everybody who is or was a member."""
    from plainspoken.custody import ledger
    from plainspoken.custody.sessions import purpose
    from plainspoken.people import queries

    row = chosen(organisation)
    with purpose(MANAGE, organisation=row.id, by=COMMAND_LINE):
        rows = [_described(member) for member in queries.members(organisation=row.id)]
        ledger.enter_read(place="people.Account", rows=len(rows), by=COMMAND_LINE)

    def human() -> None:
        lines = [(r["name"], r["login"], r["role"], "ended" if r["ended_at"] else "active") for r in rows]
        table(f"People of {row.name}", ("Name", "Signs in as", "Role", "State"), lines)

    answer({"people": rows}, json=json, human=human)


def team(
    email: str = EMAIL, team: str = TEAM, organisation: str | None = ORGANISATION, json: bool = JSON
) -> None:
    """Say in which team a member is. Reports count by team."""
    from plainspoken.people import services

    member = _member(organisation, email)
    services.set_team(membership=member, team=team, by=COMMAND_LINE)
    said = f"in the team {member.team}" if member.team else "in no team"
    answer(
        _described(member),
        json=json,
        human=lambda: console.print(f"{member.account.name} is {said}.", markup=False),
    )


def role(
    email: str = EMAIL, role: str = ROLE, organisation: str | None = ORGANISATION, json: bool = JSON
) -> None:
    """Give a member another role."""
    from plainspoken.people import services

    member, chosen_role = _member(organisation, email), _role(role)
    try:
        services.change_role(membership=member, role=chosen_role, by=COMMAND_LINE)
    except services.AccountRefused as error:
        fail(str(error))
    text = f"{member.account.name} is {member.get_role_display().lower()} now."
    answer(_described(member), json=json, human=lambda: console.print(text))


def end(email: str = EMAIL, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """End a membership: no sign-in here, no tokens."""
    from plainspoken.people import services

    member = _member(organisation, email)
    try:
        services.end_membership(membership=member, by=COMMAND_LINE)
    except services.AccountRefused as error:
        fail(str(error))
    text = f"{member.account.name} is no member any more."
    answer(_described(member), json=json, human=lambda: console.print(text))


def token(
    email: str = EMAIL,
    name: str = typer.Option("command line", help="What the token is for."),
    organisation: str | None = ORGANISATION,
    json: bool = JSON,
) -> None:
    """Issue an API token for a member; its secret is printed this once."""
    from plainspoken.people import services

    made = services.issue_token(membership=_member(organisation, email), name=name, by=COMMAND_LINE)
    answer(
        {"id": made.token.id, "name": made.token.name, "token": made.secret},
        json=json,
        human=lambda: console.print(f"Token (shown once): {made.secret}", soft_wrap=True),
    )


def revoke(token: str = typer.Argument(..., help="The token's id."), json: bool = JSON) -> None:
    """End an API token at once."""
    from plainspoken.people import services
    from plainspoken.people.models import ApiToken

    try:
        found = ApiToken.objects.select_related("membership").filter(id=UUID(token)).first()
    except ValueError:
        found = None
    if found is None:
        fail(f"There is no token {token}. Its id was printed with it.", code=USAGE)
    services.revoke_token(token=found, by=COMMAND_LINE)
    answer({"revoked": found.id}, json=json, human=lambda: console.print("The token does not work any more."))


def password(email: str = EMAIL, organisation: str | None = ORGANISATION, json: bool = JSON) -> None:
    """Replace a member's password by a temporary one, printed this once."""
    from plainspoken.people import services

    try:
        secret = services.give_temporary_password(membership=_member(organisation, email), by=COMMAND_LINE)
    except services.AccountRefused as error:
        fail(str(error))
    answer({"password": secret}, json=json, human=lambda: console.print(f"Temporary password: {secret}"))
