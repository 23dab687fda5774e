"""The keys in a backup are those in use, wherever they come from, and come back to where they are used."""

from pathlib import Path

from config.backups import archive, making
from config.backups.archive import Manifest
from tests.config.test_backups import PHRASE, Place, filled

SECRET, LINK = "of-sessions-8Zk3vQw7LrT1xYb5NcMfGh2J", "of-links-pSa9Ue4d8Zk3vQw7LrT1xYb5Nc"


def sealed_keys(file: Path, into: Path) -> dict[str, str]:
    """The keys that lie in an encrypted backup."""
    into.mkdir()
    archive.unpack(file, into, passphrase=PHRASE)
    return {name: (into / "keys" / name).read_text() for name in making.SECRETS}


def test_keys_of_the_environment_go_along_and_have_to_come_back_to_it(tmp_path) -> None:
    """By a variable or the file that it names, as in production; beside the data lie those of an earlier start."""
    mounted, file = tmp_path / "mounted", tmp_path / "backup.otklik"
    mounted.write_text(LINK + "\n")
    before = filled(tmp_path / "before")
    before.environment |= {"BACKUP_PASSPHRASE": PHRASE, "SECRET_KEY": SECRET, "LINK_KEY_FILE": str(mounted)}
    (before.directory / "keys").mkdir()
    for name in making.SECRETS:
        (before.directory / "keys" / name).write_text("of an earlier start")
    before.run("backup", str(file), "--keys", "--encrypt")
    assert sealed_keys(file, tmp_path / "seen") == {"secret_key": SECRET, "link_key": LINK}

    # Both are lost, and new ones were made: the environment goes before what is restored, so it is told.
    new = tmp_path / "new"
    new.write_text("another-one-of-links-" + LINK)
    others = {"BACKUP_PASSPHRASE": PHRASE, "SECRET_KEY": f"another-{SECRET}", "LINK_KEY_FILE": str(new)}
    after = Place(tmp_path / "after", **others)
    told = after.run("restore", str(file))
    for variable, name, key in (("SECRET_KEY", "secret_key", SECRET), ("LINK_KEY_FILE", "link_key", LINK)):
        place = after.directory / "keys" / name
        assert f"{variable} holds another key than the backup's" in told and str(place) in told
        assert place.read_text() == key and place.stat().st_mode & 0o777 == 0o600

    # Where the environment has them, there is nothing to be told and nothing to be left lying about.
    same = {"BACKUP_PASSPHRASE": PHRASE, "SECRET_KEY": SECRET, "LINK_KEY": LINK}
    again = Place(tmp_path / "again", **same)
    assert "key" not in again.run("restore", str(file))
    assert not (again.directory / "keys" / "link_key").exists()


def test_a_packed_key_that_was_not_in_use_is_not_taken(tmp_path) -> None:
    """A backup of a former version, made where the environment gave the keys."""
    file, stale = tmp_path / "backup.otklik", tmp_path / "stale"
    before = filled(tmp_path / "before")
    stale.write_text("of an earlier start")
    with archive.writing(file, passphrase="") as writer:
        writer.add(before.directory / "otklik.sqlite3", "otklik.sqlite3")
        for name in making.SECRETS:
            writer.add(stale, f"keys/{name}")
        writer.finish(Manifest(vendor="sqlite", migrations=[], created_at="", key_print=making.key_print(LINK)))
    after = Place(tmp_path / "after", SECRET_KEY=SECRET, LINK_KEY=SECRET)
    assert "Put the keys back into LINK_KEY" in after.run("restore", str(file), fails=True)
    after.environment["LINK_KEY"] = LINK
    assert "key" not in after.run("restore", str(file))
    assert not (after.directory / "keys" / "link_key").exists()
