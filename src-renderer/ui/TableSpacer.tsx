/** Stands in a table for rows that are out of sight. */
export function TableSpacer({ rows, rowHeight }: { rows: number; rowHeight: number }) {
  if (rows <= 0) return null
  return (
    <tr>
      {/* One cell: more than there are columns in a narrow window would make new ones. */}
      <td style={{ height: rows * rowHeight, borderBottom: 'none' }} />
    </tr>
  )
}
