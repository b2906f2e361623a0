const POLICIES = new Set<string>([
  ...['no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin'],
  ...['origin-when-cross-origin', 'strict-origin-when-cross-origin', 'unsafe-url'],
]);

/** Referrer options of a request. */
type Referral = Pick<RequestInit, 'referrer' | 'referrerPolicy'>;

/**
 * Returns the referrer options of the request after a redirect. Its referrer is the one that the request to `from` has sent,
 * so that a redirect cannot disclose more. The response may set another policy for the requests after it.
 */
export function redirectedReferral(options: Referral, from: URL, response: Response): Referral {
  const { referrer, referrerPolicy } = options;
  const tokens = response.headers.get('referrer-policy')?.toLowerCase().split(',') ?? [];
  const policy = tokens.map((token) => token.trim()).findLast((token) => POLICIES.has(token));
  return {
    ...(referrer === undefined ? {} : { referrer: sentReferrer(referrer, referrerPolicy, from) }),
    ...(policy === undefined ? {} : { referrerPolicy: policy as ReferrerPolicy }),
  };
}

/** Returns the referrer that a request to `target` sends, as "Determine request's referrer" of the Referrer Policy standard. */
function sentReferrer(referrer: string, policy: ReferrerPolicy | undefined, target: URL): string {
  if (!/^https?:/i.test(referrer) || !URL.canParse(referrer)) return referrer;
  const source = new URL(referrer);
  const isSameOrigin = source.origin === target.origin;
  const isDowngrade = source.protocol === 'https:' && target.protocol === 'http:';
  const origin = `${source.origin}/`;
  const full = `${source.origin}${source.pathname}${source.search}`;
  switch (policy) {
    case 'no-referrer':
      return '';
    case 'origin':
      return origin;
    case 'unsafe-url':
      return full;
    case 'same-origin':
      return isSameOrigin ? full : '';
    case 'no-referrer-when-downgrade':
      return isDowngrade ? '' : full;
    case 'strict-origin':
      return isDowngrade ? '' : origin;
    case 'origin-when-cross-origin':
      return isSameOrigin ? full : origin;
    default:
      if (isSameOrigin) return full;
      return isDowngrade ? '' : origin;
  }
}
