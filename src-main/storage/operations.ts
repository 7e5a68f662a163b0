import { clean } from './clean'

/** The operations of this room by id. */
export const storageOperations = { 'host.clean': clean }
