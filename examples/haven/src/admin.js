import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text) => createHash('sha256').update(text).digest();

/** Compares two texts in a time that does not depend on them. */
export function isEqual(one, other) {
  return timingSafeEqual(digest(one), digest(other));
}

/**
 * Returns the guard of the administration: who has the token as a bearer, or as the password that a browser asks for. The name
 * of the browser's question, or the header `x-operator`, is the actor in the audit log.
 */
export function adminGuard(token) {
  return ({ request }) => {
    const [scheme, given = ''] = (request.headers.get('authorization') ?? '').split(' ');
    if (scheme === 'Bearer' && isEqual(given, token)) return { who: request.headers.get('x-operator') ?? 'admin' };
    if (scheme === 'Basic') {
      const [who, password = ''] = Buffer.from(given, 'base64').toString().split(':');
      if (who !== '' && isEqual(password, token)) return { who };
    }
    return new Response(JSON.stringify({ message: 'Administrators only' }), {
      status: 401,
      headers: { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="haven"' },
    });
  };
}

/** Returns middleware with the same guard, for routes of Express. */
export function adminOnly(token) {
  const guard = adminGuard(token);
  return (request, response, next) => {
    const headers = new Headers({ authorization: request.headers.authorization ?? '' });
    const answer = guard({ request: { headers } });
    if (!(answer instanceof Response)) return next();
    const wanted = Object.fromEntries(answer.headers);
    return response.status(answer.status).set(wanted).json({ message: 'Administrators only' });
  };
}
