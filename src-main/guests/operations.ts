import { adopt } from './adopt'
import { boot } from './boot'
import { clone } from './clone'
import { describe } from './describe'
import { check, forget, grow, reset, revert, snapshot } from './layers'
import { destroy, pause, reboot, remove, shutdown, start, unpause } from './lifecycle'
import { mend, mendCopy, unmend } from './mend'
import { migrate } from './migrate'
import { rebootHost } from './reboot-host'
import { discard, restore, save } from './saving'
import { autostart, crashPolicy, memory, rename, vcpus } from './settings'
import { attach, detach } from './stack'
import { swap } from './swap'

/** The operations of this room by id. */
export const guestOperations = {
  'guest.clone': clone,
  'guest.start': start,
  'guest.shutdown': shutdown,
  'guest.reboot': reboot,
  'guest.destroy': destroy,
  'guest.delete': remove,
  'guest.pause': pause,
  'guest.unpause': unpause,
  'guest.autostart': autostart,
  'guest.memory': memory,
  'guest.vcpus': vcpus,
  'guest.crash-policy': crashPolicy,
  'guest.boot': boot,
  'guest.rename': rename,
  'guest.save': save,
  'guest.restore': restore,
  'guest.discard': discard,
  'guest.adopt': adopt,
  'guest.describe': describe,
  'guest.migrate': migrate,
  'guest.reset': reset,
  'guest.grow': grow,
  'guest.snapshot': snapshot,
  'guest.revert': revert,
  'guest.forget': forget,
  'guest.check': check,
  'guest.swap': swap,
  'guest.attach': attach,
  'guest.detach': detach,
  'host.reboot': rebootHost,
  'guest.mend': mend,
  'guest.unmend': unmend,
  'image.mend': mendCopy,
}
