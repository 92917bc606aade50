-- A unit that moves in the tree takes its numbers along: what lies below units is then summed anew by the next fold.
CREATE OR REPLACE FUNCTION metrics_update_tree() RETURNS trigger LANGUAGE plpgsql AS $$body$$
BEGIN
    IF EXISTS (SELECT id, path FROM old_rows EXCEPT SELECT id, path FROM new_rows) THEN
        -- In the order in which a fold takes them: of the two, one waits.
        PERFORM 1 FROM metrics_counted ORDER BY id FOR NO KEY UPDATE;
        UPDATE metrics_counted SET carried = false;
    END IF;
    RETURN NULL;
END
$$body$$;
CREATE TRIGGER metrics_update_tree AFTER UPDATE ON organization_unit
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION metrics_update_tree()
