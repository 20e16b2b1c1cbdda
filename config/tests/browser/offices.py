"""Roles, groups and grants for the browser to look at: a hierarchy of several levels, denials, ends, resources."""

from config.testing.processes import Gatehouse

# Made as the operator does, by the functions that the admin and the API call too.
_SCRIPT = """
import datetime as dt
from accounts import people
from accounts.models import User
from kit.clock import utcnow
from roles import access_requests, client_permissions
from roles.models import Role
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
make_role("head-of-support-for-all-countries", inherits=["support", "night-shift", "reader"])
give_role(hanna, "support")
give_role(ines, "desk", resource="project:12", expires_at=now + dt.timedelta(days=3))
give_role(ines, "notifier", denies=True)
crew = make_group("crew", ines, jakob)
give_role(crew, "night-shift", resource="org:7")
place("project:12", "org:7")
client_permissions.declare(name="letters.send_letter", description="Send letters", actor=None, now=now)
Role.objects.filter(name__in=("desk", "encryptor")).update(requestable=True)
Role.objects.filter(name="encryptor").update(sensitive=True)
access_requests.ask(user=jakob, role="desk", minutes=480, reason="Stands in for Ines this week", now=now)
late = access_requests.ask(user=hanna, role="encryptor", minutes=60, reason="Moves a file", now=now).request
access_requests.withdraw(request_id=late.pk, actor=hanna, now=now)
access_requests.ask(user=ines, role="desk", resource="org:7", minutes=1440, reason="Goes to the branch", now=now)
print("hanna:", hanna.pk)
"""


def furnish(house: Gatehouse) -> str:
    """Make them, and return the id of one who has a role by several others."""
    return house.inside(_SCRIPT).splitlines()[-1].removeprefix("hanna: ")
