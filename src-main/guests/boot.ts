import { type Boot, bootSchema, bootWay } from '../../src-shared/models/boot'
import type { Guest } from '../../src-shared/models/guest'
import type { OperationInput } from '../../src-shared/operations'
import { defineOperation } from '../jobs/define'
import claims from '../xen/disk-claims.sh?raw'
import diskFiles from '../xen/disk-files.sh?raw'
import domain from '../xen/domain.sh?raw'
import kernelRelease from '../xen/kernel-release.sh?raw'
import bootScript from './boot.sh?raw'
import bootCheck from './boot-check.sh?raw'
import configKeys from './config-keys.sh?raw'
import { guestLock, guestsLock } from './locks'
import settings from './settings.sh?raw'

/** How each way is called. */
const names = { direct: 'its kernel on the host', pvgrub: 'pvgrub', pygrub: 'pygrub', hvm: 'its own loader, as HVM' } as const

/** What checks of a way need above their own text. */
export const bootChecks = [domain, claims, diskFiles, kernelRelease, bootCheck].join('\n')

type Ref = Omit<OperationInput<'guest.boot'>, 'boot'>

/** The variables of `boot-check.sh` and `boot.sh`. */
export const bootVariables = ({ name, uuid, configPath }: Ref, boot: Boot): Record<string, string> => ({
  name,
  uuid: uuid ?? '',
  config_path: configPath ?? '',
  way: bootWay(boot) ?? '',
  boot_type: boot.type,
  boot_kernel: boot.kernel ?? '',
  boot_ramdisk: boot.ramdisk ?? '',
  boot_bootloader: boot.bootloader ?? '',
  boot_root: boot.root ?? '',
  boot_extra: boot.extra ?? '',
  boot_cmdline: boot.cmdline ?? '',
})

/** What a config said before, as its job tells; undefined where it is no sound way to boot, or stands there in a form that only a person writes. */
function bootBefore({ odd, type, builder, ...keys }: Readonly<Record<string, string>>): Boot | undefined {
  if (odd !== undefined) return undefined
  // xl's own default.
  const before = bootSchema.safeParse({ ...keys, type: type ?? (builder === 'hvm' ? 'hvm' : 'pv') })
  return before.success && bootWay(before.data) ? before.data : undefined
}

const bootsSo = ({ type, kernel, bootloader }: Guest, boot: Boot): boolean =>
  type === boot.type && kernel === boot.kernel && bootloader === boot.bootloader

/** Changes how a guest that is off boots, in its config. */
export const boot = defineOperation<'guest.boot'>({
  id: 'guest.boot',
  title: ({ name, boot: wanted }) => `Boot ${name} by ${names[bootWay(wanted) ?? 'direct']}`,
  targets: ({ name }) => [name],
  steps: ({ name }) => [`Check ${name}`, 'Write it to the config'],
  locks: ({ uuid }) => (uuid === undefined ? [guestsLock] : [guestLock(uuid)]),
  danger: 'none',
  inverse: ({ uuid, configPath, boot: given }, { guests, result }) => {
    const guest = guests.get(uuid ?? `cfg:${configPath}`)
    const before = bootBefore(result)
    if (
      !guest ||
      !before ||
      guest.state !== 'halted' ||
      !bootsSo(guest, given) ||
      JSON.stringify(before) === JSON.stringify(given)
    )
      return []
    const ref = {
      name: guest.name,
      ...(uuid === undefined ? {} : { uuid }),
      ...(guest.configPath === undefined ? {} : { configPath: guest.configPath }),
    }
    return [{ operation: 'guest.boot', input: { ...ref, boot: before } }]
  },
  variables: ({ boot: wanted, ...ref }) => bootVariables(ref, wanted),
  script: [bootChecks, configKeys, settings, bootScript].join('\n'),
})
