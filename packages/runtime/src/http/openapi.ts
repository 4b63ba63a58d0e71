import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform } from 'fastify-type-provider-zod';

/**
 * Serves Swagger UI at /docs and the OpenAPI description at /docs/json, from the routes' own schemas.
 * Called before any route is added: only later ones are described.
 */
export async function registerOpenApi(app: FastifyInstance, name: string): Promise<void> {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: name, version: '0.1.0' } },
    transform: createJsonSchemaTransform({ skipList: ['/docs', '/docs/json', '/docs/yaml', '/docs/static/*'] }),
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
}
