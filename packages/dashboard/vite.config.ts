import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const [brotli, zip] = [promisify(brotliCompress), promisify(gzip)];
const compressors = {
  br: (content: Buffer) => brotli(content),
  gz: (content: Buffer) => zip(content, { level: 9 }),
};

/** Writes `x.br` and `x.gz` beside each text file, for the forwarder to send as they are. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    // Not in generateBundle, where Vite itself still changes the chunks.
    async writeBundle({ dir = 'dist' }, bundle) {
      for (const fileName of Object.keys(bundle)) {
        if (!/\.(js|css)$/.test(fileName)) continue;
        const path = join(dir, fileName);
        const content = await readFile(path);
        for (const [ending, compress] of Object.entries(compressors)) {
          await writeFile(`${path}.${ending}`, await compress(content));
        }
      }
    },
  };
}

/** Imports each icon from its own file: the package's index has six thousand, and parsing all takes 400 MB. */
function singleIcons(): Plugin {
  return {
    name: 'single-icons',
    enforce: 'pre',
    transform: (code) =>
      code.replaceAll(/import \{([^{}]+)\} from '@tabler\/icons-react';/g, (_, names: string) =>
        names
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '' && !name.startsWith('type '))
          .map((name) => `import ${name} from '@tabler/icons-react/dist/esm/icons/${name}.mjs';`)
          .join(''),
      ),
  };
}

export default defineConfig({
  base: '/dashboard/',
  plugins: [singleIcons(), react(), precompress()],
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { proxy: { '/api': process.env['FORWARDER_URL'] ?? 'http://127.0.0.1:8000' } },
});
