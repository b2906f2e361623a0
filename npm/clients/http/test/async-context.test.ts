import { it } from 'node:test';
import { protectedFetch } from '@fusewire/http';
import { assertAttemptsKeepContext } from '../../../../tests/clients/async-context.ts';

it('each attempt of a protectedFetch runs in the asynchronous context of its own request', async (test) => {
  await assertAttemptsKeepContext(test, (note) =>
    protectedFetch({
      fetch: async (input) => {
        note(String((input as Request).url ?? input));
        return new Response('busy', { status: 503 });
      },
      breaker: { failureThreshold: 100 },
    }),
  );
});
