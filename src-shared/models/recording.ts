import { z } from 'zod'

/** The name of a file in the folder of recordings: nothing in it leads out of there. */
export const recordingNameSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*\.cast$/, 'This is not the name of a recording.')

/** A recording on the workstation. */
export const recordingSchema = z.object({
  name: recordingNameSchema,
  /** What was recorded; the name of the file where its head cannot be read. */
  title: z.string(),
  /** Milliseconds since 1970; missing where the head of the file does not say. */
  startedAt: z.number().optional(),
  /** When something was written last. */
  endedAt: z.number(),
  sizeBytes: z.number(),
  /** It is being written. */
  running: z.boolean(),
})
export type Recording = z.infer<typeof recordingSchema>

/** The recording of a console that goes on now. */
export const runningRecordingSchema = z.object({
  since: z.number(),
  /** Whether what is typed is recorded, too. */
  input: z.boolean(),
})
export type RunningRecording = z.infer<typeof runningRecordingSchema>
