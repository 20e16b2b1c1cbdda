from rest_framework.permissions import AllowAny, BasePermission

from kit.permissions import Public, requires


class Anybody(BasePermission):
    # ruleid: permission-that-always-allows
    def has_permission(self, request, view):
        return True

    # ruleid: permission-that-always-allows
    def has_object_permission(self, request, view, obj):
        """Everybody's."""
        return True


class Wordy(BasePermission):
    # ruleid: permission-that-always-allows
    def has_permission(self, request, view):
        log.info("asked")
        return True

    # ruleid: permission-that-always-allows
    def has_object_permission(self, request, view, obj):
        allowed = True
        return allowed


class Unasked:
    # ruleid: permission-check-left-out
    def get_permissions(self):
        return [Public()]

    # ruleid: permission-check-left-out
    def check_permissions(self, request):
        pass


class PersonAdmin:
    # ruleid: permission-that-always-allows
    has_module_permission = staticmethod(lambda *_: True)
    # ruleid: permission-that-always-allows
    has_view_permission = lambda self, request, obj=None: True
    # ruleid: permission-that-always-allows
    has_add_permission = lambda self, request: True


class Person:
    # ruleid: permission-that-always-allows
    def has_perm(self, perm, obj=None):
        return True


class Open:
    # ruleid: view-open-to-everybody
    permission_classes = [AllowAny]


class AlsoOpen:
    # ruleid: view-open-to-everybody
    permission_classes = []


class OpenTuple:
    # ruleid: view-open-to-everybody
    permission_classes = ()


class OpenList:
    # ruleid: view-open-to-everybody
    permission_classes = list()


# ruleid: view-open-to-everybody
@permission_classes([])
def view(request):
    return None


# ruleid: view-open-to-everybody
REST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"]}


class Holder(BasePermission):
    # ok: permission-that-always-allows
    def has_permission(self, request, view):
        if request.user.has_perm("notifications.send_message"):
            return True
        return False

    # ok: permission-that-always-allows
    def has_object_permission(self, request, view, obj):
        if obj.owner != request.user:
            raise PermissionDenied
        return True

    # ok: permission-check-left-out
    def permissions_of(self, request):
        return []

    # ok: permission-that-always-allows
    def has_delete_permission(self, request, obj=None):
        return False

    # ok: permission-that-always-allows
    def is_ready(self):
        return True


class Declared:
    # ok: view-open-to-everybody
    permission_classes = [Public]


class Held:
    # ok: view-open-to-everybody
    permission_classes = [requires("notifications.send_message")]
