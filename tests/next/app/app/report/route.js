import { protectedRoute } from '@fusewire/next';
import { program } from '../../lib/program.js';

export const GET = protectedRoute(async () => Response.json(await program.report()));
