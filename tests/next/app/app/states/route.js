import { protectedRoute } from '@fusewire/next';
import { breakers, version } from '../../lib/program.js';

export const GET = protectedRoute(() => {
  const states = [...breakers].map(([name, breaker]) => [name, breaker.getStats().state]);
  return Response.json({ states: Object.fromEntries(states), version });
});
