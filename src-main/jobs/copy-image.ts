import { space } from '../host/space'
import copyScript from './copy-image.sh?raw'

/** The words `copy_image`, `copy_file` and `need_room` for jobs, with those about room that they need. See copy-image.sh. */
export const copyImage = [space, copyScript].join('\n')
