import type { ErrorKind } from './errors.ts';

/** Error codes of Node, undici, axios, got and Bun by kind. A code that ends with `*` matches every code with that prefix. */
const KINDS: { readonly [Kind in ErrorKind]?: readonly string[] } = {
  timeout: [
    'ETIMEDOUT',
    'ESOCKETTIMEDOUT',
    'ETIME',
    // axios uses this code for its own timeout.
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

/** Codes of certificate and TLS errors, which the next attempt meets again. */
const CERTIFICATE_CODES = ['CERT_*', 'DEPTH_ZERO_*', 'ERR_SSL_*', 'ERR_TLS_*', 'SELF_SIGNED_*', 'UNABLE_TO_*'];

const kindByCode = new Map<string, ErrorKind>();
const kindByPrefix: (readonly [string, ErrorKind])[] = [];
for (const [kind, codes] of Object.entries({ ...KINDS }) as [ErrorKind, readonly string[]][]) {
  for (const code of codes) {
    if (code.endsWith('*')) kindByPrefix.push([code.slice(0, -1), kind]);
    else kindByCode.set(code, kind);
  }
}

/** Returns the kind of an error code, or undefined for an unknown code. */
export function kindOfCode(code: string): ErrorKind | undefined {
  const kind = kindByCode.get(code) ?? kindByPrefix.find(([prefix]) => code.startsWith(prefix))?.[1];
  return kind ?? (isCertificateCode(code) ? 'network' : undefined);
}

/** Whether a code is one of a certificate or TLS error. */
export function isCertificateCode(code: string): boolean {
  return CERTIFICATE_CODES.some((pattern) => matches(code, pattern));
}

/** Whether a code equals a pattern, or begins with it if the pattern ends with `*`. */
export function matches(code: string, pattern: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : code === pattern;
}
