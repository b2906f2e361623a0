import { protectedRoute } from '@fusewire/next';
import { breakers } from '../../lib/program.js';

export const GET = protectedRoute(() => Response.json({ state: breakers.for('shared').state, version: 1 }));
