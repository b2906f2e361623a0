import { createHash, timingSafeEqual } from 'node:crypto';
import type { Authorize } from '@fusewire/operations/management';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Compares two texts in a time that does not depend on them. */
const isEqual = (one: string, other: string) => timingSafeEqual(digest(one), digest(other));

/**
 * Returns the name of the administrator who has sent a request: who has the token as a bearer, or as the password that a browser
 * asks for.
 */
export function administratorOf(headers: Headers, token: string): string | undefined {
  const [scheme, given = ''] = (headers.get('authorization') ?? '').split(' ');
  if (scheme === 'Bearer' && isEqual(given, token)) return headers.get('x-operator') ?? 'admin';
  if (scheme !== 'Basic') return undefined;
  const [who = '', password = ''] = Buffer.from(given, 'base64').toString().split(':');
  return who !== '' && isEqual(password, token) ? who : undefined;
}

/** Response that makes a browser ask for a name and a password. */
export function unauthorized(): Response {
  const headers = { 'www-authenticate': 'Basic realm="campaign"' };
  return Response.json({ message: 'Administrators only' }, { status: 401, headers });
}

/** Returns the guard of the management API. Everybody may read the health. */
export function guard(token: string): Authorize {
  return ({ request, access, operation }) => {
    if (operation === 'health' && access === 'read') return true;
    const who = administratorOf(request.headers, token);
    return who === undefined ? unauthorized() : { who };
  };
}
