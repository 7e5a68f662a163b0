import type { ContractRouterClient } from '@orpc/contract'
import { bootContract } from './boot'
import { bulkContract } from './bulk'
import { consolesContract } from './consoles'
import { fleetContract } from './fleet'
import { guestsContract } from './guests'
import { healthContract } from './health'
import { hostsContract } from './hosts'
import { imagesContract } from './images'
import { jobsContract } from './jobs'
import { localLabContract } from './local-lab'
import { recordingsContract } from './recordings'
import { sequencesContract } from './sequences'
import { settingsContract } from './settings'
import { trustContract } from './trust'

/** All that a page may ask of the main side. */
export const contract = {
  fleet: fleetContract,
  hosts: hostsContract,
  guests: guestsContract,
  images: imagesContract,
  boot: bootContract,
  health: healthContract,
  jobs: jobsContract,
  bulk: bulkContract,
  consoles: consolesContract,
  recordings: recordingsContract,
  sequences: sequencesContract,
  settings: settingsContract,
  localLab: localLabContract,
  trust: trustContract,
}

/** The contract as the page calls it. */
export type DomdeckClient = ContractRouterClient<typeof contract>
