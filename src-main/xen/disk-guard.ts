import claims from './disk-claims.sh?raw'
import guard from './disk-guard.sh?raw'

/** The word `guard_disks` for scripts that run on dom0: who else uses a disk. See disk-guard.sh. */
export const diskGuard = `${claims}\n${guard}`
