import { protectedRoute } from '@fusewire/next';
import { readCampaign } from '../../../lib/campaigns/campaign.ts';
import type { Campaign } from '../../../lib/campaigns/campaign.ts';
import { runningProgram } from '../../../lib/web/running-program.ts';

/** Runs a campaign: 200 if it is done, 202 if it is queued, 422 if it is refused. A submission over the limit gets a 503. */
export const POST = protectedRoute(async (request) => {
  let campaign: Campaign;
  try {
    campaign = readCampaign(await request.json());
  } catch (error) {
    return Response.json({ message: (error as Error).message }, { status: 400 });
  }
  const { campaigns } = await runningProgram();
  const state = await campaigns.submit(campaign);
  return Response.json(state, { status: { done: 200, queued: 202, failed: 422 }[state.status] });
});
