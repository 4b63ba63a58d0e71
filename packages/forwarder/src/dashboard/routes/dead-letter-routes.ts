import { Readable } from 'node:stream';
import { HttpError, type HttpServer } from '@shopee-webhook/runtime';
import {
  DeadLetterChoice,
  DeadLetterDetail,
  DeadLetterFilter,
  DeadLetterGroups,
  DeadLetterPage,
  DeadLetterQuery,
  Task,
} from '../api-types.ts';
import type { DeadLetters } from '../dead-letters.ts';
import { meaningOf } from '../reasons.ts';
import type { ShopNames } from '../shop-names.ts';
import type { Tasks } from '../tasks.ts';
import { IdParam } from './event-routes.ts';

export interface DeadLetterRoutesParts {
  deadLetters: DeadLetters;
  tasks: Tasks;
  shops: ShopNames;
}

const tags = ['dashboard'];

/** The events that were given up: look, replay, discard, export. */
export async function deadLetterRoutes(app: HttpServer, parts: DeadLetterRoutesParts): Promise<void> {
  const { deadLetters, tasks, shops } = parts;
  const named = (letter: DeadLetterDetail) => ({ ...letter, shopName: shops.nameOf(letter.shop) });

  const list = {
    tags,
    summary: 'Dead letters, newest first',
    querystring: DeadLetterQuery,
    response: { 200: DeadLetterPage },
  };
  app.get('/dead-letters', { schema: list }, async ({ query }) => {
    const { offset, limit, ...filter } = query;
    const [{ total, letters }] = await Promise.all([deadLetters.page(filter, { offset, limit }), shops.list()]);
    return { total, letters: letters.map(named) };
  });

  const groups = {
    tags,
    summary: 'Dead letters by reason',
    querystring: DeadLetterFilter,
    response: { 200: DeadLetterGroups },
  };
  app.get('/dead-letters/groups', { schema: groups }, async ({ query }) => {
    const found = await deadLetters.groups(query);
    return {
      total: found.reduce((sum, { count }) => sum + count, 0),
      groups: found.map(({ firstDeadAt, lastDeadAt, ...group }) => ({
        ...group,
        meaning: meaningOf(group.reason),
        firstDeadAt: firstDeadAt ?? null,
        lastDeadAt: lastDeadAt ?? null,
      })),
    };
  });

  const file = { tags, summary: 'Dead letters as a JSON file', querystring: DeadLetterFilter };
  app.get('/dead-letters/export', { schema: file }, async ({ query }, reply) => {
    // Asked before the answer begins, so that a Redis that is away is said in its status.
    await deadLetters.count({ filter: query });
    const day = new Date().toISOString().slice(0, 10);
    return reply
      .type('application/json')
      .header('content-disposition', `attachment; filename="dead-letters-${day}.json"`)
      .send(Readable.from(jsonArray(deadLetters.each(query))));
  });

  const one = { tags, summary: 'One dead letter', params: IdParam, response: { 200: DeadLetterDetail } };
  app.get('/dead-letters/:id', { schema: one }, async ({ params }) => {
    const [letter] = await Promise.all([deadLetters.one(params.id), shops.list()]);
    if (letter === undefined) throw new HttpError(404, 'not_found', 'it is no dead letter (any more)');
    return named(letter);
  });

  for (const what of ['replay', 'discard'] as const) {
    const schema = {
      tags,
      summary: `${what} some, or all that a filter lets through`,
      body: DeadLetterChoice,
      response: { 200: Task },
    };
    app.post(`/dead-letters/${what}`, { schema }, async ({ body }) => {
      const total = await deadLetters.count(body);
      return tasks.start({ kind: what, total }, (onProgress) => deadLetters.decide(what, body, onProgress));
    });
  }

  const task = { tags, summary: 'How far a replay is', params: IdParam, response: { 200: Task } };
  app.get('/tasks/:id', { schema: task }, async ({ params }) => {
    const found = tasks.get(params.id);
    if (found === undefined) throw new HttpError(404, 'not_found', 'nothing of that id is going on');
    return found;
  });
}

async function* jsonArray(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  let before = '[\n';
  for await (const item of items) {
    yield before + JSON.stringify(item, undefined, 1);
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}
