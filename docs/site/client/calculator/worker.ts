/** The thread in which the engine runs. Its time is not ours: it is replaced before the engine is loaded. */
import { time } from './replaced-time.ts';
import { isBreakerOptionsError } from 'fusewire';
import { simulate } from './simulation.ts';
import type { Outcome, Scenario } from './simulation.ts';

export type Answer = { readonly outcome: Outcome } | { readonly refusal: string };

addEventListener('message', async ({ data }: MessageEvent<Scenario>) => postMessage(await answer(data)));

async function answer(scenario: Scenario): Promise<Answer> {
  try {
    return { outcome: await simulate(scenario, time) };
  } catch (error) {
    if (isBreakerOptionsError(error)) return { refusal: error.message.replace(/^[^:]+: /, '') };
    throw error;
  }
}
