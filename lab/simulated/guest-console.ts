import type { Socket } from 'node:net'
import { StringDecoder } from 'node:string_decoder'
import { bootLog } from './boot-log'
import { type GuestSelf, runGuestCommand } from './guest-shell'

/** `hvc0` of one running pretend guest. */
export type GuestConsole = {
  /** One reader at a time; the lock of xenconsole sees to that. It gets what was printed while nobody read. */
  attach(socket: Socket): void
  /** The kernel panics; the console stays. */
  panic(): void
  /** The domain is gone: the reader's stream ends. `how` if it went by itself, asked to from outside. */
  end(how?: 'reboot' | 'poweroff'): void
}

/** xenconsoled keeps console/limit bytes for a console that nobody reads. */
const backlogLimit = 1_048_576

/**
 * Makes the console of a guest that was booted `self.upSeconds()` ago: what it printed until now waits for the first
 * reader, the rest of the boot appears in its time. `stop` is called when the guest's own user reboots or powers it off.
 */
export function createGuestConsole(self: GuestSelf, stop: (how: 'reboot' | 'poweroff') => void): GuestConsole {
  let reader: Socket | undefined
  let backlog: string[] = []
  let backlogLength = 0
  let mode: 'booting' | 'login' | 'password' | 'shell' | 'flood' | 'dead' = 'booting'
  let typed = ''
  let pumping = false
  let flood: { chunk: string; left: number; encoding: 'latin1' | 'utf8' } | undefined
  const timers = new Set<NodeJS.Timeout>()

  function emit(text: string): void {
    self.log?.(text)
    if (reader) {
      reader.write(text)
      return
    }
    backlog.push(text)
    backlogLength += text.length
    while (backlogLength > backlogLimit) backlogLength -= backlog.shift()?.length ?? backlogLength
  }

  function prompt(): void {
    typed = ''
    if (mode === 'shell') emit(`root@${self.name}:~# `)
    else {
      mode = 'login'
      emit(`${self.name} login: `)
    }
  }

  // Prints as fast as the reader takes it, one piece at a time, and stands still while there is no reader.
  function pump(): void {
    if (!flood || !reader || pumping) return
    if (flood.left <= 0) {
      flood = undefined
      mode = 'shell'
      prompt()
      return
    }
    const text = flood.chunk.repeat(Math.max(1, Math.floor(Math.min(16_384, flood.left) / flood.chunk.length)))
    flood.left -= text.length
    pumping = true
    self.log?.(text)
    reader.write(text, flood.encoding, (error) => {
      pumping = false
      // A reader that is gone fails every piece at once: to go on would never let anything else run.
      if (!error) pump()
    })
  }

  function sayGoodbye(how: 'reboot' | 'poweroff'): void {
    const second = self.upSeconds().toFixed(6).padStart(12)
    emit(`[\u001b[0;32m  OK  \u001b[0m] Reached target ${how === 'reboot' ? 'System Reboot' : 'System Power Off'}.\r\n`)
    emit(`[${second}] reboot: ${how === 'reboot' ? 'Restarting system' : 'Power down'}\r\n`)
  }

  function enter(line: string): void {
    emit('\r\n')
    if (mode === 'login') {
      if (line === '') {
        prompt()
        return
      }
      mode = 'password'
      typed = ''
      emit('Password: ')
      return
    }
    if (mode === 'password') {
      mode = 'shell'
      emit(
        `Linux ${self.name} ${self.kernel}\r\n\r\nThis guest is simulated: no machine runs behind this console. Type help.\r\n`,
      )
      prompt()
      return
    }
    const answer = runGuestCommand(line, self)
    switch (answer.do) {
      case 'print':
        emit(answer.text.replaceAll('\n', '\r\n'))
        prompt()
        return
      case 'clear':
        emit('\u001b[H\u001b[2J')
        prompt()
        return
      case 'logout':
        mode = 'login'
        emit('logout\r\n\r\n')
        prompt()
        return
      case 'flood':
        mode = 'flood'
        flood = { chunk: answer.chunk, left: answer.bytes, encoding: answer.encoding ?? 'utf8' }
        pump()
        return
      case 'reboot':
      case 'poweroff':
        mode = 'dead'
        sayGoodbye(answer.do)
        stop(answer.do)
        return
    }
  }

  function key(letter: string): void {
    if (mode === 'booting' || mode === 'dead') return
    if (letter === '\u0003') {
      flood = undefined
      if (mode === 'flood' || mode === 'shell') mode = 'shell'
      emit('^C\r\n')
      prompt()
      return
    }
    if (mode === 'flood') return
    if (letter === '\r' || letter === '\n') enter(typed)
    else if (letter === '\u0004' && typed === '' && mode === 'shell') enter('exit')
    else if (letter === '\u0015') {
      if (mode !== 'password') emit('\b \b'.repeat([...typed].length))
      typed = ''
    } else if (letter === '\u007f' || letter === '\b') {
      if (typed !== '' && mode !== 'password') emit('\b \b')
      typed = [...typed].slice(0, -1).join('')
    } else if (letter >= ' ' || letter === '\t') {
      typed += letter
      if (mode !== 'password') emit(letter)
    }
  }

  // One reading of the clock, and the prompt with the line before it: waits of their own might end in another order.
  const up = self.upSeconds()
  const lines = bootLog(self)
  for (const line of lines) {
    later(line.at - up, () => {
      emit(line.text)
      if (line === lines.at(-1) && mode === 'booting') prompt()
    })
  }

  function later(wait: number, act: () => void): void {
    if (wait <= 0) {
      act()
      return
    }
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, wait * 1000)
    timers.add(timer)
  }

  return {
    attach(socket) {
      // The holder before was killed so fast that its wire still stands.
      reader?.destroy()
      reader = socket
      const decoder = new StringDecoder('utf8')
      for (const text of backlog) socket.write(text)
      backlog = []
      backlogLength = 0
      socket.on('data', (bytes) => {
        for (const letter of decoder.write(Buffer.from(bytes))) key(letter)
      })
      socket.on('close', () => {
        if (reader === socket) reader = undefined
      })
      pump()
    },
    panic() {
      // The host tells of its state again and again.
      if (mode === 'dead') return
      mode = 'dead'
      flood = undefined
      const at = self.upSeconds().toFixed(6).padStart(12)
      emit(`\r\n[${at}] Kernel panic - not syncing: Fatal exception (simulated)\r\n[${at}] Kernel Offset: disabled\r\n`)
    },
    end(how) {
      if (how && mode !== 'dead') {
        emit('\r\n')
        sayGoodbye(how)
      }
      for (const timer of timers) clearTimeout(timer)
      mode = 'dead'
      flood = undefined
      reader?.end()
    },
  }
}
