import { breakerRegistry, protectedRoute } from '@fusewire/next';

export const POST = protectedRoute(() => {
  breakerRegistry().for('shared').forceOpen();
  return new Response(null, { status: 204 });
});
