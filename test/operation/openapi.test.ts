import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openApiFile, openApiText, services } from './openapi.ts';

test.each(services)('docs/openapi-%s.json is what the service serves (else: npm run openapi)', async (service) => {
  expect(readFileSync(openApiFile(service), 'utf8')).toBe(await openApiText(service));
});

test('every endpoint has a summary and its responses', () => {
  for (const service of services) {
    const { paths } = JSON.parse(readFileSync(openApiFile(service), 'utf8')) as {
      paths: Record<string, Record<string, { summary?: string; responses?: object }>>;
    };
    for (const [path, verbs] of Object.entries(paths)) {
      for (const [verb, { summary, responses }] of Object.entries(verbs)) {
        const isSaid = (summary ?? '') !== '' && Object.keys(responses ?? {}).length > 0;
        expect([service, verb, path, isSaid]).toEqual([service, verb, path, true]);
      }
    }
  }
});
