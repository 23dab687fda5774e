"""`manage.py migrate` with a way back: it keeps a copy of a SQLite file, and on PostgreSQL holds up no writer."""

import itertools
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations import CreateModel
from django.db.utils import OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.backups import databases
from config.backups.archive import Trouble, free_for
from config.privacy import COPIES
from ground.indexing import LOCK_SECONDS

TRIES, PAUSE_SECONDS = 30, 2.0
KEPT = 2


class Executor(MigrationExecutor):
    """Notes a migration within its own transaction, so that a kill leaves both or neither.

    Django's own does that only where no statement was put off: else it writes the note after the commit, and whoever is
    killed in between finds tables that exist already. Only what PostgreSQL does in no transaction is left to Django
    (`ground.indexing`).
    """

    def apply_migration(self, state: Any, migration: Any, fake: bool = False, fake_initial: bool = False) -> Any:
        has_transaction = migration.atomic or self.connection.vendor == "sqlite"
        if fake or fake_initial or not has_transaction:
            return super().apply_migration(state, migration, fake=fake, fake_initial=fake_initial)
        if self.progress_callback:
            self.progress_callback("apply_start", migration, fake)
        with self.connection.schema_editor(atomic=True) as editor:
            state = apply(migration, state, editor)
            while editor.deferred_sql:
                editor.execute(editor.deferred_sql.pop(0), None)
            self.record_migration(migration)
        if self.progress_callback:
            self.progress_callback("apply_success", migration, fake)
        return state


def apply(migration: Migration, state: Any, editor: Any) -> Any:
    """The tables that a migration begins with are made by one picture of the models.

    Django draws one for each of them anew, with all that it is related to: three quarters of the first migration.
    """
    tables = list(itertools.takewhile(lambda operation: isinstance(operation, CreateModel), migration.operations))
    if len(tables) > 1:
        state.__dict__.pop("apps", None)
        before = state.clone()
        for table in tables:
            table.state_forwards(migration.app_label, state)
        for table in tables:
            table.database_forwards(migration.app_label, editor, before, state)
    else:
        tables = []
    rest = Migration(migration.name, migration.app_label)
    rest.operations = migration.operations[len(tables) :]
    return rest.apply(state, editor)


# What Django's command makes its executor of.
migrate.MigrationExecutor = Executor  # type: ignore[misc]


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        only_looks = options.get("plan") or options.get("check_unapplied")
        if connection.vendor == "sqlite" and not only_looks:
            self.keep_a_copy(connection, verbosity=options["verbosity"])
        if connection.vendor != "postgresql" or only_looks:
            super().handle(*args, **options)
            return
        for again in reversed(range(TRIES)):
            try:
                with connection.cursor() as cursor:
                    cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
                super().handle(*args, **options)
                return
            except OperationalError as error:
                if not again or getattr(error.__cause__, "sqlstate", "") != "55P03":
                    raise
                # What was done so far stays done: each migration is a transaction of its own.
                connection.close()
                self.stdout.write(_("A table is in use; trying again."))
                time.sleep(PAUSE_SECONDS)

    def keep_a_copy(self, connection: BaseDatabaseWrapper, *, verbosity: int) -> None:
        """The file as it is before, beside the database; the two newest are kept."""
        place = Path(connection.settings_dict["NAME"])
        if not place.is_file() or not place.stat().st_size or not _waiting(connection):
            return
        folder = settings.DATA_DIR / COPIES
        target = folder / f"{timezone.now():%Y%m%dT%H%M%S%f}.sqlite3"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            free_for(folder, place.stat().st_size)
            databases.copy_file(place, target)
        except (Trouble, OSError) as error:
            target.unlink(missing_ok=True)
            raise CommandError(_("No copy of the database can be kept, so nothing was changed: %s") % error) from error
        for old in sorted(folder.glob("*.sqlite3"))[:-KEPT]:
            old.unlink()
        if verbosity:
            self.stdout.write(_("The database as it was: %s") % target)


def _waiting(connection: BaseDatabaseWrapper) -> bool:
    """Whether a database that has been used before has migrations to come."""
    executor = MigrationExecutor(connection)
    applied = executor.loader.applied_migrations
    return bool(applied) and bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
