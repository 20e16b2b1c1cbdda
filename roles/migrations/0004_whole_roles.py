"""Denials, groups, requests, the order of resources, and the permissions that clients declare."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kit.ids


class Migration(migrations.Migration):
    dependencies = [
        ("roles", "0003_grant_resource"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRequest",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("resource", models.CharField(blank=True, default="", max_length=200)),
                ("minutes", models.PositiveIntegerField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "waiting"),
                            ("approved", "approved"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                            ("lapsed", "lapsed"),
                        ],
                        default="pending",
                        max_length=10,
                    ),
                ),
                ("asked_by", models.UUIDField(editable=False)),
                ("asked_at", models.DateTimeField(editable=False)),
                ("lapses_at", models.DateTimeField(editable=False)),
                ("decided_by", models.UUIDField(editable=False, null=True)),
                ("decided_at", models.DateTimeField(editable=False, null=True)),
                ("answer", models.CharField(blank=True, default="", max_length=500)),
            ],
            options={
                "ordering": ("-id",),
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                ("name", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("description", models.CharField(blank=True, max_length=255)),
                ("created_at", models.DateTimeField(editable=False)),
            ],
            options={
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("added_by", models.UUIDField(editable=False, null=True)),
                ("created_at", models.DateTimeField(editable=False)),
            ],
            options={
                "ordering": ("-id",),
                "default_permissions": ("add", "delete", "view"),
            },
        ),
        migrations.CreateModel(
            name="Permission",
            fields=[
                ("name", models.CharField(max_length=150, primary_key=True, serialize=False)),
                ("description", models.CharField(blank=True, max_length=255)),
                ("declared_by", models.UUIDField(editable=False, null=True)),
                ("created_at", models.DateTimeField(editable=False)),
            ],
            options={
                "ordering": ("name",),
                "default_permissions": ("add", "delete", "view"),
            },
        ),
        migrations.CreateModel(
            name="Placement",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("resource", models.CharField(max_length=200)),
                ("parent", models.CharField(db_index=True, max_length=200)),
                ("created_at", models.DateTimeField(editable=False)),
            ],
            options={
                "ordering": ("-id",),
                "default_permissions": ("add", "delete", "view"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="grant",
            name="roles_grant_once",
        ),
        migrations.AddField(
            model_name="grant",
            name="denies",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="housestamp",
            name="tree",
            field=models.CharField(default="", max_length=32),
        ),
        migrations.AddField(
            model_name="role",
            name="requestable",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="role",
            name="sensitive",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="grant",
            name="user",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="grants",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="role",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="roles.role"),
        ),
        migrations.AddField(
            model_name="accessrequest",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="access_requests",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="group",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="grants",
                to="roles.group",
            ),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(condition=models.Q(("denies", True)), fields=["denies"], name="roles_grant_denies"),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user__isnull", False)),
                fields=("user", "role", "resource", "denies"),
                name="roles_grant_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("group__isnull", False)),
                fields=("group", "role", "resource", "denies"),
                name="roles_grant_group_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group", None), ("user__isnull", False)),
                    models.Q(("group__isnull", False), ("user", None)),
                    _connector="OR",
                ),
                name="roles_grant_one_holder",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="group",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="roles.group"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.UniqueConstraint(fields=("resource", "parent"), name="roles_placement_once"),
        ),
        migrations.AddConstraint(
            model_name="placement",
            constraint=models.CheckConstraint(
                condition=models.Q(("resource", models.F("parent")), _negated=True), name="roles_placement_no_self"
            ),
        ),
        migrations.AddIndex(
            model_name="accessrequest",
            index=models.Index(fields=["user", "-id"], name="roles_request_user"),
        ),
        migrations.AddIndex(
            model_name="accessrequest",
            index=models.Index(fields=["asked_by", "-id"], name="roles_request_asker"),
        ),
        migrations.AddIndex(
            model_name="accessrequest",
            index=models.Index(fields=["state", "-id"], name="roles_request_state"),
        ),
        migrations.AddConstraint(
            model_name="accessrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "pending")), fields=("user", "role", "resource"), name="roles_request_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("user", "group"), name="roles_membership_once"),
        ),
    ]
