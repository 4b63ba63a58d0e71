/** The parts of a request that say to which URL it was sent. */
export interface RequestAddress {
  /** Path and query as they came. */
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

const maxHosts = 3;
/** A host name or address with an optional port; anything else is no part of a URL. */
const plainHost = /^[\w.-]+(:\d{1,5})?$|^\[[\da-f:]+\](:\d{1,5})?$/i;

/**
 * The callback URLs that may stand in Shopee's console, judging by a request, the likeliest first: what a proxy says it
 * was asked for before what it asked us, and https before http. Each is a guess; the signature tells which one it is.
 */
export function candidateCallbackUrls({ path, headers }: RequestAddress): string[] {
  const forwarded = parseForwarded(firstOf(headers['forwarded']));
  const hosts = [firstOf(headers['x-forwarded-host']), forwarded.host, firstOf(headers['host'])]
    .map((host) => host?.trim())
    .filter((host) => host !== undefined && plainHost.test(host));
  const prefix = firstOf(headers['x-forwarded-prefix'])?.replace(/(?<!\/)\/+$/, '') ?? '';
  const paths = prefix === '' ? [path] : [prefix + path, path];
  const forwardedProto = (firstOf(headers['x-forwarded-proto']) ?? forwarded.proto)?.trim().toLowerCase();
  const schemes = forwardedProto === 'http' ? ['http', 'https'] : ['https', 'http'];
  const urls = [...new Set(hosts)]
    .slice(0, maxHosts)
    .flatMap((host) => schemes.flatMap((scheme) => paths.map((path) => `${scheme}://${host}${path}`)));
  return [...new Set(urls)];
}

/** The value that the first proxy, the one nearest to Shopee, wrote. */
function firstOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(',', 1)[0];
}

/** `for=1.2.3.4;host=shop.example;proto=https` (RFC 7239). */
function parseForwarded(header: string | undefined): { host?: string; proto?: string } {
  const pairs = (header ?? '').split(';').map((pair) => {
    const [name = '', value = ''] = pair.split('=', 2);
    return [name.trim().toLowerCase(), value.trim().replaceAll('"', '')] as const;
  });
  const { host, proto } = Object.fromEntries(pairs) as Record<string, string | undefined>;
  return { ...(host === undefined ? {} : { host }), ...(proto === undefined ? {} : { proto }) };
}
