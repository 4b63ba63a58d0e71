import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faultOfText } from '../house/words.ts';
import { configurationFile, configurationText } from './configuration.ts';
import { run } from '../../packages/cli/test/helpers.ts';
import { settingsSchema } from '../../packages/forwarder/src/settings/settings-schema.ts';

const root = new URL('../../', import.meta.url).pathname;
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
  'packages/sandbox/README.md',
];
const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** Without what is only shown: links in code are none. */
const prose = (path: string) => read(path).replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');

/** What GitHub makes of a heading. */
function slug(heading: string): string {
  const text = heading.replaceAll(/[`*_]|\[|\]\([^)]*\)/g, '').toLowerCase();
  return text
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

function anchorsOf(path: string): string[] {
  return [...read(path).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => slug(heading));
}

/** Why a link from a document leads nowhere; undefined when it does not. */
function faultOf(from: string, link: string): string | undefined {
  if (/^(https?|mailto):/.test(link)) return URL.canParse(link) ? undefined : 'no address';
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : join(dirname(from), path);
  if (!existsSync(join(root, target))) return 'no such file';
  return anchor === undefined || anchorsOf(target).includes(anchor) ? undefined : 'no such heading';
}

describe.each(documents)('%s', (document) => {
  test('has no link that leads nowhere', () => {
    const text = prose(document);
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|<(https?:[^>]+)>|(?:src|href)="([^"]+)"/g)];
    const faults = links.flatMap(([, inline, bare, html]) => {
      const link = inline ?? bare ?? html ?? '';
      const fault = faultOf(document, link);
      return fault === undefined ? [] : [`${link}: ${fault}`];
    });
    expect(faults).toEqual([]);
  });

  test('names only files that exist', () => {
    const spans = [...read(document).matchAll(/`([\w./<>-]+\.(?:tsx?|mjs|sh|yml|json|md|conf)|[a-z]+\/[\w./-]+)`/g)];
    const unknown = spans.map(([, path = '']) => path).filter((path) => isOurs(path) && !exists(path));
    expect(unknown).toEqual([]);
  });

  test('uses the words of docs/glossary.md', () => {
    const lines = prose(document).split('\n');
    expect(lines.flatMap((line) => faultOfText(line) ?? [])).toEqual([]);
  });
});

const files = ['packages', 'test', 'docs', 'deploy', 'scripts', '.github'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => !/(^|\/)(node_modules|dist)\//.test(path))
    .map((path) => `${folder}/${path}`),
);
/** Paths as documents shorten them: below `packages`, without `/src`. */
const known = new Set(files.flatMap((path) => [path, path.replace(/^packages\//, '').replace('/src', '')]));

/** Source files and folders of packages; not files that an installation has, patterns or addresses. */
function isOurs(path: string): boolean {
  if (path.includes('<') || path.startsWith('.')) return false;
  if (/\.(tsx?|mjs)$/.test(path)) return true;
  return known.has(path.split('/')[0] ?? '') && path.includes('/');
}

function exists(path: string): boolean {
  const bare = path.replace(/\/$/, '');
  return known.has(bare) || existsSync(join(root, bare)) || files.some((file) => file.endsWith(`/${bare}`));
}

/** Each command line for our CLI in a text, as its args. */
function commandsIn(text: string): string[][] {
  const lines = text.matchAll(
    /(?:exec(?: -T)? worker shopee-webhook|npm run -s cli --|`shopee-webhook|[: ]shopee-webhook) +([^`'\n#|;·)]+)/g,
  );
  return [...lines].map(([, args = '']) => args.trim().split(/\s+/)).filter(([first = '']) => /^[a-z]+$/.test(first));
}

describe('commands', () => {
  const sources = [...documents, 'docs/alerts.yml', 'packages/cli/src/doctor/shopee-checks.ts'];
  const commands = sources.flatMap((path) => commandsIn(read(path)).map((args) => ({ path, args })));

  test('that the documents name are there, with their options', async () => {
    expect(commands.length).toBeGreaterThan(15);
    for (const { path, args } of commands) {
      const names = args.slice(0, args.findIndex((arg) => !/^[a-z]+$/.test(arg)) >>> 0);
      const help = await helpOf(names);
      expect([path, args.join(' '), help === undefined]).toEqual([path, args.join(' '), false]);
      for (const option of args.filter((arg) => /^--[a-z]/.test(arg)))
        expect([path, args.join(' '), help?.includes(option)]).toEqual([path, args.join(' '), true]);
    }
  });

  test('are all in docs/commands.md', async () => {
    const { out } = await run(['--help']);
    const [, commandList = ''] = out.split('Commands:');
    const names = [...commandList.matchAll(/^ {2}([a-z]+)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help');
    expect(names.length).toBeGreaterThan(10);
    const list = read('docs/commands.md');
    for (const name of names) expect(list).toMatch(new RegExp(`^\\| \`${name}\\b`, 'm'));
  });

  test('of the package are its scripts', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const path of documents) {
      for (const [, name = ''] of read(path).matchAll(/\bnpm run (?:-s )?([a-z:]+)/g))
        expect([path, name, name in scripts || name === 'install']).toEqual([path, name, true]);
    }
  });
});

/** The help of the longest command that these args name; undefined when the first names none. */
async function helpOf(names: readonly string[]): Promise<string | undefined> {
  for (let length = Math.min(2, names.length); length > 0; length -= 1) {
    const args = names.slice(0, length);
    const { code, out } = await run([...args, '--help']);
    if (code === 0 && out.startsWith(`Usage: shopee-webhook ${args.join(' ')}`)) return `${out} --json`;
  }
  return undefined;
}

describe('shell commands', () => {
  const blocks = documents.flatMap((path) =>
    [...read(path).matchAll(/```sh\n([^]*?)```/g)].map(([, code = '']) => ({
      path,
      code: code.replaceAll(/<[^>\n]+>/g, 'x'),
    })),
  );

  test('are what a shell understands', () => {
    expect(blocks.length).toBeGreaterThan(15);
    for (const { path, code } of blocks) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' });
      expect([path, code, stderr]).toEqual([path, code, '']);
      expect(status).toBe(0);
    }
  });

  test('name compose files, services and profiles that exist', () => {
    const compose = readdirSync(root)
      .filter((name) => /^docker-compose.*\.yml$/.test(name))
      .map(read)
      .join('\n');
    const services = new Set([...compose.matchAll(/^ {2}([a-z]+):$/gm)].map(([, name = '']) => name));
    const text = documents.map(read).join('\n');
    for (const [, file = ''] of text.matchAll(/docker-compose[^\n`]*? -f (docker-compose\S+)/g))
      expect(existsSync(join(root, file))).toBe(true);
    for (const [, name = ''] of text.matchAll(
      /docker-compose[^\n`]* (?:exec(?: -T)?|logs|stop|start|ps -aq) ([a-z]+)\b/g,
    ))
      expect(services).toContain(name);
    for (const [, profile = ''] of text.matchAll(/--profile ([a-z]+)/g))
      expect(compose).toContain(`profiles: [${profile}]`);
  });

  test('ask for addresses that the services have', () => {
    const paths = ['forwarder', 'worker'].flatMap((name) =>
      Object.keys((JSON.parse(read(`docs/openapi-${name}.json`)) as { paths: object }).paths),
    );
    const text = documents.map(read).join('\n');
    const requested = [...text.matchAll(/(?:GET |localhost:(?:8000|9000)|:9000)(\/[a-z/]+)/g)].map(
      ([, path = '']) => path,
    );
    expect(requested.length).toBeGreaterThan(5);
    for (const path of requested) expect([...paths, '/dashboard', '/docs', '/metrics']).toContain(path);
  });
});

describe('settings', () => {
  test('are in docs/configuration.md as the schema has them (else: npm run docs)', async () => {
    expect(readFileSync(configurationFile, 'utf8')).toBe(await configurationText());
  });

  test('that the documents name are ones that there are', () => {
    const known = new Set([...settingsSchema.map(({ name }) => name), ...composeOnly, ...ofOthers]);
    const start =
      /^(PARTNER|WEBHOOK|SHOP|ACCESS|REFRESH|REDIS|WORKER|FORWARDER?|TELEGRAM|GOOGLE|SPREADSHEET|SHEETS|DASHBOARD|DATA|LOG|ORDER|PUBLI|SENTRY|OTEL|RETENTION|SCHEDULED|SHIP|SHOPEE)_/;
    const names = documents
      .filter((path) => path !== 'CHANGELOG.md' && path !== 'docs/migrate.md')
      .flatMap((path) => [...read(path).matchAll(/`([A-Z][A-Z_]+)(?:=[^`]*)?`/g)].map(([, name = '']) => name));
    expect(names.filter((name) => start.test(name) && !known.has(name))).toEqual([]);
  });

  test('in .env.example are ones that there are', () => {
    const known = new Set([...settingsSchema.map(({ name }) => name), ...composeOnly]);
    for (const [, name = ''] of read('.env.example').matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)) expect(known).toContain(name);
  });
});

/** Read by docker-compose and Caddy, not by the services. */
const composeOnly = [
  'DOMAIN',
  'PUBLISH_FORWARDER',
  'GRAFANA_PASSWORD',
  'FORWARDER_PUBLISHED_PORT',
  'WORKER_PUBLISHED_PORT',
];

/** Read by the OpenTelemetry library, by tests, and states and errors of Shopee. */
const ofOthers = [
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TIMEOUT',
  'OTEL_SERVICE_NAME',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_TRACES_SAMPLER',
  'OTEL_SDK_DISABLED',
  'REDIS_SERVER',
];

describe('doctor', () => {
  test('sends people to headings that there are', () => {
    const source = ['run-checks', 'shopee-checks'].map((name) => read(`packages/cli/src/doctor/${name}.ts`)).join('\n');
    const links = [...source.matchAll(/'(docs\/[a-z]+\.md[^']*)'/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(6);
    expect(links.flatMap((link) => faultOf('README.md', link) ?? [])).toEqual([]);
  });
});
