"""Who spent a refresh token, to be compared with who shows it again; and what finds what is long over."""

from django.db import migrations, models
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_name_keys")]
    operations = [
        migrations.AddField("refreshtoken", "spent_address", models.CharField(blank=True, max_length=45)),
        migrations.AddField("refreshtoken", "spent_agent", models.CharField(blank=True, max_length=256)),
        migrations.AddIndex("device", models.Index(fields=["last_seen_at"], name="accounts_device_unseen")),
        migrations.AddIndex("session", models.Index(Coalesce("ended_at", "expires_at"), name="accounts_session_over")),
    ]
