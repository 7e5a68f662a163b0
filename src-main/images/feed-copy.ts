import type { OperationCall } from '../../src-shared/operations'
import { ProblemError, toProblem } from '../../src-shared/problem'
import type { Attendant } from '../jobs/jobs'
import { pipe } from '../ssh/pipe'
import type { Argv } from '../ssh/quote'
import type { RemoteProcess } from '../ssh/remote-process'
import { type CopyHost, findWay, lendTo } from './copy-way'
import feedScript from './feed-copy.sh?raw'
import serveScript from './serve-copy.sh?raw'

/**
 * Feeds the copies of bases that are started here, from hosts of this Domdeck. Before the start: NOT_FOUND when the host that has the base is
 * none of them, HOST_NOT_READY when it is not connected, BAD_INPUT when it is the one that the base goes to.
 */
export function attendCopies(hostOf: (hostId: string) => CopyHost): Attendant {
  return (host, call) => {
    if (call.operation !== 'image.copy') return undefined
    const from = hostOf(call.input.from.hostId)
    const to = hostOf(host.settings.id)
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
 * Joins the job of a copy to the host that has the generation: what the job asks for goes there, and what comes of it goes to the job; by an `ssh` of the host
 * that copies where `findWay` finds that it can, else through here, where nothing is kept. Resolves when the job wants no more, or a connection is lost; then
 * the job says what is missing.
 */
export async function feedCopy(
  from: CopyHost,
  to: CopyHost,
  { base, generation, sha256, from: { reach } }: Extract<OperationCall, { operation: 'image.copy' }>['input'],
  jobId: string,
): Promise<void> {
  const serve: Argv = ['sh', '-c', serveScript, 'serve-copy.sh', from.settings.storageRoot, base, String(generation), sha256]
  const { words, direct } = await findWay(from, to, reach)
  const feed: Argv = ['sh', '-c', feedScript, 'feed-copy.sh', jobId, words]
  try {
    if (!direct) return await feedThrough(await to.stream(feed), () => from.stream(serve))
    const { root, command, close } = await lendTo(to, direct, serve)
    await root.run([...feed, ...command]).finally(close)
  } catch {
    // What the job waits for does not come: it says so.
  }
}

async function feedThrough(receiver: RemoteProcess, serve: () => Promise<RemoteProcess>): Promise<void> {
  try {
    const server = await serve()
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
