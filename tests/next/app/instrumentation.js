import { breakerRegistry, instrumentation } from '@fusewire/next';

export const { register, onRequestError } = instrumentation({
  async start() {
    console.log('instrumentation started');
    breakerRegistry({ defaults: { failureThreshold: 2 } }).for('early');
    // With this condition, no bundle for the edge runtime contains what runs on Node only.
    if (process.env.NEXT_RUNTIME === 'nodejs') await import('./lib/operations.js');
  },
  onError: (error, { path }) => console.log(`error at ${path}: ${error.message}`),
});
