import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rollupOptions: {
        input: { electron: 'src-main/electron.ts', serve: 'src-main/serve.ts', simulated: 'lab/simulated/main.ts' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload must be one CommonJS file.
      rollupOptions: { input: { index: 'src-preload/index.ts' }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: 'src-renderer',
    // In Electron the page is loaded from a file, in the browser from /: relative addresses serve both.
    base: './',
    build: {
      outDir: 'out/renderer',
      emptyOutDir: true,
      minify: true,
      // One file, read from this machine: nothing is gained by parts.
      chunkSizeWarningLimit: 2000,
      rollupOptions: { input: 'src-renderer/index.html' },
    },
    plugins: [react()],
  },
})
