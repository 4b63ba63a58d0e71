// `node scripts/release/pin-images.mjs [folder]`: names every image of others in the compose files and Dockerfiles by its digest,
// `redis:7-bookworm@sha256:…`: a tag may be moved, a digest may not. Run it again to move them on. Needs docker and the registry.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2] ?? join(import.meta.dirname, '../..');
const digests = new Map();
const named = /^( {4}image: |FROM )([\w./-]+:[\w.-]+)(?:@sha256:[0-9a-f]{64})?/gm;

for (const name of readdirSync(folder).filter((file) => /^(?:docker-compose.*\.yml|Dockerfile.*)$/.test(file))) {
  const file = join(folder, name);
  const text = readFileSync(file, 'utf8');
  const pinned = text.replaceAll(named, (_line, start, image) => `${start}${image}@${digestOf(image)}`);
  if (pinned !== text) writeFileSync(file, pinned);
}
for (const [image, digest] of digests) console.log(`${image} ${digest}`);

function digestOf(image) {
  const known = digests.get(image);
  if (known !== undefined) return known;
  const args = ['buildx', 'imagetools', 'inspect', image, '--format', '{{.Manifest.Digest}}'];
  const digest = execFileSync('docker', args, { encoding: 'utf8' }).trim();
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`no digest for ${image}`);
  digests.set(image, digest);
  return digest;
}
