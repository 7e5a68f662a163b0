/** Keys of a shortcut, written `Ctrl+K`. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="keys">
      {keys.split('+').map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  )
}

/** Several shortcuts that do the same; those that are off here are grey. */
export function KeyList({ keys, isOff = () => false }: { keys: readonly string[]; isOff?(keys: string): boolean }) {
  if (keys.length === 0) return <span className="f3">none</span>
  return (
    <span className="key-list">
      {keys.map((one) => (
        <span key={one} className={isOff(one) ? 'off' : undefined}>
          <Kbd keys={one} />
        </span>
      ))}
    </span>
  )
}
