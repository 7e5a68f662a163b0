import type { JobHost } from './job-host'

/** Ids of jobs that hosts told of. While one look at a host is under way the next ones gather, so that many are one question. */
export class Announcements {
  readonly #gathered = new Map<string, Set<string>>()

  constructor(private readonly look: (host: JobHost, jobIds: readonly string[]) => Promise<void>) {}

  add(host: JobHost, jobId: string): void {
    const hostId = host.settings.id
    const gathered = this.#gathered.get(hostId)
    if (gathered) gathered.add(jobId)
    else {
      this.#gathered.set(hostId, new Set([jobId]))
      void this.#lookUp(host)
    }
  }

  async #lookUp(host: JobHost): Promise<void> {
    const hostId = host.settings.id
    for (let ids = this.#gathered.get(hostId); ids && ids.size > 0; ids = this.#gathered.get(hostId)) {
      this.#gathered.set(hostId, new Set())
      // A lost link: all its jobs are looked up when the host is ready again.
      await this.look(host, [...ids]).catch(() => undefined)
    }
    this.#gathered.delete(hostId)
  }
}
