import { Suspense } from 'react';
import { connection } from 'next/server';
import { breakers } from '../../lib/program.js';

async function State() {
  await connection();
  return <pre>{breakers.for('shared').state}</pre>;
}

export default function Page() {
  return (
    <Suspense fallback="…">
      <State />
    </Suspense>
  );
}
