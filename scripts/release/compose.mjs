// Prints a compose file with prebuilt images, each named by its digest: `node scripts/release/compose.mjs docker-compose.yml < digests`.
// The digests are lines `<image in the file> <image@digest>`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '../..');
const lines = (await text(process.stdin)).split('\n').filter((line) => line !== '');
const digests = new Map(lines.map((line) => line.split(' ')));
const missing = [];

const compose = readFileSync(join(root, process.argv[2] ?? 'docker-compose.yml'), 'utf8')
  .replaceAll(/^ {4}build: .*\n/gm, '')
  .replaceAll(/^( {4}image: )(\S+)$/gm, (line, start, image) => {
    // Others' images are pinned in the file already.
    const digest = image.includes('@sha256:') ? image : digests.get(image);
    if (digest === undefined) missing.push(image);
    return digest === undefined ? line : start + digest;
  })
  .replaceAll(' --build', '')
  .replace(/^# A release has this file .*$/m, '# Prebuilt images, each named by its digest.');

if (missing.length > 0) {
  console.error(`no digest for ${missing.join(', ')}`);
  process.exitCode = 1;
} else {
  process.stdout.write(compose);
}
