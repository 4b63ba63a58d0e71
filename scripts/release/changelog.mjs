// Prints the section of CHANGELOG.md for a version: `node scripts/release/changelog.mjs 1.2.3`. Ends with 1 when there is none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const version = process.argv[2] ?? '';
const text = readFileSync(join(import.meta.dirname, '../../CHANGELOG.md'), 'utf8');
const sections = text.split(/^(?=## )/m);
const section = sections.find((one) => one.startsWith(`## [${version}]`));
if (section === undefined) {
  console.error(`CHANGELOG.md has no section [${version}]`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${section.split('\n').slice(1).join('\n').trim()}\n`);
}
