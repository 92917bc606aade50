-- Add amounts to all cells that they belong to; return how many amounts there were.
WITH moved AS (
    $moved
),
$spread,
kept AS (
    INSERT INTO metrics_cell AS c
        (counted_id, monthly, cut, key, unit_id, below, at, settled, unsettled, rows, total)
    SELECT * FROM spread
    ON CONFLICT (counted_id, monthly, cut, unit_id, at, below, key, settled, unsettled)
    DO UPDATE SET rows = c.rows + excluded.rows, total = c.total + excluded.total
)
SELECT count(*) FROM moved
