-- After each statement on $table: what its rows changed in every number that reads them, as deltas.
-- First take the rows they hang on, as a writer of those would: of two that change both ends, one sees the other.
CREATE OR REPLACE FUNCTION $name() RETURNS trigger LANGUAGE plpgsql AS $$body$$
BEGIN
    $unless
    $locks
    $deltas
    $stale
    RETURN NULL;
END
$$body$$;
CREATE TRIGGER $name AFTER $event ON "$table" REFERENCING $seen FOR EACH STATEMENT EXECUTE FUNCTION $name()
