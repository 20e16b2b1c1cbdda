from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mfa", "0001_factors")]

    operations = [
        migrations.AddField(
            model_name="trusteddevice",
            name="agent",
            field=models.CharField(blank=True, default="", max_length=256, verbose_name="kind of user agent"),
            preserve_default=False,
        ),
    ]
