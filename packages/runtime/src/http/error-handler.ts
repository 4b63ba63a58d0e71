import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { HttpError } from './http-error.ts';

/** The one shape in which every route of both services reports an error. */
export const errorBody = z.object({
  error: z.string().describe('a word a program can test for'),
  message: z.string(),
  requestId: z.string(),
});

/** Logs the error and responds with it; the text of an unexpected 5xx stays in the log. */
export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = toStatusCode(error);
  if (status >= 500) request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
  else request.log.debug({ err: error, route: request.routeOptions.url }, 'request rejected');
  const name = STATUS_CODES[status] ?? 'Error';
  const body: z.output<typeof errorBody> = {
    error: isPublic(error, status) && error.code ? error.code : name.toLowerCase().replaceAll(' ', '_'),
    message: toMessage(error, status, name),
    requestId: request.id,
  };
  return reply.code(status).type('application/json').serializer(JSON.stringify).send(body);
}

/** Responds for a route that does not exist, in the same shape. */
export function handleNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const body = { error: 'not_found', message: 'there is nothing at this address', requestId: request.id };
  return reply.code(404).send(body);
}

function toStatusCode(error: FastifyError): number {
  const status = error.statusCode ?? 500;
  return status >= 400 && status <= 599 ? status : 500;
}

function toMessage(error: FastifyError, status: number, name: string): string {
  if (hasZodFastifySchemaValidationErrors(error)) {
    return error.validation.map(({ instancePath, message }) => `${instancePath || '/'}: ${message ?? ''}`).join('; ');
  }
  return isPublic(error, status) ? error.message : name;
}

/** Whether the caller may read the error: an HttpError's text is written for them, that of any other 5xx is not. */
function isPublic(error: FastifyError, status: number): boolean {
  return status < 500 || error instanceof HttpError;
}
