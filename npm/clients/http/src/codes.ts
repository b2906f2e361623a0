import type { ErrorKind } from './errors.ts';

/** What the codes of Node, undici, axios, got and Bun mean. A code that ends with `*` stands for all that begin so. */
const KINDS: { readonly [Kind in ErrorKind]?: readonly string[] } = {
  timeout: [
    'ETIMEDOUT',
    'ESOCKETTIMEDOUT',
    'ETIME',
    // axios says so of its own timeout.
    'ECONNABORTED',
    'ERR_SOCKET_CONNECTION_TIMEOUT',
    'ERR_HTTP_REQUEST_TIMEOUT',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_BODY_TIMEOUT',
    'Timeout',
  ],
  aborted: ['ABORT_ERR', 'ERR_ABORTED', 'ERR_CANCELED', 'UND_ERR_ABORTED'],
  limit: [
    'ERR_FR_TOO_MANY_REDIRECTS',
    'ERR_FR_MAX_BODY_LENGTH_EXCEEDED',
    'ERR_TOO_MANY_REDIRECTS',
    'UND_ERR_RES_EXCEEDED_MAX_SIZE',
  ],
  invalid: [
    'ERR_BAD_OPTION',
    'ERR_BAD_OPTION_VALUE',
    'ERR_BAD_REQUEST',
    'ERR_HTTP_INVALID_HEADER_VALUE',
    'ERR_INVALID_ARG_TYPE',
    'ERR_INVALID_ARG_VALUE',
    'ERR_INVALID_CHAR',
    'ERR_INVALID_HTTP_TOKEN',
    'ERR_INVALID_PROTOCOL',
    'ERR_INVALID_URL',
    'ERR_UNESCAPED_CHARACTERS',
    'ERR_UNSUPPORTED_PROTOCOL',
    'UND_ERR_INVALID_ARG',
    'UND_ERR_NOT_SUPPORTED',
    'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  ],
  network: [
    'EADDRNOTAVAIL',
    'EAI_*',
    'ECONNREFUSED',
    'ECONNRESET',
    'EHOSTDOWN',
    'EHOSTUNREACH',
    'ENETDOWN',
    'ENETRESET',
    'ENETUNREACH',
    'ENOTCONN',
    'ENOTFOUND',
    'EPIPE',
    'EPROTO',
    'ERR_BAD_RESPONSE',
    'ERR_HTTP2_*',
    'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
    'ERR_NETWORK',
    'ERR_READING_RESPONSE_STREAM',
    'ERR_SOCKET_CLOSED',
    'ERR_STREAM_PREMATURE_CLOSE',
    'HPE_*',
    'UND_ERR_*',
    'ConnectionClosed',
    'ConnectionRefused',
    'ConnectionReset',
    'FailedToOpenSocket',
  ],
};

/** Of certificates and their like, which the same request will find again. */
const CERTIFICATES = ['CERT_*', 'DEPTH_ZERO_*', 'ERR_SSL_*', 'ERR_TLS_*', 'SELF_SIGNED_*', 'UNABLE_TO_*'];

const kinds = new Map<string, ErrorKind>();
const beginnings: (readonly [string, ErrorKind])[] = [];
for (const [kind, codes] of Object.entries({ ...KINDS }) as [ErrorKind, readonly string[]][]) {
  for (const code of codes) {
    if (code.endsWith('*')) beginnings.push([code.slice(0, -1), kind]);
    else kinds.set(code, kind);
  }
}

/** What an error code says about a request; undefined where nothing is known of it. */
export function kindOfCode(code: string): ErrorKind | undefined {
  const kind = kinds.get(code) ?? beginnings.find(([beginning]) => code.startsWith(beginning))?.[1];
  return kind ?? (isOfCertificate(code) ? 'network' : undefined);
}

/** Whether a code tells of a certificate that is not trusted. */
export function isOfCertificate(code: string): boolean {
  return CERTIFICATES.some((pattern) => matches(code, pattern));
}

/** Whether a code is meant by a pattern: the code itself, or its beginning and `*`. */
export function matches(code: string, pattern: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : code === pattern;
}
