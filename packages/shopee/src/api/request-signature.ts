import { createHmac } from 'node:crypto';

/** What a request's signature covers. Business parameters and the body are not signed. */
export interface SignatureInput {
  partnerId: string;
  /** From `/api/v2/…`, no host and no query. */
  path: string;
  /** Unix seconds; valid for five minutes. */
  timestamp: number;
  accessToken?: string;
  /** The shop's or the merchant's id. */
  subjectId?: string;
}

/** The `sign` of an Open API request: lower-case hex HMAC-SHA256 over the parts joined without a separator (Shopee guide 16). */
export function signRequest(partnerKey: string, input: SignatureInput): string {
  const { partnerId, path, timestamp, accessToken = '', subjectId = '' } = input;
  return createHmac('sha256', partnerKey)
    .update(`${partnerId}${path}${timestamp}${accessToken}${subjectId}`)
    .digest('hex');
}
