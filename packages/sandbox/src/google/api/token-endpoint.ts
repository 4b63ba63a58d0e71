import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../../fake-server/faults.ts';
import type { Accounts } from './accounts.ts';
import type { Exchange } from './exchange.ts';
import { htmlError, type TokenFault } from './google-faults.ts';

/** Google's OAuth token endpoint: a signed JWT in a form, for a bearer token. */
export async function handleToken(
  exchange: Exchange,
  given: { accounts: Accounts; fault: Fault<TokenFault> | undefined; ownUrl: string; closing: AbortSignal },
): Promise<void> {
  const { accounts, fault, ownUrl, closing } = given;
  switch (fault?.kind) {
    case 'invalid-grant':
      return exchange.json(400, { error: 'invalid_grant', error_description: 'Invalid grant: account not found' });
    case '500':
      return exchange.json(500, { error: 'internal_failure' });
    case '503':
      return exchange.json(503, { error: 'backend_error', error_description: 'Service Unavailable' });
    case 'html-502':
      return exchange.html(502, htmlError(502, 'Server Error'));
    case 'hang':
      return exchange.clientClosed();
    case 'reset':
      return exchange.reset();
    case 'slow':
      await sleep(fault.ms ?? 5000, undefined, { signal: closing }).catch(() => undefined);
      break;
    case undefined:
      break;
  }
  const { status, body } = accounts.grant(new URLSearchParams(exchange.body.toString()), ownUrl);
  exchange.json(status, body);
}
