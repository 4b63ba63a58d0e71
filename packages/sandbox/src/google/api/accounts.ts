import { createPublicKey, generateKeyPair, randomBytes, verify, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { unauthenticated } from '../spreadsheet/api-error.ts';
import { description } from '../spreadsheet/description.ts';

/** The number of the one Cloud project that all service accounts here belong to. */
export const projectNumber = '314159265358';
const projectId = 'shopee-webhook-sandbox';
const jwtGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** google-auth-library signs for this address wherever it then posts to. */
const googleAudience = 'https://oauth2.googleapis.com/token';
/** A JWT may say at most an hour; a clock may be off by this much. */
const maxLifeSeconds = 3600;
const skewSeconds = 300;

/** A service account's credentials, as the Cloud console gives them in a JSON file. */
export interface ServiceAccount {
  type: 'service_account';
  project_id: string;
  private_key_id: string;
  private_key: string;
  client_email: string;
  client_id: string;
  token_uri: string;
}

export interface Caller {
  email: string;
  scopes: string[];
}

export interface IssuedToken extends Caller {
  /** ms since 1970. */
  expiresAt: number;
}

export interface AccountsState {
  privateKey: string;
  emails: string[];
  tokens: [string, IssuedToken][];
}

/** A response of the token endpoint. */
export interface Grant {
  status: number;
  body: object;
}

/** The service accounts, and Google's OAuth token endpoint for them. All accounts share one key, because making one takes a while. */
export class Accounts {
  #privateKey: string;
  #publicKey: KeyObject;
  readonly #emails = new Set<string>();
  readonly #tokens = new Map<string, IssuedToken>();
  readonly #now: () => number;
  /** How long a token is good, in seconds. Google gives just under an hour. */
  tokenSeconds: number;

  private constructor(privateKey: string, options: { now: () => number; tokenSeconds: number }) {
    this.#privateKey = privateKey;
    this.#publicKey = createPublicKey(privateKey);
    this.#now = options.now;
    this.tokenSeconds = options.tokenSeconds;
  }

  static async create(options: {
    now: () => number;
    tokenSeconds: number;
    state?: AccountsState | undefined;
  }): Promise<Accounts> {
    if (options.state !== undefined) {
      const accounts = new Accounts(options.state.privateKey, options);
      accounts.restore(options.state);
      return accounts;
    }
    const { privateKey } = await promisify(generateKeyPair)('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    return new Accounts(privateKey, options);
  }

  /** Makes a service account, or gives the credentials of the one that has the name. */
  make(name: string, tokenUrl: string): ServiceAccount {
    const email = `${name}@${projectId}.iam.gserviceaccount.com`;
    this.#emails.add(email);
    return {
      type: 'service_account',
      project_id: projectId,
      private_key_id: 'a'.repeat(40),
      private_key: this.#privateKey,
      client_email: email,
      client_id: '1'.repeat(21),
      token_uri: tokenUrl,
    };
  }

  /** Answers a token request: a JWT that an account signed, for a bearer token. */
  grant(form: URLSearchParams, ownUrl: string): Grant {
    const type = form.get('grant_type') ?? '';
    if (type !== jwtGrant) return tokenError('unsupported_grant_type', `Invalid grant_type: ${type}`);
    const claims = this.#claims(form.get('assertion') ?? '');
    if (typeof claims === 'string') return tokenError('invalid_grant', claims);
    const { iss, aud, iat, exp, scope, sub } = claims;
    if (typeof iss !== 'string' || !this.#emails.has(iss))
      return tokenError('invalid_grant', 'Invalid grant: account not found');
    if (aud !== googleAudience && aud !== ownUrl)
      return tokenError('invalid_grant', 'Invalid JWT: Failed audience check.');
    const now = this.#now() / 1000;
    if (
      typeof iat !== 'number' ||
      typeof exp !== 'number' ||
      exp <= now - skewSeconds ||
      iat > now + skewSeconds ||
      exp - iat > maxLifeSeconds
    )
      return tokenError(
        'invalid_grant',
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      );
    if (sub !== undefined && sub !== iss)
      return tokenError(
        'unauthorized_client',
        'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
      );
    const scopes = typeof scope === 'string' ? scope.split(' ').filter((one) => one !== '') : [];
    if (scopes.length === 0 || !scopes.every((one) => knownScopes.has(one)))
      return tokenError('invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
    return {
      status: 200,
      body: { access_token: this.#issue({ email: iss, scopes }), expires_in: this.tokenSeconds, token_type: 'Bearer' },
    };
  }

  /** Who a request comes from; throws the 401 of a token that is missing, unknown or too old. */
  caller(authorization: string | undefined): Caller {
    const token = /^Bearer (.+)$/iu.exec(authorization ?? '')?.[1];
    if (token === undefined) throw unauthenticated(false);
    const issued = this.#tokens.get(token);
    if (issued === undefined || issued.expiresAt <= this.#now()) throw unauthenticated(true);
    return issued;
  }

  /** Makes every token that was given so far worthless. */
  revokeTokens(): void {
    this.#tokens.clear();
  }

  state(): AccountsState {
    return { privateKey: this.#privateKey, emails: [...this.#emails], tokens: [...this.#tokens] };
  }

  restore(state: AccountsState): void {
    this.#privateKey = state.privateKey;
    this.#publicKey = createPublicKey(state.privateKey);
    for (const email of state.emails) this.#emails.add(email);
    for (const [token, issued] of state.tokens) this.#tokens.set(token, issued);
  }

  #issue(caller: Caller): string {
    for (const [token, { expiresAt }] of this.#tokens) if (expiresAt <= this.#now()) this.#tokens.delete(token);
    const token = `ya29.c.${randomBytes(48).toString('base64url')}`;
    this.#tokens.set(token, { ...caller, expiresAt: this.#now() + this.tokenSeconds * 1000 });
    return token;
  }

  /** The claims of a JWT whose signature is right; else what is wrong with it. */
  #claims(assertion: string): Record<string, unknown> | string {
    const [header = '', payload = '', signature = '', more] = assertion.split('.');
    const head = decoded(header);
    const claims = decoded(payload);
    if (head === undefined || claims === undefined || more !== undefined) return 'Invalid JWT: not a JSON Web Token.';
    if (head['alg'] !== 'RS256') return 'Invalid JWT: algorithm must be RS256.';
    const good = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${payload}`),
      this.#publicKey,
      Buffer.from(signature, 'base64url'),
    );
    return good ? claims : 'Invalid JWT Signature.';
  }
}

const knownScopes = new Set(Object.values(description.methods).flatMap((method) => method.scopes));

function tokenError(error: string, description: string): Grant {
  return { status: 400, body: { error, error_description: description } };
}

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not JSON: the caller answers that the token is none.
    return undefined;
  }
}
