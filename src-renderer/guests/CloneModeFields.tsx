import type { ClonePlan } from '../../src-shared/contract/guests'
import type { Generation } from '../../src-shared/models/base'
import { type CloneMode, type CloneRequest, cloneModeSchema, hasOwnRoot, leastDiskMb } from '../../src-shared/operations'
import { Field, Segmented } from '../ui'
import { NumberStepper } from '../ui/NumberStepper'
import { Select } from '../ui/Select'
import { bytes, inMode } from './clone-form'
import { modeNames } from './modes'

const modeWords: Record<CloneMode, string> = {
  overlay: 'Each guest writes to its own layer; the base stays untouched.',
  throwaway: 'What a guest writes stays in its RAM until shutdown; the base is untouched.',
  copy: 'Each guest has the whole base as a disk of its own, with kernel and initrd, and needs the base no more.',
  reflink: 'A full copy in no time, which shares its blocks with the base until they are written to.',
  thin: 'Each guest has a volume in a thin pool that shares its blocks with the base until they are written to.',
  qcow2: 'Each guest writes to a qcow2 file backed by the base, through qemu; the base stays untouched.',
}

const sizeWords: Record<CloneMode, string> = {
  overlay: 'sparse, ext4, kept after shutdown',
  throwaway: 'at most, out of its memory',
  copy: 'sparse',
  reflink: 'sparse',
  thin: 'thinly provisioned',
  qcow2: 'grows as it is written to',
}

const encryptedWords: Partial<Record<CloneMode, string>> = {
  overlay: 'sparse, LUKS2, kept after shutdown',
  throwaway: 'sparse, forgotten at each boot',
}

type CloneModeFieldsProps = {
  request: CloneRequest
  base: Generation
  /** Of the last plan; before it, every mode is offered. */
  plan: Pick<ClonePlan, 'refusedModes' | 'pools' | 'input'> | undefined
  error: string | undefined
  change(part: Partial<CloneRequest>): void
}

/** How the guests are made of their base, and how large what they write to may become. A mode that the host cannot do says why. */
export function CloneModeFields({ request, base, plan, error, change }: CloneModeFieldsProps) {
  const refused = plan?.refusedModes ?? {}
  const { mode, encrypted } = request
  const sizeLabel = hasOwnRoot(mode) ? 'Disk' : 'Layer'
  return (
    <>
      <Field
        label="Mode"
        help={
          <>
            {mode === 'throwaway' && encrypted
              ? 'What a guest writes stays until shutdown; the base is untouched.'
              : modeWords[mode]}
            {Object.keys(refused).length > 0 && (
              <ul className="cannot" aria-label="Modes that this host cannot do">
                {cloneModeSchema.options.map(
                  (one) =>
                    refused[one] !== undefined && (
                      <li key={one}>
                        {modeNames[one]}: {refused[one]}
                      </li>
                    ),
                )}
              </ul>
            )}
          </>
        }
      >
        <Segmented
          label="Mode"
          size="s"
          value={mode}
          options={cloneModeSchema.options.map((value) => ({
            value,
            label: modeNames[value],
            // What is chosen stays in reach, for its check says the rest.
            disabled: refused[value] !== undefined && value !== mode,
            title: refused[value],
          }))}
          onChange={(next) => change(inMode(request, next, base))}
        />
      </Field>
      {mode === 'thin' && plan && plan.pools.length > 0 && (
        <Field label="Thin pool">
          <Select
            label="Thin pool"
            icon="layers"
            value={request.pool ?? plan.input.pool ?? ''}
            options={plan.pools.map(({ name, freeBytes }) => ({ value: name, label: name, more: `${bytes(freeBytes)} free` }))}
            onChange={(pool) => change({ pool })}
          />
        </Field>
      )}
      <Field label={sizeLabel} error={error}>
        <div className="ln">
          <NumberStepper
            label={sizeLabel}
            unit="MB"
            value={request.layerMb}
            min={hasOwnRoot(mode) ? leastDiskMb(base.sizeBytes) : 16}
            keepsTyped
            step={mode === 'throwaway' && !encrypted ? 16 : 256}
            invalid={error !== undefined}
            onChange={(layerMb) => change({ layerMb })}
          />
          <span className="f2">
            {encrypted ? encryptedWords[mode] : sizeWords[mode]}
            {hasOwnRoot(mode) && `, the base has ${bytes(base.sizeBytes)}`}
          </span>
        </div>
      </Field>
    </>
  )
}
