import type { ConsoleStatus, GuestLogin } from '../../src-shared/models/console'
import { Questions } from '../host/questions'
import type { Sessions } from '../host/sessions'
import { withAsk } from '../ssh/answers'
import { HostKeyError } from '../ssh/trust'
import type { ConsoleHost } from './reader'
import type { ShellOpener } from './shell-source'

/**
 * SSH into a guest through its dom0: a forwarded channel of the host's connection, with a host key check and a login of its own. What
 * was answered is remembered for as long as the pane is open.
 */
export function guestLogin(guestId: string, guestName: () => string, { address, port, user }: GuestLogin): ShellOpener {
  let say: (status: ConsoleStatus) => void = () => undefined
  let sessions: Sessions | undefined
  const questions = new Questions({
    hostId: guestId,
    hostName: guestName,
    keychain: undefined,
    onAsk: (question) => say({ state: 'asking', question }),
  })
  return {
    async open(host, size, options) {
      say = options.say
      const { signal } = options
      const answers = withAsk(questions.answers, async (asked) => {
        signal.throwIfAborted()
        return questions.answers.ask(asked)
      })
      try {
        const dialled = await host.dialGuest(guestId, { name: guestName(), address, port, user }, { signal, answers })
        if (signal.aborted) {
          dialled.close()
          signal.throwIfAborted()
        }
        // A guest that is paused, or whose host is silent, says nothing for as long; the channel ends when the host's connection does.
        dialled.onSilence(() => undefined)
        sessions = dialled
        const terminal = await dialled.terminal({ size }, { signal })
        // One shell a login: with it goes the connection.
        const leave = () => dialled.close()
        terminal.exited.then(leave, leave)
        return terminal
      } catch (thrown) {
        sessions?.close()
        questions.drop()
        throw withWords(thrown, host, guestName())
      }
    },
    answer: (questionId, answers) => questions.answer(questionId, answers),
    close() {
      questions.forget()
      sessions?.close()
    },
  }
}

/** A key that differs is often a guest that was made anew. */
function withWords(thrown: unknown, host: ConsoleHost, name: string): unknown {
  if (!(thrown instanceof HostKeyError)) return thrown
  const { keyCode, presented, problem } = thrown
  const hint =
    keyCode === 'HOST_KEY_UNKNOWN'
      ? `Compare it on the console of ${name}: \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\`. Then trust it.`
      : `If ${name} was reset or made anew on ${host.settings.name}, remove its old key in Host keys and open the shell again. If not, somebody may be listening in.`
  return new HostKeyError(keyCode, problem.detail, presented, hint)
}
