import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kit.ids
import vault.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0008_hash_forms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TrustedDevice",
            fields=[
                (
                    "device",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.device",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "verbose_name": "trusted device",
            },
        ),
        migrations.CreateModel(
            name="Ceremony",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("enrol", "add a passkey"),
                            ("step", "second factor of a sign-in"),
                            ("sign_in", "sign in with a passkey alone"),
                            ("proof", "prove again who she is"),
                        ],
                        max_length=8,
                    ),
                ),
                ("attempt", models.UUIDField(null=True)),
                ("challenge", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("burnt_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "passkey challenge",
            },
        ),
        migrations.CreateModel(
            name="MessageFactor",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, max_length=64)),
                ("confirmed", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "Email"),
                            ("sms", "Sms"),
                            ("whatsapp", "Whatsapp"),
                            ("telegram", "Telegram"),
                        ],
                        max_length=16,
                    ),
                ),
                ("to", vault.fields.EncryptedField(label="mfa.message_factor.to")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "contact for codes",
                "verbose_name_plural": "contacts for codes",
                "ordering": ["created_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed", True)),
                        fields=("user", "channel"),
                        name="mfa_one_contact_a_channel",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, max_length=64)),
                ("confirmed", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("credential_id", models.CharField(max_length=1400, unique=True)),
                ("public_key", models.BinaryField()),
                ("sign_count", models.BigIntegerField(default=0)),
                ("transports", models.JSONField(default=list)),
                ("aaguid", models.UUIDField()),
                ("is_discoverable", models.BooleanField(null=True)),
                ("backup_eligible", models.BooleanField()),
                ("backed_up", models.BooleanField()),
                ("verifies_user", models.BooleanField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "passkey",
                "ordering": ["created_at"],
                "indexes": [models.Index(fields=["user"], name="mfa_passkey_of_user")],
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "recovery code",
                "constraints": [models.UniqueConstraint(fields=("user", "digest"), name="mfa_recovery_code_once")],
            },
        ),
        migrations.CreateModel(
            name="Totp",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, max_length=64)),
                ("confirmed", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("key", vault.fields.EncryptedField(label="mfa.totp.key")),
                (
                    "algorithm",
                    models.CharField(
                        choices=[("SHA1", "Sha1"), ("SHA256", "Sha256"), ("SHA512", "Sha512")],
                        default="SHA1",
                        max_length=6,
                    ),
                ),
                ("digits", models.PositiveSmallIntegerField(default=6)),
                ("last_step", models.BigIntegerField(default=-1)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "authenticator application",
                "ordering": ["created_at"],
                "indexes": [models.Index(fields=["user", "confirmed"], name="mfa_totp_of_user")],
            },
        ),
    ]
