import { expect } from 'vitest'
import { lab } from './lab'

/** Types a command into the console of a guest until its answer shows; resolves to the answer. */
export async function says(name: string, command: string, answer: RegExp): Promise<string> {
  let said = ''
  await expect
    .poll(
      async () => {
        said = await lab.sh(`
          trap '' PIPE # between two boots there is no console to type into
          said=$(mktemp -u)
          mkfifo "$said.in"
          /usr/lib/xen-4.17/bin/xenconsole --interactive --type pv "$(xl domid ${name})" <"$said.in" >"$said" 2>/dev/null &
          exec 3>"$said.in"
          printf '\\n%s\\n' '${command}; echo said-$((40 + 2))' >&3 || :
          tries=0
          until grep -q said-42 "$said" || [ $tries -gt 25 ]; do tries=$((tries + 1)); sleep 0.2; done
          exec 3>&-
          kill $! 2>/dev/null || :
          cat "$said"
          rm -f "$said" "$said.in"`)
        return said
      },
      { timeout: 120_000, interval: 500 },
    )
    .toMatch(answer)
  return answer.exec(said)?.[0] ?? ''
}
