import { breakerRegistry, flushAfterResponse, protectedRoute } from '@fusewire/next';

export const runtime = 'edge';

export const GET = protectedRoute(async ({ signal }) => {
  flushAfterResponse({ flush: () => console.log('flushed on the edge runtime') });
  const breaker = breakerRegistry().for('edge');
  breaker.forceOpen();
  return Response.json(await breaker.execute(() => 'answered', { signal }));
});
