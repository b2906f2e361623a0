import { connection } from 'next/server';
import { runningProgram } from '../../lib/web/running-program.ts';
import { decide } from './actions.ts';
import { RESULTS } from './results.ts';
import type { Result } from './results.ts';

interface Props {
  readonly searchParams: Promise<Readonly<Record<string, string | readonly string[] | undefined>>>;
}

/** Invitations that LinkedIn did not take. People send or drop them. */
export default async function Reviews({ searchParams }: Props) {
  await connection();
  const { result } = await searchParams;
  const { reviews, breakers } = await runningProgram();
  const waiting = await reviews.waiting();
  return (
    <>
      <h1>Manual reviews: {waiting.length} waiting</h1>
      <p>LinkedIn&apos;s circuit is {breakers.get('linkedin')?.state.toLowerCase().replace('_', '-')}.</p>
      {typeof result === 'string' && result in RESULTS && <p role="status">{RESULTS[result as Result]}</p>}
      {waiting.length === 0 ? (
        <p>Nothing waits for a decision.</p>
      ) : (
        <ol className="reviews">
          {waiting.map(({ key, campaign, to, text, since }) => (
            <li key={key}>
              <div>
                <strong>{campaign}</strong> to {to}
              </div>
              <blockquote>{text}</blockquote>
              <form action={decide}>
                <input type="hidden" name="key" value={key} />
                <button
                  className="primary"
                  name="decision"
                  value="sent"
                  aria-label={`Send the invitation of ${campaign}`}
                >
                  Send
                </button>
                <button name="decision" value="dropped" aria-label={`Drop the invitation of ${campaign}`}>
                  Drop
                </button>
                <small>waits since {since.toISOString().slice(0, 16).replace('T', ' ')} UTC</small>
              </form>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
