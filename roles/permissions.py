"""The permissions that this app declares. They are Django's own names for its models, in plain words."""

VIEW_ROLE = "roles.view_role"
ADD_ROLE = "roles.add_role"
CHANGE_ROLE = "roles.change_role"
DELETE_ROLE = "roles.delete_role"
VIEW_PERMISSION = "roles.view_permission"
ADD_PERMISSION = "roles.add_permission"
DELETE_PERMISSION = "roles.delete_permission"
VIEW_GRANT = "roles.view_grant"
ADD_GRANT = "roles.add_grant"
DELETE_GRANT = "roles.delete_grant"
VIEW_GROUP = "roles.view_group"
ADD_GROUP = "roles.add_group"
CHANGE_GROUP = "roles.change_group"
DELETE_GROUP = "roles.delete_group"
VIEW_MEMBERSHIP = "roles.view_membership"
ADD_MEMBERSHIP = "roles.add_membership"
DELETE_MEMBERSHIP = "roles.delete_membership"
VIEW_PLACEMENT = "roles.view_placement"
ADD_PLACEMENT = "roles.add_placement"
DELETE_PLACEMENT = "roles.delete_placement"
VIEW_ACCESS_REQUEST = "roles.view_accessrequest"

PERMISSIONS = {
    VIEW_ROLE: "See the roles and what they hold",
    ADD_ROLE: "Make a role of permissions that one holds oneself",
    CHANGE_ROLE: "Change a role, as far as one's own permissions reach",
    DELETE_ROLE: "Delete a role that nobody has, as far as one's own permissions reach",
    VIEW_PERMISSION: "See every permission that the apps and the clients declare",
    ADD_PERMISSION: "Declare a permission of a client application",
    DELETE_PERMISSION: "Withdraw a permission of a client application that no role holds",
    VIEW_GRANT: "See who has which role, and ask what another person may do",
    ADD_GRANT: "Give a person or a group a role, or deny it, as far as one's own permissions reach",
    DELETE_GRANT: "Take a role back from a person or a group, as far as one's own permissions reach",
    VIEW_GROUP: "See the groups of people",
    ADD_GROUP: "Make a group of people",
    CHANGE_GROUP: "Change what a group of people is said to be for",
    DELETE_GROUP: "Delete a group of people, as far as one's own permissions reach",
    VIEW_MEMBERSHIP: "See who is in which group",
    ADD_MEMBERSHIP: "Put a person into a group, as far as one's own permissions reach",
    DELETE_MEMBERSHIP: "Take a person out of a group, as far as one's own permissions reach",
    VIEW_PLACEMENT: "See which resource lies below which",
    ADD_PLACEMENT: "Put a resource below another, as far as one's own permissions reach",
    DELETE_PLACEMENT: "Take a resource from below another, as far as one's own permissions reach",
    VIEW_ACCESS_REQUEST: "See who asks for which role, and what became of it",
}
