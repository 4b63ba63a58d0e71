import { expect, test } from 'vitest';
import { cyclesIn, fileArrows, folderArrows, packageArrows, upwardArrows } from './graph.ts';
import { readSources } from './sources.ts';

/** What each package may import of the others: docs/architecture.md has the picture. */
const below: Readonly<Record<string, readonly string[]>> = {
  shopee: [],
  store: ['runtime'],
  runtime: [],
  contracts: ['store'],
  sheets: ['runtime', 'store'],
  history: ['contracts', 'runtime', 'shopee', 'store'],
  notifier: ['contracts', 'runtime', 'shopee', 'store'],
  forwarder: ['contracts', 'history', 'notifier', 'runtime', 'shopee', 'store'],
  worker: ['contracts', 'runtime', 'sheets', 'shopee', 'store'],
  dashboard: ['contracts'],
  cli: ['contracts', 'runtime', 'shopee', 'store'],
  sandbox: ['contracts', 'forwarder', 'runtime', 'shopee', 'store', 'worker'],
  bench: ['contracts', 'forwarder', 'history', 'notifier', 'runtime', 'sandbox', 'sheets', 'shopee', 'store', 'worker'],
};

const sources = readSources();
const arrows = fileArrows(sources);
test('no file imports itself by way of others', () => {
  expect(cyclesIn(arrows).map((files) => files.join(' ↔ '))).toEqual([]);
});

test('no folder imports itself by way of its neighbors', () => {
  expect(cyclesIn(folderArrows(arrows)).map((folders) => folders.join(' ↔ '))).toEqual([]);
});

test('no folder imports from the folder above it', () => {
  expect(upwardArrows(arrows).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

test('packages depend downwards only', () => {
  const wrong = packageArrows(sources).filter(({ from, to }) => !below[from.split('/')[1] ?? '']?.includes(to));
  expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

test('no relative import leaves its package', () => {
  const wrong = arrows.filter(({ from, to }) => from.split('/')[1] !== to.split('/')[1]);
  expect(wrong.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
});

/** What starts a package, and what is as much its face: the two kinds of notifier, the table's schema. */
const atTheRoot =
  /^(main|index|app|config|warm-compile-cache|create-[\w-]+|(discarding-|telegram-)?notifier|fakes|schema)\.tsx?$/;

test('at the root of a package stands only what starts it', () => {
  const roots = sources.flatMap(({ path, isTest, package: name }) => {
    const [, file = ''] = /^packages\/[^/]+\/src\/([^/]+)$/.exec(path) ?? [];
    const isWhole = sources.every((one) => one.package !== name || !/^packages\/[^/]+\/src\/[^/]+\//.test(one.path));
    return file === '' || isTest || isWhole || file === `${name}.ts` || atTheRoot.test(file) ? [] : [path];
  });
  expect(roots).toEqual([]);
});
