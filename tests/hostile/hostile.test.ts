import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { management } from '@fusewire/operations/management';
import type { ManagementHandler, ManagementOptions } from '@fusewire/operations/management';
import { seedOf } from '../properties/seed.ts';
import { attack } from './attack.ts';

const SEED = seedOf(0);

/** Returns a management API with a planted bug: `spoil` may replace its answers. */
function spoiled(spoil: (request: Request, response: Response) => Response | Promise<Response>) {
  return (options: ManagementOptions): ManagementHandler => {
    const handler = management(options);
    return Object.assign(async (request: Request) => spoil(request, await handler(request)), handler);
  };
}

describe('hostile requests', () => {
  it(`get answers below 500 that are problem documents (FUSEWIRE_SEED=${SEED})`, async () => {
    const tally = await attack(SEED, 4_000);
    // The generator reaches every kind of answer, so that the checks mean something.
    for (const status of ['200', '204', '304', '400', '403', '404', '405', '409', '413', '414', '415', '422'])
      assert.ok(
        status === '304' || (tally.get(status) ?? 0) > 0,
        `no request got ${status}: ${JSON.stringify([...tally])}`,
      );
  });

  it('are checked: planted bugs are detected', async () => {
    const plants: [RegExp, Parameters<typeof spoiled>[0]][] = [
      [/status is 500/, (_, response) => (response.status === 422 ? new Response('', { status: 500 }) : response)],
      [
        /input/,
        (_, { status, headers }) => new Response(status === 404 ? 'x at /srv/app.js:1' : '{}', { status, headers }),
      ],
      [/undefined/, (_, response) => (response.status === 403 ? Response.json({}, response) : response)],
      [
        /stranger/,
        (request, response) =>
          request.headers.has('authorization') ? response : new Response('{}', { headers: response.headers }),
      ],
    ];
    for (const [message, spoil] of plants) await assert.rejects(attack(1, 2_000, spoiled(spoil)), message);
  });

  it('are the same for the same seed', async () => {
    const [one, other] = [await attack(7, 300), await attack(7, 300)];
    assert.deepEqual([...one], [...other]);
  });
});
