import type { Host } from '../host/host'

/** What jobs need of a host: who it is, programs run on it as root, and a look at it when a job has changed it. */
export type JobHost = Pick<Host, 'settings' | 'guests' | 'run' | 'stream' | 'ask' | 'refresh'>
