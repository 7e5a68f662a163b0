const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** An amount of bytes as people say it: `640 MB`, `1.4 GB`; binary steps, one digit below ten. */
export function sizeWords(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit > 0 && value < 9.95 && Math.abs(value - Math.round(value)) >= 0.05 ? 1 : 0
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** Memory in MB as people say it: `512 MB`, `2 GB`. */
export function memoryWords(megabytes: number): string {
  return sizeWords(megabytes * 1024 * 1024)
}

/** A span in its largest fitting unit: `40 s`, `3 min`, `5 h`, `41 days`. */
export function spanWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min`
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} h`
  return `${Math.floor(whole / 86400)} days`
}

/** Wall-clock time of a moment in the reader's zone: `14:02`. */
export function clockWords(epochMs: number): string {
  return new Date(epochMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}

/** Day of a moment in the reader's zone: `21 Nov`; with the year when it is another than now. */
export function dayWords(epochMs: number, nowMs = Date.now()): string {
  const date = new Date(epochMs)
  const year = date.getFullYear() === new Date(nowMs).getFullYear() ? {} : { year: 'numeric' as const }
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...year })
}

/** A moment in little room: `21 Nov 15:33`; of another year the day alone, `9 Oct 2025`. */
export function momentWords(epochMs: number, nowMs = Date.now()): string {
  const day = dayWords(epochMs, nowMs)
  return new Date(epochMs).getFullYear() === new Date(nowMs).getFullYear() ? `${day} ${clockWords(epochMs)}` : day
}

/** `1 guest`, `3 guests`, `1,204 guests`. */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** An operating system in short: `Debian GNU/Linux 12 (bookworm)` is `Debian 12`. */
export function systemWords(name: string): string {
  return name.replace(' GNU/Linux', '').replace(/ \(.*\)$/, '')
}
