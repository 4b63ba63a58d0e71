import { Readable } from 'node:stream';
import { HttpError, type HttpServer, systemClock } from '@shopee-webhook/runtime';
import {
  Acknowledge,
  DeadLetterSelection,
  DeadLetterDetail,
  DeadLetterFilter,
  DeadLetterGroups,
  DeadLetterPage,
  DeadLetterQuery,
  BulkOperation,
} from '@shopee-webhook/contracts/dashboard-api';
import type { Acknowledgements } from './acknowledgements.ts';
import type { DeadLetters } from './dead-letters.ts';
import { describeReason } from './dead-letter-reasons.ts';
import type { ShopNames } from '../../shops/shop-names.ts';
import type { BulkOperations } from './bulk-operations.ts';
import { IdParam } from './event-routes.ts';

export interface DeadLetterRoutesDeps {
  deadLetters: DeadLetters;
  operations: BulkOperations;
  shops: ShopNames;
  acknowledgements: Acknowledgements;
}

const tags = ['dashboard'];

/** Dead letters: list, replay, discard, export. */
export async function deadLetterRoutes(app: HttpServer, deps: DeadLetterRoutesDeps): Promise<void> {
  const { deadLetters, operations, shops, acknowledgements } = deps;
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
    return { total, deadLetters: letters.map(named) };
  });

  const groups = {
    tags,
    summary: 'Dead letters by reason',
    querystring: DeadLetterFilter,
    response: { 200: DeadLetterGroups },
  };
  app.get('/dead-letters/groups', { schema: groups }, async ({ query }) => listGroups(deps, query));

  const acknowledge = {
    tags,
    summary: 'Acknowledge a reason with a note',
    body: Acknowledge,
    response: { 200: DeadLetterGroups },
  };
  app.post('/dead-letters/acknowledge', { schema: acknowledge }, async ({ body, log }) => {
    await acknowledgements.set(body.reason, body.note);
    log.info({ reason: body.reason }, 'dead letters acknowledged');
    return listGroups(deps, {});
  });

  const file = { tags, summary: 'Dead letters as a JSON file', querystring: DeadLetterFilter };
  app.get('/dead-letters/export', { schema: file }, async ({ query }, reply) => {
    // Before the response begins, so that an unavailable Redis shows in its status.
    await deadLetters.count({ filter: query });
    const day = new Date(systemClock.wallMs()).toISOString().slice(0, 10);
    return reply
      .type('application/json')
      .header('content-disposition', `attachment; filename="dead-letters-${day}.json"`)
      .send(Readable.from(jsonArray(deadLetters.each(query))));
  });

  const one = { tags, summary: 'One dead letter', params: IdParam, response: { 200: DeadLetterDetail } };
  app.get('/dead-letters/:id', { schema: one }, async ({ params }) => {
    const [letter] = await Promise.all([deadLetters.one(params.id), shops.list()]);
    if (letter === undefined) throw new HttpError(404, 'not_found', 'dead letter not found');
    return named(letter);
  });

  for (const action of ['replay', 'discard'] as const) {
    const schema = {
      tags,
      summary: `${action} some, or all that match a filter`,
      body: DeadLetterSelection,
      response: { 200: BulkOperation },
    };
    app.post(`/dead-letters/${action}`, { schema }, async ({ body }) => {
      const total = await deadLetters.count(body);
      return operations.start({ kind: action, total }, (onProgress) =>
        deadLetters.replayOrDiscard(action, body, onProgress),
      );
    });
  }

  const task = { tags, summary: 'Bulk operation status', params: IdParam, response: { 200: BulkOperation } };
  app.get('/tasks/:id', { schema: task }, async ({ params }) => {
    const found = operations.get(params.id);
    if (found === undefined) throw new HttpError(404, 'not_found', 'operation not found');
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

async function listGroups(
  { deadLetters, acknowledgements }: DeadLetterRoutesDeps,
  filter: DeadLetterFilter,
): Promise<DeadLetterGroups> {
  const [found, acknowledged] = await Promise.all([deadLetters.groups(filter), acknowledgements.list()]);
  return {
    total: found.reduce((sum, { count }) => sum + count, 0),
    groups: found.map(({ firstDeadLetteredAt, lastDeadLetteredAt, ...group }) => {
      const known = acknowledged[group.reason];
      return {
        ...group,
        description: describeReason(group.reason),
        firstDeadLetteredAt: firstDeadLetteredAt ?? null,
        lastDeadLetteredAt: lastDeadLetteredAt ?? null,
        acknowledged: known !== undefined && known.at >= (lastDeadLetteredAt ?? 0) ? known : null,
      };
    }),
  };
}
