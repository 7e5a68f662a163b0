import { clean } from './clean'
import { exportBase, exportDisk } from './export'

/** The operations of this room by id. */
export const storageOperations = { 'host.clean': clean, 'image.export': exportBase, 'guest.export': exportDisk }
