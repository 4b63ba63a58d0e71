import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../packages/sandbox/src/index.ts';
import { hasPromtool, promtool } from './promtool.ts';

const root = new URL('../../', import.meta.url).pathname;
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const has = (program: string) => spawnSync(program, ['--help'], { stdio: 'ignore' }).error === undefined;
const composeFiles = readdirSync(root).filter((name) => /^docker-compose.*\.yml$/.test(name));

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'deployment-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The compose files as docker-compose understands them, with every required variable set. */
function composeConfig(dir: string, files: readonly string[]): string {
  for (const file of composeFiles) cpSync(join(root, file), join(dir, file));
  writeFileSync(join(dir, '.env'), '');
  const env = {
    ...process.env,
    REDIS_PASSWORD: 'p',
    GRAFANA_PASSWORD: 'p',
    TELEGRAM_BOT_TOKEN: 't',
    TELEGRAM_CHAT_ID: '1',
  };
  const args = [...files.flatMap((file) => ['-f', file]), 'config'];
  return execFileSync('docker-compose', args, { cwd: dir, env, encoding: 'utf8' });
}

describe('docker-compose', () => {
  test.runIf(has('docker-compose')).each(composeFiles)('accepts %s', (file) => {
    const files = file === 'docker-compose.yml' ? [file] : ['docker-compose.yml', file];
    expect(composeConfig(folder(), files)).toContain('redis');
  });

  test('publishes the forwarder and Caddy only, and Redis not at all', () => {
    for (const file of composeFiles) {
      const ports = [...read(file).matchAll(/'([\w.${}:-]*_PORTS?:-[\d-]+\}\d?:\d+)'/g)].map(([, port = '']) => port);
      const open = ports.filter((port) => !/^(127\.0\.0\.1|\$\{PUBLISH_FORWARDER:-0\.0\.0\.0\}):/.test(port));
      expect([file, open.map((port) => port.replace(/.*:/, ''))]).toEqual([
        file,
        file === 'docker-compose.yml' ? ['80', '443'] : [],
      ]);
    }
    expect(read('docker-compose.yml')).toMatch(/redis:\n {4}internal: true/);
    expect(read('docker-compose.yml')).not.toContain('--requirepass');
  });
});

describe('a release', () => {
  const ours = ['forwarder', 'worker', 'sandbox'].map((name) => `shopee-webhook-${name}`);
  const digest = `sha256:${'0'.repeat(64)}`;

  test('pins the images of others, in Dockerfiles too, and moves what is pinned', () => {
    const [dir, bin] = [folder(), folder()];
    const dockerfiles = readdirSync(root).filter((name) => name.startsWith('Dockerfile'));
    for (const name of [...composeFiles, ...dockerfiles]) cpSync(join(root, name), join(dir, name));
    const pin = (letter: string) => {
      const script = `#!/bin/sh\necho sha256:${letter.repeat(64)}\n`;
      writeFileSync(join(bin, 'docker'), script, { mode: 0o755 });
      const args = [join(root, 'scripts/release/pin-images.mjs'), dir];
      execFileSync(process.execPath, args, { env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` } });
      return [...composeFiles, ...dockerfiles].flatMap((name) =>
        readFileSync(join(dir, name), 'utf8')
          .split('\n')
          .filter((line) => /^(?: {4}image:|FROM) .*:/.test(line)),
      );
    };
    for (const letter of ['a', 'b']) {
      const lines = pin(letter);
      expect(lines.length).toBeGreaterThan(8);
      for (const line of lines) expect(line).toMatch(new RegExp(`: ?\\S+@sha256:${letter}{64}(?: AS \\w+)?$`));
    }
  });

  test.each(composeFiles)('names each image of %s by its digest, and builds nothing', (file) => {
    const images = [...read(file).matchAll(/^ {4}image: (\S+)$/gm)].map(([, image = '']) => image);
    const digests = images.map((image) => `${image} registry/${image}@${digest}`).join('\n');
    const script = join(root, 'scripts/release/compose.mjs');
    const text = execFileSync(process.execPath, [script, file], { input: digests, encoding: 'utf8' });
    expect(text).not.toMatch(/build/);
    expect(text.match(/image: .*@sha256:/g)).toHaveLength(images.length);
    const missing = spawnSync(process.execPath, [script, file], { input: '', encoding: 'utf8' });
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('no digest for')]);
  });

  test('builds every image that the compose files name', () => {
    const workflow = read('.github/workflows/release.yml');
    for (const image of ours)
      expect(workflow).toContain(`{ name: ${image.replace('shopee-webhook-', '')}, dockerfile: `);
    const built = [...workflow.matchAll(/dockerfile: (\S+) \}/g)].map(([, file = '']) => file);
    expect(built.toSorted()).toEqual(
      readdirSync(root)
        .filter((name) => name.startsWith('Dockerfile.'))
        .toSorted(),
    );
  });

  test('has the section of its version in the changelog as its text', () => {
    const changelog = (version: string) =>
      spawnSync(process.execPath, [join(root, 'scripts/release/changelog.mjs'), version], { encoding: 'utf8' });
    expect(changelog('Unreleased').stdout).toMatch(/^### /);
    expect(changelog('9.9.9').status).toBe(1);
  });
});

describe('monitoring', () => {
  test.skipIf(!hasPromtool)('has a configuration that Prometheus accepts', () => {
    const dir = folder();
    cpSync(join(root, 'deploy/monitoring/prometheus.yml'), join(dir, 'prometheus.yml'));
    cpSync(join(root, 'docs/alerts.yml'), join(dir, 'alerts.yml'));
    expect(promtool(['check', 'config', join(dir, 'prometheus.yml')])).toBe('');
  });
});

describe('Caddy', () => {
  test.runIf(has('caddy'))('lets through what Shopee and people need, and nothing else', async () => {
    const reached: string[] = [];
    const forwarder = createServer((request, response) => {
      reached.push(request.url ?? '');
      request
        .on('error', () => undefined)
        .on('end', () => response.end('forwarder'))
        .resume();
    });
    const [upstream, port] = [await freePort(), await freePort()];
    forwarder.listen(upstream, '127.0.0.1');
    onTestFinished(() => void forwarder.close());
    const dir = folder();
    const file = join(dir, 'Caddyfile');
    const text = read('deploy/Caddyfile').replace('forwarder:8000', `127.0.0.1:${String(upstream)}`);
    writeFileSync(file, text.replace('{\n', '{\n\tadmin off\n'));
    const url = `http://127.0.0.1:${String(port)}`;
    const env = { PATH: process.env['PATH'], DOMAIN: url, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir };
    const caddy = spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], { env, stdio: 'ignore' });
    onTestFinished(async () => {
      caddy.kill('SIGKILL');
      if (caddy.exitCode === null && caddy.signalCode === null) await once(caddy, 'exit');
    });
    const get = async (path: string, init: RequestInit = {}) =>
      (await fetch(url + path, { redirect: 'manual', ...init })).status;
    await vi.waitFor(async () => expect(await get('/dashboard')).toBe(200), { timeout: 15_000 });
    const open = [
      '/webhook/shopee',
      '/webhook/shopee/',
      '/auth/shopee/callback?code=1',
      '/dashboard/events',
      '/api/live',
    ];
    for (const path of open) expect([path, await get(path)]).toEqual([path, 200]);
    reached.length = 0;
    const closed = ['/health', '/health/live', '/metrics', '/queue/stats', '/docs', '/docs/json', '/webhook/process'];
    const disguised = ['/dashboard/../metrics', '/dashboard/%2e%2e/metrics', '//metrics', '/apix', '/internal/status'];
    for (const path of [...closed, ...disguised]) expect([path, await get(path)]).toEqual([path, 404]);
    expect(reached).toEqual([]);
    expect(await get('/')).toBe(302);
    // Older Caddys say 502.
    expect([413, 502]).toContain(await get('/webhook/shopee', { method: 'POST', body: 'x'.repeat(2_500_000) }));
  });
});

describe('Kubernetes', () => {
  test.runIf(has('kubectl'))('builds from its kustomization', () => {
    const dir = folder();
    cpSync(join(root, 'deploy/kubernetes'), dir, { recursive: true });
    cpSync(join(dir, 'secrets.env.example'), join(dir, 'secrets.env'));
    writeFileSync(join(dir, 'service-account.json'), '{}');
    const built = execFileSync('kubectl', ['kustomize', dir], { encoding: 'utf8' });
    for (const kind of ['StatefulSet', 'NetworkPolicy', 'PodDisruptionBudget', 'Ingress'])
      expect(built).toContain(`kind: ${kind}`);
  });
});

describe('systemd', () => {
  test.runIf(has('systemd-analyze'))('accepts the unit, and finds it hardened', () => {
    const unit = join(folder(), 'shopee-webhook.service');
    const text = read('deploy/systemd/shopee-webhook.service');
    writeFileSync(
      unit,
      text.replaceAll('@ROOT@', '/tmp').replaceAll('@NODE@', '/usr/bin').replaceAll('/usr/bin/node', process.execPath),
    );
    const security = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=25', unit], {
      encoding: 'utf8',
    });
    expect([security.status, security.stderr]).toEqual([0, '']);
  });
});
