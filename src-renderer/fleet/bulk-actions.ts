import type { Bulk } from '../../src-shared/models/bulk'
import { currentClient } from '../api/page'
import { attempt } from '../frame/notices'
import type { BulkPlan } from './bulk-acts'

/** Begins a bulk; the main side runs it from then on. */
export function startBulk(title: string, { acts }: BulkPlan): void {
  void attempt(title, async () => currentClient().bulk.start({ title, acts }))
}

/** Drops what still waits. */
export function cancelRest({ id, title }: Bulk): void {
  void attempt(`Cancel the rest of: ${title}`, async () => currentClient().bulk.cancel({ id }))
}

/** Queues what failed once more. */
export function retryFailed({ id, title }: Bulk): void {
  void attempt(`Try again: ${title}`, async () => currentClient().bulk.retry({ id }))
}

/** Takes an ended bulk off the page, everywhere. */
export function dismissBulk({ id, title }: Bulk): void {
  void attempt(`Dismiss: ${title}`, async () => currentClient().bulk.dismiss({ id }))
}
