import { defineConfig } from 'vite'

/** Builds the page into what the function `city` serves; every address is relative, so that any prefix will do. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    target: 'es2022',
    emptyOutDir: true,
    // MapLibre alone is more than Vite's default.
    chunkSizeWarningLimit: 1100,
  },
})
