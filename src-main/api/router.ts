import { hostname, userInfo } from 'node:os'
import { implement } from '@orpc/server'
import { contract } from '../../src-shared/contract'
import { ProblemError } from '../../src-shared/problem'
import { lookAtBoot } from '../boot/look'
import { planHostBoot } from '../boot/plan-host-boot'
import type { ConsoleLane } from '../consoles/lane'
import type { Domdeck } from '../domdeck'
import { compareGuest } from '../guests/compare'
import { layerFiles, lookAtLayer } from '../guests/layer-look'
import { listLogs, readLog } from '../guests/logs'
import { planBoot } from '../guests/plan-boot'
import { planClone } from '../guests/plan-clone'
import { planMend } from '../guests/plan-mend'
import { planMigrate } from '../guests/plan-migrate'
import { planSwap } from '../guests/plan-swap'
import { lookAtHealth } from '../health/look'
import { findWay } from '../images/copy-way'
import { planBootImage } from '../images/plan-boot-image'
import { planImport } from '../images/plan-import'
import { findLeftovers } from '../storage/leftovers'
import { contractErrors, withContractErrors } from './problems'

/** The window of a page, where it is ours: `hide` until these keys are pressed again. */
export type PageWindow = { hide(keys: string): void }

/** What a call knows besides its input: the app, and the console lane and window of the page that calls. */
export type CallContext = { domdeck: Domdeck; lane: ConsoleLane; window: PageWindow | undefined }

const api = implement(contract).$context<CallContext>().use(contractErrors)

/** An event iterator of the contract: failures become problems, and it ends when the page goes. */
const streamed = <T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> => withContractErrors(source)

/** Who is at this Domdeck, for the journals of the hosts. */
const who = () => ({ by: userInfo().username, from: hostname() })

/** The contract bound to the rooms. Handlers only translate; what they do lives in the rooms. */
export const router = api.router({
  fleet: {
    watch: api.fleet.watch.handler(({ context, signal }) => streamed(context.domdeck.fleet.watch(signal))),
  },
  hosts: {
    add: api.hosts.add.handler(({ context, input }) => context.domdeck.addHost(input)),
    update: api.hosts.update.handler(({ context, input }) => context.domdeck.updateHost(input.hostId, input.settings)),
    remove: api.hosts.remove.handler(({ context, input }) => context.domdeck.removeHost(input.hostId)),
    arrange: api.hosts.arrange.handler(({ context, input }) => context.domdeck.arrangeHosts(input.hosts)),
    resolveConfig: api.hosts.resolveConfig.handler(({ context, input }) => context.domdeck.resolveConfig(input.address)),
    connect: api.hosts.connect.handler(({ context, input }) => context.domdeck.fleet.get(input.hostId).connect()),
    disconnect: api.hosts.disconnect.handler(({ context, input }) => context.domdeck.fleet.get(input.hostId).disconnect()),
    answer: api.hosts.answer.handler(({ context, input }) =>
      context.domdeck.fleet.get(input.hostId).answer(input.questionId, input.answers, input.remember),
    ),
    leftovers: api.hosts.leftovers.handler(({ context, input }) => findLeftovers(context.domdeck.fleet.get(input.hostId))),
    test: api.hosts.test.handler(({ context, input, signal }) =>
      streamed(context.domdeck.fleet.get(input.hostId).checkUp(signal)),
    ),
    trust: api.hosts.trust.handler(({ context, input }) => context.domdeck.fleet.trust(input.hostId, input.fingerprint)),
  },
  guests: {
    planMigrate: api.guests.planMigrate.handler(({ context, input }) => {
      const { fleet } = context.domdeck
      return planMigrate(fleet.get(input.hostId), fleet.get(input.toHostId), input.guestId)
    }),
    compare: api.guests.compare.handler(({ context, input }) =>
      compareGuest(context.domdeck.fleet.get(input.hostId), input.guestId),
    ),
    logs: api.guests.logs.handler(({ context, input }) => listLogs(context.domdeck.fleet.get(input.hostId), input.guestId)),
    readLog: api.guests.readLog.handler(({ context, input, signal }) =>
      streamed(readLog(context.domdeck.fleet.get(input.hostId), input, signal ?? new AbortController().signal)),
    ),
    layer: api.guests.layer.handler(({ context, input }) => lookAtLayer(context.domdeck.fleet.get(input.hostId), input.guestId)),
    layerFiles: api.guests.layerFiles.handler(({ context, input }) =>
      layerFiles(context.domdeck.fleet.get(input.hostId), input.guestId),
    ),
    planBoot: api.guests.planBoot.handler(({ context, input }) =>
      planBoot(context.domdeck.fleet.get(input.hostId), input.guestId, input.boot),
    ),
    planMend: api.guests.planMend.handler(({ context, input }) =>
      planMend(context.domdeck.fleet.get(input.hostId), input.source),
    ),
    planSwap: api.guests.planSwap.handler(({ context, input: { hostId, ...request } }) =>
      planSwap(context.domdeck.fleet.get(hostId), request),
    ),
    planClone: api.guests.planClone.handler(({ context, input }) =>
      planClone(context.domdeck.fleet.get(input.hostId), input.request, context.domdeck.takenMacs()),
    ),
  },
  images: {
    planBoot: api.images.planBoot.handler(({ context, input }) =>
      planBootImage(context.domdeck.fleet.get(input.hostId), input.call),
    ),
    planImport: api.images.planImport.handler(({ context, input }) =>
      planImport(context.domdeck.fleet.get(input.hostId), input.input),
    ),
    planCopy: api.images.planCopy.handler(async ({ context, input: { hostId, fromHostId, reach } }) => {
      const { fleet } = context.domdeck
      const { direct, words } = await findWay(fleet.get(fromHostId), fleet.get(hostId), reach)
      return { direct: direct !== undefined, words }
    }),
  },
  boot: {
    look: api.boot.look.handler(async ({ context, input }) => (await lookAtBoot(context.domdeck.fleet.get(input.hostId))).boot),
    plan: api.boot.plan.handler(({ context, input }) => planHostBoot(context.domdeck.fleet.get(input.hostId), input.request)),
  },
  health: {
    look: api.health.look.handler(({ context, input }) => lookAtHealth(context.domdeck.fleet.get(input.hostId))),
  },
  jobs: {
    preview: api.jobs.preview.handler(({ context, input }) =>
      context.domdeck.jobs.preview(context.domdeck.fleet.get(input.hostId), input.call),
    ),
    start: api.jobs.start.handler(({ context, input }) =>
      context.domdeck.jobs.start(context.domdeck.fleet.get(input.hostId), input.call, who()),
    ),
    watch: api.jobs.watch.handler(({ context, signal }) => streamed(context.domdeck.jobs.watch(signal))),
    log: api.jobs.log.handler(({ context, input, signal }) =>
      streamed(context.domdeck.jobs.log(context.domdeck.fleet.get(input.hostId), input.jobId, signal)),
    ),
    script: api.jobs.script.handler(async ({ context, input }) => ({
      standalone: await context.domdeck.jobs.script(context.domdeck.fleet.get(input.hostId), input.jobId),
    })),
    detail: api.jobs.detail.handler(({ context, input }) =>
      context.domdeck.jobs.detail(context.domdeck.fleet.get(input.hostId), input.jobId),
    ),
    audit: api.jobs.audit.handler(({ context, input: { hostId, ...range } }) =>
      context.domdeck.jobs.audit(context.domdeck.fleet.get(hostId), range),
    ),
    cancel: api.jobs.cancel.handler(({ context, input }) =>
      context.domdeck.jobs.cancel(context.domdeck.fleet.get(input.hostId), input.jobId, who()),
    ),
    recover: api.jobs.recover.handler(({ context, input }) =>
      context.domdeck.jobs.recover(context.domdeck.fleet.get(input.hostId), input.jobId, who()),
    ),
    history: api.jobs.history.handler(({ context, input }) =>
      context.domdeck.jobs.history(context.domdeck.fleet.get(input.hostId)),
    ),
  },
  bulk: {
    start: api.bulk.start.handler(({ context, input }) =>
      context.domdeck.bulks.start(input.title, input.acts, { by: userInfo().username, from: hostname() }),
    ),
    watch: api.bulk.watch.handler(({ context, signal }) => streamed(context.domdeck.bulks.watch(signal))),
    cancel: api.bulk.cancel.handler(({ context, input }) => context.domdeck.bulks.cancel(input.id)),
    retry: api.bulk.retry.handler(({ context, input }) => context.domdeck.bulks.retry(input.id)),
    dismiss: api.bulk.dismiss.handler(({ context, input }) => context.domdeck.bulks.dismiss(input.id)),
  },
  consoles: {
    attach: api.consoles.attach.handler(({ context, input, signal }) =>
      streamed(context.domdeck.consoles.attach(context.lane, input, signal)),
    ),
    takeWriter: api.consoles.takeWriter.handler(({ context, input }) =>
      context.domdeck.consoles.takeWriter(context.lane, input.stream),
    ),
    evict: api.consoles.evict.handler(({ context, input }) =>
      context.domdeck.consoles.evict(context.lane, input.stream, input.pid),
    ),
    resize: api.consoles.resize.handler(({ context, input: { stream, ...size } }) =>
      context.domdeck.consoles.resize(context.lane, stream, size),
    ),
    answer: api.consoles.answer.handler(({ context, input }) =>
      context.domdeck.consoles.answer(context.lane, input.stream, input.questionId, input.answers),
    ),
    trust: api.consoles.trust.handler(({ context, input }) =>
      context.domdeck.consoles.trust(context.lane, input.stream, input.fingerprint),
    ),
    addresses: api.consoles.addresses.handler(({ context, input }) =>
      context.domdeck.consoles.addresses(input.hostId, input.guestId),
    ),
    paste: api.consoles.paste.handler(({ context, input, signal }) =>
      context.domdeck.consoles.paste(context.lane, input.stream, input.text, signal),
    ),
    record: api.consoles.record.handler(({ context, input: { stream, input, ...size } }) =>
      context.domdeck.consoles.record(context.lane, stream, size, input),
    ),
    stopRecording: api.consoles.stopRecording.handler(({ context, input }) =>
      context.domdeck.consoles.stopRecording(context.lane, input.stream),
    ),
    watch: api.consoles.watch.handler(({ context, input }) =>
      context.domdeck.consoles.watch(context.lane, input.stream, input.watch),
    ),
    dismissMark: api.consoles.dismissMark.handler(({ context, input }) =>
      context.domdeck.consoles.dismissMark(context.lane, input.stream),
    ),
  },
  recordings: {
    list: api.recordings.list.handler(({ context }) => context.domdeck.recordings.list()),
    read: api.recordings.read.handler(({ context, input }) => streamed(context.domdeck.recordings.read(input.name))),
    remove: api.recordings.remove.handler(({ context, input }) => context.domdeck.recordings.remove(input.name)),
  },
  sequences: {
    check: api.sequences.check.handler(({ context, input }) => context.domdeck.sequences.check(input.sequence)),
    run: api.sequences.run.handler(({ context, input }) => context.domdeck.sequences.start(input, context.lane)),
    watch: api.sequences.watch.handler(({ context, signal }) => streamed(context.domdeck.sequences.watch(signal))),
    cancel: api.sequences.cancel.handler(({ context, input }) => context.domdeck.sequences.cancel(input.id, input.guestId)),
    dismiss: api.sequences.dismiss.handler(({ context, input }) => context.domdeck.sequences.dismiss(input.id)),
  },
  settings: {
    preferences: api.settings.preferences.handler(({ context }) => context.domdeck.settings.preferences()),
    savePreferences: api.settings.savePreferences.handler(({ context, input }) =>
      context.domdeck.settings.savePreferences(input),
    ),
    about: api.settings.about.handler(({ context }) => context.domdeck.about()),
    hideWindow: api.settings.hideWindow.handler(({ context: { window }, input }) => {
      if (!window) throw new ProblemError('BAD_INPUT', 'A browser lets no page hide its window: only the desktop app can.')
      window.hide(input.keys)
    }),
    crashes: api.settings.crashes.handler(({ context }) => [...context.domdeck.crashes.list()]),
    reportCrash: api.settings.reportCrash.handler(({ context, input }) =>
      context.domdeck.crashes.keep('page', Object.assign(new Error(), input)),
    ),
    deleteCrashes: api.settings.deleteCrashes.handler(({ context }) => context.domdeck.crashes.clear()),
  },
  trust: {
    list: api.trust.list.handler(({ context }) => context.domdeck.listTrust()),
    remove: api.trust.remove.handler(({ context, input }) => context.domdeck.trust.remove(input)),
  },
  localLab: {
    status: api.localLab.status.handler(({ context }) => context.domdeck.localLab.status()),
    start: api.localLab.start.handler(({ context, signal }) => streamed(context.domdeck.localLab.start(signal))),
    simulate: api.localLab.simulate.handler(({ context, input }) => streamed(context.domdeck.localLab.simulate(input))),
  },
})
