import { Visitor } from 'vite';
import { basename } from 'node:path';
import type { Source } from './sources.ts';
import { faultOfComment, faultOfName, faultOfText } from './words.ts';

/** What a file holds of the old idiom, one line each, without repeats. */
export function idiomIn(source: Source): string[] {
  const names = new Set([basename(source.path).replace(/\.test\.tsx?$|\.tsx?$/, '')]);
  const texts = new Set<string>();
  const note = (value: unknown) => {
    if (typeof value !== 'string') return;
    if (/^shopee_[a-z_]+$/.test(value)) names.add(value);
    else if (value.includes(' ')) texts.add(value);
  };
  const title = (callee: string, value: unknown) => {
    if (source.isTest && /^(?:test|describe|it)\b/.test(callee)) note(value);
  };
  new Visitor({
    Identifier: ({ name }) => void names.add(name),
    PrivateIdentifier: ({ name }) => void names.add(name),
    Literal: ({ value }) => void (source.isTest || note(value)),
    TemplateElement: ({ value }) => void (source.isTest || note(value.cooked)),
    JSXText: ({ value }) => note(value),
    CallExpression: ({ callee, arguments: [first], start }) => {
      if (first?.type === 'Literal') title(source.code.slice(start, callee.end), first.value);
    },
  }).visit(source.program);
  const comments = source.comments.map(({ value }) => faultOfComment(value));
  const found = [...names].map(faultOfName).concat([...texts].map(faultOfText), comments);
  return found.filter((fault) => fault !== undefined);
}
