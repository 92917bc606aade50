"""Take in what other systems and offices kept in tables: .csv or .xlsx, row by row, with a report that loses nothing."""
