"""The steps of every room's tables, in the order in which a file takes them: all, or none."""

from sqlite_utils import Migrations

import admission.migrations
import audit.migrations
import booking.migrations
import cases.migrations
import complaints.migrations
import figures.migrations
import hall.migrations
import monitor.migrations
import outbox.migrations
import privacy.migrations
import province.migrations
import ranking.migrations
import rating.migrations
import rating.oddity_migrations
import reports.migrations

# a room stands after those whose tables its own point to; the queue's come first by themselves
OF_ROOMS: tuple[Migrations, ...] = (
    rating.migrations.migrations,
    outbox.migrations.migrations,
    province.migrations.migrations,
    admission.migrations.migrations,
    audit.migrations.migrations,
    booking.migrations.migrations,
    rating.oddity_migrations.migrations,
    cases.migrations.migrations,
    complaints.migrations.migrations,
    monitor.migrations.migrations,
    figures.migrations.migrations,
    reports.migrations.migrations,
    ranking.migrations.migrations,
    privacy.migrations.migrations,
)
ALL = (hall.migrations.migrations, *OF_ROOMS)
