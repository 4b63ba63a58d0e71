import { createHmac, timingSafeEqual } from 'node:crypto';
import Fastify from 'fastify';
import { Redis } from 'ioredis';

/*
 * The minimum: one process that checks the signature, parses the body and pushes it onto a list. No
 * duplicates, no counters, no log, no history, and without Redis it rejects.
 */
const [port = '', redisPort = '', key = '', url = ''] = process.argv.slice(2);
const redis = new Redis({ host: '127.0.0.1', port: Number(redisPort) });
// Its requests fail while Redis is unavailable; that is reported by their responses.
redis.on('error', () => undefined);
const app = Fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

app.post<{ Body: Buffer }>('/webhook/shopee', async ({ body, headers }, reply) => {
  const expected = createHmac('sha256', key).update(`${url}|`).update(body).digest();
  const given = Buffer.from(headers.authorization ?? '', 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return reply.code(401).send();
  const push: unknown = JSON.parse(body.toString());
  if (typeof push !== 'object') return reply.code(400).send();
  await redis.lpush('bare', body);
  return reply.code(200).send();
});
app.get('/health/live', async () => ({ status: 'ok' }));
await app.listen({ host: '127.0.0.1', port: Number(port) });
