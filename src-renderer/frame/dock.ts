import { create } from 'zustand'

/** A tab of the dock: the consoles, which are always there, the jobs, the bases, the settings, or the page of one host. */
export type DockTab =
  | { kind: 'consoles' }
  | { kind: 'jobs' }
  | { kind: 'bases' }
  | { kind: 'settings' }
  | { kind: 'host'; hostId: string }

/** Identity of a tab. */
export function tabId(tab: DockTab): string {
  return tab.kind === 'host' ? `host:${tab.hostId}` : tab.kind
}

type Dock = { tabs: readonly DockTab[]; active: string }

const consoles: DockTab = { kind: 'consoles' }
export const emptyDock: Dock = { tabs: [consoles], active: tabId(consoles) }

/** The dock with this tab opened, if it was not, and in front. */
export function openTab(dock: Dock, tab: DockTab): Dock {
  const id = tabId(tab)
  const known = dock.tabs.some((one) => tabId(one) === id)
  return { tabs: known ? dock.tabs : [...dock.tabs, tab], active: id }
}

/** The dock without a host's page; its neighbour comes to the front. */
export function closeTab(dock: Dock, id: string): Dock {
  const index = dock.tabs.findIndex((tab) => tabId(tab) === id)
  if (index < 1) return dock
  const tabs = dock.tabs.toSpliced(index, 1)
  const neighbour = tabs[Math.min(index, tabs.length - 1)] ?? consoles
  return { tabs, active: dock.active === id ? tabId(neighbour) : dock.active }
}

type DockState = Dock & {
  /** The part of a host page to show first, by host id. */
  hostTab: ReadonlyMap<string, string>
  /** The part of the settings that is shown. */
  settingsPart: string
  showConsoles(): void
  showJobs(): void
  showBases(): void
  /** Opens the settings, at one part of them if it is named. */
  showSettings(part?: string): void
  showHost(hostId: string, part?: string): void
  setHostTab(hostId: string, part: string): void
  activate(id: string): void
  close(id: string): void
}

/** What is open in the centre of the page. */
export const useDock = create<DockState>((set) => ({
  ...emptyDock,
  hostTab: new Map(),
  settingsPart: 'appearance',
  showConsoles: () => set((dock) => openTab(dock, consoles)),
  showJobs: () => set((dock) => openTab(dock, { kind: 'jobs' })),
  showBases: () => set((dock) => openTab(dock, { kind: 'bases' })),
  showSettings: (part) => set((dock) => ({ ...openTab(dock, { kind: 'settings' }), settingsPart: part ?? dock.settingsPart })),
  showHost: (hostId, part) =>
    set((dock) => ({
      ...openTab(dock, { kind: 'host', hostId }),
      ...(part ? { hostTab: new Map(dock.hostTab).set(hostId, part) } : {}),
    })),
  setHostTab: (hostId, part) => set((dock) => ({ hostTab: new Map(dock.hostTab).set(hostId, part) })),
  activate: (active) => set({ active }),
  close: (id) => set((dock) => closeTab(dock, id)),
}))
