"""The paths under /api/v1 of the providers and of where push reaches people."""

from django.urls import path

from notifications.api import providers, push_targets

urlpatterns = [
    path("provider", providers.ProviderView.as_view(), name="provider"),
    path("push-targets", push_targets.PushTargets.as_view(), name="push_targets"),
    path("push-targets/key", push_targets.PushKeyView.as_view(), name="push_targets_key"),
    path("push-targets/<uuid:target_id>", push_targets.PushTargetView.as_view(), name="push_target"),
]
