import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const compressors = { br: promisify(brotliCompress), gz: promisify(gzip) };

/** Writes `x.br` and `x.gz` beside each text file, for the forwarder to send as they are. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async generateBundle(_options, bundle) {
      for (const [fileName, output] of Object.entries(bundle)) {
        if (!/\.(js|css|svg)$/.test(fileName)) continue;
        const content = Buffer.from(output.type === 'chunk' ? output.code : output.source);
        for (const [ending, compressed] of Object.entries(compressors)) {
          this.emitFile({ type: 'asset', fileName: `${fileName}.${ending}`, source: await compressed(content) });
        }
      }
    },
  };
}

export default defineConfig({
  base: '/dashboard/',
  plugins: [react(), precompress()],
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { proxy: { '/api': process.env['FORWARDER_URL'] ?? 'http://127.0.0.1:8000' } },
});
