'use server';

import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { administratorOf } from '../../lib/web/admin.ts';
import { runningProgram } from '../../lib/web/running-program.ts';
import type { Result } from './results.ts';

/** Sends or drops an invitation, and shows the page again. */
export async function decide(form: FormData): Promise<void> {
  const { reviews, settings } = await runningProgram();
  const who = administratorOf(await headers(), settings.ADMIN_TOKEN);
  const decision = form.get('decision');
  let result: Result = 'forbidden';
  if (who !== undefined && (decision === 'sent' || decision === 'dropped')) {
    result = await reviews.decide(String(form.get('key')), decision, who).then(
      (isDecided) => (isDecided ? decision : 'late'),
      () => 'refused' as const,
    );
  }
  redirect(`/reviews?result=${result}`);
}
