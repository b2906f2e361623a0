/** Worker that runs simulations. Its clocks are replaced before the engine is loaded. */
import { time } from './replaced-time.ts';
import { OptionsError } from 'fusewire';
import { simulate } from './simulation.ts';
import type { Outcome, Scenario } from './simulation.ts';

/** Outcome of a scenario, or the message that rejects its options. */
export type Answer = { readonly outcome: Outcome } | { readonly problem: string };

addEventListener('message', async ({ data }: MessageEvent<Scenario>) => postMessage(await answer(data)));

async function answer(scenario: Scenario): Promise<Answer> {
  try {
    return { outcome: await simulate(scenario, time) };
  } catch (error) {
    if (error instanceof OptionsError) return { problem: error.message.replace(/^[^:]+: /, '') };
    throw error;
  }
}
