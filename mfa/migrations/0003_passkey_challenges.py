from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mfa", "0002_trusted_agent")]

    operations = [
        migrations.AlterField(
            model_name="ceremony",
            name="challenge",
            field=models.BinaryField(unique=True),
        ),
    ]
