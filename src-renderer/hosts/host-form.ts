import { z } from 'zod'
import { type HostSettings, hostSettingsSchema } from '../../src-shared/models/host'

/** What the form of a host holds while one types. */
export type HostForm = {
  name: string
  address: string
  port: string
  user: string
  keyPath: string
  jump: string
  storageRoot: string
  legacyAlgorithms: boolean
}

export type NewHost = Omit<HostSettings, 'id' | 'simulated'>

export const firstHostForm: HostForm = {
  name: '',
  address: '',
  port: '',
  user: '',
  keyPath: '',
  jump: '',
  storageRoot: '/srv/domdeck',
  legacyAlgorithms: false,
}

/** The form of a host that is there. */
export function hostFormOf({ name, address, port, user, keyPath, jump, storageRoot, legacyAlgorithms }: HostSettings): HostForm {
  return {
    name,
    address,
    port: port === undefined ? '' : String(port),
    user: user ?? '',
    keyPath: keyPath ?? '',
    jump: jump ?? '',
    storageRoot,
    legacyAlgorithms: legacyAlgorithms ?? false,
  }
}

const portWords = 'A port is a number from 1 to 65535.'

const newHostSchema = hostSettingsSchema.omit({ id: true, simulated: true }).extend({
  port: z
    .string()
    .regex(/^\d{1,5}$/, portWords)
    .transform(Number)
    .refine((port) => port >= 1 && port <= 65535, portWords)
    .optional(),
  name: z.string().trim().min(1, 'Enter a name for the host.').max(64, 'A name has at most 64 characters.'),
  // A path on the workstation, which may have any form its system has; ~ is expanded by the main side.
  keyPath: z.string().max(4096, 'A path has at most 4096 characters.').optional(),
})

/** Why the form cannot be sent, by field, or the host that it means. An empty name is the address; what else is empty is left to `~/.ssh/config`. */
export function readHostForm(
  form: HostForm,
  takenNames: readonly string[],
): { host: NewHost; errors?: undefined } | { host?: undefined; errors: Partial<Record<keyof HostForm, string>> } {
  const { name, address, storageRoot, legacyAlgorithms, ...optional } = form
  const typed = Object.entries(optional).flatMap(([field, text]) => (text.trim() ? [[field, text.trim()]] : []))
  const parsed = newHostSchema.safeParse({
    ...Object.fromEntries(typed),
    address,
    storageRoot,
    name: name.trim() || address.trim() || name,
    ...(legacyAlgorithms ? { legacyAlgorithms } : {}),
  })
  const errors: Partial<Record<keyof HostForm, string>> = {}
  for (const issue of parsed.error?.issues ?? []) {
    const field = issue.path[0] as keyof HostForm
    errors[field] ??= issue.message
  }
  // An empty address is said once, not again as an empty name.
  if (errors.address && form.name.trim() === '') delete errors.name
  if (parsed.success && takenNames.includes(parsed.data.name)) errors.name = `There is a host named ${parsed.data.name} already.`
  if (!parsed.success || Object.keys(errors).length > 0) return { errors }
  return { host: parsed.data }
}
