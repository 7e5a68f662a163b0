import { defineConfig } from 'vitest/config'

/** `npm run test:full` */
const full = process.env.DOMDECK_FULL === '1'
const node = { environment: 'node' as const, testTimeout: 20_000 }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...node,
          name: 'unit',
          include: ['src-*/**/*.test.{ts,tsx}', 'lab/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['**/*.integration.test.ts'],
        },
      },
      {
        test: {
          ...node,
          name: 'integration',
          include: ['src-*/**/*.integration.test.ts', 'lab/**/*.integration.test.ts'],
          testTimeout: 60_000,
          // Real servers and processes: two cores carry one file at a time without false time-outs.
          fileParallelism: false,
        },
      },
      {
        test: {
          ...node,
          name: 'lab',
          include: ['e2e/lab/**/*.lab.test.ts'],
          // They take four minutes and more each; what they are made of is shown on simulated hosts in every run.
          exclude: full
            ? []
            : ['consoles', 'copies', 'dom0-boot', 'encryption', 'health', 'hook', 'shells', 'stacks', 'two-hosts'].map(
                (name) => `e2e/lab/${name}.lab.test.ts`,
              ),
          // Guests boot under emulation, and power cuts take a boot of dom0.
          testTimeout: 15 * 60_000,
          hookTimeout: 10 * 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
