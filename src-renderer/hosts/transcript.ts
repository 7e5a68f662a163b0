import type { CheckupPhase, CheckupStep } from '../../src-shared/models/checkup'
import type { HostSettings } from '../../src-shared/models/host'

import { whereOf } from './where'

/** The transcript of a test as text, for a bug report or a colleague. Holds nothing secret. */
export function transcriptText(
  settings: HostSettings,
  steps: ReadonlyMap<CheckupPhase, CheckupStep>,
  titles: Record<CheckupPhase, string>,
): string {
  const lines = [...steps.values()].flatMap(({ phase, state, found, hint, problem, tookMs }) => [
    `[${state}] ${titles[phase]}${tookMs === undefined ? '' : ` (${tookMs} ms)`}`,
    ...[...found, ...(hint ? [hint] : []), ...(problem ? [`${problem.title}: ${problem.detail}`, problem.hint] : [])].map(
      (line) => `  ${line}`,
    ),
  ])
  return [`Connection to ${settings.name}, ${whereOf(settings)}`, ...lines, ''].join('\n')
}
