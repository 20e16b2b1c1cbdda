"""The admin of roles, a module for each noun. Importing one registers its pages.

Every change goes through the domain functions that the API calls, with their guards and entries. Django's own log of
the admin is left empty here: the audit log is the record, and there is one truth.
"""

from roles.admin import grants, groups, requests, resources, roles, vocabulary

__all__ = ["grants", "groups", "requests", "resources", "roles", "vocabulary"]
