import type { Outcome, Verdict } from 'fusewire';

/**
 * Digests of the errors by which Next.js leaves a function: `redirect()`, `notFound()` and their like, and the end of rendering
 * in advance.
 */
const DIGEST =
  /^(NEXT_REDIRECT;|NEXT_HTTP_ERROR_FALLBACK;|(DYNAMIC_SERVER_USAGE|BAILOUT_TO_CLIENT_SIDE_RENDERING|HANGING_PROMISE_REJECTION)$)/;

/**
 * Classifies what a call throws on behalf of Next.js, such as `notFound()` and `redirect()`: it counts neither as a success nor as
 * a failure. Leaves everything else undecided. Breakers of {@link breakerRegistry} have it; add it to a `classify` of their own.
 */
export function classifyNavigation(outcome: Outcome): Verdict {
  if (!('error' in outcome)) return undefined;
  const digest = (outcome.error as { digest?: unknown } | null | undefined)?.digest;
  return typeof digest === 'string' && DIGEST.test(digest) ? 'ignore' : undefined;
}
