import { bootFiles, bootLock, heldScript, holdBoot } from '../host/held-boot'
import { defineOperation } from '../jobs/define'
import changeScript from './change.sh?raw'
import { settingsFile } from './settings-file'
import settleScript from './settle.sh?raw'

const yesNo = (flag: boolean): string => (flag ? 'yes' : 'no')

/** Changes what a host boots, or boots something once; held until it has proven itself. It does not reboot. */
export const changeBoot = defineOperation<'host.boot'>({
  id: 'host.boot',
  title: ({ trial, once }) => `${once ? 'Boot once' : 'Boot from now on'}: ${trial.at(-1)}`,
  targets: () => [],
  steps: () => ['Check the boot menu', 'Keep the boot from before', 'Write the settings', 'Hold the changed boot'],
  locks: () => [bootLock],
  danger: 'none',
  outdated: () => 'The boot menu may be another by now. Change the boot on the page of the host.',
  variables: ({ settings, write, once, before, trial, value, menuSum, minutes }) => ({
    settings: write,
    dropin_text: settingsFile(settings) ?? '',
    once: yesNo(once),
    before_value: before,
    trial_label: trial.at(-1) ?? '',
    trial_value: value,
    menu_sum: menuSum,
    minutes: String(minutes),
    held_script: heldScript,
  }),
  script: [holdBoot, changeScript].join('\n'),
})

/** Settles a changed boot that is held, without waiting for its proof. */
export const settleBoot = defineOperation<'host.settle-boot'>({
  id: 'host.settle-boot',
  title: ({ how, entry }) => `${how === 'keep' ? 'Keep the changed boot' : 'Take the changed boot back'}: ${entry}`,
  targets: () => [],
  steps: () => ['Settle the changed boot'],
  locks: () => [bootLock],
  danger: 'none',
  variables: ({ how }) => ({ how }),
  script: [bootFiles, settleScript].join('\n'),
})
