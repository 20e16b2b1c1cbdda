from django.db import migrations

import vault.fields


class Migration(migrations.Migration):
    """The column stays as it is, values and all: what changes is who opens it."""

    dependencies = [("vault", "0001_signing_keys")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="signingkey",
                    name="sealed",
                    field=vault.fields.EncryptedBytesField(db_column="sealed", label="vault.SigningKey.sealed"),
                ),
                migrations.RenameField(model_name="signingkey", old_name="sealed", new_name="pkcs8"),
            ]
        )
    ]
