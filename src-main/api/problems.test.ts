import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { type ContractRouterClient, eventIterator } from '@orpc/contract'
import { implement, ORPCError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { afterEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { procedure } from '../../src-shared/contract/base'
import { type Duplex, type Message, splitDuplex } from '../../src-shared/duplex'
import { ProblemError } from '../../src-shared/problem'
import { contractErrors, withContractErrors } from './problems'

afterEach(() => vi.restoreAllMocks())

/** Two ends of one wire, in order and asynchronous as a socket is. */
function wire(): [Duplex, Duplex] {
  const ends = [0, 1].map(() => ({ message: [] as ((message: Message) => void)[], close: [] as (() => void)[] }))
  const end = (own: number): Duplex => ({
    send: (message) => queueMicrotask(() => ends[1 - own]?.message.forEach((listener) => void listener(message))),
    onMessage: (listener) => void ends[own]?.message.push(listener),
    onClose: (listener) => void ends[own]?.close.push(listener),
  })
  return [end(0), end(1)]
}

const sample = {
  name: procedure.input(z.object({ name: z.string().regex(/^[a-z]/, 'A name starts with a letter.') })).output(z.string()),
  lose: procedure,
  count: procedure.output(eventIterator(z.number())),
}

function client(): ContractRouterClient<typeof sample> {
  const [server, page] = wire()
  const api = implement(sample).use(contractErrors)
  const router = api.router({
    name: api.name.handler(({ input }) => {
      if (input.name === 'bug') throw new TypeError('x is not a function')
      return input.name
    }),
    lose: api.lose.handler(() => {
      throw new ProblemError('CONNECTION_LOST', 'The link to dom0 closed.')
    }),
    count: api.count.handler(() =>
      withContractErrors(
        (async function* () {
          yield 1
          throw new ProblemError('BUSY', 'web-01 is being cloned.')
        })(),
      ),
    ),
  })
  new RPCHandler(router).upgrade(splitDuplex(server).rpc)
  return createORPCClient(new RPCLink({ port: splitDuplex(page).rpc }))
}

async function problemOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call
  } catch (thrown) {
    if (thrown instanceof ORPCError && thrown.code === 'PROBLEM') return thrown.data
    throw thrown
  }
  throw new Error('The call did not fail.')
}

it('carries a problem to the page whole', async () => {
  expect(await problemOf(client().lose())).toMatchObject({
    code: 'CONNECTION_LOST',
    detail: 'The link to dom0 closed.',
    hint: expect.stringContaining('reconnects'),
  })
})

it('tells a person why input was refused, in the words of the schema', async () => {
  expect(await problemOf(client().name({ name: '$(reboot)' }))).toMatchObject({
    code: 'BAD_INPUT',
    detail: 'A name starts with a letter. (name)',
  })
  expect(await client().name({ name: 'web-01' })).toBe('web-01')
})

it('calls a mistake of ours a mistake, and logs it', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  expect(await problemOf(client().name({ name: 'bug' }))).toMatchObject({ code: 'INTERNAL', detail: 'x is not a function' })
  expect(log).toHaveBeenCalledOnce()
})

it('ends a stream with its problem, after what came before', async () => {
  const seen: number[] = []
  const read = (async () => {
    for await (const value of await client().count()) seen.push(value)
  })()
  expect(await problemOf(read)).toMatchObject({ code: 'BUSY', detail: 'web-01 is being cloned.' })
  expect(seen).toEqual([1])
})
