from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("limits", "0001_counters"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="guess",
            index=models.Index(
                condition=models.Q(("blocked_until__gt", 0)), fields=["blocked_until"], name="limits_guess_blocked"
            ),
        ),
    ]
