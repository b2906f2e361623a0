import { bulkhead } from 'fusewire';

/** Most calls of one service at once. */
const LIMIT = 50;
/** Most calls that wait for a slot. */
const QUEUE = 10_000;

/**
 * Returns the slots of a service. Many campaigns at once then need few connections, and when the service is away, its circuit opens
 * before all of them have called it.
 */
export function slotsOf(service: string) {
  return bulkhead({ name: `${service}-slots`, limit: LIMIT, queueSize: QUEUE });
}
