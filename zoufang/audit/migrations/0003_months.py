"""
The audit record by month: what grows without end is kept in tables of one month each, and only the newest is hot.

What has been written so far becomes the first part as it lies, with everything until the end of this month: no row is
copied and no hash changes. Parts for the months to come are made ahead (`audit_months`, by a daily job and by `zoufang
prepare`); a row of a month that nobody made lies in the part `_other`, and is as good there.

A key of the whole must name the month, so the database no longer holds (chain, seq) unique by an index. It is by the
lock on the chain's head, under which each record is numbered; the walk would find a number that came twice.
"""

from django.db import migrations, models

FUNCTIONS = r"""
-- Make the parts of the month of `since` and of `ahead` months after it that are not there; return how many were made.
-- A part is made aside and then attached: writers and readers of other months do not wait. Statement triggers guard
-- the whole only, so each part gets its own.
CREATE FUNCTION audit_months(since timestamptz, ahead int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    month timestamp;
    part text;
    made int := 0;
BEGIN
    FOR month IN SELECT generate_series(date_trunc('month', since AT TIME ZONE 'Asia/Shanghai'),
        date_trunc('month', since AT TIME ZONE 'Asia/Shanghai') + ahead * interval '1 month', '1 month')
    LOOP
        part := to_char(month, '"audit_auditrecord_"YYYY_MM');
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE TABLE %I (LIKE audit_auditrecord INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part);
            EXECUTE format('ALTER TABLE audit_auditrecord ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part,
                month AT TIME ZONE 'Asia/Shanghai', (month + interval '1 month') AT TIME ZONE 'Asia/Shanghai');
            EXECUTE format('CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
                FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()', part);
            made := made + 1;
        EXCEPTION WHEN invalid_object_definition OR check_violation THEN
            NULL;  -- a part that is there holds the month already, or `_other` has rows of it: they stay there
        END;
    END LOOP;
    RETURN made;
END
$$;

-- As before, but for where the predecessor is looked for: a transaction that writes several records remembers the last
-- one by itself, for the newest of all parts would have to be found. The memory goes with the transaction, and back
-- with a savepoint; once the head has moved it is empty.
CREATE OR REPLACE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head audit_chainhead;
    last text := current_setting('zoufang.audit_last_' || NEW.chain, true);
BEGIN
    SELECT * INTO head FROM audit_chainhead WHERE chain = NEW.chain FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO audit_chainhead (chain, seq, hash) VALUES (NEW.chain, 0, '') ON CONFLICT (chain) DO NOTHING;
        SELECT * INTO STRICT head FROM audit_chainhead WHERE chain = NEW.chain FOR UPDATE;
    END IF;
    IF last <> '' THEN
        head.seq := split_part(last, '/', 1)::bigint;
        head.hash := decode(split_part(last, '/', 2), 'hex');
    END IF;
    NEW.seq := head.seq + 1;
    NEW.prev_hash := head.hash;
    NEW.hash := sha256(NEW.prev_hash || convert_to(audit_payload(NEW), 'UTF8'));
    PERFORM set_config('zoufang.audit_last_' || NEW.chain, NEW.seq || '/' || encode(NEW.hash, 'hex'), true);
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION audit_advance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The last record of the transaction moves the head, once.
    IF current_setting('zoufang.audit_last_' || NEW.chain, true) = NEW.seq || '/' || encode(NEW.hash, 'hex') THEN
        UPDATE audit_chainhead SET seq = NEW.seq, hash = NEW.hash WHERE chain = NEW.chain;
        PERFORM set_config('zoufang.audit_last_' || NEW.chain, '', true);
    END IF;
    RETURN NULL;
END
$$;
"""

CONVERT = r"""
SET CONSTRAINTS ALL IMMEDIATE;
LOCK TABLE audit_auditrecord IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER audit_link ON audit_auditrecord;
DROP TRIGGER audit_advance ON audit_auditrecord;
DROP FUNCTION audit_payload(audit_auditrecord);

ALTER TABLE audit_auditrecord RENAME TO audit_auditrecord_before;
DO $$
DECLARE
    old text;
    next bigint;
BEGIN
    -- The names are the whole's from now on.
    FOR old IN SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'audit_auditrecord_before'::regclass
    LOOP
        EXECUTE format('ALTER INDEX %s RENAME TO %I', old, left(trim(old, '"'), 56) || '_before');
    END LOOP;
    -- A whole that has parts numbers its rows by a sequence; identity columns do so from PostgreSQL 17 on only.
    next := nextval(pg_get_serial_sequence('audit_auditrecord_before', 'id'));
    ALTER TABLE audit_auditrecord_before ALTER id DROP IDENTITY IF EXISTS;
    EXECUTE format('CREATE SEQUENCE audit_auditrecord_id_seq START %s', next);
END
$$;
CREATE TABLE audit_auditrecord (LIKE audit_auditrecord_before INCLUDING CONSTRAINTS) PARTITION BY RANGE (at);
ALTER TABLE audit_auditrecord ALTER id SET DEFAULT nextval('audit_auditrecord_id_seq');
ALTER SEQUENCE audit_auditrecord_id_seq OWNED BY audit_auditrecord.id;

ALTER TABLE audit_auditrecord_before DROP CONSTRAINT audit_auditrecord_pkey_before;
ALTER TABLE audit_auditrecord_before DROP CONSTRAINT audit_seq_in_chain_before;
ALTER TABLE audit_auditrecord ADD CONSTRAINT audit_auditrecord_pkey PRIMARY KEY (id, at);
ALTER TABLE audit_auditrecord ADD CONSTRAINT audit_seq_in_chain UNIQUE (chain, seq, at);
DO $$
DECLARE
    old record;
BEGIN
    FOR old IN
        SELECT left(c.relname, -7) AS name, split_part(pg_get_indexdef(c.oid), ' USING ', 2) AS what
        FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'audit_auditrecord_before'::regclass
    LOOP
        EXECUTE format('CREATE INDEX %I ON audit_auditrecord USING %s', old.name, old.what);
    END LOOP;
    EXECUTE format('ALTER TABLE audit_auditrecord ATTACH PARTITION audit_auditrecord_before FOR VALUES FROM (MINVALUE) TO (%L)',
        (SELECT date_trunc('month', greatest(now(), max(at)) AT TIME ZONE 'Asia/Shanghai') + interval '1 month'
        FROM audit_auditrecord_before) AT TIME ZONE 'Asia/Shanghai');
END
$$;
CREATE TABLE audit_auditrecord_other PARTITION OF audit_auditrecord DEFAULT;
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditrecord_other
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE FUNCTION audit_payload(record audit_auditrecord) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws(E'\x1f', record.chain::text, record.seq::text,
        (extract(epoch FROM record.at) * 1000000)::bigint::text, coalesce(record.by_id::text, ''),
        record.action, record.object_type, record.object_id, record.detail::text)
$$;
CREATE TRIGGER audit_link BEFORE INSERT ON audit_auditrecord FOR EACH ROW EXECUTE FUNCTION audit_link();
CREATE CONSTRAINT TRIGGER audit_advance AFTER INSERT ON audit_auditrecord DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION audit_advance();
SELECT audit_months(now(), 3);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FUNCTIONS), migrations.RunSQL(CONVERT)],
            state_operations=[
                migrations.RemoveConstraint("auditrecord", "audit_seq_in_chain"),
                migrations.AddConstraint(
                    "auditrecord", models.UniqueConstraint(name="audit_seq_in_chain", fields=["chain", "seq", "at"])
                ),
            ],
        )
    ]
