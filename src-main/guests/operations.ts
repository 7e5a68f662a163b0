import { clone } from './clone'
import { destroy, reboot, remove, shutdown, start } from './lifecycle'

/** The operations of this room by id. */
export const guestOperations = {
  'guest.clone': clone,
  'guest.start': start,
  'guest.shutdown': shutdown,
  'guest.reboot': reboot,
  'guest.destroy': destroy,
  'guest.delete': remove,
}
