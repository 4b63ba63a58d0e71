/** One broken field of a request body, as google.rpc.BadRequest lists it. */
export interface Violation {
  /** Where, in the proto's own names: `requests[0].add_sheet`; empty for the body itself. */
  field: string;
  description: string;
}

/** A response other than 200, in the words and the shape (AIP-193) in which Google gives it. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly code: number;
  readonly status: string;
  readonly details: unknown[];

  constructor(code: number, status: string, message: string, details: unknown[] = []) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
  }

  /** The JSON body; `legacy` adds the array `errors`, which some clients are answered with and others are not. */
  body(legacy: boolean): object {
    const { code, message, status, details } = this;
    const errors = [{ message, domain: 'global', reason: legacyReasons[status] ?? 'badRequest' }];
    return { error: { code, message, ...(legacy && { errors }), status, ...(details.length > 0 && { details }) } };
  }
}

const legacyReasons: Record<string, string> = {
  PERMISSION_DENIED: 'forbidden',
  NOT_FOUND: 'notFound',
  RESOURCE_EXHAUSTED: 'rateLimitExceeded',
  UNAUTHENTICATED: 'authError',
  FAILED_PRECONDITION: 'failedPrecondition',
  UNAVAILABLE: 'backendError',
  INTERNAL: 'backendError',
};

/** 400 for what the request asks. */
export function invalidArgument(message: string): ApiError {
  return new ApiError(400, 'INVALID_ARGUMENT', message);
}

/** The same error under the name of the part of a batch that it is about: `Invalid data[0]: …`. */
export function inPart(part: string, error: unknown): unknown {
  if (!(error instanceof ApiError) || error.status !== 'INVALID_ARGUMENT') return error;
  return new ApiError(error.code, error.status, `Invalid ${part}: ${error.message}`, error.details);
}

/** 400 for a body or a query that does not fit the description of the method. */
export function badPayload(violations: Violation[]): ApiError {
  const fieldViolations = violations.map(({ field, description }) => ({ ...(field && { field }), description }));
  const message = violations.map((violation) => violation.description).join('\n');
  const details = [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations }];
  return new ApiError(400, 'INVALID_ARGUMENT', message, details);
}

/** 401 for a bearer token that is missing, unknown or past its hour. */
export function unauthenticated(given: boolean): ApiError {
  const what = given
    ? 'Request had invalid authentication credentials.'
    : 'Request is missing required authentication credential.';
  const details = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: given ? 'ACCESS_TOKEN_EXPIRED' : 'CREDENTIALS_MISSING',
      domain: 'googleapis.com',
      metadata: { service: 'sheets.googleapis.com' },
    },
  ];
  const message =
    `${what} Expected OAuth 2 access token, login cookie or other valid authentication credential. ` +
    'See https://developers.google.com/identity/sign-in/web/devconsole-project.';
  return new ApiError(401, 'UNAUTHENTICATED', message, details);
}

/** 403 for a spreadsheet that is not shared (enough) with the caller. */
export function permissionDenied(): ApiError {
  return new ApiError(403, 'PERMISSION_DENIED', 'The caller does not have permission');
}

/** 403 for a token without the scope of the method. */
export function scopeMissing(): ApiError {
  const reason = 'ACCESS_TOKEN_SCOPE_INSUFFICIENT';
  const message = 'Request had insufficient authentication scopes.';
  return new ApiError(403, 'PERMISSION_DENIED', message, [errorInfo(reason, { service: 'sheets.googleapis.com' })]);
}

/** 403 while the Sheets API is switched off in the caller's Cloud project. */
export function apiDisabled(project: string): ApiError {
  const url = `https://console.developers.google.com/apis/api/sheets.googleapis.com/overview?project=${project}`;
  const message =
    `Google Sheets API has not been used in project ${project} before or it is disabled. Enable it by visiting ${url} then retry. ` +
    'If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.';
  const info = errorInfo('SERVICE_DISABLED', { service: 'sheets.googleapis.com', consumer: `projects/${project}` });
  return new ApiError(403, 'PERMISSION_DENIED', message, [info]);
}

/** 404 for a spreadsheet, sheet or piece of metadata that is not there. */
export function notFound(): ApiError {
  return new ApiError(404, 'NOT_FOUND', 'Requested entity was not found.');
}

/** 400 for an Excel file that lies on Drive beside the spreadsheets. */
export function officeFile(): ApiError {
  const message = 'This operation is not supported for this document. The document must not be an Office file.';
  return new ApiError(400, 'FAILED_PRECONDITION', message);
}

/** 429 of one of the four quotas per minute. */
export function quotaExceeded(quota: {
  metric: 'Read' | 'Write';
  perUser: boolean;
  limit: number;
  project: string;
}): ApiError {
  const { metric, perUser, limit, project } = quota;
  const name = `${metric} requests per minute${perUser ? ' per user' : ''}`;
  const message =
    `Quota exceeded for quota metric '${metric} requests' and limit '${name}' ` +
    `of service 'sheets.googleapis.com' for consumer 'project_number:${project}'.`;
  const info = errorInfo('RATE_LIMIT_EXCEEDED', {
    quota_location: 'global',
    quota_metric: `sheets.googleapis.com/${metric.toLowerCase()}_requests`,
    quota_limit_value: String(limit),
    consumer: `projects/${project}`,
    service: 'sheets.googleapis.com',
    quota_limit: `${metric}RequestsPerMinutePer${perUser ? 'User' : 'Project'}`,
  });
  const url = 'https://cloud.google.com/docs/quota#requesting_higher_quota';
  const help = {
    '@type': 'type.googleapis.com/google.rpc.Help',
    links: [{ description: 'Request a higher quota limit.', url }],
  };
  return new ApiError(429, 'RESOURCE_EXHAUSTED', message, [info, help]);
}

/** 500, for which the docs only say that the API itself is at fault. */
export function internal(): ApiError {
  return new ApiError(500, 'INTERNAL', 'Internal error encountered.');
}

/** 503, which says nothing about whether the request was carried out. */
export function unavailable(): ApiError {
  return new ApiError(503, 'UNAVAILABLE', 'The service is currently unavailable.');
}

function errorInfo(reason: string, metadata: Record<string, string>): object {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com', metadata };
}
