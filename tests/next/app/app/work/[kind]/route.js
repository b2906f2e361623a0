import { protectedRoute } from '@fusewire/next';
import { program } from '../../../lib/program.js';

export const GET = protectedRoute(async (request, { params }) => {
  const { kind } = await params;
  return Response.json(await program.work(kind, request.signal));
});
