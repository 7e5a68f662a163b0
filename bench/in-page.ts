/// <reference lib="dom" />
// Functions that run in the page: each is sent there as text, so it uses nothing from around it. Those that return `{ result }` watch
// from the moment they return.

/**
 * The time, in epoch milliseconds, when the tree no longer shows this guest as alive (`gone`), or shows it as alive (`alive`).
 * Looks at every change of the document.
 */
export function whenGuest({ name, is }: { name: string; is: 'alive' | 'gone' }): { result: Promise<number> } {
  const holds = (): boolean => {
    const cell = [...document.querySelectorAll('[role=treeitem] .nm')].find((one) => one.getAttribute('title') === name)
    const row = cell?.closest('[role=treeitem]')
    return (row !== undefined && row !== null && !row.classList.contains('dim')) === (is === 'alive')
  }
  const result = new Promise<number>((resolve) => {
    const look = (): void => {
      if (!holds()) return
      changes.disconnect()
      resolve(Date.now())
    }
    const changes = new MutationObserver(look)
    changes.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
    look()
  })
  return { result }
}

/**
 * Milliseconds from the next press of Enter until the consoles of these guests have each printed a flood and show their prompts again.
 * Looks once a frame.
 */
export function flooding({ prompts }: { prompts: Record<string, string> }): { result: Promise<number> } {
  const waiting = Object.entries(prompts).map(([name, prompt]) => ({
    rows: document.querySelector(`section[aria-label="Console ${name}"] .xterm-rows`),
    prompt,
    flooded: false,
  }))
  const lastText = (rows: Element | null): string => {
    for (let row = rows?.lastElementChild; row; row = row.previousElementSibling) {
      const text = (row.textContent ?? '').replaceAll('\u00a0', ' ').trim()
      if (text !== '') return text
    }
    return ''
  }
  const result = new Promise<number>((resolve) => {
    window.addEventListener(
      'keydown',
      ({ timeStamp }) => {
        const look = (): void => {
          for (const one of [...waiting]) {
            const text = lastText(one.rows)
            one.flooded ||= /^[0-9a-f]+$/.test(text)
            if (one.flooded && text === one.prompt) waiting.splice(waiting.indexOf(one), 1)
          }
          if (waiting.length === 0) resolve(performance.now() - timeStamp)
          else requestAnimationFrame(look)
        }
        look()
      },
      { capture: true, once: true },
    )
  })
  return { result }
}

/** Frames a second for so long. */
export function drawing({ ms }: { ms: number }): { result: Promise<number> } {
  const result = new Promise<number>((resolve) => {
    let frames = 0
    let began = 0
    const frame = (now: number): void => {
      began ||= now
      if (now - began >= ms) {
        resolve((frames * 1000) / (now - began))
        return
      }
      frames += 1
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  return { result }
}

type BareTerminal = { open(place: HTMLElement): void; write(bytes: Uint8Array, parsed?: () => void): void }

/** Puts a bare xterm.js with the options of a console into an empty page. */
export function openBare(options: { cols: number; rows: number; fontFamily: string }): void {
  const page = window as unknown as { Terminal: new (options: object) => BareTerminal; bare: BareTerminal }
  page.bare = new page.Terminal({ ...options, scrollback: 5000, fontSize: 11, lineHeight: 1.24 })
  page.bare.open(document.body.appendChild(document.createElement('div')))
}

/** Milliseconds that the bare xterm.js takes to parse this many bytes of the same text, given all at once. */
export async function bareFlood(bytes: number): Promise<number> {
  const { bare } = window as unknown as { bare: BareTerminal }
  const line = `${'0123456789abcdef'.repeat(4).slice(0, 62)}\r\n`
  const piece = new TextEncoder().encode(line.repeat(16_384 / line.length))
  const pieces = Math.round(bytes / piece.length)
  const began = performance.now()
  await new Promise<void>((resolve) => {
    for (let at = 1; at < pieces; at++) bare.write(piece)
    bare.write(piece, resolve)
  })
  return performance.now() - began
}

/** Milliseconds from the next key to its letter on the console of a guest, as drawn. */
export function echoing({ name, key }: { name: string; key: string }): { result: Promise<number> } {
  const rows = document.querySelector(`section[aria-label="Console ${name}"] .xterm-rows`)
  if (!rows) throw new Error(`There is no console of ${name}.`)
  const typed = (): number => (rows.textContent ?? '').split(key).length
  const before = typed()
  const result = new Promise<number>((resolve) => {
    window.addEventListener(
      'keydown',
      ({ timeStamp }) => {
        const changes = new MutationObserver(() => {
          if (typed() === before) return
          changes.disconnect()
          resolve(performance.now() - timeStamp)
        })
        changes.observe(rows, { subtree: true, childList: true, characterData: true })
      },
      { capture: true, once: true },
    )
  })
  return { result }
}

/** The font of an element. */
export function fontOf(element: Element): string {
  return getComputedStyle(element).fontFamily
}

/** Whether this is the last line with text on the console of a guest. */
export function isLastLine({ name, text }: { name: string; text: string }): boolean {
  const rows = [...document.querySelectorAll(`section[aria-label="Console ${name}"] .xterm-rows > div`)]
  return rows.map((row) => (row.textContent ?? '').replaceAll('\u00a0', ' ').trim()).findLast((line) => line !== '') === text
}

/** Milliseconds of the longest time that the page needed to answer itself, for `ms`, or until something matches `until`. */
export function longestPause({ until, ms }: { until: string; ms: number }): { result: Promise<number> } {
  const { port1, port2 } = new MessageChannel()
  const began = performance.now()
  let asked = began
  let longest = 0
  const result = new Promise<number>((resolve) => {
    port2.onmessage = () => {
      const now = performance.now()
      longest = Math.max(longest, now - asked)
      if (until === '' ? now - began > ms : document.querySelector(until)) {
        port1.close()
        resolve(longest)
        return
      }
      // A few milliseconds in between: to ask without a pause would itself keep the page busy.
      setTimeout(() => {
        asked = performance.now()
        port1.postMessage(undefined)
      }, 4)
    }
    port1.postMessage(undefined)
  })
  return { result }
}

/** The time, in epoch milliseconds, when the head of the page counts this many hosts and running guests: those of hosts that are connected. */
export function whenCounted({ hosts, running }: { hosts: number; running: number }): { result: Promise<number> } {
  const text = `${hosts} hosts·${running.toLocaleString('en')} guests running`
  const result = new Promise<number>((resolve) => {
    const look = (): void => {
      if (document.querySelector('.top .conn')?.textContent !== text) return
      changes.disconnect()
      resolve(Date.now())
    }
    const changes = new MutationObserver(look)
    changes.observe(document.body, { subtree: true, childList: true, characterData: true })
    look()
  })
  return { result }
}

/** A number of guests beside the name of a host in the tree, from `at` on (epoch milliseconds). */
export type Count = { host: string; guests: number; at: number }

/** Notes every number of guests beside the names of hosts, until it is stopped. Looks at every change of the tree. */
export function counting(): { stop(): Count[] } {
  const counts: Count[] = []
  const last = new Map<string, number>()
  const look = (): void => {
    for (const row of document.querySelectorAll('[role=treeitem].host')) {
      const host = row.querySelector('.nm')?.getAttribute('title')?.split(':')[0] ?? ''
      const guests = Number(row.querySelector('.ct')?.textContent ?? Number.NaN)
      if (Number.isNaN(guests) || last.get(host) === guests) continue
      last.set(host, guests)
      counts.push({ host, guests, at: Date.now() })
    }
  }
  const changes = new MutationObserver(look)
  const tree = document.querySelector('[role=tree]')
  if (!tree) throw new Error('There is no tree.')
  changes.observe(tree, { subtree: true, childList: true, characterData: true })
  look()
  return {
    stop: () => {
      changes.disconnect()
      return counts
    },
  }
}

/** Frames a second while the tree is scrolled down `step` pixels each frame, and back when it ends. */
export function scrolling({ ms, step }: { ms: number; step: number }): { result: Promise<number> } {
  const tree = document.querySelector('[role=tree]')
  if (!tree) throw new Error('There is no tree.')
  const bottom = tree.scrollHeight - tree.clientHeight
  const result = new Promise<number>((resolve) => {
    let frames = 0
    let top = tree.scrollTop
    let direction = 1
    let began = 0
    const frame = (now: number): void => {
      began ||= now
      if (now - began >= ms) {
        resolve((frames * 1000) / (now - began))
        return
      }
      frames += 1
      top += direction * step
      if (top < 0 || top > bottom) direction = -direction
      // Not read again: that would make the browser lay the page out once more.
      tree.scrollTop = top
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  return { result }
}
