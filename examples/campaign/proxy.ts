import { NextResponse } from 'next/server';
import type { NextRequest } from 'next/server';
import { administratorOf, unauthorized } from './lib/web/admin.ts';

/** Lets administrators only see the reviews. */
export function proxy(request: NextRequest): Response {
  const who = administratorOf(request.headers, process.env['ADMIN_TOKEN'] ?? '');
  return who === undefined ? unauthorized() : NextResponse.next();
}

export const config = { matcher: '/reviews' };
