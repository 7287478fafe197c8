"""Every field into which text of people can come, found in the code itself: forms, API, addresses, policy."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django import forms
from django.apps import apps

import plainspoken
from plainspoken.custody.models import Organisation
from plainspoken.policies import collection
from plainspoken.rights.kinds import kinds

SOURCE = Path(plainspoken.__file__).parent
POINTS = ("conversation.upload", "conversation.vcon", "conversation.folder", "privacy.request")
# Fields that hold no text of a person, whatever is sent: a choice, a number, an id, a day.
TYPED = (
    forms.ChoiceField,
    forms.UUIDField,
    forms.IntegerField,
    forms.DateField,
    forms.BooleanField,
)


def form_classes() -> set[type[forms.Form]]:
    """Forms of ours, and those of the sign-in pages that we offer."""
    from allauth.account.forms import ChangePasswordForm, LoginForm

    for config in apps.get_app_configs():
        if config.name.startswith("plainspoken.") and (Path(config.path) / "forms.py").is_file():
            __import__(f"{config.name}.forms")
    found: set[type[forms.Form]] = {LoginForm, ChangePasswordForm}
    waiting: list[Any] = [forms.Form]
    while waiting:
        for form in waiting.pop().__subclasses__():
            waiting.append(form)
            if form.__module__.startswith("plainspoken.") and ".tests." not in form.__module__:
                found.add(form)
    return found


def made(form: type[forms.Form], house: Organisation) -> forms.Form:
    """The form as its view makes it. A form that needs more than nothing is named here."""
    offered = kinds(organisation=house.id)
    restrict = next(kind for kind in offered if kind.kind == "restrict")
    point = collection.point(organisation=house.id, name="privacy.request")
    arguments: dict[str, dict[str, Any]] = {
        "FileForm": {"kinds": offered},
        "OwnForm": {"kind": restrict},
        "RequestForm": {"point": point, "kind": restrict, "law": "gdpr", "needs_code": True},
        "CodeForm": {"digits": 6},
        "BuilderForm": {"data": {}, "questions": [("greeting", "Did they greet?")]},
        "FilterForm": {"data": {}},
        "RevealForm": {"data": {}, "purposes": []},
    }
    return form(**arguments.get(form.__name__, {}))


def of_forms(house: Organisation) -> Iterator[str]:
    """ "form:<class>.<field>" for every field of a form that takes text."""
    for form in form_classes():
        for name, field in made(form, house).fields.items():
            if not isinstance(field, TYPED):
                yield f"form:{form.__name__}.{name}"


def of_api() -> Iterator[str]:
    """ "api:<METHOD> <path>:<name>" for every text in the OpenAPI document: query, body, form, file."""
    from plainspoken.config.api import api

    document = api.get_openapi_schema()
    parts = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"api:{method.upper()} {path}"
            for given in operation.get("parameters", []):
                if given["in"] == "query" and _is_text(given["schema"], parts):
                    yield f"{where}:{given['name']}"
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield from (f"{where}:{name}" for name in _texts(content["schema"], parts))


def _texts(schema: dict[str, Any], parts: dict[str, Any], before: str = "") -> Iterator[str]:
    schema = _resolved(schema, parts)
    for name, inner in schema.get("properties", {}).items():
        if _is_text(inner, parts):
            yield before + name
        yield from _texts(inner, parts, f"{before}{name}.")


def _resolved(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    return schema


def _is_text(schema: dict[str, Any], parts: dict[str, Any]) -> bool:
    schema = _resolved(schema, parts)
    if any(_is_text(one, parts) for one in (*schema.get("anyOf", ()), *schema.get("allOf", ()))):
        return True
    free = schema.get("type") == "string" and schema.get("format") not in ("uuid", "date-time", "date")
    return free and "enum" not in schema and "const" not in schema


def of_points(house: Organisation) -> Iterator[str]:
    """ "point:<point>.<field>" for every field that the policy lets a conversation or a request bring."""
    for name in POINTS:
        for field in collection.point(organisation=house.id, name=name).fields:
            yield f"point:{name}.{field}"


def of_requests() -> Iterator[str]:
    """ "get:<name>" and "post:<name>" for every parameter that a view reads by name outside a form."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            yield from _read_by_name(node)


def _read_by_name(node: ast.AST) -> Iterator[str]:
    """`request.GET.get("q")`, `request.POST["x"]`, and `given("x")` where given is `request.POST.get`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get", value=holder), args=[ast.Constant(value=str(name)), *_]):
            pass
        case ast.Call(func=ast.Name(id="given"), args=[ast.Constant(value=str(name)), *_]):
            yield f"post:{name}"
            return
        case ast.Subscript(value=holder, slice=ast.Constant(value=str(name))):
            pass
        case _:
            return
    if isinstance(holder, ast.Attribute) and holder.attr in ("GET", "POST"):
        yield f"{holder.attr.lower()}:{name}"


def of_headers() -> Iterator[str]:
    """Headers in which people's data reach every server."""
    yield from (
        f"header:{name}" for name in ("User-Agent", "Referer", "X-Forwarded-For", "Accept-Language", "Cookie")
    )


def enumerated(house: Organisation) -> set[str]:
    """Every field that a test must have planted something in."""
    return {
        *of_forms(house),
        *of_api(),
        *of_points(house),
        *of_requests(),
        *of_headers(),
    }
