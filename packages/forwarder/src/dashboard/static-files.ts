import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { HttpServer } from '@shopee-webhook/runtime';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

/** Where `pnpm --filter dashboard build` puts the browser app. */
export const builtApp = fileURLToPath(new URL('../../../dashboard/dist/', import.meta.url));

const filePattern = /\.\w+$/;
/** Vite puts a hash of the content into these files' names, so that they never change. */
const immutableCache = { cacheControl: true, maxAge: '365d', immutable: true };

const notBuiltPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Dashboard not built</title>
<body style="font-family: sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<h1>The dashboard is not built</h1>
<p>Pushes are received all the same. To see them here, run this in the project's folder and load the page again:</p>
<pre>npx pnpm --filter @shopee-webhook/dashboard build</pre>
</body></html>
`;

/** GET /dashboard and below: the browser app. What is no file of it is a page that the app itself shows. */
export async function staticFiles(app: HttpServer, { root = builtApp }: { root?: string | undefined }): Promise<void> {
  await app.register(fastifyStatic, { root, serve: false, preCompressed: true, cacheControl: false, index: false });
  const schema = { hide: true };
  const file = { schema: { ...schema, params: z.object({ '*': z.string() }) } };
  app.get('/', { schema }, async (_request, reply) => reply.redirect('/dashboard', 302));
  app.get('/dashboard', { schema }, async (_request, reply) => sendPage(reply, root));
  app.get('/dashboard/assets/*', file, async (request, reply) =>
    reply.sendFile(`assets/${request.params['*']}`, immutableCache),
  );
  app.get('/dashboard/*', file, async (request, reply) => {
    const path = request.params['*'];
    if (!filePattern.test(path)) return sendPage(reply, root);
    return reply.header('cache-control', 'no-cache').sendFile(path);
  });
}

function sendPage(reply: FastifyReply, root: string): FastifyReply {
  if (existsSync(join(root, 'index.html'))) return reply.header('cache-control', 'no-cache').sendFile('index.html');
  return reply.code(503).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(notBuiltPage);
}
