import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authorize } from '@fusewire/operations/management';

/** Lets in everybody with the token: programs as a bearer, browsers as the password of any name. Without a token, nobody. */
export function operatorsOf(token: string | undefined): Authorize {
  return ({ request }) => {
    const [scheme = '', credentials = ''] = (request.headers.get('authorization') ?? '').split(' ');
    const isBasic = scheme.toLowerCase() === 'basic';
    const text = isBasic ? Buffer.from(credentials, 'base64').toString() : `operator:${credentials}`;
    const [who = '', given = ''] = text.split(/:(.*)/s);
    if (token && who && areEqual(given, token)) return { who };
    return new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="operations"' } });
  };
}

function areEqual(one: string, other: string): boolean {
  const [first, second] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(first as Buffer, second as Buffer);
}
