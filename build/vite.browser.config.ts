/**
 * The renderer alone, with hot reload, in a browser: `PENTIMENTO_HOST=http://127.0.0.1:PORT npm run dev:browser`, where
 * a headless workbench listens on PORT; then open the address that Vite prints with `#token=...` of that workbench.
 */
import { defineConfig, type UserConfig } from 'vite';
import config from '../electron.vite.config.ts';

const host = process.env['PENTIMENTO_HOST'] ?? 'http://127.0.0.1:7350';
const { renderer } = config as { renderer: UserConfig };
// The host answers only its own Host and Origin; the development server speaks in its name.
const proxied = { target: host, changeOrigin: true, headers: { origin: host } };

export default defineConfig({
  ...renderer,
  server: {
    host: '127.0.0.1',
    headers: {
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    },
    proxy: { '/rpc': { ...proxied, ws: true }, '/media': proxied, '/session': proxied },
  },
});
