import { dirname } from 'node:path';
import { importsOf, targetOf, type Source } from './sources.ts';

/** One import: the file and the folder or package it names. */
export interface Arrow {
  from: string;
  to: string;
}

/** Every import between two of our files, tests left out. */
export function fileArrows(sources: readonly Source[]): Arrow[] {
  const paths = new Set(sources.map(({ path }) => path));
  return sources
    .filter(({ isTest }) => !isTest)
    .flatMap((source) =>
      importsOf(source).flatMap((specifier) => {
        const to = targetOf(source, specifier);
        return to !== undefined && paths.has(to) ? [{ from: source.path, to }] : [];
      }),
    );
}

/** Every import of one of our packages by another one: `worker → store`. Tests and the scripts beside them may start anything. */
export function packageArrows(sources: readonly Source[]): Arrow[] {
  return sources
    .filter(({ path, isTest }) => !isTest && !path.includes('/scripts/'))
    .flatMap((source) =>
      importsOf(source).flatMap((specifier) => {
        const [, to] = /^@shopee-webhook\/([^/]+)/.exec(specifier) ?? [];
        return to === undefined || to === source.package ? [] : [{ from: source.path, to }];
      }),
    );
}

/** Groups of nodes that reach each other (Tarjan), each sorted; empty when the graph has no cycle. */
export function cyclesIn(arrows: readonly Arrow[]): string[][] {
  const next = Map.groupBy(arrows, ({ from }) => from);
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (node: string) => {
    const at = index.size;
    index.set(node, at);
    low.set(node, at);
    stack.push(node);
    for (const { to } of next.get(node) ?? []) {
      if (!index.has(to)) visit(to);
      if (stack.includes(to)) low.set(node, Math.min(low.get(node) ?? at, low.get(to) ?? at));
    }
    if (low.get(node) !== at) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1 || (next.get(node) ?? []).some(({ to }) => to === node)) cycles.push(group.toSorted());
  };
  for (const node of next.keys()) if (!index.has(node)) visit(node);
  return cycles;
}

/** Imports that lead from a folder up to a file of a folder above it. The type of a package's configuration may be read anywhere in it. */
export function upwardArrows(arrows: readonly Arrow[]): Arrow[] {
  return arrows.filter(({ from, to }) => dirname(from).startsWith(`${dirname(to)}/`) && !to.endsWith('/src/config.ts'));
}

/** Imports between folders that stand side by side, as arrows between the two: `src/spool → src/redis`. */
export function folderArrows(arrows: readonly Arrow[]): Arrow[] {
  return arrows.flatMap(({ from, to }) => {
    const [a, b] = [dirname(from).split('/'), dirname(to).split('/')];
    const depth = a.findIndex((folder, at) => folder !== b[at]);
    if (depth === -1 || depth >= b.length) return [];
    return [{ from: a.slice(0, depth + 1).join('/'), to: b.slice(0, depth + 1).join('/') }];
  });
}
