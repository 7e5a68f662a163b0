import { bootOperations } from './boot/operations'
import { guestOperations } from './guests/operations'
import { healthOperations } from './health/operations'
import { imageOperations } from './images/operations'
import type { Operations } from './jobs/define'
import { storageOperations } from './storage/operations'

/** Every operation of the product, gathered from its rooms. */
export const operations: Operations = {
  ...guestOperations,
  ...imageOperations,
  ...storageOperations,
  ...bootOperations,
  ...healthOperations,
}
