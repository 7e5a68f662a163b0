import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { recordingNameSchema, recordingSchema } from '../models/recording'
import { procedure } from './base'

const recordingRef = z.object({ name: recordingNameSchema })

export const recordingsContract = {
  /** Newest first. */
  list: procedure.output(z.array(recordingSchema)),
  /** The text of one, in pieces. */
  read: procedure.input(recordingRef).output(eventIterator(z.string())),
  remove: procedure.input(recordingRef),
}
