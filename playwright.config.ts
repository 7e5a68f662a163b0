import { defineConfig } from '@playwright/test'

const minuteMs = 60_000

export default defineConfig({
  outputDir: 'test-results/playwright',
  forbidOnly: true,
  retries: 0,
  // Two cores carry one browser with its servers without false time-outs.
  workers: 1,
  use: {
    viewport: { width: 1440, height: 900 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      // Debian's Chromium: Playwright's own build is never downloaded.
      executablePath: process.env.DOMDECK_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        // Chromium's sandbox cannot be set up by root.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    {
      name: 'browser',
      // A whole file anew; what passed only then is named at the end of the run.
      retries: 1,
      testDir: 'e2e/browser',
      testMatch: '**/*.spec.ts',
      timeout: minuteMs,
      expect: { timeout: 15_000 },
      // To record each test costs two fifths of all its work, and a failure is recorded when it comes again.
      use: { actionTimeout: 15_000, trace: 'on-first-retry' },
    },
    { name: 'desktop', testDir: 'e2e/desktop', testMatch: '**/*.spec.ts' },
    // A Debian guest takes half a minute to its login prompt under emulation.
    {
      name: 'lab',
      testDir: 'e2e/lab',
      testMatch: '**/*.spec.ts',
      // Twelve guests at once want a machine that does nothing else.
      testIgnore: process.env.DOMDECK_FULL === '1' ? [] : ['**/consoles.spec.ts'],
      timeout: 15 * minuteMs,
      expect: { timeout: 3 * minuteMs },
    },
  ],
})
