"""Roles, groups and grants for the browser to look at: a hierarchy of several levels, denials, ends, resources."""

from config.testing.processes import Gatehouse

# Made as the operator does, by the functions that the admin and the API call too.
_SCRIPT = """
import datetime as dt
from accounts import people
from accounts.models import User
from kit.clock import utcnow
from roles import grants
from roles.testing import give_role, make_group, make_role, place

now = utcnow()
names = ("hanna", "ines", "jakob")
for name in names:
    people.make(address=f"{name}@example.org", password_hash="!", now=now)
hanna, ines, jakob = (User.objects.get(email=f"{name}@example.org") for name in names)
make_role("reader", "accounts.view_user", "roles.view_role")
make_role("desk", "accounts.view_session", inherits=["reader"])
make_role("support", "accounts.change_user", inherits=["desk", "notifier"])
make_role("night-shift", inherits=["desk"])
make_role("head-of-support-for-all-countries-and-shifts", "roles.view_grant", inherits=["support", "night-shift", "reader"])
give_role(hanna, "support")
give_role(ines, "desk", resource="project:12", expires_at=now + dt.timedelta(days=3))
give_role(ines, "notifier", denies=True)
crew = make_group("crew", ines, jakob)
give_role(crew, "night-shift", resource="org:7")
place("project:12", "org:7")
print("hanna:", hanna.pk)
"""


def furnish(house: Gatehouse) -> str:
    """Make them, and return the id of one who has a role by several others."""
    return house.inside(_SCRIPT).splitlines()[-1].removeprefix("hanna: ")
