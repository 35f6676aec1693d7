BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'hall','hall_and_catalogue','2026-11-22 16:23:12.248279+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'hall','tickets_and_journal','2026-11-22 16:23:12.254184+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'rating','ratings_and_askings','2026-11-22 16:23:12.274007+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'rating','first_tags','2026-11-22 16:23:12.274852+00:00');
CREATE TABLE asking (
    visit integer primary key references visit (id),
    window integer not null references window (no),
    asked_at integer not null,
    expires_at integer not null,
    ended_at integer,
    ended_as text check (ended_as in ('rated', 'timed_out')),
    check ((ended_at is null) = (ended_as is null))
) strict;
INSERT INTO "asking" VALUES(1,1,1795140420000,1795140450000,1795140420000,'rated');
INSERT INTO "asking" VALUES(2,3,1795140840000,1795140870000,1795140840000,'rated');
INSERT INTO "asking" VALUES(3,2,1795141260000,1795141290000,1795141260000,'rated');
INSERT INTO "asking" VALUES(4,4,1795141680000,1795141710000,1795400940000,'timed_out');
CREATE TABLE business_day (
    day text primary key,
    opened_at integer not null
) strict;
INSERT INTO "business_day" VALUES('2026-11-20',1795140000000);
INSERT INTO "business_day" VALUES('2026-11-23',1795400940000);
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
INSERT INTO "device" VALUES(1,'kiosk','一楼取号机',NULL,NULL,'','2f91a0f04f2fd5f58ac321d815dc18071055eebf6c6169cb96709323651c454a',1795141740000,1);
CREATE TABLE hall (
    id integer primary key check (id = 1),
    name text not null,
    demo integer not null check (demo in (0, 1)),
    made_at integer not null
) strict;
INSERT INTO "hall" VALUES(1,'云溪县政务服务中心',0,1795140000000);
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
INSERT INTO "journal" VALUES(22,1795140840000,'ticket_called',3,3,2,'1002','');
INSERT INTO "journal" VALUES(23,1795140900000,'service_started',3,3,2,'1002','');
INSERT INTO "journal" VALUES(24,1795141260000,'service_finished',3,3,2,'1002','{"outcome": "completed"}');
INSERT INTO "journal" VALUES(25,1795141260000,'service_rated',3,3,2,'evaluator','{"rating": 3}');
INSERT INTO "journal" VALUES(26,1795141260000,'ticket_called',4,4,4,'1004','');
INSERT INTO "journal" VALUES(27,1795141320000,'service_started',4,4,4,'1004','');
INSERT INTO "journal" VALUES(28,1795141680000,'service_finished',4,4,4,'1004','{"outcome": "completed"}');
INSERT INTO "journal" VALUES(29,1795141680000,'ticket_called',5,5,1,'1001','');
INSERT INTO "journal" VALUES(30,1795141740000,'ticket_missed',5,5,1,'1001','');
INSERT INTO "journal" VALUES(31,1795141740000,'ticket_called',6,6,4,'1004','');
INSERT INTO "journal" VALUES(32,1795141740000,'ticket_taken',8,NULL,NULL,'kiosk','');
INSERT INTO "journal" VALUES(33,1795141740000,'ticket_cancelled',8,NULL,NULL,'','');
INSERT INTO "journal" VALUES(34,1795141740000,'catalogue_saved',NULL,NULL,NULL,'','{"what": "Device None"}');
INSERT INTO "journal" VALUES(35,1795141740000,'key_minted',NULL,NULL,NULL,'','{"what": "1"}');
INSERT INTO "journal" VALUES(36,1795400940000,'day_opened',NULL,NULL,NULL,'','{"day": "2026-11-23"}');
INSERT INTO "journal" VALUES(37,1795400940000,'ticket_expired',7,NULL,NULL,'','');
INSERT INTO "journal" VALUES(38,1795400940000,'ask_timed_out',NULL,4,4,'','');
INSERT INTO "journal" VALUES(39,1795400940000,'ticket_taken',9,NULL,NULL,'kiosk','');
CREATE TABLE person (
    staff_number text primary key,
    name text not null,
    role text not null check (role in ('clerk', 'manager', 'administrator')),
    post text not null default '',
    department text references department (code),
    window integer references window (no),
    photo text not null default '',
    password_hash text,
    active integer not null default 1 check (active in (0, 1))
) strict;
INSERT INTO "person" VALUES('1001','张敏','clerk','办事员','MZ',1,'',NULL,1);
INSERT INTO "person" VALUES('1002','李㛃','clerk','办事员','MZ',2,'',NULL,1);
INSERT INTO "person" VALUES('1003','欧阳慧敏','clerk','办事员','BDC',3,'',NULL,1);
INSERT INTO "person" VALUES('1004','王强','clerk','办事员','BDC',4,'',NULL,1);
INSERT INTO "person" VALUES('9001','赵主任','manager','大厅主任',NULL,NULL,'',NULL,1);
INSERT INTO "person" VALUES('9000','管理员','administrator','',NULL,NULL,'',NULL,1);
CREATE TABLE rating (
    id integer primary key,
    visit integer not null references visit (id),
    nth integer not null default 1 check (nth in (1, 2)),
    level text not null check (level in (
        'very_satisfied', 'satisfied', 'basically_satisfied', 'dissatisfied', 'very_dissatisfied'
    )),
    tags text not null default '[]',
    text text not null default '',
    contact text not null default '',
    channel text not null check (
        channel in ('evaluator', 'qr', 'paper', 'sms', 'phone', 'import')
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
CREATE TABLE secret (
    name text primary key,
    value text not null,
    made_at integer not null
) strict;
INSERT INTO "secret" VALUES('slip link','f094f59b6a8c437a9e5eb1366d5ed8422c4ea971f3a01912adfa9c55f166e12c',1795140000000);
INSERT INTO "secret" VALUES('cookie','6ef7cd0ae0659562f37f221477efca60769636e63b608ae5a7ab4dd67616a239',1795140000000);
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
) strict;
INSERT INTO "service" VALUES('marriage','婚姻登记','Marriage','A','MZ',1,0,30,10,1);
INSERT INTO "service" VALUES('estate','不动产登记','Real estate','B','BDC',1,0,30,20,1);
INSERT INTO "service" VALUES('advice','业务咨询','Advice','Z','MZ',0,0,30,3,1);
INSERT INTO "service" VALUES('nowhere','无人窗口业务','Served nowhere','X','MZ',0,0,30,8,1);
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
CREATE TABLE ticket (
    id integer primary key,
    day text not null references business_day (day),
    number text not null,
    prefix text not null,
    sequence integer not null check (sequence > 0),
    service text not null references service (code),
    state text not null check (
        state in ('waiting', 'called', 'serving', 'done', 'missed', 'cancelled', 'expired')
    ),
    taken_at integer not null,
    language text not null,
    phone text,
    source text not null,
    window integer references window (no),
    called_at integer,
    ended_at integer,
    ahead_at_taking integer not null,
    tap text not null unique,
    device integer references device (id),
    unique (day, prefix, sequence),
    check ((ended_at is not null) = (state in ('done', 'missed', 'cancelled', 'expired')))
) strict;
INSERT INTO "ticket" VALUES(1,'2026-11-20','A001','A',1,'marriage','done',1795140000000,'zh','13800000001','kiosk',1,1795140000000,1795140420000,0,'tap-0.1.0-0000',NULL);
INSERT INTO "ticket" VALUES(2,'2026-11-20','B001','B',1,'estate','done',1795140000000,'zh',NULL,'kiosk',3,1795140420000,1795140840000,0,'tap-0.1.0-0001',NULL);
INSERT INTO "ticket" VALUES(3,'2026-11-20','A002','A',2,'marriage','done',1795140000000,'zh',NULL,'kiosk',2,1795140840000,1795141260000,1,'tap-0.1.0-0002',NULL);
INSERT INTO "ticket" VALUES(4,'2026-11-20','Z001','Z',1,'advice','done',1795140000000,'zh',NULL,'kiosk',4,1795141260000,1795141680000,0,'tap-0.1.0-0003',NULL);
INSERT INTO "ticket" VALUES(5,'2026-11-20','A003','A',3,'marriage','missed',1795140000000,'zh',NULL,'kiosk',1,1795141680000,1795141740000,2,'tap-0.1.0-0004',NULL);
INSERT INTO "ticket" VALUES(6,'2026-11-20','B002','B',2,'estate','called',1795140000000,'zh',NULL,'kiosk',4,1795141740000,NULL,1,'tap-0.1.0-0005',NULL);
INSERT INTO "ticket" VALUES(7,'2026-11-20','Z002','Z',2,'advice','expired',1795140000000,'zh',NULL,'kiosk',NULL,NULL,1795400940000,1,'tap-0.1.0-0006',NULL);
INSERT INTO "ticket" VALUES(8,'2026-11-20','Z003','Z',3,'advice','cancelled',1795141740000,'zh',NULL,'kiosk',NULL,NULL,1795141740000,1,'tap-0.1.0-9999',NULL);
INSERT INTO "ticket" VALUES(9,'2026-11-23','A001','A',1,'marriage','waiting',1795400940000,'zh',NULL,'kiosk',NULL,NULL,NULL,0,'tap-next-0.1.0',NULL);
CREATE TABLE visit (
    id integer primary key,
    ticket integer not null references ticket (id),
    day text not null,
    service text not null references service (code),
    window integer not null references window (no),
    clerk text references person (staff_number),
    reason text not null default '',
    called_at integer not null,
    shown_at integer not null,
    recalls integer not null default 0,
    waited integer check (waited >= 0),
    started_at integer,
    ended_at integer,
    outcome text check (outcome in ('accepted', 'completed', 'collected', 'consulted', 'other')),
    case_number text,
    state text not null check (state in ('called', 'serving', 'done', 'missed', 'expired')),
    check ((ended_at is not null) = (state in ('done', 'missed', 'expired'))),
    check ((outcome is not null) = (state = 'done')),
    check (state != 'serving' or started_at is not null),
    check (state != 'done' or started_at is not null)
) strict;
INSERT INTO "visit" VALUES(1,1,'2026-11-20','marriage',1,'1001','',1795140000000,1795140000000,0,0,1795140060000,1795140420000,'completed',NULL,'done');
INSERT INTO "visit" VALUES(2,2,'2026-11-20','estate',3,'1003','',1795140420000,1795140420000,0,420000,1795140480000,1795140840000,'completed',NULL,'done');
INSERT INTO "visit" VALUES(3,3,'2026-11-20','marriage',2,'1002','',1795140840000,1795140840000,0,840000,1795140900000,1795141260000,'completed',NULL,'done');
INSERT INTO "visit" VALUES(4,4,'2026-11-20','advice',4,'1004','',1795141260000,1795141260000,0,1260000,1795141320000,1795141680000,'completed',NULL,'done');
INSERT INTO "visit" VALUES(5,5,'2026-11-20','marriage',1,'1001','',1795141680000,1795141680000,0,1680000,NULL,1795141740000,NULL,NULL,'missed');
INSERT INTO "visit" VALUES(6,6,'2026-11-20','estate',4,'1004','',1795141740000,1795141740000,0,1740000,NULL,NULL,NULL,NULL,'called');
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
CREATE TABLE window_now (
    no integer primary key references window (no),
    state text not null check (state in ('closed', 'open', 'paused')),
    clerk text references person (staff_number),
    pause_reason text not null default '',
    since integer not null
) strict;
INSERT INTO "window_now" VALUES(1,'open','1001','',1795140000000);
INSERT INTO "window_now" VALUES(2,'open','1002','',1795140000000);
INSERT INTO "window_now" VALUES(3,'open','1003','',1795140000000);
INSERT INTO "window_now" VALUES(4,'open','1004','',1795140000000);
CREATE TABLE window_service (
    window integer not null references window (no),
    service text not null references service (code),
    place integer not null,
    primary key (window, service)
) strict, without rowid;
INSERT INTO "window_service" VALUES(1,'advice',1);
INSERT INTO "window_service" VALUES(1,'marriage',0);
INSERT INTO "window_service" VALUES(2,'marriage',0);
INSERT INTO "window_service" VALUES(3,'estate',0);
INSERT INTO "window_service" VALUES(4,'advice',2);
INSERT INTO "window_service" VALUES(4,'estate',0);
INSERT INTO "window_service" VALUES(4,'marriage',1);
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
CREATE INDEX ticket_waiting on ticket (service, id) where state = 'waiting';
CREATE INDEX ticket_waiting_phone on ticket (phone, service)
where state = 'waiting' and phone is not null;
CREATE INDEX ticket_uncalled_end on ticket (ended_at) where state in ('cancelled', 'expired');
CREATE INDEX ticket_taken on ticket (taken_at);
CREATE UNIQUE INDEX visit_active_window on visit (window) where ended_at is null;
CREATE UNIQUE INDEX visit_active_ticket on visit (ticket) where ended_at is null;
CREATE INDEX visit_ticket on visit (ticket);
CREATE INDEX visit_shown on visit (day, shown_at);
CREATE INDEX visit_ended on visit (ended_at);
CREATE INDEX visit_pace on visit (service, ended_at) where state = 'done';
CREATE INDEX visit_at_window on visit (window, ended_at);
CREATE INDEX journal_ticket on journal (ticket);
CREATE TRIGGER journal_is_never_changed before update on journal
begin select raise(abort, 'the journal is never changed'); end;
CREATE TRIGGER journal_is_never_shortened before delete on journal
begin select raise(abort, 'the journal is never shortened'); end;
CREATE INDEX rating_at on rating (at);
CREATE INDEX asking_open on asking (window, visit) where ended_at is null;
CREATE INDEX asking_ended on asking (ended_at);
CREATE TRIGGER rating_is_never_edited before update of
    visit, nth, level, tags, text, channel, given_by_default, at, window, clerk, service on rating
begin select raise(abort, 'a rating is never edited'); end;
CREATE TRIGGER rating_is_never_deleted before delete on rating
begin select raise(abort, 'a rating is never deleted'); end;
COMMIT;
