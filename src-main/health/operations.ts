import { mendHealth, unmendHealth } from './mend'

/** The operations of this room by id. */
export const healthOperations = { 'host.mend-health': mendHealth, 'host.unmend-health': unmendHealth }
