"""`init`: the first run without the demonstration."""

import os
import zoneinfo
from pathlib import Path

import typer

from plainspoken.cli.output import USAGE, answer, console, fail


def register(app: typer.Typer) -> None:
    app.command()(init)


def init(
    name: str = typer.Option(..., prompt="Name of the organisation"),
    short_name: str = typer.Option(..., prompt="Short name for addresses (letters, digits, hyphens)"),
    region: str = typer.Option(..., prompt="Home region, where data stays (for example: Frankfurt, EU)"),
    postal_address: str = typer.Option(..., prompt="Legal postal address, on one line"),
    privacy_contact: str = typer.Option(..., prompt="E-mail of the privacy contact"),
    privacy_officer: str = typer.Option(..., prompt="Who is responsible for privacy (name or role)"),
    telephone: str = typer.Option(..., prompt="Telephone"),
    representative: str = typer.Option("none needed", prompt="Representative in the EU or UK"),
    admin_email: str = typer.Option(..., prompt="E-mail of the first administrator"),
    admin_name: str = typer.Option(..., prompt="Name of the first administrator"),
    admin_password: str = typer.Option(
        ...,
        prompt="Password of the first administrator (12 characters or more)",
        hide_input=True,
        confirmation_prompt=True,
        envvar="PLAINSPOKEN_ADMIN_PASSWORD",
    ),
    time_zone: str = typer.Option("UTC", prompt="Time zone (for example: Europe/Berlin)"),
    language: str = typer.Option("en", prompt="Language"),
    phone_region: str = typer.Option(
        "US", prompt="Country of phone numbers written without a country code (ISO code)"
    ),
    smtp: str = typer.Option("", prompt="Mail server as smtp://user:password@host:port (empty: set later)"),
    policy: Path | None = typer.Option(
        None, help="Your own policy; ours with your controller when left out."
    ),
    json: bool = typer.Option(False, "--json"),
) -> None:
    """Set up an organisation: region, administrator, time zone, language, mail, and its first published policy."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_slug

    from plainspoken.adapters import mail
    from plainspoken.config import service, setup

    try:
        validate_slug(short_name)
    except ValidationError:
        fail("The short name may hold letters, digits, hyphens and underscores.", code=USAGE)
    if time_zone not in zoneinfo.available_timezones():
        fail(f"There is no time zone {time_zone}. Write it as Europe/Berlin or America/New_York.", code=USAGE)
    try:
        validate_password(admin_password)
    except ValidationError as error:
        fail(" ".join(error.messages), code=USAGE)
    controller = {
        "name": name,
        "postal_address": postal_address,
        "privacy_contact": privacy_contact,
        "privacy_officer": privacy_officer,
        "telephone": telephone,
        "representative": representative,
    }
    text = policy.read_text("utf-8") if policy else setup.draft_policy(controller=controller, title_name=name)
    service.prepare()
    if smtp and (problem := mail.problem(smtp)):
        fail(problem, code=USAGE)
    row = setup.found(
        name=name, slug=short_name, region=region, time_zone=time_zone, language=language, phone_region=phone_region,
        smtp_url=smtp, policy=text, admin_email=admin_email, admin_name=admin_name, admin_password=admin_password,
    )  # fmt: skip
    answer(
        {"organisation": row.id, "slug": row.slug, "data": os.environ.get("PLAINSPOKEN_DATA", "")},
        json=json,
        human=lambda: console.print(
            f"{row.name} is set up. Start it with `plainspoken up`, then sign in as {admin_email}."
            f" The policy in force is at /notice/{row.slug}/."
        ),
    )
