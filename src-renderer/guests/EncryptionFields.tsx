import type { Generation } from '../../src-shared/models/base'
import { type CloneRequest, noEncryption } from '../../src-shared/operations'
import { Checkbox, Field } from '../ui'
import { NumberStepper } from '../ui/NumberStepper'
import { sizeFor } from './clone-form'

type EncryptionFieldsProps = {
  request: CloneRequest
  base: Generation
  error: string | undefined
  change(part: Partial<CloneRequest>): void
}

/** What the guests encrypt for themselves. Where that cannot be, it says why and what helps. */
export function EncryptionFields({ request, base, error, change }: EncryptionFieldsProps) {
  const { mode, encrypted = false, swapMb } = request
  const refused = refusal(request, base)
  return (
    <Field
      label="Encryption"
      error={error}
      help={
        refused ??
        [encrypted && layerWords[mode === 'overlay' ? 'overlay' : 'throwaway'], swapMb && swapWords].filter(Boolean).join(' ')
      }
    >
      <div className="ln">
        <Checkbox
          checked={encrypted}
          disabled={refused !== undefined && !encrypted}
          onChange={(on) =>
            change({ encrypted: on, ...(mode === 'throwaway' ? { layerMb: sizeFor(mode, request.memoryMb, base, on) } : {}) })
          }
        >
          Layer
        </Checkbox>
        <Checkbox
          checked={swapMb !== undefined}
          disabled={refused !== undefined && swapMb === undefined}
          onChange={(on) => change({ swapMb: on ? request.memoryMb : undefined })}
        >
          Swap
        </Checkbox>
        {swapMb !== undefined && (
          <NumberStepper
            label="Swap"
            unit="MB"
            value={swapMb}
            min={16}
            keepsTyped
            step={64}
            invalid={error !== undefined}
            onChange={(next) => change({ swapMb: next })}
          />
        )}
      </div>
    </Field>
  )
}

const layerWords = {
  overlay:
    'Each guest asks on its console for a passphrase: at its first boot for a new one, twice. It is never on the host; whoever loses it loses the layer.',
  throwaway: 'The layer is on a disk instead of RAM, with a new key at each boot: what was on it is gone.',
}
const swapWords = 'Swap has a new key at each boot.'

/** What is chosen stays in reach, for its check says the same. */
function refusal({ mode }: CloneRequest, { base, generation, encryption }: Generation): string | undefined {
  if (noEncryption(mode) !== undefined) return 'Only overlay and throwaway guests have encrypted disks.'
  if (encryption) return undefined
  return `The initrd of ${base} generation ${generation} cannot encrypt. Edit the base, install cryptsetup-bin in the draft, and publish it.`
}
