import { expect } from 'vitest'
import { lab } from './lab'

/** Types a command into the console of a guest until its answer shows; resolves to the answer. */
export async function says(name: string, command: string, answer: RegExp): Promise<string> {
  let said = ''
  await expect
    .poll(
      async () => {
        said = await lab.sh(
          `(printf '\\n%s\\n' '${command}'; sleep 3) | timeout 5 /usr/lib/xen-4.17/bin/xenconsole --interactive --type pv "$(xl domid ${name})" 2>/dev/null || :`,
        )
        return said
      },
      { timeout: 120_000, interval: 500 },
    )
    .toMatch(answer)
  return answer.exec(said)?.[0] ?? ''
}
