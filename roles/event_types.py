"""What this app writes into the audit log."""

from audit.vocabulary import EventType

_GRANT = frozenset({"role", "resource", "denies", "expires_at", "reason"})

GRANT_GIVEN = EventType("roles.grant.given", "A person or a group was given a role, or denied it", _GRANT)
GRANT_CHANGED = EventType("roles.grant.changed", "A grant was given again with another end", _GRANT)
GRANT_TAKEN = EventType("roles.grant.taken", "A role or a denial was taken back", _GRANT)
GRANT_ENDED = EventType("roles.grant.ended", "A grant or a denial ended by itself", _GRANT)

_REASON = frozenset({"reason"})
_ROLE = frozenset(
    {"description", "added", "removed", "inherits", "no_longer_inherits", "sensitive", "requestable", "reason"}
)

ROLE_CREATED = EventType("roles.role.created", "A role was made", _ROLE)
ROLE_CHANGED = EventType("roles.role.changed", "What a role holds, inherits or is for was changed", _ROLE)
ROLE_DELETED = EventType("roles.role.deleted", "A role was deleted", _ROLE)

PERMISSION_DECLARED = EventType("roles.permission.declared", "A client's permission was declared", _REASON)
PERMISSION_WITHDRAWN = EventType("roles.permission.withdrawn", "A client's permission was withdrawn", _REASON)

_REQUEST = frozenset({"request", "role", "resource", "minutes", "expires_at", "reason"})

REQUEST_ASKED = EventType("roles.request.asked", "Somebody asked for a role, for herself or for another", _REQUEST)
REQUEST_APPROVED = EventType("roles.request.approved", "A second person agreed, and the role was given", _REQUEST)
REQUEST_REFUSED = EventType("roles.request.refused", "A second person did not agree", _REQUEST)
REQUEST_WITHDRAWN = EventType("roles.request.withdrawn", "A request for a role was taken back", _REQUEST)
REQUEST_LAPSED = EventType("roles.request.lapsed", "Nobody decided a request for a role in time", _REQUEST)

_MEMBER = frozenset({"group", "reason"})

GROUP_CREATED = EventType("roles.group.created", "A group of people was made", _REASON)
GROUP_CHANGED = EventType("roles.group.changed", "What a group of people is for was said anew", _REASON)
GROUP_DELETED = EventType("roles.group.deleted", "A group of people was deleted", _REASON)
MEMBER_ADDED = EventType("roles.member.added", "A person was put into a group", _MEMBER)
MEMBER_REMOVED = EventType("roles.member.removed", "A person was taken out of a group", _MEMBER)

_PLACEMENT = frozenset({"resource", "parent", "reason"})

PLACEMENT_MADE = EventType("roles.placement.made", "A resource was put below another", _PLACEMENT)
PLACEMENT_REMOVED = EventType("roles.placement.removed", "A resource was taken from below another", _PLACEMENT)
