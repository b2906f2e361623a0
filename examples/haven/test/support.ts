import { after } from 'node:test';
import { startAll } from '../scenario/fixture.js';

/** Starts haven and its services for the tests of a file, which share the ready-made breakers. */
export async function startForTests(variables = {}) {
  const all = await startAll(variables);
  after(() => all.close());
  return {
    ...all,
    /** Makes everything work again, and closes all circuits. */
    repair() {
      for (const upstream of all.upstreams.all) upstream.behave('up');
      all.haven.manager.resetAll();
      all.lines.length = 0;
    },
  };
}
