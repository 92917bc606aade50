-- What the sums among the cells of some numbers lack, cell by cell: months of what is kept by day, and units above.
WITH moved AS (
    SELECT * FROM metrics_cell WHERE counted_id IN ($counted) AND NOT ($is_derived)
),
$spread
SELECT $columns, below, sum(rows)::bigint AS rows, sum(total)::bigint AS total
FROM (
    SELECT * FROM spread WHERE $is_derived
    UNION ALL
    SELECT counted_id, monthly, cut, key, unit_id, below, at, settled, unsettled, -rows, -total
    FROM metrics_cell WHERE counted_id IN ($counted) AND ($is_derived)
) AS said
GROUP BY $columns, below
HAVING sum(rows) <> 0 OR sum(total) <> 0
