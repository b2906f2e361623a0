import { breakerRegistry } from '@fusewire/next';

export const config = { matcher: '/proxied' };

export const proxy = () => Response.json(breakerRegistry().for('shared').state);
