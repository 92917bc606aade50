"""
What makes the audit record a record: the database numbers and chains each row, and refuses to change any.

`zoufang.allow_truncate` is a setting of the session, meant for tests only: Django empties the tables of a test
database between transactional tests. Nothing in the program sets it, and a truncated chain in a real database
is found by its head, which is why the heads refuse it too.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = r"""
ALTER TABLE audit_auditrecord ADD CONSTRAINT audit_words_are_plain
    CHECK (action !~ '[\x01-\x1f]' AND object_type !~ '[\x01-\x1f]' AND object_id !~ '[\x01-\x1f]');

-- The canonical text of a record, over which it is hashed. U+001F cannot occur inside a part: see the check above;
-- in JSON it is escaped.
CREATE FUNCTION audit_payload(record audit_auditrecord) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws(E'\x1f', record.chain::text, record.seq::text,
        (extract(epoch FROM record.at) * 1000000)::bigint::text, coalesce(record.by_id::text, ''),
        record.action, record.object_type, record.object_id, record.detail::text)
$$;

-- Each record takes the next number after its predecessor and holds its hash. The head's row is the lock. The
-- predecessor is the head's, or, further on in the same transaction, the last record: the head itself moves once, at
-- the end, because PostgreSQL walks every older version of a row that one transaction updates again and again.
CREATE FUNCTION audit_link() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head audit_chainhead;
    last audit_auditrecord;
BEGIN
    SELECT * INTO head FROM audit_chainhead WHERE chain = NEW.chain FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO audit_chainhead (chain, seq, hash) VALUES (NEW.chain, 0, '') ON CONFLICT (chain) DO NOTHING;
        SELECT * INTO STRICT head FROM audit_chainhead WHERE chain = NEW.chain FOR UPDATE;
    END IF;
    SELECT * INTO last FROM audit_auditrecord WHERE chain = NEW.chain ORDER BY seq DESC LIMIT 1;
    IF last.seq > head.seq THEN
        head.seq := last.seq;
        head.hash := last.hash;
    END IF;
    NEW.seq := head.seq + 1;
    NEW.prev_hash := head.hash;
    NEW.hash := sha256(NEW.prev_hash || convert_to(audit_payload(NEW), 'UTF8'));
    RETURN NEW;
END
$$;
CREATE TRIGGER audit_link BEFORE INSERT ON audit_auditrecord FOR EACH ROW EXECUTE FUNCTION audit_link();

CREATE FUNCTION audit_advance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE audit_chainhead AS head SET seq = last.seq, hash = last.hash
    FROM (SELECT seq, hash FROM audit_auditrecord WHERE chain = NEW.chain ORDER BY seq DESC LIMIT 1) AS last
    WHERE head.chain = NEW.chain AND head.seq < NEW.seq;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER audit_advance AFTER INSERT ON audit_auditrecord DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION audit_advance();

CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('zoufang.allow_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'audit records are append-only: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_refuse_removal BEFORE DELETE OR TRUNCATE ON audit_chainhead
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
-- Only the trigger that follows a record may move a head.
CREATE TRIGGER audit_refuse_update BEFORE UPDATE ON audit_chainhead
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION audit_refuse();

INSERT INTO audit_chainhead (chain, seq, hash) SELECT chain, 0, '' FROM generate_series(0, 15) AS chain;
"""

BACKWARD = """
DROP TRIGGER audit_refuse_update ON audit_chainhead;
DROP TRIGGER audit_refuse_removal ON audit_chainhead;
DROP TRIGGER audit_refuse ON audit_auditrecord;
DROP TRIGGER audit_advance ON audit_auditrecord;
DROP TRIGGER audit_link ON audit_auditrecord;
DROP FUNCTION audit_refuse();
DROP FUNCTION audit_advance();
DROP FUNCTION audit_link();
DROP FUNCTION audit_payload(audit_auditrecord);
ALTER TABLE audit_auditrecord DROP CONSTRAINT audit_words_are_plain;
DELETE FROM audit_chainhead WHERE seq = 0;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
