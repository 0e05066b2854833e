/** What a call says: its value, or its exception. */
export function said(call) {
  try {
    return call();
  } catch (error) {
    return `${error?.name}: ${error?.message}`;
  }
}

/** The same of one that promises. */
export async function saidLater(call) {
  try {
    return await call();
  } catch (error) {
    return `${error?.name}: ${error?.message}`;
  }
}

/** All of it that a query says: columns, rows, counts at first and at last. */
export function told(sql, query, ...bindings) {
  return said(() => {
    const cursor = sql.exec(query, ...bindings);
    const first = [cursor.rowsRead, cursor.rowsWritten];
    const rows = [...cursor.raw()];
    return { columns: cursor.columnNames, rows, first, last: [cursor.rowsRead, cursor.rowsWritten] };
  });
}
