import type { ConsoleMark } from '../../src-shared/models/console'
import { Icon } from '../ui'
import { markWords } from './marks'

/** Trouble that nobody has looked at yet, on a tab or in the tree. */
export function MarkIcon({ mark }: { mark: ConsoleMark }) {
  return (
    <span className="red mark-i" title={`${markWords(mark)}: ${mark.line}`}>
      <Icon name="alert" size="s" />
      <span className="sr">{markWords(mark)}</span>
    </span>
  )
}
