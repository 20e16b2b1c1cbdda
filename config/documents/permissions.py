"""docs/permissions.md: the permissions there are, and which built-in role holds which."""

from importlib import import_module
from itertools import groupby

from config.documents import markdown
from config.documents.markdown import code
from roles import builtin, conf, vocabulary

INTRODUCTION = """\
A person may do what her roles hold, everywhere or at one resource, until the grant ends. Roles may inherit from others.
`x.*` holds everything whose name begins with `x.`, and `*` holds everything. What is not listed here does not exist: it
can be neither held nor asked for. Nobody can give a role that holds more than she holds herself.

`manage.py roles_grant WHO ROLE` gives a role to a person or, with `--group`, to a group; `--deny` denies it, and
`manage.py roles_revoke WHO ROLE` takes either back. The admin and the API do the same.
A change is in force on the person's next request. Give `administrator` rarely: an account that sends mail needs
`notifier` and nothing else."""

MODELS = """\
## Permissions of models

Django names four permissions for each model, and the admin asks for them. Those that the apps do not declare above can
be held all the same, by a role of your own; of the built-in ones only `administrator` holds them."""


def make() -> str:
    """Return the document."""
    declared = _declared()
    return markdown.page("Permissions", INTRODUCTION, *_roles(), *_matrix(declared), MODELS, _models(declared))


def _declared() -> dict[str, str]:
    """Return what the apps declare themselves, in their words."""
    return {
        name: text.rstrip(".")
        for module in conf.vocabularies()
        for name, text in sorted(import_module(module).PERMISSIONS.items())
    }


def _roles() -> list[str]:
    rows = [
        [code(name), role.description, code(*sorted(role.permissions)), code(*sorted(role.inherits))]
        for name, role in builtin.ROLES.items()
    ]
    return ["## Built-in roles", markdown.table(("role", "what for", "holds", "inherits"), rows)]


def _matrix(declared: dict[str, str]) -> list[str]:
    held = {name: vocabulary.of_apps().expand(_held(name)) for name in builtin.ROLES}
    rows = [
        [code(name), text, *("yes" if name in permissions else "" for permissions in held.values())]
        for name, text in declared.items()
    ]
    return ["## Who holds what", markdown.table(("permission", "allows", *held), rows)]


def _held(role: str) -> frozenset[str]:
    """Return what a built-in role holds, by itself, by those it inherits, and as everyone does."""
    own = builtin.ROLES[role]
    above = own.inherits | ({builtin.MEMBER} - {role})
    return own.permissions.union(*(_held(name) for name in above))


def _models(declared: dict[str, str]) -> str:
    others = [_parted(name) for name in vocabulary.of_apps().names if name not in declared]
    grouped = groupby(sorted(others), key=lambda parted: parted[:2])
    rows = [[code(f"{namespace}.…_{model}"), code(*(one[2] for one in names))] for (namespace, model), names in grouped]
    return markdown.table(("permission", "for …"), rows)


def _parted(permission: str) -> tuple[str, str, str]:
    """Return namespace, model and action of a model's permission."""
    namespace, _, codename = permission.partition(".")
    action, _, model = codename.partition("_")
    return namespace, model, action
