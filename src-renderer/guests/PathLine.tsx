import { KeyValue } from '../ui'

/** A line of the inspector with a path that may be longer than its column. */
export function PathLine({ name, path }: { name: string; path: string }) {
  return (
    <KeyValue name={name} mono>
      <span className="path" title={path}>
        {/* The end of a path tells more than its beginning; the mark keeps it from being shown backwards. */}
        {`\u200e${path}`}
      </span>
    </KeyValue>
  )
}
