import type { Guest } from '../../src-shared/models/guest'

/** The cell of a table that says which guests use an image; all of them in its title. */
export function UsersCell({ users }: { users: readonly Guest[] }) {
  return (
    <td className="use" title={users.map(({ name }) => name).join(', ')}>
      {usersWords(users)}
    </td>
  )
}

function usersWords(users: readonly Guest[]): string {
  const [first, second] = users
  if (!first) return 'nobody'
  return users.length > 2 || !second
    ? `${first.name}${users.length > 1 ? ` and ${users.length - 1} more` : ''}`
    : `${first.name}, ${second.name}`
}
