import type { BootSettings } from '../../src-shared/models/host-boot'
import { quoteArg } from '../ssh/quote'

/** `NAME` without the words that begin with one of these (`[...]=`), then `words`; for the shell that reads the file. */
const replaced = (name: string, without: string, words: string, from = `"$${name}"`): string =>
  `${name}="$(printf '%s' ${from} | sed -E 's/(^| )(${without})=[^ ]*//g')${words === '' ? '' : ` ${words}`}"`

const isEmpty = (settings: BootSettings): boolean => Object.values(settings).every((value) => value === undefined)

/**
 * The file in /etc/default/grub.d that says these settings, read after all others there; undefined where there are none. What it does not say is left
 * as the host has it: words of the same kind are taken out of the lines that are there, all others stay.
 */
export function settingsFile(settings: BootSettings): string | undefined {
  if (isEmpty(settings)) return undefined
  const { dom0MemMb, dom0MaxVcpus, serial } = settings
  const port = serial && `com${serial.port}`
  const xen = [
    ...(dom0MemMb === undefined ? [] : [{ name: 'dom0_mem', words: `dom0_mem=${dom0MemMb}M,max:${dom0MemMb}M` }]),
    ...(dom0MaxVcpus === undefined ? [] : [{ name: 'dom0_max_vcpus', words: `dom0_max_vcpus=${dom0MaxVcpus}` }]),
    ...(port ? [{ name: 'com[12]|console', words: `${port}=${serial.speed},8n1 console=${port},vga` }] : []),
  ]
  const names = xen.map(({ name }) => name).join('|')
  const words = xen.map((each) => each.words).join(' ')
  return [
    '# Made by Domdeck. It is read after the other files here, so what it says counts. Without it, and after update-grub, all is as they say.',
    `# settings: ${JSON.stringify(settings)}`,
    ...(settings.default === undefined ? [] : [`GRUB_DEFAULT=${quoteArg(settings.default)}`]),
    ...(xen.length === 0 ? [] : [replaced('GRUB_CMDLINE_XEN', names, words), replaced('GRUB_CMDLINE_XEN_DEFAULT', names, '')]),
    ...(serial
      ? [
          // Under Xen the port is the hypervisor's, and Linux speaks through it.
          replaced(
            'GRUB_CMDLINE_LINUX_XEN_REPLACE',
            'console',
            'console=tty0 console=hvc0',
            // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell expands it
            '"${GRUB_CMDLINE_LINUX_XEN_REPLACE:-$GRUB_CMDLINE_LINUX}"',
          ),
          replaced('GRUB_CMDLINE_LINUX', 'console', `console=tty0 console=ttyS${serial.port - 1},${serial.speed}n8`),
          "GRUB_TERMINAL='console serial'",
          `GRUB_SERIAL_COMMAND='serial --unit=${serial.port - 1} --speed=${serial.speed}'`,
        ]
      : []),
  ].join('\n')
}
