import spaceScript from './space.sh?raw'

/** The words `space_look` and `space_for` for scripts that run on dom0: room under the storage root. See space.sh. */
export const space = spaceScript
