"""The paths under /api/v1/notify."""

from django.urls import path

from notifications.api import callbacks, messages, sending, suppressions, templates, usage

urlpatterns = [
    path("usage", usage.UsageView.as_view(), name="notify_usage"),
    path("email", sending.EmailView.as_view(), name="notify_email"),
    path("callbacks/<str:provider>", callbacks.CallbackView.as_view(), name="notify_callback"),
    path("sms", sending.SmsView.as_view(), name="notify_sms"),
    path("push", sending.PushView.as_view(), name="notify_push"),
    path("batch", sending.BatchView.as_view(), name="notify_batch"),
    path("messages", messages.MessagesView.as_view(), name="notify_messages"),
    path("messages/<uuid:message_id>", messages.MessageView.as_view(), name="notify_message"),
    path("messages/<uuid:message_id>/cancel", messages.CancelView.as_view(), name="notify_message_cancel"),
    path("messages/<uuid:message_id>/resend", messages.ResendView.as_view(), name="notify_message_resend"),
    path("suppressions", suppressions.SuppressionsView.as_view(), name="notify_suppressions"),
    path("suppressions/<uuid:suppression_id>", suppressions.SuppressionView.as_view(), name="notify_suppression"),
    path("templates", templates.TemplatesView.as_view(), name="notify_templates"),
    path("templates/<str:name>", templates.TemplateView.as_view(), name="notify_template"),
    path("templates/<str:name>/preview", templates.PreviewView.as_view(), name="notify_template_preview"),
    path("templates/<str:name>/versions", templates.VersionsView.as_view(), name="notify_template_versions"),
    path(
        "templates/<str:name>/versions/<int:number>/publish",
        templates.PublishView.as_view(),
        name="notify_template_publish",
    ),
    path(
        "templates/<str:name>/versions/<int:number>/retire",
        templates.RetireView.as_view(),
        name="notify_template_retire",
    ),
]
