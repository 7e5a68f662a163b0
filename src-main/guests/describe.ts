import type { OperationInput } from '../../src-shared/operations'
import { defineOperation } from '../jobs/define'
import describeScript from './describe.sh?raw'
import { guestLock } from './locks'

/** Keeps tags and note of a guest in its guest.json, where every administrator's Domdeck reads them. */
export const describe = defineOperation<'guest.describe'>({
  id: 'guest.describe',
  title: ({ name }) => `Describe ${name}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Write its tags and note'],
  locks: ({ uuid }) => [guestLock(uuid)],
  danger: 'none',
  variables: (input) => ({ name: input.name, uuid: input.uuid, described: describedMembers(input) }),
  script: describeScript,
})

/**
 * The members of guest.json that hold a description, as JSON on one line: rendered here, so that the script only places it.
 * Inside of it a quote always stands behind a backslash, so no note can pass for a member of the file.
 */
export function describedMembers({ tags, note }: Pick<OperationInput<'guest.describe'>, 'tags' | 'note'>): string {
  return JSON.stringify({ tags, note }).slice(1, -1)
}
