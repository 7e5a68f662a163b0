import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const execute = promisify(execFile)
const scripts = join(import.meta.dirname, '../../../lab')

type LabStatus = { built: boolean; running: boolean; pid: number | null; port: number; key: string; hostKey: string }

/** A real Xen dom0 in QEMU, by its own scripts: not by Domdeck, so that what Domdeck says can be held against it. */
export type Lab = ReturnType<typeof openLab>

function openLab(environment: NodeJS.ProcessEnv) {
  const script = async (name: string, ...args: string[]): Promise<string> => {
    const { stdout } = await execute(join(scripts, name), args, { maxBuffer: 16 * 1024 * 1024, env: environment })
    return stdout
  }
  const status = async () => JSON.parse(await script('status')) as LabStatus
  return {
    /** Starts it from the clean disk, whatever ran before. */
    async fresh(): Promise<void> {
      await script('down')
      await script('up')
    },
    down: () => script('down'),
    /** Kills the machine and boots the same disk again. */
    powerCut: () => script('power-cut'),
    status,
    /** What a POSIX shell script prints on dom0, as root. Rejects on a non-zero exit. */
    sh: async (commands: string) => (await script('ssh', `set -eu; ${commands}`)).trimEnd(),
    /** Runs a script of lab/ on dom0, as root, with these arguments. */
    async run(name: string, args: string): Promise<void> {
      await script('ssh', `set -- ${args}\n${await readFile(join(scripts, name), 'utf8')}`)
    },
    /** What must be known to add it as a host. */
    async host() {
      const { port, key, hostKey } = await status()
      const publicKey = (await readFile(hostKey, 'utf8')).trim().split(' ')[1] ?? ''
      return { port, keyPath: key, hostKey: Buffer.from(publicKey, 'base64') }
    },
  }
}

/** The lab that the environment names. */
export const lab = openLab(process.env)

/** Another one beside it, on the next port. */
export async function secondLab(): Promise<Lab> {
  const { port } = await lab.status()
  return openLab({ ...process.env, DOMDECK_LAB_PORT: String(port + 1), DOMDECK_LAB_RUN: undefined })
}

/**
 * Everything of ours, or of a guest, that dom0 holds at a moment: what a job that took itself back must not have changed.
 * The job's own journal, the files of locks (not the locks) and empty folders may stay; templates are caches.
 */
export function traces(): Promise<string> {
  return lab.sh(`
    root=/srv/domdeck
    echo "# domains";   xl list | awk 'NR > 1 { print $1 }' | sort
    echo "# files";     find "$root" /etc/xen/auto -path "$root/templates" -prune -o ! -path "$root/guests" -printf '%y %p %l\\n' 2>/dev/null | sort
    echo "# temporary"; find "$root/templates" /run/domdeck -name '*.new' -o -name '.*' 2>/dev/null | sort
    echo "# loops";     losetup -l -n -O BACK-FILE,RO | sort
    echo "# bases";     find /run/domdeck/bases -type l -printf '%f\\n' 2>/dev/null | sort
    echo "# mounts";    awk '{ print $2 }' /proc/mounts | grep -v '^/sys\\|^/proc\\|^/dev\\|^/run/user' | sort
    echo "# locks"
    for lock in /run/domdeck/locks/*; do
      [ ! -e "$lock" ] || flock -n "$lock" true || echo "held: $lock"
    done`)
}
