from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0003_message_person"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="channel",
            field=models.CharField(
                choices=[
                    ("email", "Email"),
                    ("sms", "Sms"),
                    ("whatsapp", "Whatsapp"),
                    ("telegram", "Telegram"),
                    ("push", "Push"),
                ],
                default="email",
                max_length=16,
            ),
        ),
    ]
