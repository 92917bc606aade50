-- Add amounts to all cells that they belong to; return how many amounts there were. New cells come in the order in which
-- they are read, so that those read together lie together.
WITH moved AS (
    $moved
),
$spread,
kept AS (
    INSERT INTO metrics_cell AS c
        (counted_id, monthly, cut, key, unit_id, below, at, settled, unsettled, rows, total)
    SELECT * FROM spread
    ORDER BY counted_id, monthly, cut, unit_id, at, below, key
    ON CONFLICT (counted_id, monthly, cut, unit_id, at, below, key, settled, unsettled)
    DO UPDATE SET rows = c.rows + excluded.rows, total = c.total + excluded.total
)
SELECT count(*) FROM moved
