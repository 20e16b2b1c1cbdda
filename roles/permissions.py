"""The permissions that this app declares. They are Django's own names for its models, in plain words."""

VIEW_ROLE = "roles.view_role"
VIEW_GRANT = "roles.view_grant"
ADD_GRANT = "roles.add_grant"
DELETE_GRANT = "roles.delete_grant"

PERMISSIONS = {
    VIEW_ROLE: "See the roles and what they hold",
    VIEW_GRANT: "See who has which role, and ask what another person may do",
    ADD_GRANT: "Give a person a role, as far as one's own permissions reach",
    DELETE_GRANT: "Take a role back from a person, as far as one's own permissions reach",
}
