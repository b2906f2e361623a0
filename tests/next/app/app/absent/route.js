import { protectedRoute } from '@fusewire/next';
import { notFound } from 'next/navigation';
import { breakers } from '../../lib/program.js';

export const GET = protectedRoute(() => breakers.for('absent').execute(() => notFound()));
