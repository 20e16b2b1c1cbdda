"""How much unasked-for mail an address gets: links and codes that anybody may have us send, all kinds together.

One budget over registration, reset, sign-in, invitation and change of address, or each would be a way round the others.
Notices of what has happened to an account are not counted: an attacker could use the budget up to silence them.
"""

import datetime as dt

from accounts import conf
from kit import canonical
from limits import counters
from vault import digests

HOUR = 3600


def may_mail(*, address: str, now: dt.datetime) -> bool:
    """Count a mail that is about to be written to an address, and say whether it may go out.

    `ACCOUNTS_MAILS_PER_HOUR` in an hour; a refused one counts too. One statement, the same for an address that nobody
    holds. To be called in the transaction that writes the message, and whoever is refused is answered like the others.
    """
    key = digests.keyed("accounts.mails", mailbox_of(address))
    return counters.hit(key=f"mail:{key}", limit=conf.mails_per_hour(), window=HOUR, now=now).allowed


def mailbox_of(address: str) -> str:
    """Return what an address is counted by: its canonical form without its tag and without dots before the @.

    As addresses `anna+a@…`, `a.nna@…` and `anna@…` stay distinct; with many providers they are one person's mailbox.
    """
    local, at, domain = canonical.fold(address).rpartition("@")
    return f"{local.partition('+')[0].replace('.', '')}{at}{domain}"
