'use server';

import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { administratorOf } from '../../lib/web/admin.ts';
import { runningProgram } from '../../lib/web/running-program.ts';

/** Sends or drops an invitation. */
export async function decide(form: FormData): Promise<void> {
  const { reviews, settings } = await runningProgram();
  const who = administratorOf(await headers(), settings.ADMIN_TOKEN);
  const decision = form.get('decision');
  let result = 'Administrators only';
  if (who !== undefined && (decision === 'sent' || decision === 'dropped')) {
    result = await reviews.decide(String(form.get('key')), decision, who).then(
      (isDecided) => (isDecided ? `The invitation is ${decision}.` : 'Somebody else has decided already.'),
      (error: Error) => `LinkedIn does not take it: ${error.message}`,
    );
  }
  redirect(`/reviews?result=${encodeURIComponent(result)}`);
}
