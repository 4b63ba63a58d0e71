import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseSync, Visitor } from 'vite';

/** The project's top folder. */
export const root = join(import.meta.dirname, '../..');

/** One source file, parsed. */
export interface Source {
  /** From the project's top folder, such as `packages/store/src/queue/queue.ts`. */
  path: string;
  package: string;
  isTest: boolean;
  code: string;
  program: ReturnType<typeof parseSync>['program'];
  comments: ReturnType<typeof parseSync>['comments'];
}

/** The lists of words themselves are left out. */
const skipped = new Set(['node_modules', 'dist', 'fixtures', 'samples', 'words.ts', 'words.test.ts']);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (skipped.has(entry.name)) return [];
    if (entry.isDirectory()) return filesBelow(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

/** Every TypeScript file of the packages and of `test/`, parsed once. */
export function readSources(): Source[] {
  return ['packages', 'test']
    .flatMap((top) => filesBelow(join(root, top)))
    .map((file) => {
      const path = relative(root, file);
      const code = readFileSync(file, 'utf8');
      const isTest = /\.test\.tsx?$|\/test\/|^test\//.test(path);
      const [, name = 'test'] = /^packages\/([^/]+)/.exec(path) ?? [];
      const { program, comments } = parseSync(path, code);
      return { path, package: name, isTest, code, program, comments };
    });
}

/** What a file imports and re-exports: the specifiers as written. */
export function importsOf({ program }: Source): string[] {
  const specifiers: string[] = [];
  new Visitor({
    ImportDeclaration: (node) => void specifiers.push(node.source.value),
    ExportAllDeclaration: (node) => void specifiers.push(node.source.value),
    ExportNamedDeclaration: (node) => void (node.source && specifiers.push(node.source.value)),
    ImportExpression: (node) => void (node.source.type === 'Literal' && specifiers.push(String(node.source.value))),
    TSImportType: (node) => void specifiers.push(node.source.value),
  }).visit(program);
  return specifiers;
}

/** The file that a relative import names, from the project's top folder; undefined for a package. */
export function targetOf({ path }: Source, specifier: string): string | undefined {
  return specifier.startsWith('.') ? join(dirname(path), specifier) : undefined;
}
