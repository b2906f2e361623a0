import { flushAfterResponse, protectedRoute } from '@fusewire/next';
import { events } from '../../lib/operations.js';

export const GET = protectedRoute(() => Response.json(events.getStats().written));

export const POST = protectedRoute(() => {
  events.record({ kind: 'note' });
  flushAfterResponse(events);
  return Response.json(events.getStats().written);
});
