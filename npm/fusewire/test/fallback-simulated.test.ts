import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fallback, simulated } from 'fusewire';
import { fails } from './support-fallback.ts';

it('simulated() builds its response from the arguments of the call', async () => {
  const policy = fallback([simulated(async ({ args: [id] }) => ({ id, name: 'sandbox' }))]);
  assert.deepEqual(await policy.tryExecute(fails, { args: [7] }), {
    status: 'success',
    value: { id: 7, name: 'sandbox' },
    source: 'fallback:simulated',
  });
});
