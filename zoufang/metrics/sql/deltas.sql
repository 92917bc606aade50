    INSERT INTO metrics_delta ($columns, rows, total)
    SELECT $columns, sum(rows), sum(total)
    FROM ($amounts) AS changed ($columns, rows, total)
    GROUP BY $columns
    HAVING sum(rows) <> 0 OR sum(total) <> 0;
