-- What the rows say of one number beyond what its daily cells and deltas say, cell by cell; nothing where they agree.
SELECT $columns, sum(rows)::bigint AS rows, sum(total)::bigint AS total
FROM (
    $amounts
    UNION ALL
    SELECT $columns, -rows, -total FROM metrics_cell WHERE counted_id = $counted AND NOT monthly
    UNION ALL
    SELECT $columns, -rows, -total FROM metrics_delta WHERE counted_id = $counted
) AS said
GROUP BY $columns
HAVING sum(rows) <> 0 OR sum(total) <> 0
