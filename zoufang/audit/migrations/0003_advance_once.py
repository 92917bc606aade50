"""Of many records written in one go, only the first to be looked at moves the head; the others find it moved."""

from typing import ClassVar

from django.db import migrations

_ADVANCE = r"""
CREATE OR REPLACE FUNCTION audit_advance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    %s
    UPDATE audit_chainhead AS head SET seq = last.seq, hash = last.hash
    FROM (SELECT seq, hash FROM audit_auditrecord WHERE chain = NEW.chain ORDER BY seq DESC LIMIT 1) AS last
    WHERE head.chain = NEW.chain AND head.seq < NEW.seq;
    RETURN NULL;
END
$$;
"""
_UNLESS = (
    "PERFORM 1 FROM audit_chainhead WHERE chain = NEW.chain AND seq >= NEW.seq; IF FOUND THEN RETURN NULL; END IF;"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("audit", "0002_append_only")]
    operations: ClassVar = [migrations.RunSQL(_ADVANCE % _UNLESS, _ADVANCE % "")]
