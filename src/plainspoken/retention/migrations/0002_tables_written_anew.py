from django.db import migrations, models


def seal_laws(apps, schema_editor):
    """What stood in clear is sealed with the key of the person it is about, as `services.place_hold` does it."""
    from plainspoken.custody.keys import KeyGone, Sealer
    from plainspoken.custody.ports import keyring

    holds = apps.get_model("retention", "Hold").objects.using(schema_editor.connection.alias)
    for row in holds.exclude(law=""):
        try:
            key = keyring().create(organisation=row.organisation_id, name=f"subject/{row.subject_id}")
        except KeyGone:
            continue
        row.sealed = Sealer(key).seal_text(row.law, context=f"retention.hold.law:{row.pk}")
        row.save(update_fields=["sealed"])


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Rewritten",
            fields=[
                ("table", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("took_ms", models.PositiveIntegerField()),
                ("size", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.AddField("hold", "sealed", models.BinaryField(null=True)),
        migrations.RunPython(seal_laws, elidable=True),
        migrations.RemoveField("hold", "law"),
        migrations.RenameField("hold", "sealed", "law"),
    ]
