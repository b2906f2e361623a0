import { protectedRoute } from '@fusewire/next';
import { runningProgram } from '../../../../lib/web/running-program.ts';

/** Returns the state of a campaign. */
export const GET = protectedRoute(
  async (_request, { params }: { readonly params: Promise<{ readonly id: string }> }) => {
    const { id } = await params;
    const state = await (await runningProgram()).campaigns.find(id);
    return state === undefined
      ? Response.json({ message: 'There is no such campaign' }, { status: 404 })
      : Response.json(state);
  },
);
