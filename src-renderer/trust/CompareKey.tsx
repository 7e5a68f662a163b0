import { useState } from 'react'
import { Icon, TextInput } from '../ui'
import { type Comparison, compareKey } from './compare'

const words: Record<Comparison, { tone: 'green' | 'red' | 'f2'; text: string }> = {
  equal: { tone: 'green', text: 'Equal: it is this key.' },
  differs: { tone: 'red', text: 'Not equal: it is another key. Do not trust it before you know why.' },
  'other type': { tone: 'f2', text: 'That is a key of another type. Paste the line of the same type.' },
  nothing: { tone: 'f2', text: 'No whole fingerprint in this. Paste the line that ssh-keygen -lf printed.' },
}

/** A field for what the host itself printed, and whether it is this key. */
export function CompareKey(props: { keyType: string; fingerprint: string; md5?: string; publicKey?: string }) {
  const { keyType, fingerprint, md5, publicKey } = props
  const [text, setText] = useState('')
  const result = compareKey({ keyType, fingerprint, ...(md5 ? { md5 } : {}), ...(publicKey ? { key: publicKey } : {}) }, text)
  return (
    <div className="compare">
      <TextInput
        label="Compare"
        mono
        value={text}
        onChange={setText}
        placeholder="Paste what ssh-keygen -lf printed on the host"
      />
      <p className={words[result].tone} role="status">
        {text.trim() !== '' && (
          <>
            {result !== 'nothing' && <Icon name={result === 'equal' ? 'check' : 'alert'} size="s" />}
            {words[result].text}
          </>
        )}
      </p>
    </div>
  )
}
