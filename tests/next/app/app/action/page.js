import { breakers } from '../../lib/program.js';

async function open() {
  'use server';
  breakers.for('action').forceOpen();
}

export default function Page() {
  return (
    <form action={open}>
      <button>Open</button>
    </form>
  );
}
