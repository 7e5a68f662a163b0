import { type BootEntry, balloons, type HostBoot } from '../../src-shared/models/host-boot'

/** What an entry boots: `Xen 4.17-amd64, Linux 6.1.0-56-amd64`. */
export function bootsWords({ boots, unfit }: BootEntry): string {
  if (unfit !== undefined) return `Not to be chosen here: ${unfit}`
  return boots.xen === undefined
    ? `Linux ${boots.linux}, no hypervisor: guests will not start`
    : `Xen ${boots.xen}, Linux ${boots.linux}`
}

/** One word of a command line, such as the value of `dom0_mem`. */
export const wordOf = (words: string | undefined, name: string): string | undefined =>
  new RegExp(`(?:^| )${name}=(\\S*)`).exec(words ?? '')?.[1]

export function autoballoonWords(boot: HostBoot): string {
  const words = balloons(boot) ? 'On' : 'Off'
  return boot.autoballoon === 'auto' ? `${words}, as dom0_mem ${balloons(boot) ? 'is not' : 'is'} set` : `${words}, by xl.conf`
}

export const panicWords = ({ panicSeconds }: HostBoot): string =>
  panicSeconds > 0 ? `Reboot after ${panicSeconds} s` : panicSeconds < 0 ? 'Reboot at once' : 'Stays there'

/** Serial console by the words of the hypervisor or, without one, of the kernel. */
export function consoleWords({ xenWords, linuxWords }: HostBoot): string {
  const all = [...(xenWords ?? linuxWords).matchAll(/(?:^| )console=(\S*)/g)].map(([, word]) => word)
  return all.length > 0 ? all.join(' ') : 'screen'
}
