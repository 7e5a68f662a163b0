import type { AnyAuthMethod, AuthHandlerMiddleware, ParsedKey, Prompt } from 'ssh2'
import { ProblemError } from '../../src-shared/problem'
import { type Answers, mostAttempts, tryAnswers } from './answers'
import { type Candidate, type Credentials, KeySigner } from './auth'
import { sentence } from './errors'
import type { Hop } from './jump'
import { type LockedKey, openKey } from './key-file'
import { quoteArg } from './quote'
import type { UsableKey } from './signature'

export type LoginParts = {
  credentials: Credentials
  hop: Pick<Hop, 'host' | 'user' | 'address' | 'port'>
  /** Without it nobody is asked for anything. */
  answers: Answers | undefined
  /** Ends the dial with this error. */
  fail(error: Error): void
}

/** Ssh2's authentication handler, and the problem to report when the host has refused all that there was. */
export type Login = {
  handler: AuthHandlerMiddleware
  refused(why: 'all' | 'too many'): ProblemError
  /** Once we are in: the key that alone was enough, if one was. */
  key(): UsableKey | undefined
}

/** How the host took an offer. ssh2 keeps its answer to an agent's key to itself: then `left` is undefined. */
type Refusal = { left: readonly string[] | undefined; partial: boolean }

/** What a host may ask for in one round; more is not a login. */
const mostPrompts = 16

/**
 * One login: the keys first, each once, then what a person types, in OpenSSH's order (ssh_config(5),
 * PreferredAuthentications). After a partial success it goes on with what the host still wants (AuthenticationMethods).
 */
export function createLogin({ credentials, hop, answers, fail }: LoginParts): Login {
  const { user, host } = hop
  const tried: string[] = []
  let accepted: readonly string[] = []
  let typed: 'passwords' | 'answers' | undefined
  let send: Parameters<AuthHandlerMiddleware>[2] = () => undefined
  let settle: ((refusal: Refusal) => void) | undefined
  /** The key under way, and whether something else was asked for besides. */
  let offered: Candidate | undefined
  let partial = false

  /** Resolves when the host has refused the offer, or wants more after it; never when it lets us in. */
  const offer = async (method: AnyAuthMethod): Promise<Refusal> => {
    const refusal = await new Promise<Refusal>((resolve) => {
      settle = resolve
      send(method)
    })
    accepted = refusal.left ?? accepted
    offered = undefined
    partial ||= refusal.partial
    return refusal
  }

  const offerSigner = async (signer: KeySigner, left: Refusal['left']): Promise<Refusal['left']> => {
    await offer({ type: 'agent', username: user, agent: signer })
    // It signed, so the key is one that the host takes, and yet we are not in: the host wants more, and says what when asked.
    partial ||= signer.signed
    return signer.signed ? undefined : left
  }

  const offerKey = async (candidate: Candidate, left: Refusal['left']): Promise<Refusal['left']> => {
    tried.push(candidate.label)
    offered = candidate
    switch (candidate.kind) {
      case 'private':
        return (await offer({ type: 'publickey', username: user, key: candidate.key })).left
      case 'agent': {
        const { agent, publicKey } = candidate
        return offerSigner(new KeySigner(publicKey, (key, data, options, done) => agent.sign(key, data, options, done)), left)
      }
      case 'locked': {
        const { file } = candidate
        if (file.publicKey) return offerSigner(lockedSigner(file, file.publicKey), left)
        const key = await unlock(file)
        return key ? (await offer({ type: 'publickey', username: user, key })).left : left
      }
    }
  }

  /** Asks for the passphrase when the host would take the key, never for a key that it would refuse. */
  const lockedSigner = (file: LockedKey, publicKey: ParsedKey): KeySigner =>
    new KeySigner(publicKey, (_key, data, { hash }, done) => {
      unlock(file).then((key) => {
        const signature = key?.sign(data, hash) ?? new Error(`${file.path} was left out`)
        if (signature instanceof Error) done(signature)
        else done(null, signature)
      }, fail)
    })

  const unlock = async (file: LockedKey): Promise<ParsedKey | undefined> => {
    const { path } = file
    if (!answers) return undefined
    const open = (passphrase: string): boolean => {
      const key = openKey(file, passphrase)
      if (key) answers.openedKeys.set(path, key)
      return key !== undefined
    }
    if (!answers.openedKeys.has(path)) {
      const question = {
        kind: 'passphrase' as const,
        secret: `passphrase of ${path}`,
        title: `Passphrase of ${path}`,
        instruction: `${sentence(host)} takes this key. Leave the field empty to go on without it.`,
        fields: [{ prompt: 'Passphrase', echo: false }],
      }
      const outcome = await tryAnswers(answers, question, 'This passphrase does not open the key.', open)
      if (outcome === 'refused') throw wrongPassphrase(path, host)
    }
    return answers.openedKeys.get(path)
  }

  const askPassword = async (person: Answers): Promise<Refusal['left']> => {
    let last: Refusal = { left: accepted, partial: false }
    await tryAnswers(person, passwordQuestion(hop), refusedWords(host), async (password) => {
      typed = 'passwords'
      last = await offer({ type: 'password', username: user, password })
      return last.partial
    })
    return last.left
  }

  /** One keyboard-interactive attempt of any number of rounds. */
  const askPrompts = async (person: Answers, attempt: number) => {
    let asked = false
    let remembered = false
    const answerRound = async (instruction: string, prompts: readonly Prompt[]): Promise<string[]> => {
      if (prompts.length > mostPrompts)
        throw new ProblemError('UNEXPECTED_OUTPUT', `${host} asks for ${prompts.length} answers at once.`, { context: { host } })
      const again = attempt > 1 && !asked ? { problem: refusedWords(host) } : {}
      const fields = prompts.map(({ prompt, echo }) => ({ prompt: plain(prompt) || 'Answer', echo: echo ?? false }))
      // A second one in the same attempt is another secret.
      if (!remembered && isPasswordPrompt(fields)) {
        typed = 'passwords'
        const question = passwordQuestion(hop)
        const kept = person.recall(question.secret)
        remembered = true
        if (kept !== undefined) return [kept]
        asked = true
        return person.ask({ ...question, attempt, ...again })
      }
      typed = 'answers'
      const said = plain(instruction)
      asked = true
      return person.ask({
        kind: 'prompts',
        title: `${sentence(host)} asks ${user} to log in`,
        ...(said ? { instruction: said } : {}),
        fields,
        attempt,
        ...again,
      })
    }
    const refusal = await offer({
      type: 'keyboard-interactive',
      username: user,
      prompt: (name, instructions, _language, prompts, finish) => {
        answerRound([name, instructions].filter(Boolean).join('\n'), prompts).then(finish, fail)
      },
    })
    // Which of several rounds was wrong, the host does not say.
    if (remembered && !refusal.partial) person.forget(passwordQuestion(hop).secret)
    return { refusal, asked, prompted: asked || remembered }
  }

  const run = async (): Promise<void> => {
    const keys = credentials.candidates.filter(({ kind }) => answers || kind !== 'locked')
    let left: Refusal['left']
    let attempts = 0
    let prompting = true
    let password = true
    for (;;) {
      const key = left === undefined || left.includes('publickey') ? keys.shift() : undefined
      if (key) left = await offerKey(key, left)
      else if (left === undefined) left = (await offer({ type: 'none', username: user })).left ?? []
      else if (answers && prompting && left.includes('keyboard-interactive')) {
        const { refusal, asked, prompted } = await askPrompts(answers, attempts + 1)
        left = refusal.left
        if (asked) attempts++
        prompting = prompted && attempts < mostAttempts
        // The same password by another method would be asked for as often again.
        if (prompted && !refusal.partial) password = false
      } else if (answers && password && left.includes('password')) {
        password = false
        left = await askPassword(answers)
      } else return
    }
  }

  return {
    handler: (methodsLeft, partial, next) => {
      send = next
      const resolve = settle
      settle = undefined
      // ssh2's own way to give up (client.js, doNextAuth); its types leave it out.
      if (!resolve) run().then(() => send(false as unknown as 'none'), fail)
      else resolve({ left: methodsLeft ?? undefined, partial: partial ?? false })
    },
    key: () => {
      if (!offered || partial) return undefined
      if (offered.kind === 'agent') return { key: offered.publicKey, agent: offered.agent }
      const key = offered.kind === 'private' ? offered.key : answers?.openedKeys.get(offered.file.path)
      return key && { key }
    },
    refused: (why) => refusedProblem({ credentials, user, host, tried, accepted, typed, asks: answers !== undefined }, why),
  }
}

/** The end of a login, in words: what was tried, what stands in the way, what the host would take. */
function refusedProblem(
  given: {
    credentials: Credentials
    user: string
    host: string
    tried: readonly string[]
    accepted: readonly string[]
    typed: 'passwords' | 'answers' | undefined
    asks: boolean
  },
  why: 'all' | 'too many',
): ProblemError {
  const { credentials, user, host, tried, accepted, typed, asks } = given
  const { agent, candidates, certificates } = credentials
  const locked = asks ? [] : candidates.filter(({ kind }) => kind === 'locked')
  const needs = 'needs a passphrase, and the SSH agent does not hold it'
  const unusable = [...credentials.unusable, ...locked.map(({ label }) => ({ path: label, missing: false, reason: needs }))]
  const [first] = unusable
  const [certificate] = certificates
  const takes = accepted.length > 0 ? `The host accepts: ${accepted.join(', ')}.` : ''
  const withCertificate = certificate
    ? `Beside the key is a certificate, ${certificate}; Domdeck cannot present certificates, nor use those of an agent.`
    : ''
  const context = { host }
  if (typed) {
    const detail = `${host} does not let ${user} in: it refused the ${typed}.`
    const hint =
      'Check the user name and what you typed, then connect again. After too many tries the host may lock the user out.'
    return new ProblemError('AUTH_FAILED', detail, { context, hint })
  }
  const refusals = tried.length > 0 ? `refused ${tried.join(', ')}` : 'was offered no key'
  if (first) {
    const others = tried.length > 0 ? `${host} ${refusals}.` : ''
    const detail = [`The key ${first.path} ${first.reason}.`, others, agent, withCertificate, takes].filter(Boolean).join(' ')
    return new ProblemError('KEY_UNREADABLE', detail, {
      hint: first.missing
        ? 'Correct the path of the key in the settings of this host.'
        : `Load it into your agent with \`ssh-add ${quoteArg(first.path)}\`, or name another key for this host.`,
      context,
    })
  }
  const detail = [`${host} does not let ${user} in: it ${refusals}.`, agent, withCertificate, takes].filter(Boolean).join(' ')
  const hint =
    why === 'too many'
      ? 'The host allows no more attempts (MaxAuthTries): name the key to use in the settings of this host.'
      : certificate && 'Put the public key itself into authorized_keys on the host, or use a key that is there already.'
  return new ProblemError('AUTH_FAILED', detail, { context, ...(hint ? { hint } : {}) })
}

function wrongPassphrase(path: string, host: string): ProblemError {
  return new ProblemError('KEY_UNREADABLE', `None of ${mostAttempts} passphrases opened the key ${path}.`, {
    hint: `Connect again to try once more, or load the key into your agent with \`ssh-add ${quoteArg(path)}\`.`,
    context: { host },
  })
}

/** Named by the account: neither a jump host nor where an alias leads tomorrow may be offered the password of another. */
const passwordQuestion = ({ user, host, address, port }: LoginParts['hop']) => ({
  kind: 'password' as const,
  secret: `password of ${user}@${address}:${port}`,
  title: `Password of ${user} on ${host}`,
  fields: [{ prompt: 'Password', echo: false }],
})

const refusedWords = (host: string) => `${sentence(host)} refused this.`

/** What PAM asks when it wants the password: not a one-time password, and not a new one. */
const isPasswordPrompt = (fields: readonly { prompt: string; echo: boolean }[]): boolean =>
  fields.length === 1 && fields[0]?.echo === false && /^(\([^)]*\) ?|\S+'s )?password( for \S+)?:?$/i.test(fields[0].prompt)

/** What a host says, as one plain text: it is not trusted with control characters or with the length of a page. */
const plain = (text: string): string =>
  text
    .replace(/[^\P{C}\n]/gu, ' ')
    .trim()
    .slice(0, 500)
