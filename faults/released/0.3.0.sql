BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'hall','hall_and_catalogue','2026-11-22 16:23:21.414975+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'hall','tickets_and_journal','2026-11-22 16:23:21.421533+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'hall','opening_times_and_quotas','2026-11-22 16:23:21.433437+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'hall','the_whole_queue','2026-11-22 16:23:21.451164+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'hall','people_at_the_help_desk','2026-11-22 16:23:21.458987+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'hall','checks_without_lists','2026-11-22 16:23:21.502967+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'hall','people_who_follow_ratings','2026-11-22 16:23:21.514907+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'hall','phones_of_people','2026-11-22 16:23:21.516237+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'rating','ratings_and_askings','2026-11-22 16:23:21.562142+00:00');
INSERT INTO "_sqlite_migrations" VALUES(10,'rating','first_tags','2026-11-22 16:23:21.562962+00:00');
INSERT INTO "_sqlite_migrations" VALUES(11,'rating','checks_without_lists','2026-11-22 16:23:21.571006+00:00');
INSERT INTO "_sqlite_migrations" VALUES(12,'rating','voids_seconds_and_seals','2026-11-22 16:23:21.571790+00:00');
INSERT INTO "_sqlite_migrations" VALUES(13,'rating','more_channels','2026-11-22 16:23:21.597684+00:00');
INSERT INTO "_sqlite_migrations" VALUES(14,'rating','forms_imports_and_tag_sets','2026-11-22 16:23:21.599194+00:00');
INSERT INTO "_sqlite_migrations" VALUES(15,'rating','asked_elsewhere','2026-11-22 16:23:21.621578+00:00');
INSERT INTO "_sqlite_migrations" VALUES(16,'outbox','webhooks_messages_and_deliveries','2026-11-22 16:23:21.667548+00:00');
INSERT INTO "_sqlite_migrations" VALUES(17,'province','rows_links_and_askings','2026-11-22 16:23:21.690836+00:00');
INSERT INTO "_sqlite_migrations" VALUES(18,'booking','plans_and_appointments','2026-11-22 16:23:21.721961+00:00');
INSERT INTO "_sqlite_migrations" VALUES(19,'oddities','remarks','2026-11-22 16:23:21.728879+00:00');
INSERT INTO "_sqlite_migrations" VALUES(20,'cases','cases_and_their_history','2026-11-22 16:23:21.738564+00:00');
INSERT INTO "_sqlite_migrations" VALUES(21,'complaints','complaints_and_steps','2026-11-22 16:23:21.750490+00:00');
CREATE TABLE appointment (
    id integer primary key,
    code text not null unique,
    service text not null references service (code),
    day text not null,
    slot_at integer not null,
    slot_ends integer not null check (slot_ends > slot_at),
    person text,
    day_person text,
    holder text not null,
    phone text,
    state text not null check (state in ('booked', 'arrived', 'cancelled', 'no_show')),
    source text not null,
    foreign_id text,
    made_at integer not null,
    ended_at integer,
    ticket integer unique references ticket (id),
    tap text unique,
    unique (source, foreign_id),
    check ((ended_at is null) = (state = 'booked')),
    check ((person is null) = (day_person is null)),
    check ((ticket is not null) = (state = 'arrived'))
) strict;
INSERT INTO "appointment" VALUES(1,'TM8B9WZB','marriage','2026-11-23',1795393800000,1795395600000,'96e12a08edd6529ad71996379f9d93a1','97a64175f6e655fa1fb468cb68d3a46b','张*','13800000002','booked','phone',NULL,1795141740000,NULL,NULL,'tap-book-0.3.0');
CREATE TABLE "asking" (
    visit integer primary key references visit (id),
    window integer not null references window (no),
    asked_at integer not null,
    expires_at integer not null,
    ended_at integer,
    ended_as text check (ended_as = 'rated' or ended_as = 'timed_out' or ended_as = 'elsewhere'),
    check ((ended_at is null) = (ended_as is null))
) strict;
INSERT INTO "asking" VALUES(1,1,1795140420000,1795140450000,1795140420000,'rated');
INSERT INTO "asking" VALUES(2,3,1795140840000,1795140870000,1795140840000,'rated');
INSERT INTO "asking" VALUES(3,2,1795141260000,1795141290000,1795141260000,'rated');
INSERT INTO "asking" VALUES(4,4,1795141680000,1795141710000,1795400940000,'timed_out');
CREATE TABLE business_day (
    day text primary key,
    opened_at integer not null
, closed_at integer) strict;
INSERT INTO "business_day" VALUES('2026-11-20',1795140000000,NULL);
INSERT INTO "business_day" VALUES('2026-11-23',1795400940000,NULL);
CREATE TABLE case_appeal (
    "case" integer primary key references rating_case (id),
    kind text not null check (kind in ('mistaken', 'malicious')),
    reason text not null,
    asked_by text not null,
    asked_at integer not null,
    decided_by text,
    decided_at integer,
    upheld integer check (upheld in (0, 1)),
    check ((decided_at is null) = (upheld is null))
) strict;
CREATE TABLE case_contact (
    step integer primary key references case_step (id),
    "case" integer not null references rating_case (id),
    way text not null,
    outcome text not null check (
        outcome = 'reached' or outcome = 'no_answer' or outcome = 'wrong_number'
    )
) strict;
CREATE TABLE case_extension (
    id integer primary key,
    "case" integer not null references rating_case (id),
    until text not null,
    reason text not null,
    asked_by text not null,
    asked_at integer not null,
    decided_by text,
    decided_at integer,
    approved integer check (approved in (0, 1)),
    check ((decided_at is null) = (approved is null))
) strict;
CREATE TABLE case_step (
    id integer primary key,
    "case" integer not null references rating_case (id),
    at integer not null,
    who text not null,
    verb text not null,
    was text not null,
    becomes text not null,
    note text not null default '',
    tap text unique
) strict;
INSERT INTO "case_step" VALUES(1,1,1795140840000,'','receive','received','received','',NULL);
CREATE TABLE case_try (
    step integer primary key references case_step (id),
    "case" integer not null references rating_case (id),
    day text not null,
    outcome text not null check (
        outcome = 'satisfied' or outcome = 'dissatisfied' or outcome = 'no_answer'
    )
) strict;
CREATE TABLE complaint (
    id integer primary key,
    source text not null check (
        source = 'window' or source = 'box' or source = 'phone' or source = 'letter'
        or source = 'order'
    ),
    kind text not null check (
        kind = 'complaint' or kind = 'consultation' or kind = 'suggestion'
    ),
    order_number text unique,
    title text not null check (length(title) between 1 and 200),
    complainant text not null check (length(complainant) <= 30),
    phone text not null,
    accused_unit text not null check (length(accused_unit) <= 100),
    accused text not null check (length(accused) <= 30),
    content text not null check (length(content) between 1 and 1000),
    at integer not null,
    registered_at integer not null,
    accept_due_at integer not null,
    due_at integer not null,
    unit text references department (code),
    handler text not null default '',
    state text not null check (
        state = 'received' or state = 'assigned' or state = 'accepted' or state = 'replied'
        or state = 'closed' or state = 'withdrawn'
    ),
    accepted_at integer,
    reply text not null default '' check (length(reply) <= 500),
    replied_at integer,
    extended_to integer check (extended_to > due_at),
    extension_reason text not null default '',
    ended_at integer,
    tap text unique,
    check (source != 'order' or order_number is not null),
    check ((unit is null) <= (state = 'received' or state = 'withdrawn')),
    check ((replied_at is not null) = (state = 'replied' or state = 'closed')),
    check ((replied_at is null) = (reply = '')),
    check (replied_at is null or accepted_at is not null),
    check ((extended_to is null) = (extension_reason = '')),
    check ((ended_at is not null) = (state = 'closed' or state = 'withdrawn'))
) strict;
CREATE TABLE complaint_step (
    id integer primary key,
    complaint integer not null references complaint (id),
    at integer not null,
    what text not null,
    who text not null,
    told text not null default ''
) strict;
CREATE TABLE counter (
    day text not null references business_day (day),
    prefix text not null,
    last integer not null,
    primary key (day, prefix)
) strict, without rowid;
INSERT INTO "counter" VALUES('2026-11-20','A',3);
INSERT INTO "counter" VALUES('2026-11-20','B',2);
INSERT INTO "counter" VALUES('2026-11-20','Z',3);
INSERT INTO "counter" VALUES('2026-11-23','A',1);
CREATE TABLE delivery (
    id integer primary key,
    message text not null references message (id) on delete cascade,
    webhook integer references webhook (id) on delete cascade,
    notifier text,
    state text not null default 'pending' check (state in ('pending', 'failed', 'sent', 'dead')),
    tries integer not null default 0 check (tries >= 0),
    next_at integer not null,
    last_error text not null default '',
    sent_at integer,
    unique (message, webhook),
    unique (message, notifier),
    check ((webhook is null) != (notifier is null)),
    check ((sent_at is not null) = (state = 'sent'))
) strict;
CREATE TABLE department (
    code text primary key,
    name text not null,
    name_en text not null default '',
    sort integer not null default 0,
    active integer not null default 1 check (active in (0, 1))
) strict;
INSERT INTO "department" VALUES('MZ','民政局','Civil Affairs',1,1);
INSERT INTO "department" VALUES('BDC','不动产登记中心','Real Estate',2,1);
CREATE TABLE device (
    id integer primary key,
    role text not null check (
        role in ('kiosk', 'display', 'window', 'evaluator', 'manager', 'program')
    ),
    name text not null,
    window integer references window (no),
    zone text references zone (code),
    printer text not null default '',
    key_hash text unique,
    made_at integer not null,
    active integer not null default 1 check (active in (0, 1))
) strict;
INSERT INTO "device" VALUES(1,'evaluator','1号评价器',1,NULL,'',NULL,1795140000000,1);
INSERT INTO "device" VALUES(2,'evaluator','2号评价器',2,NULL,'',NULL,1795140000000,1);
INSERT INTO "device" VALUES(3,'evaluator','3号评价器',3,NULL,'',NULL,1795140000000,1);
INSERT INTO "device" VALUES(4,'evaluator','4号评价器',4,NULL,'',NULL,1795140000000,1);
INSERT INTO "device" VALUES(5,'kiosk','一楼取号机',NULL,NULL,'','45844acda5f5f39289b63fdbf3e711f400596fcf6f7e925c35fa1ca3875b4624',1795141740000,1);
CREATE TABLE hall (
    id integer primary key check (id = 1),
    name text not null,
    demo integer not null check (demo in (0, 1)),
    made_at integer not null
) strict;
INSERT INTO "hall" VALUES(1,'云溪县政务服务中心',0,1795140000000);
CREATE TABLE imported_rating (
    rating integer primary key references rating (id),
    file text not null,
    row integer not null,
    by text not null,
    at integer not null
) strict;
CREATE TABLE journal (
    seq integer primary key,
    at integer not null,
    event text not null,
    ticket integer,
    visit integer,
    window integer,
    who text not null default '',
    detail text not null default ''
) strict;
INSERT INTO "journal" VALUES(1,1795140000000,'catalogue_adopted',NULL,NULL,NULL,'','');
INSERT INTO "journal" VALUES(2,1795140000000,'window_open',NULL,NULL,1,'1001','');
INSERT INTO "journal" VALUES(3,1795140000000,'window_open',NULL,NULL,2,'1002','');
INSERT INTO "journal" VALUES(4,1795140000000,'window_open',NULL,NULL,3,'1003','');
INSERT INTO "journal" VALUES(5,1795140000000,'window_open',NULL,NULL,4,'1004','');
INSERT INTO "journal" VALUES(6,1795140000000,'day_opened',NULL,NULL,NULL,'','{"day": "2026-11-20"}');
INSERT INTO "journal" VALUES(7,1795140000000,'ticket_taken',1,NULL,NULL,'kiosk','');
INSERT INTO "journal" VALUES(8,1795140000000,'ticket_taken',2,NULL,NULL,'kiosk','');
INSERT INTO "journal" VALUES(9,1795140000000,'ticket_taken',3,NULL,NULL,'kiosk','');
INSERT INTO "journal" VALUES(10,1795140000000,'ticket_taken',4,NULL,NULL,'kiosk','');
INSERT INTO "journal" VALUES(11,1795140000000,'ticket_taken',5,NULL,NULL,'kiosk','');
INSERT INTO "journal" VALUES(12,1795140000000,'ticket_taken',6,NULL,NULL,'kiosk','');
INSERT INTO "journal" VALUES(13,1795140000000,'ticket_taken',7,NULL,NULL,'kiosk','');
INSERT INTO "journal" VALUES(14,1795140000000,'ticket_called',1,1,1,'1001','');
INSERT INTO "journal" VALUES(15,1795140060000,'service_started',1,1,1,'1001','');
INSERT INTO "journal" VALUES(16,1795140420000,'service_finished',1,1,1,'1001','{"outcome": "completed"}');
INSERT INTO "journal" VALUES(17,1795140420000,'service_rated',1,1,1,'evaluator','{"rating": 1}');
INSERT INTO "journal" VALUES(18,1795140420000,'ticket_called',2,2,3,'1003','');
INSERT INTO "journal" VALUES(19,1795140480000,'service_started',2,2,3,'1003','');
INSERT INTO "journal" VALUES(20,1795140840000,'service_finished',2,2,3,'1003','{"outcome": "completed"}');
INSERT INTO "journal" VALUES(21,1795140840000,'service_rated',2,2,3,'evaluator','{"rating": 2}');
INSERT INTO "journal" VALUES(22,1795140840000,'case_receive',NULL,NULL,3,'','{"case": 1, "rating": 2, "state": "received"}');
INSERT INTO "journal" VALUES(23,1795140840000,'ticket_called',3,3,2,'1002','');
INSERT INTO "journal" VALUES(24,1795140900000,'service_started',3,3,2,'1002','');
INSERT INTO "journal" VALUES(25,1795141260000,'service_finished',3,3,2,'1002','{"outcome": "completed"}');
INSERT INTO "journal" VALUES(26,1795141260000,'service_rated',3,3,2,'evaluator','{"rating": 3}');
INSERT INTO "journal" VALUES(27,1795141260000,'ticket_called',4,4,4,'1004','');
INSERT INTO "journal" VALUES(28,1795141320000,'service_started',4,4,4,'1004','');
INSERT INTO "journal" VALUES(29,1795141680000,'service_finished',4,4,4,'1004','{"outcome": "completed"}');
INSERT INTO "journal" VALUES(30,1795141680000,'ticket_called',5,5,1,'1001','');
INSERT INTO "journal" VALUES(31,1795141740000,'ticket_missed',5,5,1,'1001','{"misses": 1}');
INSERT INTO "journal" VALUES(32,1795141740000,'ticket_called',6,6,4,'1004','');
INSERT INTO "journal" VALUES(33,1795141740000,'ticket_taken',8,NULL,NULL,'kiosk','');
INSERT INTO "journal" VALUES(34,1795141740000,'ticket_cancelled',8,NULL,NULL,'','');
INSERT INTO "journal" VALUES(35,1795141740000,'slot_plan_saved',NULL,NULL,NULL,'','{"service": "marriage", "on": 1, "minutes": 30, "quota": 3}');
INSERT INTO "journal" VALUES(36,1795141740000,'slot_plan_saved',NULL,NULL,NULL,'','{"service": "marriage", "on": 2, "minutes": 30, "quota": 3}');
INSERT INTO "journal" VALUES(37,1795141740000,'slot_plan_saved',NULL,NULL,NULL,'','{"service": "marriage", "on": 3, "minutes": 30, "quota": 3}');
INSERT INTO "journal" VALUES(38,1795141740000,'slot_plan_saved',NULL,NULL,NULL,'','{"service": "marriage", "on": 4, "minutes": 30, "quota": 3}');
INSERT INTO "journal" VALUES(39,1795141740000,'slot_plan_saved',NULL,NULL,NULL,'','{"service": "marriage", "on": 5, "minutes": 30, "quota": 3}');
INSERT INTO "journal" VALUES(40,1795141740000,'slot_plan_saved',NULL,NULL,NULL,'','{"service": "marriage", "on": 6, "minutes": 30, "quota": 3}');
INSERT INTO "journal" VALUES(41,1795141740000,'slot_plan_saved',NULL,NULL,NULL,'','{"service": "marriage", "on": 7, "minutes": 30, "quota": 3}');
INSERT INTO "journal" VALUES(42,1795141740000,'appointment_booked',NULL,NULL,NULL,'phone','{"appointment": 1, "service": "marriage", "slot_at": 1795393800000}');
INSERT INTO "journal" VALUES(43,1795141740000,'catalogue_saved',NULL,NULL,NULL,'','{"what": "Device None"}');
INSERT INTO "journal" VALUES(44,1795141740000,'key_minted',NULL,NULL,NULL,'','{"what": "5"}');
INSERT INTO "journal" VALUES(45,1795400940000,'day_opened',NULL,NULL,NULL,'','{"day": "2026-11-23"}');
INSERT INTO "journal" VALUES(46,1795400940000,'ticket_expired',7,NULL,NULL,'','');
INSERT INTO "journal" VALUES(47,1795400940000,'ask_timed_out',NULL,4,4,'','');
INSERT INTO "journal" VALUES(48,1795400940000,'ticket_taken',9,NULL,NULL,'kiosk','');
CREATE TABLE message (
    id text primary key check (id glob 'msg_*'),
    type text not null,
    about integer not null,
    body text not null,
    made_at integer not null,
    unique (type, about)
) strict;
CREATE TABLE oddity_remark (
    id integer primary key,
    month text not null check (month glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
    key text not null check (key != ''),
    reason text not null,
    ratings text not null,
    verdict text not null check (verdict = 'checked' or verdict = 'void_proposed'),
    note text not null default '' check (length(note) <= 200),
    by text not null,
    at integer not null,
    tap text not null unique
) strict;
CREATE TABLE paper_form (
    id integer primary key,
    channel text not null check ((channel = 'paper' or channel = 'phone' or channel = 'box')),
    number text not null check (number != ''),
    visit integer not null references visit (id),
    level text not null,
    tags text not null default '[]',
    text text not null default '',
    contact text not null default '',
    tap text not null unique,
    typed_by text not null references person (staff_number),
    typed_at integer not null,
    confirmed_by text references person (staff_number),
    confirmed_at integer,
    withdrawn_by text references person (staff_number),
    withdrawn_at integer,
    reason text not null default '',
    rating integer unique references rating (id),
    check (confirmed_by is null or confirmed_by != typed_by),
    check ((confirmed_at is null) = (rating is null)),
    check (channel != 'paper' or (confirmed_by is null) = (confirmed_at is null)),
    check (confirmed_at is null or withdrawn_at is null)
) strict;
CREATE TABLE "person" (
    staff_number text primary key,
    name text not null,
    role text not null check (
        role in ('clerk', 'guide', 'handler', 'inspector', 'leader', 'manager', 'administrator')
    ),
    post text not null default '',
    department text references department (code),
    window integer references window (no),
    photo text not null default '',
    password_hash text,
    active integer not null default 1 check (active in (0, 1))
, phone text not null default '') strict
;
INSERT INTO "person" VALUES('1001','张敏','clerk','办事员','MZ',1,'',NULL,1,'');
INSERT INTO "person" VALUES('1002','李㛃','clerk','办事员','MZ',2,'',NULL,1,'');
INSERT INTO "person" VALUES('1003','欧阳慧敏','clerk','办事员','BDC',3,'',NULL,1,'');
INSERT INTO "person" VALUES('1004','王强','clerk','办事员','BDC',4,'',NULL,1,'');
INSERT INTO "person" VALUES('9001','赵主任','manager','大厅主任',NULL,NULL,'',NULL,1,'');
INSERT INTO "person" VALUES('9000','管理员','administrator','',NULL,NULL,'',NULL,1,'');
CREATE TABLE province_asking (
    visit integer primary key references visit (id),
    mode text not null check (mode in ('page', 'qr')),
    at integer not null
) strict;
CREATE TABLE province_link (
    id integer primary key,
    adapter text not null,
    after_rating integer not null,
    since integer not null,
    last_rating integer,
    until integer,
    check ((last_rating is null) = (until is null))
) strict;
CREATE TABLE province_row (
    id integer primary key,
    rating integer not null references rating (id),
    kind text not null check (kind in ('rating', 'void')),
    key text not null unique,
    urgent integer not null check (urgent in (0, 1)),
    state text not null default 'pending' check (
        (state = 'pending' or state = 'failed' or state = 'sent' or state = 'dead')
    ),
    tries integer not null default 0 check (tries >= 0),
    next_at integer not null,
    last_error text not null default '',
    made_at integer not null,
    sent_at integer,
    unid text not null default '',
    batch integer,
    unique (rating, kind),
    check ((sent_at is not null) = (state = 'sent')),
    check (state != 'sent' or unid != '')
) strict;
CREATE TABLE "rating" (
    id integer primary key,
    visit integer not null references visit (id),
    nth integer not null default 1 check (nth in (1, 2)),
    level text not null check ((level = 'very_satisfied' or level = 'satisfied' or level = 'basically_satisfied' or level = 'dissatisfied' or level = 'very_dissatisfied')),
    tags text not null default '[]',
    text text not null default '',
    contact text not null default '',
    channel text not null check (
        (channel = 'evaluator' or channel = 'qr' or channel = 'paper' or channel = 'sms' or channel = 'phone' or channel = 'import' or channel = 'window_qr' or channel = 'box')
    ),
    given_by_default integer not null default 0 check (given_by_default in (0, 1)),
    at integer not null,
    window integer not null references window (no),
    clerk text references person (staff_number),
    service text not null references service (code),
    device integer references device (id),
    voided_at integer,
    unique (visit, nth)
) strict;
INSERT INTO "rating" VALUES(1,1,1,'very_satisfied','[]','','','evaluator',0,1795140420000,1,'1001','marriage',NULL,NULL);
INSERT INTO "rating" VALUES(2,2,1,'dissatisfied','[]','','','evaluator',0,1795140840000,3,'1003','estate',NULL,NULL);
INSERT INTO "rating" VALUES(3,3,1,'satisfied','[]','','','evaluator',0,1795141260000,2,'1002','marriage',NULL,NULL);
CREATE TABLE rating_case (
    id integer primary key,
    rating integer not null unique references rating (id),
    visit integer not null references visit (id),
    number text not null,
    service text not null references service (code),
    case_number text not null,
    level text not null check (level = 'dissatisfied' or level = 'very_dissatisfied'),
    tags text not null,
    text text not null,
    channel text not null,
    rated_at integer not null,
    window integer not null references window (no),
    clerk text references person (staff_number),
    real_name integer not null check (real_name in (0, 1)),
    received_at integer not null,
    contact_limit integer,
    unit text not null references department (code),
    handler text references person (staff_number),
    state text not null check (state = 'received' or state = 'assigned' or state = 'verifying' or state = 'rectifying' or state = 'explained' or state = 'appealed' or state = 'voided' or state = 'answered' or state = 'revisiting' or state = 'closed'),
    step integer not null,
    since integer not null,
    limit_at integer,
    assigned_at integer,
    contacted_at integer,
    kind text not null default '',
    cause text not null default '',
    plan text not null default '',
    granted integer not null default 0,
    extended integer not null default 0 check (extended in (0, 1)),
    appealed integer not null default 0 check (appealed in (0, 1)),
    reworked integer not null default 0 check (reworked in (0, 1)),
    came_from text not null default '',
    paused_left integer,
    paused_limit integer,
    answered_at integer,
    answer_limit integer,
    reply text not null default '',
    public text not null default '',
    void_kind text not null default '',
    revisited_at integer,
    published integer not null default 0 check (published in (0, 1)),
    closed_at integer,
    red_told integer,
    check ((contact_limit is not null) = (real_name = 1)),
    check (handler is null or clerk is null or handler != clerk),
    check ((closed_at is not null) = (state = 'closed'))
) strict;
INSERT INTO "rating_case" VALUES(1,2,2,'B001','estate','','dissatisfied','','','evaluator',1795140840000,3,'1003',0,1795140840000,NULL,'BDC',NULL,'received',1,1795140840000,1795148040000,NULL,NULL,'','','',0,0,0,0,'',NULL,NULL,NULL,NULL,'','','',NULL,0,NULL,NULL);
CREATE TABLE rating_void (
    rating integer primary key references rating (id),
    kind text not null check (kind in ('mistaken', 'malicious')),
    reason text not null check (reason != ''),
    by text not null,
    at integer not null
) strict;
CREATE TABLE seal (
    seq integer primary key,
    kind text not null check (kind in ('rating', 'void')),
    about integer not null,
    salt text not null default '',
    private text not null default '',
    hash text not null,
    unique (kind, about)
) strict;
INSERT INTO "seal" VALUES(1,'rating',1,'','','2664897f8b9b61fd050df0fa4f8461d83fbd2dfcf869db03919444a51bdd05a3');
INSERT INTO "seal" VALUES(2,'rating',2,'','','9264dd710baf8bbd67b04f16500d0702cb67180da2c7abde0c9718ea7e0d14cc');
INSERT INTO "seal" VALUES(3,'rating',3,'','','89a1847675113de31a2edabddadb8ca5a961abf951a6149fef43f3c03b445ae5');
CREATE TABLE second_rating (
    visit integer primary key references visit (id),
    by text not null,
    at integer not null
) strict;
CREATE TABLE secret (
    name text primary key,
    value text not null,
    made_at integer not null
) strict;
INSERT INTO "secret" VALUES('slip link','fac4f2bf107af26d947843022702bb7af2a9de20fa1f8852d116770ac5348c48',1795140000000);
INSERT INTO "secret" VALUES('cookie','3451d3b429b4e2414472b8bbd39de34f47abf882e24ab443e62935720288a021',1795140000000);
INSERT INTO "secret" VALUES('person','0b09ecbf96bfb519cece6fc167ea67b941562d307c65467e0da69f27bc519263',1795140000000);
INSERT INTO "secret" VALUES('window pass','1f2d9a1a09168d2b0df44aedd683f77308b6fb416f9570c7b198bb0d92d0daae',1795140000000);
CREATE TABLE service (
    code text primary key,
    name text not null,
    name_en text not null,
    prefix text not null check (prefix glob '[A-Z]' or prefix glob '[A-Z][A-Z]'),
    department text not null references department (code),
    common integer not null default 0 check (common in (0, 1)),
    sort integer not null default 0,
    target_minutes integer not null default 30 check (target_minutes > 0),
    usual_minutes integer not null default 8 check (usual_minutes > 0),
    active integer not null default 1 check (active in (0, 1))
, open_weekdays text not null default '', open_hours text not null default '', quota_morning integer not null default 0, quota_afternoon integer not null default 0) strict;
INSERT INTO "service" VALUES('marriage','婚姻登记','Marriage','A','MZ',1,0,30,10,1,'','',0,0);
INSERT INTO "service" VALUES('estate','不动产登记','Real estate','B','BDC',1,0,30,20,1,'','',0,0);
INSERT INTO "service" VALUES('advice','业务咨询','Advice','Z','MZ',0,0,30,3,1,'','',0,0);
INSERT INTO "service" VALUES('nowhere','无人窗口业务','Served nowhere','X','MZ',0,0,30,8,1,'','',0,0);
CREATE TABLE slot_plan (
    id integer primary key,
    service text not null references service (code),
    weekday integer check (weekday between 1 and 7),
    day text check (day glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    slot_minutes integer not null check (slot_minutes between 5 and 480),
    quota integer not null check (quota between 0 and 999),
    unique (service, weekday),
    unique (service, day),
    check ((weekday is null) != (day is null))
) strict;
INSERT INTO "slot_plan" VALUES(1,'marriage',1,NULL,30,3);
INSERT INTO "slot_plan" VALUES(2,'marriage',2,NULL,30,3);
INSERT INTO "slot_plan" VALUES(3,'marriage',3,NULL,30,3);
INSERT INTO "slot_plan" VALUES(4,'marriage',4,NULL,30,3);
INSERT INTO "slot_plan" VALUES(5,'marriage',5,NULL,30,3);
INSERT INTO "slot_plan" VALUES(6,'marriage',6,NULL,30,3);
INSERT INTO "slot_plan" VALUES(7,'marriage',7,NULL,30,3);
CREATE TABLE special_day (
    day text primary key,
    open integer not null check (open in (0, 1)),
    hours text not null default '',
    note text not null default '',
    active integer not null default 1 check (active in (0, 1))
) strict;
CREATE TABLE tag (
    version integer not null,
    level text not null check (level in (
        'very_satisfied', 'satisfied', 'basically_satisfied', 'dissatisfied', 'very_dissatisfied'
    )),
    code text not null,
    shown_first integer not null check (shown_first in (0, 1)),
    text text not null,
    place integer not null,
    primary key (version, code)
) strict;
INSERT INTO "tag" VALUES(2,'very_satisfied','510',1,'一窗受理一次办结',0);
INSERT INTO "tag" VALUES(2,'very_satisfied','511',1,'可以先受理后补材料',1);
INSERT INTO "tag" VALUES(2,'very_satisfied','512',1,'不用提交证明',2);
INSERT INTO "tag" VALUES(2,'very_satisfied','513',0,'可以全程网上办理',3);
INSERT INTO "tag" VALUES(2,'very_satisfied','514',0,'可以使用手机办理',4);
INSERT INTO "tag" VALUES(2,'very_satisfied','515',0,'可以就近办理',5);
INSERT INTO "tag" VALUES(2,'very_satisfied','516',0,'无需材料直接办理',6);
INSERT INTO "tag" VALUES(2,'very_satisfied','517',0,'服务热情效率高',7);
INSERT INTO "tag" VALUES(2,'satisfied','406',1,'填写一张表单就可完成申报',8);
INSERT INTO "tag" VALUES(2,'satisfied','407',1,'在线提交材料窗口核验',9);
INSERT INTO "tag" VALUES(2,'satisfied','408',1,'一张清单告知全部申报材料',10);
INSERT INTO "tag" VALUES(2,'satisfied','409',0,'用告知承诺减免申报材料',11);
INSERT INTO "tag" VALUES(2,'satisfied','410',0,'可以在线预约办理',12);
INSERT INTO "tag" VALUES(2,'satisfied','411',0,'跑大厅一次办完',13);
INSERT INTO "tag" VALUES(2,'satisfied','412',0,'可以使用自助机办理',14);
INSERT INTO "tag" VALUES(2,'satisfied','413',0,'服务态度较好',15);
INSERT INTO "tag" VALUES(2,'basically_satisfied','307',1,'一次性告知需要补正的材料',16);
INSERT INTO "tag" VALUES(2,'basically_satisfied','308',1,'提供申报材料样本',17);
INSERT INTO "tag" VALUES(2,'basically_satisfied','309',1,'在承诺的时间内办结',18);
INSERT INTO "tag" VALUES(2,'basically_satisfied','310',0,'办事指南指引准确',19);
INSERT INTO "tag" VALUES(2,'basically_satisfied','311',0,'按办事指南要求的材料即可办理',20);
INSERT INTO "tag" VALUES(2,'basically_satisfied','312',0,'可以快递送达',21);
INSERT INTO "tag" VALUES(2,'basically_satisfied','313',0,'跑动次数与承诺的一致',22);
INSERT INTO "tag" VALUES(2,'basically_satisfied','314',0,'服务态度一般',23);
INSERT INTO "tag" VALUES(2,'dissatisfied','207',1,'没有提供材料样本',24);
INSERT INTO "tag" VALUES(2,'dissatisfied','208',1,'没有提供材料清单',25);
INSERT INTO "tag" VALUES(2,'dissatisfied','209',1,'未在承诺时间内办结',26);
INSERT INTO "tag" VALUES(2,'dissatisfied','210',0,'同样内容的证明材料被要求多次提交',27);
INSERT INTO "tag" VALUES(2,'dissatisfied','211',0,'承诺网办但无法在线办理',28);
INSERT INTO "tag" VALUES(2,'dissatisfied','212',0,'在线预约办理后到实体大厅重复取号排队',29);
INSERT INTO "tag" VALUES(2,'dissatisfied','213',0,'窗口人员业务不熟练',30);
INSERT INTO "tag" VALUES(2,'dissatisfied','214',0,'服务态度生硬',31);
INSERT INTO "tag" VALUES(2,'very_dissatisfied','108',1,'在办事指南之外增加新的审批条件',32);
INSERT INTO "tag" VALUES(2,'very_dissatisfied','109',1,'需提供办事指南之外的申报材料',33);
INSERT INTO "tag" VALUES(2,'very_dissatisfied','110',1,'无理由超过法定办理时间',34);
INSERT INTO "tag" VALUES(2,'very_dissatisfied','111',0,'办事指南提供样本有错',35);
INSERT INTO "tag" VALUES(2,'very_dissatisfied','112',0,'承诺在线收取申报材料实际无法收取',36);
INSERT INTO "tag" VALUES(2,'very_dissatisfied','113',0,'多头跑窗口和部门',37);
INSERT INTO "tag" VALUES(2,'very_dissatisfied','114',0,'跑动次数与承诺的不一致',38);
INSERT INTO "tag" VALUES(2,'very_dissatisfied','115',0,'服务态度差效率低',39);
CREATE TABLE tag_set (
    version integer primary key,
    by text not null,
    at integer not null
) strict;
CREATE TABLE "ticket" (
    id integer primary key,
    day text not null references business_day (day),
    number text not null,
    prefix text not null,
    sequence integer not null check (sequence > 0),
    service text not null references service (code),
    state text not null check ((state = 'waiting' or state = 'called' or state = 'serving' or state = 'held' or state = 'done' or state = 'missed' or state = 'cancelled' or state = 'expired')),
    taken_at integer not null,
    language text not null,
    phone text,
    source text not null,
    window integer references window (no),
    called_at integer,
    ended_at integer,
    ahead_at_taking integer not null,
    wait_at_taking integer,
    tap text not null unique,
    device integer references device (id),
    after integer,
    turn integer not null default 0,
    priority text not null default '',
    pinned text not null default '',
    own_window integer references window (no),
    via text not null default '' check ((via = '' or via = 'transfer' or via = 'return' or via = 'hold')),
    slot_at integer,
    appointment integer,
    misses integer not null default 0,
    person text,
    holder text not null default '',
    helper text not null default '',
    unique (day, prefix, sequence),
    check ((ended_at is not null) = ((state = 'done' or state = 'missed' or state = 'cancelled' or state = 'expired')))
) strict;
INSERT INTO "ticket" VALUES(1,'2026-11-20','A001','A',1,'marriage','done',1795140000000,'zh','13800000001','kiosk',1,1795140000000,1795140420000,0,0,'tap-0.3.0-0000',NULL,NULL,0,'','',NULL,'',NULL,NULL,0,NULL,'','');
INSERT INTO "ticket" VALUES(2,'2026-11-20','B001','B',1,'estate','done',1795140000000,'zh',NULL,'kiosk',3,1795140420000,1795140840000,0,0,'tap-0.3.0-0001',NULL,NULL,0,'','',NULL,'',NULL,NULL,0,NULL,'','');
INSERT INTO "ticket" VALUES(3,'2026-11-20','A002','A',2,'marriage','done',1795140000000,'zh',NULL,'kiosk',2,1795140840000,1795141260000,1,0,'tap-0.3.0-0002',NULL,NULL,0,'','',NULL,'',NULL,NULL,0,NULL,'','');
INSERT INTO "ticket" VALUES(4,'2026-11-20','Z001','Z',1,'advice','done',1795140000000,'zh',NULL,'kiosk',4,1795141260000,1795141680000,0,0,'tap-0.3.0-0003',NULL,NULL,0,'','',NULL,'',NULL,NULL,0,NULL,'','');
INSERT INTO "ticket" VALUES(5,'2026-11-20','A003','A',3,'marriage','missed',1795140000000,'zh',NULL,'kiosk',1,1795141680000,1795141740000,2,11,'tap-0.3.0-0004',NULL,NULL,0,'','',NULL,'',NULL,NULL,1,NULL,'','');
INSERT INTO "ticket" VALUES(6,'2026-11-20','B002','B',2,'estate','called',1795140000000,'zh',NULL,'kiosk',4,1795141740000,NULL,1,21,'tap-0.3.0-0005',NULL,NULL,0,'','',NULL,'',NULL,NULL,0,NULL,'','');
INSERT INTO "ticket" VALUES(7,'2026-11-20','Z002','Z',2,'advice','expired',1795140000000,'zh',NULL,'kiosk',NULL,NULL,1795400940000,1,23,'tap-0.3.0-0006',NULL,NULL,0,'','',NULL,'',NULL,NULL,0,NULL,'','');
INSERT INTO "ticket" VALUES(8,'2026-11-20','Z003','Z',3,'advice','cancelled',1795141740000,'zh',NULL,'kiosk',NULL,NULL,1795141740000,1,5,'tap-0.3.0-9999',NULL,NULL,0,'','',NULL,'',NULL,NULL,0,NULL,'','');
INSERT INTO "ticket" VALUES(9,'2026-11-23','A001','A',1,'marriage','waiting',1795400940000,'zh',NULL,'kiosk',NULL,NULL,NULL,0,0,'tap-next-0.3.0',NULL,NULL,0,'','',NULL,'',NULL,NULL,0,NULL,'','');
CREATE TABLE "visit" (
    id integer primary key,
    ticket integer not null references ticket (id),
    day text not null,
    service text not null references service (code),
    window integer not null references window (no),
    clerk text references person (staff_number),
    reason text not null default '',
    basis text not null default 'arrival',
    why text not null default '',
    jumped integer not null default 0 check (jumped in (0, 1)),
    called_at integer not null,
    shown_at integer not null,
    recalls integer not null default 0,
    waited integer check (waited >= 0),
    started_at integer,
    held_at integer,
    held integer not null default 0 check (held >= 0),
    hold_kind text check ((hold_kind = 'with_file' or hold_kind = 'without_file' or hold_kind = 'for_somebody')),
    ended_at integer,
    outcome text check ((outcome = 'accepted' or outcome = 'completed' or outcome = 'collected' or outcome = 'consulted' or outcome = 'other')),
    case_number text,
    state text not null check ((state = 'called' or state = 'serving' or state = 'held' or state = 'done' or state = 'missed' or state = 'transferred' or state = 'returned' or state = 'undone' or state = 'expired')),
    check ((ended_at is not null)
        = ((state = 'done' or state = 'missed' or state = 'transferred' or state = 'returned' or state = 'undone' or state = 'expired'))),
    check ((outcome is not null) = (state = 'done')),
    check ((state != 'serving' and state != 'held' and state != 'done') or started_at is not null),
    check ((held_at is not null) = (state = 'held'))
) strict;
INSERT INTO "visit" VALUES(1,1,'2026-11-20','marriage',1,'1001','','arrival','',0,1795140000000,1795140000000,0,0,1795140060000,NULL,0,NULL,1795140420000,'completed',NULL,'done');
INSERT INTO "visit" VALUES(2,2,'2026-11-20','estate',3,'1003','','arrival','',0,1795140420000,1795140420000,0,420000,1795140480000,NULL,0,NULL,1795140840000,'completed',NULL,'done');
INSERT INTO "visit" VALUES(3,3,'2026-11-20','marriage',2,'1002','','arrival','',0,1795140840000,1795140840000,0,840000,1795140900000,NULL,0,NULL,1795141260000,'completed',NULL,'done');
INSERT INTO "visit" VALUES(4,4,'2026-11-20','advice',4,'1004','','arrival','',0,1795141260000,1795141260000,0,1260000,1795141320000,NULL,0,NULL,1795141680000,'completed',NULL,'done');
INSERT INTO "visit" VALUES(5,5,'2026-11-20','marriage',1,'1001','','arrival','',0,1795141680000,1795141680000,0,1680000,NULL,NULL,0,NULL,1795141740000,NULL,NULL,'missed');
INSERT INTO "visit" VALUES(6,6,'2026-11-20','estate',4,'1004','','arrival','',0,1795141740000,1795141740000,0,1740000,NULL,NULL,0,NULL,NULL,NULL,NULL,'called');
CREATE TABLE webhook (
    id integer primary key autoincrement,
    url text not null,
    secret text not null check (secret glob 'whsec_*'),
    events text not null default '',
    active integer not null default 1 check (active in (0, 1)),
    made_at integer not null
) strict;
CREATE TABLE window (
    no integer primary key check (no > 0),
    name text not null,
    zone text not null references zone (code),
    department text not null references department (code),
    active integer not null default 1 check (active in (0, 1))
) strict;
INSERT INTO "window" VALUES(1,'','1F','MZ',1);
INSERT INTO "window" VALUES(2,'','1F','MZ',1);
INSERT INTO "window" VALUES(3,'不动产一号','2F','BDC',1);
INSERT INTO "window" VALUES(4,'综合窗口','2F','BDC',1);
CREATE TABLE "window_now" (
    no integer primary key references window (no),
    state text not null check ((state = 'closed' or state = 'open' or state = 'paused')),
    clerk text references person (staff_number),
    pause_reason text not null default '',
    since integer not null
, session text not null default '', stands_in_for text references person (staff_number)) strict;
INSERT INTO "window_now" VALUES(1,'open','1001','',1795140000000,'',NULL);
INSERT INTO "window_now" VALUES(2,'open','1002','',1795140000000,'',NULL);
INSERT INTO "window_now" VALUES(3,'open','1003','',1795140000000,'',NULL);
INSERT INTO "window_now" VALUES(4,'open','1004','',1795140000000,'',NULL);
CREATE TABLE window_service (
    window integer not null references window (no),
    service text not null references service (code),
    place integer not null, helping integer not null default 0,
    primary key (window, service)
) strict, without rowid;
INSERT INTO "window_service" VALUES(1,'advice',1,0);
INSERT INTO "window_service" VALUES(1,'marriage',0,0);
INSERT INTO "window_service" VALUES(2,'marriage',0,0);
INSERT INTO "window_service" VALUES(3,'estate',0,0);
INSERT INTO "window_service" VALUES(4,'advice',2,0);
INSERT INTO "window_service" VALUES(4,'estate',0,0);
INSERT INTO "window_service" VALUES(4,'marriage',1,0);
CREATE TABLE zone (
    code text primary key,
    name text not null,
    name_en text not null default '',
    sort integer not null default 0,
    active integer not null default 1 check (active in (0, 1))
) strict;
INSERT INTO "zone" VALUES('1F','一楼大厅','Ground floor',1,1);
INSERT INTO "zone" VALUES('2F','二楼大厅','Upper floor',2,1);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX journal_ticket on journal (ticket);
CREATE TRIGGER journal_is_never_changed before update on journal
begin select raise(abort, 'the journal is never changed'); end;
CREATE TRIGGER journal_is_never_shortened before delete on journal
begin select raise(abort, 'the journal is never shortened'); end;
CREATE INDEX ticket_waiting on ticket (service, coalesce(after, id), turn)
where state = 'waiting';
CREATE INDEX ticket_special on ticket (service)
where state = 'waiting'
    and (priority != '' or pinned != '' or own_window is not null or via != ''
        or slot_at is not null);
CREATE INDEX ticket_own on ticket (own_window) where state = 'waiting' and own_window is not null;
CREATE INDEX ticket_waiting_phone on ticket (phone, service)
where state = 'waiting' and phone is not null;
CREATE INDEX ticket_waiting_person on ticket (person, service)
where state = 'waiting' and person is not null;
CREATE INDEX ticket_with_person on ticket (day) where person is not null;
CREATE INDEX ticket_with_phone on ticket (day) where phone is not null;
CREATE INDEX ticket_uncalled_end on ticket (ended_at) where state in ('cancelled', 'expired');
CREATE INDEX ticket_taken on ticket (taken_at);
CREATE UNIQUE INDEX visit_active_window on visit (window) where state in ('called', 'serving');
CREATE UNIQUE INDEX visit_active_ticket on visit (ticket) where ended_at is null;
CREATE INDEX visit_held on visit (window) where state = 'held';
CREATE INDEX visit_ticket on visit (ticket);
CREATE INDEX visit_shown on visit (day, shown_at);
CREATE INDEX visit_ended on visit (ended_at);
CREATE INDEX visit_pace on visit (service, ended_at) where state = 'done';
CREATE INDEX visit_at_window on visit (window, ended_at);
CREATE TRIGGER rating_void_is_never_changed before update on rating_void
begin select raise(abort, 'a voiding is never changed'); end;
CREATE TRIGGER rating_void_is_never_taken_back before delete on rating_void
begin select raise(abort, 'a voiding is never taken back'); end;
CREATE TRIGGER seal_is_never_deleted before delete on seal
begin select raise(abort, 'a seal is never deleted'); end;
CREATE TRIGGER seal_is_never_changed before update of seq, kind, about, private, hash on seal
begin select raise(abort, 'a seal is never changed'); end;
CREATE INDEX rating_at on rating (at);
CREATE TRIGGER rating_is_never_edited before update of
    visit, nth, level, tags, text, channel, given_by_default, at, window, clerk, service on rating
begin select raise(abort, 'a rating is never edited'); end;
CREATE TRIGGER rating_is_never_deleted before delete on rating
begin select raise(abort, 'a rating is never deleted'); end;
CREATE TRIGGER rating_stays_voided before update of voided_at on rating
when old.voided_at is not null
begin select raise(abort, 'a voided rating stays voided'); end;
CREATE UNIQUE INDEX paper_form_number on paper_form (number)
where channel = 'paper' and withdrawn_at is null;
CREATE UNIQUE INDEX paper_form_of_visit on paper_form (visit)
where confirmed_at is null and withdrawn_at is null;
CREATE INDEX paper_form_typed on paper_form (typed_at);
CREATE TRIGGER paper_form_is_never_deleted before delete on paper_form
begin select raise(abort, 'a form is never deleted'); end;
CREATE TRIGGER paper_form_is_never_edited before update of
    channel, number, visit, level, tags, text, tap, typed_by, typed_at on paper_form
begin select raise(abort, 'what was typed is never edited'); end;
CREATE TRIGGER imported_rating_is_never_deleted before delete on imported_rating
begin select raise(abort, 'where a rating came from is never forgotten'); end;
CREATE TRIGGER tag_is_never_edited before update on tag
begin select raise(abort, 'a tag is never edited'); end;
CREATE TRIGGER tag_is_never_deleted before delete on tag
begin select raise(abort, 'a tag is never deleted'); end;
CREATE INDEX asking_open on asking (window, visit) where ended_at is null;
CREATE INDEX asking_ended on asking (ended_at);
CREATE INDEX message_made on message (made_at);
CREATE INDEX delivery_due on delivery (webhook, notifier, next_at, id)
where state in ('pending', 'failed');
CREATE UNIQUE INDEX province_link_open on province_link (coalesce(until, 0)) where until is null;
CREATE INDEX province_row_due on province_row (urgent, next_at, id)
where (state = 'pending' or state = 'failed');
CREATE INDEX province_row_gathering on province_row (made_at)
where state = 'pending' and urgent = 0 and batch is null;
CREATE INDEX province_row_trouble on province_row (state, id)
where (state = 'failed' or state = 'dead');
CREATE INDEX province_row_batch on province_row (batch) where batch is not null;
CREATE INDEX province_asking_at on province_asking (at);
CREATE INDEX visit_case on visit (case_number) where case_number is not null;
CREATE UNIQUE INDEX appointment_one_a_day on appointment (person, day, service)
where state in ('booked', 'arrived') and person is not null;
CREATE INDEX appointment_in_slot on appointment (service, slot_at) where state != 'cancelled';
CREATE INDEX appointment_due on appointment (slot_at) where state = 'booked';
CREATE INDEX appointment_ahead on appointment (day) where state = 'booked';
CREATE INDEX appointment_of_person on appointment (person, day) where person is not null;
CREATE INDEX appointment_with_phone on appointment (day) where phone is not null;
CREATE TRIGGER appointment_is_never_deleted before delete on appointment
begin select raise(abort, 'an appointment is never deleted'); end;
CREATE TRIGGER appointment_keeps_its_end before update of state on appointment
when old.state != 'booked'
begin select raise(abort, 'an appointment that has ended stays as it ended'); end;
CREATE INDEX oddity_remark_month on oddity_remark (month);
CREATE TRIGGER oddity_remark_is_never_edited before update on oddity_remark
begin select raise(abort, 'a remark is never edited'); end;
CREATE TRIGGER oddity_remark_is_never_deleted before delete on oddity_remark
begin select raise(abort, 'a remark is never deleted'); end;
CREATE INDEX rating_bad on rating (id)
where level = 'dissatisfied' or level = 'very_dissatisfied';
CREATE INDEX rating_case_open on rating_case (limit_at) where closed_at is null;
CREATE INDEX rating_case_closed on rating_case (closed_at) where closed_at is not null;
CREATE INDEX rating_case_rated on rating_case (rated_at);
CREATE TRIGGER rating_case_is_frozen before update of
    rating, visit, number, service, case_number, level, tags, text, channel, rated_at, window,
    clerk, real_name, received_at, contact_limit on rating_case
begin select raise(abort, 'what a case was received with is never edited'); end;
CREATE TRIGGER rating_case_is_never_deleted before delete on rating_case
begin select raise(abort, 'a case is never deleted'); end;
CREATE INDEX case_step_of on case_step ("case");
CREATE TRIGGER case_step_is_never_changed before update on case_step
begin select raise(abort, 'the history of a case is never changed'); end;
CREATE TRIGGER case_step_is_never_deleted before delete on case_step
begin select raise(abort, 'the history of a case is never shortened'); end;
CREATE INDEX case_contact_of on case_contact ("case");
CREATE INDEX case_try_of on case_try ("case");
CREATE UNIQUE INDEX case_extension_once on case_extension ("case") where approved is not 0;
CREATE INDEX complaint_at on complaint (at);
CREATE INDEX complaint_of_unit on complaint (unit, at);
CREATE INDEX complaint_step_of on complaint_step (complaint);
CREATE TRIGGER complaint_is_never_deleted before delete on complaint
begin select raise(abort, 'a complaint is never deleted'); end;
CREATE TRIGGER complaint_is_never_edited before update of
    source, kind, order_number, title, complainant, phone, accused_unit, accused, content, at,
    registered_at, accept_due_at, due_at, tap on complaint
begin select raise(abort, 'a complaint stands as it came in'); end;
CREATE TRIGGER complaint_is_answered_once before update of reply, replied_at on complaint
when old.replied_at is not null and (new.replied_at is not old.replied_at
    or new.reply != old.reply)
begin select raise(abort, 'a complaint is answered once'); end;
CREATE TRIGGER complaint_is_extended_once before update of extended_to on complaint
when old.extended_to is not null and new.extended_to is not old.extended_to
begin select raise(abort, 'a complaint is extended once'); end;
CREATE TRIGGER complaint_keeps_its_end before update of state on complaint
when old.ended_at is not null
begin select raise(abort, 'a complaint that has ended stays as it ended'); end;
CREATE TRIGGER complaint_step_is_never_edited before update on complaint_step
begin select raise(abort, 'what was done of a complaint is never edited'); end;
CREATE TRIGGER complaint_step_is_never_deleted before delete on complaint_step
begin select raise(abort, 'what was done of a complaint is never deleted'); end;
DELETE FROM "sqlite_sequence";
COMMIT;
