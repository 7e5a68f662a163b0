/** Secrets by name, as the questions of a login name them. */
export type Secrets = Readonly<Record<string, string>>

/** Where answers outlive the app; the desktop shell has one (`desktop/keychain.ts`), the browser shell never. */
export type Keychain = {
  /** Why nothing can be kept there now, in a sentence, or undefined. */
  refusal(): string | undefined
  read(hostId: string): Promise<Secrets>
  /** All secrets of the host from now on; none removes it. */
  write(hostId: string, secrets: Secrets): Promise<void>
}
