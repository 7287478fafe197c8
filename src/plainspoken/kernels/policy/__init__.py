"""The policy language: one Markdown file that people read and the system enforces.

``compile_policy`` turns the text into a :class:`Policy` of typed, frozen rules, or raises
:class:`PolicyErrors` with every error, each with its line and what is allowed there.
``docs/reference/policy-language.md`` is generated from here.
"""

from plainspoken.kernels.policy.changes import Change, MaterialChange, diff, material
from plainspoken.kernels.policy.compiler import compile_policy
from plainspoken.kernels.policy.durations import Duration
from plainspoken.kernels.policy.errors import PolicyError, PolicyErrors
from plainspoken.kernels.policy.frozen import FrozenMap
from plainspoken.kernels.policy.kinds.collection import (
    Categories,
    CollectedField,
    CollectionPoint,
    CollectionPoints,
)
from plainspoken.kernels.policy.kinds.disclosure import Recipient, Recipients
from plainspoken.kernels.policy.kinds.notice import ControllerShown, NoticeLayers, Versions
from plainspoken.kernels.policy.kinds.rights import Right, Verification
from plainspoken.kernels.policy.kinds.security import Safeguards
from plainspoken.kernels.policy.kinds.staying import Retention
from plainspoken.kernels.policy.kinds.use import Bases, Purpose, Purposes
from plainspoken.kernels.policy.layers import BelowLaw, Origin, Resolution, resolve
from plainspoken.kernels.policy.model import Clause, Controller, Policy, Section
from plainspoken.kernels.policy.records import Rule, plain
from plainspoken.kernels.policy.rendering import fill, html, unquoted
from plainspoken.kernels.policy.strictness import Relation

__all__ = [
    "Bases",
    "BelowLaw",
    "Categories",
    "Change",
    "Clause",
    "CollectedField",
    "CollectionPoint",
    "CollectionPoints",
    "Controller",
    "ControllerShown",
    "Duration",
    "FrozenMap",
    "MaterialChange",
    "NoticeLayers",
    "Origin",
    "Policy",
    "PolicyError",
    "PolicyErrors",
    "Purpose",
    "Purposes",
    "Recipient",
    "Recipients",
    "Relation",
    "Resolution",
    "Retention",
    "Right",
    "Rule",
    "Safeguards",
    "Section",
    "Verification",
    "Versions",
    "compile_policy",
    "diff",
    "fill",
    "html",
    "material",
    "plain",
    "resolve",
    "unquoted",
]
