import type { HostSettings } from '../../src-shared/models/host'
import type { OperationCall } from '../../src-shared/operations'
import { ProblemError, toProblem } from '../../src-shared/problem'
import type { Attendant } from '../jobs/jobs'
import { pipe } from '../ssh/pipe'
import type { Argv } from '../ssh/quote'
import type { RemoteProcess } from '../ssh/remote-process'
import feedScript from './feed-copy.sh?raw'
import serveScript from './serve-copy.sh?raw'

/** What a copy needs of the host that has the generation. */
export type CopyHost = {
  readonly settings: HostSettings
  readonly connection: { phase: string }
  stream(argv: Argv): Promise<RemoteProcess>
}

/**
 * Feeds the copies of bases that are started here, from hosts of this Domdeck. Before the start: NOT_FOUND when the host that has the base is
 * none of them, HOST_NOT_READY when it is not connected, BAD_INPUT when it is the one that the base goes to.
 */
export function attendCopies(hostOf: (hostId: string) => CopyHost): Attendant {
  return (to, call) => {
    if (call.operation !== 'image.copy') return undefined
    const from = hostOf(call.input.from.hostId)
    const { name } = from.settings
    if (from.settings.id === to.settings.id) {
      throw new ProblemError('BAD_INPUT', `${name} cannot copy a base from itself.`, { hint: 'Choose another host.' })
    }
    if (from.connection.phase !== 'ready')
      throw new ProblemError('HOST_NOT_READY', `${name}, which has the base, is not connected.`)
    // How it ends is for the job to say.
    return (jobId) => void feedCopy(from, to, call.input, jobId)
  }
}

/**
 * Joins the job of a copy to the host that has the generation: what the job asks for goes there, and what comes of it goes to the job. Nothing of it is
 * kept here. Resolves when the job wants no more, or a connection is lost; then the job says what is missing.
 */
export async function feedCopy(
  from: Pick<CopyHost, 'settings' | 'stream'>,
  to: Pick<CopyHost, 'stream'>,
  { base, generation, sha256 }: Extract<OperationCall, { operation: 'image.copy' }>['input'],
  jobId: string,
): Promise<void> {
  const receiver = await to.stream(['sh', '-c', feedScript, 'feed-copy.sh', jobId]).catch(() => undefined)
  if (!receiver) return
  try {
    const serve: Argv = ['sh', '-c', serveScript, 'serve-copy.sh', from.settings.storageRoot, base, String(generation), sha256]
    const server = await from.stream(serve)
    pipe(receiver, server)
    pipe(server, receiver)
    server.exited.finally(() => receiver.end()).catch(() => undefined)
    await receiver.exited.finally(() => server.close())
  } catch (thrown) {
    // As serve-copy.sh would say it, in a frame of 128 bytes.
    const frame = Buffer.alloc(128, ' ')
    frame.write(`fail ${toProblem(thrown).detail}`, 0, 127)
    frame.write('\n', 127)
    receiver.write(frame)
    receiver.end()
  }
}
