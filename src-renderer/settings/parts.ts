/** The parts of the settings page, in order. */
export const settingsParts = [
  { id: 'appearance', title: 'Appearance' },
  { id: 'consoles', title: 'Consoles' },
  { id: 'keys', title: 'Keys' },
  { id: 'notifications', title: 'Notifications' },
  { id: 'hosts', title: 'Hosts' },
  { id: 'files', title: 'Files' },
] as const
