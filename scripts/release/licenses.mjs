// `node scripts/release/licenses.mjs [folder]`: what the product is made of, as CycloneDX (sbom.cdx.json) and for people (LICENSES.md).
// Ends with 1 when a dependency has no license, or one that was not agreed to here.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Permissive ones: notices must be handed on, nothing else. */
const allowed = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'Apache-2.0',
  'BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

const root = join(import.meta.dirname, '../..');
const folder = resolve(process.argv[2] ?? join(root, 'sbom'));
const file = join(folder, 'sbom.cdx.json');
const { pnpm } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).config;

mkdirSync(folder, { recursive: true });
const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--prod', '--out', file];
const made = spawnSync('npx', ['--yes', pnpm, 'sbom', ...options], { cwd: root, stdio: 'inherit' });
if (made.status !== 0) process.exit(made.status ?? 1);

const { components } = JSON.parse(readFileSync(file, 'utf8'));
const packages = components
  .map(({ name, group, version, licenses = [] }) => ({
    name: group === undefined ? name : `${group}/${name}`,
    version,
    license: licenses.map(({ license, expression }) => expression ?? license?.id ?? license?.name).join(' AND '),
  }))
  .toSorted((one, other) => one.name.localeCompare(other.name, 'en') || (one.version < other.version ? -1 : 1));
const rows = packages.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`);
const text = [
  '# Licenses of the dependencies',
  '',
  '| package | version | license |',
  '| --- | --- | --- |',
  ...rows,
  '',
];
writeFileSync(join(folder, 'LICENSES.md'), text.join('\n'));

const wrong = packages.filter(({ license }) => !isAllowed(license));
for (const { name, version, license } of wrong) console.error(`${name} ${version}: ${license || 'no license'}`);
console.log(`${packages.length} packages, ${wrong.length} with a license that was not agreed to`);
process.exitCode = wrong.length === 0 && packages.length > 0 ? 0 : 1;

/** Each part of an AND, one part of an OR. */
function isAllowed(license) {
  const bare = license.replaceAll(/[()]/g, '');
  return bare.split(' AND ').every((part) => part.split(' OR ').some((one) => allowed.has(one.trim())));
}
