from audit.vocabulary import ActorKind
from notifications.models import Message


def bad(message, session, record, kind, actor):
    # ruleid: loose-enum-string
    if message.status == "sent":
        pass
    # ruleid: loose-enum-string
    if session.door != "api":
        pass
    # ruleid: loose-enum-string
    if message.status in ("queued", "whatever"):
        pass
    # ruleid: loose-enum-string
    message.status = "failed"
    # ruleid: loose-enum-string
    Message.objects.filter(status="queued")
    # ruleid: loose-enum-string
    Message.objects.filter(status__in=["queued", "sent"])
    # ruleid: loose-enum-string
    record(outcome="refused")
    # ruleid: loose-enum-string
    record(actor_kind="person" if actor else ActorKind.STRANGER)
    # ruleid: loose-enum-string
    record(actor_kind=ActorKind.PERSON if actor else "stranger")
    # ruleid: loose-enum-string
    kind = "username"
    # ruleid: loose-enum-string
    if "sent" == message.status:
        pass
    # ruleid: loose-enum-string
    setattr(message, "status", "sent")
    # ruleid: loose-enum-string
    Message.objects.filter(**{"status": "sent"})
    # ruleid: loose-enum-string
    Message.objects.filter(attempts__outcome="accepted")
    # ruleid: loose-enum-string
    if session["door"] == "api":
        pass
    # ruleid: loose-enum-string
    if message.status in frozenset({"sent", "failed"}):
        pass


# ruleid: loose-enum-string
def also_bad(actor_kind: str = "person"):
    return actor_kind


def good(message, record, state):
    # ok: loose-enum-string
    if message.status == Message.Status.SENT:
        pass
    # ok: loose-enum-string
    record(actor_kind=ActorKind.STRANGER)
    # ok: loose-enum-string
    if message.kind == "accounts.confirmation":
        pass
    # ok: loose-enum-string
    record(target_kind="session")
    # ok: loose-enum-string
    if state == "elsewhere":
        pass
    # ok: loose-enum-string
    print("sent")
