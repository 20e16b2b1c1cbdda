from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0010_names_held")]

    operations = [
        migrations.AddField(
            model_name="sentcode",
            name="network",
            field=models.CharField(blank=True, default="", max_length=45, verbose_name="network address"),
            preserve_default=False,
        ),
    ]
