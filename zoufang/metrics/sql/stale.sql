-- A table that is emptied at one blow tells no rows: its numbers are counted from what is left until they are set right.
CREATE OR REPLACE FUNCTION $name() RETURNS trigger LANGUAGE plpgsql AS $$body$$
BEGIN
    $stale
    RETURN NULL;
END
$$body$$;
CREATE TRIGGER $name AFTER TRUNCATE ON "$table" FOR EACH STATEMENT EXECUTE FUNCTION $name()
