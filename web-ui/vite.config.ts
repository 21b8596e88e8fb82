import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** Where `npm run dev` finds a running tlsfleet (or the mock server). */
const backend = process.env.TLSFLEET_URL ?? 'http://127.0.0.1:8090';

export default defineConfig({
  plugins: [react()],
  // the server says below which path it is reached
  base: './',
  build: {
    // The content policy allows no data: script and no inline module preload.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // light-dark() is left as it is
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    chunkSizeWarningLimit: 900,
  },
  server: { host: '127.0.0.1', proxy: { '/api': backend, '/openapi.json': backend, '/metrics': backend } },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    testTimeout: 20_000,
  },
});
