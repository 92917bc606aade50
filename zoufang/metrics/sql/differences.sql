-- What the rows say of one number beyond what its cells and deltas say, cell by cell; nothing where they agree. Cells
-- that follow from others are left out.
SELECT $columns, false AS below, sum(rows)::bigint AS rows, sum(total)::bigint AS total
FROM (
    $amounts
    UNION ALL
    SELECT $columns, -rows, -total FROM metrics_cell
    WHERE counted_id = $counted AND NOT ($is_derived)
    UNION ALL
    SELECT $columns, -rows, -total FROM metrics_delta WHERE counted_id = $counted
) AS said
GROUP BY $columns
HAVING sum(rows) <> 0 OR sum(total) <> 0
